"""What members of a tenant may do there: the matrix as the data file has it, a viewer's limits, and a tenant that is suspended."""
import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from bodies import Bodies  # noqa: E402
from town import SCOPES, Town, good  # noqa: E402
from harness import Node, pack, wait  # noqa: E402

CONFIG = os.path.join(HERE, "..", "..", "..", "config")
NOT_ASKED = ("/logs",)  # of what runs on this machine
WRITES = 30  # that an owner is served before the suspension, at least: else nothing was shown


class TenantRights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node(extra_env={"NOVA_HTTP_ALLOW_PRIVATE": "127.0.0.1/32"}).start()
        cls.addClassCleanup(cls.node.close)
        cls.town = town = Town(cls.node)
        town.digest, town.source = pack(os.path.join(HERE, "..", "service"))
        town.constitution = cls.node.ok("GET", "/v1/constitution")["text"]
        cls.clinic = town.tenant("clinic")
        cls.members = {role: town.person("member-" + role, "clinic", role) for role in ("owner", "admin", "staff", "viewer")}
        cls.bodies = Bodies(town)

    # ---- the matrix

    def test_each_cell_of_the_matrix_is_what_the_data_file_says(self):
        with open(os.path.join(CONFIG, "permissions.json"), encoding="utf-8") as file:
            data = json.load(file)["tenant_capability_matrix"]
        self.assertEqual((14, 4), (len(data["capabilities"]), len(data["roles"])))
        expected = {(line["code"], role): role in line["allow"] for line in data["capabilities"] for role in data["roles"]}
        for path in ("/api/permissions/definitions", "/v1/roles"):
            served = good(self.members["viewer"].ask("GET", path))["tenant_capability_matrix"]
            self.assertEqual(expected, {(line["code"], role): role in line["allow"] for line in served["capabilities"] for role in served["roles"]}, path)
        told, shown, checked = {}, {}, {}
        for role, person in self.members.items():
            for line in good(person.ask("GET", "/api/permissions/me?tenant=clinic"))["capabilities"]:
                told[line["name"], role] = line["allow"]
                self.assertTrue(line["rule"] and line["reason"], line)
            for line in good(self.town.owner.ask("GET", f"/api/permissions/user/{person.id}?tenant=clinic"))["capabilities"]:
                shown[line["name"], role] = line["allow"]
            for code, _ in expected:
                checked[code, role] = good(person.ask("POST", "/api/permissions/check", {"permission": code, "tenant": "clinic"}))["allow"]
        self.assertEqual(expected, told)
        self.assertEqual(expected, shown)
        self.assertEqual(expected, checked)
        # In another tenant they have none of it.
        self.assertFalse(any(line["allow"] for line in good(self.members["owner"].ask("GET", "/api/permissions/me?tenant=vaults"))["capabilities"]))

    def test_a_viewer_does_not_export_nor_read_what_needs_more(self):
        viewer = self.members["viewer"]
        answer = good(viewer.ask("POST", "/api/permissions/check", {"permission": "data.export", "tenant": "clinic"}))
        self.assertEqual((False, "default_deny"), (answer["allow"], answer["rule"]))
        own = ("swordfish", self.clinic["key"], self.clinic["endpoint"], self.clinic["delivery"])
        for path in ("/v1/tenants/clinic/api_keys", f"/v1/tenants/clinic/api_keys/{self.clinic['key']}", f"/v1/tenants/clinic/api_keys/{self.clinic['key']}/events", f"/v1/tenants/clinic/api_keys/{self.clinic['key']}/why",
                     "/api/api-keys?tenant=clinic", "/api/api-keys/audit-logs?tenant=clinic", "/api/api-keys/webhooks?tenant=clinic", f"/api/api-keys/webhooks/{self.clinic['endpoint']}/deliveries?tenant=clinic",
                     "/v1/tenants/clinic/webhook_endpoints", "/v1/tenants/clinic/webhook_deliveries", "/v1/tenants/clinic/secrets", "/v1/tenants/clinic/secrets/db", "/api/vault/list?tenant=clinic", "/api/vault/secrets/db?tenant=clinic",
                     "/v1/tenants/clinic/memberships", f"/v1/tenants/clinic/memberships/{self.clinic['member']}", "/v1/tenants/clinic/denials", "/v1/events?tenant=clinic", "/v1/tree?tenant=clinic", "/v1/tree/rows?tenant=clinic"):
            refused = viewer.ask("GET", path)
            self.assertEqual((403, "access.denied"), (refused.status, refused.code), path)
            for word in own:
                if word not in path:
                    self.assertNotIn(word, refused.text, path)
            self.assertEqual(200, self.town.owner.ask("GET", path).status, path)
        # What everybody of the tenant sees does not tell it either.
        for path in ("/v1/tenants/clinic/events", "/v1/tenants/clinic/platforms", "/v1/tenants/clinic/approvals", "/v1/tenants/clinic/ai_executions", "/v1/tenants/clinic/why"):
            shown = viewer.ask("GET", path)
            self.assertEqual(200, shown.status, path)
            for word in own:
                self.assertNotIn(word, shown.text, path)

    # ---- suspension

    def questions(self):
        """(method, path, body) of all reads and, tried only, all commands of the tenant, made of the schema."""
        document = self.node.ok("GET", "/v1/openapi.json")
        things = {**self.clinic, "ids": {}}
        for kind in self.node.ok("GET", "/v1/kinds")["items"]:
            if kind["plural"] != "tenants" and (found := self.node.ok("GET", f"/v1/tenants/clinic/{kind['plural']}?limit=1")["items"]):
                things["ids"][kind["plural"]] = found[0]["id"]
        for pattern, operations in document["paths"].items():
            for method, operation in operations.items():
                names = {one["name"] for one in operation.get("parameters", [])}
                if pattern.startswith(("/v1/tenants/{tenant}", "/api/tenants/{tenant}")) or "tenant" in names and method != "get" or pattern.startswith(("/api/api-keys", "/api/vault", "/api/sovereign/decisions", "/api/sovereign/incidents")):
                    if pattern.endswith(NOT_ASKED) or "{" in (path := self.bodies.path(method.upper(), pattern, things)):
                        continue
                    if method != "get" and "dry_run" not in names:
                        continue
                    query = ["tenant=clinic"] if "tenant" in names and "{tenant}" not in pattern else []
                    query += ["dry_run=true"] if method != "get" else []
                    yield method.upper(), path + ("?" + "&".join(query) if query else ""), self.bodies.body(method.upper(), pattern, operation, things)

    def test_a_suspended_tenant_reads_and_pays_and_nothing_else(self):
        owner = self.members["owner"]
        every = [scope["name"] if isinstance(scope, dict) else scope for scope in self.node.ok("GET", "/api/permissions/definitions")["api_scopes"]]
        secret = self.town.key(owner, "clinic", *every)[0]
        narrow = self.town.key(self.members["admin"], "clinic", *SCOPES)[0]

        def asked(secret, method, path, body):
            # A node that has not heard from its log for a second lets nobody in.
            def once():
                answer = self.node.ask(method, path, body, {"Authorization": "Bearer " + secret}, token=False)
                return None if answer.status == 503 and answer.code == "authority.stale" else answer
            return wait("an answer", once)

        callers = {"owner": owner.tokens["access_token"], "key": secret, "narrow key": narrow}
        questions = list(self.questions())
        served = {name: [one for one in questions if asked(token, *one).status < 300] for name, token in callers.items()}
        for name, least in (("owner", WRITES), ("key", WRITES // 2)):
            self.assertGreater(sum(one[0] != "GET" for one in served[name]), least, served[name])
        self.node.ok("POST", "/api/tenants/clinic/suspend", {"reason": "unpaid"})
        # From the very next request on, in earnest and tried, and by all of them.
        for name, token in callers.items():
            answer = asked(token, "POST", "/v1/apply", {"manifests": [self.node.blueprint("clinic", "late", {"web": {"source": {"path": "./service", "digest": self.town.digest}, "run": ["true"]}})]})
            self.assertEqual((403, "tenant.suspended"), (answer.status, answer.code), name + answer.text)
            for method, path, body in served[name]:
                answer = asked(token, method, path, body)
                if method == "GET":
                    self.assertLess(answer.status, 300, f"{name} {path} {answer.text}")
                elif answer.code != "tenant.suspended":
                    self.fail(f"{name} of a suspended tenant was answered {answer.status} {answer.text} at {method} {path} {body}")
        self.assertEqual("tenant.suspended", asked(owner.tokens["access_token"], "POST", "/v1/tenants/clinic/update_settings", {"name": "mine"}).code)
        # Paying: the platform's people for money change its tier; its own owner may not.
        clerk = self.town.person("clerk", platform="finance_manager")
        good(clerk.ask("POST", "/api/tenants/clinic/tier", {"tier": "enterprise"}))
        self.assertEqual("access.denied", owner.ask("POST", "/api/tenants/clinic/tier", {"tier": "free"}).code)
        # And with the suspension all of it is over.
        self.node.ok("POST", "/api/tenants/clinic/activate", {})
        for name, token in callers.items():
            for method, path, body in served[name]:
                answer = asked(token, method, path, body)
                self.assertLess(answer.status, 300, f"{name} {method} {path} {answer.text}")
        self.assertNotEqual("mine", good(owner.ask("GET", "/v1/tenants/clinic"))["state"]["name"])


if __name__ == "__main__":
    unittest.main()
