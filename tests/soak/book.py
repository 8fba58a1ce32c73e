"""Clients that keep a book of their own: every command they sent and what was answered. The node never sees the book."""
import http.client
import json
import random
import socket
import threading

SAID_NO = frozenset(("store.read_only", "store.unavailable", "store.fenced", "http.busy", "store.busy", "http.draining"))
IMPATIENCE = 8  # seconds; a stopped node answers later, and the command is sent again then


class Command:
    """One command: `token` is its idempotency key and the name that it writes, so that each trace of it can be found."""
    __slots__ = ("token", "tenant", "keyed", "sent", "answer", "refusal")

    def __init__(self, token, tenant, keyed):
        self.token, self.tenant, self.keyed = token, tenant, keyed
        self.sent, self.answer, self.refusal = 0, None, None


class Caller:
    """One connection that is kept, so that a client's cost is not the connecting."""

    def __init__(self, node):
        self.node, self.connection = node, None

    def ask(self, method, path, body=None, headers=None, limit=IMPATIENCE):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=limit)
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sent = {"Authorization": "Bearer " + self.node.token, "Content-Type": "application/json", **(headers or {})}
        try:
            self.connection.request(method, path, body, sent)
            response = self.connection.getresponse()
            text = response.read()
            if response.will_close:
                self.close()
            return response.status, response.headers, text
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def command(self, command):
        headers = {"Idempotency-Key": command.token} if command.keyed else {}
        status, heads, text = self.ask("POST", f"/v1/tenants/{command.tenant}/update_settings",
                                       json.dumps({"name": command.token}), headers)
        return status, heads, json.loads(text)


class Load:
    """Threads that send commands without a pause until `stop`; `acknowledged` counts up while they run."""

    def __init__(self, nodes, tenants, label, seed, threads=12):
        self.tenants, self.label = tenants, label
        self.commands, self.problems, self.trouble = [], [], None
        self.acknowledged = self.refused = self.repeated = self.position = 0
        self._lock, self._end = threading.Lock(), threading.Event()
        self._threads = []
        for number in range(threads):
            rng = random.Random(seed * 1000 + number)
            thread = threading.Thread(target=self._run, args=(nodes[number % len(nodes)], number, rng), daemon=True)
            self._threads.append(thread)
        for thread in self._threads:
            thread.start()

    def _run(self, node, number, rng):
        caller, count = Caller(node), 0
        while not self._end.is_set():
            count += 1
            # One in four has no key: such a command is sent once, whatever comes.
            command = Command(f"{self.label}-{number}-{count}", rng.choice(self.tenants), rng.random() < 0.75)
            with self._lock:
                self.commands.append(command)
            self._send(caller, command, rng)
        caller.close()

    def _send(self, caller, command, rng):
        while True:
            command.sent += 1
            try:
                status, headers, body = caller.command(command)
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.trouble = repr(error)
                command.refusal = None  # it may be there or not
                status, headers, body = None, {}, {}
            if status == 200:
                command.answer = body
                with self._lock:
                    self.acknowledged += 1
                    self.position = max(self.position, body["position"])
                    self.repeated += bool(body.get("replayed"))
                return
            if status is not None:
                self._refusal(command, status, headers, body)
            self._end.wait(0.02)
            # Most clients try again until they know; one in five gives up.
            if not command.keyed or rng.random() < 0.2 or (self._end.is_set() and command.sent > 3):
                return

    def _refusal(self, command, status, headers, body):
        self.refused += 1
        self.trouble = f"{status} {body.get('code')} {body.get('detail')}"
        first = command.sent == 1
        unknown = body.get("outcome") == "unknown" or (body.get("details") or {}).get("outcome") == "unknown"
        command.refusal = body if first and not unknown and body.get("code") in SAID_NO else None
        if status not in (409, 429, 503):
            self.problems.append(f"{command.token}: unexpected answer {status} {body}")
        if status in (429, 503) and not headers.get("Retry-After"):
            self.problems.append(f"{command.token}: {status} without Retry-After: {body}")
        if body.get("status") != status or not body.get("code"):
            self.problems.append(f"{command.token}: {status} is no problem+json: {body}")

    def describe(self):
        return (f"{self.acknowledged} acknowledged, {self.refused} refused, {sum(t.is_alive() for t in self._threads)} clients live, "
                f"last trouble: {self.trouble}, problems: {self.problems[-3:]}")

    def stop(self):
        self._end.set()
        for thread in self._threads:
            thread.join(60)
            if thread.is_alive():
                self.problems.append("a client did not come to its end within 60 s")
        return self
