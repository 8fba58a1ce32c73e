"""What becomes of a yes: the act runs once wherever the node dies, and those who asked to hear of it are told, signed."""
import os
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import free_port, NodeCase, wait  # noqa: E402
from test_identity import PASSWORD, Person  # noqa: E402
from test_webhooks import Receiver, verify  # noqa: E402

ONE_GROUP = """
gates:
  production-destruction:
    en: An admin must agree.
    ar: يجب أن يوافق مدير.
    groups:
      - {name: admins, roles: [tenant:admin]}
"""


class Releases(NodeCase):
    def gated(self, **env):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "gates.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(ONE_GROUP)
        node = self.node(extra_env={"NOVA_GOVERNANCE_GATES_FILE": path, **env})
        node.tenant("clinic", "enterprise")
        return node

    def admin(self, node, name="amy"):
        user = node.ok("POST", "/api/auth/register", {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "language": "en"})["user"]
        node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        person = Person(node, f"{name}@example.org")
        self.assertEqual(200, person.login().status)
        node.ok("POST", f"/v1/tenants/clinic/memberships/{user}/invite", {"role": "admin"})
        self.assertEqual(200, person.ask("POST", f"/v1/tenants/clinic/memberships/{user}/accept", {}).status)
        return person

    def production(self, node, *names):
        node.apply(*[node.blueprint("clinic", name, {"api": node.service(free_port())}, "production") for name in names])
        for name in names:
            wait(f"{name} to run", lambda name=name: node.deployment("clinic", name, "production")["status"] == "running")

    def held(self, node, name):
        answer = node.ask("POST", f"/v1/tenants/clinic/deployments/{name}-production/delete", {})
        self.assertEqual(202, answer.status, answer.text)
        return "/v1/tenants/clinic/approvals/" + answer.json["id"]

    def test_a_release_in_doubt_over_a_kill_is_done_exactly_once(self):
        node = self.gated()
        names = [f"front{i}" for i in range(4)]
        amy = self.admin(node)
        self.production(node, *names)
        approvals = {name: self.held(node, name) for name in names}
        # Killed earlier and later within the yes and its act: at once, at the vote, at the yes that is told, at the end of the act.
        moments = [lambda path, said: True,
                   lambda path, said: len(node.ok("GET", path + "/events")["items"]) > 1,
                   lambda path, said: bool(said),
                   lambda path, said: node.ok("GET", path)["status"] == "executed"]
        for name, moment in zip(names, moments):
            path, said = approvals[name], []

            def agree():
                try:
                    said.append(amy.ask("POST", path + "/approve", {"reason": "planned"}).status)
                except OSError:
                    pass  # the node went before it could answer
                except Exception as gone:  # noqa: BLE001 - half an answer is none
                    said.append(repr(gone))
            voter = threading.Thread(target=agree)
            voter.start()
            wait("the moment", lambda: moment(path, said))
            node.kill()
            voter.join(60)
            node.start()
            # Whoever got no answer asks again, and is told if it was decided already.
            again = amy.ask("POST", path + "/approve", {"reason": "planned"})
            self.assertIn((again.status, again.code if again.status != 200 else None), [(200, None), (409, "approval.already_decided")], again.text)
            wait("the act", lambda path=path: node.ok("GET", path)["status"] == "executed")
        for name in names:
            wait(f"{name} to go", lambda name=name: node.deployment("clinic", name, "production")["status"] == "deleted")
            types = [event["type"] for event in node.events("clinic", "deployments", f"{name}-production")]
            self.assertEqual(1, sum(kind.endswith("deployment.deleting") for kind in types), types)
            story = [event["type"] for event in node.ok("GET", approvals[name] + "/events")["items"]]
            for kind in ("approval.requested", "approval.approved", "approval.executed"):
                self.assertEqual(1, sum(one.endswith(kind) for one in story), story)

    def test_those_who_asked_to_hear_of_approvals_are_told_and_can_check_who_says_so(self):
        node = self.gated(NOVA_HTTP_ALLOW_PRIVATE="127.0.0.1/32")
        receiver, other = Receiver(), Receiver()
        self.addCleanup(receiver.close)
        self.addCleanup(other.close)
        body = {"url": receiver.url, "events": ["APPROVAL_REQUESTED", "APPROVAL_DECIDED", "APPROVAL_EXECUTED"]}
        endpoint = node.ok("POST", "/v1/tenants/clinic/webhook_endpoints", body)
        stranger = node.ok("POST", "/v1/tenants/clinic/webhook_endpoints", {"url": other.url, "events": ["API_KEY_CREATED"]})
        amy = self.admin(node)
        self.production(node, "front")
        path = self.held(node, "front")
        wait("the request to be told", lambda: receiver.of("APPROVAL_REQUESTED"))
        self.assertEqual([], receiver.of("APPROVAL_DECIDED"))
        self.assertEqual(200, amy.ask("POST", path + "/approve", {"reason": "planned"}).status)
        wait("what became of it to be told, in any order", lambda: receiver.of("APPROVAL_DECIDED") and receiver.of("APPROVAL_EXECUTED"))
        told = {}
        for kind, event in (("APPROVAL_REQUESTED", "approval.requested"), ("APPROVAL_DECIDED", "approval.approved"), ("APPROVAL_EXECUTED", "approval.executed")):
            request = receiver.of(kind)[0]
            self.assertTrue(verify(endpoint["secret"], request), kind)
            self.assertFalse(verify(stranger["secret"], request), kind)
            forged = dict(request, body=request["body"].replace(b"clinic", b"clinik", 1))
            self.assertFalse(verify(endpoint["secret"], forged), kind)
            self.assertEqual((event, "clinic"), (request["json"]["data"]["event"], request["json"]["data"]["tenant"]))
            self.assertIn(path.rsplit("/", 1)[1], request["body"].decode())
            told[kind] = request
        self.assertEqual(3, len({request["headers"].get("webhook-id") or request["headers"].get("Webhook-Id") for request in told.values()}))
        self.assertEqual([], other.got)


if __name__ == "__main__":
    unittest.main()
