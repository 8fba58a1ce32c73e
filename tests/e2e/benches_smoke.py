"""Not a bench: runs each bench with the smallest numbers and looks whether it tells what it measured, and whether the judgement bites.

Peers from npm are left to the benches themselves, which say what they left out."""
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

from harness import BIN, HERE, PATIENCE, Node, free_port, get, wait
from postgres import Postgres

RUN = os.path.join(HERE, "..", "..", "bench", "run")
sys.path.insert(0, RUN)
import bench_growth
import peers


def bench(name, *words):
    """What `./dev bench NAME` prints, as text and as rows. Limits are not for a smoke: it may end with 1, and then says which was not held."""
    done = subprocess.run([sys.executable, "-B", os.path.join(RUN, f"bench_{name}.py"), *words], capture_output=True, text=True, timeout=4 * PATIENCE, check=False,
                          env={**os.environ, "NOVA_BENCH_PEERS": "no"})
    if done.returncode not in (0, 1) or (done.returncode == 1) != ("NOT HELD" in done.stdout):
        raise AssertionError(f"{done.returncode} {done.stdout} {done.stderr}")
    return done.stdout, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def lines(*command):
    """What a program prints as JSON."""
    done = subprocess.run([os.path.join(BIN, command[0]), *command[1:]], capture_output=True, text=True, timeout=2 * PATIENCE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


class Smoke(unittest.TestCase):
    def held_to(self, text, rows, *limits):
        """Versions are printed, and each limit is judged."""
        self.assertTrue(any("versions" in row for row in rows), text)
        judged = [row["ratio"] for row in rows if "held" in row]
        for limit in limits:
            self.assertTrue(any(limit in one for one in judged), f"{limit} is not among {judged}")

    def test_the_host_is_measured(self):
        text, rows = bench("host", "--rounds", "1", "--seconds", "0.1", "--entities", "200")
        for side in ("command on the memory store", "caf request/then", "one hot entity, sync + 1 ms"):
            self.assertGreater(min(row["per_second"] for row in rows if row.get("what", "").startswith(side)), 0)
        self.held_to(text, rows, "caf request/then", "one hot entity", "idle activated entity")

    def test_the_store_is_measured(self):
        text, rows = bench("store", "--rounds", "1", "--seconds", "0.05", "--only", "1,000 in flight+1,000 a batch")
        sides = {(row["side"], row["disk"]) for row in rows if "side" in row}
        for disk in ("as it is", "sync + 1 ms"):
            for side in ("nova sqlite append, 1,000 in flight", "nova postgres append, 1,000 in flight", "raw copy event, 1,000 a batch", "raw unnest event and document, 1,000 a batch"):
                self.assertIn((side, disk), sides)
        self.held_to(text, rows, "1,000 at once, disk as it is", "1,000 at once, disk sync + 1 ms")
        self.assertIn("SKIP emmett", text)

    def test_commands_over_http_are_measured(self):
        text, rows = bench("commands", "--rounds", "1", "--seconds", "1", "--disk", "fast", "--connections", "8", "--reads", "20")
        sides = {(row["side"], row["what"]) for row in rows if "side" in row}
        self.assertTrue({("node, sqlite", "commands"), ("node, postgres, idempotency key", "commands"), ("raw, postgres", "commands"), ("node, sqlite", "reads by id")} <= sides, sides)
        self.held_to(text, rows, "node : raw for the same bytes, postgres", "p99 of node : raw, sqlite")

    def test_the_kill_switch_is_measured(self):
        text, rows = bench("kill", "--rounds", "1", "--endpoints", "2")
        self.held_to(text, rows, "the last request that begins")

    def test_lists_are_measured(self):
        text, rows = bench("lists", "--rounds", "1", "--few", "10000", "--many", "11000", "--only", "by parent, any page")
        self.held_to(text, rows, "sqlite, by parent, any page", "postgres, by parent, any page")

    def test_the_console_is_measured(self):
        text, rows = bench("console", "--rounds", "1", "--seconds", "0.5", "--entities", "3000")
        if text.startswith("SKIP"):
            self.skipTest(text.splitlines()[0])
        self.held_to(text, rows, "p95 frame", "compressed script", "open overview", "closed one")
        self.assertEqual([], [row for row in rows if "rows of the tree" in row.get("ratio", "") and not row["held"]], text)

    def test_growth_is_measured(self):
        text, rows = bench("growth", "--seconds", "3", "--tenants", "20", "--connections", "8")
        self.held_to(text, rows, "rise of memory", "rise of open files", "rise of threads", "log file under load : what it may rise by, sqlite")
        self.assertEqual([], [row for row in rows if "failed" in row.get("ratio", "") and not row["held"]])
        self.assertGreater(min(row["events"] for row in rows if "events" in row), 0)

    def test_recovery_is_measured(self):
        text, rows = bench("recovery", "--entities", "50", "--rounds", "1")
        self.held_to(text, rows, "ready", "replay and fold")
        with tempfile.TemporaryDirectory(prefix="nova-bench-") as folder:
            row, = lines("recovery_bench", folder, "50", "10", "1")
            self.assertEqual(row["events"], 500)
            self.assertGreater(row["replay_seconds"], 0)
            node = Node(state=folder).start()
            try:
                self.assertEqual(node.ok("GET", "/v1/tenants/t-042/providers/p49")["version"], 10)
            finally:
                node.interrupt()

    def test_being_judged_is_measured(self):
        text, rows = bench("auth", "--questions", "200")
        self.held_to(text, rows, "a person's request", "a key's request", "a stranger's request")
        self.assertEqual([], [row for row in rows if "wrong" in row.get("ratio", "") and not row["held"]], text)

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


class Judgement(unittest.TestCase):
    def test_a_steady_rise_is_growth_and_peaks_are_none(self):
        seconds = list(range(600))
        flat = [200.0 + (second * 37 % 11) + (150 if second % 97 == 0 else 0) for second in seconds]
        got = bench_growth.judge(seconds, flat, 0.4, 4.0)
        self.assertLess(abs(got["rise"]), 1.0)
        self.assertEqual(got["highest"], max(flat[240:]))
        rising = [value + second * 0.1 for second, value in zip(seconds, flat)]
        got = bench_growth.judge(seconds, rising, 0.4, 4.0)
        self.assertAlmostEqual(got["rise"], 36, delta=2)
        self.assertGreater(got["rise"], got["rise_max"])

    def test_what_rises_while_caches_fill_is_no_growth(self):
        seconds = list(range(600))
        got = bench_growth.judge(seconds, [min(second, 200) + 50.0 for second in seconds], 0.4, 4.0)
        self.assertEqual((got["level"], got["rise"]), (250.0, 0.0))

    def test_a_limit_that_is_not_held_ends_the_run_with_1(self):
        limits = peers.Limits("none")
        with contextlib.redirect_stdout(io.StringIO()) as said:
            limits.at_least("a", 2.0, 1.0, aim=3.0)
            limits.told("b", 0.1)
            self.assertEqual(limits.exit_code(), 0)
            limits.at_most("c", 2.0, 1.0)
            self.assertEqual(limits.exit_code(), 1)
        self.assertRegex(said.getvalue(), r"(?s)a +2\.00  at least 1\.0: held; aim 3\.0: missed.*c +2\.00  at most 1\.0: NOT HELD")

    def test_options_are_read_and_unknown_ones_refused(self):
        def read(*words):
            with contextlib.redirect_stderr(io.StringIO()):
                return peers.options(["bench_none.py", *words], rounds=5, seconds=0.5, disk="both")
        self.assertEqual(read("--rounds", "2", "--disk", "slow"), {"rounds": 2, "seconds": 0.5, "disk": "slow"})
        for words in (("--round", "2"), ("--rounds",), ("--rounds", "many"), ("2",)):
            with self.assertRaises(SystemExit) as ended:
                read(*words)
            self.assertEqual(ended.exception.code, 2)

    def test_every_bench_says_its_options(self):
        for name in sorted(os.listdir(RUN)):
            found = re.fullmatch(r"bench_(\w+)\.py", name)
            if found:
                with self.subTest(found.group(1)):
                    done = subprocess.run([sys.executable, "-B", os.path.join(RUN, name), "--help"], capture_output=True, text=True, timeout=PATIENCE, check=True)
                    self.assertIn(f"  bench_{found.group(1)}.py", done.stdout)


if __name__ == "__main__":
    unittest.main()
