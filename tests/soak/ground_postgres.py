"""Two nodes on one PostgreSQL, and the server's processes and files, which faults are aimed at."""
import os
import shutil
import signal
import socket
import subprocess
import threading

from ground import Ground, SoakNode, faultio
from harness import PATIENCE, wait
from postgres import Postgres, end_with_parent, programs

SOCKET = ".s.PGSQL.5432"


class SoakPostgres(Postgres):
    """As in the end-to-end tests, with its log kept, other words in its environment, and ends of every kind."""

    def __init__(self, env):
        super().__init__(checksums=True)
        self.env = env
        self.log = os.path.join(self.own, "server.log")

    def launch(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([os.path.join(programs(), "postgres"), "-D", self.data, "-k", self.folder, "-c", "listen_addresses=",
                                             "-c", "checkpoint_timeout=30s", "-c", "max_wal_size=64MB"],
                                            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **self.env},
                                            preexec_fn=end_with_parent, **self.user)

    def answers(self):
        ready = [os.path.join(programs(), "pg_isready"), "-q", "-h", self.folder]
        return subprocess.run(ready, check=False, timeout=PATIENCE).returncode == 0

    def start(self):
        """After a kill its children may still hold the memory that it shared: then it is started again, as a service manager does."""
        def up():
            if self.process is None or self.process.poll() is not None:
                self.launch()
            return self.answers()
        wait("PostgreSQL", up)
        return self

    def family(self):
        """The server and its children, the server first."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            return [self.process.pid, *map(int, file.read().split())]

    def signal_all(self, number):
        for pid in self.family():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def kill_all(self):
        """At one moment, as the power goes: none of them acts on the death of another."""
        os.kill(self.process.pid, signal.SIGSTOP)
        family = self.family()
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in family:
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
        self.process.wait(PATIENCE)

    def crash(self):
        self.kill_all()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.signal_all(signal.SIGCONT)
        super().close()


class Proxy:
    """Between node and server; cuts, and falls silent, when told."""

    def __init__(self, folder, behind):
        self.folder, self.behind = folder, behind
        os.mkdir(folder)
        self._lock, self._open = threading.Lock(), set()
        self._speaks = threading.Event()
        self._speaks.set()
        self._refusing = False
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(os.path.join(folder, SOCKET))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                if self._refusing:
                    raise OSError("refused")
                server.connect(os.path.join(self.behind, SOCKET))
            except OSError:
                client.close()
                server.close()
                continue
            with self._lock:
                self._open |= {client, server}
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one, other):
        try:
            while data := one.recv(65536):
                self._speaks.wait()
                other.sendall(data)
        except OSError:
            pass
        self._end(one, other)

    def _end(self, *sockets):
        with self._lock:
            self._open -= set(sockets)
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()

    def cut(self):
        with self._lock:
            cut = list(self._open)
        self._end(*cut)
        return len(cut) // 2

    def refuse(self, refusing):
        self._refusing = refusing

    def mute(self, muted):
        (self._speaks.clear if muted else self._speaks.set)()

    def close(self):
        self._listener.close()
        self.mute(False)
        self.cut()


class PostgresGround(Ground):
    store = "postgres"

    def __init__(self, tools, beneath="plain"):
        super().__init__(tools)
        self.postgres = SoakPostgres({})
        if beneath.startswith("preload"):
            os.chmod(self.own, 0o777)  # the server is another user, and writes its notes here
            self.postgres.env = {"LD_PRELOAD": faultio(tools), "FAULTIO_FAULT": self.fault_file, "FAULTIO_SYNC_MS": "1",
                                 "FAULTIO_ROOT": os.path.join(self.postgres.data, "pg_wal", "")}
            if beneath == "preload":
                self.postgres.env["FAULTIO_LOG"] = self.io_log
            else:
                self.postgres.env["FAULTIO_ROOT"] = os.path.join(self.postgres.data, "")
        self.proxy = Proxy(os.path.join(self.own, "p"), self.postgres.folder) if beneath == "proxy" else None
        host = self.proxy.folder if self.proxy else self.postgres.folder
        self.env = {"NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": f"postgresql:///postgres?host={host}&user=owner",
                    "NOVA_STORE_LEASE": "3s"}
        self.nodes = [SoakNode(self.own, name, self.env) for name in ("local", "other")]

    def start(self):
        self.postgres.start()
        return super().start()

    def close(self, remove=True):
        self.fault(None)
        if self.postgres.process is not None and self.postgres.process.poll() is None:
            self.postgres.signal_all(signal.SIGCONT)
        super().close(remove)
        if self.proxy:
            self.proxy.close()
        if remove:
            self.postgres.close()
        elif self.postgres.process is not None and self.postgres.process.poll() is None:
            self.postgres.crash()

    def copy_of_store(self, to):
        shutil.copytree(self.postgres.data, to)
