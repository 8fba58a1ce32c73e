"""Not a bench: runs the programs of the benches with the smallest numbers and looks whether each tells what it measured.

Whatever needs npm or a load generator is left to the benches themselves, which say what they left out."""
import json
import os
import subprocess
import tempfile
import unittest

from harness import BIN, PATIENCE, Node, free_port, get, wait
from postgres import Postgres


def lines(*command):
    """What a program prints as JSON. Limits are not for a smoke: it may end with 1."""
    done = subprocess.run([os.path.join(BIN, command[0]), *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=2 * PATIENCE, check=False)
    if done.returncode not in (0, 1):
        raise AssertionError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


class Smoke(unittest.TestCase):
    def test_the_host_is_measured(self):
        rows = lines("bench_host", "--rounds", "1", "--seconds", "0.1", "--entities", "200")
        rates = {(row["side"], row.get("at_once")): row.get("per_second") for row in rows if "side" in row}
        self.assertGreater(rates["command on the memory store", 64], 0)
        self.assertGreater(rates["caf request/then", 1], 0)
        self.assertGreater(rates["one hot entity, sync + 1 ms", 256], 0)

    def test_the_store_is_measured(self):
        rows = lines("bench_store", "--rounds", "1", "--seconds", "0.05", "--only", "nova sqlite append")
        self.assertEqual({row["at_once"] for row in rows}, {1, 100, 1000})
        self.assertEqual({row["disk"] for row in rows}, {"as it is", "sync + 1 ms"})

    def test_recovery_is_measured(self):
        with tempfile.TemporaryDirectory(prefix="nova-bench-") as folder:
            row, = lines("recovery_bench", folder, "50", "10", "1")
            self.assertEqual(row["events"], 500)
            self.assertGreater(row["replay_seconds"], 0)
            node = Node(state=folder).start()
            try:
                self.assertEqual(node.ok("GET", "/v1/tenants/t-042/providers/p49")["version"], 10)
            finally:
                node.interrupt()

    def test_restarts_are_measured(self):
        row, = lines("heal_restart", "20")
        self.assertGreater(row["p50_us"], 0)

    def test_the_smallest_service_answers_who_it_is(self):
        port = free_port()
        with subprocess.Popen([os.path.join(BIN, "heal_service"), str(port)]) as service:
            try:
                self.assertEqual(int(wait("an answer", lambda: get(port)).text), service.pid)
            finally:
                service.kill()

    def test_the_bare_server_writes_and_answers(self):
        postgres = Postgres()
        self.addCleanup(postgres.close)
        postgres.start()
        with tempfile.TemporaryDirectory(prefix="nova-bench-") as folder:
            for kind, place in (("sqlite", folder), ("postgres", postgres.url())):
                port = free_port()
                with subprocess.Popen([os.path.join(BIN, "raw_http"), kind, str(port), place, "10", "300", "400"], stdout=subprocess.DEVNULL) as server:
                    try:
                        answer = wait("an answer", lambda: self.post(port))
                        self.assertEqual(answer.status, 201)
                    finally:
                        server.kill()
        self.assertEqual("1", postgres.sql("SELECT count(*) FROM raw_docs"))

    @staticmethod
    def post(port):
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", "/events", b'{"a":1}', {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            return answer
        finally:
            connection.close()


if __name__ == "__main__":
    unittest.main()
