"""Tenants under the paths of the documents, and their quotas, which platforms take and give back (S19)."""
import json
import unittest
from concurrent.futures import ThreadPoolExecutor

from harness import NodeCase, free_port, wait
from test_identity import PASSWORD, Person


class Tenants(NodeCase):
    def setUp(self):
        self.node_ = self.node()

    def ok(self, method, path, body=None):
        return self.node_.ok(method, path, body)

    def test_a_tenant_is_made_changed_and_found_by_tier(self):
        made = self.node_.ask("POST", "/api/tenants", {"slug": "bakery", "name": "Bakery", "tier": "pro"})
        self.assertEqual((201, "bakery"), (made.status, made.json["id"]), made.text)
        again = self.node_.ask("POST", "/api/tenants", {"slug": "bakery", "name": "Another"})
        self.assertEqual(409, again.status, again.text)
        self.ok("POST", "/api/tenants", {"slug": "florist", "name": "Florist", "activate": False})
        self.assertEqual("pending", self.ok("GET", "/api/tenants/florist")["status"])
        self.ok("POST", "/api/tenants/florist/activate", {})
        self.ok("POST", "/api/tenants/florist/settings", {"settings": {"timezone": "Asia/Riyadh"}})
        self.assertEqual("Asia/Riyadh", self.ok("GET", "/api/tenants/florist")["state"]["settings"]["timezone"])
        nothing = self.node_.ask("POST", "/api/tenants/florist/settings", {})
        self.assertEqual((400, "input.nothing_to_change"), (nothing.status, nothing.code), nothing.text)
        self.ok("POST", "/api/tenants/florist/suspend", {"reason": "unpaid"})
        self.ok("POST", "/api/tenants/florist/tier", {"tier": "basic"})  # the suspended can pay
        refused = self.node_.ask("POST", "/api/tenants/florist/settings", {"name": "x"})
        self.assertEqual("tenant.suspended", refused.code, refused.text)

        def ids(query=""):
            return [one["id"] for one in self.ok("GET", "/api/tenants" + query)["items"]]
        self.assertEqual(["bakery"], ids("?tier=pro"))
        self.assertEqual(["florist"], ids("?tier=basic&status=suspended"))
        self.assertEqual([], ids("?tier=sovereign"))
        self.assertEqual(404, self.node_.ask("GET", "/api/tenants/nobody/quotas").status)

    def quota(self, tenant, resource):
        [line] = self.ok("GET", f"/api/tenants/{tenant}/quotas?resource={resource}")["items"]
        return line["current"], line["limit"], line["remaining"], line["allowed"]

    def test_the_fourth_project_of_a_free_tenant_is_refused_and_leaves_an_event(self):
        node = self.node_
        node.tenant("bakery", "free")
        self.assertEqual((0, 3, 3, True), self.quota("bakery", "projects"))
        for number in range(1, 5):
            name = f"shop{number}"
            node.apply(node.blueprint("bakery", name, {"web": node.service(free_port())}))
            want = "refused" if number == 4 else "active"
            wait(f"platform {name}", lambda name=name, want=want: (lambda p: p.status == 200 and p.json["status"] == want)(node.ask("GET", f"/v1/tenants/bakery/platforms/{name}")))
        self.assertEqual((3, 3, 0, False), self.quota("bakery", "projects"))
        platform = self.ok("GET", "/v1/tenants/bakery/platforms/shop4")
        self.assertIn("quota.exceeded", json.dumps(platform))
        told = [event["data"] for event in self.ok("GET", "/v1/tenants/bakery/events?limit=1000")["items"] if event["type"].endswith("quota.exceeded")]
        self.assertIn("projects", [event["resource"] for event in told])
        self.assertEqual({"projects": 3}, {k: v for k, v in self.ok("GET", "/api/tenants/bakery/usage").items() if k == "projects"})

    def test_what_is_deployed_by_hand_takes_room_too_and_gives_it_back(self):
        node = self.node_
        node.tenant("bakery", "free")

        def deploy(name):
            answer = node.ask("POST", f"/v1/tenants/bakery/deployments/{name}-development/deploy",
                              {"platform": name, "environment": "development", "services": {"web": node.service(free_port())}})
            self.assertEqual(200, answer.status, answer.text)
        deploy("one")
        node.wait_deployment("bakery", "one")
        self.assertEqual((1, 1, 0, False), self.quota("bakery", "deployments"))
        deploy("two")
        refused = node.wait_deployment("bakery", "two", "failed")
        self.assertIn("quota.exceeded", refused["reason"])
        self.assertEqual(409, node.ask("POST", "/v1/tenants/bakery/deployments/two-development/start", {}).status)
        self.assertEqual(1, self.quota("bakery", "deployments")[0])
        self.ok("POST", "/v1/tenants/bakery/deployments/one-development/delete", {})
        wait("the room to come back", lambda: self.quota("bakery", "deployments")[0] == 0)
        deploy("two")
        node.wait_deployment("bakery", "two")
        self.assertEqual((1, 1, 0, False), self.quota("bakery", "deployments"))

    def test_a_member_of_another_tenant_sees_none_of_it(self):
        node = self.node_
        with open(f"{node.state}/enrolment.token", encoding="ascii") as file:
            node.ok("POST", "/api/auth/enrol-owner", {"token": file.read().strip(), "email": "owner@example.org", "username": "owner", "password": PASSWORD, "language": "en"})
        node.tenant("bakery")
        user = node.ok("POST", "/api/auth/register", {"email": "amy@example.org", "username": "amy", "password": PASSWORD, "language": "en"})["user"]
        node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        amy = Person(node, "amy@example.org")
        self.assertEqual(200, amy.login().status)
        for path in ("", "/quotas", "/usage"):
            self.assertEqual(404, amy.ask("GET", "/api/tenants/bakery" + path).status, path)
        self.assertEqual(404, amy.ask("POST", "/api/tenants/bakery/suspend", {"reason": "mine"}).status)
        self.assertIn(amy.ask("GET", "/api/tenants").status, (403, 404))


