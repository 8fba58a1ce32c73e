"""Readers of the log's stream (server-sent events); what each saw is compared with the log itself at the end.

Each goes on with Last-Event-ID where it was cut, as a browser's EventSource does."""
import http.client
import json
import random
import socket
import threading

from harness import PATIENCE, wait

SILENCE = 10  # seconds without a byte: the connection is given up, also one to a node that was stopped


class Reader:
    """Reads without a pause, and connects again when it must."""
    name = "steady"

    def __init__(self, ground, seed):
        self.nodes, self.rng = ground.nodes, random.Random(seed)
        self.seen, self.problems, self.connections = [], [], 0
        self.first, self.goal = None, None
        self._end = threading.Event()
        self._socket = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    # What the kinds differ in.
    def node(self):
        return self.nodes[0]

    def patience(self):
        """How many events until this connection is left."""
        return 1 << 30

    def pause(self):
        """Between events."""

    def _run(self):
        while not self._end.is_set() and not self._arrived():
            try:
                self._follow()
            except (OSError, http.client.HTTPException, ValueError):
                pass  # as when the node is away
            self._end.wait(0.02)

    def _arrived(self):
        return self.goal is not None and self.seen and self.seen[-1][0] >= self.goal

    def _follow(self):
        node = self.node()
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=SILENCE)
        try:
            headers = {"Authorization": "Bearer " + node.token, "Accept": "text/event-stream"}
            if self.seen:
                headers["Last-Event-ID"] = str(self.seen[-1][0])
            connection.request("GET", "/v1/events", headers=headers)
            self._socket = connection.sock
            response = connection.getresponse()
            if response.status == 503:
                return
            if response.status != 200:
                self.problems.append(f"{self.name} reader: {response.status} {response.read()[:300]!r} after {self.seen[-1:]}")
                self._end.set()
                return
            self.connections += 1
            if self.first is None:
                self.first = int(response.getheader("Nova-Position"))
            self._read(response, self.patience())
        finally:
            self._socket = None
            connection.close()

    def _read(self, response, count):
        position = kind = None
        while count > 0 and not self._end.is_set() and not self._arrived():
            line = response.readline()
            if not line:
                return
            line = line.decode().rstrip("\n")
            if line.startswith("id: "):
                position = int(line[4:])
            elif line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: ") and kind != "error":
                event = json.loads(line[6:])
                if event["position"] != position or event["type"] != kind:
                    self.problems.append(f"{self.name} reader: the stream says {kind} at {position}, the event {event}")
            elif line == "" and position is not None:
                if kind != "error":
                    self.seen.append((position, event["id"]))
                    count -= 1
                    self.pause()
                position = None

    def stop(self, head):
        """Lets it read to the end of the log."""
        self.goal = head
        try:
            wait("a reader", lambda: self._arrived() or not self._thread.is_alive())
            self.abandon()  # it may wait for an event that never comes
        except AssertionError:
            self.problems.append(f"{self.name} reader: stands at {self.seen[-1:]} and not at {head}")
            self.abandon()
        return self.problems

    def abandon(self):
        """Ends it wherever it is."""
        self._end.set()
        open_socket = self._socket
        if open_socket is not None:
            try:
                open_socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._thread.join(PATIENCE)

    def compare(self, log):
        if self.first is None:
            return [f"{self.name} reader: saw nothing"]
        wanted = [(event["position"], event["id"]) for event in log.events if self.first < event["position"] <= self.goal]
        if self.seen == wanted:
            return []
        at = next((i for i, (a, b) in enumerate(zip(self.seen, wanted)) if a != b), min(len(self.seen), len(wanted)))
        return [f"{self.name} reader: saw {self.seen[at - 1:at + 2]} where the log has {wanted[at - 1:at + 2]}"
                f" ({len(self.seen)} of {len(wanted)} events)"]


class Slow(Reader):
    """Takes its time, so that the node must hold back; hurries at the end."""
    name = "slow"

    def pause(self):
        if self.goal is None and self.rng.random() < 0.1:
            self._end.wait(0.02)


class Resuming(Reader):
    """Leaves after some events and goes on where it was."""
    name = "resuming"

    def patience(self):
        return self.rng.randrange(1, 120)


class Hopping(Resuming):
    """Goes on at another node each time."""
    name = "hopping"

    def node(self):
        return self.nodes[self.connections % len(self.nodes)]


KINDS = {"sqlite": (Reader, Slow, Resuming), "postgres": (Slow, Resuming, Hopping)}
