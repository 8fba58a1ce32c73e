"""Every route that the node serves, asked by every sort of caller: the answers stand in routes.table, which people review.

A route without a row fails, and so does a row that answers otherwise; NOVA_WRITE_TABLES=1 writes it anew, and then the difference is reviewed.
Commands of entities have a table of their own (tests/authority/commands.table), since what they answer is the gate's.
"""
import json
import os
import unittest

from harness import Node
from test_identity import PASSWORD, Person

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "routes.table")
LEGEND = """# + is served (or told what is wrong with the question itself); - lacks a right; o the root owner's alone; 0 does not exist for them; ! must sign in;
# s is not let in by status. Members are of t-one, which is what is asked for.
"""
LAST = ("/api/auth/logout", "/api/auth/refresh")  # what ends sessions comes when nobody needs one any more


def letter(answer):
    # An answer to HEAD has no body that would say more.
    code = answer.code if answer.text and "problem+json" in answer.headers.get("Content-Type", "") else {401: "auth.required", 403: "access.denied"}.get(answer.status)
    if code == "access.denied":
        return "-"
    if code in ("auth.owner_required", "gate.denied"):
        return "o"
    if code in ("auth.required",):
        return "!"
    if code == "tenant.not_found":
        return "0"
    if answer.status == 403:
        return "s"
    return "+" if answer.status < 500 else "?"


class Routes(unittest.TestCase):
    def setUp(self):
        self.node = Node().start()
        self.addCleanup(self.node.close)
        with open(os.path.join(self.node.state, "enrolment.token"), encoding="ascii") as file:
            enrolment = file.read().strip()
        self.node.ok("POST", "/api/auth/enrol-owner", {"token": enrolment, "email": "owner@example.org", "username": "owner", "password": PASSWORD, "language": "en"})
        for tenant in ("t-one", "t-two"):
            self.node.tenant(tenant)
        self.owner = Person(self.node, "owner@example.org")
        self.owner.login()

    def person(self, name, tenant=None, role=None):
        user = self.node.ok("POST", "/api/auth/register", {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "language": "en"})["user"]
        self.node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        person = Person(self.node, f"{name}@example.org")
        self.assertEqual(person.login().status, 200)
        if tenant:
            self.node.ok("POST", f"/v1/tenants/{tenant}/memberships/{user}/invite", {"role": role})
            self.assertEqual(person.ask("POST", f"/v1/tenants/{tenant}/memberships/{user}/accept", {}).status, 200)
        return person

    def key(self, maker, *scopes):
        answer = maker.ask("POST", "/v1/tenants/t-one/api_keys", {"name": "a key", "scopes": list(scopes)})
        self.assertEqual(answer.status, 201, answer.text)
        return answer.json["key"], answer.json["id"]

    def callers(self):
        """Columns: a name and a bearer secret, in order."""
        admin = self.person("admin", "t-one", "admin")
        rows = [("anonymous", None), ("unknown token", "nova_op_" + "0" * 64), ("operator", self.node.token), ("root owner", self.owner), ("t-owner", self.person("t-owner", "t-one", "owner")),
                ("t-admin", admin), ("t-staff", self.person("staff", "t-one", "staff")), ("t-viewer", self.person("viewer", "t-one", "viewer")),
                ("member of t-two", self.person("stranger", "t-two", "admin")), ("no member", self.person("nobody"))]
        sovereign = self.person("sovereign")
        self.assertEqual(self.owner.ask("POST", f"/v1/tenants/system/users/{sovereign.id}/change_role", {"role": "sovereign"}).status, 200)
        rows.append(("subscriber, sovereign", sovereign))
        for command, status in (("suspend", "suspended"), ("ban", "banned")):
            person = self.person(status, "t-one", "owner")
            self.assertEqual(self.owner.ask("POST", f"/v1/tenants/system/users/{person.id}/{command}", {"reason": "a test"}).status, 200)
            rows.append((status, person))
        over = self.person("over", "t-one", "owner")
        self.assertEqual(over.ask("POST", "/api/auth/logout", {}).status, 200)
        rows.append(("signed out", over))
        writing, _ = self.key(admin, "platform.read", "platform.write")
        reading, _ = self.key(admin, "platform.read")
        revoked, gone = self.key(admin, "platform.read", "platform.write")
        self.assertEqual(admin.ask("POST", f"/v1/tenants/t-one/api_keys/{gone}/revoke", {"reason": "a test"}).status, 200)
        rows += [("key, reads and writes", writing), ("key, reads", reading), ("key, revoked", revoked)]
        return [(name, who.tokens["access_token"] if isinstance(who, Person) else who) for name, who in rows]

    def routes(self):
        document = self.node.ok("GET", "/v1/openapi.json")
        commands = {command["name"] for kind in self.node.ok("GET", "/v1/kinds")["items"] for command in kind["commands"]}
        found = []
        for pattern, operations in document["paths"].items():
            for method, operation in operations.items():
                if method == "post" and pattern.startswith("/v1/tenants/{tenant}/") and pattern.rsplit("/", 1)[1] in commands:
                    continue
                found.append((method.upper(), pattern, pattern))
                if any(one["name"] == "tenant" and one["in"] == "query" for one in operation.get("parameters", [])):
                    found.append((method.upper(), pattern + "?tenant=t-one", pattern))
        return sorted(found, key=lambda one: (one[2] in LAST, one[1], one[0]))

    def ask(self, method, path, secret):
        for name, value in (("{tenant}", "t-one"), ("{id}", "it"), ("{user}", "it"), ("{digest}", "sha256:" + "0" * 64), ("{policy}", "it"), ("{method}", "device"), ("{status}", "active"), ("{provider}", "it"), ("{version}", "1.0.0"), ("{position}", "1"), ("{path}", "it/rotate")):
            path = path.replace(name, value)
        self.assertNotIn("{", path, "a parameter that this test knows no value for")
        headers = {"Authorization": "Bearer " + secret} if secret else {}
        return self.node.ask(method, path, {} if method in ("POST", "PUT", "PATCH") else None, headers, token=False)

    def test_every_route_answers_every_caller_as_the_reviewed_table_says(self):
        callers = self.callers()
        text = LEGEND + "".join(f"# {'|' * i}/ {name}\n" for i, (name, _) in enumerate(callers))
        for method, path, _ in self.routes():
            text += "  " + "".join(letter(self.ask(method, path, secret)) for _, secret in callers) + f"  {method} {path}\n"
        if os.environ.get("NOVA_WRITE_TABLES"):
            with open(TABLE, "w", encoding="utf-8") as file:
                file.write(text)
        with open(TABLE, encoding="utf-8") as file:
            self.assertEqual(text.splitlines(), file.read().splitlines())
        self.assertNotIn("?", text.replace("?tenant=", ""))


if __name__ == "__main__":
    unittest.main()
