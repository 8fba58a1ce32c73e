"""Who governs the installation needs a second factor: before it is there, enrolling one is all that they may do."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Node, wait
from test_identity import PASSWORD, Person, totp


class Factor(unittest.TestCase):
    def setUp(self):
        self.node = Node(extra_env={"NOVA_SIGNIN_SECOND_FACTOR_FOR": "owner,admin"}).start()
        self.addCleanup(self.node.close)
        with open(os.path.join(self.node.state, "enrolment.token"), encoding="ascii") as file:
            token = file.read().strip()
        self.node.ok("POST", "/api/auth/enrol-owner", {"token": token, "email": "owner@example.org", "username": "owner", "password": PASSWORD, "language": "en"})
        self.owner = Person(self.node, "owner@example.org")
        self.assertEqual(self.owner.login().status, 200)

    def person(self, name):
        user = self.node.ok("POST", "/api/auth/register", {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "language": "en"})["user"]
        self.node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        person = Person(self.node, f"{name}@example.org")
        self.assertEqual(person.login().status, 200)
        return person

    def refused(self, person, method="GET", path="/v1/users?email=owner@example.org", body=None):
        answer = person.ask(method, path, body)
        self.assertEqual((answer.status, answer.code), (403, "auth.factor_required"), f"{path}: {answer.text}")

    def enrol(self, person):
        shared = person.ask("POST", "/api/auth/mfa/totp", {"label": "a test"})
        self.assertEqual(shared.status, 201, shared.text)
        done = person.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(shared.json["secret"])})
        self.assertEqual(done.status, 200, done.text)
        return shared.json["secret"], done.json["recovery_codes"]

    def test_the_owner_may_only_enrol_until_there_is_a_second_factor(self):
        self.node.tenant("clinic")
        for method, path, body in (("GET", "/api/owner/users", None), ("GET", "/v1/tenants", None), ("GET", "/v1/tenants/clinic/deployments", None), ("GET", "/api/permissions/me", None),
                                   ("POST", "/v1/tenants/clinic/suspend", {"reason": "a test"}), ("POST", "/api/tenants", {"slug": "mine", "name": "x"}),
                                   ("POST", "/api/auth/methods/device/disable", {"reason": "a test"})):
            self.refused(self.owner, method, path, body)
        self.assertEqual("active", self.node.ok("GET", "/api/tenants/clinic")["status"])
        self.assertEqual(404, self.node.ask("GET", "/api/tenants/mine").status)
        noted = lambda: [d for d in self.node.ok("GET", "/v1/tenants/system/denials?limit=1000")["items"] if d["state"]["code"] == "auth.factor_required" and d["state"]["who"] == self.owner.id]
        wait("the attempts to be on record", noted)
        for path in ("/v1/whoami", "/api/auth/mfa", "/api/auth/passkeys", "/api/auth/sessions"):
            self.assertEqual(200, self.owner.ask("GET", path).status, path)
        # An app that has not proved itself counts for nothing.
        shared = self.owner.ask("POST", "/api/auth/mfa/totp", {"label": "a test"})
        self.assertEqual(shared.status, 201, shared.text)
        self.refused(self.owner)
        self.assertEqual(200, self.owner.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(shared.json["secret"])}).status)
        self.assertEqual(200, self.owner.ask("GET", "/api/owner/users").status)  # the very next request, in the same session
        # Without it again, the owner is where they were.
        self.assertEqual(200, self.owner.ask("POST", "/api/auth/mfa/totp/remove", {"code": totp(shared.json["secret"], 1)}).status)
        self.refused(self.owner)

    def test_who_becomes_admin_needs_one_from_the_next_request_on_and_others_do_not(self):
        self.enrol(self.owner)
        admin, free = self.person("admin"), self.person("free")
        self.assertEqual(200, admin.ask("GET", "/api/permissions/me").status)
        self.assertEqual(200, self.owner.ask("PATCH", f"/api/owner/users/{admin.id}/role", {"role": "admin"}).status)
        self.refused(admin)
        self.refused(admin, "GET", "/api/permissions/me")
        self.enrol(admin)
        self.assertEqual(200, admin.ask("GET", "/v1/users?email=owner@example.org").status)
        self.assertEqual(200, free.ask("GET", "/api/permissions/me").status)
        self.assertEqual(200, self.owner.ask("PATCH", f"/api/owner/users/{free.id}/role", {"role": "support_agent"}).status)
        self.assertEqual(200, free.ask("GET", "/api/permissions/me").status)

    def test_the_nodes_own_service_goes_on(self):
        self.node.tenant("clinic")
        self.assertEqual("active", self.node.ok("GET", "/api/tenants/clinic")["status"])


class Enrolment(unittest.TestCase):
    """The token of the first start: good for a day, and whoever tries it without having it is on record."""

    def setUp(self):
        self.node = Node().start()
        self.addCleanup(self.node.close)
        self.file = os.path.join(self.node.state, "enrolment.token")

    def token(self):
        with open(self.file, encoding="ascii") as file:
            return file.read().strip()

    def enrol(self, token):
        return self.node.ask("POST", "/api/auth/enrol-owner", {"token": token, "email": "owner@example.org", "username": "owner", "password": PASSWORD, "language": "en"}, token=False)

    def tried(self, code):
        lines = self.node.ok("GET", "/v1/tenants/system/denials?limit=1000")["items"]
        return sum(line["state"]["count"] for line in lines if line["state"]["act"] == "user.enrol_owner" and line["state"]["code"] == code)

    def test_a_token_that_lay_there_for_a_day_is_replaced_at_the_next_start(self):
        first = self.token()
        self.node.interrupt()
        self.node.start()
        self.assertEqual(first, self.token())  # a restart alone changes nothing
        self.node.interrupt()
        yesterday = os.stat(self.file).st_mtime - 24 * 3600 - 1
        os.utime(self.file, (yesterday, yesterday))
        self.node.start()
        second = self.token()
        self.assertNotEqual(first, second)
        self.assertEqual(0o600, os.stat(self.file).st_mode & 0o777)
        refused = self.enrol(first)
        self.assertEqual((401, "auth.bad_credentials"), (refused.status, refused.code))
        wait("the attempt to be on record", lambda: self.tried("auth.bad_credentials") == 1)
        self.assertEqual(201, self.enrol(second).status)
        over = self.enrol(second)
        self.assertEqual((409, "auth.enrolment_over"), (over.status, over.code))
        wait("that attempt, too", lambda: self.tried("auth.enrolment_over") == 1)

    def test_a_flood_of_attempts_is_counted(self):
        for _ in range(40):
            self.assertEqual(401, self.enrol("nova_en_" + "0" * 64).status)
        wait("all of them to be counted", lambda: self.tried("auth.bad_credentials") == 40)
        lines = [line for line in self.node.ok("GET", "/v1/tenants/system/denials?limit=1000")["items"] if line["state"]["act"] == "user.enrol_owner"]
        self.assertEqual(1, len(lines))
        self.assertNotIn("nova_en_", str(self.node.ok("GET", "/v1/events?limit=1000")))
        self.assertEqual(201, self.enrol(self.token()).status)


if __name__ == "__main__":
    unittest.main()
