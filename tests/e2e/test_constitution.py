"""The constitution on a real node: it is shown to whom it governs, in two languages, and stands behind every recorded decision."""
import json
import os
import subprocess
import tempfile
import unittest

from harness import BIN, NodeCase, wait


class Constitution(NodeCase):
    def ctl(self, node, *arguments):
        env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "NOVA_SERVER": f"http://127.0.0.1:{node.port}", "NOVA_TOKEN_FILE": os.path.join(node.state, "operator.token")}
        return subprocess.run([os.path.join(BIN, "novactl"), *arguments], env=env, capture_output=True, text=True, encoding="utf-8", timeout=30, check=False)

    def test_it_is_shown_and_recorded_with_every_decision(self):
        node = self.node()
        shown = node.ok("GET", "/v1/constitution")
        rules = {rule["id"]: rule for rule in shown["rules"]}
        self.assertEqual("forbid", rules["ai-destroys-nothing"]["effect"])
        for rule in rules.values():
            self.assertIn(f'@id("{rule["id"]}")', shown["text"])
            self.assertTrue(any("\u0600" <= letter <= "\u06ff" for letter in rule["ar"]), rule)
            self.assertTrue(rule["en"].isascii(), rule)
        self.assertEqual(401, node.ask("GET", "/v1/constitution", token=False).status)

        node.tenant("clinic")
        meta = node.ok("GET", "/v1/tenants/clinic/why")["decision"]
        self.assertEqual((shown["version"], "allow"), (meta["constitution"], meta["answer"]))
        self.assertIn("service", meta["rules"])

    def test_the_words_are_a_schema_that_an_operator_s_own_policies_are_checked_with(self):
        node = self.node()
        schema = self.ctl(node, "constitution", "schema").stdout
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path, text = os.path.join(folder.name, "words.json"), os.path.join(folder.name, "own.cedar")
        with open(path, "w", encoding="utf-8") as file:
            file.write(schema)
        self.assertTrue("tenant.suspend" in json.loads(schema)[""]["actions"])
        for condition, fits in (("resource.state.tier", False), ('resource.status == "active"', True)):
            with open(text, "w", encoding="utf-8") as file:
                file.write(f"forbid(principal, action in Action::\"kind.provider\", resource) when {{ {condition} }};")
            done = self.ctl(node, "policy", "validate", text, "-s", path)
            self.assertEqual(0 if fits else 1, done.returncode, done.stdout + done.stderr)

    def test_the_command_line_shows_it(self):
        node = self.node()
        self.assertIn("An AI may not delete or destroy anything.", self.ctl(node, "constitution", "show").stdout)
        self.assertIn("لا يجوز", self.ctl(node, "constitution", "show", "--language", "ar").stdout)
        self.assertIn('@id("ai-destroys-nothing")', self.ctl(node, "constitution", "show", "--text").stdout)

    def test_a_denial_is_on_record_and_a_flood_of_them_is_a_count(self):
        node = self.node(extra_env={"NOVA_LIMITS_RATES": "false"})
        node.tenant("clinic")
        account = {"email": "amy@example.org", "username": "amy", "password": "a fine long password", "language": "en"}
        user = node.ask("POST", "/api/auth/register", account, token=False).json["user"]
        node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        token = node.ask("POST", "/api/auth/login", {"email": account["email"], "password": account["password"]}, token=False).json["access_token"]
        mine = {"Authorization": "Bearer " + token}
        for _ in range(50):
            answer = node.ask("POST", "/v1/tenants/clinic/suspend", {"reason": "because"}, mine, token=False)
            self.assertEqual(404, answer.status, answer.text)
            self.assertEqual(404, node.ask("GET", "/v1/tenants/clinic/platforms", headers=mine, token=False).status)

        def noted():
            found = {item["state"]["act"]: item["state"] for item in node.ok("GET", "/v1/tenants/clinic/denials")["items"]}
            return found if len(found) == 2 else None
        for act in wait("the denials", noted).values():
            self.assertEqual((user, "user"), (act["who"], act["who_type"]))
        # What was not written yet is, when the node leaves.
        node.terminate()
        node.start()
        acts = noted()
        self.assertEqual({"tenant.suspend": 50, "GET /v1/tenants/{tenant}/platforms": 50}, {act: state["count"] for act, state in acts.items()})
        self.assertLess(len(node.events("clinic", "denials", node.ok("GET", "/v1/tenants/clinic/denials")["items"][0]["id"])), 5)
        # They are the tenant's auditors' to read, not the stranger's.
        self.assertEqual(404, node.ask("GET", "/v1/tenants/clinic/denials", headers=mine, token=False).status)


if __name__ == "__main__":
    unittest.main()
