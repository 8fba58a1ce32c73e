"""Bad input and a bad world: one clear error each, nothing lost, nothing half done."""
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import unittest

from harness import Node, NodeCase, alive, free_port, get, wait
from pages import reseal


class Refusals(NodeCase):
    def refused(self, node, body, status, code, path=None):
        head = node.ok("GET", "/v1/node")["store"]["head"]
        answer = node.ask("POST", "/v1/apply", body)
        self.assertEqual((answer.status, answer.code), (status, code), answer.text)
        if path:
            self.assertIn(path, [e["path"] for e in answer.json["errors"]], answer.text)
        self.assertTrue(answer.json["detail"])
        self.assertTrue(answer.json["request_id"])
        self.assertEqual(node.ok("GET", "/v1/node")["store"]["head"], head)
        return answer.json

    def test_wrong_manifests_name_their_place_and_change_nothing(self):
        node = self.node()
        node.tenant("t-one")
        port = free_port()
        good = node.blueprint("t-one", "shop", {"web": node.service(port)})

        def changed(change):
            import copy
            made = copy.deepcopy(good)
            change(made)
            return {"manifests": [made]}

        spec = "manifests[0].spec.services.web."
        rows = [
            (lambda m: m.update(kind="Spaceship"), 400, "input.invalid", "manifests[0].kind"),
            (lambda m: m.update(apiVersion="v9"), 400, "input.invalid", "manifests[0].apiVersion"),
            (lambda m: m["spec"]["services"]["web"].update(port="high"), 400, "input.invalid", spec + "port"),
            (lambda m: m["spec"]["services"]["web"].update(port=70000), 400, "input.invalid", spec + "port"),
            (lambda m: m["spec"]["services"]["web"].update(colour="red"), 400, "input.invalid", spec + "colour"),
            (lambda m: m["spec"]["services"]["web"].update(run=[]), 400, "input.invalid", spec + "run"),
            (lambda m: m["spec"]["services"]["web"].update(needs=["web"]), 400, "input.invalid", None),
            (lambda m: m["spec"]["services"]["web"].update(needs=["nobody"]), 400, "input.invalid", None),
            (lambda m: m["spec"]["services"].update(api=dict(node.service(free_port()), needs=["web"])) or
             m["spec"]["services"]["web"].update(needs=["api"]), 400, "input.invalid", None),
            (lambda m: m["spec"]["definition"].update(intents=[]), 400, "blueprint.no_intents", None),
        ]
        for change, status, code, path in rows:
            with self.subTest(code=code, path=path):
                self.refused(node, changed(change), status, code, path)
        self.assertEqual(self.refused(node, b"{not json", 400, "input.invalid")["status"], 400)
        two = changed(lambda m: m["spec"]["services"]["web"].update(port="high"))
        two["manifests"].insert(0, {"apiVersion": "webnova.io/v1", "kind": "Tenant", "metadata": {"name": "t-two"}, "spec": {"name": "Two"}})
        self.refused(node, two, 400, "input.invalid", "manifests[1].spec.services.web.port")
        self.assertEqual(node.ask("GET", "/v1/tenants/t-two").status, 404)

    def test_a_body_of_ten_megabytes_is_refused_early(self):
        node = self.node()
        answer = node.ask("POST", "/v1/apply", b"x" * 10_000_000) if False else self.large(node)
        self.assertIn(b"413", answer)
        self.assertIn(b"input.too_large", answer)
        self.assertEqual(node.ask("GET", "/healthz").status, 200)

    def large(self, node):
        with socket.create_connection(("127.0.0.1", node.port), 10) as connection:
            connection.sendall(f"POST /v1/apply HTTP/1.1\r\nHost: 127.0.0.1:{node.port}\r\nAuthorization: Bearer {node.token}\r\n"
                               "Content-Type: application/json\r\nContent-Length: 10000000\r\n\r\n".encode())
            return connection.recv(65536)

    def test_a_source_that_is_not_there_fails_the_revision_and_says_which(self):
        node = self.node()
        node.tenant("t-one")
        service = node.service(free_port())
        service["source"]["digest"] = "sha256:" + "0" * 64
        answer = node.ask("POST", "/v1/apply", {"manifests": [node.blueprint("t-one", "shop", {"web": service})]})
        if answer.status < 300:
            item = wait("the failure", lambda: (i := node.deployment("t-one", "shop"))["status"] == "failed" and i)
            self.assertIn("sha256:" + "0" * 64, item["reason"])
        else:
            self.assertIn("source.not_found", answer.text)

    def test_a_stable_port_that_another_program_holds_is_named(self):
        node = self.node()
        node.tenant("t-one")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            answer = node.ask("POST", "/v1/apply", {"manifests": [node.blueprint("t-one", "shop", {"web": node.service(port)})]})
            if answer.status < 300:
                item = wait("the failure", lambda: (i := node.deployment("t-one", "shop"))["status"] == "failed" and i)
                self.assertIn(str(port), item["reason"])
                self.assertIn("taken", str(item["state"]) + item["reason"])

    def test_two_platforms_cannot_have_one_port(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port)})
        node.tenant("t-two")
        answer = node.ask("POST", "/v1/apply", {"manifests": [node.blueprint("t-two", "other", {"web": node.service(port)})]})
        self.assertEqual((answer.status, answer.code), (409, "deployment.port_taken"), answer.text)

    def test_two_rollouts_at_once_are_one(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port, "1")})
        slow = {"http": "/health", "start_timeout": "30s", "interval": "300ms"}
        node.apply(node.blueprint("t-one", "shop", {"web": node.service(port, "2", mode="sick", health=slow)}))
        answer = node.ask("POST", "/v1/apply", {"manifests": [node.blueprint("t-one", "shop", {"web": node.service(port, "3")})]})
        self.assertEqual((answer.status, answer.code), (409, "deployment.already_running"), answer.text)
        wait("the rollout to begin", lambda: node.deployment("t-one", "shop")["state"]["candidate"] == 2)
        node.ok("POST", "/v1/tenants/t-one/deployments/shop-development/cancel", {})
        node.wait_deployment("t-one", "shop", revision=1)

    def test_a_foreign_tenant_sees_nothing(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port)})
        node.tenant("t-two")
        self.assertEqual(node.ask("POST", "/v1/tenants/t-two/deployments/shop-development/stop", {}).status, 404)
        self.assertEqual(node.ask("GET", "/v1/tenants/t-two/deployments/shop-development").status, 404)

    def test_a_suspended_tenant_takes_no_writes(self):
        node = self.node()
        node.tenant("t-one")
        node.ok("POST", "/v1/tenants/t-one/suspend", {"reason": "a test"})
        answer = node.ask("POST", "/v1/apply", {"manifests": [node.blueprint("t-one", "shop", {"web": node.service(free_port())})]})
        self.assertEqual((answer.status, answer.code), (403, "tenant.suspended"), answer.text)


