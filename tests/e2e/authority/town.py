"""A node with people of every sort, and tenants that own something of everything that can be made through the API."""
import datetime
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "constitution")]
from harness import free_port, wait  # noqa: E402
from test_amend import Owner  # noqa: E402
from test_identity import PASSWORD, Person, totp  # noqa: E402

SOVEREIGNTY = "/api/owner/ai-sovereignty"
REASON = {"reason": "a test"}
BILINGUAL = {"reason": "a test", "reason_ar": "اختبار"}
NOWHERE = "http://127.0.0.1:9/"  # nobody listens: what is sent there fails and stays to be seen
SCOPES = ("platform.read", "platform.write")


def good(answer):
    if answer.status >= 300:
        raise AssertionError(f"{answer.status} {answer.text}")
    return answer.json


class Patient:
    """Asks again while the node says that it has not heard from its log for a second; on a busy machine that happens."""

    def ask(self, method, path, body=None):
        def heard():
            answer = super(Patient, self).ask(method, path, body)
            return None if answer.status == 503 and answer.code == "authority.stale" else answer
        return wait("the node to hear from its log", heard)


class Citizen(Patient, Person):
    """Somebody of the town."""


class RootOwner(Patient, Owner):
    """With an app, and recovery codes."""


class Town:
    """Everybody and everything; `node` is one that runs and has no owner yet."""

    def __init__(self, node):
        self.node = node
        self.owner = RootOwner(node)
        self.common = self.installation()

    # ---- people

    def account(self, name):
        return good(self.node.ask("POST", "/api/auth/register", {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "language": "en"}))["user"]

    def person(self, name, tenant=None, role=None, platform=None, accept=True):
        """Signed in; `accept` false leaves an invitation open."""
        user = self.account(name)
        self.node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        if platform:
            good(self.owner.ask("POST", f"/v1/tenants/system/users/{user}/change_role", {"role": platform}))
        person = Citizen(self.node, f"{name}@example.org")
        good(person.login())
        if tenant:
            self.node.ok("POST", f"/v1/tenants/{tenant}/memberships/{user}/invite", {"role": role})
            if accept:
                good(person.ask("POST", f"/v1/tenants/{tenant}/memberships/{user}/accept", {}))
        return person

    def key(self, maker, tenant, *scopes, **more):
        """The secret and the id of a key."""
        made = good(maker.ask("POST", f"/v1/tenants/{tenant}/api_keys", {"name": "a key", "scopes": list(scopes), **more}))
        return made["key"], made["id"]

    def asked(self, secret, path="/v1/whoami"):
        return self.node.ask("GET", path, None, {"Authorization": "Bearer " + secret}, token=False)

    def expired_key(self, maker, tenant, *scopes):
        """A key whose time is over by the node's clock."""
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        secret, _ = self.key(maker, tenant, *scopes, expires_at=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
        wait("the key to expire", lambda: self.asked(secret).status == 401)
        return secret

    # ---- things

    def layer(self, name, **more):
        body = {"profile": {"name": name, "name_ar": "طبقة", "purpose": "a test", "purpose_ar": "اختبار", "allowed_for_subscribers": True, **more}, "type": "HYBRID",
                "power": {"level": 2, "max_tokens_per_request": 2048, "max_requests_per_minute": 20, "max_concurrent_requests": 5, "cost_per_request": 40}}
        return good(self.owner.ask("POST", SOVEREIGNTY + "/layers", body))["id"]

    def agent(self, layer, name="Writer"):
        made = good(self.owner.ask("POST", SOVEREIGNTY + "/agents", {"name": name, "layer": layer, "model": "some-model", "max_tokens": 1024, "available_to_subscribers": True, "requires_sovereign_approval": False}))["id"]
        wait("the layer to count the agent", lambda: good(self.owner.ask("GET", f"{SOVEREIGNTY}/agents/{made}"))["status"] == "active")
        return made

    def installation(self):
        """What belongs to no tenant."""
        owner, node = self.owner, self.node
        things = {"layer": self.layer("Common")}
        things["agent"] = self.agent(things["layer"])
        somebody = self.person("somebody")
        things["user"], things["email"] = somebody.id, somebody.email
        careful = self.person("with-an-app")
        app = good(careful.ask("POST", "/api/auth/mfa/totp", {}))["secret"]
        good(careful.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(app)}))
        asked = Person(node, careful.email).login()
        assert asked.code == "auth.mfa_required", asked.text
        good(owner.ask("POST", "/api/nova/permissions/grant", {"user": somebody.id, "codes": ["read_files"]}))
        good(owner.ask("POST", "/api/nova/permissions", {"code": "feed_the_cat", "category": "code_execution", "security_level": "low"}))
        for tier in ("free", "basic"):
            good(owner.ask("PATCH", f"{SOVEREIGNTY}/subscriber-limits/{tier}", {"max_requests_per_day": 100}))
        terms = {"name": "a policy", "type": "constraint", "constraints": [{"target": "target_resource", "condition": "not_equals", "value": "nothing", "message": "never"}]}
        things["policy"] = good(owner.ask("POST", "/api/sovereign/policies", {"terms": terms}))["id"]
        things["terms"] = terms
        things["binding policy"] = good(owner.ask("POST", "/api/sovereign/policies", {"terms": {**terms, "name": "another policy"}}))["id"]
        good(owner.ask("POST", f"/api/sovereign/policies/{things['binding policy']}/approve", {}))
        things["idle layer"] = self.layer("Idle")
        good(owner.ask("POST", f"/v1/tenants/system/ai_layers/{things['idle layer']}/disable", REASON))
        things["window"] = good(owner.ask("POST", "/api/sovereign/sensitive-sessions", {"operation": "debug_fix", "reason": "a test"}))["id"]
        node.ok("POST", "/v1/limits/policies/auth.login/set", {"window_s": 60, "max": 1000})
        node.ok("POST", "/v1/limits/blocks", {"address": "192.0.2.7", "seconds": 3600})
        good(owner.ask("POST", "/api/auth/methods/device/disable", REASON))
        good(owner.ask("POST", "/api/auth/methods/device/enable", {}))
        good(owner.ask("POST", "/v1/kill-switch/activate", {"scope": "model", "target": "a-model", **BILINGUAL}))
        good(owner.ask("POST", "/api/sovereign/emergency/activate", {"action": "feature_disable", "scope": "feature", "target": "oidc_flow", **BILINGUAL}))
        node.tenant("vaults")
        node.ok("POST", "/v1/tenants/vaults/secrets/outside/create", {"value": "sk-1"})
        things["external"] = good(owner.ask("POST", SOVEREIGNTY + "/external-providers", {"provider": "custom", "endpoint": "https://ai.example.com", "secret": "vaults/outside", "layers": [things["layer"]]}))["id"]
        good(node.ask("POST", "/api/auth/device", {"device": "a terminal"}, token=False))
        return things

    def tenant(self, name, service=True):
        """A tenant with an admin, and ids of what it owns by what it is."""
        node = self.node
        node.tenant(name, "pro")
        admin = self.person(name + "-admin", name, "admin")
        things = {"tenant": name, "admin": admin, "member": admin.id}
        if service:
            node.apply(node.blueprint(name, "shop", {"web": node.service(free_port())}))
            node.wait_deployment(name, "shop")
        _, things["key"] = self.key(admin, name, *SCOPES)
        things["endpoint"] = good(admin.ask("POST", f"/v1/tenants/{name}/webhook_endpoints", {"url": NOWHERE, "events": ["PAYMENT_FAILED"], "retries": 0}))["id"]
        good(admin.ask("POST", f"/api/api-keys/webhooks/{things['endpoint']}/test?tenant={name}", {}))
        failed = wait("a delivery to fail", lambda: node.ok("GET", f"/v1/tenants/{name}/webhook_deliveries?status=failed")["items"])
        things["delivery"] = failed[0]["id"]
        good(admin.ask("POST", f"/v1/tenants/{name}/secrets/db/create", {"value": "swordfish"}))
        staff = self.person(name + "-staff", name, "staff")
        things["decisions"] = self.decisions(name, staff, admin)
        things["incidents"] = self.incidents(name, staff)
        held = good(self.owner.ask("POST", f"/api/nova/executions?tenant={name}", {"action": "generate", "task_type": "payment", "tokens": 100, "layer": self.common["layer"]}))["id"]
        things["execution"] = held
        things["approval"] = wait("people to be asked", lambda: node.ok("GET", f"/v1/approvals?parent=ai_execution/{held}")["items"])[0]["id"]
        running = good(staff.ask("POST", f"/api/nova/executions?tenant={name}", {"action": "execute", "task_type": "tidy", "tokens": 100, "layer": self.common["layer"]}))["id"]
        wait("it to run", lambda: node.ok("GET", f"/v1/tenants/{name}/ai_executions/{running}")["status"] == "running")
        # Somebody who tried what they may not.
        refused = admin.ask("POST", f"/v1/tenants/{name}/suspend", REASON)
        assert refused.status == 403, refused.text
        wait("the denial", lambda: node.ok("GET", f"/v1/tenants/{name}/denials")["items"])
        return things

    def decisions(self, name, staff, admin):
        """One for each phase, by the word that leads on from it; `staff` analysed them and `admin` agreed."""
        def act(who, made, verb, body):
            good(who.ask("POST", f"/api/sovereign/decisions/{made}/{verb}?tenant={name}", body))

        def made(number):
            subject = {"subject": {"type": "operational", "title": f"Move the shop, {number}", "title_ar": "نقل المتجر"}}
            return good(staff.ask("POST", f"/api/sovereign/decisions?tenant={name}", subject))["id"]
        known = {"analyze": made(0)}
        for number, (word, steps) in enumerate((("propose", None), ("approve", [{"title": "one"}]), ("execute-step", [{"title": "one"}]),
                                                ("approve-step", [{"title": "one", "requires_approval": True, "approval_level": "standard"}]), ("finish-step", [{"title": "one"}]))):
            one = known[word] = made(number + 1)
            act(staff, one, "analyze", {"analysis": "it can be done"})
            if steps:
                act(staff, one, "propose", {"steps": steps})
            if word.endswith("-step"):
                act(admin, one, "approve", {})
            if word == "finish-step":
                act(self.owner, one, "execute-step", {"order": 1})
        known["reject"] = known["approve"]
        return known

    def incidents(self, name, staff):
        """One for each state, by the word that leads on from it."""
        def made(number):
            return good(staff.ask("POST", f"/api/sovereign/incidents?tenant={name}", {"title": f"Down, {number}", "title_ar": "متوقف"}))["id"]

        known = {"investigate": made(0)}
        words = (("investigate", {}), ("resolve", {"resolution": "mended"}), ("post-mortem", {"summary": "s", "root_cause": "r", "remedies": "m"}), ("post-mortem/submit", {}), ("post-mortem/sign", {}))
        for count, word in enumerate(("resolve", "post-mortem", "post-mortem/submit", "post-mortem/sign", "post-mortem/close"), 1):
            known[word] = made(count)
            for step, body in words[:count]:
                who = self.owner if step.endswith("sign") else staff
                good(who.ask("POST", f"/api/sovereign/incidents/{known[word]}/{step}?tenant={name}", body))
        known["post-mortem/return"] = known["post-mortem/sign"]
        return known

    def waiting_program(self):
        """The code that a program shows while it waits for a person."""
        return good(self.node.ask("POST", "/api/auth/device", {"device": "a terminal"}, token=False))["user_code"]
