"""What people decide in the console (console/tests/e2e/acts.mjs): approvals by two people, the kill switch, the constitution, blueprints,
deployments; on a real node with the clinic and a shop in production."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import browser
import console_run
from harness import Node, free_port, wait
from test_identity import PASSWORD, Person, totp

GATES = """
gates:
  production-destruction:
    en: Two must agree before anything in production is destroyed.
    ar: يجب أن يوافق اثنان قبل إتلاف أي شيء في بيئة الإنتاج.
    expiry: 30m
    second_factor: true
    groups:
      - {name: admins, roles: [tenant:admin]}
      - {name: owners, roles: [platform:admin]}
"""


class ConsoleActs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nv-acts-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        gates = os.path.join(self.folder, "gates.yaml")
        with open(gates, "w", encoding="utf-8") as file:
            file.write(GATES)
        self.node = Node(extra_env={"NOVA_GOVERNANCE_GATES_FILE": gates})
        self.addCleanup(self.node.close)
        self.node.start()

    def enrol_app(self, person):
        """Codes of an app that was added: what a plan needs to sign in as them, and to prove it again for each act."""
        secret = person.ask("POST", "/api/auth/mfa/totp", {"label": "x"}).json["secret"]
        codes = person.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(secret, -1)}).json["recovery_codes"]
        return {"email": person.email, "password": PASSWORD, "secret": secret, "codes": codes}

    def owner(self):
        person = Person(self.node, "olga@example.org")
        with open(os.path.join(self.node.state, "enrolment.token"), encoding="ascii") as file:
            token = file.read().strip()
        answer = self.node.ask("POST", "/api/auth/enrol-owner", {"token": token, "email": person.email, "username": "Olga Stein", "password": PASSWORD, "language": "en"}, token=False)
        self.assertEqual(answer.status, 201, answer.text)
        self.assertEqual(person.login().status, 200)
        return self.enrol_app(person)

    def person(self, name, role=None, platform=None, app=True):
        user = self.node.ok("POST", "/api/auth/register", {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "language": "en"})["user"]
        self.node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        person = Person(self.node, f"{name}@example.org")
        self.assertEqual(person.login().status, 200)
        if role:
            self.node.ok("POST", f"/v1/tenants/shop/memberships/{user}/invite", {"role": role})
            self.assertEqual(person.ask("POST", f"/v1/tenants/shop/memberships/{user}/accept", {}).status, 200)
        if platform:
            self.node.ok("POST", f"/v1/tenants/system/users/{user}/change_role", {"role": platform})
        return self.enrol_app(person) if app else {"email": person.email, "password": PASSWORD}

    def test_what_people_decide(self):
        node = self.node
        console_run.apply_clinic(node, self.folder)
        node.tenant("shop", "pro")
        health = {"http": "/health", "interval": "200ms", "timeout": "2s", "healthy": 2, "unhealthy": 2, "start_timeout": "60s"}
        node.apply(node.blueprint("shop", "shop", {"web": node.service(free_port(), health=health)}))
        for name in ("front", "side"):
            node.apply(node.blueprint("shop", name, {"web": node.service(free_port(), health=health)}, "production"))
        node.wait_deployment("shop", "shop")
        for name in ("front", "side"):
            wait(f"{name} to run", lambda name=name: node.deployment("shop", name, "production")["status"] == "running")
        walk = console_run.Walk("acts.mjs", {
            "site": f"http://localhost:{node.port}", "token": node.token, "owner": self.owner(), "asker": self.person("dana", "staff", app=False),
            "admin": self.person("vera", "admin"), "operator": self.person("omar", platform="admin")}, self.folder)
        self.addCleanup(walk.close)
        code, said = walk.end()
        self.assertEqual(code, 0, said)


if __name__ == "__main__":
    if not browser.program():
        print("SKIP e2e_console_acts: there is no Chromium")
    elif not console_run.is_built():
        print("SKIP e2e_console_acts: the console is not built")
    else:
        unittest.main()
