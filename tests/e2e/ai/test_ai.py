"""AI under governance on a real node: layers with power, agents, outside providers, limits of tiers, permissions, requests to AI, and an agent that signs in."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Node, wait  # noqa: E402
from test_identity import PASSWORD, Person  # noqa: E402

BASE = "/api/owner/ai-sovereignty"
NOVA = "/api/nova/permissions"


def profile(name, **more):
    return {"name": name, "name_ar": "طبقة", "purpose": "a test", "purpose_ar": "اختبار", **more}


class Ai(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node(extra_env={"NOVA_LIMITS_RATES": "false"}).start()
        cls.addClassCleanup(cls.node.close)
        with open(os.path.join(cls.node.state, "enrolment.token"), encoding="ascii") as file:
            enrolment = file.read().strip()
        cls.node.ok("POST", "/api/auth/enrol-owner", {"token": enrolment, "email": "owner@example.org", "username": "owner", "password": PASSWORD, "language": "en"})
        cls.owner = Person(cls.node, "owner@example.org")
        cls.owner.login()
        cls.node.tenant("clinic")
        cls.made = 0

    def person(self, role=None, tenant="clinic"):
        type(self).made += 1
        name = f"person{self.made}"
        user = self.node.ok("POST", "/api/auth/register", {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "language": "en"})["user"]
        self.node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        person = Person(self.node, f"{name}@example.org")
        self.assertEqual(200, person.login().status)
        if role:
            self.node.ok("POST", f"/v1/tenants/{tenant}/memberships/{user}/invite", {"role": role})
            self.assertEqual(200, person.ask("POST", f"/v1/tenants/{tenant}/memberships/{user}/accept", {}).status)
        return person

    def good(self, answer, status=None):
        self.assertIn(answer.status, (status,) if status else (200, 201), answer.text)
        return answer.json

    def refused(self, answer, code, status):
        self.assertEqual((code, status), (answer.code, answer.status), answer.text)
        return answer.json

    def layer(self, name, power=True, kind="HYBRID", who=None, **more):
        body = {"profile": profile(name, **more), "type": kind}
        if power:
            body["power"] = {"level": 2, "max_tokens_per_request": 2048, "max_requests_per_minute": 20, "max_concurrent_requests": 5, "cost_per_request": 40, **(power if isinstance(power, dict) else {})}
        return self.good((who or self.owner).ask("POST", f"{BASE}/layers", body), 201)["id"]

    def agent(self, layer, **more):
        body = {"name": "Writer", "layer": layer, "model": "some-model", "max_tokens": 1024, "available_to_subscribers": True, "requires_sovereign_approval": False, **more}
        made = self.good(self.owner.ask("POST", f"{BASE}/agents", body), 201)["id"]
        wait("its layer counts the agent", lambda: self.document("agents", made)["status"] == "active")
        return made

    def document(self, area, name):
        return self.good(self.owner.ask("GET", f"{BASE}/{area}/{name}"))

    def execution(self, who, **body):
        return who.ask("POST", "/api/nova/executions?tenant=clinic", {"action": "generate", "task_type": "text", "tokens": 100, **body})

    def ended(self, execution):
        path = f"/v1/tenants/clinic/ai_executions/{execution}"
        wait("the execution ends", lambda: self.node.ok("GET", path)["status"] not in ("requested", "allowed"))
        return self.node.ok("GET", path)

    def command(self, plural, name, command, body=None):
        return self.owner.ask("POST", f"/v1/tenants/system/{plural}/{name}/{command}", body or {})

    # ---- layers

    def test_layers_are_the_owner_s_and_their_figures_hold(self):
        admin = self.person("admin")
        self.refused(admin.ask("POST", f"{BASE}/layers", {"profile": profile("Mine"), "type": "HYBRID"}), "auth.owner_required", 403)
        self.refused(self.node.ask("POST", f"{BASE}/layers", {"profile": profile("Mine"), "type": "HYBRID"}, token=False), "auth.required", 401)
        layer = self.layer("Drafting", power=False)
        self.refused(self.owner.ask("POST", f"{BASE}/layers", {"profile": profile("drafting"), "type": "HYBRID"}), "entity.duplicate", 409)
        self.refused(self.owner.ask("POST", f"{BASE}/layers", {"profile": profile("Open", allowed_for_subscribers=True), "type": "INTERNAL_SOVEREIGN"}), "ai_layer.internal_only", 403)
        self.refused(self.owner.ask("POST", f"{BASE}/layers", {"profile": {"name": "x"}, "type": "HYBRID"}), "input.invalid", 400)
        for level in (0, 11):
            self.refused(self.owner.ask("PATCH", f"{BASE}/power-configs/{layer}", {"level": level}), "input.invalid", 400)
        self.refused(self.owner.ask("PATCH", f"{BASE}/power-configs/{layer}", {"level": 1, "max_tokens_per_request": 1025}), "ai_layer.above_level", 400)
        self.good(self.owner.ask("PATCH", f"{BASE}/power-configs/{layer}", {"level": 3, "max_tokens_per_request": 4096, "max_requests_per_minute": 30}))
        self.good(self.owner.ask("PATCH", f"{BASE}/power-configs/{layer}", {"cost_per_request": 7}))
        power = next(item for item in self.good(self.owner.ask("GET", f"{BASE}/power-configs"))["items"] if item["layer"] == layer)["power"]
        self.assertEqual((3, 4096, 7), (power["level"], power["max_tokens_per_request"], power["cost_per_request"]))
        self.good(self.owner.ask("PATCH", f"{BASE}/layers/{layer}", {"purpose": "something else"}))
        after = [event for event in self.node.ok("GET", f"/v1/tenants/system/ai_layers/{layer}/events")["items"] if event["type"].endswith("ai_layer.updated")][-1]["data"]
        self.assertEqual(("a test", "something else"), (after["before"]["purpose"], after["after"]["purpose"]))

    def test_a_layer_with_agents_is_not_deleted(self):
        layer = self.layer("Kept")
        agent = self.agent(layer)
        self.good(self.command("ai_layers", layer, "disable", {"reason": "old"}))
        self.refused(self.owner.ask("DELETE", f"{BASE}/layers/{layer}"), "ai_layer.in_use", 409)
        self.good(self.owner.ask("DELETE", f"{BASE}/agents/{agent}?reason=done"))
        wait("the layer counts it no more", lambda: not self.document("layers", layer)["state"]["used_by"])
        self.good(self.owner.ask("DELETE", f"{BASE}/layers/{layer}"))
        self.refused(self.owner.ask("POST", f"{BASE}/agents", {"name": "Late", "layer": layer, "model": "m", "available_to_subscribers": False}), "ai.invalid_layer", 403)

    def test_subscribers_see_what_a_layer_s_visibility_says(self):
        names = {}
        for visibility in ("hidden", "limited", "full"):
            names[visibility] = self.layer("Seen " + visibility, power={"subscriber_can_see_cost": visibility == "full"}, subscriber_visibility=visibility, allowed_for_subscribers=True)
        person = self.person("staff")
        self.good(self.owner.ask("PATCH", f"{BASE}/subscriber-limits/free", {"can_see_layers": False}))
        self.assertEqual([], self.good(person.ask("GET", f"{BASE}/layers"))["items"])
        self.good(self.owner.ask("PATCH", f"{BASE}/subscriber-limits/free", {"can_see_layers": True}))
        seen = {item["id"]: item for item in self.good(person.ask("GET", f"{BASE}/layers?limit=1000"))["items"]}
        self.assertNotIn(names["hidden"], seen)
        self.assertNotIn("cost_per_request", seen[names["limited"]])
        self.assertNotIn("level", seen[names["limited"]])
        self.assertEqual(40, seen[names["full"]]["cost_per_request"])
        self.assertNotIn("budget", str(seen))
        self.refused(person.ask("GET", f"{BASE}/layers/{names['hidden']}"), "ai_layer.not_found", 404)
        for area in ("agents", "external-providers", "power-configs", "subscriber-limits"):
            self.assertIn(person.ask("GET", f"{BASE}/{area}").status, (403,))

    # ---- agents and outside providers

    def test_an_agent_without_a_layer_is_refused_with_the_rule_s_name(self):
        answer = self.owner.ask("POST", f"{BASE}/agents", {"name": "Homeless", "model": "m", "available_to_subscribers": False})
        self.assertEqual("noAIWithoutLayer", self.refused(answer, "ai.no_layer", 403)["details"]["rule"])
        layer = self.layer("Home")
        answer = self.owner.ask("POST", f"{BASE}/agents", {"name": "Undecided", "layer": layer, "model": "m"})
        self.assertEqual("noSubscriberAccessWithoutDecision", self.refused(answer, "ai.subscriber_undecided", 403)["details"]["rule"])
        agent = self.agent(layer)
        self.assertTrue(self.document("agents", agent)["state"]["preamble"].startswith("You are governed."))
        self.refused(self.owner.ask("PATCH", f"{BASE}/agents/{agent}", {"layer": ""}), "ai.no_layer", 403)
        self.refused(self.owner.ask("PATCH", f"{BASE}/agents/{agent}", {"max_tokens": 100000}), "ai_agent.above_layer_power", 403)
        self.assertEqual(layer, self.document("agents", agent)["state"]["settings"]["layer"])

    def test_an_outside_provider_needs_a_secret_and_the_owner_s_yes_and_keeps_the_secret(self):
        layer = self.layer("Outside", kind="EXTERNAL_MANAGED")
        link = {"provider": "anthropic", "endpoint": "https://api.example.com/v1", "secret": "clinic/claude-key", "layers": [layer]}
        self.refused(self.owner.ask("POST", f"{BASE}/external-providers", link), "secret.not_found", 404)
        self.node.ok("POST", "/v1/tenants/clinic/secrets/claude-key/create", {"value": "sk-canary-12345"})
        provider = self.good(self.owner.ask("POST", f"{BASE}/external-providers", link), 201)["id"]
        body = {"name": "Outsider", "layer": layer, "provider": provider, "model": "m", "max_tokens": 1024, "available_to_subscribers": False}
        self.refused(self.owner.ask("POST", f"{BASE}/agents", body), "ai.external_unapproved", 403)
        wait("what it points at counts it", lambda: not self.document("external-providers", provider)["state"]["asked"])
        self.refused(self.node.ask("POST", "/v1/tenants/clinic/secrets/claude-key/destroy", {"reason": "x"}), "secret.in_use", 409)
        self.good(self.command("external_ais", provider, "approve"))
        self.good(self.owner.ask("POST", f"{BASE}/agents", body), 201)
        self.good(self.owner.ask("PATCH", f"{BASE}/external-providers/{provider}", {"endpoint": "https://other.example.com"}))
        self.assertEqual("proposed", self.document("external-providers", provider)["status"])
        self.assertNotIn("sk-canary", self.node.ask("GET", f"{BASE}/external-providers").text)
        self.good(self.owner.ask("DELETE", f"{BASE}/external-providers/{provider}"))
        wait("the secret is free", lambda: self.node.ask("POST", "/v1/tenants/clinic/secrets/claude-key/destroy", {"reason": "x"}).status == 200)

    # ---- requests to AI

    def test_an_allowed_request_says_that_no_provider_is_connected(self):
        layer = self.layer("Writing")
        made = self.good(self.execution(self.owner, layer=layer), 201)["id"]
        state = self.ended(made)["state"]
        self.assertEqual(("failed", "ai.no_provider"), (state["status"], state["code"]))
        wait("what was held is given back", lambda: not self.document("layers", layer)["state"]["budget"]["held"])
        self.assertEqual(0, self.document("layers", layer)["state"]["budget"]["spent"])

    def test_a_refusal_is_on_record_and_names_its_rule(self):
        answer = self.refused(self.execution(self.owner), "ai.no_layer", 403)
        self.assertEqual("noAIWithoutLayer", answer["details"]["rule"])
        self.refused(self.execution(self.owner, layer="nowhere"), "ai.invalid_layer", 403)
        powerless = self.layer("Powerless", power=False)
        self.refused(self.execution(self.owner, layer=powerless), "ai.undefined_power", 403)
        refused = self.node.ok("GET", "/v1/tenants/clinic/ai_executions?status=refused")["items"]
        self.assertTrue(any(item["state"]["violations"][-1]["code"] == "ai.undefined_power" for item in refused))
        self.good(self.command("ai_layers", powerless, "suspend", {"reason": "x"}))
        self.refused(self.execution(self.owner, layer=powerless, task_type="deploy"), "ai.layer_inactive", 403)

    def test_what_broke_a_rule_is_listed_by_code_and_time(self):
        powerless = self.layer("Listed", power=False)
        self.refused(self.execution(self.owner, layer=powerless), "ai.undefined_power", 403)
        self.refused(self.execution(self.owner, layer="nowhere"), "ai.invalid_layer", 403)
        first = self.good(self.owner.ask("GET", f"{BASE}/violations?limit=1"))
        self.assertEqual(("ai.invalid_layer", "noAIWithoutLayer", "refused", "clinic"), tuple(first["items"][0][name] for name in ("code", "rule", "outcome", "tenant")))
        second = self.good(self.owner.ask("GET", f"{BASE}/violations?limit=1&before={first['next']}"))["items"][0]
        self.assertEqual("ai.undefined_power", second["code"])
        codes = {item["code"] for item in self.good(self.owner.ask("GET", f"{BASE}/violations?code=ai.undefined_power"))["items"]}
        self.assertEqual({"ai.undefined_power"}, codes)
        at = first["items"][0]["at"]
        self.assertNotIn("ai.invalid_layer", [item["code"] for item in self.good(self.owner.ask("GET", f"{BASE}/violations?to={at}"))["items"] if item["at"] == at])
        self.assertTrue(all(item["at"] >= at for item in self.good(self.owner.ask("GET", f"{BASE}/violations?from={at}"))["items"]))
        self.refused(self.owner.ask("GET", f"{BASE}/violations?from=yesterday"), "input.invalid", 400)
        trail = self.good(self.owner.ask("GET", f"{BASE}/audit-logs?limit=2"))
        self.assertEqual(2, len(trail["items"]))
        self.assertTrue(trail["items"][0]["type"].endswith("ai_execution.refused"), trail["items"][0]["type"])
        older = self.good(self.owner.ask("GET", f"{BASE}/audit-logs?before={trail['next']}"))["items"]
        self.assertTrue(0 < len(older) <= 100)
        person = self.person("staff")
        for path in ("violations", "audit-logs"):
            self.refused(person.ask("GET", f"{BASE}/{path}"), "access.denied", 403)

    def test_what_is_weighty_is_held_and_a_caller_cannot_say_who_they_are(self):
        layer = self.layer("Weighty", allowed_for_subscribers=True)
        held = self.good(self.execution(self.owner, layer=layer, task_type="payment"), 201)
        self.assertEqual("held", held["status"])
        self.assertEqual(["task.payment"], self.node.ok("GET", f"/v1/tenants/clinic/ai_executions/{held['id']}")["state"]["held_by"])
        self.assertIn(self.node.ask("POST", f"/v1/tenants/clinic/ai_executions/{held['id']}/resume", {}).status, (403, 404))
        path = f"/v1/tenants/clinic/ai_executions/{held['id']}"
        waits = wait("people to be asked", lambda: self.node.ok("GET", f"/v1/approvals?parent=ai_execution/{held['id']}")["items"])[0]
        self.assertEqual((waits["id"], ["task.payment"]), (self.node.ok("GET", path)["state"]["approval_id"], [rule["id"] for rule in waits["state"]["rules"]]))
        approval = f"/v1/tenants/clinic/approvals/{waits['id']}"
        self.refused(self.node.ask("POST", approval + "/approve", {}), "access.denied", 403)  # a machine decides nothing
        # Nobody else could decide, so the owner's own word needs a second factor and a wait.
        self.refused(self.owner.ask("POST", approval + "/approve", {}), "auth.mfa_required", 401)
        self.good(self.owner.ask("POST", approval + "/cancel", {}))
        wait("the request to end", lambda: self.node.ok("GET", path)["status"] == "refused")
        person = self.person("staff")
        self.good(self.owner.ask("PATCH", f"{BASE}/subscriber-limits/free", {"blocked_task_types": ["gossip"]}))
        held = self.good(self.execution(person, layer=layer, task_type="payment"), 201)["id"]
        path = f"/v1/tenants/clinic/ai_executions/{held}"
        approval = wait("people to be asked", lambda: self.node.ok("GET", f"/v1/approvals?parent=ai_execution/{held}")["items"])[0]["id"]
        approval = f"/v1/tenants/clinic/approvals/{approval}"
        self.assertEqual("approval.self", person.ask("POST", approval + "/approve", {}).code)
        self.good(self.owner.ask("POST", approval + "/approve", {}))
        wait("the request to run", lambda: self.node.ok("GET", path)["status"] == "failed")
        self.assertEqual("ai.no_provider", self.ended(held)["state"]["code"])
        self.refused(self.owner.ask("POST", approval + "/approve", {}), "approval.already_decided", 409)
        released = [event for event in self.node.ok("GET", path + "/events")["items"] if event["type"].endswith("ai_execution.released")]
        self.assertEqual(1, len(released))
        self.refused(self.execution(person, layer=layer, task_type="gossip", requester={"subscriber": False}, switches={"no_ai_without_limits": False}), "ai.above_limit", 429)
        self.refused(self.execution(self.person("viewer"), layer=layer), "access.denied", 403)

    def test_past_the_budget_the_next_request_is_refused(self):
        layer = self.layer("Poor", power={"cost_per_request": 60, "monthly_budget_limit": 100})
        running = self.good(self.execution(self.owner, layer=layer, action="execute", task_type="tidy"), 201)["id"]
        self.assertEqual("running", self.ended(running)["status"])
        second = self.good(self.execution(self.owner, layer=layer, action="execute", task_type="tidy"), 201)["id"]
        self.assertEqual("ai_layer.budget_spent", self.ended(second)["state"]["code"])
        self.good(self.owner.ask("POST", f"/v1/tenants/clinic/ai_executions/{running}/finish", {}))
        wait("what it cost is spent", lambda: self.document("layers", layer)["state"]["budget"]["spent"] == 60)

    def test_past_the_budget_of_an_outside_provider_the_next_request_is_refused(self):
        layer = self.layer("Charged", power={"cost_per_request": 60})
        self.node.ok("POST", "/v1/tenants/clinic/secrets/charged-key/create", {"value": "sk-1"})
        link = {"provider": "custom", "endpoint": "https://ai.example.com", "secret": "clinic/charged-key", "layers": [layer], "monthly_budget": 100}
        provider = self.good(self.owner.ask("POST", f"{BASE}/external-providers", link), 201)["id"]
        wait("what it points at counts it", lambda: not self.document("external-providers", provider)["state"]["asked"])
        self.good(self.command("external_ais", provider, "approve"))
        first = self.good(self.execution(self.owner, layer=layer, provider=provider, action="execute", task_type="tidy"), 201)["id"]
        self.assertEqual("running", self.ended(first)["status"])
        second = self.good(self.execution(self.owner, layer=layer, provider=provider, action="execute", task_type="tidy"), 201)["id"]
        self.assertEqual("external_ai.budget_spent", self.ended(second)["state"]["code"])
        self.good(self.owner.ask("POST", f"/v1/tenants/clinic/ai_executions/{first}/finish", {}))
        wait("what it cost is spent", lambda: self.document("external-providers", provider)["state"]["budget"]["spent"] == 60)

    def test_the_request_after_the_last_of_the_day_is_refused(self):
        layer = self.layer("Daily", allowed_for_subscribers=True, power={"max_concurrent_requests": 50, "cost_per_request": 0})
        person = self.person("staff")
        self.good(self.owner.ask("PATCH", f"{BASE}/subscriber-limits/free", {"max_requests_per_day": 3, "max_requests_per_minute": 100}))
        self.addCleanup(lambda: self.owner.ask("PATCH", f"{BASE}/subscriber-limits/free", {"max_requests_per_day": 100}))
        running = []
        for _ in range(3):
            made = self.good(self.execution(person, layer=layer, action="execute", task_type="tidy"), 201)["id"]
            self.assertEqual("running", self.ended(made)["status"])
            running.append(made)
        over = self.good(self.execution(person, layer=layer, action="execute", task_type="tidy"), 201)["id"]
        self.assertEqual("quota.exceeded", self.ended(over)["state"]["code"])
        mine = self.good(person.ask("GET", "/api/nova/limits"))
        self.assertEqual((3, 0), (mine["requests_today"], mine["requests_left_today"]))
        outside = self.layer("Far", kind="EXTERNAL_MANAGED", allowed_for_subscribers=True)
        self.refused(self.execution(person, layer=outside), "ai.above_limit", 429)

    def test_a_kill_switch_ends_what_is_under_way(self):
        switch = f"{BASE}/kill-switch"
        stopped, other = self.layer("Stopped"), self.layer("Going on")
        agent = self.agent(other, model="doubtful-model")
        run = {"action": "execute", "task_type": "tidy"}
        running = self.good(self.execution(self.owner, layer=stopped, **run), 201)["id"]
        held = self.good(self.execution(self.owner, layer=stopped, task_type="deploy"), 201)["id"]
        by_agent = self.good(self.execution(self.owner, layer=other, agent=agent, **run), 201)["id"]
        going_on = self.good(self.execution(self.owner, layer=other, **run), 201)["id"]
        for each in (running, by_agent, going_on):
            self.assertEqual("running", self.ended(each)["status"])

        def engage(scope, target):
            self.addCleanup(lambda: self.node.ask("POST", switch + "/deactivate", {"scope": scope, "target": target}))
            self.node.ok("POST", switch + "/activate", {"scope": scope, "target": target, "reason": "a drill", "reason_ar": "\u062a\u062f\u0631\u064a\u0628"})

        def status(execution):
            return self.node.ok("GET", f"/v1/tenants/clinic/ai_executions/{execution}")["status"]

        engage("layer", stopped)
        wait("what runs and what waits in the layer is killed", lambda: [status(running), status(held)] == ["killed", "killed"])
        self.assertEqual(["running", "running"], [status(by_agent), status(going_on)])
        wait("what began is paid for, and nothing is held any more", lambda: (lambda budget: (budget["spent"], budget["held"]) == (40, []))(self.document("layers", stopped)["state"]["budget"]))
        engage("model", "doubtful-model")
        wait("what runs on the model is killed", lambda: status(by_agent) == "killed")
        self.assertEqual("running", status(going_on))
        self.refused(self.execution(self.owner, layer=other, agent=agent, **run), "killswitch.active", 503)

    # ---- permissions

    def test_permissions_are_given_by_who_may_and_presets_replace_all(self):
        person = self.person("staff")
        self.refused(self.node.ask("POST", f"{NOVA}/grant", {"user": person.id, "codes": ["read_files"]}, token=False), "auth.required", 401)
        self.refused(person.ask("POST", f"{NOVA}/grant", {"user": person.id, "codes": ["execute_shell"]}), "access.denied", 403)
        self.refused(self.person("owner").ask("POST", f"{NOVA}/apply-preset", {"user": person.id, "preset": "full_access"}), "access.denied", 403)
        admin = self.person()
        self.good(self.owner.ask("POST", f"/v1/tenants/system/users/{admin.id}/change_role", {"role": "admin"}))
        self.good(self.owner.ask("POST", f"/v1/tenants/system/users/{admin.id}/set_permissions", {"permissions": ["ai:configure"]}))
        self.refused(admin.ask("POST", f"{NOVA}/grant", {"user": person.id, "codes": ["system_shutdown"]}), "permission.danger_needs_owner", 403)
        self.refused(admin.ask("POST", f"{NOVA}/grant", {"user": admin.id, "codes": ["read_files"]}), "permission.self", 403)
        self.refused(admin.ask("POST", f"{NOVA}/grant", {"user": person.id, "codes": ["execute_shell"]}), "access.denied", 403)
        self.refused(self.owner.ask("POST", f"{NOVA}/grant", {"user": person.id, "codes": ["teleport"]}), "permission.unknown_code", 400)
        self.refused(self.owner.ask("POST", f"{NOVA}/apply-preset", {"user": person.id, "preset": "nowhere"}), "preset.not_found", 404)
        for preset, count in (("full_access", 120), ("balanced", 17), ("restrictive", 4)):
            self.good(self.owner.ask("POST", f"{NOVA}/apply-preset", {"user": person.id, "preset": preset}))
            self.assertEqual(count, self.good(person.ask("GET", f"{NOVA}/user/{person.id}"))["count"])
        self.good(self.owner.ask("POST", f"{NOVA}/bulk", {"user": person.id, "action": "revoke", "codes": ["ai_chat", "read_files"]}))
        self.assertFalse(self.good(person.ask("GET", f"{NOVA}/check?code=ai_chat"))["allow"])
        trail = [event["type"] for event in self.good(self.owner.ask("GET", f"{NOVA}/audit/{person.id}"))["items"]]
        self.assertTrue(trail[0].endswith("permission.revoked") and len(trail) == 4, trail)
        self.refused(person.ask("GET", f"{NOVA}/user/{admin.id}"), "access.denied", 403)
        definitions = self.good(person.ask("GET", NOVA))
        self.assertEqual((120, 22), (definitions["count"], len(definitions["categories"])))

    def test_a_request_that_needs_a_code_is_refused_without_it(self):
        layer = self.layer("Tools")
        answer = self.execution(self.owner, layer=layer, needs=["execute_shell"])
        self.assertEqual("execute_shell", self.refused(answer, "permission.missing", 403)["details"]["rule"])
        self.good(self.owner.ask("POST", f"{NOVA}/grant", {"user": self.owner.id, "codes": ["execute_shell"]}))
        self.good(self.execution(self.owner, layer=layer, needs=["execute_shell"]), 201)

    # ---- an agent that signs in

    def test_an_agent_signs_in_with_a_key_and_is_stopped_with_its_layer(self):
        layer = self.layer("Acting")
        agent = self.agent(layer)
        scopes = ["platform.read", "platform.write", "api_keys.manage", "ai.invoke", "settings.write"]
        admin = self.person("admin")
        self.refused(admin.ask("POST", "/v1/tenants/clinic/api_keys", {"name": "k", "scopes": scopes, "agent": agent}), "auth.owner_required", 403)
        self.refused(self.owner.ask("POST", "/v1/tenants/clinic/api_keys", {"name": "k", "scopes": scopes, "agent": "nobody"}), "ai_agent.not_found", 404)
        key = self.good(self.owner.ask("POST", "/v1/tenants/clinic/api_keys", {"name": "k", "scopes": scopes, "agent": agent}), 201)["key"]

        class Machine:
            ask = lambda _, method, path, body=None: self.node.ask(method, path, body, {"Authorization": "Bearer " + key}, token=False)  # noqa: E731

        machine = Machine()
        self.assertEqual("ai", self.good(machine.ask("GET", "/v1/whoami"))["type"])
        self.good(machine.ask("GET", "/v1/tenants/clinic/platforms"))
        # What its scopes would let a key do, the constitution does not let an AI do.
        self.refused(machine.ask("POST", "/v1/tenants/clinic/api_keys", {"name": "mine", "scopes": ["platform.read"]}), "gate.denied", 403)
        self.assertEqual(403, machine.ask("POST", f"{BASE}/layers", {"profile": profile("Own"), "type": "HYBRID"}).status)
        self.assertEqual(403, machine.ask("POST", f"{NOVA}/grant", {"agent": agent, "codes": ["execute_shell"]}).status)
        self.refused(self.execution(machine, layer=layer, needs=["execute_shell"]), "ai.prohibited", 403)
        other = self.layer("Elsewhere")
        answer = self.refused(self.execution(machine, layer=other), "ai.prohibited", 403)
        self.assertEqual("ai-exceeds-its-layer", answer["details"]["rule"])
        self.refused(self.execution(machine, layer=layer, action="decide", takes_final_decision=True, impact="critical"), "ai.prohibited", 403)
        made = self.good(self.execution(machine, layer=layer, action="execute", task_type="tidy"), 201)["id"]
        self.assertEqual("running", self.ended(made)["status"])
        self.good(machine.ask("POST", f"/v1/tenants/clinic/ai_executions/{made}/finish", {}))

        self.good(self.command("ai_layers", layer, "suspend", {"reason": "misbehaves"}))
        self.refused(machine.ask("GET", "/v1/tenants/clinic/platforms"), "ai.layer_inactive", 403)
        self.good(self.command("ai_layers", layer, "resume"))
        self.good(machine.ask("GET", "/v1/tenants/clinic/platforms"))
        self.good(self.command("ai_agents", agent, "deactivate", {"reason": "misbehaves"}))
        self.refused(machine.ask("GET", "/v1/tenants/clinic/platforms"), "ai.agent_inactive", 403)

    def test_what_was_decided_survives_a_kill(self):
        layer = self.layer("Lasting", power={"cost_per_request": 10, "monthly_budget_limit": 1000})
        made = self.good(self.execution(self.owner, layer=layer, action="execute", task_type="tidy"), 201)["id"]
        self.assertEqual("running", self.ended(made)["status"])
        held = self.good(self.execution(self.owner, layer=layer, task_type="deploy"), 201)["id"]
        self.node.kill()
        self.node.start()
        self.owner.login()
        self.assertEqual("held", self.node.ok("GET", f"/v1/tenants/clinic/ai_executions/{held}")["status"])
        self.assertEqual([10], [hold["amount"] for hold in self.document("layers", layer)["state"]["budget"]["held"]])
        self.good(self.owner.ask("POST", f"/v1/tenants/clinic/ai_executions/{made}/finish", {}))
        wait("what it cost is spent", lambda: self.document("layers", layer)["state"]["budget"]["spent"] == 10)


if __name__ == "__main__":
    unittest.main()
