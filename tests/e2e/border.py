"""Two tenants on one node, and questions of each that reach for what is the other's."""
import http.client
import json
import os
import random
import time

from harness import free_port, wait

REQUESTS = 10_000
STREAMED = 0.02  # of the questions to the log
STREAM_SECONDS = 1
PASSWORD = "correct horse 9 Battery"


class Side:
    """A tenant with things in it, a member who may do everything there, and words that only its own people may read."""

    def __init__(self, node, name, rng):
        self.node, self.name = node, name
        self.words = [f"canary{rng.getrandbits(64):016x}" for _ in range(6)]
        node.ok("POST", f"/v1/tenants/{name}/create", {"name": self.words[0]})
        self.email = f"{self.words[4]}@example.org"
        self.user = user = node.ask("POST", "/api/auth/register", {"email": self.email, "username": self.words[5], "password": PASSWORD, "language": "en"}, token=False).json["user"]
        node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        tokens = node.ask("POST", "/api/auth/login", {"email": self.email, "password": PASSWORD}, token=False).json
        node.ok("POST", f"/v1/tenants/{name}/memberships/{user}/invite", {"role": "admin"})
        self.token = tokens["access_token"]
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=40)
        self.ask("POST", f"/v1/tenants/{name}/memberships/{user}/accept", {})
        blueprint = node.blueprint(name, self.words[1], {"web": node.service(free_port(), env={"VERSION": self.words[2], "MODE": "good"})})
        node.apply(blueprint)
        node.wait_deployment(name, self.words[1])
        self.key = f"key-{rng.getrandbits(32):08x}"
        self.named = {"name": self.words[3]}
        self.ask("POST", f"/v1/tenants/{name}/update_settings", self.named, {"Idempotency-Key": self.key})

    def ask(self, method, path, body=None, headers=None):
        """A node that has not heard from its log for a second says so and lets nobody in; on a busy machine that happens."""
        def heard():
            answer = self.ask_once(method, path, body, headers)
            return None if answer[0] == 503 and '"authority.stale"' in answer[1] else answer
        return wait("the node to hear from its log", heard)

    def ask_once(self, method, path, body, headers):
        sent = {"Authorization": "Bearer " + self.token, **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        data = None if body is None else json.dumps(body)
        try:
            self.connection.request(method, path, data, sent)
            response = self.connection.getresponse()
        except http.client.RemoteDisconnected:  # it lay idle while the other side asked
            self.connection.request(method, path, data, sent)
            response = self.connection.getresponse()
        return response.status, str(response.getheaders()) + response.read().decode()

    def stream(self, path, headers):
        """The first bytes of a stream, whatever comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=0.3)
        try:
            connection.request("GET", path, headers={"Authorization": "Bearer " + self.token, "Accept": "text/event-stream", **headers})
            response = connection.getresponse()
            text = str(response.getheaders())
            try:
                end = time.monotonic() + STREAM_SECONDS  # a busy log never pauses
                while len(text) < 100_000 and time.monotonic() < end:
                    piece = response.read1(65536)
                    if not piece:
                        break
                    text += piece.decode()
            except OSError:
                pass  # nothing more came
            return response.status, text
        finally:
            connection.close()


class Border:
    """The two sides on a node that the test made; everything else follows from the seed."""

    def __init__(self, node):
        self.seed = int(os.environ.get("NOVA_SEED", random.SystemRandom().getrandbits(32)))
        print(f"border: NOVA_SEED={self.seed}", flush=True)
        self.rng = random.Random(self.seed)
        self.node = node
        self.sides = [Side(node, name, self.rng) for name in ("t-one", "t-two")]
        self.plurals = [kind["plural"] for kind in node.ok("GET", "/v1/kinds")["items"]]
        self.ids = {side.name: [(plural, item["id"]) for plural in self.plurals if plural != "tenants"
                                for item in node.ok("GET", f"/v1/tenants/{side.name}/{plural}")["items"]] for side in self.sides}
        self.cursors = {side.name: [node.ok("GET", f"/v1/tenants/{side.name}/{plural}?limit=1").get("next", "AAAA") for plural in self.plurals[:6] if plural != "tenants"] for side in self.sides}
        self.head = node.ok("GET", "/v1/events?last=1")["items"][0]["position"]

    def request(self, mine, theirs, only_try):
        """A question of `mine` that reaches for what is `theirs`; with `only_try` no command changes anything."""
        pick = self.rng.choice
        plural, one = pick(self.ids[theirs.name])
        tenant = pick((mine.name, theirs.name, "-", "system"))
        headers = {"x-tenant-id": pick((mine.name, theirs.name))} if self.rng.random() < 0.3 else {}
        position = self.rng.randrange(self.head + 2)
        query = pick(("", f"?parent={plural[:-1]}/{one}", "?status=running", f"?cursor={pick(self.cursors[theirs.name])}", "?limit=1000", "?status=active"))
        paths = (f"/v1/tenants/{tenant}/{plural}/{one}", f"/v1/tenants/{tenant}/{plural}{query}", f"/v1/tenants/{tenant}/{plural}/{one}/why",
                 f"/v1/tenants/{tenant}/{plural}/{one}/events?after={position}", f"/v1/events?after={position}&tenant={tenant}", f"/v1/events?last=1000&tenant={theirs.name}",
                 f"/v1/tenants/{tenant}", f"/v1/tenants{query}", f"/v1/tenants/{tenant}/{plural}/{one}/logs", f"/v1/tree?tenant={tenant}", "/v1/tree", "/v1/events?last=1000",
                 f"/v1/tree/rows?tenant={tenant}&after={position}", f"/v1/tree/rows?after={position}",
                 f"/v1/tenants/{tenant}/events?last=100", "/v1/dead-letters", "/api/auth/sessions", "/v1/kinds", "/metrics", f"/v1/tenants/system/users{query}",
                 "/api/owner/users", f"/api/owner/users/{theirs.user}", "/api/permissions/audit", f"/v1/users?email={theirs.email}", f"/v1/tenants/system/users/{theirs.user}/events",
                 f"/v1/tenants/{tenant}/memberships/{theirs.user}")
        commands = ((f"/v1/tenants/{tenant}/update_settings", {"name": "x"}), (f"/v1/tenants/{tenant}/{plural}/{one}/restart", {}), (f"/v1/tenants/{tenant}/{plural}/{one}/delete", {"purge": True}),
                    (f"/v1/tenants/{tenant}/deployments/{one}/scale", {"service": "web", "count": 1}), (f"/v1/tenants/{theirs.name}/{plural}/{one}/create", {"name": "x"}),
                    (f"/v1/tenants/{mine.name}/update_settings", mine.named), (f"/v1/tenants/{theirs.name}/update_settings", theirs.named))
        if self.rng.random() < 0.3:
            path, body = pick(commands)
            # What is so already may be asked in earnest: only then the key counts.
            if body not in (mine.named, theirs.named) and (only_try or path.startswith(f"/v1/tenants/{mine.name}/")):
                path += "?dry_run=true"
            return "POST", path, body, {**headers, "Idempotency-Key": theirs.key}
        return "GET", pick(paths), None, headers

    def questions(self, count, only_try=False):
        """Asks so many, and yields who asked, whom it is about, the question, and its answer."""
        for _ in range(count):
            mine, theirs = self.rng.sample(self.sides, 2)
            method, path, body, headers = self.request(mine, theirs, only_try)
            if path.startswith(("/v1/events", "/v1/tree/rows")) and self.rng.random() < STREAMED:
                status, text = mine.stream(path, headers)
            else:
                status, text = mine.ask(method, path, body, headers)
            yield mine, theirs, f"{method} {path} {body} {headers}", status, text

    def leaked(self, theirs, asked, text):
        """A word of theirs that stands in the answer and was not in the question."""
        return next((word for word in theirs.words if word in text and word not in asked), None)
