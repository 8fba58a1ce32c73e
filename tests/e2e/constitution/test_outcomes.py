"""An effect whose outcome does not come is told of, once, also when the node is killed in between; and that it came after all."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import NodeCase, wait  # noqa: E402
from test_webhooks import Receiver  # noqa: E402


class Outcomes(NodeCase):
    def test_a_missing_outcome_is_an_event_once_over_a_kill_and_so_is_its_coming(self):
        node = self.node(extra_env={"NOVA_HTTP_ALLOW_PRIVATE": "127.0.0.1/32", "NOVA_GOVERNANCE_OUTCOME_DUE": "1s"})
        silent = Receiver(lambda request: None)
        self.addCleanup(silent.close)
        node.tenant("clinic")
        node.ok("POST", "/v1/tenants/clinic/webhook_endpoints", {"url": silent.url, "events": ["SUBSCRIPTION_UPDATED"]})
        node.ok("POST", "/v1/tenants/clinic/change_tier", {"tier": "basic"})
        wait("the request", lambda: silent.of("SUBSCRIPTION_UPDATED"))

        def missing():
            return [one for one in node.ok("GET", "/v1/tenants/clinic/work_outcomes")["items"] if one["state"]["intent"]["owner"]["kind"] == "webhook_delivery"]
        one = wait("the missing outcome", missing)[0]
        intent = one["state"]["intent"]
        self.assertEqual(("clinic", "http", "send"), (intent["owner"]["tenant"], intent["driver"], intent["verb"]))
        node.kill()
        silent.release.set()
        silent.answer = lambda request: 204
        node.start()
        wait("the outcome to come", lambda: node.ok("GET", "/v1/tenants/clinic/work_outcomes/" + one["id"])["status"] == "came")
        types = [event["type"] for event in node.events("clinic", "work_outcomes", one["id"])]
        self.assertEqual(2, len(types), types)
        self.assertTrue(types[0].endswith("effect.outcome_missing") and types[1].endswith("effect.outcome_came"), types)
        # The outcome itself stands with who asked.
        story = [event["type"] for event in node.events("clinic", "webhook_deliveries", intent["owner"]["id"])]
        self.assertTrue(any(kind.endswith(("webhook_delivery.delivered", "webhook_delivery.failed")) or "attempt" in kind for kind in story), story)
        # Somebody of another tenant sees none of it.
        node.tenant("bakery")
        self.assertEqual([], node.ok("GET", "/v1/tenants/bakery/work_outcomes")["items"])


if __name__ == "__main__":
    unittest.main()
