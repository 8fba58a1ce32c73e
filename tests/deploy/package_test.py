#!/usr/bin/env python3
"""package_test.py SOURCE BUILD: the unit, the Debian package made of the build tree, and what its scripts do when."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD = (os.path.abspath(p) for p in sys.argv[1:3])
LIMIT = 120


def run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False, **options)


def unit_text():
    with open(os.path.join(SOURCE, "deploy/systemd/novad.service"), encoding="utf-8") as file:
        return file.read()


class Unit(unittest.TestCase):
    def test_systemd_finds_nothing_to_say(self):
        if not shutil.which("systemd-analyze"):
            print("SKIP deploy_package.systemd: systemd-analyze is not installed", flush=True)
            return
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "novad.service")
            with open(path, "w", encoding="utf-8") as file:
                file.write(unit_text().replace("/usr/bin/novad", os.path.join(BUILD, "bin/novad")))
            # Only what concerns this unit: a machine's own units are not ours to judge.
            result = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", path)
            self.assertEqual((0, ""), (result.returncode, "".join(x for x in result.stderr.splitlines() if "novad" in x)), result.stderr)

    def test_a_restart_of_the_node_leaves_its_services_alone(self):
        for line in ("KillMode=process", "Delegate=yes", "KillSignal=SIGTERM", "StateDirectory=webnova", "NoNewPrivileges=yes", "LimitCORE=0"):
            self.assertIn("\n" + line + "\n", unit_text())
        # A private /tmp would be emptied under services that live on.
        self.assertNotIn("\nPrivateTmp=yes", unit_text())


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        made = run("cpack", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-B", cls.folder, cwd=cls.folder)
        if made.returncode != 0:
            raise AssertionError(made.stdout + made.stderr)
        cls.deb = next(os.path.join(cls.folder, f) for f in os.listdir(cls.folder) if f.endswith(".deb"))
        cls.control = os.path.join(cls.folder, "control")
        run("dpkg-deb", "-e", cls.deb, cls.control)
        cls.listing = {line.split()[5]: line.split()[:2] for line in run("dpkg-deb", "-c", cls.deb).stdout.splitlines()}

    def field(self, name):
        return run("dpkg-deb", "-f", self.deb, name).stdout.strip()

    def test_it_holds_the_programs_the_unit_and_the_configuration(self):
        for path, mode in (("usr/bin/novad", "-rwxr-xr-x"), ("usr/bin/novactl", "-rwxr-xr-x"), ("usr/bin/nova-keeper", "-rwxr-xr-x"),
                           ("usr/lib/systemd/system/novad.service", "-rw-r--r--"), ("etc/webnova/novad.yaml", "-rw-r--r--"),
                           ("usr/share/webnova/permissions.json", "-rw-r--r--"), ("usr/share/webnova/tiers.json", "-rw-r--r--"),
                           ("usr/share/doc/webnova/copyright", "-rw-r--r--"), ("usr/share/doc/webnova/examples/clinic.yaml", "-rw-r--r--"),
                           ("usr/share/doc/webnova/docs/recovery.md", "-rw-r--r--")):
            self.assertEqual([mode, "root/root"], self.listing.get("./" + path), path)

    def test_nothing_lies_where_state_will_be(self):
        self.assertEqual([], [p for p in self.listing if p.startswith(("./var", "./usr/local", "./home", "./root"))])

    def test_its_fields_name_version_and_needs(self):
        with open(os.path.join(SOURCE, "VERSION"), encoding="utf-8") as file:
            self.assertEqual(file.read().strip(), self.field("Version"))
        self.assertEqual("webnova", self.field("Package"))
        for need in ("adduser", "haproxy (>= 2.6)", "libc6"):
            self.assertIn(need, self.field("Depends"))

    def test_the_configuration_is_kept_by_upgrades(self):
        with open(os.path.join(self.control, "conffiles"), encoding="utf-8") as file:
            self.assertEqual("/etc/webnova/novad.yaml\n", file.read())

    def test_no_file_names_the_machine_that_built_it(self):
        for program in ("novad", "novactl", "nova-keeper"):
            with tempfile.TemporaryDirectory() as folder:
                run("dpkg-deb", "-x", self.deb, folder)
                result = run("strings", "-n", "8", os.path.join(folder, "usr/bin", program)) if shutil.which("strings") else None
                if result:
                    self.assertNotIn(SOURCE + "/build", result.stdout)


class Scripts(unittest.TestCase):
    """The maintainer scripts with fakes of what they call: which word leads to which call."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.calls = os.path.join(self.folder, "calls")
        for name in ("systemctl", "deb-systemd-helper", "deb-systemd-invoke", "adduser", "deluser", "getent", "rm"):
            path = os.path.join(self.folder, name)
            status = 2 if name == "getent" else 0
            # The node ends at the second question, as a drained one does.
            if name == "systemctl":
                body = f'case "$*" in *is-active*) [ "$(grep -c is-active {self.calls})" -lt 3 ]; exit ;; esac'
            else:
                body = ""
            with open(path, "w", encoding="utf-8") as file:
                file.write(f'#!/bin/sh\necho "{name} $*" >>{self.calls}\n{body}\nexit {status}\n')
            os.chmod(path, 0o755)
        os.symlink("/bin/true", os.path.join(self.folder, "sleep"))

    def script(self, name, *arguments):
        with open(os.path.join(SOURCE, "deploy/debian", name), encoding="utf-8") as file:
            text = file.read()
        # The scripts look for a running systemd and for tools at fixed places; here both are the fakes' folder.
        text = text.replace("/run/systemd/system", self.folder)
        text = re.sub(r"/usr/s?bin/(deb-systemd-helper|deluser)", rf"{self.folder}/\1", text)
        result = run("sh", "-c", text, name, *arguments, env={"PATH": self.folder + ":/usr/bin:/bin"})
        self.assertEqual(0, result.returncode, result.stderr)
        if not os.path.exists(self.calls):
            return ""
        with open(self.calls, encoding="utf-8") as file:
            return file.read()

    def test_a_first_installation_makes_the_user_and_starts_the_node(self):
        calls = self.script("postinst", "configure", "")
        self.assertRegex(calls, r"adduser --system .*webnova")
        self.assertIn("deb-systemd-invoke start novad.service", calls)

    def test_an_upgrade_restarts_the_node_and_stops_no_service(self):
        self.assertEqual("", self.script("prerm", "upgrade", "9.9.9"))
        calls = self.script("postinst", "configure", "0.0.1")
        self.assertIn("deb-systemd-invoke restart novad.service", calls)
        self.assertNotIn("SIGINT", calls)

    def test_removal_stops_the_services_and_keeps_the_state(self):
        calls = self.script("prerm", "remove")
        self.assertIn("systemctl kill --kill-whom=main --signal=SIGINT novad.service", calls)
        self.assertNotIn("rm ", self.script("postrm", "remove"))

    def test_purge_deletes_state_configuration_and_user(self):
        calls = self.script("postrm", "purge")
        self.assertIn("rm -rf /var/lib/webnova /etc/webnova", calls)
        self.assertIn("deluser --quiet --system webnova", calls)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
