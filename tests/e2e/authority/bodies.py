"""Requests that are valid for a route: made of the schema that the node serves, with values that fit what a town owns.

A new route needs nothing here as long as its required fields can be made of their schema alone; else its line in `given`."""
import re

from town import NOWHERE, PASSWORD, REASON, SOVEREIGNTY

TEXT = "a text"
SWITCHES = ("/v1", "/api/owner/ai", SOVEREIGNTY)
QUERIES = {"GET /v1/users": "email=somebody@example.org"}


class Bodies:
    def __init__(self, town):
        self.town = town

    # ---- values

    def named(self, name, things):
        """What a field or a parameter of that name stands for everywhere."""
        common = self.town.common
        return {"email": common["email"], "username": "somebody", "password": PASSWORD, "user": common["user"], "permission": "audit:read", "url": NOWHERE, "events": ["API_KEY_CREATED"],
                "scopes": ["platform.read"], "layer": common["layer"], "agent": common["agent"], "role": "basic", "tier": "basic", "codes": ["read_files"], "scope": "model", "target": "another-model",
                "address": "192.0.2.9", "endpoint": "https://ai.example.com", "secret": "vaults/outside", "preset": "balanced", "code": "000000", "terms": common["terms"], "operation": "debug_fix",
                "tenant": things["tenant"], "method": "device", "status": "active", "policy": "auth.login", "version": "1.0.0", "position": "1", "path": "db", "provider": "nobody",
                "digest": "sha256:" + "0" * 64, "slug": "another", "region": "riyadh", "title_ar": "عنوان", "reason_ar": "سبب", "text": "", "user_code": "BCDF-GHJK", "id": "it"}.get(name)

    def value(self, schema, name, things):
        found = self.named(name, things)
        if found is not None:
            return found
        if "anyOf" in schema:
            return self.value(next(one for one in schema["anyOf"] if one.get("type") != "null"), name, things)
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "object":
            return self.object(schema, things)
        if kind == "array":
            return [self.value(schema.get("items", {}), "", things)]
        if kind in ("integer", "number"):
            return max(schema.get("minimum", 1), 1)
        if kind == "boolean":
            return True
        text = "it" if "[a-z0-9]" in schema.get("pattern", "") else TEXT
        return text.ljust(schema.get("minLength", 0), "a")

    def object(self, schema, things):
        fields = schema.get("properties", {})
        return {name: self.value(fields[name], name, things) for name in schema.get("required", []) if name in fields}

    # ---- requests

    def given(self, method, pattern, things):
        """Beside what is required, or in its place."""
        common, sovereign, permissions = self.town.common, "/api/sovereign/", "/api/nova/permissions/"
        manifests = {"manifests": [self.town.node.blueprint(things["tenant"], "second", {"web": {"source": {"path": "./service", "digest": self.town.digest}, "run": ["true"]}})]}
        subject = {"subject": {"type": "operational", "title": "Another", "title_ar": "آخر"}}
        switch = {"scope": "model", "target": "another-model"}
        steps = {"steps": [{"title": "one"}]}
        return {
            "POST /api/api-keys": {"scopes": ["platform.read"]}, "POST /v1/tenants/{tenant}/api_keys": {"scopes": ["platform.read"]},
            "POST /api/api-keys/webhooks": {"events": ["API_KEY_CREATED"]}, "POST /v1/tenants/{tenant}/webhook_endpoints": {"events": ["API_KEY_CREATED"]},
            "POST /api/api-keys/webhooks/{id}/update": {"description": "another"},
            "POST /api/auth/password": {"before": "wrong", "after": PASSWORD}, "POST /api/auth/refresh": {"refresh_token": "nova_rt_it"},
            "POST /api/nova/executions": {"layer": common["layer"], "action": "execute", "task_type": "tidy", "tokens": 100, "requester": None},
            "POST " + permissions[:-1]: {"code": "water_plants", "category": "code_execution", "security_level": "low"},
            "POST " + permissions + "grant": {"user": common["user"], "codes": ["ai_chat"]}, "POST " + permissions + "revoke": {"user": common["user"], "codes": ["read_files"]},
            "POST " + permissions + "bulk": {"user": common["user"], "action": "grant", "codes": ["ai_chat"]}, "POST " + permissions + "apply-preset": {"user": common["user"]},
            "POST " + permissions + "presets": {"code": "household", "permissions": ["ai_chat"]},
            f"POST {SOVEREIGNTY}/agents": {"name": "Another", "layer": common["layer"], "model": "m", "max_tokens": 1024, "available_to_subscribers": False},
            f"PATCH {SOVEREIGNTY}/agents/{{id}}": {"name": "Another"}, f"PATCH {SOVEREIGNTY}/layers/{{id}}": {"priority": 3},
            f"POST {SOVEREIGNTY}/layers": {"type": "HYBRID"},
            f"PATCH {SOVEREIGNTY}/external-providers/{{id}}": {"rate_limit": 7}, f"POST {SOVEREIGNTY}/external-providers": {"provider": "custom", "layers": [common["layer"]]},
            f"POST {SOVEREIGNTY}/power-configs": {"layer": common["layer"], "power": {"level": 2, "max_tokens_per_request": 2048, "max_requests_per_minute": 20, "max_concurrent_requests": 5, "cost_per_request": 40}}, f"PATCH {SOVEREIGNTY}/power-configs/{{id}}": {"level": 3},
            f"POST {SOVEREIGNTY}/subscriber-limits/{{id}}": {"max_requests_per_day": 9}, f"PATCH {SOVEREIGNTY}/subscriber-limits/{{id}}": {"max_requests_per_day": 9},
            "POST /api/owner/users/{user}/ban": REASON, "POST /api/owner/users/{user}/suspend": REASON, "PATCH /api/owner/users/{user}/toggle": REASON,
            "POST /api/owner/users/{user}/reactivate": REASON, "PATCH /api/owner/users/{user}/permissions": {"permissions": ["audit:read"]},
            "POST /api/permissions/check": {"tenant": things["tenant"], "permission": "dashboard.view"},
            f"POST {sovereign}decisions": subject, f"POST {sovereign}decisions/{{id}}/propose": steps, f"POST {sovereign}emergency/activate": {"action": "feature_disable", "scope": "feature", "target": "platform"},
            **{f"POST {place}/kill-switch/activate": switch for place in SWITCHES}, **{f"POST {place}/kill-switch/deactivate": {"scope": "model", "target": "a-model"} for place in SWITCHES},
            "POST /api/tenants/{tenant}/settings": {"name": "Another"}, "POST /v1/apply": manifests, "POST /v1/plan": manifests,
            "POST /v1/constitution/plan": {"text": self.town.constitution}, "POST /v1/constitution/amend": {"text": self.town.constitution},
            f"PATCH {SOVEREIGNTY}/constitution/{{version}}": {"text": self.town.constitution},
        }.get(f"{method} {pattern}", {})

    def body(self, method, pattern, operation, things):
        """Bytes, an object, or nothing."""
        content = operation.get("requestBody", {}).get("content", {})
        if "application/x-tar" in content:
            return self.town.source
        if not content:
            return None
        if pattern.startswith("/api/auth/device/") and not pattern.endswith("token"):
            return {"user_code": self.town.waiting_program()}
        made = {**self.object(next(iter(content.values())).get("schema", {}), things), **self.given(method, pattern, things)}
        return {name: value for name, value in made.items() if value is not None}

    def path(self, method, pattern, things):
        """With what exists in the place of parameters: by the longest beginning that is known, else by the parameter's name."""
        common, word = self.town.common, pattern.partition("}/")[2]
        ids = {"/api/api-keys/webhooks/deliveries/": things["delivery"], "/api/api-keys/webhooks/": things["endpoint"], "/api/api-keys/": things["key"],
               SOVEREIGNTY + "/agents/": common["agent"], SOVEREIGNTY + "/layers/": common["idle layer" if method == "DELETE" else "layer"], SOVEREIGNTY + "/power-configs/": common["layer"], SOVEREIGNTY + "/external-providers/": common["external"],
               SOVEREIGNTY + "/subscriber-limits/": "basic", "/api/sovereign/decisions/": things["decisions"].get(word, things["decisions"]["analyze"]), "/api/sovereign/incidents/": things["incidents"].get(word, things["incidents"]["investigate"]),
               "/api/sovereign/policies/": common["binding policy" if word == "toggle" else "policy"], "/api/sovereign/sensitive-sessions/": common["window"], "/v1/sources/": self.town.digest, "/api/vault/secrets/": things.get("secret", "db")}
        entity = re.match(r"/v1/tenants/\{tenant\}/(\w+)/", pattern)
        if entity:
            ids[f"/v1/tenants/{{tenant}}/{entity[1]}/"] = things["ids"].get(entity[1], "it")
        known = max((start for start in ids if pattern.startswith(start) and "{" in pattern[len(start):][:1]), key=len, default=None)
        path = pattern
        if pattern == "/api/vault/secrets/{path}" and method == "POST":
            return f"/api/vault/secrets/{things.get('secret', 'db')}/rotate"
        if known:
            rest = pattern[len(known):]
            path = known + ids[known] + rest[rest.index("}") + 1:]
        return re.sub(r"\{(\w+)\}", lambda found: self.named(found[1], things) or "{" + found[1] + "}", path)
