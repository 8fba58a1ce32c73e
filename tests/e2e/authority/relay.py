"""What stands between a node and its PostgreSQL, and can be cut: connections stay open and nothing comes through, as when a network is torn."""
import os
import selectors
import shutil
import socket
import tempfile
import threading

SOCKET = ".s.PGSQL.5432"


class Relay:
    def __init__(self, postgres):
        self.behind = os.path.join(postgres.folder, SOCKET)
        self.folder = tempfile.mkdtemp(prefix="rl-")
        self.open = threading.Event()
        self.open.set()
        self.over = False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.folder, SOCKET))
        self.listener.listen(64)
        self.sockets = [self.listener]
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    def url(self, user="owner"):
        return f"postgresql:///postgres?host={self.folder}&user={user}"

    def cut(self):
        self.open.clear()

    def mend(self):
        self.open.set()

    def accept(self):
        while not self.over:
            try:
                here, _ = self.listener.accept()
                there = socket.socket(socket.AF_UNIX)
                self.sockets += [here, there]
                self.open.wait()
                there.connect(self.behind)
            except OSError:
                continue
            thread = threading.Thread(target=self.carry, args=(here, there), daemon=True)
            self.threads.append(thread)
            thread.start()

    def carry(self, here, there):
        """Both ways, until one of them ends."""
        with selectors.DefaultSelector() as ready, here, there:
            ready.register(here, selectors.EVENT_READ, there)
            ready.register(there, selectors.EVENT_READ, here)
            while not self.over:
                for key, _ in ready.select(0.5):
                    try:
                        data = key.fileobj.recv(65536)
                        self.open.wait()
                        if not data:
                            return
                        key.data.sendall(data)
                    except OSError:
                        return

    def close(self):
        self.over = True
        self.open.set()
        for each in self.sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()
        for thread in self.threads:
            thread.join(10)
        shutil.rmtree(self.folder, ignore_errors=True)
