"""Rate limits of a real node: sign-in is limited by address, blocks are audited and outlive the node, people lift them."""
import os
import shutil
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from harness import Node, NodeCase, wait
from postgres import Postgres
from test_identity import Person
from test_vault import enrol

LOGIN = "/api/auth/login"


def login(node, headers=None):
    return node.ask("POST", LOGIN, {"email": "amy@example.com", "password": "not the password"}, headers, token=False)


class Limits(NodeCase):
    def limited(self, **env):
        return self.node(extra_env={"NOVA_LIMITS_RATES": "true", **env})

    def exhaust(self, node, headers=None, limit=10):
        for _ in range(limit):
            answer = login(node, headers)
            self.assertEqual(401, answer.status, answer.text)

    def blocks(self, node, status="active"):
        return node.ok("GET", "/v1/limits/blocks?status=" + status)["items"]

    def notices(self, node, tenant, policy):
        events = node.events(tenant, "rate_counters", policy) if node.ask("GET", f"/v1/tenants/{tenant}/rate_counters/{policy}").status == 200 else []
        return [(event["type"].rsplit("webnova.", 1)[-1], event["data"]) for event in events]

    def test_sign_in_is_limited_blocked_audited_kept_and_lifted(self):
        node = self.limited()
        self.exhaust(node)
        answer = login(node)
        self.assertEqual(429, answer.status, answer.text)
        self.assertEqual("rate.limited", answer.code)
        self.assertEqual("auth.login", answer.json["details"]["policy"])
        self.assertEqual(LOGIN, answer.json["details"]["route"])
        self.assertEqual(answer.headers["Retry-After"], answer.json["details"]["seconds"])
        self.assertTrue(0 < int(answer.headers["Retry-After"]) <= 300, answer.headers)
        self.assertEqual(("10", "0"), (answer.headers["X-RateLimit-Limit"], answer.headers["X-RateLimit-Remaining"]))

        # Forged headers change nothing; going on regardless ends in a block.
        for number in range(9):
            forged = {"X-Forwarded-For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"}
            self.assertEqual(429, login(node, forged).status)
        block = wait("the block", lambda: self.blocks(node))[0]
        self.assertEqual("ip", block["state"]["keyed_by"])
        self.assertNotIn("127.0.0.1", str(block))
        events = node.events("system", "abuse_blocks", block["id"])
        self.assertEqual("abuse.blocked", events[0]["type"].rsplit("webnova.", 1)[-1])
        self.assertEqual("RATE_LIMIT_BLOCKED", events[0]["data"]["type"])
        self.assertGreater(int(login(node).headers["Retry-After"]), 600)
        # Coming near the limit and going over it are on record, once each, whatever came after.
        told = wait("the notices", lambda: (lambda all: all if len(all) > 1 else None)(self.notices(node, "system", "auth.login")))
        self.assertEqual([("rate.warned", 8), ("rate.limited", 1)], [(kind, data.get("used") or data.get("refused")) for kind, data in told])
        self.assertEqual({"ip"}, {data["about"]["keyed_by"] for _, data in told})
        self.assertEqual({(10, 300)}, {(data["about"]["limit"], data["about"]["window_s"]) for _, data in told})
        self.assertNotIn("127.0.0.1", str(told))
        # Whoever has a good token goes on as before.
        self.assertEqual(200, node.ask("GET", "/v1/whoami").status)

        node.kill()
        node.start()
        answer = login(node)
        self.assertEqual(429, answer.status, answer.text)
        self.assertGreater(int(answer.headers["Retry-After"]), 600)

        node.ok("POST", f"/v1/tenants/system/abuse_blocks/{block['id']}/unblock", {"reason": "a test"})
        self.assertEqual(401, login(node).status)
        self.assertEqual([], self.blocks(node))
        self.assertEqual(block["id"], self.blocks(node, "lifted")[0]["id"])

        # And people may block an address themselves.
        made = node.ok("POST", "/v1/limits/blocks", {"address": "127.0.0.1", "seconds": 60, "reason": "a test"})
        self.assertEqual(block["id"], made["id"])
        self.assertEqual(429, login(node).status)

    def test_a_policy_is_set_and_kept(self):
        node = self.limited()
        node.ok("POST", "/v1/limits/policies/auth.login/set", {"window_s": 60, "max": 2})
        self.exhaust(node, limit=2)
        self.assertEqual("2", login(node).headers["X-RateLimit-Limit"])
        node.terminate()
        node.start()
        self.exhaust(node, limit=2)
        self.assertEqual(429, login(node).status)
        shown = {p["id"]: p for p in node.ok("GET", "/v1/limits")["policies"]}
        self.assertEqual((60, 2), (shown["auth.login"]["window_s"], shown["auth.login"]["max"]))
        self.assertEqual("auth.login", node.ok("GET", "/v1/limits/top")["items"][0]["policy"])
        self.assertEqual("rate_policy.not_found", node.ask("POST", "/v1/limits/policies/auth.logan/set",
                                                           {"window_s": 60, "max": 2}).code)

    def test_behind_a_trusted_proxy_each_client_counts_for_itself(self):
        node = self.limited(NOVA_LISTEN_TRUSTED_PROXIES="127.0.0.0/8")
        self.exhaust(node, {"X-Forwarded-For": "6.6.6.6, 192.0.2.1"})
        self.assertEqual(429, login(node, {"X-Forwarded-For": "7.7.7.7, 192.0.2.1"}).status)
        self.assertEqual(401, login(node, {"X-Forwarded-For": "6.6.6.6, 192.0.2.2"}).status)

    def test_a_keys_own_limits_hold_beside_its_tenants(self):
        node = self.limited()
        self.assertEqual(201, enrol(node).status)
        owner = Person(node, "owner@example.org")
        self.assertEqual(200, owner.login().status)
        node.tenant("clinic")

        def key(name, **more):
            made = owner.ask("POST", "/api/api-keys?tenant=clinic", {"name": name, "scopes": ["platform.read"], "limits": {"per_minute": 4}, **more})
            self.assertEqual(201, made.status, made.text)
            return lambda: node.ask("GET", "/v1/whoami", None, {"Authorization": "Bearer " + made.json["key"]}, token=False)
        small, other, free = key("small"), key("other"), key("free", rate_tier="unlimited")
        for _ in range(4):
            self.assertEqual(200, small().status)
        answer = small()
        self.assertEqual((429, "rate.limited", "key.minute", "4"), (answer.status, answer.code, answer.json["details"]["policy"], answer.json["details"]["limit"]))
        self.assertTrue(0 < int(answer.headers["Retry-After"]) <= 60, answer.headers)
        self.assertEqual(("4", "0"), (answer.headers["X-RateLimit-Limit"], answer.headers["X-RateLimit-Remaining"]))
        # Others of the tenant are not held by it, nor is a key that has no limits of its own.
        self.assertEqual(200, other().status)
        for _ in range(6):
            self.assertEqual(200, free().status)
        self.assertEqual({"key.minute"}, {line["policy"] for line in node.ok("GET", "/v1/limits/top")["items"] if line["limit"] == 4})
        # Nor is anybody blocked for it.
        for _ in range(20):
            self.assertEqual(429, small().status)
        self.assertEqual([], self.blocks(node))
        # One notice for all of it, where the key's tenant sees it and its webhooks hear it.
        told = wait("the notices", lambda: (lambda all: all if len(all) > 1 else None)(self.notices(node, "clinic", "key.minute")))
        self.assertEqual(["rate.warned", "rate.limited"], [kind for kind, _ in told])
        self.assertTrue(told[1][1]["about"]["name"].startswith("clinic/"), told)

    def test_the_operators_token_is_not_limited(self):
        node = self.limited()
        for _ in range(300):
            self.assertEqual(200, node.ask("GET", "/v1/whoami").status)

    def test_limits_can_be_off(self):
        node = self.node(extra_env={"NOVA_LIMITS_RATES": "false"})
        self.exhaust(node, limit=12)


