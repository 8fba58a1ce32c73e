"""Words that must never be seen: every sort of secret goes through a real node, and then all that the node says and keeps is searched for it,
as it is, in hex, in base64 and, where it could be guessed, as a plain hash."""
import base64
import hashlib
import http.client
import json
import os
import secrets
import sys
import threading
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "oidc"), os.path.join(HERE, "..", "browser")]
from bodies import Bodies  # noqa: E402
from town import SCOPES, SOVEREIGNTY, Town, good  # noqa: E402
from harness import Node, NodeCase, free_port, pack, wait  # noqa: E402
from postgres import Postgres  # noqa: E402
from providers import Liar  # noqa: E402
from test_identity import PASSWORD, Person, totp  # noqa: E402
from test_oidc import Browser  # noqa: E402
from test_webhooks import Receiver  # noqa: E402

PUBLIC = "a-word-that-may-be-seen"  # what the search must find, or it searched nothing


class Canaries:
    """The secrets by what they are."""

    def __init__(self):
        self.known = {}

    def make(self, what):
        return self.note(what, f"{what.split(' ')[0]} canary {secrets.token_hex(12)} Aa1!")

    def note(self, what, word, raw=None):
        self.known.setdefault(what, []).append((word.encode(), raw))
        return word

    def forms(self):
        """(what, bytes) of all that must not be found."""
        for what, words in self.known.items():
            for word, raw in words:
                for each in (word, raw):
                    if each:
                        yield from ((what, each), (what, each.hex().encode()), (what, base64.b64encode(each).rstrip(b"=")), (what, base64.urlsafe_b64encode(each).rstrip(b"=")))
                if what.startswith(("password", "vault", "service")):
                    yield from ((what + ", hashed", hashlib.sha256(word).digest()), (what + ", hashed", hashlib.sha256(word).hexdigest().encode()))


