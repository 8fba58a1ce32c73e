"""Webhooks of a real node to a real receiver: signatures as a receiver checks them, retries, crashes, borders, and a secret that is nowhere to be found."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import threading
import unittest

from harness import Node, wait


class Receiver:
    """An HTTP server that keeps what it got and answers as `answer(request)` says: a status, or None for no answer until `release`."""

    def __init__(self, answer=lambda request: 204):
        self.got, self.answer, self.release = [], answer, threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = {"headers": dict(self.headers), "body": body, "json": json.loads(body)}
                outer.got.append(request)
                status = outer.answer(request)
                if status is None:
                    outer.release.wait(60)
                    return
                self.send_response(status)
                if status in (301, 302):
                    self.send_header("Location", outer.elsewhere)
                self.end_headers()
                if status != 204:
                    self.wfile.write(b"as the receiver says")

            def log_message(self, *_):
                pass

        self.elsewhere = ""
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def of(self, kind):
        return [one for one in list(self.got) if one["json"]["type"] == kind]

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


def verify(secret, request):
    """What docs/webhooks.md tells a receiver to do."""
    headers = {name.lower(): value for name, value in request["headers"].items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request["body"]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, one) for one in headers["webhook-signature"].split(" "))


def id_of(request):
    return {name.lower(): value for name, value in request["headers"].items()}["webhook-id"]


class Webhooks(unittest.TestCase):
    def setUp(self):
        self.node = Node(extra_env={"NOVA_HTTP_ALLOW_PRIVATE": "127.0.0.1/32"}).start()
        self.addCleanup(self.node.close)
        for tenant in ("t-one", "t-two"):
            self.node.tenant(tenant)

    def receiver(self, answer=lambda request: 204):
        made = Receiver(answer)
        self.addCleanup(made.close)
        return made

    def endpoint(self, receiver, tenant="t-one", events=("API_KEY_CREATED", "SUBSCRIPTION_UPDATED"), **more):
        body = {"url": receiver.url, "events": list(events), **more}
        answer = self.node.ask("POST", f"/v1/tenants/{tenant}/webhook_endpoints", body)
        self.assertEqual(answer.status, 201, answer.text)
        return answer.json

    def happen(self, tenant="t-one", tier="basic"):
        self.node.ok("POST", f"/v1/tenants/{tenant}/change_tier", {"tier": tier})

    def one(self, endpoint, tenant="t-one"):
        return self.node.ok("GET", f"/v1/tenants/{tenant}/webhook_endpoints/{endpoint['id']}")

    def deliveries(self, endpoint, tenant="t-one", status=""):
        return self.node.ok("GET", f"/api/api-keys/webhooks/{endpoint['id']}/deliveries?tenant={tenant}&status={status}")["items"]

    def command(self, endpoint, name, body=None, tenant="t-one"):
        return self.node.ask("POST", f"/v1/tenants/{tenant}/webhook_endpoints/{endpoint['id']}/{name}", body or {})

    def ended(self, endpoint, status, count=1):
        return wait(f"{count} deliveries {status}", lambda: (lambda found: found if len(found) >= count else None)(self.deliveries(endpoint, status=status)))

    def test_an_event_arrives_signed_and_only_with_its_own_tenant(self):
        ours, theirs = self.receiver(), self.receiver()
        one, two = self.endpoint(ours), self.endpoint(theirs, "t-two")
        self.assertTrue(one["secret"].startswith("whsec_"))
        self.happen()
        wait("the event", lambda: ours.of("SUBSCRIPTION_UPDATED"))
        request = ours.got[0]
        self.assertTrue(verify(one["secret"], request))
        self.assertFalse(verify(two["secret"], request))
        self.assertEqual(request["json"]["data"]["event"], "tenant.tier_changed")
        self.assertEqual(request["json"]["data"]["tenant"], "t-one")
        delivery = self.ended(one, "delivered")[0]
        self.assertEqual(delivery["id"], id_of(request))
        attempt = delivery["state"]["log"][0]
        self.assertEqual((attempt["status"], attempt["code"]), (204, ""))
        self.assertEqual(self.deliveries(two, "t-two"), [])
        self.assertEqual(theirs.got, [])
        # Neither side sees the other's through its own tenant.
        for path in (f"/v1/tenants/t-two/webhook_endpoints/{one['id']}", f"/v1/tenants/t-two/webhook_deliveries/{delivery['id']}",
                     f"/api/api-keys/webhooks/{one['id']}/deliveries?tenant=t-two"):
            self.assertEqual(self.node.ask("GET", path).status, 404, path)
        self.assertEqual(self.command(one, "test", tenant="t-two").status, 404)
        # What it is not subscribed to does not come: the log was read past it when the next one came.
        self.node.ok("POST", "/v1/tenants/t-one/update_settings", {"name": "Another"})
        self.happen(tier="pro")
        wait("the next event", lambda: len(ours.of("SUBSCRIPTION_UPDATED")) == 2)
        self.assertEqual(len(ours.got), 2)

    def test_a_killed_node_delivers_once(self):
        """The receiver had the request when the node died before it knew: it comes again under the same id, and a receiver that keeps ids acts once."""
        hold = [True]
        receiver = self.receiver(lambda request: None if hold[0] else 204)
        endpoint = self.endpoint(receiver)
        self.happen()
        wait("the request", lambda: receiver.got)
        self.node.kill()
        hold[0] = False
        receiver.release.set()
        self.node.start()
        done = self.ended(endpoint, "delivered")
        self.assertEqual(len(done), 1)
        self.assertGreaterEqual(len(receiver.got), 2)
        self.assertEqual({id_of(one) for one in receiver.got}, {done[0]["id"]})
        self.assertEqual(len(self.deliveries(endpoint)), 1)
        self.assertTrue(all(verify(endpoint["secret"], one) for one in receiver.got))

    def test_a_crash_between_event_and_delivery_loses_nothing(self):
        receiver = self.receiver()
        endpoint = self.endpoint(receiver)
        tiers = ["basic", "pro", "enterprise"]
        for round_ in range(3):
            for tier in tiers:
                self.happen(tier=tier)
            self.node.kill()  # as soon as the last one is acknowledged
            self.node.start()
        expected = sum(one["type"] == "tenant.tier_changed" for one in self.node.ok("GET", "/v1/tenants/t-one/events?limit=1000")["items"])
        self.assertEqual(expected, 9)
        self.ended(endpoint, "delivered", expected)
        self.assertEqual(len({id_of(one) for one in receiver.got}), expected)
        self.assertEqual(len({one["json"]["data"]["id"] for one in receiver.got}), expected)
        self.assertEqual(len(self.deliveries(endpoint)), expected)

    def test_a_receiver_that_fails_and_recovers(self):
        bad = [500, 302, 200]
        elsewhere = self.receiver()
        receiver = self.receiver(lambda request: bad.pop(0) if bad else 204)
        receiver.elsewhere = elsewhere.url
        endpoint = self.endpoint(receiver, retry_every_s=1)
        self.happen()
        delivery = self.ended(endpoint, "delivered")[0]
        self.assertEqual([(one["status"], one["answer"]) for one in delivery["state"]["log"]], [(500, "as the receiver says"), (302, "as the receiver says"), (200, "as the receiver says")])
        self.assertEqual({id_of(one) for one in receiver.got}, {delivery["id"]})
        self.assertEqual(elsewhere.got, [])
        types = [one["type"] for one in self.node.events("t-one", "webhook_deliveries", delivery["id"])]
        self.assertEqual(sorted(types), sorted(["webhook_delivery.created"] + 3 * ["webhook_delivery.sending", "webhook_delivery.attempted"] + ["webhook.delivered"]))

    def test_four_failed_attempts_end_it_and_a_person_sends_it_again(self):
        status = [503]
        receiver = self.receiver(lambda request: status[0])
        endpoint = self.endpoint(receiver, retry_every_s=1)
        self.happen()
        delivery = self.ended(endpoint, "failed")[0]
        self.assertEqual([one["status"] for one in delivery["state"]["log"]], [503] * 4)
        wait("the endpoint to hear of it", lambda: self.one(endpoint)["state"]["straight_failures"] == 1)
        status[0] = 204
        answer = self.node.ask("POST", f"/api/api-keys/webhooks/deliveries/{delivery['id']}/redeliver?tenant=t-one", {})
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(self.ended(endpoint, "delivered")[0]["id"], delivery["id"])
        self.assertEqual({id_of(one) for one in receiver.got}, {delivery["id"]})
        wait("the endpoint to hear of that", lambda: self.one(endpoint)["state"]["straight_failures"] == 0)

    def test_twenty_failures_disable_an_endpoint_and_hold_up_no_other(self):
        dead = self.receiver(lambda request: 500)
        good = self.receiver()
        bad, well = self.endpoint(dead, retries=0), self.endpoint(good)
        for i in range(20):
            self.happen(tier=("basic", "pro")[i % 2])
        wait("the endpoint to be disabled", lambda: self.one(bad)["status"] == "disabled")
        self.assertEqual(len(self.deliveries(bad, status="failed")), 20)
        self.ended(well, "delivered", 20)
        self.happen(tier="enterprise")
        self.ended(well, "delivered", 21)
        self.assertEqual(len(dead.got), 20)
        self.assertEqual(self.command(bad, "resume").status, 200)
        self.happen(tier="basic")
        wait("the next one", lambda: len(dead.got) == 21)

    def test_a_slow_endpoint_holds_up_no_other(self):
        slow, good = self.receiver(lambda request: None), self.receiver()
        stuck = self.endpoint(slow)
        self.endpoint(good)
        for i in range(5):
            self.happen(tier=("basic", "pro")[i % 2])
        wait("all of the good one's", lambda: len(good.got) == 5)
        self.assertEqual(self.deliveries(stuck, status="delivered"), [])
        self.assertLess(len(slow.got), 5)

    def test_what_happens_while_it_is_paused_waits(self):
        receiver = self.receiver()
        endpoint = self.endpoint(receiver)
        self.assertEqual(self.command(endpoint, "pause", {"reason": "a test"}).status, 200)
        self.happen()
        self.ended(endpoint, "held")
        self.assertEqual(receiver.got, [])
        self.assertEqual(self.command(endpoint, "resume").status, 200)
        self.ended(endpoint, "delivered")
        self.assertEqual(len(receiver.got), 1)

    def test_a_test_is_sent_whatever_it_is_subscribed_to(self):
        receiver = self.receiver()
        endpoint = self.endpoint(receiver, events=["PAYMENT_FAILED"])
        self.assertEqual(self.node.ask("POST", f"/api/api-keys/webhooks/{endpoint['id']}/test", {}, {"X-Tenant-Id": "t-one"}).status, 200)
        wait("the test", lambda: receiver.of("TEST"))
        self.assertTrue(verify(endpoint["secret"], receiver.got[0]))

    def test_while_a_secret_is_rotated_both_sign(self):
        receiver = self.receiver()
        endpoint = self.endpoint(receiver)
        answer = self.command(endpoint, "rotate", {"grace_s": 3600})
        self.assertEqual(answer.status, 200, answer.text)
        second = answer.json["secret"]
        self.assertNotEqual(second, endpoint["secret"])
        self.happen()
        wait("the event", lambda: receiver.got)
        self.assertTrue(verify(endpoint["secret"], receiver.got[0]))
        self.assertTrue(verify(second, receiver.got[0]))
        self.assertEqual(self.command(endpoint, "rotate", {"grace_s": 0}).status, 200)
        self.happen(tier="pro")
        wait("the next event", lambda: len(receiver.got) == 2)
        self.assertFalse(verify(second, receiver.got[1]))

    def test_private_addresses_are_refused_when_they_are_given_and_when_they_are_met(self):
        for url, code in (("http://127.0.0.2/", "webhook.private_address"), ("http://10.0.0.1/", "webhook.private_address"), ("http://169.254.169.254/latest/", "webhook.private_address"),
                          ("http://[::1]:8080/", "webhook.private_address"), ("http://2130706434/", "webhook.private_address"), ("https://amy:word@example.org/", "input.invalid"),
                          ("ftp://example.org/", "input.invalid"), ("file:///etc/passwd", "input.invalid")):
            answer = self.node.ask("POST", "/v1/tenants/t-one/webhook_endpoints", {"url": url, "events": ["USER_CREATED"]})
            self.assertEqual((answer.status, answer.code), (400, code), url)
        receiver = self.receiver()
        endpoint = self.endpoint(receiver)
        answer = self.command(endpoint, "update", {"url": "http://192.168.1.1/"})
        self.assertEqual((answer.status, answer.code), (400, "webhook.private_address"))
        # The node is told to allow nothing any more: what stands there already is judged again when it is used.
        self.node.terminate()
        self.node.extra_env = {}
        self.node.start()
        self.happen()
        delivery = self.ended(endpoint, "failed")[0]
        self.assertEqual(delivery["state"]["code"], "webhook.private_address")
        self.assertEqual(len(delivery["state"]["log"]), 1)
        self.assertEqual(receiver.got, [])

    def test_a_repeated_request_makes_one_endpoint_and_shows_nothing_again(self):
        receiver = self.receiver()
        body = {"url": receiver.url, "events": ["USER_CREATED"]}
        first = self.node.ask("POST", "/api/api-keys/webhooks", body, {"X-Tenant-Id": "t-one", "Idempotency-Key": "one"})
        self.assertEqual(first.status, 201, first.text)
        again = self.node.ask("POST", "/api/api-keys/webhooks", body, {"X-Tenant-Id": "t-one", "Idempotency-Key": "one"})
        self.assertEqual((again.status, again.code), (409, "webhook.already_shown"))
        self.assertEqual(len(self.node.ok("GET", "/api/api-keys/webhooks?tenant=t-one")["items"]), 1)
        for wrong in ({"url": receiver.url, "events": []}, {"url": receiver.url, "events": ["CAT_FED"]}, {"url": receiver.url}, {**body, "secret": "whsec_" + "A" * 44}):
            self.assertEqual(self.node.ask("POST", "/api/api-keys/webhooks?tenant=t-one", wrong).status, 400, wrong)
        gone = self.node.ask("DELETE", f"/api/api-keys/webhooks/{first.json['id']}?tenant=t-one")
        self.assertEqual((gone.status, gone.json["status"]), (200, "deleted"))

    def test_the_secret_is_in_one_answer_and_nowhere_else(self):
        receiver = self.receiver()
        endpoint = self.endpoint(receiver)
        second = self.command(endpoint, "rotate", {}).json["secret"]
        self.happen()
        self.ended(endpoint, "delivered")
        secrets = [text for one in (endpoint["secret"], second) for text in (one, one.removeprefix("whsec_"), base64.b64decode(one.removeprefix("whsec_")).hex())]
        shown = ""
        for path in (f"/v1/tenants/t-one/webhook_endpoints/{endpoint['id']}", "/v1/tenants/t-one/webhook_endpoints", "/v1/tenants/t-one/webhook_deliveries", "/v1/tenants/t-one/events?limit=1000",
                     f"/v1/tenants/t-one/webhook_endpoints/{endpoint['id']}/events", "/api/api-keys/webhooks?tenant=t-one", "/v1/dead-letters"):
            shown += self.node.ask("GET", path).text
        self.node.process.terminate()
        _, log = self.node.process.communicate(timeout=60)
        for secret in secrets:
            self.assertNotIn(secret, shown)
            self.assertNotIn(secret, log)
        raw = [base64.b64decode(one.removeprefix("whsec_")) for one in (endpoint["secret"], second)] + [one.encode() for one in secrets]
        for folder, _, names in os.walk(self.node.state):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        data = file.read()
                    self.assertFalse(any(one in data for one in raw), path)
        self.node.start()


if __name__ == "__main__":
    unittest.main()
