"""Accounts and rights under the paths that the documents name: lists, changes with reasons, the audit."""
import os
import unittest

from harness import Node, free_port, wait
from test_identity import PASSWORD, Person


class Owner(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node().start()
        cls.addClassCleanup(cls.node.close)
        with open(os.path.join(cls.node.state, "enrolment.token"), encoding="ascii") as file:
            token = file.read().strip()
        cls.node.ok("POST", "/api/auth/enrol-owner", {"token": token, "email": "owner@example.org", "username": "owner", "password": PASSWORD, "language": "en"})
        cls.owner = Person(cls.node, "owner@example.org")
        cls.owner.login()
        cls.node.tenant("t-one")

    def person(self, name):
        user = self.node.ok("POST", "/api/auth/register", {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "language": "en"})["user"]
        self.node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        person = Person(self.node, f"{name}@example.org")
        self.assertEqual(person.login().status, 200)
        return person

    def ok(self, method, path, body=None):
        answer = self.owner.ask(method, path, body)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json

    def ids(self, query):
        """Of all pages."""
        found, cursor = [], ""
        while True:
            page = self.ok("GET", f"/api/owner/users{query}{'&' if '?' in query else '?'}limit=2{cursor}")
            self.assertLessEqual(len(page["items"]), 2)
            found += [item["id"] for item in page["items"]]
            if "next" not in page:
                return found
            cursor = "&cursor=" + page["next"]

    def test_lists_are_paged_and_filtered_and_the_statistics_count_the_same(self):
        people = [self.person(f"list{i}") for i in range(5)]
        self.ok("PATCH", f"/api/owner/users/{people[0].id}/role", {"role": "pro"})
        self.ok("POST", f"/api/owner/users/{people[1].id}/ban", {"reason": "spam"})
        everybody = self.ids("")
        self.assertEqual(len(everybody), len(set(everybody)))
        self.assertTrue({p.id for p in people} | {self.owner.id} <= set(everybody))
        self.assertIn(people[0].id, self.ids("?role=pro"))
        self.assertNotIn(people[2].id, self.ids("?role=pro"))
        self.assertIn(people[1].id, self.ids("?status=banned"))
        self.assertEqual(self.ids("?status=banned"), self.ids("/status/banned"))
        stats = self.ok("GET", "/api/owner/users/stats")
        self.assertEqual(stats["users"], len(self.ids("")))
        self.assertEqual(stats["by_status"]["banned"], len(self.ids("/status/banned")))
        self.assertEqual(stats["by_role"]["pro"], len(self.ids("?role=pro")))
        text = self.owner.ask("GET", "/api/owner/users").text
        for hidden in ('"email_key"', "$scrypt"):
            self.assertNotIn(hidden, text)

    def test_statuses_change_with_reasons_and_the_root_owner_is_out_of_reach(self):
        amy = self.person("amy")
        self.node.ok("POST", f"/v1/tenants/t-one/memberships/{amy.id}/invite", {"role": "staff"})
        amy.ask("POST", f"/v1/tenants/t-one/memberships/{amy.id}/accept", {})
        shown = self.ok("GET", f"/api/owner/users/{amy.id}")
        self.assertEqual([{"tenant": "t-one", "role": "staff", "tier": "free", "projects": 0}], shown["tenants"])
        self.assertEqual(0, shown["projects"])
        self.assertEqual("active", shown["user"]["status"])
        without = self.owner.ask("POST", f"/api/owner/users/{amy.id}/suspend", {})
        self.assertEqual((400, "user.reason_required"), (without.status, without.code))
        self.assertEqual("suspended", self.ok("PATCH", f"/api/owner/users/{amy.id}/toggle", {"reason": "a look"})["status"])
        self.assertEqual("user.suspended", amy.ask("GET", "/v1/whoami").code)
        self.assertEqual("active", self.ok("PATCH", f"/api/owner/users/{amy.id}/toggle", {"reason": "all well"})["status"])
        self.assertEqual("banned", self.ok("POST", f"/api/owner/users/{amy.id}/ban", {"reason": "spam"})["status"])
        self.assertEqual("active", self.ok("POST", f"/api/owner/users/{amy.id}/reactivate", {"reason": "a mistake"})["status"])
        for path, method, body in (("suspend", "POST", {"reason": "x"}), ("ban", "POST", {"reason": "x"}), ("toggle", "PATCH", {"reason": "x"}),
                                   ("role", "PATCH", {"role": "free"}), ("permissions", "PATCH", {"permissions": []})):
            refused = self.owner.ask(method, f"/api/owner/users/{self.owner.id}/{path}", body)
            self.assertEqual((403, "user.root_owner_immutable"), (refused.status, refused.code), path)
        unknown = self.owner.ask("PATCH", f"/api/owner/users/{amy.id}/permissions", {"permissions": ["users:fly"]})
        self.assertEqual("user.unknown_permission", unknown.code)
        self.assertEqual(404, self.owner.ask("GET", "/api/owner/users/nobody").status)

    def test_one_account_comes_with_tiers_and_projects_of_its_tenants(self):
        bob = self.person("bob")
        for tenant, tier, shops in (("t-pro", "pro", 2), ("t-small", "basic", 1)):
            self.node.tenant(tenant, tier)
            self.node.ok("POST", f"/v1/tenants/{tenant}/memberships/{bob.id}/invite", {"role": "staff"})
            self.assertEqual(200, bob.ask("POST", f"/v1/tenants/{tenant}/memberships/{bob.id}/accept", {}).status)
            for number in range(shops):
                self.node.apply(self.node.blueprint(tenant, f"shop{number}", {"web": self.node.service(free_port())}))
        wait("the projects to be counted", lambda: self.ok("GET", f"/api/owner/users/{bob.id}")["projects"] == 3)
        self.assertEqual([{"tenant": "t-pro", "role": "staff", "tier": "pro", "projects": 2}, {"tenant": "t-small", "role": "staff", "tier": "basic", "projects": 1}],
                         self.ok("GET", f"/api/owner/users/{bob.id}")["tenants"])

    def test_rights_are_granted_revoked_and_reset_and_the_audit_knows_it_all(self):
        bea = self.person("bea")

        def may(permission="audit:read"):
            return bea.ask("POST", "/api/permissions/check", {"permission": permission}).json

        before = self.ok("GET", "/api/permissions/stats")
        self.assertFalse(may()["allow"])
        self.ok("POST", "/api/permissions/grant", {"user": bea.id, "permission": "audit:read"})
        self.assertEqual((True, "override.allow"), (may()["allow"], may()["rule"]))
        self.assertEqual(200, bea.ask("GET", "/api/permissions/audit").status)
        self.ok("POST", "/api/permissions/revoke", {"user": bea.id, "permission": "audit:read"})
        self.assertEqual((False, "override.deny"), (may()["allow"], may()["rule"]))
        self.ok("PATCH", f"/api/owner/users/{bea.id}/permissions", {"permissions": ["audit:read", "users:read"]})
        self.ok("POST", "/api/permissions/grant", {"user": bea.id, "permission": "data.export", "tenant": "t-one"})
        counted = self.ok("GET", "/api/permissions/stats")
        self.assertEqual(before["overrides"] + 2, counted["overrides"])
        self.assertEqual(before["with_permissions"] + 1, counted["with_permissions"])
        self.ok("POST", f"/api/permissions/reset/{bea.id}", {})
        for permission in ("audit:read", "users:read"):
            self.assertEqual("default_deny", may(permission)["rule"])
        self.assertEqual(before["overrides"], self.ok("GET", "/api/permissions/stats")["overrides"])
        self.ok("POST", f"/api/permissions/reset/{bea.id}", {})  # what is so already stays so

        seen, position = [], ""
        while True:
            page = self.ok("GET", f"/api/permissions/audit?user={bea.id}&limit=2{position}")
            seen += [(item["type"], item["meta"]["principal"]) for item in page["items"]]
            if "next" not in page:
                break
            position = "&before=" + page["next"]
        types = ["override.set", "override.set", "user.permissions_set", "override.set", "override.cleared", "override.cleared", "user.permissions_set"]
        self.assertEqual([(one, self.owner.id) for one in reversed(types)], seen)

    def test_the_owner_closes_a_way_of_coming_in(self):
        ways = lambda: {way["id"]: way["status"] for way in self.node.ask("GET", "/api/auth/methods", token=False).json["items"]}
        self.assertEqual(ways(), {"password": "open", "passkey": "open", "device": "open"})
        begin = lambda: self.node.ask("POST", "/api/auth/device", {"device": "a terminal"}, token=False)
        self.assertEqual(begin().status, 200)
        self.assertEqual(self.owner.ask("POST", "/api/auth/methods/device/disable", {}).code, "input.invalid")
        closed = self.owner.ask("POST", "/api/auth/methods/device/disable", {"reason": "not in this house"})
        self.assertEqual(closed.status, 200, closed.text)
        self.assertEqual(ways()["device"], "closed")
        self.assertEqual((begin().status, begin().code), (403, "auth.method_disabled"))
        self.assertIn("not in this house", begin().text)
        self.assertEqual(self.owner.ask("POST", "/api/auth/methods/password/disable", {"reason": "no"}).code, "auth_method.default")
        self.assertEqual(self.owner.ask("POST", "/api/auth/methods/pigeon/disable", {"reason": "no"}).code, "auth_method.not_found")
        self.assertEqual(self.owner.ask("POST", "/api/auth/methods/device/enable", {}).status, 200)
        self.assertEqual((ways()["device"], begin().status), ("open", 200))

    def test_an_attempt_on_a_protected_field_is_on_record(self):
        answer = self.owner.ask("POST", "/v1/tenants/t-one/update_settings", {"created_by": "me"})
        self.assertEqual((answer.status, answer.code), (403, "field.protected"), answer.text)
        denials = lambda: [d for d in self.node.ok("GET", "/v1/tenants/t-one/denials")["items"] if d["state"]["code"] == "field.protected"]
        noted = wait("the denial", denials)[0]["state"]
        self.assertEqual((noted["act"], noted["rules"]), ("tenant.update_settings", ["field.protected"]))

    def test_nobody_below_the_owner_changes_rights(self):
        cyd = self.person("cyd")
        for path in ("grant", "revoke"):
            refused = cyd.ask("POST", f"/api/permissions/{path}", {"user": cyd.id, "permission": "users:read"})
            self.assertEqual("user.not_found", refused.code)  # to those who may not read accounts there are none
        for path in ("audit", "stats"):
            self.assertEqual("access.denied", cyd.ask("GET", f"/api/permissions/{path}").code)
        for path in ("", "/stats", "/status/active", "/" + cyd.id):
            self.assertEqual("access.denied", cyd.ask("GET", "/api/owner/users" + path).code, path)


if __name__ == "__main__":
    unittest.main()
