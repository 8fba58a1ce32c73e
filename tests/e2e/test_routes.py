"""Every route that the node serves, asked by every sort of caller with a request that is valid: the answers stand in routes.table, which people review.

A route without a row fails, and so does a row that answers otherwise; NOVA_WRITE_TABLES=1 writes it anew, and then the difference is reviewed.
Requests are made of the schema that the node serves (authority/bodies.py), and whatever knows `dry_run` is asked so. A row in which nobody is
served would say nothing about authority: it fails unless `UNSERVED` tells why.
Commands of entities have a table of their own (tests/authority/commands.table), since what they answer is the gate's."""
import fnmatch
import http.client
import json
import os
import queue
import sys
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "authority"))
from bodies import QUERIES, Bodies  # noqa: E402
from harness import Answer, Node, pack, wait  # noqa: E402
from town import PASSWORD, REASON, SCOPES, Town, good  # noqa: E402

TABLE = os.path.join(HERE, "routes.table")
LEGEND = """# + is served, h is told that it waits for people; - lacks a right; o the root owner's alone, and of keys: no scope is for it; g no AI's, or the runtime's alone; 0 does not exist for them;
# ! must sign in; m must show a second factor; s is not let in by status; t the tenant is suspended, w it waits or was put away;
# x is let in and told what is wrong with the question: what it names is not there, or not in the state for it.
# Members are of t-one, which is what is asked for; "@..." is the tenant that is asked for in its place.
"""
LAST = ("/api/auth/logout", "/api/auth/refresh")  # what ends sessions comes when nobody needs one any more
ASKERS = 4  # at once, each with a connection of its own
LETTERS = {"access.denied": "-", "auth.owner_required": "o", "gate.denied": "g", "ai.prohibited": "g", "auth.required": "!", "auth.mfa_required": "m", "tenant.suspended": "t"}
BY_STATUS = ("user.suspended", "user.banned", "user.deactivated", "user.not_verified", "api_key.suspended", "api_key.revoked", "ai.agent_inactive", "ai.layer_inactive", "ai.layer_stopped")
# Rows in which nobody is served, and why.
UNSERVED = {
    "POST /api/auth/device/token": "a person has not answered yet",
    "POST /api/auth/enrol-owner": "there is an owner",
    "POST /api/auth/login/*": "no sign-in is under way",
    "POST /api/auth/methods/{method}/enable": "it is open",
    "POST /api/auth/mfa/*": "a code is good once",
    "* /api/auth/oidc/*": "tests/e2e/oidc has a provider",
    "* /api/auth/passkey*": "tests/e2e/browser has an authenticator",
    "POST /api/auth/password": "ends the sessions of who is served",
    "POST /api/auth/password/*": "tests/e2e/mail sends mail",
    "POST /api/auth/verify*": "tests/e2e/mail sends mail",
    "POST /api/auth/refresh": "a refresh token is good once",
    "POST */kill-switch/deactivate": "a code is good once",
    "PATCH /api/owner/ai-sovereignty/constitution/*": "a code is good once",
    "POST /v1/constitution/amend": "a code is good once",
    "POST /v1/constitution/confirm": "no draft waits",
    "POST /api/sovereign/emergency/[lr]*": "a code is good once",
    "POST /api/sovereign/sensitive-sessions/{id}/[!c]*": "a password and a code are good once",
    "POST /api/sovereign/sensitive-sessions/{id}/complete": "nobody has opened it",
    "POST /v1/dead-letters/*": "there is none",
    **{f"GET /v1/tenants/{{tenant}}/{plural}/{{id}}*": "there is none" for plural in ("escalations", "identity_links", "oidc_flows", "passkeys", "rate_counters", "verifications", "work_outcomes")},
}