class Starts(NodeCase):
    def test_a_second_node_on_one_store_is_refused_and_touches_nothing(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port)})
        second = Node(state=node.state)
        code, said = second.refused_start()
        self.assertNotEqual(code, 0)
        self.assertIn("store.locked", said)
        self.assertIn(str(node.process.pid), said)
        self.assertEqual(get(port).status, 200)

    def test_a_taken_api_port_is_named_with_its_holder(self):
        node = self.node()
        second = Node()
        self.addCleanup(shutil.rmtree, second.own, True)
        second.port = node.port
        code, said = second.refused_start()
        self.assertNotEqual(code, 0)
        self.assertIn(str(node.port), said)
        self.assertIn("listen", said)

    def test_a_store_that_is_no_database_is_refused_and_left_as_it_was(self):
        node = Node()
        self.addCleanup(shutil.rmtree, node.own, True)
        os.makedirs(node.state, 0o700)
        with open(os.path.join(node.state, "nova.db"), "w", encoding="ascii") as file:
            file.write("this is my diary, not a database\n" * 100)
        code, said = node.refused_start()
        self.assertNotEqual(code, 0)
        self.assertIn("store.not_a_database", said)
        with open(os.path.join(node.state, "nova.db"), encoding="ascii") as file:
            self.assertTrue(file.read().startswith("this is my diary"))

    def test_a_store_of_a_newer_version_is_refused(self):
        node = Node()
        self.addCleanup(node.close)
        node.start()
        node.terminate()
        with sqlite3.connect(os.path.join(node.state, "nova.db")) as database:
            database.execute("PRAGMA user_version = 999")
        database.close()
        reseal(os.path.join(node.state, "nova.db"))
        code, said = node.refused_start()
        self.assertNotEqual(code, 0)
        self.assertIn("store.newer_schema", said)
        with sqlite3.connect(os.path.join(node.state, "nova.db")) as database:
            database.execute("PRAGMA user_version = 2")
        database.close()
        reseal(os.path.join(node.state, "nova.db"))

    def test_wrong_configuration_is_told_with_its_line(self):
        node = Node()
        self.addCleanup(shutil.rmtree, node.own, True)
        file = os.path.join(node.own, "novad.yaml")
        with open(file, "w", encoding="ascii") as config:
            config.write("listen:\n  adress: 127.0.0.1:1\nlog:\n  level: loud\n")
        done = subprocess.run([node.command()[0], "--check-config", file], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(file + ":2", done.stderr)
        self.assertIn(file + ":4", done.stderr)
        # The gates that it names are part of it.
        gates = os.path.join(node.own, "gates.yaml")
        with open(file, "w", encoding="ascii") as config:
            config.write(f"governance:\n  gates_file: {gates}\n")
        for group, faults in (("{name: bosses, roles: [boss]}", True), ("{name: owners, roles: [platform:owner]}", False)):
            with open(gates, "w", encoding="utf-8") as text:
                text.write(f"gates:\n  payments:\n    en: Ask.\n    ar: \u0627\u0633\u0623\u0644.\n    groups:\n      - {group}\n")
            done = subprocess.run([node.command()[0], "--check-config", file], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode != 0, faults, done.stdout + done.stderr)
            self.assertEqual(gates + ":6" in done.stderr, faults, done.stderr)


class Ends(NodeCase):
    def test_sigterm_drains_exits_0_and_leaves_services(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port)})
        pid = get(port).json["pid"]
        self.assertEqual(node.terminate(), 0)
        self.assertTrue(alive(pid))
        self.assertEqual(get(port).json["pid"], pid)
        node.start()
        wait("it to be adopted", lambda: node.deployment("t-one", "shop")["state"]["health"] == "healthy")
        self.assertEqual(get(port).json["pid"], pid)

    def test_sighup_reloads_what_may_change_and_names_what_needs_a_restart(self):
        node = Node()
        self.addCleanup(node.close)
        file = os.path.join(node.own, "novad.yaml")
        with open(file, "w", encoding="ascii") as config:
            config.write("log:\n  format: console\n")
        node.extra_env = {"NOVA_CONFIG": file}
        node.start()
        log = os.path.join(node.state, "log", "novad.log")

        def said(words):
            with open(log, encoding="utf-8") as lines:
                return words in lines.read()
        with open(file, "w", encoding="ascii") as config:
            config.write("log:\n  format: json\n")
        node.process.send_signal(signal.SIGHUP)
        wait("the key to be named", lambda: said("needs restart key=log.format"))
        with open(file, "w", encoding="ascii") as config:
            config.write("log:\n  fromat: json\n")
        node.process.send_signal(signal.SIGHUP)
        wait("the error to be told", lambda: said(file + ":2:3"))
        self.assertEqual(node.ask("GET", "/healthz").status, 200)

    def test_sigint_stops_services_and_the_next_start_brings_them_back(self):
        node, port = self.node(), free_port()
        self.running(node, "t-one", "shop", {"web": node.service(port)})
        pid = get(port).json["pid"]
        self.assertEqual(node.interrupt(), 0)
        self.assertFalse(alive(pid))
        with self.assertRaises(OSError):
            get(port, limit=2)
        self.assertEqual([p for p in os.listdir("/proc") if p.isdigit() and mentions(int(p), node.state)], [])
        node.start()
        wait("the service to be back", lambda: get(port).status == 200)

    def test_every_command_that_was_acknowledged_before_a_kill_is_there_after_it(self):
        node = self.node()
        node.tenant("t-one")
        version = 0
        for number in range(40):
            version = node.ok("POST", "/v1/tenants/t-one/update_settings", {"name": f"name {number}"})["version"]
        node.process.send_signal(signal.SIGKILL)
        node.process.wait(30)
        node.start()
        item = node.ok("GET", "/v1/tenants/t-one")
        self.assertEqual(item["version"], version)
        self.assertEqual(item["state"]["name"], "name 39")


def mentions(pid, state):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as line:
            return state in line.read()
    except OSError:
        return False


if __name__ == "__main__":
    unittest.main()