class Founding(NodeCase):
    """People who make tenants for themselves."""

    def setUp(self):
        self.node_ = node = self.node()
        with open(f"{node.state}/enrolment.token", encoding="ascii") as file:
            node.ok("POST", "/api/auth/enrol-owner", {"token": file.read().strip(), "email": "owner@example.org", "username": "owner", "password": PASSWORD, "language": "en"})
        self.amy, self.bob = self.person("amy"), self.person("bob")

    def person(self, name):
        user = self.node_.ok("POST", "/api/auth/register", {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "language": "en"})["user"]
        self.node_.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        person = Person(self.node_, f"{name}@example.org")
        self.assertEqual(200, person.login().status)
        return person

    def owns(self, person, tenant):
        wait(f"{person.email} to own {tenant}", lambda: {"tenant": tenant, "role": "owner"} in person.ask("GET", "/v1/whoami").json["tenants"])

    def found(self, person, slug, **more):
        return person.ask("POST", "/api/tenants", {"slug": slug, "name": slug.title(), **more})

    def test_who_makes_a_tenant_owns_it_and_works_in_it(self):
        made = self.found(self.amy, "bakery", settings={"language": "ar"})
        self.assertEqual((201, "active"), (made.status, made.json["status"]), made.text)
        self.owns(self.amy, "bakery")
        shown = self.amy.ask("GET", "/api/tenants/bakery").json["state"]
        self.assertEqual(("free", "ar", self.amy.id), (shown["tier"], shown["settings"]["language"], shown["founder"]))
        self.assertEqual(200, self.amy.ask("POST", "/api/tenants/bakery/settings", {"name": "Amy's"}).status)
        self.assertEqual(200, self.amy.ask("POST", f"/v1/tenants/bakery/memberships/{self.bob.id}/invite", {"role": "staff"}).status)
        self.assertEqual(200, self.bob.ask("POST", f"/v1/tenants/bakery/memberships/{self.bob.id}/accept", {}).status)
        # What is the installation's is not theirs for that.
        self.assertEqual("auth.owner_required", self.amy.ask("POST", "/api/tenants/bakery/archive", {"reason": "mine"}).code)
        for body, code in (({"tier": "pro"}, "access.denied"), ({"activate": False}, "input.invalid"), ({"slug": "system"}, "input.invalid")):
            refused = self.found(self.amy, **{"slug": "florist", **body})
            self.assertEqual(code, refused.code, refused.text)

    def test_a_name_that_is_taken_says_nothing_else(self):
        for tenant, change in (("running", None), ("stopped", "suspend"), ("gone", "archive")):
            self.node_.tenant(tenant)
            if change:
                self.node_.ok("POST", f"/api/tenants/{tenant}/{change}", {"reason": "a test"})
        told = {(answer.status, answer.code) for answer in (self.found(self.amy, tenant) for tenant in ("running", "stopped", "gone"))}
        self.assertEqual({(409, "tenant.slug_taken")}, told)
        self.assertEqual([], self.amy.ask("GET", "/v1/whoami").json["tenants"])

    def test_nobody_founds_more_than_five_however_many_they_ask_for_at_once(self):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda number: self.found(self.amy, f"shop-{number}"), range(12)))
        made = [answer.json["id"] for answer in answers if answer.status == 201]
        self.assertEqual(5, len(made), [answer.text for answer in answers])
        self.assertEqual({(429, "tenant.founder_limit")}, {(answer.status, answer.code) for answer in answers if answer.status != 201})
        for tenant in made:
            self.owns(self.amy, tenant)
        self.assertEqual(201, self.found(self.bob, "bobs").status)  # whose limit is his own
        self.node_.ok("POST", f"/api/tenants/{made[0]}/archive", {"reason": "closed"})
        self.assertEqual(201, self.found(self.amy, "another").status)
        self.assertEqual("tenant.founder_limit", self.found(self.amy, "one-more").code)

    def test_asking_again_makes_no_second_one(self):
        first = self.amy.ask("POST", "/api/tenants", {"slug": "bakery", "name": "Bakery"})
        again = self.amy.ask("POST", "/api/tenants", {"slug": "bakery", "name": "Bakery"})
        self.assertEqual((201, 200), (first.status, again.status), again.text)
        types = lambda: [event["type"] for event in self.node_.ok("GET", "/v1/tenants/bakery/events?limit=1000")["items"]]
        wait("the founder to be enrolled", lambda: "tenant.founder_enrolled" in types())
        # Having been asked again is on record as a decision, and made nothing.
        self.assertEqual(1, types().count("decided"))
        self.assertEqual(["tenant.created", "tenant.activated", "tenant.founded", "tenant.founder_enrolled"], [name for name in types() if name != "decided"])

    def test_a_key_founds_nothing_and_neither_does_who_is_not_signed_in(self):
        self.assertEqual(201, self.found(self.amy, "bakery").status)
        self.owns(self.amy, "bakery")
        key = self.amy.ask("POST", "/v1/tenants/bakery/api_keys", {"name": "ci", "scopes": ["platform.write"]}).json["key"]
        for headers in ({"Authorization": "Bearer " + key}, {}):
            refused = self.node_.ask("POST", "/api/tenants", {"slug": "florist", "name": "x"}, headers, token=False)
            self.assertIn(refused.status, (401, 404), refused.text)
        self.assertEqual(404, self.node_.ask("GET", "/api/tenants/florist").status)

    def test_the_founder_owns_it_also_when_the_node_dies_in_between(self):
        for number in range(3):
            self.assertEqual(201, self.found(self.amy, f"shop-{number}").status)
            self.node_.kill()
            self.node_.start()
            self.owns(self.amy, f"shop-{number}")


if __name__ == "__main__":
    unittest.main()
