"""Sovereign decisions on a real node: phases kept apart, policies that bind, a trace that replays, and all of it after a crash."""
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "constitution")]
from harness import BIN, Node  # noqa: E402
from test_amend import Owner  # noqa: E402
from test_identity import PASSWORD, Person  # noqa: E402

BASE = "/api/sovereign/decisions"
POLICIES = "/api/sovereign/policies"
SWITCH = "/v1/kill-switch"


def subject(kind="operational", **more):
    return {"subject": {"type": kind, "title": "Move the shop", "title_ar": "نقل المتجر", **more}}


class Decisions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node(extra_env={"NOVA_LIMITS_RATES": "false"}).start()
        cls.addClassCleanup(cls.node.close)
        cls.owner = Owner(cls.node)
        cls.node.tenant("clinic")
        cls.made = 0
        cls.admin, cls.staff, cls.other = cls.person("owner"), cls.person("staff"), cls.person("staff")
        cls.sovereign = cls.person("owner", role="sovereign")

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
        self.assertIn(answer.status, (status,) if status else (200, 201), answer.text)
        return answer.json

    def refused(self, answer, code, status):
        self.assertEqual((code, status), (answer.code, answer.status), answer.text)
        return answer.json

    def act(self, who, decision, verb, body=None, tenant="clinic"):
        return who.ask("POST", f"{BASE}/{decision}/{verb}?tenant={tenant}", body or {})

    def pending(self, kind="operational", steps=2, **more):
        made = self.good(self.staff.ask("POST", f"{BASE}?tenant=clinic", subject(kind, **more)), 201)["id"]
        self.good(self.act(self.staff, made, "analyze", {"analysis": "it can be done"}))
        self.good(self.act(self.staff, made, "propose", {"steps": [{"title": f"step {n}", "rollback_plan": f"undo {n}"} for n in range(1, steps + 1)]}))
        return made

    def seen(self, decision):
        return self.good(self.staff.ask("GET", f"{BASE}/{decision}?tenant=clinic"))

    def policy(self, constraints, kind="constraint", **more):
        made = self.good(self.owner.ask("POST", POLICIES, {"terms": {"name": "a policy", "type": kind, "constraints": constraints, **more}}), 201)["id"]
        self.good(self.owner.ask("POST", f"{POLICIES}/{made}/approve", {}))
        self.addCleanup(lambda: self.good(self.owner.ask("POST", f"{POLICIES}/{made}/toggle", {"active": False})))
        return made

    # ---- tests

    def test_a_governance_decision_is_the_owner_s(self):
        made = self.pending("governance")
        self.assertEqual(("sovereign", "owner_only"), tuple(self.seen(made)["state"][name] for name in ("risk_level", "required_approval")))
        answer = self.refused(self.act(self.sovereign, made, "approve"), "decision.approval_level", 403)
        self.assertEqual("owner_only", answer["details"]["needed"])
        self.refused(self.act(self.owner, made, "approve"), "auth.mfa_required", 401)
        self.refused(self.act(self.owner, made, "approve", {"code": "000000"}), "auth.mfa_failed", 401)
        self.refused(self.act(self.owner, made, "approve", {"factor": "2fa"}), "auth.mfa_required", 401)
        self.good(self.act(self.owner, made, "approve", {"code": self.owner.codes.pop()}))
        self.assertEqual("approved", self.seen(made)["status"])

    def test_risk_comes_of_the_facts_of_the_act(self):
        made = self.pending("operational", facts={"amount_micros": 20_000_000_000})
        self.assertEqual("critical", self.seen(made)["state"]["risk_level"])
        self.refused(self.act(self.admin, made, "approve"), "decision.approval_level", 403)
        listed = self.good(self.staff.ask("GET", f"{BASE}?tenant=clinic&risk=critical"))["items"]
        self.assertIn(made, [item["id"] for item in listed])
        self.assertTrue(all(item["state"]["risk_level"] == "critical" for item in listed))

    def test_phases_are_kept_apart_and_a_failed_step_offers_its_rollback_plan(self):
        made = self.pending(steps=3)
        self.refused(self.act(self.other, made, "approve"), "access.denied", 403)
        self.good(self.act(self.admin, made, "approve", {"reason": "right"}))
        self.refused(self.act(self.admin, made, "execute-step", {"order": 1}), "decision.duties_apart", 403)
        self.good(self.act(self.other, made, "execute-step", {"order": 1}))
        self.good(self.act(self.other, made, "finish-step", {"order": 1}))
        self.good(self.act(self.other, made, "execute-step", {"order": 2}))
        self.good(self.act(self.other, made, "finish-step", {"order": 2, "outcome": "failed"}))
        self.assertEqual("undo 2", self.seen(made)["state"]["rollback_offered"])
        self.good(self.act(self.staff, made, "kill", {"reason": "enough"}))
        self.assertEqual(["completed", "failed", "skipped"], [step["status"] for step in self.seen(made)["state"]["steps"]])

    def test_who_analysed_does_not_decide(self):
        made = self.good(self.admin.ask("POST", f"{BASE}?tenant=clinic", subject()), 201)["id"]
        self.good(self.act(self.admin, made, "analyze", {"analysis": "fine"}))
        self.good(self.act(self.admin, made, "propose", {"steps": [{"title": "one"}]}))
        self.refused(self.act(self.admin, made, "approve"), "decision.duties_apart", 403)
        self.refused(self.node.ask("POST", f"{BASE}/{made}/approve?tenant=clinic", {}), "access.denied", 403)  # a machine
        self.good(self.act(self.sovereign, made, "approve"))

    def test_a_deny_policy_refuses_with_its_message_until_it_is_out_of_force(self):
        named = {"target": "target_resource", "condition": "starts_with", "value": "vault", "message": "the vault is not touched"}
        draft = self.good(self.owner.ask("POST", POLICIES, {"terms": {"name": "no vault", "type": "deny", "constraints": [named]}}), 201)["id"]
        self.pending(target_resource="vault-0")  # a draft binds nobody
        self.refused(self.admin.ask("POST", f"{POLICIES}/{draft}/approve", {}), "auth.owner_required", 403)
        self.good(self.owner.ask("POST", f"{POLICIES}/{draft}/approve", {}))
        answer = self.staff.ask("POST", f"{BASE}?tenant=clinic", subject(target_resource="vault-1", description="x"))
        self.assertIn("the vault is not touched", self.refused(answer, "decision.policy_violated", 403)["detail"])
        refused = [item for item in self.good(self.staff.ask("GET", f"{BASE}?tenant=clinic&status=rejected"))["items"] if item["state"]["subject"].get("target_resource") == "vault-1"]
        self.assertEqual([draft], [line["policy"] for line in refused[0]["state"]["violations"]])
        # What the node fills in cannot be chosen.
        self.refused(self.staff.ask("POST", f"{BASE}?tenant=clinic", {**subject(target_resource="vault-2"), "policies": []}), "decision.policy_violated", 403)
        self.refused(self.owner.ask("DELETE", f"{POLICIES}/{draft}"), "entity.wrong_state", 409)
        self.good(self.owner.ask("POST", f"{POLICIES}/{draft}/toggle", {"active": False}))
        self.pending(target_resource="vault-3")
        self.good(self.owner.ask("DELETE", f"{POLICIES}/{draft}"))

    def test_a_policy_that_came_later_binds_what_was_decided_before(self):
        made = self.pending(target_resource="late")
        self.good(self.act(self.admin, made, "approve"))
        self.policy([{"target": "target_resource", "condition": "not_equals", "value": "late", "message": "not this one"}])
        self.refused(self.act(self.other, made, "execute-step", {"order": 1}), "decision.policy_violated", 403)

    def test_while_a_kill_switch_covers_it_nothing_goes_on(self):
        made = self.pending()
        self.good(self.owner.ask("POST", SWITCH + "/activate", {"scope": "tenant", "target": "clinic", "reason": "a drill", "reason_ar": "تدريب"}))
        try:
            self.refused(self.act(self.admin, made, "approve"), "killswitch.active", 503)
        finally:
            self.good(self.owner.ask("POST", SWITCH + "/deactivate", {"scope": "tenant", "target": "clinic", "reason": "over", "code": self.owner.codes.pop()}))
        self.good(self.act(self.admin, made, "approve"))

    def test_the_trace_tells_everything_and_replays_also_after_a_crash(self):
        made = self.pending(steps=1)
        self.good(self.act(self.admin, made, "approve"))
        path = f"{BASE}/{made}/trace?tenant=clinic"
        before = self.good(self.staff.ask("GET", path))
        self.assertEqual(["absent", "analysis", "analysis", "pending_approval"], [step["phase"] for step in before["steps"]])
        self.assertEqual(f"user:{self.admin.id}", before["steps"][-1]["by"])
        self.assertTrue(before["replays"])
        self.assertTrue(before["steps"][0]["rules"] and before["steps"][0]["constitution"])
        self.node.kill()
        self.node.start()
        for person in (self.staff, self.other):
            person.login()
        after = self.good(self.staff.ask("GET", path))
        self.assertEqual(before, after)
        self.good(self.act(self.other, made, "execute-step", {"order": 1}))
        longer = self.good(self.staff.ask("GET", path))
        self.assertEqual(after["digest"], longer["steps"][3]["digest"])
        self.assertNotEqual(after["digest"], longer["digest"])
        self.assertEqual(401, self.node.ask("GET", path, token=False).status)

    def test_the_command_line_goes_the_whole_way(self):
        token = os.path.join(self.node.state, "staff.token")
        with open(token, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(self.staff.tokens["access_token"])
        env = {**self.node.environment(), "NOVA_SERVER": f"http://127.0.0.1:{self.node.port}", "NOVA_TOKEN_FILE": token, "NOVA_TENANT": "clinic"}

        def run(*words, code=0):
            done = subprocess.run([os.path.join(BIN, "novactl"), "decisions", *words], env=env, capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(code, done.returncode, done.stdout + done.stderr)
            return done.stdout

        made = run("request", "By hand", "--title-ar", "يدويا", "--amount", "12.5").split()[-1]
        run("analyze", made, "--analysis", "fine", "--data", "personal")
        run("propose", made, "--step", "do it|little|undo it")
        self.assertIn("high", run("list"))
        self.assertEqual(12_500_000, self.seen(made)["state"]["subject"]["facts"]["amount_micros"])
        self.good(self.act(self.admin, made, "approve"))
        self.assertIn("approved", run("trace", made))
        run("reject", made, "--reason", "no", code=3)


if __name__ == "__main__":
    unittest.main()
