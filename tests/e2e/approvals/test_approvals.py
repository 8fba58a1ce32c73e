"""Acts that wait for people, on a real node: what holds them, who lets them go on, and what a killed node makes of them."""
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import BIN, free_port, get, NodeCase, wait  # noqa: E402
from test_identity import PASSWORD, Person, totp  # noqa: E402

TWO_GROUPS = """
gates:
  production-destruction:
    en: Both must agree.
    ar: يجب أن يوافق الطرفان.
    groups:
      - {name: admins, roles: [tenant:admin]}
      - {name: owners, roles: [platform:admin]}
"""


class Approvals(NodeCase):
    def gates(self, text):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "gates.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return {"NOVA_GOVERNANCE_GATES_FILE": path}

    def person(self, node, name, role=None, platform=None):
        user = node.ok("POST", "/api/auth/register", {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "language": "en"})["user"]
        node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        person = Person(node, f"{name}@example.org")
        self.assertEqual(200, person.login().status)
        if role:
            node.ok("POST", f"/v1/tenants/clinic/memberships/{user}/invite", {"role": role})
            self.assertEqual(200, person.ask("POST", f"/v1/tenants/clinic/memberships/{user}/accept", {}).status)
        if platform:
            node.ok("POST", f"/v1/tenants/system/users/{user}/change_role", {"role": platform})
        return person

    def enrol_app(self, person):
        secret = person.ask("POST", "/api/auth/mfa/totp", {}).json["secret"]
        self.assertEqual(200, person.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(secret, -1)}).status)
        return secret

    def production(self, node):
        node.tenant("clinic")
        node.apply(node.blueprint("clinic", "front", {"api": node.service(free_port())}, "production"))

        def running():
            item = node.deployment("clinic", "front", "production")
            return item if item["status"] == "running" else None
        return wait("the deployment to run", running)

    def held(self, node, headers=None):
        answer = node.ask("POST", "/v1/tenants/clinic/deployments/front-production/delete", {}, headers)
        self.assertEqual(202, answer.status, answer.text)
        self.assertEqual(answer.headers.get("Location"), "/v1/tenants/clinic/approvals/" + answer.json["id"])
        return answer.json

    def path(self, approval):
        return "/v1/tenants/clinic/approvals/" + approval["id"]

    def executed(self, node, approval):
        def done():
            item = node.ok("GET", self.path(approval))
            self.assertNotEqual("execution_failed", item["status"], item)
            return item if item["status"] == "executed" else None
        return wait("the act to be done", done)

    def ctl(self, node, *arguments, person=None):
        token = os.path.join(node.state, "operator.token")
        if person:
            token = os.path.join(node.state, "person.token")
            with open(os.open(token, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                file.write(person.tokens["access_token"])
        env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "NOVA_SERVER": f"http://127.0.0.1:{node.port}", "NOVA_TOKEN_FILE": token}
        return subprocess.run([os.path.join(BIN, "novactl"), *arguments], env=env, capture_output=True, text=True, encoding="utf-8", timeout=30, check=False)

    def test_where_data_lies_changes_when_the_tenants_owner_agrees_too(self):
        # Also where the gates are those of a file that knows nothing of it.
        for gates in ({}, self.gates(TWO_GROUPS)):
            node = self.node(extra_env=gates)
            node.tenant("clinic")
            asked = node.ask("POST", "/api/tenants/clinic/region", {"region": "eu-central"})
            self.assertEqual((202, "held"), (asked.status, asked.json["status"]), asked.text)
            self.assertEqual(["data-does-not-move-alone"], [rule["id"] for rule in asked.json["approval"]["rules"]])
            region = lambda: node.ok("GET", "/api/tenants/clinic")["state"].get("data_region", "")
            self.assertEqual("", region())
            olga, amy = self.person(node, "olga", "owner"), self.person(node, "amy", "admin")
            self.assertEqual("access.denied", amy.ask("POST", self.path(asked.json) + "/approve", {}).code)
            secret = self.enrol_app(olga)
            agreed = olga.ask("POST", self.path(asked.json) + "/approve", {"code": totp(secret)})
            self.assertEqual(200, agreed.status, agreed.text)
            self.executed(node, asked.json)
            self.assertEqual("eu-central", region())

    def test_what_destroys_production_waits_survives_a_kill_and_is_done_once(self):
        node = self.node()
        self.production(node)
        told = self.held(node, {"Idempotency-Key": "k-1"})
        self.assertEqual(("held", "approval", "hold"), (told["status"], told["kind"], told["decision"]["answer"]))
        approval = told["approval"]
        self.assertEqual("production-is-not-destroyed-alone", approval["rules"][0]["id"])
        self.assertTrue(any("\u0600" <= letter <= "\u06ff" for letter in approval["rules"][0]["ar"]))
        self.assertTrue(approval["who_may_decide"][0]["roles"] and approval["expires_at"] and approval["digest"].startswith("sha256:"))
        self.assertEqual(told["id"], self.held(node, {"Idempotency-Key": "k-1"})["id"])

        node.kill()
        node.start()
        self.assertEqual("pending", node.ok("GET", self.path(told))["status"])
        self.assertEqual("running", node.deployment("clinic", "front", "production")["status"])

        # The node's own service asked; it is no person.
        self.assertEqual("access.denied", node.ask("POST", self.path(told) + "/approve", {}).code)
        amy, vera, stranger = self.person(node, "amy", "admin"), self.person(node, "vera", "viewer"), self.person(node, "sam")
        secret = self.enrol_app(amy)
        self.assertEqual(404, stranger.ask("POST", self.path(told) + "/approve", {}).status)
        self.assertEqual(404, stranger.ask("GET", self.path(told)).status)
        self.assertEqual("access.denied", vera.ask("POST", self.path(told) + "/approve", {}).code)
        inbox = lambda who, more="": [item["id"] for item in who.ask("GET", "/v1/approvals?to_decide=true" + more).json["items"]]
        self.assertEqual(([told["id"]], [], []), (inbox(amy), inbox(vera), inbox(stranger)))
        self.assertEqual("auth.mfa_required", amy.ask("POST", self.path(told) + "/approve", {}).code)
        self.assertEqual("auth.mfa_failed", amy.ask("POST", self.path(told) + "/approve", {"code": "000000"}).code)
        self.assertEqual("input.invalid", amy.ask("POST", self.path(told) + "/reject", {}).code)
        agreed = amy.ask("POST", self.path(told) + "/approve", {"code": totp(secret), "reason": "planned"})
        self.assertEqual(200, agreed.status, agreed.text)
        # Killed as soon as the yes is told: the act is done all the same, and once.
        node.kill()
        node.start()
        item = self.executed(node, told)
        self.assertEqual(("amy", "totp"), (amy.email.split("@", maxsplit=1)[0], item["state"]["votes"][0]["factor"]))
        types = [event["type"] for event in node.events("clinic", "deployments", "front-production")]
        self.assertEqual(1, sum(kind.endswith("deployment.deleting") for kind in types), types)
        self.assertEqual("approval.already_decided", amy.ask("POST", self.path(told) + "/approve", {}).code)
        self.assertEqual([], inbox(amy))
        # The repeat of the request is told what became of it.
        again = node.ask("POST", "/v1/tenants/clinic/deployments/front-production/delete", {}, {"Idempotency-Key": "k-1"})
        self.assertEqual((200, True), (again.status, again.json["replayed"]), again.text)

    def test_in_development_nothing_waits(self):
        node = self.node()
        node.tenant("clinic")
        node.apply(node.blueprint("clinic", "front", {"api": node.service(free_port())}))
        node.wait_deployment("clinic", "front")
        self.assertEqual(200, node.ask("POST", "/v1/tenants/clinic/platforms/front/delete", {}).status)
        self.assertEqual([], node.ok("GET", "/v1/approvals")["items"])

    def test_two_groups_are_both_needed_and_a_no_is_final(self):
        node = self.node(extra_env=self.gates(TWO_GROUPS))
        self.production(node)
        amy, olga = self.person(node, "amy", "admin"), self.person(node, "olga", platform="admin")
        first = self.held(node)
        self.assertEqual(200, amy.ask("POST", self.path(first) + "/approve", {"reason": "fine"}).status)
        self.assertEqual("pending", node.ok("GET", self.path(first))["status"])
        self.assertEqual("approval.already_voted", amy.ask("POST", self.path(first) + "/approve", {}).code)
        self.assertEqual(200, olga.ask("POST", self.path(first) + "/reject", {"reason": "not today"}).status)
        self.assertEqual("approval.already_decided", amy.ask("POST", self.path(first) + "/approve", {}).code)
        self.assertEqual("running", node.deployment("clinic", "front", "production")["status"])

        # Through the other door: the platform whose deployment it is.
        answer = node.ask("POST", "/v1/tenants/clinic/platforms/front/delete", {})
        self.assertEqual(202, answer.status, answer.text)
        for who in (amy, olga):
            self.assertEqual(200, who.ask("POST", self.path(answer.json) + "/approve", {}).status)
        self.executed(node, answer.json)

    def test_the_command_line_says_what_waits_and_why(self):
        node = self.node(extra_env=self.gates(TWO_GROUPS))
        self.production(node)
        done = self.ctl(node, "delete", "deployment", "front-production", "-t", "clinic", "--yes")
        self.assertEqual(4, done.returncode, done.stdout + done.stderr)
        self.assertIn("Nothing in production is destroyed", done.stderr)
        waiting = node.ok("GET", "/v1/approvals?status=pending&tenant=clinic")["items"]
        self.assertEqual(1, len(waiting))
        one = waiting[0]["id"]
        self.assertIn(one, self.ctl(node, "approvals", "list").stdout)
        shown = self.ctl(node, "approvals", "show", one, "-t", "clinic").stdout
        for words in ("deployment.delete", "sha256:", "platform:admin", "Nothing in production"):
            self.assertIn(words, shown)
        for thing in ("deployment/front-production", "approval/" + one):
            why = self.ctl(node, "why", thing, "-t", "clinic").stdout
            self.assertIn("production-is-not-destroyed-alone", why)
            self.assertIn("tenant:admin", why)
        taken = self.ctl(node, "approvals", "cancel", one, "-t", "clinic", "--reason", "a mistake")
        self.assertEqual(0, taken.returncode, taken.stderr)
        self.assertEqual("cancelled", node.ok("GET", self.path({"id": one}))["status"])

    def test_a_crash_loop_waits_as_an_approval_and_the_chosen_remedy_is_done(self):
        node, port = self.node(), free_port()
        self.running(node, "clinic", "shop", {"web": node.service(port, restart={"intensity": 2, "period": "60s", "backoff": "10ms"})})
        adam = self.person(node, "adam", "staff")

        def crash_until_asked():
            waiting = node.ok("GET", "/v1/approvals?status=pending&tenant=clinic")["items"]
            if waiting:
                return waiting[0]
            try:
                get(port, "/crash", limit=1)
            except Exception:  # noqa: BLE001 - the answer of a crash is no answer
                pass
            return None
        asked = wait("supervision to ask", crash_until_asked)
        escalation = asked["parent"].split("/", 1)[1]
        self.assertEqual(["retry", "stop"], [one["name"] for one in asked["state"]["remedies"]])
        shown = self.ctl(node, "approvals", "show", asked["id"], "-t", "clinic").stdout
        for words in ("retry: Start it again", "stop: Leave it stopped", "is down", "app.deploy"):
            self.assertIn(words, shown)
        # A machine chooses nothing, and neither does who says nothing of which.
        self.assertNotEqual(0, self.ctl(node, "approvals", "approve", asked["id"], "-t", "clinic", "--remedy", "retry").returncode)
        self.assertEqual("input.invalid", adam.ask("POST", self.path(asked) + "/approve", {}).code)
        node.kill()
        node.start()
        chosen = self.ctl(node, "approvals", "approve", asked["id"], "-t", "clinic", "--remedy", "retry", "--reason", "it was the test", person=adam)
        self.assertEqual(0, chosen.returncode, chosen.stdout + chosen.stderr)
        self.executed(node, asked)
        wait("the service to be back", lambda: get(port).status == 200)
        answered = [event for event in node.events("clinic", "escalations", escalation) if event["type"].endswith("escalation.answered")]
        self.assertEqual(["retry"], [event["data"]["decision"] for event in answered])
        self.assertEqual(adam.id, answered[0]["data"]["by"])

    def test_gates_that_do_not_hold_together_stop_the_start(self):
        node = self.node()
        node.terminate()
        node.extra_env = self.gates(TWO_GROUPS.replace("tenant:admin", "boss"))
        code, said = node.refused_start()
        self.assertNotEqual(0, code)
        self.assertIn("is no role", said)


if __name__ == "__main__":
    unittest.main()
