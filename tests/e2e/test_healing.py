"""What dies comes back: services, their keepers, the node itself."""
import os
import signal
import unittest

from harness import NodeCase, Poller, alive, free_port, get, wait


class Healing(NodeCase):
    def test_a_killed_service_serves_again_and_says_why(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port)})
        first = get(port).json["pid"]
        os.kill(first, signal.SIGKILL)
        second = wait("another process", lambda: (p := get(port).json["pid"]) != first and p)
        self.assertFalse(alive(first))
        instance = wait("the restart to be counted",
                        lambda: (i := node.instance("t-one", ".web."))["state"]["restarts"] == 1 and i["status"] == "running" and i)
        self.assertEqual(instance["state"]["pid"], second)
        exits = [e for e in node.events("t-one", "instances", instance["id"]) if e["type"] == "instance.exited"]
        self.assertEqual(len(exits), 1)
        self.assertIn("exit.signal", str(exits[0]["data"]))
        self.assertEqual(node.deployment("t-one", "shop")["state"]["current"], 1)

    def test_a_killed_keeper_ends_what_it_left_and_both_start_again(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port)})
        first = get(port).json["pid"]
        with open(f"/proc/{first}/stat", encoding="ascii") as stat:
            keeper = int(stat.read().rsplit(")", 1)[1].split()[1])
        os.kill(keeper, signal.SIGKILL)
        wait("another process", lambda: get(port).json["pid"] != first)
        wait("the old one to be gone", lambda: not alive(first))
        instance = wait("the restart to be counted", lambda: (i := node.instance("t-one", ".web."))["state"]["restarts"] == 1 and i)
        self.assertIn("keeper.lost", str(node.events("t-one", "instances", instance["id"])))

    def test_a_killed_node_finds_its_services_again_and_no_request_fails(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port, scale=2)})
        before = {i["id"]: i["state"]["pid"] for i in node.instances("t-one")}
        self.assertEqual(len(before), 2)
        poller = Poller(port)
        for number in range(3):
            acknowledged = node.ok("POST", "/v1/tenants/t-one/update_settings", {"name": f"round {number}"})
            poller.more()
            node.kill()
            poller.more()
            node.start()
            self.assertEqual(node.ok("GET", "/v1/tenants/t-one")["version"], acknowledged["version"])
            wait("all to be well", lambda: node.deployment("t-one", "shop")["state"]["health"] == "healthy")
        poller.more()
        poller.stop()
        self.assertEqual(poller.bad, [])
        self.assertEqual({i["id"]: i["state"]["pid"] for i in node.instances("t-one")}, before)
        self.assertTrue(all(alive(pid) for pid in before.values()))

    def test_what_died_while_the_node_was_away_is_noticed_at_its_return(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port)})
        first = get(port).json["pid"]
        node.kill()
        os.kill(first, signal.SIGKILL)
        wait("the process to be gone", lambda: not alive(first))
        node.start()
        wait("another process", lambda: get(port).json["pid"] != first)
        instance = wait("the exit to be told", lambda: (i := node.instance("t-one", ".web."))["state"]["restarts"] >= 1 and i)
        self.assertIn("exit.signal", str(node.events("t-one", "instances", instance["id"])))

    def test_haproxy_killed_serves_again_with_the_same_servers(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port)})
        pid = get(port).json["pid"]
        owner = [int(p) for p in os.listdir("/proc") if p.isdigit() and haproxy_of(int(p), node.state)]
        self.assertTrue(owner)
        for process in owner:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.assertEqual(wait("the port to answer", lambda: get(port).json["pid"]), pid)

    def test_a_crash_loop_is_quarantined_alone_and_an_answer_lifts_it(self):
        node, port, other = self.node(), free_port(), free_port()
        self.running(node, "t-one", "shop", {
            "web": node.service(port, restart={"intensity": 2, "period": "60s", "backoff": "10ms"}), "api": node.service(other)})
        sibling = get(other).json["pid"]

        def crash_until_quarantined():
            if node.deployment("t-one", "shop")["state"]["health"] == "degraded" and node.ok("GET", "/v1/tenants/t-one/escalations")["items"]:
                return True
            try:
                get(port, "/crash", limit=1)
            except Exception:  # noqa: BLE001 - the answer of a crash is no answer
                pass
            return False
        wait("the quarantine", crash_until_quarantined)
        escalation = node.ok("GET", "/v1/tenants/t-one/escalations?status=open")["items"][0]
        self.assertEqual(get(other).json["pid"], sibling)
        node.ok("POST", f"/v1/tenants/t-one/escalations/{escalation['id']}/answer", {"decision": "retry", "reason": "it was the test"})
        wait("the service to be back", lambda: get(port).status == 200)
        wait("the deployment to be healthy", lambda: node.deployment("t-one", "shop")["state"]["health"] == "healthy")
        self.assertEqual(get(other).json["pid"], sibling)


def haproxy_of(pid, state):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as line:
            words = line.read()
    except OSError:
        return False
    return "haproxy" in words and state in words


if __name__ == "__main__":
    unittest.main()
