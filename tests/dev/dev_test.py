#!/usr/bin/env python3
"""./dev itself: what it says and does without root, without packages, without a terminal, and with ports taken.
The programs that it calls are small fakes in PATH, so nothing here needs a network, root or a built node."""
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
LIMIT = 60

FAKE_NODE = r'''#!%s
import http.server, os, signal, sys, threading
state = sys.argv[sys.argv.index("--state") + 1]
def note(text):
    with open(os.path.join(state, "signals"), "a") as file: file.write(text + "\n")
if os.path.exists(os.path.join(state, "newer")):
    sys.exit("store.newer: the store in `%%s` was written by version 9.0.0: install that version" %% state)
class Front(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"front")
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["FAKE_FRONT"])), Front)
def end(number, _):
    note(signal.Signals(number).name)
    threading.Thread(target=server.shutdown).start()
for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, end)
print("listening http://" + sys.argv[sys.argv.index("--listen") + 1], flush=True)
server.serve_forever()
''' % sys.executable


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def text_of(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


class Dev(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.fakes = os.path.join(self.folder, "bin")
        self.calls = os.path.join(self.folder, "calls")
        os.mkdir(self.fakes)
        self.environment = {"PATH": self.fakes + ":/usr/bin:/bin", "HOME": self.folder, "NOVA_STATE": os.path.join(self.folder, "var"),
                            "TMPDIR": os.environ.get("TMPDIR", "/tmp")}
        self.fake("dpkg-query", 'for p in "$@"; do case $p in -*|*Status*) ;; *) echo "installed $p" ;; esac; done')
        for never in ("apt-get", "curl", "wget"):
            self.fake(never, "exit 9")

    def fake(self, name, body):
        path = os.path.join(self.fakes, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(body if body.startswith("#!") else f'#!/bin/bash\necho "{name} $*" >>{self.calls}\n{body}\n')
        os.chmod(path, 0o755)

    def called(self):
        return text_of(self.calls)

    def run_dev(self, *arguments, **environment):
        return subprocess.run([os.path.join(ROOT, "dev"), *arguments], env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=LIMIT, check=False)

    def shell(self, files, code, cwd=ROOT, **environment):
        sources = "".join(f". {ROOT}/deploy/dev/{f}.sh; " for f in files)
        return subprocess.run(["bash", "-c", f"set -euo pipefail; {sources}{code}"], cwd=cwd, env={**self.environment, **environment},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False)


class Words(Dev):
    def test_help_names_every_command(self):
        text = self.run_dev("help").stdout
        for command in ("up", "down", "status", "test", "build", "bench", "soak", "simulate", "fmt", "lint", "clean", "help"):
            self.assertRegex(text, rf"(?m)^  {command}\b")

    def test_an_unknown_command_or_option_is_a_usage_error(self):
        for arguments in (("frobnicate",), ("up", "--frobnicate"), ("test", "--frobnicate"), ("clean", "--frobnicate"), ("up", "--port", "x")):
            with self.subTest(arguments):
                result = self.run_dev(*arguments)
                self.assertEqual(2, result.returncode, result.stderr)
                self.assertIn(arguments[-1], result.stderr)
                self.assertEqual("", result.stdout)

    def test_jobs_follow_cores_and_memory(self):
        for cores, memory_gib, jobs in ((2, 24, "2"), (16, 6, "4"), (8, 1, "1"), (1, 64, "1")):
            self.assertEqual(jobs, self.shell(["common"], f"jobs_for {cores} {memory_gib * 1048576}").stdout.strip())

    def test_a_proxy_is_never_used_for_loopback(self):
        shown = self.shell(["common"], "echo $no_proxy; echo $NO_PROXY", http_proxy="http://proxy:3128", no_proxy="example.org").stdout.split()
        self.assertEqual(["example.org,127.0.0.1,localhost,::1"] * 2, shown)


class Packages(Dev):
    def setUp(self):
        super().setUp()
        self.fake("id", "echo 1000")
        self.fake("clang-format", "exit 0")

    def missing(self):
        self.fake("dpkg-query", "exit 1")

    def without_sudo(self):
        """A PATH that has what the script needs, and no sudo even where the machine has one."""
        for tool in ("bash", "awk", "sed", "sort", "comm", "cat", "dirname", "readlink", "realpath", "git", "nproc", "xargs", "grep", "mkdir"):
            os.symlink(next(p for p in (f"/usr/bin/{tool}", f"/bin/{tool}") if os.path.exists(p)), os.path.join(self.fakes, tool))
        self.environment["PATH"] = self.fakes

    def assert_one_apt_line(self, result):
        self.assertEqual(3, result.returncode, result.stderr)
        lines = [line for line in result.stderr.splitlines() if line.startswith("apt-get")]
        self.assertEqual(1, len(lines), result.stderr)
        self.assertIn("clang-format", lines[0])
        self.assertEqual("", result.stdout)
        self.assertNotIn("apt-get", self.called())

    def test_without_root_and_without_sudo_it_prints_one_line_and_ends_with_3(self):
        self.missing()
        self.without_sudo()
        self.assert_one_apt_line(self.run_dev("fmt"))

    def test_a_sudo_that_wants_a_password_is_not_asked(self):
        self.missing()
        self.fake("sudo", "exit 1")
        self.assert_one_apt_line(self.run_dev("fmt"))
        self.assertEqual(["sudo -n true"], [c for c in self.called().splitlines() if c.startswith("sudo")])

    def test_with_sudo_it_says_what_it_installs_and_passes_the_proxy_on(self):
        self.missing()
        self.fake("sudo", "exit 0")
        result = self.run_dev("fmt", http_proxy="http://proxy:3128")
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertRegex(result.stderr, r"installing 1 packages.*minutes.*clang-format")
        self.assertRegex(self.called(), r"sudo -n env http_proxy=http://proxy:3128 .*no_proxy=\S*127\.0\.0\.1.* bash deploy/dev/install-packages clang-format")

    def test_with_all_packages_present_nothing_is_fetched(self):
        result = self.run_dev("fmt")
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertNotRegex(self.called(), "apt-get|curl|wget|sudo")

    def test_a_removed_package_that_left_its_configuration_counts_as_missing(self):
        self.fake("dpkg-query", 'echo "config-files clang-format"')
        self.fake("sudo", "exit 1")
        self.assert_one_apt_line(self.run_dev("fmt"))

    def test_lists_differ_by_suite(self):
        for suite, wanted in (("bookworm", "libclang-rt-14-dev"), ("trixie", "libclang-rt-19-dev")):
            release = os.path.join(self.folder, suite)
            with open(release, "w", encoding="utf-8") as file:
                file.write(f"ID=debian\nVERSION_CODENAME={suite}\n")
            listed = self.shell(["common", "packages"], "package_list test", NOVA_OS_RELEASE=release).stdout.split()
            self.assertEqual([wanted], [p for p in listed if p.startswith("libclang-rt")])
            self.assertIn("g++", listed)

    def test_a_database_server_is_for_tests_only(self):
        for command, wanted in (("up", False), ("build", False), ("test", True), ("bench", True), ("soak", True)):
            listed = self.shell(["common", "packages"], f"package_list {command}").stdout.split()
            self.assertEqual(wanted, any(p.startswith("postgresql") for p in listed), command)
            self.assertIn("libpqxx-dev", listed)

    def test_the_server_is_installed_without_a_cluster(self):
        settings = os.path.join(self.folder, "postgresql-common/createcluster.d/nova-dev.conf")
        self.assertEqual(0, self.install(f"cat {settings} >>{self.calls} || true", "catch2").returncode)
        self.assertFalse(os.path.exists(settings))
        self.assertEqual(0, self.install(f"cat {settings} >>{self.calls} || true", "postgresql-15").returncode)
        self.assertIn("create_main_cluster = false", self.called())

    def install(self, apt_get, package="haproxy"):
        self.fake("apt-get", apt_get)
        self.fake("systemctl", "exit 0")
        return subprocess.run([os.path.join(ROOT, "deploy/dev/install-packages"), package],
                              env={**self.environment, "NOVA_SBIN": self.folder, "NOVA_ETC": self.folder},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False)

    def test_no_service_starts_while_packages_are_installed(self):
        policy = os.path.join(self.folder, "policy-rc.d")
        answer = f"{policy} haproxy start; echo policy $? >>{self.calls}"
        result = self.install(answer)
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertIn("policy 101", self.called())
        self.assertIn("systemctl disable haproxy", self.called())
        self.assertFalse(os.path.exists(policy))

    def test_the_machines_own_policy_is_restored_even_when_apt_fails(self):
        policy = os.path.join(self.folder, "policy-rc.d")
        with open(policy, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nexit 104\n")
        self.assertNotEqual(0, self.install("exit 100").returncode)
        self.assertIn("104", text_of(policy))


class Running(Dev):
    def setUp(self):
        super().setUp()
        self.port, self.front = free_port(), free_port()
        self.environment.update(NOVA_BIN=self.fakes, NOVA_PORT=str(self.port), NOVA_FRONT_PORT=str(self.front), FAKE_FRONT=str(self.front))
        self.state = self.environment["NOVA_STATE"]
        self.fake("novad", FAKE_NODE)
        self.fake("novactl", "exit 0")
        self.addCleanup(lambda: self.run_dev("down"))

    def signals(self):
        return text_of(os.path.join(self.state, "signals")).split()

    def node(self):
        return int(text_of(os.path.join(self.state, "run/novad.pid")))

    def start(self):
        running = subprocess.Popen([os.path.join(ROOT, "dev"), "up"], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(running.stdout.close)
        self.addCleanup(running.stderr.close)
        self.addCleanup(lambda: (running.kill(), running.wait()))
        self.assertEqual(f"ready http://127.0.0.1:{self.port}\n", running.stdout.readline())
        return running

    def test_without_a_terminal_it_prints_one_line_and_waits(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                running = self.start()
                running.send_signal(number)
                rest, errors = running.communicate(timeout=LIMIT)
                self.assertEqual((0, ""), (running.returncode, rest), errors)
                # The node's own word for "and the services too".
                self.assertEqual("SIGINT", self.signals()[-1])

    def test_a_second_up_says_so_and_shows_the_status(self):
        running = self.start()
        second = self.run_dev("up", NOVA_PORT="7480")
        self.assertEqual(0, second.returncode, second.stderr)
        self.assertIn("runs already", second.stderr)
        self.assertIn(f"http://127.0.0.1:{self.port}", second.stderr)
        down = self.run_dev("down")
        self.assertEqual(0, down.returncode, down.stderr)
        self.assertEqual(0, running.wait(timeout=LIMIT))

    def test_detached_it_runs_on_until_down(self):
        up = self.run_dev("up", "--detach")
        self.assertEqual((0, f"ready http://127.0.0.1:{self.port}\n"), (up.returncode, up.stdout), up.stderr)
        self.assertEqual(0, self.run_dev("status").returncode)
        clean = self.shell(["common", "build", "up"], "dev_clean --all", cwd=self.folder)
        self.assertEqual(1, clean.returncode)
        self.assertIn("./dev down", clean.stderr)
        self.assertEqual(0, self.run_dev("down").returncode)
        self.assertEqual(1, self.run_dev("status").returncode)
        self.assertEqual(0, self.run_dev("down").returncode)

    def test_a_taken_port_names_its_holder_and_the_option(self):
        for option, variable in (("--port", "NOVA_PORT"), ("--front-port", "NOVA_FRONT_PORT")):
            with socket.socket() as holder, self.subTest(option):
                holder.bind(("127.0.0.1", 0))
                holder.listen()
                taken = str(holder.getsockname()[1])
                result = self.run_dev("up", option, taken)
                self.assertEqual(1, result.returncode, result.stderr)
                for word in (taken, f"pid {os.getpid()}", option, variable):
                    self.assertIn(word, result.stderr)

    def test_the_nodes_own_error_is_shown_when_it_does_not_start(self):
        os.makedirs(self.state)
        open(os.path.join(self.state, "newer"), "w", encoding="utf-8").close()
        result = self.run_dev("up")
        self.assertEqual((1, ""), (result.returncode, result.stdout))
        self.assertIn("written by version 9.0.0", result.stderr)
        self.assertEqual(1, self.run_dev("status").returncode)

    def test_after_a_kill_of_everything_the_next_up_starts_again(self):
        running = self.start()
        os.kill(self.node(), signal.SIGKILL)
        running.kill()
        running.wait(timeout=LIMIT)
        self.start().send_signal(signal.SIGTERM)

    def test_a_node_that_dies_is_a_failure(self):
        running = self.start()
        os.kill(self.node(), signal.SIGKILL)
        _, errors = running.communicate(timeout=LIMIT)
        self.assertEqual(1, running.returncode)
        self.assertIn("ended unexpectedly", errors)


class Testing(Dev):
    def setUp(self):
        super().setUp()
        self.tree = os.path.join(self.folder, "tree")
        os.makedirs(os.path.join(self.tree, "build/Testing/Temporary"))
        os.makedirs(os.path.join(self.tree, "tests"))

    def skips(self, expected, logged):
        for path, text in (("tests/expected_skips.txt", "# why\n" + expected), ("build/Testing/Temporary/LastTest.log", logged)):
            with open(os.path.join(self.tree, path), "w", encoding="utf-8") as file:
                file.write(text)
        return self.shell(["common", "test"], "check_skips", cwd=self.tree)

    def test_the_list_of_skips_is_exactly_the_expected_one(self):
        self.assertEqual(0, self.skips("", "all fine\n").returncode)
        self.assertEqual(0, self.skips("disk: no mount here\n", "x\nSKIP disk: no mount here\n").returncode)
        self.assertNotEqual(0, self.skips("", "SKIP disk: no mount here\n").returncode)
        self.assertNotEqual(0, self.skips("disk: no mount here\n", "all fine\n").returncode)

    def test_a_process_left_by_a_test_is_named_ended_and_fails_the_run(self):
        scratch = os.path.join(self.folder, "scratch")
        os.mkdir(scratch)
        left = subprocess.Popen(["tail", "-f", "/dev/null"], env={"TMPDIR": scratch})
        result = self.shell(["common", "test"], f"test_scratch={scratch}; check_leftovers", cwd=self.tree)
        self.assertNotEqual(0, result.returncode)
        self.assertIn(f"{left.pid} tail -f /dev/null", result.stderr)
        self.assertEqual(-signal.SIGKILL, left.wait(timeout=LIMIT))

    def test_ci_calls_dev_test_and_nothing_else(self):
        path = os.path.join(ROOT, ".ci/run")
        self.assertTrue(os.stat(path).st_mode & stat.S_IXUSR)
        commands = [line for line in text_of(path).splitlines() if line and not line.startswith("#")]
        self.assertEqual(1, len(commands))
        self.assertRegex(commands[0], r"exec ./dev test$")


if __name__ == "__main__":
    unittest.main()
