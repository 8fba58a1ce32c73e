"""A pack of the constitution that a blueprint switches on, and what each sort of principal may do under it and without it."""
import datetime
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import NodeCase, free_port, wait  # noqa: E402
from test_amend import Owner  # noqa: E402


class Packs(NodeCase):
    def blueprint(self, node, tenant, *regimes):
        made = node.blueprint(tenant, "front", {"api": node.service(free_port())})
        if regimes:
            made["spec"]["definition"]["compliance"] = list(regimes)
        return made

    def refused_by(self, answer, rule):
        self.assertEqual((403, rule), (answer.status, answer.json.get("details", {}).get("rule")), answer.text)
        details = answer.json["details"]
        self.assertTrue(details["rule_en"] and any("\u0600" <= letter <= "\u06ff" for letter in details["rule_ar"]), answer.text)

    def test_a_blueprint_under_hipaa_binds_its_tenant_and_no_other(self):
        node = self.node()
        hook = {"url": "http://hooks.example.org/x", "events": ["API_KEY_CREATED"]}
        for tenant in ("clinic", "bakery"):
            node.tenant(tenant, "pro")
            self.assertEqual(201, node.ask("POST", f"/v1/tenants/{tenant}/webhook_endpoints", hook).status)
        node.apply(self.blueprint(node, "clinic", "HIPAA"))
        node.apply(self.blueprint(node, "bakery"))
        answer = node.ask("POST", "/v1/tenants/clinic/webhook_endpoints", hook)
        self.refused_by(answer, "hipaa-webhooks-are-encrypted")
        self.assertEqual(201, node.ask("POST", "/v1/tenants/clinic/webhook_endpoints", dict(hook, url="https://hooks.example.org/x")).status)
        self.assertEqual(201, node.ask("POST", "/v1/tenants/bakery/webhook_endpoints", hook).status)
        # It stands on record, and holds after a crash too.
        noted = wait("the denial on record", lambda: [one for one in node.ok("GET", "/v1/tenants/clinic/denials")["items"] if one["state"]["rules"] == ["hipaa-webhooks-are-encrypted"]])
        self.assertEqual("webhook_endpoint.create", noted[0]["state"]["act"])
        node.kill()
        node.start()
        self.refused_by(node.ask("POST", "/v1/tenants/clinic/webhook_endpoints", hook), "hipaa-webhooks-are-encrypted")

    def test_keys_and_ai_pass_the_same_gate_as_people(self):
        node = self.node()
        owner = Owner(node)
        for tenant in ("clinic", "bakery"):
            node.tenant(tenant, "pro")
            node.apply(self.blueprint(node, tenant, *(["HIPAA"] if tenant == "clinic" else [])))
        base = "/api/owner/ai-sovereignty"
        named = {"name": "Acting", "name_ar": "طبقة", "purpose": "a test", "purpose_ar": "اختبار"}
        power = {"level": 2, "max_tokens_per_request": 2048, "max_requests_per_minute": 20, "max_concurrent_requests": 5, "cost_per_request": 40}
        layer = owner.ask("POST", f"{base}/layers", {"profile": named, "type": "HYBRID", "power": power}).json["id"]
        agent = owner.ask("POST", f"{base}/agents", {"name": "Writer", "layer": layer, "model": "m", "max_tokens": 1024, "available_to_subscribers": True, "requires_sovereign_approval": False}).json["id"]
        wait("the agent to work", lambda: owner.ask("GET", f"{base}/agents/{agent}").json["status"] == "active")
        scopes = ["platform.read", "platform.write", "platform.delete", "ai.invoke"]
        keys = {}
        self.refused_by(owner.ask("POST", "/v1/tenants/clinic/api_keys", {"name": "k", "scopes": scopes}), "hipaa-keys-expire")
        soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for tenant in ("clinic", "bakery"):
            for sort, more in (("api_key", {}), ("ai", {"agent": agent})):
                body = {"name": sort, "scopes": scopes, "expires_at": soon, **more}
                answer = owner.ask("POST", f"/v1/tenants/{tenant}/api_keys", body)
                self.assertEqual(201, answer.status, answer.text)
                keys[tenant, sort] = {"Authorization": "Bearer " + answer.json["key"]}

        def ask(tenant, sort, method, path, body=None):
            return node.ask(method, f"/v1/tenants/{tenant}{path}", body, keys[tenant, sort], token=False)

        for (tenant, sort) in keys:
            who = node.ask("GET", "/v1/whoami", headers=keys[tenant, sort], token=False).json
            self.assertEqual(sort, who["type"])
            self.assertEqual(200, ask(tenant, sort, "GET", "/platforms").status)
        # What destroys: an AI nowhere, a key where no pack says otherwise, people everywhere.
        self.refused_by(ask("bakery", "ai", "POST", "/platforms/front/delete", {}), "ai-destroys-nothing")
        self.assertEqual(403, ask("clinic", "ai", "POST", "/platforms/front/delete", {}).status)
        self.refused_by(ask("clinic", "api_key", "POST", "/platforms/front/delete", {}), "hipaa-people-destroy")
        self.assertEqual(200, ask("bakery", "api_key", "POST", "/platforms/front/delete", {}).status)
        self.assertEqual(200, owner.ask("POST", "/v1/tenants/clinic/platforms/front/delete", {}).status)
        # A key of one tenant is nobody in another, whatever sort it is.
        for sort in ("api_key", "ai"):
            answer = node.ask("GET", "/v1/tenants/bakery/platforms", headers=keys["clinic", sort], token=False)
            self.assertIn(answer.status, (403, 404), answer.text)


if __name__ == "__main__":
    unittest.main()
