"""A real node on free ports with a state folder of its own, and what tests do to it.

Nothing here sleeps blindly: `wait` asks again until an answer is there or a deadline has passed."""
import hashlib
import http.client
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import threading
import time
import unittest

BIN = os.environ["NOVA_BIN_DIR"]
HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = float(os.environ.get("NOVA_TEST_PATIENCE", "60"))


def free_port():
    """Below the kernel's ephemeral range, so that no outgoing connection can take it in between."""
    while True:
        port = 10240 + int.from_bytes(os.urandom(2), "big") % 9000
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def wait(what, condition, limit=PATIENCE):
    """The first true answer of `condition`, or a failure that says what was waited for. A look that took long counts for
    a few seconds only: the machine may have stood still, and all that is waited for with it."""
    spent, last = 0.0, None
    pause = threading.Event()
    while spent < limit:
        begun = time.monotonic()
        try:
            last = condition()
            if last:
                return last
        except (OSError, http.client.HTTPException, KeyError, ValueError, StopIteration, Refused) as error:
            last = error
        pause.wait(0.03)
        spent += min(time.monotonic() - begun, 5.0)
    raise AssertionError(f"waited {limit:.0f} s for {what}; last: {last!r}")


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def pack(folder):
    """A folder as tar and its digest, the same for the same content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(os.listdir(folder)):
            info = tarfile.TarInfo(name)
            with open(os.path.join(folder, name), "rb") as file:
                content = file.read()
            info.size, info.mode = len(content), 0o644
            tar.addfile(info, io.BytesIO(content))
    data = out.getvalue()
    return "sha256:" + hashlib.sha256(data).hexdigest(), data


class Refused(Exception):
    """An answer that is no success."""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.text = status, headers, body

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def code(self):
        return self.json.get("code")


def get(port, path="/", limit=10):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=limit)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read().decode())
    finally:
        connection.close()


class Poller:
    """Asks a port again and again from a thread of its own and remembers every answer that was not a good one."""

    def __init__(self, port, path="/"):
        self.port, self.path = port, path
        self.good, self.bad, self.versions = 0, [], []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._end.is_set():
            try:
                answer = get(self.port, self.path, limit=20)
                if answer.status == 200:
                    self.good += 1
                    version = answer.json.get("version")
                    if not self.versions or self.versions[-1] != version:
                        self.versions.append(version)
                else:
                    self.bad.append((time.strftime("%X"), answer.status))
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.bad.append((time.strftime("%X"), repr(error)))
            self._end.wait(0.005)

    def more(self, count=20):
        """Waits until it asked `count` times more."""
        goal = self.good + len(self.bad) + count
        wait("the poller", lambda: self.good + len(self.bad) >= goal)

    def stop(self):
        self._end.set()
        self._thread.join(30)
        return self


class Node:
    def __init__(self, state=None, extra_env=None):
        # Short, since sockets below it have a limit of 107 bytes.
        self.own = tempfile.mkdtemp(prefix="nv-") if state is None else None
        self.state = state or os.path.join(self.own, "s")
        self.port = free_port()
        self.process = None
        self.extra_env = extra_env or {}
        first = 20000 + int.from_bytes(os.urandom(1), "big") * 40
        self.ports = f"{first}-{first + 39}"

    def command(self):
        return [os.path.join(BIN, "novad"), "--dev", "--state", self.state, "--listen", f"127.0.0.1:{self.port}"]

    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith("NOVA_")}
        env.update({"NOVA_PROCESS_PORT_RANGE": self.ports, "NOVA_LOG_LEVEL": "debug",
                    # Tests sign in and register oftener than people; test_limits.py has the limits on.
                    "NOVA_LIMITS_RATES": "false",
                    # Owners and admins of tests come in by password alone; signin/test_factor.py has them need more.
                    "NOVA_SIGNIN_SECOND_FACTOR_FOR": "", **self.extra_env})
        return env

    def start(self):
        self.process = subprocess.Popen(self.command(), env=self.environment(), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening "):
            raise AssertionError(f"novad did not start: {line!r} {self.process.stderr.read()}")
        with open(os.path.join(self.state, "operator.token"), encoding="ascii") as file:
            self.token = file.read().strip()
        return self

    def refused_start(self):
        """Starts a node that must not come up: its exit code and what it says."""
        done = subprocess.run(self.command(), env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=PATIENCE, check=False)
        return done.returncode, done.stderr

    def signal(self, number):
        """Sends a signal and waits for the end: the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def kill(self):
        return self.signal(signal.SIGKILL)

    def terminate(self):
        return self.signal(signal.SIGTERM)

    def interrupt(self):
        return self.signal(signal.SIGINT)

    def close(self):
        """Stops everything that was started, whatever the test did, and removes the state."""
        if self.process is None or self.process.poll() is not None:
            if os.path.exists(os.path.join(self.state, "operator.token")):
                try:
                    self.start()
                except AssertionError:
                    pass
        if self.process is not None and self.process.poll() is None:
            self.interrupt()
        if self.own:
            shutil.rmtree(self.own, ignore_errors=True)

    def ask(self, method, path, body=None, headers=None, token=True):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        try:
            data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
            sent = {"Authorization": "Bearer " + self.token} if token else {}
            if data is not None:
                sent["Content-Type"] = "application/json"
            sent.update(headers or {})
            connection.request(method, path, data, sent)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read().decode())
        finally:
            connection.close()

    def ok(self, method, path, body=None, headers=None):
        answer = self.ask(method, path, body, headers)
        if answer.status >= 300:
            raise Refused(f"{method} {path}: {answer.status} {answer.text}")
        return answer.json

    def tenant(self, name, tier="free"):
        """Of tier free it has room for three platforms and one deployment."""
        return self.ok("POST", f"/v1/tenants/{name}/create", {"name": name, "tier": tier})

    def source(self, folder=os.path.join(HERE, "service")):
        digest, data = pack(folder)
        answer = self.ask("PUT", "/v1/sources/" + digest, data, {"Content-Type": "application/x-tar"})
        if answer.status not in (200, 201):
            raise AssertionError(f"source: {answer.status} {answer.text}")
        return {"path": "./service", "digest": digest}

    def service(self, port=0, version="1", mode="good", **more):
        made = {"source": self.source(), "run": ["python3", "service.py"], "port": port, "env": {"VERSION": version, "MODE": mode},
                "health": {"http": "/health", "interval": "300ms", "timeout": "2s", "start_timeout": "20s"}}
        made.update(more)
        return made

    def blueprint(self, tenant, name, services, environment="development"):
        return {"apiVersion": "webnova.io/v1", "kind": "Blueprint", "metadata": {"name": name, "tenant": tenant},
                "spec": {"environment": environment,
                         "definition": {"name": name, "context": {"domain": "saas", "industry": "tests", "target_platform": "api", "language": "en"},
                                        "intents": [{"id": "serve", "type": "feature", "description": "answer", "priority": "high"}]},
                         "services": services}}

    def apply(self, *manifests):
        return self.ok("POST", "/v1/apply", {"manifests": list(manifests)})

    def deployment(self, tenant, name, environment="development"):
        return self.ok("GET", f"/v1/tenants/{tenant}/deployments/{name}-{environment}")

    def wait_deployment(self, tenant, name, status="running", revision=None, limit=PATIENCE):
        def there():
            item = self.deployment(tenant, name)
            at_revision = revision is None or item["state"]["current"] == revision
            return item if item["status"] == status and at_revision and item["state"].get("candidate", 0) == 0 else None
        return wait(f"{tenant}/{name} to be {status} at revision {revision}", there, limit)

    def instances(self, tenant):
        return self.ok("GET", f"/v1/tenants/{tenant}/instances")["items"]

    def instance(self, tenant, part):
        return next(i for i in self.instances(tenant) if part in i["id"])

    def events(self, tenant, plural, name):
        return self.ok("GET", f"/v1/tenants/{tenant}/{plural}/{name}/events?limit=1000")["items"]


class NodeCase(unittest.TestCase):
    def node(self, **options):
        made = Node(**options)
        self.addCleanup(made.close)
        return made.start()

    def running(self, node, tenant, name, services):
        node.tenant(tenant)
        node.apply(node.blueprint(tenant, name, services))
        return node.wait_deployment(tenant, name)
