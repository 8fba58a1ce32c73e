"""Backup and move while a round is played: what a fault strikes in the middle ends with one clear error, the next one
succeeds, and what succeeded is proved."""
import json
import os
import shutil
import signal
import subprocess
import tempfile

from harness import BIN, PATIENCE


def novactl(node, *words):
    """A command under way, where the node sees its files."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("NOVA") and k != "LD_PRELOAD"}
    return subprocess.Popen([*node.prefix, os.path.join(BIN, "novactl"), *words, "-o", "json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env=env, cwd="/", start_new_session=True)


def outcome(process):
    """Exit code and what was said: the result, or the problem."""
    out, err = process.communicate(timeout=2 * PATIENCE)
    return process.returncode, json.loads(out if process.returncode == 0 else err)


class Archives:
    def __init__(self, ground, node):
        self.ground, self.node = ground, node
        self.folder = tempfile.mkdtemp(prefix="archives-", dir=ground.own)
        self.key = os.path.join(self.folder, "backup.key")
        self.words = ["--node-config", self.config()] if ground.store == "postgres" else []
        self.succeed("backup", "key", self.key)

    def config(self):
        path = os.path.join(self.folder, "novad.yaml")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"store:\n  kind: postgres\n  url: {json.dumps(self.ground.env['NOVA_STORE_URL'])}\n")
        return path

    def succeed(self, *words):
        code, said = outcome(novactl(self.node, *words))
        if code != 0:
            raise AssertionError(f"novactl {' '.join(words)} ended with {code}: {said}")
        return said

    def begin(self, name):
        return novactl(self.node, "backup", "create", os.path.join(self.folder, name), "--key-file", self.key, "--state", self.node.inner_state,
                       "--without-data", *self.words)

    def create(self, name="a.novabackup"):
        code, said = outcome(self.begin(name))
        if code != 0:
            raise AssertionError(f"backup create ended with {code}: {said}")
        return said

    def verify(self, archive):
        return self.succeed("backup", "verify", archive, "--key-file", self.key, "--scratch", self.folder)

    def restore(self, saved, to):
        return self.succeed("backup", "restore", saved["archive"], "--key-file", self.key, "--state", to)

    def try_move(self):
        """To a scratch file, from under a node that runs: refused with its name or pid, and nothing is done."""
        target = os.path.join(self.folder, "moved.db")
        code, said = outcome(novactl(self.node, "store", "move", "--to", target, "--keep", "--state", self.node.inner_state, *self.words))
        if code == 0 or said.get("code") != "store.locked" or os.path.exists(target):
            raise AssertionError(f"a move from under a node that runs ended with {code}: {said}")

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Upkeep:
    """Through one round: a backup that the fault strikes, one after it, and a move that is refused."""

    def __init__(self, ground, rng):
        self.archives, self.rng = Archives(ground, ground.node), rng
        self.struck, self.killed, self.proven = None, False, None
        self.notes, self.wrong = {}, []

    def strike(self, alone):
        """A backup is under way when the fault comes. Where all beneath is cut or exchanged at one moment, it ends before."""
        self.struck = self.archives.begin("struck.novabackup")
        if not alone:
            return
        try:
            self.struck.wait(self.rng.uniform(0, 0.3))
        except subprocess.TimeoutExpired:
            os.killpg(self.struck.pid, signal.SIGKILL)

    def collect(self):
        """After the fault: how the backup that it struck ended."""
        self.killed = self.struck.poll() == -signal.SIGKILL
        if self.killed:
            self.struck.communicate()
            return
        try:
            code, said = outcome(self.struck)
            self.notes["backups" if code == 0 else "backups_refused"] = 1
            if code == 0:
                self.proven = said
            elif not (str(said.get("code", "")).startswith(("store.", "backup.")) and said.get("detail")):
                self.wrong.append(f"a backup that the fault struck said {said}")
        except ValueError as error:
            self.wrong.append(f"a backup that the fault struck gave no problem document: {error}")

    def settle(self, acknowledged):
        """When all is well again: what is wrong, as sentences. `acknowledged`: the newest position that was answered."""
        try:
            made = self.archives.create("after.novabackup")
            if made["position"] < acknowledged:
                self.wrong.append(f"the backup after the fault has position {made['position']}, {acknowledged} was acknowledged")
            made = self.proven or made
            proved = self.archives.verify(made["archive"])
            if (proved["log"], proved["documents"]) != (made["log"], made["documents"]):
                self.wrong.append(f"the archive {made} holds {proved}")
            self.archives.try_move()
        except AssertionError as error:
            self.wrong.append(str(error))
        left = [name for name in os.listdir(self.archives.folder) if name.endswith(".part")]
        if left and not self.killed:
            self.wrong.append(f"left behind: {left}")
        return self.wrong

    def close(self):
        if self.struck is not None and self.struck.poll() is None:
            os.killpg(self.struck.pid, signal.SIGKILL)
            self.struck.communicate()
        self.archives.close()
