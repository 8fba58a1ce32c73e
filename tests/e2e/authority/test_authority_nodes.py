"""What is taken from somebody on one node holds on the other: two nodes on one PostgreSQL, the second behind a line that can be cut.

No clock judges. What orders answers is the log: who knows of something that was committed later knows of what was taken before it; and once a node
has refused, it does not let in again."""
import http.client
import json
import os
import shutil
import sys
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from town import REASON, SCOPES, Town, good  # noqa: E402
from relay import Relay  # noqa: E402
from harness import Node, wait  # noqa: E402
from postgres import Postgres  # noqa: E402
from test_identity import Person  # noqa: E402

STALE = (503, "authority.stale")
AFTERWARDS = 40  # answers that are looked at after the first refusal


class Asker:
    """Asks one question without a pause, from a thread of its own; each answer as (status, code)."""

    def __init__(self, node, secret, path, method="GET", body=None):
        self.node, self.request = node, (method, path, None if body is None else json.dumps(body), {"Authorization": "Bearer " + secret, "Content-Type": "application/json"})
        self.answers = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        connection = None
        while not self.over.is_set():
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=40)
                connection.request(*self.request)
                response = connection.getresponse()
                text = response.read().decode()
                self.answers.append((response.status, json.loads(text).get("code") if response.status >= 400 else None))
            except (OSError, http.client.HTTPException):
                connection = None
                self.over.wait(0.02)

    def until(self, what, condition):
        """The number of answers until one is so."""
        wait(what, lambda: any(condition(one) for one in self.answers[:]))
        return next(number for number, one in enumerate(self.answers) if condition(one))

    def more(self, count=AFTERWARDS):
        goal = len(self.answers) + count
        wait("more answers", lambda: len(self.answers) >= goal)

    def stop(self):
        self.over.set()
        self.thread.join(60)


