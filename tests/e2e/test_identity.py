"""People on a real node: the owner's enrolment, sessions, what a status or a role changes from the very next request on."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import struct
import time
import unittest

from harness import Node, wait

PASSWORD = "correct horse 9 Battery"


def totp(secret, shift=0):
    """The code of an authenticator app, `shift` steps from now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + shift), hashlib.sha1).digest()
    at = digest[19] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06}"


class Person:
    """Somebody with a session of their own."""

    def __init__(self, node, email, password=PASSWORD):
        self.node, self.email, self.password = node, email, password
        self.tokens = None

    def login(self, password=None, device="test"):
        answer = self.node.ask("POST", "/api/auth/login", {"email": self.email, "password": password or self.password, "device": device}, token=False)
        if answer.status == 200:
            self.tokens = answer.json
        return answer

    @property
    def id(self):
        return self.tokens["user"]

    def ask(self, method, path, body=None):
        return self.node.ask(method, path, body, {"Authorization": "Bearer " + self.tokens["access_token"]}, token=False)

    def refresh(self, token=None):
        answer = self.node.ask("POST", "/api/auth/refresh", {"refresh_token": token or self.tokens["refresh_token"]}, token=False)
        if answer.status == 200:
            self.tokens = answer.json
        return answer


class Identity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node().start()
        cls.addClassCleanup(cls.node.close)
        with open(os.path.join(cls.node.state, "enrolment.token"), encoding="ascii") as file:
            cls.enrolment = file.read().strip()
        cls.count = 0
        cls.owner = Person(cls.node, "owner@example.org")
        # Wrong tokens enrol nobody.
        for token in ("", "nova_en_" + "0" * 64, cls.node.token):
            answer = cls.enrol(token)
            assert answer.status in (400, 401), answer.text
        answer = cls.enrol(cls.enrolment)
        assert answer.status == 201, answer.text
        assert cls.owner.login().status == 200
        for tenant in ("t-one", "t-two"):
            cls.node.tenant(tenant)

    @classmethod
    def enrol(cls, token, email="owner@example.org"):
        return cls.node.ask("POST", "/api/auth/enrol-owner", {"token": token, "email": email, "username": "owner", "password": PASSWORD, "language": "en"}, token=False)

    def person(self, member_of=None, role="viewer", verified=True):
        type(self).count += 1
        email = f"person-{self.count}@example.org"
        answer = self.node.ask("POST", "/api/auth/register", {"email": email, "username": f"person-{self.count}", "password": PASSWORD, "language": "en"}, token=False)
        self.assertEqual(answer.status, 201, answer.text)
        user = answer.json["user"]
        if verified:
            self.node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        person = Person(self.node, email)
        if verified:
            self.assertEqual(person.login().status, 200)
        if member_of:
            answer = self.owner.ask("POST", f"/v1/tenants/{member_of}/memberships/{user}/invite", {"role": role})
            self.assertEqual(answer.status, 200, answer.text)
            answer = person.ask("POST", f"/v1/tenants/{member_of}/memberships/{user}/accept", {})
            self.assertEqual(answer.status, 200, answer.text)
        return person

    def test_the_owner_is_enrolled_once(self):
        self.assertFalse(os.path.exists(os.path.join(self.node.state, "enrolment.token")))
        answer = self.enrol(self.enrolment, "second@example.org")
        self.assertEqual((answer.status, answer.code), (409, "auth.enrolment_over"))

    def test_nobody_suspends_bans_or_demotes_the_owner(self):
        admin = self.person()
        self.assertEqual(self.owner.ask("POST", f"/v1/tenants/system/users/{admin.id}/change_role", {"role": "sovereign"}).status, 200)
        base = f"/v1/tenants/system/users/{self.owner.id}/"
        for who in (admin, self.owner):
            for command, body in (("suspend", {"reason": "a test"}), ("ban", {"reason": "a test"}), ("deactivate", {"reason": "a test"}), ("change_role", {"role": "free"})):
                answer = who.ask("POST", base + command, body)
                self.assertEqual(answer.status, 403 if who is self.owner else 404, f"{command}: {answer.text}")
        for command, body in (("suspend", {"reason": "a test"}), ("ban", {"reason": "a test"}), ("change_role", {"role": "free"})):
            answer = self.node.ask("POST", base + command, body)
            self.assertEqual((answer.status, answer.code), (403, "user.root_owner_immutable"), f"{command}: {answer.text}")

        def recorded():
            return {(line["state"]["who"], line["state"]["act"]) for line in self.node.ok("GET", "/v1/tenants/system/denials?limit=1000")["items"]
                    if line["state"]["code"] == "user.root_owner_immutable"}
        wait("each attempt to be on record", lambda: {("operator", "user.suspend"), ("operator", "user.ban"), (self.owner.id, "user.suspend"), (self.owner.id, "user.ban")} <= recorded())

    def test_who_manages_people_does_not_manage_the_owner(self):
        admin = self.person()
        self.assertEqual(self.owner.ask("POST", f"/v1/tenants/system/users/{admin.id}/change_role", {"role": "admin"}).status, 200)
        session = self.owner.ask("GET", "/v1/whoami").json["session"]
        for path, body in ((f"sessions/{session}/revoke", {}), (f"users/{self.owner.id}/update_profile", {"username": "mine"})):
            answer = admin.ask("POST", "/v1/tenants/system/" + path, body)
            self.assertEqual((answer.status, answer.code), (403, "user.root_owner_immutable"), answer.text)
        self.assertEqual(self.owner.ask("GET", "/v1/whoami").status, 200)

    def test_a_session_ends_with_a_suspension_and_does_not_come_back(self):
        person = self.person()
        self.assertEqual(person.ask("GET", "/v1/whoami").status, 200)
        suspend = f"/v1/tenants/system/users/{person.id}/"
        self.node.ok("POST", suspend + "suspend", {"reason": "a test"})
        self.assertEqual(person.ask("GET", "/v1/whoami").code, "user.suspended")
        self.node.ok("POST", suspend + "reactivate", {})
        self.assertEqual((person.ask("GET", "/v1/whoami").status, person.refresh().status), (401, 401))
        self.assertEqual(person.login().status, 200)
        self.assertEqual(person.ask("GET", "/v1/whoami").status, 200)
        self.assertEqual(self.owner.ask("GET", "/api/auth/sessions").status, 200)

    def test_unknown_address_and_wrong_password_get_the_same_answer_whatever_the_account_is_like(self):
        def bare(answer):
            body = answer.json
            body.pop("request_id")
            return answer.status, list(body.items()), sorted((k, v) for k, v in answer.headers.items() if k.lower() not in ("date", "x-request-id") and not k.startswith("X-RateLimit"))
        unknown = bare(Person(self.node, "nobody@example.org").login("wrong"))
        self.assertEqual((401, "auth.bad_credentials"), (unknown[0], dict(unknown[1])["code"]))

        def told(person, command):
            self.node.ok("POST", f"/v1/tenants/system/users/{person.id}/{command}", {"reason": "a test"})
            return person
        locked = self.person()
        for _ in range(10):
            locked.login("wrong")
        factor = self.person()
        secret = factor.ask("POST", "/api/auth/mfa/totp", {"label": factor.email}).json["secret"]
        self.assertEqual(200, factor.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(secret)}).status)
        people = {"active": self.person(), "pending": self.person(verified=False), "suspended": told(self.person(), "suspend"), "banned": told(self.person(), "ban"),
                  "deactivated": told(self.person(), "deactivate"), "locked": locked, "with a second factor": factor}
        for name, person in people.items():
            with self.subTest(name):
                self.assertEqual(unknown, bare(person.login("wrong")))
        # Of a locked account not even the right password tells anything.
        self.assertEqual(unknown, bare(locked.login()))

    def test_registering_a_known_address_tells_nothing(self):
        def register(email):
            return self.node.ask("POST", "/api/auth/register", {"email": email, "username": "x", "password": PASSWORD, "language": "en"}, token=False)
        person = self.person()
        known, new = register(person.email), register("fresh-" + person.email)
        self.assertEqual((known.status, sorted(known.json)), (new.status, sorted(new.json)))
        self.assertEqual(person.login().status, 200)
        self.assertEqual(self.node.ask("GET", f"/v1/tenants/system/users/{known.json['user']}").status, 404)

    def test_who_is_not_verified_does_not_come_in(self):
        person = self.person(verified=False)
        answer = person.login()
        self.assertEqual((answer.status, answer.code), (403, "user.not_verified"))

    def test_each_status_holds_from_the_very_next_request_on(self):
        for command, code in (("suspend", "user.suspended"), ("ban", "user.banned")):
            person = self.person()
            self.assertEqual(person.ask("GET", "/api/auth/sessions").status, 200)
            answer = self.owner.ask("POST", f"/v1/tenants/system/users/{person.id}/{command}", {"reason": "a test"})
            self.assertEqual(answer.status, 200, answer.text)
            answer = person.ask("GET", "/api/auth/sessions")
            self.assertEqual((answer.status, answer.code), (403, code))
            self.assertEqual(person.login().status, 403)
            self.assertIn(person.refresh().status, (401, 403))

    def stream(self, person, path):
        """The events of a stream that `person` opens, as they come."""
        connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=20)
        self.addCleanup(connection.close)
        connection.request("GET", path, headers={"Authorization": "Bearer " + person.tokens["access_token"], "Accept": "text/event-stream"})
        response = connection.getresponse()
        self.assertEqual(response.status, 200)
        def lines():
            while line := response.readline():
                yield line.decode().rstrip("\n")
        return lines()

    def test_a_stream_ends_when_its_reader_may_not_read_on(self):
        for end in ("suspend", "remove", "logout"):
            person = self.person("t-one", "staff")
            stream = self.stream(person, "/v1/events?tenant=t-one")
            self.node.ok("POST", "/v1/tenants/t-one/update_settings", {"name": "before " + end})
            self.assertTrue(any("before " + end in line for line in stream))
            if end == "suspend":
                self.owner.ask("POST", f"/v1/tenants/system/users/{person.id}/suspend", {"reason": "a test"})
            elif end == "remove":
                self.owner.ask("POST", f"/v1/tenants/t-one/memberships/{person.id}/remove", {"reason": "a test"})
            else:
                person.ask("POST", "/api/auth/logout", {})
            self.node.ok("POST", "/v1/tenants/t-one/update_settings", {"name": "after " + end})
            rest = list(stream)  # to its end
            self.assertIn("event: error", rest)
            self.assertFalse(any("after " + end in line for line in rest), rest)

    def test_a_refresh_token_is_good_once_and_its_second_use_ends_the_session(self):
        person = self.person()
        first = person.tokens["refresh_token"]
        self.assertEqual(person.refresh().status, 200)
        self.assertEqual(person.ask("GET", "/api/auth/sessions").status, 200)
        self.assertEqual(person.refresh(first).status, 401)
        self.assertEqual(person.ask("GET", "/api/auth/sessions").status, 401)
        self.assertEqual(person.refresh().status, 401)

    def test_signing_out_ends_this_session_and_no_other(self):
        person = self.person()
        other = Person(self.node, person.email)
        other.login(device="another")
        self.assertEqual(len(person.ask("GET", "/api/auth/sessions").json["items"]), 2)
        self.assertEqual(person.ask("POST", "/api/auth/logout", {}).status, 200)
        self.assertEqual(person.ask("GET", "/api/auth/sessions").status, 401)
        self.assertEqual(other.ask("GET", "/api/auth/sessions").status, 200)

    def test_another_password_ends_what_the_first_one_opened(self):
        person = self.person()
        self.assertEqual(person.ask("POST", "/api/auth/password", {"before": "wrong", "after": PASSWORD + " 2"}).status, 401)
        self.assertEqual(person.ask("POST", "/api/auth/password", {"before": PASSWORD, "after": "short"}).status, 400)
        self.assertEqual(person.ask("POST", "/api/auth/password", {"before": PASSWORD, "after": PASSWORD + " 2"}).status, 200)
        self.assertEqual(person.login().status, 401)
        self.assertEqual(person.login(PASSWORD + " 2").status, 200)

    def test_a_tenant_is_its_members_and_does_not_exist_for_others(self):
        member, stranger = self.person("t-one", "staff"), self.person("t-two", "admin")
        self.assertEqual(member.ask("GET", "/v1/tenants/t-one").status, 200)
        self.assertEqual(member.ask("GET", "/v1/tenants/t-one/deployments").status, 200)
        for path in ("/v1/tenants/t-one", "/v1/tenants/t-one/deployments", "/v1/tenants/t-one/memberships", "/v1/events?tenant=t-one"):
            answer = stranger.ask("GET", path)
            self.assertEqual((answer.status, answer.code), (404, "tenant.not_found"), path)
        for path in ("/v1/events", "/v1/tenants", "/v1/tenants/-/deployments"):
            self.assertEqual(stranger.ask("GET", path).status, 403, path)
        self.assertEqual(stranger.ask("GET", "/v1/tenants/system/users").status, 404)
        answer = stranger.ask("POST", "/v1/tenants/t-one/update_settings", {"name": "mine"})
        self.assertEqual((answer.status, answer.code), (404, "tenant.not_found"))

    def test_a_removed_member_is_out_at_the_next_request(self):
        member = self.person("t-one", "admin")
        self.assertEqual(member.ask("GET", "/v1/tenants/t-one/deployments").status, 200)
        answer = self.owner.ask("POST", f"/v1/tenants/t-one/memberships/{member.id}/remove", {"reason": "a test"})
        self.assertEqual(answer.status, 200, answer.text)
        # Whether a thing is there or not, they hear the same; a stranger hears that there is no such tenant.
        stranger = self.person("t-two", "admin")
        for method, path, body, headers in (("GET", "/v1/tenants/t-one/deployments", None, {}), ("GET", "/v1/tenants/t-one/deployments/none", None, {}), ("GET", "/api/tenants/t-one", None, {}),
                                            ("POST", "/v1/tenants/t-one/update_settings", {"name": "mine"}, {}), ("POST", "/v1/tenants/t-one/deployments/none/restart", {}, {}),
                                            ("GET", "/api/api-keys", None, {"X-Tenant-Id": "t-one"}), ("GET", "/api/api-keys?tenant=t-one", None, {})):
            for person, expected in ((member, (403, "access.denied")), (stranger, (404, None))):
                answer = self.node.ask(method, path, body, {"Authorization": "Bearer " + person.tokens["access_token"], **headers}, token=False)
                self.assertEqual(expected, (answer.status, answer.code if expected[1] else None), f"{path}: {answer.text}")
        # What became of their part in it they may see; and who is invited again comes in again.
        self.assertEqual("removed", member.ask("GET", f"/v1/tenants/t-one/memberships/{member.id}").json["status"])
        self.assertEqual(200, self.owner.ask("POST", f"/v1/tenants/t-one/memberships/{member.id}/invite", {"role": "viewer"}).status)
        self.assertEqual(200, member.ask("POST", f"/v1/tenants/t-one/memberships/{member.id}/accept", {}).status)
        self.assertEqual(200, member.ask("GET", "/v1/tenants/t-one/deployments").status)

    def test_all_sessions_of_somebody_end_at_a_word(self):
        person, admin, other = self.person(), self.person(), self.person()
        self.assertEqual(self.owner.ask("POST", f"/v1/tenants/system/users/{admin.id}/change_role", {"role": "admin"}).status, 200)
        phone = Person(self.node, person.email)
        self.assertEqual(phone.login().status, 200)
        path = f"/v1/tenants/system/users/{person.id}/revoke_sessions"
        self.assertEqual(other.ask("POST", path, {}).status, 404)
        self.assertEqual(person.ask("GET", "/v1/whoami").status, 200)
        ended = admin.ask("POST", path, {"reason": "lost laptop"})
        self.assertEqual(ended.status, 200, ended.text)
        for device in (person, phone):
            self.assertEqual(device.ask("GET", "/v1/whoami").status, 401)
            self.assertEqual(device.refresh().status, 401)
        self.assertEqual((person.login().status, person.ask("GET", "/v1/whoami").status), (200, 200))
        # Everybody ends their own; the owner's are the owner's.
        self.assertEqual(person.ask("POST", path, {}).status, 200)
        self.assertEqual(person.ask("GET", "/v1/whoami").status, 401)
        answer = admin.ask("POST", f"/v1/tenants/system/users/{self.owner.id}/revoke_sessions", {})
        self.assertEqual((answer.status, answer.code), (403, "user.root_owner_immutable"), answer.text)

    def test_nobody_grants_above_their_own_rank(self):
        admin, other = self.person("t-one", "admin"), self.person()
        answer = admin.ask("POST", f"/v1/tenants/t-one/memberships/{other.id}/invite", {"role": "owner"})
        self.assertEqual((answer.status, answer.code), (403, "membership.rank"), answer.text)
        viewer = self.person("t-one", "viewer")
        answer = viewer.ask("POST", f"/v1/tenants/t-one/memberships/{other.id}/invite", {"role": "viewer"})
        self.assertEqual((answer.status, answer.code), (403, "access.denied"), answer.text)
        self.assertIn("users.manage", answer.text)

    def test_hashes_and_addresses_are_not_shown(self):
        person = self.person()
        shown = self.owner.ask("GET", f"/v1/tenants/system/users/{person.id}")
        self.assertEqual(shown.json["state"]["account"]["email"], person.email)  # to who may read accounts
        for answer in (shown, self.owner.ask("GET", "/v1/tenants/system/users"), self.owner.ask("GET", "/v1/events?last=1000"),
                       self.owner.ask("GET", "/v1/tenants/system/sessions"), person.ask("GET", "/api/auth/sessions"),
                       self.owner.ask("GET", f"/v1/tenants/system/users/{person.id}/why")):
            self.assertEqual(answer.status, 200, answer.text)
            for word in ("email_key", "token_hash", "family_hash", "$scrypt$", PASSWORD):
                self.assertNotIn(word, answer.text)
        self.assertNotIn(person.email, self.owner.ask("GET", "/v1/events?last=1000").text)

    def test_no_secret_stands_in_store_or_log(self):
        person = self.person()
        person.refresh()
        secrets = [PASSWORD, person.email, person.tokens["refresh_token"].split(".")[2], person.tokens["access_token"].split(".")[2], "$scrypt$"]
        for folder, _, files in os.walk(self.node.state):
            for name in files:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        data = file.read()
                    for secret in secrets:
                        self.assertNotIn(secret.encode(), data, f"{path} holds {secret[:8]}...")

    def test_protected_fields_are_refused_by_name(self):
        for field in ("id", "tenant", "created_by"):
            answer = self.node.ask("POST", "/v1/tenants/t-one/update_settings", {"name": "x", field: "y"})
            self.assertEqual((answer.status, answer.code), (403, "field.protected"), answer.text)
            self.assertIn(field, json.dumps(answer.json["errors"]))

    def test_a_second_factor(self):
        person = self.person()
        self.assertEqual(person.ask("GET", "/api/auth/mfa").json, {"totp": "absent", "recovery_codes_left": 0, "passkeys": 0})
        shared = person.ask("POST", "/api/auth/mfa/totp", {"label": person.email})
        self.assertEqual(shared.status, 201, shared.text)
        self.assertIn("no-store", shared.headers["Cache-Control"])
        secret = shared.json["secret"]
        self.assertIn("secret=" + secret, shared.json["uri"])
        self.assertEqual(Person(self.node, person.email).login().status, 200)  # it has not proved itself yet
        self.assertEqual(person.ask("POST", "/api/auth/mfa/totp/verify", {"code": "000000"}).code, "auth.mfa_failed")
        verified = person.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(secret, -1)})
        self.assertEqual(verified.status, 200, verified.text)
        codes = verified.json["recovery_codes"]
        self.assertEqual(len(codes), 10)

        again = Person(self.node, person.email)
        asked = again.login()
        self.assertEqual((asked.status, asked.code), (401, "auth.mfa_required"), asked.text)
        flow = asked.json["details"]["flow"]
        def answer(code, flow=flow):
            return self.node.ask("POST", "/api/auth/login/code", {"flow": flow, "code": code}, token=False)
        self.assertEqual(answer("000000").code, "auth.mfa_failed")
        self.assertEqual(answer(totp(secret, -1)).code, "auth.mfa_failed")  # the enrolment's code was used
        self.assertEqual(answer("0", flow[:-1] + ("0" if flow[-1] != "0" else "1")).code, "auth.flow_expired")
        code = totp(secret)
        came = answer(code)
        self.assertEqual(came.status, 200, came.text)
        again.tokens = came.json
        self.assertEqual(again.ask("GET", "/api/auth/sessions").json["items"][-1]["state"]["method"], "2fa")
        self.assertEqual(answer(totp(secret, 1)).code, "auth.flow_expired")  # a flow is good once

        flow = again.login().json["details"]["flow"]
        self.assertEqual(answer(code, flow).code, "auth.mfa_failed")  # and so is a code
        self.assertEqual(answer(codes[0], flow).status, 200)
        flow = again.login().json["details"]["flow"]
        self.assertEqual(answer(codes[0], flow).code, "auth.mfa_failed")
        self.assertEqual(again.ask("GET", "/api/auth/mfa").json, {"totp": "verified", "recovery_codes_left": 9, "passkeys": 0})

        for _ in range(4):
            self.assertEqual(answer("000000", flow).code, "auth.mfa_failed")
        sixth = answer(codes[1], flow)
        self.assertEqual((sixth.status, sixth.code), (429, "auth.too_many_attempts"))
        self.assertEqual(answer(codes[1], flow).code, "auth.flow_expired")

        # Who began it may end it, and only who holds the flow.
        flow = again.login().json["details"]["flow"]
        def cancel(flow):
            return self.node.ask("POST", "/api/auth/login/cancel", {"flow": flow}, token=False)
        self.assertEqual(cancel(flow[:-1] + ("0" if flow[-1] != "0" else "1")).code, "auth.flow_expired")
        self.assertEqual([200, 200], [cancel(flow).status, cancel(flow).status])
        self.assertEqual(answer(codes[1], flow).code, "auth.flow_expired")

        self.assertEqual(again.ask("POST", "/api/auth/mfa/totp/remove", {"code": "000000"}).code, "auth.mfa_failed")
        self.assertEqual(again.ask("POST", "/api/auth/mfa/totp/remove", {"code": codes[1]}).status, 200)
        self.assertEqual(again.login().status, 200)
        for answered in (self.owner.ask("GET", f"/v1/tenants/system/mfa_enrolments/{again.id}"), self.owner.ask("GET", "/v1/events?last=1000")):
            self.assertEqual(answered.status, 200)
            self.assertNotIn(secret, answered.text)
            self.assertNotIn("secret://system/mfa_enrolment", self.owner.ask("GET", f"/v1/tenants/system/mfa_enrolments/{again.id}").text)

    def test_another_password_ends_every_session(self):
        person = self.person()
        other = Person(self.node, person.email)
        other.login(device="another")
        self.assertEqual(person.ask("POST", "/api/auth/password", {"before": PASSWORD, "after": PASSWORD + " 3"}).status, 200)
        for one in (person, other):
            self.assertEqual(one.ask("GET", "/api/auth/sessions").status, 401)
            self.assertEqual(one.refresh().status, 401)

    def test_sessions_and_accounts_outlive_the_node(self):
        person = self.person("t-one", "viewer")
        banned = self.person()
        self.owner.ask("POST", f"/v1/tenants/system/users/{banned.id}/ban", {"reason": "a test"})
        self.node.kill()
        self.node.start()
        wait("readiness", lambda: self.node.ask("GET", "/readyz").status == 200)
        self.assertEqual(person.ask("GET", "/v1/tenants/t-one").status, 200)
        self.assertEqual(banned.ask("GET", "/api/auth/sessions").status, 403)
        self.assertEqual(person.refresh().status, 200)
        self.assertEqual(person.login().status, 200)


if __name__ == "__main__":
    unittest.main()
