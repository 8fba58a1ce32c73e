"""New revisions, rollbacks, scaling, stopping: traffic never notices."""
import os
import threading
import unittest

from harness import NodeCase, Poller, alive, free_port, get, wait


class Rollout(NodeCase):
    def test_a_new_revision_takes_over_without_a_failed_request(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port, "1")})
        old = get(port).json["pid"]
        poller = Poller(port)
        poller.more()
        node.apply(node.blueprint("t-one", "shop", {"web": node.service(port, "2")}))
        node.wait_deployment("t-one", "shop", revision=2)
        wait("the new version", lambda: get(port).json["version"] == "2")
        wait("the old process to be gone", lambda: not alive(old))
        poller.more()
        poller.stop()
        self.assertEqual(poller.bad, [])
        self.assertEqual(poller.versions, ["1", "2"])

    def test_a_revision_that_is_never_healthy_never_takes_traffic(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port, "1")})
        poller = Poller(port)
        health = {"http": "/health", "interval": "300ms", "timeout": "1s", "start_timeout": "1s"}
        node.apply(node.blueprint("t-one", "shop", {"web": node.service(port, "2", mode="sick", health=health)}))

        def rolled_back():
            item = node.deployment("t-one", "shop")
            states = {r["number"]: r["state"] for r in item["state"]["revisions"]}
            return item if states.get(2) in ("rolled_back", "failed") and item["status"] == "running" else None
        item = wait("the rollback", rolled_back)
        poller.more()
        poller.stop()
        self.assertEqual(poller.bad, [])
        self.assertEqual(poller.versions, ["1"])
        self.assertEqual(item["state"]["current"], 1)
        self.assertTrue(item["reason"])
        wait("the sick instance to be gone", lambda: all(i["status"] == "stopped" for i in node.instances("t-one") if ".r2." in i["id"]))

    def test_a_revision_that_exits_at_once_never_takes_traffic(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port, "1")})
        poller = Poller(port)
        node.apply(node.blueprint("t-one", "shop", {"web": node.service(port, "2", mode="exit", restart={"intensity": 1, "backoff": "10ms"})}))
        wait("the rollback", lambda: any(e["type"] == "deployment.rolledback" for e in node.events("t-one", "deployments", "shop-development")))
        poller.more()
        poller.stop()
        self.assertEqual(poller.bad, [])
        self.assertEqual(poller.versions, ["1"])

    def test_rollback_runs_exactly_what_ran(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port, "1", secrets={"API_KEY": "first"})})
        node.apply(node.blueprint("t-one", "shop", {"web": node.service(port, "2", secrets={"API_KEY": "second"})}))
        node.wait_deployment("t-one", "shop", revision=2)
        wait("version 2", lambda: get(port).json["version"] == "2" and get(port).json["secret"] == "second")
        poller = Poller(port)
        node.ok("POST", "/v1/tenants/t-one/deployments/shop-development/rollback", {"reason": "a test"})
        item = node.wait_deployment("t-one", "shop", revision=3)
        wait("version 1", lambda: get(port).json["version"] == "1")
        self.assertEqual(get(port).json["secret"], "first")
        self.assertEqual(next(r for r in item["state"]["revisions"] if r["number"] == 3)["equals"], 1)
        self.assertEqual(poller.stop().bad, [])

    def test_no_secret_stands_in_the_store_or_the_log(self):
        node, port = self.node(), free_port()
        canary = "canary-" + os.urandom(8).hex()
        self.running(node, "t-one", "shop", {"web": node.service(port, secrets={"API_KEY": canary})})
        self.assertEqual(get(port).json["secret"], canary)
        node.terminate()
        for folder, _, files in os.walk(node.state):
            for name in files:
                path = os.path.join(folder, name)
                if not os.path.isfile(path):
                    continue  # a socket
                with open(path, "rb") as file:
                    self.assertNotIn(canary.encode(), file.read(), path)
        node.start()

    def test_scale_up_and_down_loses_no_request(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port)})
        poller = Poller(port)
        base = "/v1/tenants/t-one/deployments/shop-development/"
        node.ok("POST", base + "scale", {"service": "web", "count": 3})
        wait("three processes to answer", lambda: len({get(port).json["pid"] for _ in range(12)}) == 3)
        node.ok("POST", base + "scale", {"service": "web", "count": 1})
        wait("one to be left", lambda: sum(i["status"] == "running" for i in node.instances("t-one")) == 1)
        poller.more()
        self.assertEqual(poller.stop().bad, [])

    def test_needs_are_started_first_and_told_where(self):
        node, front, back = self.node(), free_port(), free_port()
        self.running(node, "t-one", "shop", {"front": node.service(front, needs=["back"]), "back": node.service(back)})
        self.assertEqual(get(front).json["urls"]["NOVA_URL_BACK"], f"http://127.0.0.1:{back}")
        started = [e["subject"] for e in node.ok("GET", "/v1/events?tenant=t-one&type=instance.started&after=0")["items"]]
        self.assertEqual([".back." in s for s in started], [True, False])

    def test_stop_start_and_restart(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port, scale=2)})
        first = {i["state"]["pid"] for i in node.instances("t-one")}
        base = "/v1/tenants/t-one/deployments/shop-development/"
        poller = Poller(port)
        node.ok("POST", base + "restart", {})
        wait("all new processes", lambda: not first & {i["state"]["pid"] for i in node.instances("t-one") if i["status"] == "running"}
             and sum(i["status"] == "running" for i in node.instances("t-one")) == 2)
        self.assertEqual(poller.stop().bad, [])
        node.ok("POST", base + "stop", {"reason": "a test"})
        node.wait_deployment("t-one", "shop", status="stopped")
        wait("the processes to be gone", lambda: not any(i["status"] == "running" for i in node.instances("t-one")))
        with self.assertRaises(OSError):
            get(port, limit=2)
        node.ok("POST", base + "start", {})
        node.wait_deployment("t-one", "shop")
        wait("the port to answer", lambda: get(port).status == 200)

    def test_a_restart_lets_the_only_instance_finish_and_requests_wait_for_the_next(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port)})
        old, answers = get(port).json, []
        asking = threading.Thread(target=lambda: answers.append(get(port, "/slow", limit=20)), daemon=True)
        asking.start()
        wait("the long request", lambda: os.path.exists(os.path.join(old["data"], "begun")))
        poller = Poller(port)
        poller.more()
        node.ok("POST", "/v1/tenants/t-one/deployments/shop-development/restart", {})
        wait("the drain", lambda: node.deployment("t-one", "shop")["state"]["draining"])
        self.assertTrue(alive(old["pid"]))
        open(os.path.join(old["data"], "go"), "w", encoding="ascii").close()
        asking.join(20)
        self.assertEqual([(a.status, a.json["pid"]) for a in answers], [(200, old["pid"])])
        wait("the new process", lambda: get(port, limit=20).json["pid"] != old["pid"])
        poller.more()
        self.assertEqual(poller.stop().bad, [])

    def test_the_node_killed_in_the_midst_of_a_restart_finishes_it(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port, scale=2)})
        first = {i["state"]["pid"] for i in node.instances("t-one")}
        poller = Poller(port)
        node.ok("POST", "/v1/tenants/t-one/deployments/shop-development/restart", {})
        def at(moment):
            state = node.deployment("t-one", "shop")["state"]
            return state[moment] or not state["restart_queue"]  # or it was too quick to be seen

        for moment in ("draining", "restarting"):
            wait(moment, lambda moment=moment: at(moment))
            node.kill()
            node.start()

        def restarted():
            state = node.deployment("t-one", "shop")["state"]
            pids = {i["state"]["pid"] for i in node.instances("t-one") if i["status"] == "running"}
            at_rest = not (state["draining"] or state["restarting"] or state["restart_queue"])
            return at_rest and len(pids) == 2 and not first & pids and len(state["routes"]["web"]["backends"]) == 2
        wait("both to be restarted and led to", restarted)
        poller.more()
        self.assertEqual(poller.stop().bad, [])

    def test_delete_keeps_the_data_unless_purged(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port)})
        self.assertEqual(get(port, "/keep").json["kept"], 1)
        node.ok("POST", "/v1/tenants/t-one/deployments/shop-development/delete", {"purge": False})
        node.wait_deployment("t-one", "shop", status="deleted")
        node.apply(node.blueprint("t-one", "shop", {"web": node.service(port, "2")}))
        node.wait_deployment("t-one", "shop")
        self.assertEqual(get(port, "/keep").json["kept"], 2)
        node.ok("POST", "/v1/tenants/t-one/deployments/shop-development/delete", {"purge": True})
        node.wait_deployment("t-one", "shop", status="deleted")
        self.assertFalse(os.path.exists(os.path.join(node.state, "data", "t-one", "shop", "development")))

    def test_the_node_killed_in_the_midst_of_a_rollout_finishes_it(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port, "1")})
        poller = Poller(port)
        for version in ("2", "3", "4"):
            node.apply(node.blueprint("t-one", "shop", {"web": node.service(port, version)}))
            node.kill()
            node.start()
            node.wait_deployment("t-one", "shop", revision=int(version))
            wait("the new version", lambda version=version: get(port).json["version"] == version)
            poller.more(2)  # it asks on its own, and may have been behind
        self.assertEqual(poller.stop().bad, [])
        self.assertEqual(poller.versions, ["1", "2", "3", "4"])


if __name__ == "__main__":
    unittest.main()
