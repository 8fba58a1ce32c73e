"""Two tenants on one node, and questions of each that reach for what is the other's."""
import http.client
import json
import os
import random
import sys
import time
import types

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "authority"))
from bodies import Bodies  # noqa: E402
from harness import free_port, wait  # noqa: E402
from town import NOWHERE, Town  # noqa: E402

REQUESTS = 10_000
STREAMED = 0.02  # of the questions to the log
STREAM_SECONDS = 1
PASSWORD = "correct horse 9 Battery"
ENVIRONMENT = {"NOVA_HTTP_ALLOW_PRIVATE": "127.0.0.1/32"}  # of the node: webhooks are tried at once
SERVED = 0.5  # of the questions are about any route that the node serves, the others about those that are named here
# Changes what others ask with, ends what they ask by, or says something else to everybody.
NOT_ASKED = ("/api/auth/", "/signin", "/v1/apply", "/v1/plan", "/v1/sources", "/api/owner/ai", "/v1/constitution", "/v1/kill-switch")


def area_of(path):
    """The part of the API that a path is of: api-keys, tenants."""
    return path.split("?")[0].split("/")[1:3][-1]


class Side:
    """A tenant with things in it, a member who may do everything there, and words that only its own people may read."""

    def __init__(self, node, name, rng, layer):
        self.node, self.name = node, name
        self.words = [f"canary{rng.getrandbits(64):016x}" for _ in range(13)]
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
        self.own(layer)

    def made(self, path, body):
        status, text = self.ask("POST", path, body, answer_only=True)
        if status >= 300:
            raise AssertionError(f"{path}: {status} {text}")
        return json.loads(text).get("id")

    def own(self, layer):
        """Something of all that a tenant can own, with a word in it where it has text; what has none is known by its id."""
        node, name, words = self.node, self.name, self.words
        key = self.made(f"/v1/tenants/{name}/api_keys", {"name": words[6], "scopes": ["platform.read"]})
        self.made(f"/v1/tenants/{name}/secrets/db/create", {"value": "swordfish", "name": words[7], "path": words[8]})
        endpoint = self.made(f"/v1/tenants/{name}/webhook_endpoints", {"url": NOWHERE, "events": ["PAYMENT_FAILED"], "retries": 0, "description": words[9]})
        self.made(f"/api/api-keys/webhooks/{endpoint}/test?tenant={name}", {})
        delivery = wait("a delivery", lambda: node.ok("GET", f"/v1/tenants/{name}/webhook_deliveries?status=failed")["items"])[0]["id"]
        decision = self.made(f"/api/sovereign/decisions?tenant={name}", {"subject": {"type": "operational", "title": words[10], "title_ar": "عنوان"}})
        incident = self.made(f"/api/sovereign/incidents?tenant={name}", {"title": words[11], "title_ar": "عنوان"})
        execution = self.made(f"/api/nova/executions?tenant={name}", {"action": "generate", "task_type": "payment", "tokens": 100, "layer": layer})
        approval = wait("people to be asked", lambda: node.ok("GET", f"/v1/approvals?parent=ai_execution/{execution}")["items"])[0]["id"]
        running = self.made(f"/api/nova/executions?tenant={name}", {"action": "execute", "task_type": words[12], "tokens": 100, "layer": layer})
        wait("the other one to run", lambda: node.ok("GET", f"/v1/tenants/{name}/ai_executions/{running}")["status"] == "running")
        self.things = {"tenant": name, "key": key, "endpoint": endpoint, "delivery": delivery, "member": self.user, "secret": words[8], "decisions": {"analyze": decision}, "incidents": {"investigate": incident}}
        self.words += [key, endpoint, delivery, decision, incident, execution, running, approval]

    def ask(self, method, path, body=None, headers=None, answer_only=False):
        """A node that has not heard from its log for a second says so and lets nobody in; on a busy machine that happens."""
        def heard():
            answer = self.ask_once(method, path, body, headers, answer_only)
            return None if answer[0] == 503 and '"authority.stale"' in answer[1] else answer
        return wait("the node to hear from its log", heard)

    def ask_once(self, method, path, body, headers, answer_only):
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
        text = response.read().decode()
        return response.status, text if answer_only else str(response.getheaders()) + text

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
        town = Town(node)
        self.common = town.common
        self.sides = [Side(node, name, self.rng, town.common["layer"]) for name in ("t-one", "t-two")]
        self.plurals = [kind["plural"] for kind in node.ok("GET", "/v1/kinds")["items"]]
        self.ids = {side.name: [(plural, item["id"]) for plural in self.plurals if plural != "tenants"
                                for item in node.ok("GET", f"/v1/tenants/{side.name}/{plural}")["items"]] for side in self.sides}
        self.cursors = {side.name: [node.ok("GET", f"/v1/tenants/{side.name}/{plural}?limit=1").get("next", "AAAA") for plural in self.plurals[:6] if plural != "tenants"] for side in self.sides}
        for side in self.sides:
            side.things["ids"] = dict(self.ids[side.name])
            # What their bodies name is theirs, too.
            there = {**town.common, "email": side.email, "user": side.user}
            side.bodies = Bodies(types.SimpleNamespace(common=there, digest="sha256:" + "0" * 64, source=b"", constitution="", node=node, waiting_program=None))
        self.head = node.ok("GET", "/v1/events?last=1")["items"][0]["position"]
        self.served = self.routes()

    def routes(self):
        """Of what the node serves: all reads, and what can be tried; by area, each as (method, pattern, description)."""
        found = {}
        for pattern, operations in self.node.ok("GET", "/v1/openapi.json")["paths"].items():
            for method, operation in operations.items():
                tried = any(one["name"] == "dry_run" for one in operation.get("parameters", []))
                if (method == "get" or tried) and not pattern.startswith(NOT_ASKED):
                    found.setdefault(area_of(pattern), []).append((method.upper(), pattern, operation))
        return list(found.values())

    def served_request(self, mine, theirs):
        """A question about any route, tried only, with what is theirs in each place that the description has for it."""
        pick = self.rng.choice
        method, pattern, operation = pick(pick(self.served))
        names = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
        tenant = pick((theirs.name, theirs.name, mine.name, "-", "system"))
        path = theirs.bodies.path(method, pattern, {**theirs.things, "tenant": tenant})
        _, one = pick(self.ids[theirs.name])
        values = {"tenant": pick((theirs.name, mine.name, "-")), "dry_run": "true", "cursor": pick(self.cursors[theirs.name]), "parent": f"deployment/{one}", "id": one, "limit": "1000", "after": str(self.rng.randrange(self.head + 2)),
                  "before": str(self.head), "status": "active", "email": theirs.email, "user": theirs.user, "kind": "decision", "code": "ai_chat", "mine": "true", "to_decide": "true"}
        query = [f"{name}={values[name]}" for name in sorted(names & set(values)) if name in ("dry_run",) or self.rng.random() < (0.9 if name == "tenant" else 0.25)]
        headers = {"X-Tenant-Id": pick((mine.name, theirs.name))} if self.rng.random() < 0.3 else {}
        if method == "GET":
            return method, path + ("?" + "&".join(query) if query else ""), None, headers
        return method, path + "?" + "&".join(query), theirs.bodies.body(method, pattern, operation, {**theirs.things, "tenant": tenant}), {**headers, "Idempotency-Key": theirs.key}

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
            method, path, body, headers = self.served_request(mine, theirs) if self.rng.random() < SERVED else self.request(mine, theirs, only_try)
            if path.startswith(("/v1/events", "/v1/tree/rows")) and self.rng.random() < STREAMED:
                status, text = mine.stream(path, headers)
            else:
                status, text = mine.ask(method, path, body, headers)
            yield mine, theirs, f"{method} {path} {body} {headers}", status, text

    def lists(self, theirs):
        """Where all that they own stands: without the border each of these shows a word of theirs."""
        return [f"{path}?tenant={theirs.name}&limit=1000" for path in ("/api/api-keys", "/api/api-keys/webhooks", "/api/vault/list", "/api/sovereign/decisions", "/api/sovereign/incidents", "/v1/approvals", "/v1/events")] + \
               [f"/v1/tenants/{theirs.name}/{plural}?limit=1000" for plural in ("api_keys", "secrets", "webhook_endpoints", "webhook_deliveries", "decisions", "incidents", "ai_executions", "approvals")]

    def leaked(self, theirs, asked, text):
        """A word of theirs that stands in the answer and was not in the question."""
        return next((word for word in theirs.words if word in text and word not in asked), None)
