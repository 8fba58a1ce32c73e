"""What is sealed: one vault for two nodes on one PostgreSQL, a node without its key, and the secrets of tenants."""
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from harness import BIN, PATIENCE, Node, NodeCase, Refused, free_port, wait
from postgres import Postgres
from test_identity import PASSWORD, Person, totp


def enrol(node, email="owner@example.org"):
    with open(os.path.join(node.state, "enrolment.token"), encoding="ascii") as file:
        token = file.read().strip()
    return node.ask("POST", "/api/auth/enrol-owner", {"token": token, "email": email, "username": "owner", "password": PASSWORD, "language": "en"}, token=False)


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def files_holding(folder, text):
    """Names of the files that hold the text, and of all that were looked at."""
    found, seen = set(), set()
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    data = file.read()
                seen.add(name)
                if text.encode() in data:
                    found.add(name)
    return found, seen


class TwoNodes(NodeCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.close)
        cls.postgres.start()
        cls.one, cls.two = cls.make("one"), cls.make("two")
        cls.one.start()
        # The key goes by hand from node to node, and nothing else does.
        os.makedirs(cls.two.state, 0o700)
        shutil.copy2(os.path.join(cls.one.state, "node.key"), os.path.join(cls.two.state, "node.key"))
        cls.two.start()
        assert enrol(cls.one).status == 201
        cls.owner = Person(cls.one, "owner@example.org")
        wait("the owner on the other node", lambda: Person(cls.two, "owner@example.org").login().status == 200)
        assert cls.owner.login().status == 200
        cls.one.tenant("clinic")

    @classmethod
    def make(cls, name):
        node = Node(extra_env={"NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": cls.postgres.url(), "NOVA_NODE_NAME": name})
        cls.addClassCleanup(node.close)
        return node

    def on(self, node, person):
        """The same person with the same tokens at another node."""
        there = Person(node, person.email)
        there.tokens = person.tokens
        return there

    def one_has_heard_of_two(self):
        """Whoever knows of a session knows of what was committed before it; a feed that is a second old refuses (tests/authority/feed_test.cpp)."""
        marker = Person(self.two, "owner@example.org")
        self.assertEqual(200, marker.login().status)
        here = self.on(self.one, marker)
        wait("the first node to hear of the second", lambda: here.ask("GET", "/v1/whoami").status == 200)

    def person(self, email):
        answer = self.one.ask("POST", "/api/auth/register", {"email": email, "username": email, "password": PASSWORD, "language": "en"}, token=False)
        self.assertEqual(201, answer.status, answer.text)
        self.one.ok("POST", f"/v1/tenants/system/users/{answer.json['user']}/verify", {})
        person = Person(self.one, email)
        self.assertEqual(200, person.login().status)
        return person

    def test_no_node_keeps_a_vault_of_its_own(self):
        for node in (self.one, self.two):
            self.assertIn("node.key", os.listdir(node.state))
            self.assertNotIn("vault.db", os.listdir(node.state))
        sealed = self.postgres.sql("SELECT count(*) FROM nova.vault_secrets WHERE sealed IS NOT NULL")
        self.assertGreater(int(sealed), 2)

    def test_a_token_is_good_on_both_and_ends_on_both(self):
        amy = self.person("amy@example.org")
        there = self.on(self.two, amy)
        who = wait("the session on the other node", lambda: (lambda a: a if a.status == 200 else None)(there.ask("GET", "/v1/whoami")))
        self.assertEqual(amy.id, who.json["principal"])
        # Her address was sealed by the one and is opened by the other.
        self.assertEqual("amy@example.org", who.json["user"]["state"]["account"]["email"])
        self.assertEqual(self.one.ask("GET", "/.well-known/jwks.json").json, self.two.ask("GET", "/.well-known/jwks.json").json)
        refreshed = Person(self.two, amy.email)
        refreshed.tokens = amy.tokens
        self.assertEqual(200, refreshed.refresh().status)
        # Ended on two, it is over on one.
        self.assertEqual(200, refreshed.ask("POST", "/api/auth/logout", {}).status)
        self.one_has_heard_of_two()
        self.assertEqual(401, self.on(self.one, refreshed).ask("GET", "/v1/whoami").status)

    def test_a_second_factor_enrolled_on_one_is_asked_for_by_the_other(self):
        ben = self.person("ben@example.org")
        secret = ben.ask("POST", "/api/auth/mfa/totp", {"label": ben.email}).json["secret"]
        verified = ben.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(secret, -1)})
        self.assertEqual(200, verified.status, verified.text)
        there = Person(self.two, ben.email)

        def asked():
            answer = there.login()
            return answer if answer.code == "auth.mfa_required" else None
        flow = wait("the second factor on the other node", asked).json["details"]["flow"]
        answer = self.two.ask("POST", "/api/auth/login/code", {"flow": flow, "code": totp(secret)}, token=False)
        self.assertEqual(200, answer.status, answer.text)
        # A recovery code that was used there is used up here.
        recovery = verified.json["recovery_codes"][0]
        flow = there.login().json["details"]["flow"]
        self.assertEqual(200, self.two.ask("POST", "/api/auth/login/code", {"flow": flow, "code": recovery}, token=False).status)
        here = Person(self.one, ben.email)
        flow = here.login().json["details"]["flow"]
        self.assertEqual("auth.mfa_failed", self.one.ask("POST", "/api/auth/login/code", {"flow": flow, "code": recovery}, token=False).code)

    def test_an_api_key_made_on_one_opens_the_other_until_it_is_revoked(self):
        made = self.owner.ask("POST", "/api/api-keys?tenant=clinic", {"name": "robot", "scopes": ["platform.read"]})
        self.assertEqual(201, made.status, made.text)
        header = {"Authorization": "Bearer " + made.json["key"]}

        def status(node):
            return node.ask("GET", "/v1/whoami", None, header, token=False).status
        wait("the key on the other node", lambda: status(self.two) == 200)
        self.two.ok("DELETE", f"/api/api-keys/{made.json['id']}?tenant=clinic")
        self.assertEqual(401, status(self.two))
        self.one_has_heard_of_two()
        self.assertEqual(401, status(self.one))

    def test_the_last_places_for_keys_go_to_as_many_as_there_are_whichever_node_is_asked(self):
        self.one.tenant("narrow")
        wait("the tenant on the other node", lambda: self.on(self.two, self.owner).ask("GET", "/api/tenants/narrow").status == 200)

        def create(number):
            node = (self.one, self.two)[number % 2]
            def ask():
                return self.on(node, self.owner).ask("POST", "/api/api-keys?tenant=narrow", {"name": f"robot {number}", "scopes": ["platform.read"]})
            # A node that has not heard from the log for a second says so, and is asked again.
            return wait("an answer", lambda: (lambda answer: answer if answer.code != "authority.stale" else None)(ask()))
        for _ in range(8):
            self.assertEqual(201, create(0).status)
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(create, range(16)))
        codes = [(answer.status, answer.code if answer.status != 201 else "") for answer in answers]
        self.assertEqual({(201, ""): 2, (429, "api_key.limit"): 14}, {code: codes.count(code) for code in set(codes)})
        wait("all keys on each node", lambda: all(10 == node.ok("GET", "/api/api-keys/config?tenant=narrow")["keys"] for node in (self.one, self.two)))
        # What is revoked makes room for one.
        made = [answer.json["id"] for answer in answers if answer.status == 201]
        self.one.ok("DELETE", f"/api/api-keys/{made[0]}?tenant=narrow")
        with ThreadPoolExecutor(8) as pool:
            again = [answer.status for answer in pool.map(create, [0] * 8)]
        self.assertEqual([201] + [429] * 7, sorted(again))

    def test_a_node_with_another_key_keeps_its_vault_shut_and_says_whose_is_needed(self):
        stranger = self.make("three")
        os.makedirs(stranger.state, 0o700)
        with open(os.open(os.path.join(stranger.state, "node.key"), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(b"k" * 32)
        stranger.start()
        fingerprint = self.postgres.sql("SELECT fingerprint FROM nova.vault_mark")
        answer = Person(stranger, "owner@example.org").login()
        self.assertEqual((503, "vault.sealed"), (answer.status, answer.code), answer.text)
        self.assertIn(fingerprint, answer.text)
        answer = self.on(stranger, self.owner).ask("GET", "/v1/whoami")
        self.assertEqual((503, "vault.sealed"), (answer.status, answer.code), answer.text)
        # Nothing was sealed under its key, and the others never noticed.
        self.assertEqual(200, self.on(self.two, self.owner).ask("GET", "/v1/whoami").status)
        # With the right key it is one of them.
        stranger.terminate()
        shutil.copy2(os.path.join(self.one.state, "node.key"), os.path.join(stranger.state, "node.key"))
        stranger.start()
        wait("the third node", lambda: self.on(stranger, self.owner).ask("GET", "/v1/whoami").status == 200)


class Sealed(NodeCase):
    def test_without_its_key_a_node_says_so_and_everything_else_goes_on(self):
        node = self.node()
        self.assertEqual(201, enrol(node).status)
        owner = Person(node, "owner@example.org")
        self.assertEqual(200, owner.login().status)
        node.tenant("clinic")

        def found():
            return node.ask("POST", "/v1/tenants/school/create", {"name": "school"}, {"Idempotency-Key": "once"})
        self.assertEqual(200, found().status)
        before = node.ok("GET", "/v1/tenants/clinic")
        key = os.path.join(node.state, "node.key")
        node.terminate()
        os.rename(key, key + ".away")
        node.start()
        sealed = (503, "vault.sealed")

        def said(answer):
            return answer.status, answer.code
        self.assertEqual(sealed, said(Person(node, owner.email).login()))
        self.assertEqual(sealed, said(owner.ask("GET", "/v1/whoami")))
        self.assertEqual(sealed, said(owner.refresh()))
        for method, path, body in (
                ("GET", f"/v1/tenants/system/users/{owner.id}", None), ("GET", "/v1/tenants/system/users", None),
                ("GET", "/v1/users?email=owner@example.org", None), ("GET", "/.well-known/jwks.json", None),
                ("POST", "/api/auth/register", {"email": "x@example.org", "username": "x", "password": PASSWORD, "language": "en"}),
                ("POST", "/v1/tenants/clinic/secrets/db/create", {"value": "swordfish"}),
                ("POST", "/api/api-keys?tenant=clinic", {"name": "robot", "scopes": ["platform.read"], "user": owner.id}),
                ("POST", "/v1/limits/blocks", {"address": "192.0.2.7", "seconds": 60})):
            answer = node.ask(method, path, body)
            self.assertEqual(sealed, said(answer), f"{method} {path}: {answer.text}")
        # Nobody can tell a repeat from another request, and none is called wrong for it.
        self.assertEqual(sealed, said(found()))
        # What needs no secret: the operator, reads, and changes.
        self.assertEqual(before, node.ok("GET", "/v1/tenants/clinic"))
        node.tenant("bakery")
        self.assertFalse(os.path.exists(key))
        doctor = node.ask("GET", "/v1/doctor")
        self.assertIn("vault.sealed", doctor.text)
        node.terminate()
        os.rename(key + ".away", key)
        node.start()
        self.assertEqual(200, owner.ask("GET", "/v1/whoami").status)
        self.assertEqual(200, owner.login().status)
        again = found()
        self.assertEqual((200, True), (again.status, again.json["replayed"]), again.text)


class Secrets(NodeCase):
    CANARY = "canary-7f3a91c4e2-swordfish"

    def setUp(self):
        self.one = self.node()
        for tenant in ("clinic", "bakery"):
            self.one.tenant(tenant)

    def secret(self, name="db", tenant="clinic"):
        return self.one.ok("GET", f"/v1/tenants/{tenant}/secrets/{name}")

    def erased(self, name="db"):
        return wait("the vault to erase it", lambda: self.secret(name)["state"]["erasures"] == [])

    def vault_holds(self, reference):
        """Whether the vault still has bytes for a version; its rows stay, so that no number is given twice."""
        path, version = reference.removeprefix("secret://").split("@")
        with sqlite3.connect(f"file:{self.one.state}/vault.db?mode=ro", uri=True) as db:
            row = db.execute("SELECT sealed FROM secrets WHERE path=? AND version=?", (path, int(version))).fetchone()
        return row[0] if row else None

    def test_a_value_goes_in_and_never_comes_out(self):
        node, canary = self.one, self.CANARY
        path = "/v1/tenants/clinic/secrets/db"
        answers = [node.ask("POST", path + "/create", {"value": canary + "1", "name": "Database", "type": "password"}, {"Idempotency-Key": "one"}),
                   node.ask("POST", path + "/create", {"value": canary + "1", "name": "Database", "type": "password"}, {"Idempotency-Key": "one"}),
                   node.ask("POST", path + "/rotate?dry_run=true", {"value": canary + "2"}),
                   node.ask("POST", path + "/rotate", {"value": canary + "2"}, {"Idempotency-Key": "two"}),
                   # Refused ones too: a wrong field, a wrong state, a value that is too long.
                   node.ask("POST", path + "/rotate", {"value": canary + "3", "extra": 1}),
                   node.ask("POST", path + "/create", {"value": canary + "4"}),
                   node.ask("POST", path + "/rotate", {"value": canary * 4000}),
                   node.ask("POST", path + "/rotate", {"value": "secret://" + canary + " @1"}),
                   node.ask("POST", "/v1/tenants/nowhere/secrets/db/create", {"value": canary + "5"}),
                   node.ask("GET", path), node.ask("GET", "/v1/tenants/clinic/secrets"), node.ask("GET", "/v1/events?limit=1000&tenant=-"),
                   node.ask("GET", "/v1/tree"), node.ask("GET", "/v1/doctor")]
        self.assertEqual([200, 200, 200, 200, 400], [answer.status for answer in answers[:5]], [answer.text for answer in answers[:5]])
        self.assertEqual("true", str(answers[1].json["replayed"]).lower())
        state = self.secret()["state"]
        self.assertEqual(2, state["version"])
        self.assertEqual([1, 2], [version["number"] for version in state["versions"]])
        self.assertEqual("secret://clinic/secret/db/value@2", state["versions"][1]["value"])
        for number, answer in enumerate(answers):
            self.assertNotIn(canary, answer.text, number)
        # With everything on disk.
        node.terminate()
        found, seen = files_holding(node.state, canary)
        self.assertEqual(set(), found)
        self.assertLessEqual({"nova.db", "vault.db", "novad.log"}, seen)
        node.start()

    def test_nothing_on_disk_lets_a_short_secret_be_guessed(self):
        """An idempotent request leaves a hash of its body: keyed, or whoever has the file could try all pins."""
        path, body = "/v1/tenants/clinic/secrets/pin/create", json.dumps({"value": "4711"}).encode()
        self.assertEqual(200, self.one.ask("POST", path, body, {"Idempotency-Key": "k"}).status)
        self.one.terminate()
        for guess in (body, b"POST\n" + path.encode() + b"\n" + body, b"4711"):
            self.assertEqual(set(), files_holding(self.one.state, hashlib.sha256(guess).hexdigest())[0])
        self.one.start()

    def test_what_is_destroyed_is_gone_from_the_vault_on_disk(self):
        path = "/v1/tenants/clinic/secrets/db"
        self.one.ok("POST", path + "/create", {"value": "one"})
        for number in range(2, 8):
            self.one.ok("POST", path + "/rotate", {"value": f"value {number}"})
        self.erased()
        state = self.secret()["state"]
        # The sixth rotation dropped the oldest.
        self.assertEqual([2, 3, 4, 5, 6, 7], [version["number"] for version in state["versions"]])
        references = {version["number"]: version["value"] for version in state["versions"]}
        self.assertIsNone(self.vault_holds("secret://clinic/secret/db/value@1"))
        sealed = {number: self.vault_holds(reference) for number, reference in references.items()}
        self.assertTrue(all(sealed.values()))
        self.one.ok("POST", path + "/destroy_version", {"version": 3})
        self.erased()
        self.assertEqual("secret.version_gone", self.one.ask("POST", path + "/destroy_version", {"version": 3}).code)
        self.assertEqual("secret.version_current", self.one.ask("POST", path + "/destroy_version", {"version": 7}).code)
        self.one.ok("POST", path + "/destroy", {"reason": "leaked"})
        self.erased()
        self.assertEqual("destroyed", self.secret()["status"])
        self.one.terminate()
        with open(os.path.join(self.one.state, "vault.db"), "rb") as file:
            data = file.read()
        for number, value in sealed.items():
            self.assertNotIn(value, data, f"version {number} is still in the file")
        self.one.start()

    def test_a_path_is_one_secrets_and_free_again_when_that_is_destroyed(self):
        self.one.ok("POST", "/v1/tenants/clinic/secrets/a/create", {"value": "x", "path": "prod/db"})
        taken = self.one.ask("POST", "/v1/tenants/clinic/secrets/b/create", {"value": "x", "path": "prod/db"})
        self.assertEqual((409, "secret.path_taken"), (taken.status, taken.code))
        self.one.ok("POST", "/v1/tenants/bakery/secrets/b/create", {"value": "x", "path": "prod/db"})
        self.one.ok("POST", "/v1/tenants/clinic/secrets/a/destroy", {"reason": "old"})
        self.one.ok("POST", "/v1/tenants/clinic/secrets/b/create", {"value": "x", "path": "prod/db"})

    def test_the_documents_paths_know_a_secret_by_its_path(self):
        made = self.one.ok("POST", "/api/vault/secrets?tenant=clinic", {"path": "db/main", "value": "first-of-all", "name": "the database"})
        same = self.one.ok("GET", "/api/vault/secrets/db/main?tenant=clinic")
        self.assertEqual((made["id"], "db/main", 1), (same["id"], same["state"]["path"], same["state"]["version"]))
        self.one.ok("POST", "/api/vault/secrets/db/main/rotate?tenant=clinic", {"value": "second-of-all"})
        self.one.ok("PATCH", "/api/vault/secrets/db/main", {"value": "third-of-all"}, {"X-Tenant-Id": "clinic"})
        listed = self.one.ok("GET", "/api/vault/list?tenant=clinic")["items"]
        self.assertEqual([3], [one["state"]["version"] for one in listed if one["id"] == made["id"]])
        self.assertNotIn("-of-all", json.dumps(listed))
        # Nothing follows a path but what is known, another tenant's path is nobody's, and it is free when it is over.
        for method, path, code in (("POST", "db/main/reveal?tenant=clinic", "http.not_found"), ("POST", "rotate?tenant=clinic", "http.not_found"),
                                   ("GET", "db?tenant=clinic", "secret.not_found"), ("GET", "db/main?tenant=bakery", "secret.not_found")):
            answer = self.one.ask(method, "/api/vault/secrets/" + path, {"value": "x"} if method == "POST" else None)
            self.assertEqual((404, code), (answer.status, answer.code), answer.text)
        self.one.ok("DELETE", "/api/vault/secrets/db/main?tenant=clinic&reason=leaked")
        self.assertEqual("leaked", self.secret(made["id"])["state"]["reason"])
        self.assertEqual(404, self.one.ask("GET", "/api/vault/secrets/db/main?tenant=clinic").status)

    def test_a_service_gets_it_by_its_name_and_no_other_tenants(self):
        self.one.ok("POST", "/v1/tenants/clinic/secrets/db/create", {"value": self.CANARY})
        self.one.ok("POST", "/v1/tenants/bakery/secrets/db/create", {"value": "of the bakery"})
        reference = "secret://clinic/secret/db/value@1"

        def with_secret(value):
            return self.one.blueprint("clinic", "shop", {"web": {**self.one.service(free_port()), "secrets": {"TOKEN": value}}})
        for wrong, code in (("secret://bakery/secret/db/value@1", "secret.foreign"), ("secret://clinic/secret/db/value@9", "secret.not_found")):
            with self.assertRaises(Refused) as refused:
                self.one.apply(with_secret(wrong))
            self.assertIn(code, str(refused.exception))
        self.one.apply(with_secret(reference))
        self.one.wait_deployment("clinic", "shop")
        instance = self.one.instance("clinic", "web")
        with open(f"/proc/{instance['state']['pid']}/environ", "rb") as file:
            self.assertIn(b"TOKEN=" + self.CANARY.encode(), file.read().split(b"\0"))
        self.assertNotIn(self.CANARY, self.one.ask("GET", "/v1/events?limit=1000&tenant=-").text)

    def test_an_admin_has_no_power_over_anothers_secret_and_nothing_is_sealed_for_who_is_denied(self):
        self.assertEqual(201, enrol(self.one).status)
        owner = Person(self.one, "owner@example.org")
        self.assertEqual(200, owner.login().status)

        def member(name, role):
            answer = self.one.ask("POST", "/api/auth/register", {"email": name + "@example.org", "username": name, "password": PASSWORD, "language": "en"}, token=False)
            user = answer.json["user"]
            self.one.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
            person = Person(self.one, name + "@example.org")
            self.assertEqual(200, person.login().status)
            self.assertEqual(200, owner.ask("POST", f"/v1/tenants/clinic/memberships/{user}/invite", {"role": role}).status)
            self.assertEqual(200, person.ask("POST", f"/v1/tenants/clinic/memberships/{user}/accept", {}).status)
            return person
        amy, ben, sue, tom = member("amy", "admin"), member("ben", "admin"), member("sue", "staff"), member("tom", "owner")
        path = "/v1/tenants/clinic/secrets/db"
        self.assertEqual(200, amy.ask("POST", path + "/create", {"value": "one"}).status)
        answer = ben.ask("POST", path + "/rotate", {"value": "two"})
        self.assertEqual((403, "access.denied"), (answer.status, answer.code))
        for person, code in ((sue, "access.denied"), (Person(self.one, "nobody"), "")):
            person.tokens = person.tokens or {"access_token": "none"}
            for name in ("db", "other"):
                answer = person.ask("POST", f"/v1/tenants/clinic/secrets/{name}/{'rotate' if name == 'db' else 'create'}", {"value": "three"})
                self.assertIn(answer.status, (401, 403))
                self.assertIn(code, answer.code)
        self.assertIsNone(self.vault_holds("secret://clinic/secret/other/value@1"))
        self.assertIsNone(self.vault_holds("secret://clinic/secret/db/value@3"))
        self.assertEqual(200, tom.ask("POST", path + "/rotate", {"value": "four"}).status)
        self.assertEqual(200, amy.ask("POST", path + "/destroy", {"reason": "done"}).status)
        self.assertEqual(403, sue.ask("GET", path).status)

    def test_by_the_command_line_a_value_comes_from_a_file_or_standard_input(self):
        def run(*arguments, text=""):
            return subprocess.run([os.path.join(BIN, "novactl"), "--server", f"http://127.0.0.1:{self.one.port}", "--token-file",
                                   os.path.join(self.one.state, "operator.token"), *arguments], input=text, capture_output=True, text=True,
                                  timeout=PATIENCE, check=False, env={"PATH": os.environ["PATH"], "HOME": self.one.state, "LC_ALL": "C.UTF-8"})
        made = run("secret", "create", "db", "-t", "clinic", "--name", "Database", text=self.CANARY)
        self.assertEqual(0, made.returncode, made.stderr)
        self.assertIn("secret://clinic/secret/db/value@1", made.stdout)
        value = os.path.join(self.one.state, "value.txt")
        with open(value, "w", encoding="ascii") as file:
            file.write("from a file\n")
        self.assertEqual(0, run("secret", "rotate", "db", "-t", "clinic", "--from-file", value).returncode)
        os.unlink(value)
        # A value in an argument is refused: others on the machine can read it there.
        self.assertNotEqual(0, run("secret", "rotate", "db", self.CANARY, "-t", "clinic").returncode)
        self.assertNotEqual(0, run("secret", "rotate", "db", "-t", "clinic", text="").returncode)
        listed = run("secret", "list", "-t", "clinic")
        self.assertIn("db", listed.stdout)
        shown = run("secret", "show", "db", "-t", "clinic")
        self.assertIn("value@2", shown.stdout)
        self.assertEqual(0, run("secret", "destroy", "db", "-t", "clinic", "--version", "1", "--yes").returncode)
        self.assertEqual(0, run("secret", "destroy", "db", "-t", "clinic", "--reason", "old", "--yes").returncode)
        for done in (made, listed, shown):
            self.assertNotIn(self.CANARY, done.stdout + done.stderr)
        self.assertEqual("destroyed", self.secret()["status"])


class KeyUses(NodeCase):
    def test_uses_are_told_in_sums_and_keys_have_a_number(self):
        node = self.node()
        self.assertEqual(201, enrol(node).status)
        owner = Person(node, "owner@example.org")
        self.assertEqual(200, owner.login().status)
        node.tenant("clinic")
        made = owner.ask("POST", "/api/api-keys?tenant=clinic", {"name": "robot", "scopes": ["platform.read"]})
        self.assertEqual(201, made.status, made.text)
        usage = f"/api/api-keys/{made.json['id']}/usage?tenant=clinic"
        self.assertEqual(0, node.ok("GET", usage)["uses"])
        for _ in range(20):
            self.assertEqual(200, node.ask("GET", "/v1/whoami", None, {"Authorization": "Bearer " + made.json["key"]}, token=False).status)
        used = wait("the first use", lambda: (lambda u: u if u["uses"] else None)(node.ok("GET", usage)))
        self.assertEqual(1, used["uses"])  # the others are told a minute later, with the next one
        self.assertEqual(64, len(used["last_used_from"]))
        self.assertGreater(used["last_used_at"], "2020")
        events = [event for event in node.events("clinic", "api_keys", made.json["id"]) if event["type"].endswith("used")]
        self.assertEqual(1, len(events))

        config = node.ok("GET", "/api/api-keys/config?tenant=clinic")
        self.assertEqual((1, 10), (config["keys"], config["keys_max"]))
        self.assertEqual((90, 365), (config["life_default_seconds"] // 86400, config["life_max_seconds"] // 86400))
        shown = node.ok("GET", f"/v1/tenants/clinic/api_keys/{made.json['id']}")
        self.assertEqual(90, (moment(shown["state"]["expires_at"]) - moment(shown["created_at"])).days)
        long = owner.ask("POST", "/api/api-keys?tenant=clinic", {"name": "for ever", "scopes": ["platform.read"], "expires_at": "2999-01-01T00:00:00Z"})
        self.assertEqual((400, "input.invalid"), (long.status, long.code))
        self.assertIn("365 days", long.text)
        self.assertEqual(23, len(config["scopes"]))
        ids = [made.json["id"]]
        for number in range(9):
            answer = owner.ask("POST", "/api/api-keys?tenant=clinic", {"name": f"robot {number}", "scopes": ["platform.read"]})
            self.assertEqual(201, answer.status, answer.text)
            ids.append(answer.json["id"])
        full = owner.ask("POST", "/api/api-keys?tenant=clinic", {"name": "one more", "scopes": ["platform.read"]})
        self.assertEqual((429, "api_key.limit", "10"), (full.status, full.code, full.json["details"]["limit"]))
        self.assertEqual(200, owner.ask("DELETE", f"/api/api-keys/{ids[1]}?tenant=clinic").status)
        self.assertEqual(201, owner.ask("POST", "/api/api-keys?tenant=clinic", {"name": "in its place", "scopes": ["platform.read"]}).status)

        # Pages of each list give what there is, once.
        rates, cursor = [], ""
        while True:
            page = node.ok("GET", f"/api/api-keys/rate-limits?tenant=clinic&limit=4{cursor}")
            rates += page["items"]
            if "next" not in page:
                break
            cursor = "&cursor=" + page["next"]
        self.assertEqual(11, len({item["id"] for item in rates}))
        self.assertEqual({"per_minute": 60, "per_hour": 1000, "per_day": 10000}, rates[0]["limits"])
        log, before = [], ""
        while True:
            page = node.ok("GET", f"/api/api-keys/audit-logs?tenant=clinic&limit=5{before}")
            log += page["items"]
            if "next" not in page:
                break
            before = f"&before={page['next']}"
        types = [event["type"].rsplit("webnova.", 1)[-1] for event in log]
        self.assertEqual({"api_key.created": 11, "api_key.used": 1, "api_key.revoked": 1}, {t: types.count(t) for t in set(types)})
        self.assertEqual(len(log), len({event["id"] for event in log}))
        self.assertNotIn(chr(34) + "hash" + chr(34), json.dumps(log))
        one = node.ok("GET", f"/api/api-keys/audit-logs?tenant=clinic&id={ids[1]}")["items"]
        self.assertEqual(2, len(one))


if __name__ == "__main__":
    unittest.main()
