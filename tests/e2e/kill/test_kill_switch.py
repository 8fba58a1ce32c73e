"""The kill switch on a real node: a flood of deliveries is cut off, what is covered never reaches its receiver, a crash forgets nothing, and time releases it."""
import os
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..")]
from harness import BIN, Node, wait
from postgres import Postgres
from test_identity import PASSWORD, Person, totp
from test_webhooks import Receiver, id_of

SWITCH = "/api/owner/ai-sovereignty/kill-switch"
WHY = {"reason": "a drill", "reason_ar": "\u062a\u062f\u0631\u064a\u0628"}
ENDPOINTS = 12


class KillSwitch(unittest.TestCase):
    def setUp(self):
        self.node = Node(extra_env={"NOVA_HTTP_ALLOW_PRIVATE": "127.0.0.1/32"}).start()
        self.addCleanup(self.node.close)
        for tenant in ("t-one", "t-two"):
            self.node.tenant(tenant)

    def receiver(self, answer=lambda request: 204):
        made = Receiver(answer)
        self.addCleanup(made.close)
        return made

    def endpoint(self, receiver, tenant="t-one"):
        body = {"url": receiver.url, "events": ["SUBSCRIPTION_UPDATED"]}
        return self.node.ok("POST", f"/v1/tenants/{tenant}/webhook_endpoints", body)["id"]

    def happen(self, tenant="t-one", tier="basic"):
        self.node.ok("POST", f"/v1/tenants/{tenant}/change_tier", {"tier": tier})

    def deliveries(self, tenant="t-one"):
        found, cursor = [], ""
        while True:
            page = self.node.ok("GET", f"/v1/tenants/{tenant}/webhook_deliveries?limit=1000" + (f"&cursor={cursor}" if cursor else ""))
            found += page["items"]
            cursor = page.get("next")
            if not cursor:
                return found

    def ended(self, count, tenant="t-one"):
        def all_ended():
            found = self.deliveries(tenant)
            return found if len(found) >= count and all(one["status"] in ("delivered", "failed") for one in found) else None
        return wait(f"{count} ended deliveries", all_ended)

    def engage(self, scope="global", **more):
        return self.node.ask("POST", SWITCH + "/activate", {"scope": scope, **WHY, **more})

    def release(self, scope="global", **more):
        return self.node.ask("POST", SWITCH + "/deactivate", {"scope": scope, **more})

    def now(self):
        return self.node.ok("GET", SWITCH)

    def test_a_flood_is_cut_off(self):
        receiver = self.receiver()
        for _ in range(ENDPOINTS):
            self.endpoint(receiver)
        rounds = 15
        for number in range(rounds):
            self.happen(tier=("pro", "basic")[number % 2])
        wait("the flood to flow", lambda: len(receiver.got) >= 5)
        self.assertEqual(self.engage().status, 200)
        state = self.now()
        self.assertTrue(state["global"] and state["external"] and state["known"])
        self.assertEqual(state["bound_ms"], 1000)
        for number in range(3):
            self.happen(tier=("pro", "basic")[(rounds + number) % 2])
        ended = self.ended(ENDPOINTS * (rounds + 3))
        codes = {}
        for one in ended:
            codes.setdefault(one["state"]["code"], set()).add(one["id"])
        # Everything came to an end, the last three rounds by the switch.
        self.assertLessEqual(set(codes), {"", "killswitch.active", "killswitch.in_doubt"})
        self.assertGreaterEqual(len(codes["killswitch.active"]), ENDPOINTS * 3)
        arrived = {id_of(one) for one in receiver.got}
        self.assertFalse(arrived & codes["killswitch.active"], "a refused delivery arrived")
        self.assertEqual(codes.get("", set()) - arrived, set())
        self.assertLessEqual(arrived - codes.get("", set()), codes.get("killswitch.in_doubt", set()))
        # The endpoints are as they were: it was no fault of theirs.
        for one in self.node.ok("GET", "/v1/tenants/t-one/webhook_endpoints")["items"]:
            self.assertEqual((one["status"], one["state"]["straight_failures"]), ("active", 0))
        self.assertEqual(self.release(reason="the drill is over").status, 200)
        self.assertEqual(self.now()["engaged"], [])
        # A person sends again what was stopped.
        again = next(iter(codes["killswitch.active"]))
        self.node.ok("POST", f"/v1/tenants/t-one/webhook_deliveries/{again}/redeliver", {})
        wait("what is sent again", lambda: again in {id_of(one) for one in receiver.got})
        types = [event["type"] for event in self.node.ok("GET", SWITCH + "/history?limit=2")["items"]]
        self.assertEqual(types, ["kill_switch.released", "kill_switch.engaged"])

    def test_what_runs_is_stopped_and_listed_as_in_doubt(self):
        receiver = self.receiver(lambda request: None)
        self.endpoint(receiver)
        self.happen()
        wait("the request", lambda: receiver.got)
        self.assertEqual(self.engage("external_only").status, 200)
        delivery = self.ended(1)[0]
        self.assertEqual((delivery["status"], delivery["state"]["code"]), ("failed", "killswitch.in_doubt"))
        doubts = self.now()["in_doubt"]
        self.assertEqual([one["driver"] for one in doubts], ["http"])
        self.assertIn(delivery["id"], doubts[0]["work"])
        self.assertEqual(doubts[0]["reach"]["tenant"], "t-one")

    def test_one_tenant_is_stopped_and_the_other_is_not(self):
        receiver = self.receiver()
        for tenant in ("t-one", "t-two"):
            self.endpoint(receiver, tenant)
        self.assertEqual(self.engage("tenant", target="t-one").status, 200)
        self.assertEqual(self.engage("tenant", target="t-two").status, 200)
        self.assertEqual(self.release("tenant", target="t-two").status, 200)
        for tenant in ("t-one", "t-two"):
            self.happen(tenant)
        self.assertEqual(self.ended(1, "t-one")[0]["state"]["code"], "killswitch.active")
        self.assertEqual(self.ended(1, "t-two")[0]["status"], "delivered")
        self.assertEqual(len(receiver.got), 1)

    def test_the_owner_stops_at_once_and_lets_go_with_a_fresh_second_factor(self):
        with open(os.path.join(self.node.state, "enrolment.token"), encoding="ascii") as file:
            enrolment = file.read().strip()
        self.node.ok("POST", "/api/auth/enrol-owner", {"token": enrolment, "email": "owner@example.org", "username": "owner", "password": PASSWORD, "language": "en"})
        owner = Person(self.node, "owner@example.org")
        self.assertEqual(200, owner.login().status)
        secret = owner.ask("POST", "/api/auth/mfa/totp", {}).json["secret"]
        self.assertEqual(200, owner.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(secret, -1)}).status)
        self.assertEqual(200, owner.ask("POST", SWITCH + "/activate", {"scope": "global", **WHY}).status)
        release = lambda **more: owner.ask("POST", SWITCH + "/deactivate", {"scope": "global", "reason": "repaired", **more})
        self.assertEqual(("auth.mfa_required", 401), (release().code, release().status))
        self.assertEqual("auth.mfa_failed", release(code="000000").code)
        self.assertTrue(self.now()["global"])
        done = release(code=totp(secret))
        self.assertEqual(200, done.status, done.text)
        self.assertEqual([], self.now()["engaged"])

    def test_a_crash_forgets_nothing_and_time_releases(self):
        receiver = self.receiver()
        self.endpoint(receiver)
        self.endpoint(receiver, "t-two")
        self.assertEqual(self.engage("tenant", target="t-two", auto_reactivate_minutes=1).status, 200)
        self.assertEqual(self.engage().status, 200)
        epoch = self.now()["epoch"]
        self.node.kill()
        self.node.start()
        state = self.now()
        self.assertEqual([one["id"] for one in state["engaged"]], ["global", "tenant.t-two"])
        self.assertEqual(state["epoch"], epoch)
        self.happen()
        self.assertEqual(self.ended(1)[0]["state"]["code"], "killswitch.active")
        self.assertEqual(receiver.got, [])
        self.assertEqual(self.release().status, 200)
        wait("the minute to pass", lambda: self.now()["engaged"] == [], limit=180)
        self.assertEqual(self.node.ok("GET", SWITCH + "/history?limit=1")["items"][0]["type"], "kill_switch.expired")
        self.happen("t-two")
        self.assertEqual(self.ended(1, "t-two")[0]["status"], "delivered")

    def test_what_is_refused(self):
        for body, code in (({"scope": "global", "reason": "x"}, "input.invalid"),
                           ({"scope": "global", "reason_ar": "x"}, "input.invalid"),
                           ({"scope": "everything", **WHY}, "input.invalid"),
                           ({"scope": "layer", **WHY}, "kill_switch.target_required"),
                           ({"scope": "tenant", "target": "nobody", **WHY}, "entity.not_found"),
                           ({"scope": "global", "auto_reactivate_minutes": 43201, **WHY}, "input.invalid")):
            answer = self.node.ask("POST", SWITCH + "/activate", body)
            self.assertEqual(answer.code, code, answer.text)
        self.assertIn(self.release().code, ("entity.wrong_state", "entity.not_found", "kill_switch.not_found"))
        self.assertEqual(self.now()["engaged"], [])
        self.assertEqual(self.node.ask("POST", SWITCH + "/activate", {"scope": "global", **WHY}, token=False).status, 401)

    def novactl(self, *arguments):
        environment = {**self.node.environment(), "NOVA_SERVER": f"http://127.0.0.1:{self.node.port}", "NOVA_TOKEN_FILE": os.path.join(self.node.state, "operator.token")}
        done = subprocess.run([os.path.join(BIN, "novactl"), "kill", *arguments], capture_output=True, text=True, env=environment, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_the_command_line(self):
        self.assertIn("Nothing is stopped", self.novactl("status"))
        self.assertIn("No effect of this node", self.novactl("engage", "--preview"))
        self.novactl("engage", "--scope", "tenant", "--target", "t-one", "--reason", "a drill", "--reason-ar", "x", "--for", "2h")
        shown = self.novactl("status")
        self.assertIn("t-one", shown)
        self.assertIn("a drill", shown)
        self.novactl("release", "--scope", "tenant", "--target", "t-one")
        self.assertIn("Nothing is stopped", self.novactl("status"))
        self.assertIn("kill_switch.released", self.novactl("history"))


class TwoNodes(unittest.TestCase):
    """What one node commits stops the other; a node that cannot hear lets nothing out, and goes on when it hears again."""

    def setUp(self):
        self.postgres = Postgres()
        self.addCleanup(self.postgres.close)
        self.postgres.start()
        env = {"NOVA_HTTP_ALLOW_PRIVATE": "127.0.0.1/32", "NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": self.postgres.url()}
        self.one, self.two = (Node(extra_env={**env, "NOVA_NODE_NAME": name}) for name in ("one", "two"))
        self.addCleanup(self.one.close)
        self.addCleanup(self.two.close)
        # Nodes of one installation have the same key.
        self.one.start().terminate()
        os.makedirs(self.two.state, 0o700)
        shutil.copy2(os.path.join(self.one.state, "node.key"), os.path.join(self.two.state, "node.key"))
        self.one.start()
        self.two.start()
        self.one.tenant("t-one")

    def happen(self, tier):
        wait("a commit", lambda: self.one.ok("POST", "/v1/tenants/t-one/change_tier", {"tier": tier}))

    def delivery(self, ended):
        found = self.one.ok("GET", "/v1/tenants/t-one/webhook_deliveries?limit=1000")["items"]
        fresh = [one for one in found if one["id"] not in ended and one["status"] in ("delivered", "failed")]
        return fresh[0] if fresh else None

    def test_the_other_node_hears_and_one_that_cannot_hear_waits(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        self.one.ok("POST", "/v1/tenants/t-one/webhook_endpoints", {"url": receiver.url, "events": ["SUBSCRIPTION_UPDATED"]})
        answer = self.two.ask("POST", SWITCH + "/activate", {"scope": "global", **WHY})
        self.assertEqual(answer.status, 200, answer.text)
        wait("the other node to hear", lambda: self.one.ok("GET", SWITCH)["global"])
        self.happen("basic")
        first = wait("a killed delivery", lambda: self.delivery(()))
        self.assertEqual(first["state"]["code"], "killswitch.active")
        self.assertEqual(receiver.got, [])
        self.assertEqual(self.two.ok("GET", SWITCH)["epoch"], self.one.ok("GET", SWITCH)["epoch"])
        self.two.ok("POST", SWITCH + "/deactivate", {"scope": "global"})
        wait("the release to be heard", lambda: not self.one.ok("GET", SWITCH)["global"])
        # The database goes: the node knows that it knows nothing, and says so without asking it.
        self.postgres.crash()
        wait("the node to know that it hears nothing", lambda: not self.one.ok("GET", SWITCH)["known"])
        self.postgres.start()
        wait("the node to hear again", lambda: self.one.ok("GET", SWITCH)["known"])
        self.happen("pro")
        second = wait("a delivery", lambda: self.delivery((first["id"],)))
        self.assertEqual(second["status"], "delivered")


if __name__ == "__main__":
    unittest.main(verbosity=2)
