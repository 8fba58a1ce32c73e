"""A node on PostgreSQL: it forgets nothing when it is killed, and lives through the death of its database."""
import shutil
import unittest

from harness import Node, NodeCase, alive, free_port, get, wait
from postgres import Postgres


class OnPostgres(NodeCase):
    def setUp(self):
        self.postgres = Postgres()
        self.addCleanup(self.postgres.close)
        self.postgres.start()

    def database_node(self, **options):
        return self.node(extra_env={"NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": self.postgres.url()}, **options)

    def test_a_killed_node_comes_back_with_everything(self):
        node = self.database_node()
        port = free_port()
        self.running(node, "acme", "shop", {"web": node.service(port)})
        before = node.deployment("acme", "shop")
        events = [e["id"] for e in node.events("acme", "deployments", "shop-development")]
        pid = node.instance("acme", "web")["state"]["pid"]
        node.kill()
        node.start()
        wait("health", lambda: node.deployment("acme", "shop")["state"]["health"] == "healthy")
        after = node.deployment("acme", "shop")
        self.assertEqual(before["status"], after["status"])
        self.assertEqual(before["state"]["current"], after["state"]["current"])
        self.assertEqual(events, [e["id"] for e in node.events("acme", "deployments", "shop-development")][:len(events)])
        self.assertEqual(pid, node.instance("acme", "web")["state"]["pid"])
        self.assertTrue(alive(pid))
        self.assertEqual(200, get(port).status)
        node.tenant("later")
        self.assertEqual("0", self.postgres.sql("SELECT max(position) - count(*) FROM nova.events"))

    def test_a_database_that_dies_and_comes_back_is_lived_through(self):
        node = self.database_node()
        port = free_port()
        self.running(node, "acme", "shop", {"web": node.service(port)})
        pid = node.instance("acme", "web")["state"]["pid"]
        self.postgres.crash()
        refused = wait("a refusal", lambda: (a := node.ask("POST", "/v1/tenants/acme/update_settings", {"name": "x"})).status == 503 and a)
        self.assertIn(refused.code, ("store.read_only", "store.unavailable"), refused.text)
        self.assertEqual(200, get(port).status)
        self.assertEqual(503, node.ask("GET", "/readyz", token=False).status)
        self.postgres.start()
        wait("writes", lambda: node.ask("POST", "/v1/tenants/acme/update_settings", {"name": "y"}).status == 200)
        wait("readiness", lambda: node.ask("GET", "/readyz", token=False).status == 200)
        self.assertEqual(pid, node.instance("acme", "web")["state"]["pid"])

    def test_a_second_node_of_the_same_name_is_refused(self):
        self.database_node()
        second = self.node_of_same_name()
        code, said = second.refused_start()
        self.assertNotEqual(0, code)
        self.assertIn("store.locked", said)

    def node_of_same_name(self):
        made = Node(extra_env={"NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": self.postgres.url()})
        self.addCleanup(shutil.rmtree, made.own, True)
        return made


if __name__ == "__main__":
    unittest.main(verbosity=2)
