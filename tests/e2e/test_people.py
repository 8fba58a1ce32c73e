"""People by the command line on a real node: signing in, roles, keys, and what is kept of a session."""
import json
import os
import pty
import select
import stat
import subprocess
import tempfile
import unittest

from harness import BIN, HERE, PATIENCE, Node

PASSWORD = "correct horse 9 Battery"


class Person:
    """Somebody at a machine of their own: novactl with a configuration of its own."""

    def __init__(self, case, node, email):
        self.node, self.email = node, email
        self.home = tempfile.TemporaryDirectory(prefix="nv-p-")
        case.addClassCleanup(self.home.cleanup)
        self.env = {"PATH": os.environ["PATH"], "HOME": self.home.name, "LC_ALL": "C.UTF-8", "no_proxy": "127.0.0.1",
                    "NOVA_SERVER": f"http://127.0.0.1:{node.port}"}

    def start(self, *arguments):
        return subprocess.Popen([os.path.join(BIN, "novactl"), *arguments], env=self.env, cwd=self.home.name, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments, text=""):
        process = self.start(*arguments)
        out, err = process.communicate(text, timeout=PATIENCE)
        process.out, process.err = out, err
        return process

    def ok(self, *arguments, text=""):
        done = self.run(*arguments, text=text)
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.returncode} {done.err}")
        return done

    def json(self, *arguments):
        return json.loads(self.ok(*arguments, "-o", "json").out)

    def login(self, password=PASSWORD, *more):
        return self.run("login", self.email, "--password-stdin", *more, text=password + "\n")

    @property
    def file(self):
        folder = os.path.join(self.home.name, ".config", "novactl", "config.sessions")
        return next(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".json"))

    @property
    def kept(self):
        with open(self.file, encoding="utf-8") as file:
            return json.load(file)

    def forget_access(self):
        """As if the access token were over: the next request is refused with it."""
        kept = self.kept
        kept["access_token"] = "over"
        with open(self.file, "w", encoding="utf-8") as file:
            json.dump(kept, file)


