"""Emergencies on a real node: platforms halt in order and come back as they were, a lockdown leaves the owner, windows end, incidents are signed."""
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "constitution")]
from harness import BIN, Node, free_port, wait  # noqa: E402
from test_amend import Owner  # noqa: E402
from test_identity import PASSWORD, Person  # noqa: E402

BASE = "/api/sovereign/emergency"
WINDOWS = "/api/sovereign/sensitive-sessions"
INCIDENTS = "/api/sovereign/incidents"
WHY = {"reason": "a drill", "reason_ar": "تدريب"}


class Emergency(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node(extra_env={"NOVA_LIMITS_RATES": "false"}).start()
        cls.addClassCleanup(cls.node.close)
        cls.owner = Owner(cls.node)
        cls.node.tenant("clinic", "pro")
        cls.made = 0
        cls.admin = cls.person("admin")

    @classmethod
    def person(cls, member, role=None):
        cls.made += 1
        name = f"person{cls.made}"
        user = cls.node.ok("POST", "/api/auth/register", {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "language": "en"})["user"]
        cls.node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        if role:
            assert cls.owner.ask("POST", f"/v1/tenants/system/users/{user}/change_role", {"role": role}).status == 200
        person = Person(cls.node, f"{name}@example.org")
        assert person.login().status == 200
        cls.node.ok("POST", f"/v1/tenants/clinic/memberships/{user}/invite", {"role": member})
        assert person.ask("POST", f"/v1/tenants/clinic/memberships/{user}/accept", {}).status == 200
        return person

    def good(self, answer, status=None):
        self.assertIn(answer.status, (status,) if status else (200, 201, 202), answer.text)
        return answer.json

    def refused(self, answer, code, status):
        self.assertEqual((code, status), (answer.code, answer.status), answer.text)
        return answer.json

    def now(self):
        return self.good(self.owner.ask("GET", BASE))

    def settled(self, count=None):
        def there():
            found = self.now()
            return found if not found["works"] and (count is None or len(found["held"]) == count) else None
        return wait("the works of the emergency to end", there)

    def activate(self, action, **more):
        return self.owner.ask("POST", BASE + "/activate", {"action": action, **WHY, **more})

    def restore(self):
        answer = self.owner.ask("POST", BASE + "/restore", {"reason": "repaired", "code": self.owner.codes.pop()})
        self.good(answer)
        return self.settled(0)

    def status(self, name):
        return self.node.deployment("clinic", name)["status"]

    # ---- tests

    def test_platforms_halt_in_order_nothing_starts_and_all_come_back_as_they_were(self):
        node = self.node
        node.apply(node.blueprint("clinic", "web", {"api": node.service(free_port())}), node.blueprint("clinic", "shop", {"api": node.service(free_port())}), node.blueprint("clinic", "old", {"api": node.service(free_port())}))
        for name in ("web", "shop", "old"):
            node.wait_deployment("clinic", name)
        node.ok("POST", "/v1/tenants/clinic/deployments/old-development/stop", {"reason": "of no use"})
        node.wait_deployment("clinic", "old", "stopped")

        self.refused(self.admin.ask("POST", BASE + "/activate", {"action": "HALT_ALL_PLATFORMS", **WHY}), "auth.owner_required", 403)
        self.refused(self.activate("HALT_ALL_PLATFORMS", reason_ar=""), "input.invalid", 400)
        self.good(self.activate("HALT_ALL_PLATFORMS"))
        for name in ("web", "shop"):
            node.wait_deployment("clinic", name, "stopped")
        self.assertEqual(2, self.settled()["halted"])
        stops = [event["subject"] for event in node.ok("GET", "/v1/events?last=1000")["items"] if event["type"].endswith("deployment.stopping")]
        self.assertEqual(["shop", "web"], [name.split("/")[-1].split("-")[0] for name in stops[-2:]])

        # The owner is no exception, and neither is a kill of the node.
        start = "/v1/tenants/clinic/deployments/web-development/start"
        self.refused(self.owner.ask("POST", start, {}), "killswitch.active", 503)
        self.refused(node.ask("POST", start, {}), "killswitch.active", 503)
        node.kill()
        node.start()
        self.refused(self.owner.ask("POST", start, {}), "killswitch.active", 503)
        self.assertEqual(["platforms"], [line["scope"] for line in node.ok("GET", "/v1/kill-switch")["engaged"]])
        self.good(node.ask("POST", "/v1/tenants/clinic/update_settings", {"name": "Clinic"}))  # other work goes on

        self.refused(self.owner.ask("POST", BASE + "/restore", {"reason": "x"}), "auth.mfa_required", 401)
        self.restore()
        for name in ("web", "shop"):
            node.wait_deployment("clinic", name)
        self.assertEqual("stopped", self.status("old"))
        self.assertEqual([], node.ok("GET", "/v1/kill-switch")["engaged"])

    def test_a_lockdown_leaves_reads_health_and_the_owner(self):
        self.good(self.activate("LOCKDOWN_SYSTEM"))
        self.settled()
        try:
            self.refused(self.admin.ask("POST", "/v1/tenants/clinic/update_settings", {"name": "x"}), "killswitch.active", 503)
            self.refused(self.node.ask("POST", "/v1/tenants/clinic/update_settings", {"name": "x"}), "killswitch.active", 503)
            self.good(self.admin.ask("GET", "/v1/tenants/clinic"))
            self.assertEqual(200, self.node.ask("GET", "/healthz", token=False).status)
            self.assertEqual(200, Person(self.node, self.admin.email).login().status)
            self.good(self.owner.ask("POST", "/v1/tenants/clinic/update_settings", {"name": "Clinic"}))
        finally:
            self.restore()
        self.good(self.admin.ask("POST", "/v1/tenants/clinic/update_settings", {"name": "Clinic"}))

    def test_overlapping_controls_and_one_that_ends_by_itself_are_told_apart(self):
        self.good(self.activate("ai_suspension"))
        self.good(self.activate("FREEZE_ALL_SUBSCRIPTIONS", auto_deactivate_minutes=43200))
        self.settled()
        self.refused(self.owner.ask("POST", "/v1/tenants/clinic/change_tier", {"tier": "pro"}), "killswitch.active", 503)
        controls = {line["action"]: line["id"] for line in self.now()["active"]}
        self.refused(self.activate("platform_lockdown", scope="user", target=self.owner.id), "user.root_owner_immutable", 403)
        self.refused(self.activate("feature_disable", scope="feature", target="kill_switch"), "input.invalid", 400)
        self.refused(self.owner.ask("POST", "/v1/kill-switch/activate", {"scope": "platforms", **WHY}), "kill_switch.emergency_only", 400)
        self.good(self.owner.ask("POST", BASE + "/lift", {"id": controls["ai_suspension"], "reason": "x", "code": self.owner.codes.pop()}))
        self.assertEqual(["subscriptions"], self.settled(1)["held"])
        self.restore()

    def test_a_window_needs_password_and_code_and_is_one_person_s(self):
        made = self.good(self.owner.ask("POST", WINDOWS, {"operation": "delete_data", "reason": "a wrong import"}), 201)["id"]
        path = f"{WINDOWS}/{made}"
        self.refused(self.admin.ask("POST", WINDOWS, {"operation": "delete_data", "reason": "x"}), "access.denied", 403)
        self.refused(self.owner.ask("POST", path + "/verify-code", {"code": "000000"}), "entity.wrong_state", 409)
        self.refused(self.owner.ask("POST", path + "/verify-password", {"password": "wrong"}), "auth.bad_credentials", 401)
        self.good(self.owner.ask("POST", path + "/verify-password", {"password": PASSWORD}))
        self.refused(self.owner.ask("POST", path + "/verify-code", {"code": "000000"}), "auth.mfa_failed", 401)
        self.good(self.owner.ask("POST", path + "/verify-code", {"code": self.owner.codes.pop()}))
        state = self.good(self.owner.ask("GET", path))["state"]
        self.assertEqual(("active", 2), (state["status"], state["tries"]))
        self.assertNotIn(PASSWORD, str(self.node.ok("GET", "/v1/events?last=1000")))
        other = self.person("admin", role="admin")
        self.refused(other.ask("POST", path + "/complete", {}), "access.denied", 403)
        self.good(self.owner.ask("POST", path + "/complete", {"note": "done"}))
        self.assertEqual("completed", self.good(self.owner.ask("GET", path))["status"])

    def test_a_weighty_incident_is_over_when_somebody_else_signed_what_was_learnt(self):
        second = self.person("admin")
        made = self.good(self.admin.ask("POST", f"{INCIDENTS}?tenant=clinic", {"title": "The shop is down", "title_ar": "x", "severity": "critical"}), 201)["id"]

        def act(who, path, body=None):
            return who.ask("POST", f"{INCIDENTS}/{made}/{path}?tenant=clinic", body or {})

        self.good(act(self.admin, "investigate", {"note": "a disk is full"}))
        self.refused(act(self.admin, "resolve", {"resolution": "a bigger disk"}), "incident.post_mortem_required", 409)
        self.good(act(self.admin, "post-mortem", {"summary": "a disk was full", "root_cause": "nobody looked", "remedies": "an alarm"}))
        self.good(act(self.admin, "post-mortem/submit"))
        self.refused(act(self.admin, "post-mortem/sign"), "post_mortem.self", 403)
        self.refused(act(self.node, "post-mortem/sign"), "access.denied", 403)
        self.good(act(second, "post-mortem/sign"))
        self.good(act(self.admin, "resolve", {"resolution": "a bigger disk"}))
        item = self.good(self.admin.ask("GET", f"{INCIDENTS}/{made}?tenant=clinic"))
        self.assertEqual(("resolved", "signed"), (item["status"], item["state"]["review"]))

    def test_the_command_line(self):
        token = os.path.join(self.node.state, "owner.token")
        with open(token, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(self.owner.tokens["access_token"])
        env = {**self.node.environment(), "NOVA_SERVER": f"http://127.0.0.1:{self.node.port}", "NOVA_TOKEN_FILE": token}

        def run(*words, code=0):
            done = subprocess.run([os.path.join(BIN, "novactl"), *words], env=env, capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(code, done.returncode, done.stdout + done.stderr)
            return done.stdout

        self.assertIn("Nothing is halted", run("emergency", "status"))
        run("emergency", "activate", "FREEZE_ALL_SUBSCRIPTIONS", "--reason", "a drill", "--reason-ar", "x", "--for", "60")
        self.assertIn("FREEZE_ALL_SUBSCRIPTIONS", run("emergency", "status"))
        self.settled()
        run("emergency", "restore", "--reason", "over", code=3)
        run("emergency", "restore", "--reason", "over", "--code", self.owner.codes.pop())
        self.settled(0)
        self.assertIn("Nothing is halted", run("emergency", "status"))
        made = run("incidents", "open", "By hand", "--title-ar", "x").split()[-1]
        run("incidents", "investigate", made, "--note", "looking")
        run("incidents", "resolve", made, "--reason", "it was nothing")
        self.assertIn("resolved", run("incidents", "list"))


if __name__ == "__main__":
    unittest.main()
