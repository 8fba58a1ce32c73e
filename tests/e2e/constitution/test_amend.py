"""Amending the constitution of real nodes: at once what only forbids more, later what may allow more, and never into a corner."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import BIN, PATIENCE, Node, NodeCase, wait
from postgres import Postgres
from test_identity import PASSWORD, Person, totp

AMEND, CONFIRM, PLAN, HISTORY = (f"/v1/constitution/{word}" for word in ("amend", "confirm", "plan", "history"))


def rule(name, law):
    return f'@id("{name}") @en("{name}.") @ar("قاعدة")\n{law}\n'


NO_RESTARTS = rule("no-restarts", 'forbid (principal, action == Action::"tenant.update_settings", resource);')
NOTHING = rule("nothing", "forbid (principal, action, resource);")


class Owner(Person):
    """The root owner with an app, and a recovery code for each act."""

    def __init__(self, node):
        super().__init__(node, "owner@example.org")
        with open(os.path.join(node.state, "enrolment.token"), encoding="ascii") as file:
            token = file.read().strip()
        answer = node.ask("POST", "/api/auth/enrol-owner", {"token": token, "email": self.email, "username": "owner", "password": PASSWORD, "language": "en"}, token=False)
        assert answer.status == 201, answer.text
        assert self.login().status == 200
        secret = self.ask("POST", "/api/auth/mfa/totp", {"label": "x"}).json["secret"]
        self.codes = self.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(secret)}).json["recovery_codes"]  # of this step: it may be the last one when it arrives

    def amend(self, text, **more):
        return self.ask("POST", AMEND, {"text": text, "code": self.codes.pop(), **more})

    def confirm(self, digest):
        return self.ask("POST", CONFIRM, {"digest": digest, "code": self.codes[-1]})


def text_of(node):
    return node.ok("GET", "/v1/constitution")["text"]


def version_of(node):
    return node.ok("GET", "/v1/constitution")["version"]


def ruled(answer):
    return answer.json.get("details", {}).get("rule")


def settings(node):
    return node.ask("POST", "/v1/tenants/clinic/update_settings", {"name": "Clinic"})


class Amending(NodeCase):
    def setUp(self):
        self.one = self.node()
        self.owner = Owner(self.one)
        self.one.tenant("clinic")
        self.genesis = text_of(self.one)

    def test_what_tightens_holds_at_once_and_survives_a_crash(self):
        node, owner = self.one, self.owner
        before = settings(node)
        self.assertNotEqual("no-restarts", ruled(before), before.text)
        plan = node.ok("POST", PLAN, {"text": self.genesis + NO_RESTARTS, "replay": 500})
        self.assertEqual(("1.0.0", "tightening", ["no-restarts"]), (plan["from"], plan["step"], plan["policies"]["forbids_added"]))
        self.assertIn('+@id("no-restarts")', plan["diff"])
        self.assertEqual("less permissive", plan["analysis"]["change"])
        self.assertIn("tenant.update_settings", plan["analysis"]["now_denied"]["request"])
        self.assertGreater(plan["replay"]["same"], 0)

        answer = owner.amend(self.genesis + NO_RESTARTS, reason="a trial")
        self.assertEqual(200, answer.status, answer.text)
        denied = settings(node)
        self.assertEqual((403, "gate.denied", "no-restarts"), (denied.status, denied.code, ruled(denied)), denied.text)
        self.assertEqual("قاعدة", denied.json["details"]["rule_ar"])
        node.kill()
        node.start()
        self.assertEqual("1.1.0", version_of(node))
        self.assertEqual(403, settings(node).status)
        # What was in force stays readable, and decisions say by which text they were made.
        self.assertEqual(self.genesis, node.ok("GET", "/v1/constitution?version=1.0.0")["text"])
        self.assertEqual(["1.1.0", "1.0.0"], [one["version"] for one in node.ok("GET", HISTORY)["items"]])
        node.tenant("bakery")
        self.assertEqual("1.1.0", node.ok("GET", "/v1/tenants/bakery/why")["decision"]["constitution"])
        self.assertEqual("1.0.0", node.ok("GET", "/v1/tenants/clinic/why")["decision"]["constitution"])

    def test_nobody_else_amends_and_the_owner_not_without_a_second_factor(self):
        node, owner, text = self.one, self.owner, self.genesis + NO_RESTARTS
        self.assertEqual("auth.owner_required", node.ask("POST", AMEND, {"text": text}).code)
        self.assertEqual(401, node.ask("POST", AMEND, {"text": text}, token=False).status)
        self.assertEqual("auth.mfa_required", owner.ask("POST", AMEND, {"text": text}).code)
        self.assertEqual("auth.mfa_failed", owner.ask("POST", AMEND, {"text": text, "code": "000000"}).code)
        used = owner.codes[-1]
        self.assertEqual(200, owner.amend(text).status)
        self.assertEqual("auth.mfa_failed", owner.ask("POST", AMEND, {"text": text + "// x\n", "code": used}).code)
        # No generic door leads there.
        for path in ("/v1/tenants/system/constitutions/platform/amend", "/v1/tenants/system/constitutions/platform/install"):
            self.assertEqual(404, owner.ask("POST", path, {"digest": "sha256:" + "0" * 64, "from": "1.1.0", "factor": "2fa"}).status)

    def test_a_text_that_does_not_hold_is_refused_with_each_place_and_nothing_changes(self):
        broken = self.genesis + '\n@id("x") permit (principal, action == Action::"no.such", resource);\n@id("x") forbid (principal,'
        answer = self.owner.ask("POST", AMEND, {"text": broken, "code": self.owner.codes[-1]})
        self.assertEqual((400, "constitution.invalid"), (answer.status, answer.code))
        self.assertRegex(answer.json["errors"][0]["path"], r"^\d+:\d+$")
        two = self.genesis + '\n@id("x") permit (principal, action == Action::"no.such", resource);\n@id("y") forbid (principal, action, resource) when { 1 };\n'
        self.assertGreaterEqual(len(self.owner.ask("POST", AMEND, {"text": two, "code": self.owner.codes[-1]}).json["errors"]), 3)
        self.assertEqual(("1.0.0", self.genesis), (version_of(self.one), text_of(self.one)))
        # The code was not used up.
        self.assertEqual(200, self.owner.amend(self.genesis + NO_RESTARTS).status)

    def test_what_may_allow_more_waits_and_a_text_that_forbids_everything_can_be_amended(self):
        node, owner = self.one, self.owner
        self.assertEqual(200, owner.amend(self.genesis + NOTHING).status)
        self.assertEqual("nothing", ruled(settings(node)))
        answer = owner.amend(self.genesis)
        self.assertEqual((202, "loosening", "1.1.0"), (answer.status, answer.json["step"], answer.json["from"]), answer.text)
        digest = answer.json["digest"]
        self.assertEqual("1.1.0", version_of(node))
        self.assertEqual(403, settings(node).status)
        self.assertEqual("constitution.too_early", owner.confirm(digest).code)
        self.assertEqual("auth.owner_required", node.ask("POST", CONFIRM, {"digest": digest}).code)
        self.assertEqual(digest, node.ok("GET", HISTORY)["draft"]["digest"])

        def confirmed():
            done = owner.confirm(digest)
            return done if done.code != "constitution.too_early" else None
        done = wait("the minute to pass", confirmed, limit=PATIENCE + 90)
        self.assertEqual(200, done.status, done.text)
        self.assertEqual("2.0.0", version_of(node))
        self.assertNotEqual("gate.denied", settings(node).json.get("code"))
        self.assertEqual("constitution.draft_gone", owner.confirm(digest).code)

    def test_recovery_on_the_host_puts_genesis_in_force_and_says_so_in_the_log(self):
        node, owner = self.one, self.owner
        self.assertEqual(200, owner.amend(self.genesis + NOTHING).status)
        novad = [os.path.join(BIN, "novad"), "--state", node.state]
        # Not while the node runs.
        busy = subprocess.run([*novad, "recover"], env=node.environment(), capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertNotEqual(0, busy.returncode, busy.stdout)
        node.terminate()
        checked = subprocess.run([*novad, "--check-upgrade"], env=node.environment(), capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual((0, True), (checked.returncode, "constitution 1.1.0: ok" in checked.stdout), checked.stdout + checked.stderr)
        # Without the node's key it is nobody's.
        key = os.path.join(node.state, "node.key")
        os.rename(key, key + ".away")
        keyless = subprocess.run([*novad, "recover"], env=node.environment(), capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertIn("vault.sealed", keyless.stderr)
        os.rename(key + ".away", key)
        done = subprocess.run([*novad, "recover", "--reason", "locked out"], env=node.environment(), capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        node.start()
        self.assertEqual(("2.0.0", self.genesis), (version_of(node), text_of(node)))
        last = node.events("system", "constitutions", "platform")[-1]
        self.assertIn("constitution.installed", json.dumps(last))
        self.assertIn("locked out", json.dumps(last))
        self.assertNotEqual("gate.denied", settings(node).json.get("code"))


class TwoNodes(NodeCase):
    def test_the_other_node_follows(self):
        postgres = Postgres()
        self.addCleanup(postgres.close)
        postgres.start()
        nodes = []
        for name in ("one", "two"):
            made = Node(extra_env={"NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": postgres.url(), "NOVA_NODE_NAME": name})
            self.addCleanup(made.close)
            if nodes:
                os.makedirs(made.state, 0o700)
                shutil.copy2(os.path.join(nodes[0].state, "node.key"), os.path.join(made.state, "node.key"))
            nodes.append(made.start())
        one, two = nodes
        owner = Owner(one)
        one.tenant("clinic")
        genesis = text_of(one)
        # One genesis, whoever came first.
        self.assertEqual(["1.0.0"], [line["version"] for line in two.ok("GET", HISTORY)["items"]])
        self.assertEqual(200, owner.amend(genesis + NO_RESTARTS).status)
        self.assertEqual("no-restarts", ruled(settings(one)))
        wait("the other node to follow", lambda: ruled(settings(two)) == "no-restarts")
        self.assertEqual("1.1.0", version_of(two))


class CommandLine(NodeCase):
    def test_plan_amend_and_history(self):
        node = self.node()
        owner = Owner(node)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        token, text = os.path.join(folder.name, "token"), os.path.join(folder.name, "mine.cedar")
        with open(os.open(token, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(owner.tokens["access_token"])
        with open(text, "w", encoding="utf-8") as file:
            file.write(text_of(node) + NO_RESTARTS)

        def ctl(*arguments):
            env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": folder.name, "NOVA_SERVER": f"http://127.0.0.1:{node.port}", "NOVA_TOKEN_FILE": token}
            return subprocess.run([os.path.join(BIN, "novactl"), "constitution", *arguments], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  encoding="utf-8", timeout=PATIENCE, check=False)
        plan = ctl("plan", text, "--exit-code")
        self.assertEqual(10, plan.returncode, plan.stderr)
        for words in ("forbids added: no-restarts", "less permissive", "takes effect at once", "decisions"):
            self.assertIn(words, plan.stdout)
        self.assertEqual(3, ctl("amend", text).returncode)
        done = ctl("amend", text, "--code", owner.codes.pop(), "--reason", "a trial")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("1.1.0", done.stdout)
        self.assertIn("1.1.0", ctl("history").stdout)
        self.assertNotIn("no-restarts", ctl("show", "--version", "1.0.0").stdout)
        self.assertIn("no-restarts", ctl("show").stdout)
        with open(text, "a", encoding="utf-8") as file:
            file.write("permit (")
        broken = ctl("plan", text)
        self.assertEqual(2, broken.returncode)
        self.assertRegex(broken.stderr, r"mine\.cedar:\d+:\d+")


if __name__ == "__main__":
    unittest.main()
