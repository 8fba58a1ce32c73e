#!/usr/bin/env python3
"""up_test.py PROGRAMS: ./dev up with the real node and the real clinic, with and without a terminal, and after crashes."""
import contextlib
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAMS = os.path.abspath(sys.argv[1])
LIMIT = 120


def free_ports():
    """The first of three in a row that nobody uses, below those that the kernel gives to outgoing connections."""
    for first in range(10240 + os.getpid() % 5000, 30000, 3):
        try:
            for port in range(first, first + 3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
    raise AssertionError("no three free ports")


class Up(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = os.path.join(folder.name, "var")
        self.port = free_ports()
        self.front = self.port + 1
        self.environment = {**os.environ, "NOVA_BIN": PROGRAMS, "NOVA_STATE": self.state, "NOVA_PORT": str(self.port), "NOVA_FRONT_PORT": str(self.front)}
        self.addCleanup(self.assert_nothing_left)
        self.addCleanup(lambda: self.dev("down"))

    def dev(self, *arguments):
        return subprocess.run([os.path.join(ROOT, "dev"), *arguments], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=LIMIT, check=False)

    def processes(self):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    if self.state.encode() in file.read() and int(pid) != os.getpid():
                        found.append(int(pid))
            except OSError:
                pass  # it ended while we looked
        return found

    def assert_nothing_left(self):
        deadline = time.monotonic() + 5
        while self.processes() and time.monotonic() < deadline:
            select.select([], [], [], 0.05)
        self.assertEqual([], self.processes())

    def start(self):
        running = subprocess.Popen([os.path.join(ROOT, "dev"), "up"], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(lambda: (running.kill(), running.communicate()))
        line = running.stdout.readline()
        if line != f"ready http://127.0.0.1:{self.port}\n":
            running.kill()
            self.fail(line + running.stderr.read())
        return running

    def fetch(self, port, path, token=None):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {token}"} if token else {})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=5) as answer:
            return answer.read()

    def front_answers(self, limit=30.0):
        deadline = time.monotonic() + limit
        while True:
            try:
                return self.fetch(self.front, "/")
            except (OSError, urllib.error.URLError):
                if time.monotonic() > deadline:
                    raise
                select.select([], [], [], 0.05)

    def node(self):
        with open(os.path.join(self.state, "run/novad.pid"), encoding="utf-8") as file:
            return int(file.read())

    def test_the_clinic_is_there_and_ends_with_a_signal(self):
        running = self.start()
        self.assertIn(b"<", self.front_answers())
        with open(os.path.join(self.state, "operator.token"), encoding="utf-8") as file:
            token = file.read().strip()
        self.assertEqual(0o600, os.stat(os.path.join(self.state, "operator.token")).st_mode & 0o777)
        self.assertIn("children", json.loads(self.fetch(self.port, "/v1/tree", token)))
        self.assertTrue(os.path.getsize(os.path.join(self.state, "log/novad.log")) > 0)
        running.send_signal(signal.SIGTERM)
        rest, errors = running.communicate(timeout=LIMIT)
        self.assertEqual((0, ""), (running.returncode, rest), errors)
        self.assert_nothing_left()

    def test_services_of_a_killed_node_are_taken_back(self):
        running = self.start()
        before = set(self.processes()) - {self.node(), running.pid}
        os.kill(self.node(), signal.SIGKILL)
        self.assertEqual(1, running.wait(timeout=LIMIT))
        self.assertIn(b"<", self.front_answers(limit=0))
        again = self.start()
        self.assertIn(b"<", self.front_answers())
        kept = set(self.processes()) & before
        self.assertTrue(kept, "no process of before lives on")
        again.send_signal(signal.SIGINT)
        self.assertEqual(0, again.wait(timeout=LIMIT))

    def test_down_stops_what_a_killed_node_left(self):
        running = self.start()
        os.kill(self.node(), signal.SIGKILL)
        self.assertEqual(1, running.wait(timeout=LIMIT))
        down = self.dev("down")
        self.assertEqual(0, down.returncode, down.stderr)
        self.assert_nothing_left()

    def test_after_a_kill_of_everything_the_clinic_comes_back(self):
        running = self.start()
        running.kill()
        running.wait(timeout=LIMIT)
        # A process may end, or start its last child, between the look and the kill.
        while left := self.processes():
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        again = self.start()
        self.assertIn(b"<", self.front_answers())
        again.send_signal(signal.SIGTERM)
        self.assertEqual(0, again.wait(timeout=LIMIT))

    def test_on_a_terminal_it_shows_the_tree_until_ctrl_c(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(os.path.join(ROOT, "dev"), ["dev", "up"], {**self.environment, "TERM": "xterm"})
        shown, deadline = b"", time.monotonic() + LIMIT
        interrupted = False
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                shown += os.read(terminal, 65536)
            except OSError:
                break  # the terminal's other side is closed: it ended
            if b"Ctrl-C stops all" in shown and not interrupted:
                interrupted = True
                os.write(terminal, b"\x03")
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
        text = shown.decode(errors="replace")
        self.assertEqual(0, os.waitstatus_to_exitcode(status), text)
        for word in (f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.front}", "look further", "clinic"):
            self.assertIn(word, text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
