"""The soak would notice: a disk that only says it synced loses what was acknowledged, and the comparing says so.
So it does of a doubled, a lost, a swapped and a wrong event, and of readers that saw something else."""
import os
import random
import shutil
import sys
import tempfile
import types
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "e2e")]

# pylint: disable=wrong-import-position
import comparing
from book import Command, Load
from faults_disk import LyingDisk
from ground import Ground
from harness import wait
from readers import Reader


def event(position, token, version, tenant="tenant-00"):
    return {"position": position, "version": version, "id": f"id-{position}", "type": "tenant.updated",
            "subject": f"{tenant}/tenant/{tenant}", "data": {"name": token}}


def command(token, position, version):
    made = Command(token, "tenant-00", True)
    made.sent, made.answer = 1, {"position": position, "version": version, "replayed": False}
    return made


def wrong(events, commands):
    log = types.SimpleNamespace(events=events, head=events[-1]["position"] if events else 0)
    by_token = {}
    for each in events:
        by_token.setdefault(each["data"]["name"], []).append(each)
    return " ".join(comparing.check_order(log) + comparing.check_commands(commands, by_token))


class Comparing(unittest.TestCase):
    def test_what_is_right_passes(self):
        self.assertEqual("", wrong([event(1, "a-1", 1), event(2, "a-2", 2)], [command("a-1", 1, 1), command("a-2", 2, 2)]))

    def test_each_wrong_is_told(self):
        first, second = event(1, "a-1", 1), event(2, "a-2", 2)
        rows = [("lost", [first], [command("a-1", 1, 1), command("a-2", 2, 2)]),
                ("doubled", [first, event(2, "a-1", 2)], [command("a-1", 1, 1)]),
                ("out of order", [event(1, "a-2", 1), event(2, "a-1", 2)], [command("a-1", 2, 2), command("a-2", 1, 1)]),
                ("position 2 of the log holds 3", [first, event(3, "a-2", 2)], []),
                ("goes from version 1 to 3", [first, event(2, "a-2", 3)], []),
                ("version 1 was answered, the log has 2", [first, second], [command("a-2", 2, 1)])]
        for said, events, commands in rows:
            with self.subTest(said):
                self.assertIn(said, wrong(events, commands))

    def test_a_refusal_of_what_was_done_is_told(self):
        refused = Command("a-1", "tenant-00", False)
        refused.sent, refused.refusal = 1, {"code": "store.read_only"}
        self.assertIn("refused but done", wrong([event(1, "a-1", 1)], [refused]))

    def test_a_reader_with_a_gap_or_a_repeat_is_told(self):
        log = types.SimpleNamespace(events=[event(n, f"a-{n}", n) for n in (1, 2, 3)])
        for seen in ([1, 3], [1, 2, 2, 3], [1, 2]):
            reader = Reader.__new__(Reader)
            reader.first, reader.goal, reader.seen = 0, 3, [(n, f"id-{n}") for n in seen]
            self.assertTrue(reader.compare(log), seen)


class PowerCut(unittest.TestCase):
    def test_a_disk_that_lies_about_syncs_is_found_out(self):
        tools = tempfile.mkdtemp(prefix="nvt-")
        self.addCleanup(shutil.rmtree, tools, True)
        for seed in range(1, 6):
            ground = Ground(tools, "preload")
            try:
                ground.start()
                fault = LyingDisk(ground, random.Random(seed))
                fault.prepare()
                load = Load(ground.nodes, ground.tenants, "lie", seed)
                wait("commands", lambda: load.acknowledged >= 200)
                fault.begin()
                load.stop()
                try:
                    fault.end()
                    _, found = comparing.compare(ground.node, load.commands)
                except AssertionError:
                    return  # it does not even start on what is left, or lacks a position that was answered
                if any(sentence.startswith("lost") for sentence in found):
                    return
            finally:
                ground.close()
        self.fail("five power cuts on a disk that syncs nothing lost nothing")


if __name__ == "__main__":
    unittest.main(verbosity=2)