class People(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node().start()
        cls.addClassCleanup(cls.node.close)
        cls.owner = Person(cls, cls.node, "owner@example.org")
        cls.enrolment = os.path.join(cls.node.state, "enrolment.token")
        with open(cls.enrolment, encoding="ascii") as file:
            cls.enrolment_token = file.read().strip()
        done = cls.owner.login(PASSWORD, "--enrol", cls.enrolment, "--username", "Olga")
        assert done.returncode == 0, done.err
        cls.node.tenant("clinic")
        cls.node.tenant("bakery")
        cls.count = 0

    def person(self, tenant=None, role="viewer"):
        type(self).count += 1
        person = Person(type(self), self.node, f"person-{self.count}@example.org")
        self.owner.ok("users", "register", person.email, "--username", "P", "--password-stdin", text=PASSWORD + "\n")
        self.owner.ok("users", "verify", person.email)
        self.assertEqual(person.login().returncode, 0)
        if tenant:
            user = person.kept["user"]
            self.owner.ok("command", f"membership/{user}", "invite", "-t", tenant, "--set", f"role={role}")
            person.ok("command", f"membership/{user}", "accept", "-t", tenant)
        return person

    def call(self, secret, method, path, body=None, headers=None):
        return self.node.ask(method, path, body, {"Authorization": "Bearer " + secret, **(headers or {})}, token=False)

    def test_the_owner_enrols_and_is_who_they_are(self):
        who = self.owner.json("whoami")
        self.assertEqual((who["type"], who["role"], who["root_owner"]), ("user", "owner", True))
        self.assertEqual(who["user"]["state"]["account"]["email"], self.owner.email)
        self.assertIn("Olga", json.dumps(who))
        self.assertIn("the root owner", self.owner.ok("whoami").out)
        again = Person(type(self), self.node, "second@example.org")
        done = again.run("login", again.email, "--enrol", "-", "--password-stdin", text=self.enrolment_token + "\n" + PASSWORD + "\n")
        self.assertEqual(done.returncode, 5, done.err)
        self.assertIn("auth.enrolment_over", done.err)

    def test_the_operators_token_goes_on_working_beside_sessions(self):
        machine = Person(type(self), self.node, "")
        token = os.path.join(self.node.state, "operator.token")
        self.assertIn("operator", machine.ok("--token-file", token, "whoami").out)
        done = machine.run("whoami")
        self.assertEqual(done.returncode, 3, done.err)
        self.assertIn("novactl login", done.err)

    def test_tokens_lie_in_a_file_that_only_their_owner_can_read(self):
        person = self.person()
        self.assertEqual(stat.S_IMODE(os.stat(person.file).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(person.file)).st_mode), 0o700)
        os.chmod(person.file, 0o644)
        done = person.run("whoami")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("config.readable_by_others", done.err)
        os.chmod(person.file, 0o600)
        person.ok("whoami")
        secrets = [person.kept["access_token"], person.kept["refresh_token"], PASSWORD]
        for arguments in (("whoami",), ("config", "show", "--origin"), ("sessions", "list", "-o", "json"), ("users", "show", "me", "-o", "json")):
            done = person.ok(*arguments)
            for secret in secrets:
                self.assertNotIn(secret, done.out + done.err)

    def test_programs_that_refresh_at_once_keep_the_session(self):
        person = self.person()
        person.ok("whoami")
        before = person.kept
        person.forget_access()
        running = [person.start("whoami", "-o", "json") for _ in range(6)]
        for process in running:
            out, err = process.communicate(timeout=PATIENCE)
            self.assertEqual(process.returncode, 0, err)
            self.assertEqual(json.loads(out)["session"], before["session"])
        session = next(s for s in person.json("sessions", "list")["items"] if s["id"] == before["session"])
        self.assertEqual((session["status"], session["state"]["generation"]), ("active", 2))
        self.assertNotEqual(person.kept["refresh_token"], before["refresh_token"])
        self.assertEqual(stat.S_IMODE(os.stat(person.file).st_mode), 0o600)

    def test_signing_out_ends_the_session_at_the_node(self):
        person = self.person()
        access = person.kept["access_token"]
        self.assertEqual(self.call(access, "GET", "/v1/whoami").status, 200)
        person.ok("logout")
        self.assertEqual(self.call(access, "GET", "/v1/whoami").status, 401)
        self.assertEqual(person.run("whoami").returncode, 3)

    def test_a_suspended_person_is_out_at_the_very_next_request(self):
        person = self.person()
        access = person.kept["access_token"]
        self.assertEqual(self.call(access, "GET", "/v1/whoami").status, 200)
        done = self.owner.run("users", "suspend", person.email, "-y")
        self.assertEqual(done.returncode, 2, done.err)
        self.assertIn("user.reason_required", done.err)
        self.owner.ok("users", "suspend", person.email, "-y", "--reason", "under review")
        answer = self.call(access, "GET", "/v1/whoami")
        self.assertEqual((answer.status, answer.code), (403, "user.suspended"))
        self.assertEqual(person.run("whoami").returncode, 3)
        self.assertIn("under review", self.owner.ok("users", "show", person.email).out)
        self.owner.ok("users", "reactivate", person.email, "--reason", "cleared")
        person.login()
        person.ok("whoami")

    def test_a_role_and_an_override_say_why(self):
        person = self.person("clinic", "staff")
        self.assertEqual(person.run("users", "list").returncode, 6)  # it does not exist for them
        def why(user, name, tenant="clinic"):
            answer = self.owner.json("roles", "why", user, "-t", tenant)
            return next((i["allow"], i["rule"]) for i in answer["permissions"] + answer["capabilities"] if i["name"] == name)
        self.assertEqual(why(person.email, "users:read"), (False, "default_deny"))
        self.assertEqual(why(person.email, "app.deploy"), (True, "tenant_role.staff"))
        self.assertEqual(why(person.email, "app.deploy", "bakery"), (False, "default_deny"))
        self.owner.ok("users", "role", person.email, "admin", "--reason", "joins")
        self.assertEqual(why(person.email, "users:read"), (True, "role.admin"))
        person.ok("users", "list")
        self.owner.ok("users", "override", person.email, "users:read", "deny")
        self.assertEqual(why(person.email, "users:read"), (False, "override.deny"))
        self.assertNotEqual(person.run("users", "list").returncode, 0)
        self.owner.ok("users", "override", person.email, "users:read", "clear")
        person.ok("users", "list")
        self.owner.ok("users", "permissions", person.email, "audit:read")
        self.assertEqual(why(person.email, "audit:read")[0], True)
        mine = person.json("roles", "why")
        self.assertTrue(next(i for i in mine["permissions"] if i["name"] == "audit:read")["allow"])
        self.owner.ok("users", "suspend", person.email, "-y", "--reason", "a test")
        self.assertEqual(why(person.email, "users:read"), (False, "user.suspended"))
        done = self.owner.run("users", "role", person.email, "emperor")
        self.assertIn("user.unknown_role", done.err)
        self.assertIn("user.unknown_permission", self.owner.run("users", "permissions", person.email, "all:things").err)

    def test_others_rights_are_for_who_may_read_accounts(self):
        person, other = self.person(), self.person()
        done = person.run("roles", "why", other.kept["user"])
        self.assertEqual(done.returncode, 3, done.err)
        self.assertEqual(person.run("users", "show", other.email).returncode, 3)
        answer = self.call(person.kept["access_token"], "GET", "/v1/users?email=owner@example.org")
        self.assertEqual(answer.status, 403)
        check = self.call(person.kept["access_token"], "POST", "/api/permissions/check", {"permission": "data.export", "tenant": "clinic"})
        self.assertEqual((check.status, check.json["allow"]), (200, False))
        check = self.call(person.kept["access_token"], "POST", "/api/permissions/check", {"permission": "data.import"})
        self.assertEqual(check.code, "user.unknown_permission")

    def test_the_matrix_as_served_equals_the_data_file(self):
        person = self.person()
        served = self.call(person.kept["access_token"], "GET", "/api/permissions/definitions").json
        with open(os.path.join(HERE, "..", "..", "config", "permissions.json"), encoding="utf-8") as file:
            data = json.load(file)
        self.assertEqual(served, {name: data[name] for name in served})
        for name in ("platform_roles", "platform_permissions", "api_scopes", "tenant_roles", "tenant_capability_matrix", "sovereign_workspace_permissions"):
            self.assertIn(name, served)
        roles = person.json("roles", "list")
        self.assertEqual([role["name"] for role in roles["platform_roles"]], data["platform_roles"])
        self.assertEqual(len(roles["tenant_capability_matrix"]["capabilities"]), 14)
        workspace = {role["name"]: role["permissions"] for role in roles["sovereign_workspace_roles"]}
        self.assertEqual(workspace["ROOT_OWNER"], data["sovereign_workspace_permissions"])
        self.assertEqual(list(workspace), ["ROOT_OWNER", "SOVEREIGN_ADMIN", "SOVEREIGN_OPERATOR", "AUDITOR"])

    def test_a_key_is_made_used_rotated_and_revoked(self):
        admin = self.person("clinic", "admin")
        made = admin.ok("keys", "create", "lifecycle", "--scope", "platform.read", "--expires", "30d", "-q")
        secret = made.out.strip()
        self.assertRegex(secret, r"^nova_[A-Za-z0-9_-]{49}$")
        self.assertNotIn(secret, made.err)
        self.assertEqual(self.call(secret, "GET", "/v1/tenants/clinic/deployments").status, 200)
        who = self.call(secret, "GET", "/v1/whoami").json
        self.assertEqual((who["type"], who["key"]["scopes"], who["key"]["tenant"]), ("api_key", ["platform.read"], "clinic"))
        # It is for reading, and for one tenant.
        answer = self.call(secret, "POST", "/v1/tenants/clinic/update_settings", {"name": "x"})
        self.assertEqual(answer.status, 403, answer.text)
        self.assertEqual(self.call(secret, "GET", "/v1/tenants/bakery/deployments").status, 404)

        key = next(k["id"] for k in admin.json("keys", "list", "-t", "clinic")["items"] if k["state"]["name"] == "lifecycle")
        self.assertNotIn(secret, json.dumps(admin.json("keys", "show", key, "-t", "clinic")))
        second = admin.ok("keys", "rotate", key, "-t", "clinic", "-q").out.strip()
        self.assertNotEqual(second, secret)
        for good in (secret, second):  # the first for 24 hours more
            self.assertEqual(self.call(good, "GET", "/v1/tenants/clinic/deployments").status, 200)
        admin.ok("keys", "suspend", key, "-t", "clinic", "-y")
        self.assertEqual(self.call(second, "GET", "/v1/tenants/clinic/deployments").status, 403)
        admin.ok("keys", "activate", key, "-t", "clinic")
        self.assertEqual(self.call(second, "GET", "/v1/tenants/clinic/deployments").status, 200)
        admin.ok("keys", "revoke", key, "-t", "clinic", "-y", "--reason", "a test")
        for gone in (secret, second):
            answer = self.call(gone, "GET", "/v1/tenants/clinic/deployments")
            self.assertEqual((answer.status, answer.code), (401, "auth.required"), answer.text)

    def test_a_key_ends_with_its_makers_rights(self):
        admin = self.person("clinic", "admin")
        secret = admin.ok("keys", "create", "ci", "--scope", "platform.read", "-q").out.strip()
        self.assertEqual(self.call(secret, "GET", "/v1/tenants/clinic/deployments").status, 200)
        self.owner.ok("users", "suspend", admin.email, "-y", "--reason", "a test")
        answer = self.call(secret, "GET", "/v1/tenants/clinic/deployments")
        self.assertEqual((answer.status, answer.code), (403, "user.suspended"))
        self.owner.ok("users", "reactivate", admin.email)
        self.assertEqual(self.call(secret, "GET", "/v1/tenants/clinic/deployments").status, 200)
        self.owner.ok("command", f"membership/{admin.kept['user']}", "remove", "-t", "clinic", "-y")
        self.assertEqual(self.call(secret, "GET", "/v1/tenants/clinic/deployments").status, 403)

    def test_no_key_makes_a_stronger_one(self):
        admin = self.person("clinic", "admin")
        secret = admin.ok("keys", "create", "maker", "--scope", "api_keys.manage", "--scope", "platform.read", "-q").out.strip()
        path = "/v1/tenants/clinic/api_keys"
        answer = self.call(secret, "POST", path, {"name": "child", "scopes": ["platform.read"]})
        self.assertEqual(answer.status, 201, answer.text)
        answer = self.call(secret, "POST", path, {"name": "child", "scopes": ["platform.delete"]})
        self.assertEqual((answer.status, answer.code), (403, "api_key.scope_above_creator"))
        answer = self.call(admin.kept["access_token"], "POST", path, {"name": "x", "scopes": ["moon.walk"]})
        self.assertEqual(answer.code, "api_key.unknown_scope", answer.text)
        answer = self.call(admin.kept["access_token"], "POST", path, {"name": "x", "scopes": ["platform.read"], "user": self.owner.kept["user"]})
        self.assertEqual((answer.status, answer.code), (403, "access.denied"))
        viewer = self.person("clinic", "viewer")
        answer = self.call(viewer.kept["access_token"], "POST", path, {"name": "x", "scopes": ["platform.read"]})
        self.assertEqual((answer.status, answer.code), (403, "access.denied"))
        stranger = self.person("bakery", "owner")
        answer = self.call(stranger.kept["access_token"], "POST", path, {"name": "x", "scopes": ["platform.read"]})
        self.assertEqual((answer.status, answer.code), (404, "tenant.not_found"))

    def test_a_secret_stands_in_exactly_one_answer(self):
        admin = self.person("clinic", "admin")
        access = admin.kept["access_token"]
        headers = {"Idempotency-Key": "once", "X-Tenant-Id": "clinic"}
        body = {"name": "ci", "scopes": ["platform.read"]}
        first = self.call(access, "POST", "/api/api-keys", body, headers)
        self.assertEqual(first.status, 201, first.text)
        self.assertEqual(first.headers.get("Cache-Control"), "no-store")
        secret = first.json["key"]
        again = self.call(access, "POST", "/api/api-keys", body, headers)
        self.assertEqual((again.status, again.code), (409, "api_key.already_shown"), again.text)
        tenant = {"X-Tenant-Id": "clinic"}
        for path in ("/api/api-keys", f"/api/api-keys/{first.json['id']}/usage", f"/v1/tenants/clinic/api_keys/{first.json['id']}",
                     f"/v1/tenants/clinic/api_keys/{first.json['id']}/events", "/api/api-keys/scopes"):
            answer = self.call(access, "GET", path, headers=tenant)
            self.assertEqual(answer.status, 200, path + answer.text)
            self.assertNotIn(secret, answer.text)
        self.assertIn(first.json["id"], self.call(access, "GET", "/api/api-keys", headers=tenant).text)
        self.assertEqual(self.call(access, "GET", "/api/api-keys").code, "tenant.required")
        self.assertEqual(self.call(access, "GET", "/api/api-keys", headers={"X-Tenant-Id": "bakery"}).status, 404)
        gone = self.call(access, "DELETE", f"/api/api-keys/{first.json['id']}", headers=tenant)
        self.assertEqual(gone.status, 200, gone.text)
        self.assertEqual(self.call(secret, "GET", "/v1/whoami").status, 401)

    def test_sessions_are_listed_and_ended(self):
        laptop = self.person()
        phone = Person(type(self), self.node, laptop.email)
        self.assertEqual(phone.login(PASSWORD, "--device-name", "phone").returncode, 0)
        devices = [s["state"]["device"] for s in laptop.json("sessions", "list")["items"]]
        self.assertIn("phone", devices)
        laptop.ok("sessions", "revoke", "--others", "-y")
        self.assertEqual(phone.run("whoami").returncode, 3)
        laptop.ok("whoami")
        self.owner.ok("sessions", "revoke", "--user", laptop.email, "--all", "-y", "--reason", "lost laptop")
        self.assertEqual(laptop.run("whoami").returncode, 3)
        other = self.person()
        done = self.person().run("sessions", "revoke", other.kept["session"], "-y")
        self.assertIn(done.returncode, (3, 6))
        other.ok("whoami")

    def test_a_password_that_is_typed_is_not_shown(self):
        person = self.person()
        mine, theirs = pty.openpty()
        process = subprocess.Popen([os.path.join(BIN, "novactl"), "login", person.email], env=person.env, cwd=person.home.name, stdin=theirs, stdout=theirs,
                                   stderr=theirs, start_new_session=True)
        os.close(theirs)
        seen = b""
        def until(text):
            nonlocal seen
            while text not in seen:
                ready, _, _ = select.select([mine], [], [], PATIENCE)
                self.assertTrue(ready, f"no {text} after {seen}")
                seen += os.read(mine, 4096)
        self.addCleanup(process.kill)
        until(b"Password: ")
        os.write(mine, PASSWORD.encode() + b"\n")
        until(b"signed in as")
        self.assertEqual(process.wait(PATIENCE), 0)
        os.close(mine)
        self.assertNotIn(PASSWORD.encode(), seen)

    def test_no_secret_stands_in_log_store_or_answers(self):
        admin = self.person("clinic", "admin")
        secret = admin.ok("keys", "create", "canary", "--scope", "platform.read", "-q").out.strip()
        self.owner.ok("users", "show", admin.email)  # the address in a query
        admin.forget_access()
        admin.ok("whoami")
        canaries = [secret, PASSWORD, admin.kept["refresh_token"], admin.kept["access_token"], admin.email, self.enrolment_token]
        shown = self.node.ok("GET", "/v1/events?limit=1000"), self.node.ok("GET", "/v1/tenants/clinic/api_keys")
        for canary in canaries:
            self.assertNotIn(canary, json.dumps(shown))
        scanned = set()
        for folder, _, files in os.walk(self.node.state):
            for name in files:
                path = os.path.join(folder, name)
                if not os.path.isfile(path):
                    continue
                with open(path, "rb") as file:
                    data = file.read()
                for canary in canaries:
                    self.assertNotIn(canary.encode(), data, f"{path} holds a secret")
                if data:
                    scanned.add(name)
        self.assertLessEqual({"novad.log", "nova.db", "vault.db"}, scanned)


if __name__ == "__main__":
    unittest.main()
