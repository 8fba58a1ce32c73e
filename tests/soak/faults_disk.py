"""What the disk under a node on SQLite does."""
import json
import os
import shutil
import sqlite3
import subprocess

import powercut
from faults import Fault, fault
from ground import Room, SoakNode
from harness import wait


@fault
class PowerCut(Fault):
    """A power cut: what was not synced is gone, new or torn; every third one comes twice, the second while the node starts."""
    name, stores, beneath, kills, alone = "power-cut", ("sqlite",), "preload", True, True

    def begin(self):
        self.node.kill()
        self.cut()
        if self.rng.random() < 0.34:
            self.node.launch()
            try:
                self.node.process.wait(self.rng.uniform(0.002, 0.12))
            except subprocess.TimeoutExpired:
                pass
            self.node.kill()
            self.cut()

    def cut(self):
        if not os.path.exists(self.ground.io_log):
            return  # killed before it touched a file
        sectors, files = powercut.cut(self.ground.io_log, self.rng)
        self.note(sectors=sectors, files=files)
        os.unlink(self.ground.io_log)

    def end(self):
        self.node.start()


class LyingDisk(PowerCut):
    """The proof that the instrument bites: a disk that only says it synced must be found out."""
    name = "lying-disk"

    def prepare(self):
        self.ground.fault("lie")

    def end(self):
        self.ground.fault(None)
        super().end()


@fault
class FailedSync(Fault):
    """fsync and fdatasync fail."""
    name, stores, beneath = "failed-fsync", ("sqlite",), "preload"

    def begin(self):
        self.ground.fault("fsync")

    def during(self):
        answer = self.expect_refusal()
        self.expect(answer.code == "store.read_only", f"the refusal is {answer.text}")
        self.expect_reads()

    def end(self):
        self.ground.fault(None)


@fault
class FailedSyncThenCut(FailedSync):
    """Syncs fail, and then the power is cut: the kernel may have thrown away what it could not sync."""
    name, kills, alone = "fsync-then-cut", True, True

    def end(self):
        self.node.kill()
        self.note(sectors=powercut.cut(self.ground.io_log, self.rng)[0])
        os.unlink(self.ground.io_log)
        self.ground.fault(None)
        self.node.start()


@fault
class ReadOnlyDisk(Fault):
    """The disk turns read-only, as after an error of the file system, and is writable again later."""
    name, stores, beneath = "read-only-disk", ("sqlite",), "preload"

    def begin(self):
        self.ground.fault("readonly")

    def during(self):
        self.expect_refusal()
        self.expect_reads()

    def end(self):
        self.ground.fault(None)


@fault
class FullDisk(Fault):
    """A real disk (tmpfs) without any space, freed later; in every third round the node is killed and started while it is full."""
    name, stores, beneath = "full-disk", ("sqlite",), "room"

    @classmethod
    def why_not(cls, store):
        return Room.why_not()

    def begin(self):
        self.ground.room.fill(self.rng.choice((0, 0, 100_000, 1_000_000)))

    # The node frees what it can, its own log and reserve, and is ready again until the disk has taken that too.
    def probe(self):
        self.ground.room.fill(0)
        return super().probe()

    def not_ready(self):
        return wait("a node without space", lambda: self.ground.room.fill(0) or super(FullDisk, self).not_ready())

    def during(self):
        self.not_ready()
        self.expect_refusal()
        self.expect_reads()
        if self.rng.random() < 0.34:
            self.kills = True
            self.node.kill()
            self.node.start()
            wait("reads", lambda: self.node.ask("GET", "/v1/tenants/tenant-00").status == 200)
            self.expect_reads()

    def end(self):
        self.ground.room.clear()


class OtherFiles(Fault):
    """The node is down while its files become others; `begin` keeps the true ones, `end` puts them back."""
    stores, kills, alone = ("sqlite",), True, True
    names = ("nova.db", "nova.db-wal")

    def folder(self, name):
        return os.path.join(self.ground.own, name)

    def keep(self, name):
        os.makedirs(self.folder(name))
        for file in self.names:
            if os.path.exists(os.path.join(self.node.state, file)):
                shutil.copy2(os.path.join(self.node.state, file), self.folder(name))

    def put(self, name):
        for file in (*self.names, "nova.db-shm"):
            if os.path.exists(os.path.join(self.node.state, file)):
                os.unlink(os.path.join(self.node.state, file))
        for file in os.listdir(self.folder(name)):
            shutil.copy2(os.path.join(self.folder(name), file), self.node.state)

    def end(self):
        self.put("true")
        for name in ("true", "old"):
            shutil.rmtree(self.folder(name), ignore_errors=True)
        self.node.start()


@fault
class OldCopy(OtherFiles):
    """An old copy of the store is put back: the node does not start on it, and says why."""
    name = "old-copy"

    def prepare(self):
        self.node.terminate()
        self.keep("old")
        self.node.start()

    def begin(self):
        self.node.kill()
        self.keep("true")
        self.put("old")

    def during(self):
        code, said = self.node.refused_start()
        self.expect(code != 0 and "store.went_back" in said, f"a node on an old copy ended with {code}: {said}")
        self.expect("nova.db" in said and "position" in said, f"the refusal names neither file nor position: {said}")
