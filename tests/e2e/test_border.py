"""Two tenants on one node: whatever a member of one asks, nothing of the other one is in the answer."""
import http.client
import json
import os
import random
import unittest

from harness import Node, free_port, wait

REQUESTS = 10_000
PASSWORD = "correct horse 9 Battery"


class Side:
    """A tenant with things in it, a member who may do everything there, and words that only its own people may read."""

    def __init__(self, node, name, rng):
        self.node, self.name = node, name
        self.words = [f"canary{rng.getrandbits(64):016x}" for _ in range(4)]
        node.ok("POST", f"/v1/tenants/{name}/create", {"name": self.words[0]})
        user = node.ask("POST", "/api/auth/register", {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "language": "en"}, token=False).json["user"]
        node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        tokens = node.ask("POST", "/api/auth/login", {"email": f"{name}@example.org", "password": PASSWORD}, token=False).json
        node.ok("POST", f"/v1/tenants/{name}/memberships/{user}/invite", {"role": "admin"})
        self.token = tokens["access_token"]
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=40)
        self.ask("POST", f"/v1/tenants/{name}/memberships/{user}/accept", {})
        blueprint = node.blueprint(name, self.words[1], {"web": node.service(free_port(), env={"VERSION": self.words[2], "MODE": "good"})})
        node.apply(blueprint)
        node.wait_deployment(name, self.words[1])
        self.key = f"key-{rng.getrandbits(32):08x}"
        self.ask("POST", f"/v1/tenants/{name}/update_settings", {"name": self.words[3]}, {"Idempotency-Key": self.key})

    def ask(self, method, path, body=None, headers=None):
        sent = {"Authorization": "Bearer " + self.token, **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        self.connection.request(method, path, None if body is None else json.dumps(body), sent)
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
                while len(text) < 100_000:
                    piece = response.read1(65536)
                    if not piece:
                        break
                    text += piece.decode()
            except OSError:
                pass  # nothing more came
            return response.status, text
        finally:
            connection.close()


class Border(unittest.TestCase):
    def setUp(self):
        self.seed = int(os.environ.get("NOVA_SEED", random.SystemRandom().getrandbits(32)))
        print(f"border: NOVA_SEED={self.seed}", flush=True)
        self.rng = random.Random(self.seed)
        self.node = Node().start()
        self.addCleanup(self.node.close)
        self.sides = [Side(self.node, name, self.rng) for name in ("t-one", "t-two")]
        self.plurals = [kind["plural"] for kind in self.node.ok("GET", "/v1/kinds")["items"]]
        self.ids = {side.name: [(plural, item["id"]) for plural in self.plurals if plural != "tenants"
                                for item in self.node.ok("GET", f"/v1/tenants/{side.name}/{plural}")["items"]] for side in self.sides}
        self.cursors = {side.name: [self.node.ok("GET", f"/v1/tenants/{side.name}/{plural}?limit=1").get("next", "AAAA") for plural in self.plurals[:6] if plural != "tenants"] for side in self.sides}
        self.head = self.node.ok("GET", "/v1/events?last=1")["items"][0]["position"]

    def request(self, mine, theirs):
        """A question of `mine` that reaches for what is `theirs`."""
        pick = self.rng.choice
        plural, one = pick(self.ids[theirs.name])
        tenant = pick((mine.name, theirs.name, "-", "system"))
        headers = {"x-tenant-id": pick((mine.name, theirs.name))} if self.rng.random() < 0.3 else {}
        position = self.rng.randrange(self.head + 2)
        query = pick(("", f"?parent={plural[:-1]}/{one}", "?status=running", f"?cursor={pick(self.cursors[theirs.name])}", "?limit=1000", "?status=active"))
        paths = (f"/v1/tenants/{tenant}/{plural}/{one}", f"/v1/tenants/{tenant}/{plural}{query}", f"/v1/tenants/{tenant}/{plural}/{one}/why",
                 f"/v1/tenants/{tenant}/{plural}/{one}/events?after={position}", f"/v1/events?after={position}&tenant={tenant}", f"/v1/events?last=1000&tenant={theirs.name}",
                 f"/v1/tenants/{tenant}", f"/v1/tenants{query}", f"/v1/tenants/{tenant}/{plural}/{one}/logs", f"/v1/tree?tenant={tenant}", "/v1/tree", "/v1/events?last=1000",
                 f"/v1/tenants/{tenant}/events?last=100", "/v1/dead-letters", "/api/auth/sessions", "/v1/kinds", "/metrics", f"/v1/tenants/system/users{query}")
        commands = ((f"/v1/tenants/{tenant}/update_settings", {"name": "x"}), (f"/v1/tenants/{tenant}/{plural}/{one}/restart", {}), (f"/v1/tenants/{tenant}/{plural}/{one}/delete", {"purge": True}),
                    (f"/v1/tenants/{tenant}/deployments/{one}/scale", {"service": "web", "count": 1}), (f"/v1/tenants/{theirs.name}/{plural}/{one}/create", {"name": "x"}))
        if self.rng.random() < 0.3:
            path, body = pick(commands)
            if path.startswith(f"/v1/tenants/{mine.name}/"):
                path += "?dry_run=true"
            return "POST", path, body, {**headers, "Idempotency-Key": theirs.key}
        return "GET", pick(paths), None, headers

    def test_ten_thousand_questions_across_the_border_get_nothing(self):
        reached = {}
        for number in range(REQUESTS):
            mine, theirs = self.rng.sample(self.sides, 2)
            method, path, body, headers = self.request(mine, theirs)
            if path.startswith("/v1/events") and self.rng.random() < 0.005:
                status, text = mine.stream(path, headers)
            else:
                status, text = mine.ask(method, path, body, headers)
            self.assertLess(status, 500, f"NOVA_SEED={self.seed} request {number}: {method} {path} got {status} {text}")
            reached[status] = reached.get(status, 0) + 1
            asked = f"{method} {path} {body} {headers}"
            for word in theirs.words:
                self.assertFalse(word in text and word not in asked, f"NOVA_SEED={self.seed} request {number}: {asked} of {mine.name} answered {status} with {word}: {text[:2000]}")
        # The questions are of all sorts: some were answered, some refused.
        for status in (200, 403, 404):
            self.assertGreater(reached.get(status, 0), REQUESTS // 50, str(reached))
        # Nothing of the others was changed.
        for side in self.sides:
            self.assertIn(side.words[3], side.ask("GET", f"/v1/tenants/{side.name}")[1])
            wait("the deployment", lambda s=side: self.node.deployment(s.name, s.words[1])["status"] == "running")


if __name__ == "__main__":
    unittest.main()
