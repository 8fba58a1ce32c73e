"""What a round stands on: nodes, their store and what lies beneath, in one scratch folder that goes with it."""
import errno
import os
import shutil
import signal
import subprocess
import tempfile

from harness import PATIENCE, Node, wait

HERE = os.path.dirname(os.path.abspath(__file__))
ROOM_BYTES = 160 * 1024 * 1024  # the reserve, the log with its room, and some more
TENANTS = [f"tenant-{n:02}" for n in range(6)]


class SoakNode(Node):
    """A node whose log goes to a file (a pipe that nobody reads would stop it) and that may begin behind other words."""

    def __init__(self, own, name="local", env=None):
        super().__init__(state=os.path.join(own, name), extra_env={"NOVA_EDGE_ENABLED": "false", "NOVA_NODE_NAME": name,
                                                                 "NOVA_LOG_LEVEL": "info", **(env or {})})
        self.name, self.prefix = name, []
        self.inner_state = self.state  # as the node itself names it
        self.log_file = os.path.join(own, name + ".log")

    def command(self):
        made = super().command()
        made[made.index(self.state)] = self.inner_state
        return self.prefix + made

    def share_key(self):
        """Nodes of one database have one key, as its operator gives it to each (docs/identity.md)."""
        own = os.path.join(os.path.dirname(self.log_file), "node.key")
        theirs = os.path.join(self.state, "node.key")
        if self.extra_env.get("NOVA_STORE_KIND") != "postgres" or os.path.exists(theirs):
            return
        if not os.path.exists(own):
            with open(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(os.urandom(32))
        os.makedirs(self.state, mode=0o700, exist_ok=True)
        shutil.copy2(own, theirs)

    def refused_start(self):
        self.share_key()
        return super().refused_start()

    def launch(self):
        self.share_key()
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.command(), env=self.environment(), stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, stderr=log, text=True)

    def start(self):
        self.launch()
        line = self.process.stdout.readline()
        self.process.stdout.close()
        if not line.startswith("listening "):
            self.process.wait(PATIENCE)
            raise AssertionError(f"novad did not start: {line!r} {self.said()}")
        with open(os.path.join(self.state, "operator.token"), encoding="ascii") as file:
            self.token = file.read().strip()
        return self

    def said(self, count=3):
        with open(self.log_file, encoding="utf-8", errors="replace") as log:
            return " | ".join(line.strip() for line in log.readlines()[-count:])

    def signal(self, number):
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def ready(self):
        return self.ask("GET", "/readyz").status == 200

    def end(self):
        """Ends it in any case, also one that is stopped or hangs."""
        if self.running():
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


def faultio(folder):
    """The preload that sees what is written and synced, built once a run."""
    library = os.path.join(folder, "faultio.so")
    if not os.path.exists(library):
        compiler = os.environ.get("CC", "cc")
        subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library,
                        os.path.join(HERE, "faultio.c"), "-ldl"], check=True, timeout=PATIENCE)
    return library


class Room:
    """A small disk in a mount namespace of its own: it is gone when its keeper is, and nobody else sees it."""

    def __init__(self, own):
        self.folder = os.path.join(own, "room")
        os.mkdir(self.folder)
        script = f"mount -t tmpfs -o size={ROOM_BYTES},mode=0711 none '{self.folder}' && echo there && exec cat"
        self.keeper = subprocess.Popen(["unshare", "--mount", "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.keeper.stdout.readline() != "there\n":
            raise AssertionError("no mount namespace with a disk of its own")
        self.prefix = ["nsenter", "--target", str(self.keeper.pid), "--mount"]

    @staticmethod
    def why_not():
        done = subprocess.run(["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True, text=True, check=False, timeout=PATIENCE)
        return None if done.returncode == 0 else "no mount namespace may be made here: " + done.stderr.strip()

    def outside(self, *names):
        return os.path.join(f"/proc/{self.keeper.pid}/root{self.folder}", *names)

    def fill(self, leave):
        """Takes all that is free too, and gives `leave` bytes back. The node goes on writing meanwhile."""
        with open(self.outside("filler"), "ab", buffering=0) as file:
            for piece in (1 << 20, 4096):
                try:
                    while file.write(bytes(piece)) == piece:
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
            file.truncate(max(file.tell() - leave, 0))

    def clear(self):
        if os.path.exists(self.outside("filler")):
            os.unlink(self.outside("filler"))

    def close(self):
        self.keeper.stdin.close()
        self.keeper.wait(PATIENCE)
        self.keeper.stdout.close()


class Ground:
    """One node on SQLite. `nodes[0]` is the one that faults are aimed at."""
    store = "sqlite"

    def __init__(self, tools, beneath="plain"):
        self.own = tempfile.mkdtemp(prefix="nv-")
        os.chmod(self.own, 0o711)
        self.tools = tools
        self.fault_file = os.path.join(self.own, "fault")
        self.io_log = os.path.join(self.own, "io.log")
        self.nodes = [SoakNode(self.own, env=self.preload_env(os.path.join(self.own, "local", "")) if beneath == "preload" else {})]
        self.room = Room(self.own) if beneath == "room" else None
        if self.room:
            self.node.prefix = self.room.prefix
            self.node.inner_state = os.path.join(self.room.folder, "local")
            self.node.state = self.room.outside("local")
        self.commands, self.tenants, self.rounds = [], TENANTS, 0

    def preload_env(self, root):
        return {"LD_PRELOAD": faultio(self.tools), "FAULTIO_ROOT": root, "FAULTIO_LOG": self.io_log,
                "FAULTIO_FAULT": self.fault_file, "FAULTIO_SYNC_MS": "1"}

    @property
    def node(self):
        return self.nodes[0]

    def start(self):
        for node in self.nodes:
            node.start()
        for tenant in TENANTS:
            self.node.tenant(tenant)
        return self

    def describe(self):
        """What lies on the disk, for who looks into a failed round."""
        folder = self.node.state
        if not os.path.isdir(folder):
            return []
        room = os.statvfs(folder)
        files = {name: os.stat(os.path.join(folder, name)).st_size for name in sorted(os.listdir(folder))}
        return [f"{room.f_bavail * room.f_frsize} bytes free; {files}"]

    def ready(self):
        wait("readiness", lambda: all(node.ready() for node in self.nodes))

    def fault(self, word):
        """What the preload does from now on; None: nothing."""
        if word is None:
            if os.path.exists(self.fault_file):
                os.unlink(self.fault_file)
            return
        with open(self.fault_file + ".new", "w", encoding="ascii") as file:
            file.write(word)
        os.chmod(self.fault_file + ".new", 0o644)
        os.rename(self.fault_file + ".new", self.fault_file)

    def keep(self):
        """Ends everything and leaves the files of a failed round for who looks into it, when NOVA_SOAK_KEEP says so."""
        kept = os.environ.get("NOVA_SOAK_KEEP")
        self.close(remove=not kept)
        return self.own if kept else "nothing (NOVA_SOAK_KEEP=1 keeps the files)"

    def close(self, remove=True):
        self.fault(None)
        for node in self.nodes:
            node.end()
        if self.room:
            self.room.close()
        if remove:
            shutil.rmtree(self.own, ignore_errors=True)
