"""Tenants under the paths of the documents, and their quotas, which platforms take and give back (S19)."""
import json
import unittest

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


if __name__ == "__main__":
    unittest.main()
