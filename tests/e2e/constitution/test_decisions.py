"""Every change in the log was decided: counted over the store of a node that people, keys, the service and the runtime used."""
import json
import os
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import NodeCase, wait
from test_amend import Owner, NO_RESTARTS, text_of


def log_of(node):
    """All events of a node that is down: (position, type, meta, body)."""
    store = sqlite3.connect(f"file:{os.path.join(node.state, 'nova.db')}?mode=ro", uri=True)
    try:
        rows = store.execute("select position, type, meta, body from events order by position").fetchall()
    finally:
        store.close()
    return [(position, kind, json.loads(meta), json.loads(body)) for position, kind, meta, body in rows]


class Decisions(NodeCase):
    def use(self, node, owner):
        """What goes through every door: commands, manifests, accounts, keys, the runtime's own work. Answers how many commands were denied."""
        node.tenant("clinic")
        service = node.service()
        node.apply(node.blueprint("clinic", "front", {"api": service}))
        node.wait_deployment("clinic", "front")
        node.ok("POST", "/v1/tenants/clinic/deployments/front-development/restart", {})
        user = node.ok("POST", "/api/auth/register", {"email": "amy@example.org", "username": "amy", "password": owner.password, "language": "en"})["user"]
        node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        token = node.ask("POST", "/api/auth/login", {"email": "amy@example.org", "password": owner.password}, token=False).json["access_token"]
        mine = {"Authorization": "Bearer " + token}
        denied = sum(node.ask("POST", "/v1/tenants/clinic/suspend", {"reason": "x"}, mine, token=False).status == 404 for _ in range(7))
        self.assertEqual(200, owner.amend(text_of(node) + NO_RESTARTS).status)
        for _ in range(5):
            denied += node.ask("POST", "/v1/tenants/clinic/update_settings", {"name": "Clinic"}).status == 403
        node.wait_deployment("clinic", "front")
        return denied

    def test_no_command_reaches_an_entity_without_a_recorded_decision(self):
        node = self.node()
        owner = Owner(node)
        denied = self.use(node, owner)
        self.assertEqual(12, denied)
        node.interrupt()
        log = log_of(node)
        commands, undecided = {}, []
        for position, kind, meta, _ in log:
            first = meta["command_id"] not in commands
            commands.setdefault(meta["command_id"], position)
            decision = meta.get("decision")
            # On the first event of each command, and on no other.
            if first != (decision is not None):
                undecided.append((position, kind))
            if decision and (decision["answer"] != "allow" or not decision["rules"] or not decision["constitution"]):
                undecided.append((position, kind, decision))
        self.assertEqual([], undecided)
        self.assertGreater(len(commands), 30)
        types = {meta["principal_type"] for _, _, meta, _ in log}
        self.assertLessEqual({"user", "service", "system", "anonymous"}, types)
        # What was denied reached nothing, and is on record as often as it was asked for.
        noted = [body for _, kind, _, body in log if kind == "denial.noted"]
        asked = sum(body["count"] for body in noted if body["act"] in ("tenant.suspend", "tenant.update_settings"))
        self.assertEqual(denied, asked)
        self.assertEqual([], [kind for _, kind, meta, _ in log if meta["command"] in ("tenant.suspend", "tenant.update_settings")])

        # And each is explained, in both languages.
        node.start()
        seen = set()
        for position in sorted(commands.values()):
            told = node.ok("GET", f"/v1/decisions/{position}")
            for rule in told["rules"]:
                self.assertTrue(rule["en"] and any("\u0600" <= letter <= "\u06ff" for letter in rule["ar"]), told)
            seen.add(told["answer"])
        self.assertEqual({"allow"}, {answer for answer in seen if answer != "deny"})
        last = next(p for p, kind, _, body in log if kind == "denial.noted" and body["act"] == "tenant.update_settings")
        told = node.ok("GET", f"/v1/decisions/{last}")
        self.assertEqual(("deny", "no-restarts", "1.1.0"), (told["answer"], told["rules"][0]["id"], told["constitution"]))
        self.assertEqual(404, node.ask("GET", "/v1/decisions/999999").status)
        self.assertEqual(404, node.ask("GET", "/v1/decisions/x").status)
        self.assertEqual(401, node.ask("GET", f"/v1/decisions/{last}", token=False).status)
        # A command's second event has none of its own.
        second = next(p for p, _, meta, _ in log if p not in commands.values())
        self.assertEqual(404, node.ask("GET", f"/v1/decisions/{second}").status)


if __name__ == "__main__":
    unittest.main()
