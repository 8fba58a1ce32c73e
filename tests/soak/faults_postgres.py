"""What happens to PostgreSQL, its disk and the way to it."""
import os
import random
import shutil
import signal
import subprocess

import powercut
from faults import Fault, fault
from ground import SoakNode
from harness import wait


class OnPostgres(Fault):
    stores = ("postgres",)

    @property
    def server(self):
        return self.ground.postgres

    def pause(self, least, most):
        """Lets the fault last, and watches meanwhile that the nodes live."""
        try:
            self.node.process.wait(self.rng.uniform(least, most))
            self.expect(False, "the node ended")
        except subprocess.TimeoutExpired:
            pass


@fault
class KillPostgres(OnPostgres):
    """kill -9 of the server, or of one of its processes, which makes it begin anew by itself."""
    name = "kill-postgres"

    def begin(self):
        if self.rng.random() < 0.5:
            self.server.process.kill()
            self.server.process.wait(60)
            self.pause(0, 0.5)
        else:
            os.kill(self.rng.choice(self.server.family()[1:]), signal.SIGKILL)

    def end(self):
        self.server.start()


@fault
class RestartPostgres(OnPostgres):
    """An orderly restart."""
    name = "restart-postgres"

    def begin(self):
        self.server.stop()
        self.pause(0, 0.5)

    def during(self):
        answer = self.expect_refusal()
        self.expect(answer.code in ("store.read_only", "store.unavailable"), f"the refusal is {answer.text}")

    def end(self):
        self.server.start()


@fault
class CutConnections(OnPostgres):
    """Connections are cut in the middle, again and again; some stay silent first, some cannot be made for a while."""
    name, beneath = "cut-connections", "proxy"

    def begin(self):
        for _ in range(self.rng.randrange(2, 8)):
            self.note(cut=self.ground.proxy.cut())
            self.pause(0.01, 0.25)
        how = self.rng.randrange(3)
        if how == 1:
            self.ground.proxy.refuse(True)
            self.ground.proxy.cut()
            self.pause(0.2, 1)
        if how == 2:
            self.ground.proxy.mute(True)
            self.pause(0.2, 1)
            self.ground.proxy.cut()

    def end(self):
        self.ground.proxy.refuse(False)
        self.ground.proxy.mute(False)


@fault
class PostgresPowerCut(OnPostgres):
    """The server's power goes: what its log did not sync is gone, new or torn."""
    name, beneath, alone = "power-cut-postgres", "preload", True

    def begin(self):
        self.server.kill_all()
        if os.path.exists(self.ground.io_log):
            sectors, files = powercut.cut(self.ground.io_log, self.rng)
            self.note(sectors=sectors, files=files)
            os.unlink(self.ground.io_log)

    def end(self):
        self.server.start()


@fault
class PostgresFailedSync(OnPostgres):
    """fsync of the server's log and files fails; it ends itself, and is started again when syncs work."""
    name, beneath = "failed-fsync-postgres", "preload-all"
    word = "fsync"

    def begin(self):
        self.ground.fault(self.word)

    def during(self):
        self.expect_refusal()
        self.pause(0, 0.5)

    def end(self):
        self.ground.fault(None)
        self.server.start()


@fault
class PostgresFullDisk(PostgresFailedSync):
    """The server's disk is full."""
    name, word = "full-disk-postgres", "full"


@fault
class PostgresReadOnlyDisk(PostgresFailedSync):
    """The server's disk turns read-only."""
    name, word = "read-only-postgres", "readonly"


@fault
class StopPostgres(OnPostgres):
    """SIGSTOP of all the server's processes for 3 s (30 s in 5 rounds of a hundred)."""
    name, short = "stop-postgres", False

    def begin(self):
        self.server.signal_all(signal.SIGSTOP)

    def during(self):
        seconds = 30 if self.rng.random() < 0.05 else 3
        self.pause(seconds, seconds)

    def end(self):
        self.server.signal_all(signal.SIGCONT)


@fault
class TakeOver(OnPostgres):
    """A node is stopped until its lease ran out, another process takes its name, and then the first goes on: it is fenced."""
    name, kills, alone = "take-over", True, True

    def begin(self):
        self.node.process.send_signal(signal.SIGSTOP)
        self.second = SoakNode(os.path.join(self.ground.own), "local", self.ground.env)
        self.second.state = self.second.inner_state = os.path.join(self.ground.own, f"second-{random.getrandbits(32):x}")
        self.second.log_file = self.node.log_file

    def during(self):
        code, said = self.second.refused_start()
        self.expect(code != 0 and "store.locked" in said, f"a second process under a name that is in use said {said}")

        def taken():
            try:
                return self.second.start()
            except AssertionError:
                return None
        wait("the name to be free", taken)
        done = wait("a change by the new process", lambda: (a := self.second.ask("POST", "/v1/tenants/tenant-00/update_settings", {"name": "taken"})).status == 200 and a)
        self.node.process.send_signal(signal.SIGCONT)
        answer = wait("a refusal", lambda: (a := self.node.ask("POST", "/v1/tenants/tenant-00/update_settings", {"name": "fenced"})) and a)
        self.expect(answer.status == 503 and answer.code == "store.fenced", f"the process that lost its name said {answer.status} {answer.text}")
        self.expect(self.node.ask("GET", "/readyz").status == 503, "it says that it is ready")
        read = self.node.ask("GET", "/v1/tenants/tenant-00")
        self.expect(read.status == 200 and read.json["version"] >= done.json["version"], f"it shows {read.text}")

    def end(self):
        self.node.process.send_signal(signal.SIGCONT)
        self.node.kill()
        self.second.end()
        shutil.rmtree(self.second.state, ignore_errors=True)
        self.node.start()


@fault
class PostgresOldCopy(OnPostgres):
    """An old copy of the database comes back under running nodes, and under one that starts: none of them writes to it."""
    name, kills, alone = "old-copy-postgres", True, True

    def place(self, name):
        return os.path.join(self.server.folder, name)

    def witnessed(self):
        with open(os.path.join(self.node.state, "postgres.head"), encoding="ascii") as file:
            return int(file.read().split()[2])

    def prepare(self):
        self.copied = int(self.server.sql("SELECT coalesce(max(position), 0) FROM nova.events"))
        self.server.stop()
        subprocess.run(["cp", "-a", self.server.data, self.place("old")], check=True, timeout=60)
        self.server.start()
        self.ground.ready()

    def begin(self):
        # The node's witness follows about a second behind the log; a copy that is newer than it is not noticed by a start.
        wait("the witness to pass the copy", lambda: self.witnessed() > self.copied)
        self.server.crash()
        os.rename(self.server.data, self.place("true"))
        os.rename(self.place("old"), self.server.data)
        self.server.start()

    def during(self):
        wait("the node to see it", lambda: "old copy" in self.node.ask("GET", "/readyz").text)
        answer = self.expect_refusal()
        self.expect(answer.code == "store.read_only", f"the refusal is {answer.text}")
        self.node.kill()
        code, said = self.node.refused_start()
        self.expect(code != 0 and "store.went_back" in said and "postgres.head" in said, f"a node on an old copy ended with {code}: {said}")

    def end(self):
        self.server.crash()
        os.rename(self.server.data, self.place("old"))
        os.rename(self.place("true"), self.server.data)
        shutil.rmtree(self.place("old"))
        self.server.start()
        self.node.start()