class Secrets(NodeCase):
    def started(self, **env):
        """A node with an outside provider and a mail server that nobody reaches, both with passwords of their own."""
        self.canaries = Canaries()
        self.liar = Liar(secret=self.canaries.make("client secret of an OpenID provider"))
        self.addCleanup(self.liar.close)
        node = Node(extra_env={"NOVA_HTTP_ALLOW_PRIVATE": "127.0.0.1/32", "NOVA_LOG_LEVEL": "trace", **env})
        os.makedirs(node.state)

        def file(name, word):
            path = os.path.join(node.own, name)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as out:
                out.write(word + "\n")
            return path
        config = os.path.join(node.own, "novad.yaml")
        with open(config, "w", encoding="ascii") as out:
            json.dump({"oidc": {"providers": [{"name": "liar", "issuer": self.liar.issuer, "client_id": "nova", "client_secret_file": file("client.secret", self.liar.secret)}], "allow_private": ["127.0.0.0/8"]},
                       "listen": {"public_url": f"http://127.0.0.1:{node.port}", "console": False}}, out)
        node.extra_env.update({"NOVA_MAIL_SERVER": f"127.0.0.1:{free_port()}", "NOVA_MAIL_TLS": "starttls", "NOVA_MAIL_FROM": "nova@node.test", "NOVA_MAIL_TIMEOUT": "1s", "NOVA_MAIL_USERNAME": "nova",
                               "NOVA_MAIL_PASSWORD_FILE": file("mail.password", self.canaries.make("mail password"))})
        command = node.command
        node.command = lambda: command() + ["--config", config]
        self.addCleanup(node.close)
        node.start()
        self.logs = []
        return node

    def hear(self, node):
        """Its log, as it comes: else the pipe would be full."""
        def read(stream):
            for line in stream:
                self.logs.append(line)
        for stream in (node.process.stdout, node.process.stderr):
            threading.Thread(target=read, args=(stream,), daemon=True).start()

    # ---- secrets through every way in

    def enrolment(self, node):
        with open(os.path.join(node.state, "enrolment.token"), encoding="ascii") as file:
            self.canaries.note("enrolment token", file.read().strip())
        self.canaries.note("operator token", node.token)
        self.town = Town(node)
        self.canaries.note("password", PASSWORD)
        for code in self.town.owner.codes:
            self.canaries.note("recovery code", code)
        self.session(self.town.owner.tokens)

    def session(self, tokens):
        for what in ("access_token", "refresh_token"):
            self.canaries.note(what.replace("_", " "), tokens[what])
            self.canaries.note("secret part of an " + what, tokens[what].split(".")[-1])

    def people(self, node):
        note, make = self.canaries.note, self.canaries.make
        person = self.town.person("canary")
        self.session(person.tokens)
        good(person.refresh())
        self.session(person.tokens)
        for answer in (person.login(make("password that is wrong")), Person(node, "nobody@example.org").login(make("password of nobody")),
                       person.refresh(note("refresh token that is none", "nova_rt_" + secrets.token_hex(24))),
                       person.ask("POST", "/api/auth/password", {"before": make("password before"), "after": make("password after")}),
                       node.ask("POST", "/api/auth/password/reset", {"token": make("token of a mail"), "password": make("password reset")}, token=False),
                       node.ask("POST", "/api/auth/verify", {"token": make("token of a mail")}, token=False),
                       node.ask("POST", "/api/auth/oidc/exchange", {"code": make("code of a provider")}, token=False),
                       node.ask("POST", "/api/auth/enrol-owner", {"token": make("enrolment token that is wrong"), "email": "x@example.org", "username": "x", "password": make("password enrol"), "language": "en"}, token=False),
                       node.ask("GET", "/v1/whoami", None, {"Authorization": "Bearer " + note("token that is none", "nova_op_" + secrets.token_hex(32))}, token=False),
                       node.ask("GET", "/v1/whoami", None, {"Authorization": "Basic " + base64.b64encode(make("password of Basic").encode()).decode()}, token=False),
                       node.ask("GET", "/v1/whoami", None, {"Cookie": "nova_session=" + note("cookie that is none", secrets.token_hex(24))}, token=False),
                       # A secret in the wrong place: an unknown field, no JSON, a wrong type, too long.
                       node.ask("POST", "/api/auth/login", {"email": person.email, "password": make("password there"), "passwort": make("password here")}, token=False),
                       node.ask("POST", "/api/auth/login", b'{"email":"a@example.org","password":"' + make("password broken").encode(), {"Content-Type": "application/json"}, token=False),
                       node.ask("POST", "/api/auth/login", {"email": person.email, "password": [make("password listed")]}, token=False),
                       node.ask("POST", "/api/auth/register", {"email": "a@example.org", "username": "x", "password": make("password long") * 300, "language": "en"}, token=False)):
            self.assertGreaterEqual(answer.status, 400, answer.text)
            self.answers.append(answer.text)
        good(person.login())
        app = good(person.ask("POST", "/api/auth/mfa/totp", {}))["secret"]
        note("TOTP seed", app, base64.b32decode(app + "=" * (-len(app) % 8)))
        codes = good(person.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(app)}))["recovery_codes"]
        for code in codes:
            note("recovery code", code)
        flow = Person(node, person.email).login().json["details"]["flow"]
        note("flow of a sign-in", flow)
        used = node.ask("POST", "/api/auth/login/code", {"flow": flow, "code": codes[0]}, token=False)
        self.session(good(used))
        good(person.ask("POST", "/api/auth/mfa/recovery", {"code": codes[1]}))
        device = good(node.ask("POST", "/api/auth/device", {"device": "a terminal"}, token=False))
        note("device code", device["device_code"])
        good(person.ask("POST", "/api/auth/device/approve", {"user_code": device["user_code"]}))
        self.session(good(node.ask("POST", "/api/auth/device/token", {"device_code": device["device_code"], "grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, token=False)))
        other = self.town.person("changing")
        good(other.ask("POST", "/api/auth/password", {"before": PASSWORD, "after": make("password that is new")}))
        node.ask("POST", "/api/auth/password/forgot", {"email": other.email}, token=False)

    def provider(self, node):
        browser, base = Browser(), f"http://127.0.0.1:{node.port}/api/auth/oidc"
        answer = browser.go(base + "/liar/start")
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))
        code = self.canaries.note("code of a provider", self.liar.code(asked))
        back = browser.go(base + "/liar/callback?" + urllib.parse.urlencode({"state": asked["state"], "code": code}))
        self.assertEqual(303, back.status, back.text)
        tokens = browser.go(base + "/exchange", {"code": self.canaries.note("outside code", back.came["oidc"])}, {"Content-Type": "application/json"})
        self.session(good(tokens))

    def machines(self, node):
        note, make = self.canaries.note, self.canaries.make
        node.tenant("clinic", "pro")
        admin = self.town.person("clinic-admin", "clinic", "admin")
        self.session(admin.tokens)
        secret, key = self.town.key(admin, "clinic", *SCOPES)
        note("API key", secret)
        note("API key", good(admin.ask("POST", f"/api/api-keys/{key}/rotate?tenant=clinic", {}))["key"])
        self.town.asked(secret)
        self.town.asked(secret, "/v1/tenants/vaults")
        note("API key of an agent", self.town.key(self.town.owner, "clinic", "platform.read", agent=self.town.common["agent"])[0])

        receiver = Receiver()
        self.addCleanup(receiver.close)
        made = good(admin.ask("POST", "/v1/tenants/clinic/webhook_endpoints", {"url": receiver.url, "events": ["SUBSCRIPTION_UPDATED"], "description": PUBLIC}))
        second = good(admin.ask("POST", f"/api/api-keys/webhooks/{made['id']}/rotate?tenant=clinic", {}))["secret"]
        for each in (made["secret"], second):
            note("webhook secret", each.removeprefix("whsec_"), base64.b64decode(each.removeprefix("whsec_")))
        node.ok("POST", "/v1/tenants/clinic/change_tier", {"tier": "basic"})
        wait("the delivery", lambda: receiver.got)
        wait("it to be written down", lambda: node.ok("GET", "/v1/tenants/clinic/webhook_deliveries?status=delivered")["items"])

        good(admin.ask("POST", "/v1/tenants/clinic/secrets/db/create", {"value": make("vault secret"), "name": PUBLIC}))
        good(admin.ask("PATCH", "/api/vault/secrets/db?tenant=clinic", {"value": make("vault secret")}))
        good(admin.ask("POST", "/v1/tenants/clinic/secrets/db/rotate?dry_run=true", {"value": make("vault secret that is tried")}))
        for body in ({"value": make("vault secret refused"), "extra": make("vault secret as a field")}, {"value": [make("vault secret listed")]}, {"valeu": make("vault secret misspelt")}):
            self.answers.append(admin.ask("POST", "/v1/tenants/clinic/secrets/db/rotate", body).text)
        good(admin.ask("POST", "/v1/tenants/clinic/secrets/ai/create", {"value": make("vault secret of a provider")}))
        good(self.town.owner.ask("POST", SOVEREIGNTY + "/external-providers", {"provider": "custom", "endpoint": "https://ai.example.com", "secret": "clinic/ai", "layers": [self.town.common["layer"]]}))

        word = make("service secret").replace(" ", "-")
        note("service secret", word)
        node.apply(node.blueprint("clinic", "shop", {"web": node.service(free_port(), secrets={"WORD": word})}))
        node.wait_deployment("clinic", "shop")
        with open(f"/proc/{node.instance('clinic', '.web.')['state']['pid']}/environ", "rb") as file:
            self.assertIn(word.encode(), file.read())  # and it does arrive

    # ---- and all that the node says and keeps

    def said(self, node):
        """Every answer of every read, for who may read most."""
        bodies = Bodies(self.town)
        self.town.digest, self.town.source = pack(os.path.join(HERE, "..", "service"))
        self.town.constitution = ""
        kinds = [kind["plural"] for kind in node.ok("GET", "/v1/kinds")["items"] if kind["plural"] != "tenants"]
        secret = self.town.owner.tokens["access_token"]
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=40)

        def shown(path):
            def once():
                connection.request("GET", path, headers={"Authorization": "Bearer " + secret})
                response = connection.getresponse()
                text = response.read().decode()
                one_value = response.status == 200 and response.getheader("Content-Type") == "application/json"  # logs are lines of it
                return None if response.status == 503 and "authority.stale" in text else (one_value, text)
            one_value, text = wait("an answer", once)
            self.answers.append(text)
            return json.loads(text) if one_value else {}
        for tenant in ("clinic", "system", "vaults"):
            for plural in kinds:
                for item in shown(f"/v1/tenants/{tenant}/{plural}?limit=1000").get("items", []):
                    for more in ("", "/events?limit=1000", "/why", "/logs" if plural in ("deployments", "instances") else "/events?last=10"):
                        shown(f"/v1/tenants/{tenant}/{plural}/{item['id']}{more}")
        after, whole = 0, []
        while page := shown(f"/v1/events?after={after}&limit=1000").get("items"):
            after = page[-1]["position"]
            whole += page
        for event in whole[:: max(1, len(whole) // 200)]:
            shown(f"/v1/decisions/{event['position']}")
        things = {"tenant": "clinic", "ids": {}, "delivery": "it", "endpoint": "it", "key": "it", "decisions": {"analyze": "it"}, "incidents": {"investigate": "it"}}
        for pattern, operations in node.ok("GET", "/v1/openapi.json")["paths"].items():
            if "get" in operations and not pattern.startswith("/v1/tenants/{tenant}/"):
                shown(bodies.path("GET", pattern, things) + "?tenant=clinic")
        connection.close()
        return whole

    def clean(self, place, data):
        data = data if isinstance(data, bytes) else data.encode()
        for what, word in self.canaries.forms():
            if word in data:
                at = data.index(word)
                self.fail(f"{place} holds a {what}: ...{data[max(0, at - 120):at]!r} [{len(word)} bytes]")

    def search(self, folder, but=()):
        seen = {}
        for place, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(place, name)
                if os.path.isfile(path) and name not in but:
                    with open(path, "rb") as file:
                        data = seen[name] = file.read()
                    self.clean(os.path.relpath(path, folder), data)
        return seen

    def through(self, node):
        self.answers = []
        self.hear(node)
        self.enrolment(node)
        self.people(node)
        self.provider(node)
        self.machines(node)
        whole = self.said(node)
        self.assertGreater(len(whole), 100)
        text = "\n".join(self.answers)
        self.assertIn(PUBLIC, text)
        self.assertIn("clinic-admin", text)
        self.clean("an answer", text)
        self.clean("an event", json.dumps(whole, ensure_ascii=False))
        sorts = set(self.canaries.known)
        self.assertGreater(len(sorts), 35, sorts)
        return node

    def log_is_clean(self, seen):
        """The file was searched with the others; here it has something in it, and what went to the pipe is clean."""
        self.assertIn(b"clinic", seen["novad.log"])
        self.clean("what it printed", "".join(self.logs))

    def test_the_search_finds_what_it_looks_for(self):
        self.canaries = Canaries()
        word = self.canaries.make("vault secret").encode()
        self.canaries.note("webhook secret", "text", b"\x00raw\xff")
        self.clean("nothing", b"something else")
        for form in (word, word.hex().encode(), base64.b64encode(word), base64.urlsafe_b64encode(word), hashlib.sha256(word).digest(), hashlib.sha256(word).hexdigest().encode(), b"\x00raw\xff"):
            with self.assertRaises(AssertionError, msg=form):
                self.clean("something", b"before " + form + b" behind")

    def test_on_sqlite(self):
        node = self.through(self.started())
        # Killed, so that what a write-ahead log still has is looked at; and once more with everything put away.
        node.process.kill()
        node.process.wait(60)
        seen = self.search(node.state, but=("operator.token",))
        self.assertLessEqual({"nova.db", "nova.db-wal", "vault.db"}, set(seen))
        self.assertTrue(any(PUBLIC.encode() in data for data in seen.values()))
        node.start()
        self.hear(node)
        node.process.terminate()
        node.process.wait(60)
        self.log_is_clean(self.search(node.state, but=("operator.token",)))

    def test_on_postgresql(self):
        postgres = Postgres()
        self.addCleanup(postgres.close)
        postgres.start()
        node = self.through(self.started(NOVA_STORE_KIND="postgres", NOVA_STORE_URL=postgres.url()))
        node.process.kill()
        node.process.wait(60)
        self.log_is_clean(self.search(node.state, but=("operator.token",)))
        postgres.sql("CHECKPOINT")
        self.search(postgres.data)
        # Long values lie there compressed: so each table as text, too.
        tables = postgres.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'nova' AND table_type = 'BASE TABLE'").split()
        text = {table: postgres.sql(f"SET bytea_output = 'escape'; SELECT string_agg(t::text, ' ') FROM nova.{table} t") for table in tables}
        self.assertIn(PUBLIC, text["events"])
        for table, rows in text.items():
            self.clean("the table " + table, rows)


if __name__ == "__main__":
    unittest.main()