class TwoNodes(NodeCase):
    def setUp(self):
        postgres = Postgres()
        self.addCleanup(postgres.close)
        postgres.start()
        env = {"NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": postgres.url(), "NOVA_LIMITS_RATES": "true"}
        one, two = (Node(extra_env={**env, "NOVA_NODE_NAME": name}) for name in ("one", "two"))
        # Nodes of one installation have the same key.
        one.start().terminate()
        os.makedirs(two.state, 0o700)
        shutil.copy2(os.path.join(one.state, "node.key"), os.path.join(two.state, "node.key"))
        self.nodes = [one, two]
        for node in self.nodes:
            self.addCleanup(node.close)
            node.start()

    def test_signing_in_is_counted_by_both_together(self):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda number: login(self.nodes[number % 2]).status, range(18)))
        self.assertEqual({401: 10, 429: 8}, {status: answers.count(status) for status in set(answers)})
        for node in self.nodes:
            self.assertTrue(250 < int(login(node).headers["Retry-After"]) <= 300)

    def test_both_together_let_no_more_pass_than_one_may(self):
        def ask_until_refused(node):
            passed, pause = 0, threading.Event()
            while True:
                answer = node.ask("GET", "/v1/whoami", token=False)
                if answer.status == 401:
                    passed += 1
                elif answer.headers["X-RateLimit-Remaining"] == "0":
                    return passed
                else:
                    pause.wait(0.1)  # ten in a second have passed
        with ThreadPoolExecutor(2) as pool:
            passed = sum(pool.map(ask_until_refused, self.nodes))
        self.assertTrue(95 <= passed <= 105, passed)

    def test_a_block_and_its_end_reach_the_other_node(self):
        one, two = self.nodes
        block = one.ok("POST", "/v1/limits/blocks", {"address": "127.0.0.1"})
        wait("the block", lambda: login(two).status == 429)
        two.ok("POST", f"/v1/tenants/system/abuse_blocks/{block['id']}/unblock", {})
        wait("its end", lambda: login(one).status == 401)


if __name__ == "__main__":
    unittest.main(verbosity=2)
