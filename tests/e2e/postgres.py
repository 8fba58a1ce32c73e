"""A PostgreSQL of a test's own: in a temporary folder, on a Unix socket there, run by an ordinary user, gone with the test."""
import ctypes
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile

from harness import PATIENCE, wait

PR_SET_PDEATHSIG = 1


def programs():
    """Debian keeps each version apart and puts none of it into PATH."""
    given = os.environ.get("NOVA_POSTGRES_BIN")
    found = [given] if given else sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if not found:
        raise AssertionError("no PostgreSQL server below /usr/lib/postgresql; ./dev test installs one")
    return found[-1]


def end_with_parent():
    """In the child: SIGQUIT is the server's immediate shutdown."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Postgres:
    def __init__(self, checksums=False, kept=None):
        """In a new folder, which `close` removes, or in `kept`, which stays; a server that was there before goes on."""
        self.kept = kept is not None
        if kept:
            os.makedirs(kept, exist_ok=True)
        self.own = kept or tempfile.mkdtemp(prefix="pg-")
        os.chmod(self.own, 0o711)
        self.folder = os.path.join(self.own, "s")
        known = os.path.isdir(self.folder)
        os.makedirs(self.folder, 0o700, exist_ok=True)
        # It refuses root.
        self.user = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self.user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.data = os.path.join(self.folder, "data")
        self.process = None
        if known:
            return
        subprocess.run([os.path.join(programs(), "initdb"), "-D", self.data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C",
                        "--no-sync", *(["--data-checksums"] if checksums else [])], check=True, capture_output=True, cwd=self.folder, timeout=PATIENCE, **self.user)

    def start(self, env=None):
        self.process = subprocess.Popen([os.path.join(programs(), "postgres"), "-D", self.data, "-k", self.folder, "-c", "listen_addresses="],
                                        cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=end_with_parent, env={**os.environ, **(env or {})}, **self.user)
        wait("PostgreSQL", lambda: subprocess.run([os.path.join(programs(), "pg_isready"), "-q", "-h", self.folder], check=False).returncode == 0)
        return self

    def crash(self):
        """Ends at once, with recovery at the next start."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(PATIENCE)

    def url(self, user="owner"):
        return f"postgresql:///postgres?host={self.folder}&user={user}"

    def sql(self, statement):
        return subprocess.run([os.path.join(programs(), "psql"), "-h", self.folder, "-U", "owner", "-Atqc", statement, "postgres"], check=True,
                              capture_output=True, text=True, timeout=PATIENCE).stdout.strip()

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.crash()
        if not self.kept:
            shutil.rmtree(self.own, ignore_errors=True)