class TwoNodes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.close)
        cls.postgres.start()
        cls.relay = Relay(cls.postgres)
        cls.addClassCleanup(cls.relay.close)
        cls.one, cls.two = (cls.make(name, url) for name, url in (("one", cls.postgres.url()), ("two", cls.relay.url())))
        cls.one.start()
        os.makedirs(cls.two.state, 0o700)  # nodes of one installation have one key
        shutil.copy2(os.path.join(cls.one.state, "node.key"), os.path.join(cls.two.state, "node.key"))
        cls.two.start()
        cls.town = Town(cls.one)
        cls.one.tenant("t-one", "pro")
        cls.count = 0

    @classmethod
    def make(cls, name, url):
        node = Node(extra_env={"NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": url, "NOVA_NODE_NAME": name})
        cls.addClassCleanup(node.close)
        return node

    def tearDown(self):
        self.relay.mend()

    def person(self, role="admin"):
        type(self).count += 1
        return self.town.person(f"person-{self.count}", "t-one", role)

    def asker(self, secret, path="/v1/tenants/t-one", **more):
        made = Asker(self.two, secret, path, **more)
        self.addCleanup(made.stop)
        made.until("the other node to let them in", lambda one: one[0] == 200)
        return made

    def two_has_heard(self):
        """Whoever knows of a session knows of all that was committed before it."""
        marker = Person(self.one, "somebody@example.org")
        good(marker.login())
        wait("the other node to know what came later", lambda: self.two.ask("GET", "/v1/whoami", None, {"Authorization": "Bearer " + marker.tokens["access_token"]}, token=False).status == 200)

    def refused(self, asker, code, begun):
        """The first refusal after `begun` answers comes, is that one, and nothing is let in behind it."""
        wait("the other node to refuse", lambda: any(one[0] != 200 and one != STALE for one in asker.answers[begun:]))
        self.two_has_heard()
        known = len(asker.answers) + 1  # one may be under way
        asker.more()
        asker.stop()
        answers = asker.answers[begun:]
        first = next(number for number, one in enumerate(answers) if one[0] != 200 and one != STALE)
        self.assertEqual(code, answers[first][1], answers[first])
        self.assertEqual(0, sum(one[0] == 200 for one in answers[first:]), answers[first:])
        self.assertEqual(set(), {one for one in asker.answers[known:] if one[1] not in (code, STALE[1])})

    def test_what_is_taken_on_one_is_gone_on_the_other(self):
        owner = self.town.owner
        user = "/v1/tenants/system/users/{0.id}/"
        for what, path, body, code in (("suspended", user + "suspend", REASON, "user.suspended"), ("banned", user + "ban", REASON, "user.banned"),
                                       ("deactivated", user + "deactivate", REASON, "user.deactivated"),
                                       ("no member any more", "/v1/tenants/t-one/memberships/{0.id}/remove", REASON, "access.denied")):
            with self.subTest(what):
                person = self.person()
                asker = self.asker(person.tokens["access_token"])
                begun = len(asker.answers)
                good(owner.ask("POST", path.format(person), body))
                self.refused(asker, code, begun)

    def test_a_revoked_session_and_a_signed_out_one(self):
        for path in ("/v1/tenants/system/sessions/{}/revoke", None):
            person = self.person()
            asker = self.asker(person.tokens["access_token"])
            session = good(person.ask("GET", "/v1/whoami"))["session"]
            begun = len(asker.answers)
            good(self.town.owner.ask("POST", path.format(session), REASON) if path else person.ask("POST", "/api/auth/logout", {}))
            self.refused(asker, "auth.required", begun)

    def test_a_revoked_key_and_the_key_of_who_is_suspended(self):
        for path, code in (("/v1/tenants/t-one/api_keys/{key}/revoke", "auth.required"), ("/v1/tenants/t-one/api_keys/{key}/suspend", "api_key.suspended"),
                           ("/v1/tenants/system/users/{user}/suspend", "user.suspended")):
            maker = self.person()
            secret, key = self.town.key(maker, "t-one", *SCOPES)
            asker = self.asker(secret)
            begun = len(asker.answers)
            good(self.town.owner.ask("POST", path.format(key=key, user=maker.id), REASON))
            self.refused(asker, code, begun)

    def test_a_role_that_was_lowered_and_a_tenant_that_was_suspended(self):
        change = {"method": "POST", "body": {"name": "Another"}}
        person = self.person()
        asker = self.asker(person.tokens["access_token"], "/v1/tenants/t-one/update_settings?dry_run=true", **change)
        begun = len(asker.answers)
        good(self.town.owner.ask("POST", f"/v1/tenants/t-one/memberships/{person.id}/change_role", {"role": "viewer"}))
        self.refused(asker, "access.denied", begun)

        self.one.tenant("t-closed", "pro")
        admin = self.town.person("closed-admin", "t-closed", "admin")
        key = self.town.key(admin, "t-closed", *SCOPES, "settings.write")[0]
        writers = [self.asker(secret, "/v1/tenants/t-closed/update_settings?dry_run=true", **change) for secret in (admin.tokens["access_token"], key)]
        begun = [len(each.answers) for each in writers]
        good(self.town.owner.ask("POST", "/v1/tenants/t-closed/suspend", REASON))
        for each, before in zip(writers, begun):
            self.refused(each, "tenant.suspended", before)
        for secret in (admin.tokens["access_token"], key):  # they may read
            self.assertEqual(200, self.two.ask("GET", "/v1/tenants/t-closed", None, {"Authorization": "Bearer " + secret}, token=False).status)

    def stream_on_two(self, person):
        """An open stream of t-one; read to its end when it is suspended."""
        self.asker(person.tokens["access_token"]).stop()
        connection = http.client.HTTPConnection("127.0.0.1", self.two.port, timeout=40)
        self.addCleanup(connection.close)
        connection.request("GET", "/v1/events?tenant=t-one", headers={"Authorization": "Bearer " + person.tokens["access_token"], "Accept": "text/event-stream"})
        stream = connection.getresponse()
        self.assertEqual(200, stream.status)
        return stream

    def test_a_stream_that_the_other_node_serves_ends(self):
        person = self.person("staff")
        stream = self.stream_on_two(person)
        good(self.town.owner.ask("POST", f"/v1/tenants/system/users/{person.id}/suspend", REASON))
        self.two_has_heard()
        self.one.ok("POST", "/v1/tenants/t-one/update_settings", {"name": "behind the suspension"})
        rest = stream.read().decode()
        self.assertIn("event: error", rest)
        self.assertNotIn("behind the suspension", rest)

    def test_a_silent_stream_ends_too(self):
        person = self.person("staff")
        stream = self.stream_on_two(person)
        good(self.town.owner.ask("POST", f"/v1/tenants/system/users/{person.id}/suspend", REASON))
        rest = stream.read().decode()
        self.assertIn("event: error", rest)
        self.assertNotIn("heartbeat", rest, "it ends long before a stream in which nothing happens says that it is there")

    def test_a_node_that_hears_nothing_lets_nobody_in_on_what_it_knew(self):
        person, other = self.person(), self.person()
        key = self.town.key(other, "t-one", *SCOPES)[0]
        askers = [self.asker(secret) for secret in (person.tokens["access_token"], key, other.tokens["access_token"])]
        self.relay.cut()
        begun = [len(each.answers) for each in askers]
        for each in askers:
            each.until("the node that was cut off to say so", lambda one: one == STALE)
        # What happens meanwhile it cannot know, and it does not guess.
        good(self.town.owner.ask("POST", f"/v1/tenants/system/users/{person.id}/suspend", REASON))
        self.assertEqual(200, other.ask("GET", "/v1/tenants/t-one").status)
        for each in askers:
            each.more(10)
        for each, before in zip(askers, begun):
            answers = each.answers[before:]
            self.assertEqual({STALE}, set(answers[answers.index(STALE):]))
        self.relay.mend()
        for each in askers[1:]:
            wait("the node to let them in again", lambda each=each: each.answers[-1][0] == 200)
            each.stop()
        self.refused(askers[0], "user.suspended", begun[0] + askers[0].answers[begun[0]:].index(STALE))


if __name__ == "__main__":
    unittest.main()