def letter(method, answer):
    if answer.status < 400:
        # With dry_run, too, which makes no approval.
        return "h" if '"answer":"hold"' in answer.text and '"status":"held"' in answer.text else "+"
    # An answer to HEAD has no body that would say more.
    code = {401: "auth.required", 403: "access.denied", 404: "x.not_found"}.get(answer.status) if method == "HEAD" else answer.code
    if code in LETTERS:
        return LETTERS[code]
    if code in BY_STATUS:
        return "s"
    if code == "tenant.not_found" or answer.status == 404:
        return "0"
    return "x" if answer.status < 500 else "?"


class Caller:
    def __init__(self, name, who, things):
        self.name, self.things = name, things
        self.secret = who if isinstance(who, (str, type(None))) else who.tokens["access_token"]


class Routes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node(extra_env={"NOVA_HTTP_ALLOW_PRIVATE": "127.0.0.1/32"}).start()
        cls.addClassCleanup(cls.node.close)
        cls.town = town = Town(cls.node)
        town.digest, town.source = pack(os.path.join(HERE, "service"))
        town.constitution = cls.node.ok("GET", "/v1/constitution")["text"]
        cls.one, cls.two, cls.closed = (town.tenant(name, service=name == "t-one") for name in ("t-one", "t-two", "t-closed"))
        cls.bodies = Bodies(town)

    def callers(self):
        """In the order of the columns."""
        town, one = self.town, self.one
        owner, node = town.owner, self.node
        columns = []

        def column(name, who, things=one):
            columns.append(Caller(name, who, things))

        column("anonymous", None)
        column("unknown token", "nova_op_" + "0" * 64)
        column("operator", node.token)
        column("root owner", owner)
        members = {role: town.person("t-" + role, "t-one", role) for role in ("owner", "admin", "staff", "viewer")}
        for role, person in members.items():
            column("t-" + role, person)
        column("invited", town.person("invited", "t-one", "admin", accept=False))
        removed = town.person("removed", "t-one", "admin")
        good(owner.ask("POST", f"/v1/tenants/t-one/memberships/{removed.id}/remove", REASON))
        column("removed", removed)
        column("t-two's admin", self.two["admin"])
        for role in ("free", "basic", "pro", "enterprise", "sovereign", "admin", "finance_admin", "finance_manager", "accountant", "support_agent"):
            column(role, town.person("platform-" + role.replace("_", "-"), platform=role))
        for command, status in (("suspend", "suspended"), ("ban", "banned"), ("deactivate", "deactivated")):
            person = town.person(status, "t-one", "owner")
            good(owner.ask("POST", f"/v1/tenants/system/users/{person.id}/{command}", REASON))
            column(status, person)
        over = town.person("over", "t-one", "owner")
        good(over.ask("POST", "/api/auth/logout", {}))
        column("signed out", over)
        admin = members["admin"]
        every = sorted(scope["name"] if isinstance(scope, dict) else scope for scope in node.ok("GET", "/api/permissions/definitions")["api_scopes"])
        column("key, all scopes", town.key(members["owner"], "t-one", *every)[0])
        column("key, reads and writes", town.key(admin, "t-one", *SCOPES)[0])
        column("key, reads", town.key(admin, "t-one", "platform.read")[0])
        column("key of t-viewer, reads, writes, keys", self.key_for(members["viewer"], *SCOPES, "api_keys.manage"))
        column("key of t-two", town.key(self.two["admin"], "t-two", *SCOPES)[0])
        for command, status in (("revoke", "revoked"), ("suspend", "suspended")):
            secret, key = town.key(admin, "t-one", *SCOPES)
            good(admin.ask("POST", f"/v1/tenants/t-one/api_keys/{key}/{command}", REASON))
            column("key, " + status, secret)
        column("key, expired", town.expired_key(admin, "t-one", *SCOPES))
        maker = town.person("maker", "t-one", "admin")
        orphan = town.key(maker, "t-one", *SCOPES)[0]
        good(owner.ask("POST", f"/v1/tenants/system/users/{maker.id}/suspend", REASON))
        column("key of a suspended person", orphan)
        for status in ("active", "inactive"):
            agent = town.agent(town.layer("Layer of the " + status), "The " + status)
            secret = town.key(owner, "t-one", *every, agent=agent)[0]
            if status == "inactive":
                good(owner.ask("POST", f"/v1/tenants/system/ai_agents/{agent}/deactivate", REASON))
            column("AI agent, " + status, secret)
        # Of a tenant that is suspended, with all that it owns.
        theirs = [(role, town.person("c-" + role, "t-closed", role)) for role in ("owner", "viewer")]
        secret = town.key(theirs[0][1], "t-closed", *every)[0]
        for role, person in theirs:
            column(f"t-{role}@suspended", person, self.closed)
        column("key, all scopes@suspended", secret, self.closed)
        good(owner.ask("POST", "/v1/tenants/t-closed/suspend", REASON))
        return columns

    def key_for(self, person, *scopes):
        """With more scopes than they have rights: made while they had them."""
        membership = f"/v1/tenants/t-one/memberships/{person.id}/change_role"
        good(self.town.owner.ask("POST", membership, {"role": "admin"}))
        secret = self.town.key(person, "t-one", *scopes)[0]
        good(self.town.owner.ask("POST", membership, {"role": "viewer"}))
        return secret

    def owned(self):
        """What of each kind there is to be asked for, in a tenant or in none: afterwards, since keys and people are among it."""
        plurals = [kind["plural"] for kind in self.node.ok("GET", "/v1/kinds")["items"] if kind["plural"] != "tenants"]
        common = {plural: self.node.ok("GET", f"/v1/tenants/system/{plural}?limit=1")["items"] for plural in plurals}
        for things in (self.one, self.closed):
            things["ids"] = {plural: found[0]["id"] for plural in plurals if (found := self.node.ok("GET", f"/v1/tenants/{things['tenant']}/{plural}?limit=1")["items"])}
        self.common = {plural for plural in plurals if common[plural] and plural not in self.one["ids"]}
        ids = {plural: common[plural][0]["id"] for plural in self.common}
        self.system = {**self.one, "tenant": "system", "ids": ids}

    def routes(self):
        """Method, what the row is called, the pattern, its description."""
        document = self.node.ok("GET", "/v1/openapi.json")
        commands = {command["name"] for kind in self.node.ok("GET", "/v1/kinds")["items"] for command in kind["commands"]}
        found = []
        for pattern, operations in document["paths"].items():
            for method, operation in operations.items():
                if method == "post" and pattern.startswith("/v1/tenants/{tenant}/") and pattern.rsplit("/", 1)[1] in commands:
                    continue
                name = pattern
                if pattern.startswith("/v1/tenants/{tenant}/") and pattern.split("/")[4] in self.common:
                    name = pattern.replace("{tenant}", "system")
                found.append((method.upper(), name, pattern, operation))
                if any(one["name"] == "tenant" and one["in"] == "query" for one in operation.get("parameters", [])):
                    found.append((method.upper(), pattern + "?tenant={tenant}", pattern, operation))
        return sorted(found, key=lambda one: (one[2] in LAST, one[1], one[0]))

    def request(self, route, things):
        """All but who asks."""
        method, name, pattern, operation = route
        path = self.bodies.path(method, pattern, things)
        self.assertNotIn("{", path, "a parameter that authority/bodies.py knows no value for")
        query = [QUERIES[f"{method} {pattern}"]] if f"{method} {pattern}" in QUERIES else []
        query += [f"tenant={things['tenant']}"] if "?tenant=" in name else []
        query += ["dry_run=true"] if any(one["name"] == "dry_run" for one in operation.get("parameters", [])) else []
        body = self.bodies.body(method, pattern, operation, things)
        headers = {} if body is None else {"Content-Type": "application/x-tar" if isinstance(body, bytes) else "application/json"}
        return method, path + ("?" + "&".join(query) if query else ""), json.dumps(body).encode() if isinstance(body, dict) else body, headers

    def requests(self, route, callers):
        """For each caller, what is made once for each tenant that is asked for, unless it is good once."""
        made = {}
        for caller in callers:
            things = self.system if route[1].startswith("/v1/tenants/system/") else caller.things
            if route[2].startswith("/api/auth/device/") or things["tenant"] not in made:
                made[things["tenant"]] = self.request(route, things)
            method, path, body, headers = made[things["tenant"]]
            yield method, path, body, {**headers, "Authorization": "Bearer " + caller.secret} if caller.secret else headers

    def asker(self, work, answers):
        """Asks until there is nothing more: (row, column, request)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=40)

        def once(request):
            try:
                connection.request(*request)
                response = connection.getresponse()
                answer = Answer(response.status, dict(response.getheaders()), response.read().decode())
            except (http.client.HTTPException, OSError):
                connection.close()
                raise
            # A node that has not heard from its log for a second lets nobody in; on a busy machine that happens.
            return None if answer.status == 503 and '"authority.stale"' in answer.text else answer
        try:
            while True:
                row, column, request = work.get_nowait()
                answers[row, column] = wait("an answer", lambda request=request: once(request))
        except queue.Empty:
            pass
        finally:
            connection.close()

    def test_who_is_pending_has_nothing_to_ask_with(self):
        """No column of the table: they get no token and no key."""
        waiting = self.town.account("waiting")
        self.node.ok("POST", f"/v1/tenants/t-one/memberships/{waiting}/invite", {"role": "owner"})
        login = self.node.ask("POST", "/api/auth/login", {"email": "waiting@example.org", "password": PASSWORD}, token=False)
        self.assertEqual((403, "user.not_verified"), (login.status, login.code))
        self.assertNotIn("token", login.text)
        key = self.node.ask("POST", "/v1/tenants/t-one/api_keys", {"name": "a key", "scopes": ["platform.read"], "user": waiting})
        self.assertEqual((403, "api_key.scope_above_creator"), (key.status, key.code))

    def test_every_route_answers_every_caller_as_the_reviewed_table_says(self):
        callers = self.callers()
        self.owned()
        routes = self.routes()
        answers = {}
        for last in (False, True):
            work = queue.Queue()
            for row, route in enumerate(routes):
                if (route[2] in LAST) == last:
                    for column, request in enumerate(self.requests(route, callers)):
                        work.put((row, column, request))
            threads = [threading.Thread(target=self.asker, args=(work, answers)) for _ in range(ASKERS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(len(routes) * len(callers), len(answers))

        text = LEGEND + "".join(f"# {'|' * i}/ {caller.name}\n" for i, caller in enumerate(callers))
        untold = []
        for row, (method, name, pattern, _) in enumerate(routes):
            bare = name == pattern and any(other[0] == method and other[1] == pattern + "?tenant={tenant}" for other in routes)  # a row with a tenant follows
            letters = "".join(letter(method, answers[row, column]) for column in range(len(callers)))
            text += f"  {letters}  {method} {name}\n"
            if "?" in letters:
                untold.append(f"{method} {name}: " + answers[row, letters.index("?")].text)
            elif not set(letters) & set("+h") and not bare and not any(fnmatch.fnmatchcase(f"{method} {name}", pattern) for pattern in UNSERVED):
                untold.append(f"{method} {name} {letters}: " + next((answers[row, column].text for column in (3, 2, 4)), ""))
        if os.environ.get("NOVA_WRITE_TABLES"):
            with open(TABLE, "w", encoding="utf-8") as file:
                file.write(text)
        self.assertEqual([], untold, "rows in which nobody is served say nothing about authority:\n" + "\n".join(untold))
        with open(TABLE, encoding="utf-8") as file:
            self.assertEqual(text.splitlines(), file.read().splitlines())


if __name__ == "__main__":
    unittest.main()
