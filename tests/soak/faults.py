"""What every fault is: `begin` does it, `during` looks at the node while it lasts, `end` takes it away.

A class says which stores it is for, whether the node dies of it, and what it needs beneath. They are in faults_*.py."""
import json
import random

from book import Caller
from harness import Answer, wait

ALL = {}


def fault(made):
    ALL[made.name] = made
    return made


class Fault:
    name = ""
    stores = ("sqlite", "postgres")
    beneath = "plain"  # or preload: files go through faultio; room: a small disk of its own
    rounds_a_ground = 10  # then a fresh store: the whole log is compared after each round, and none grows long
    short = True     # cheap enough for the test suite
    kills = False    # the node's process ends
    alone = False    # what lies beneath is cut or exchanged as a whole: nothing else may be at work on it then

    def __init__(self, ground, rng: random.Random):
        self.ground, self.rng, self.wrong, self.notes = ground, rng, [], {}

    @property
    def node(self):
        return self.ground.node

    @classmethod
    def why_not(cls, store):
        """Why it cannot be done on this machine; None when it can."""

    def prepare(self):
        """Before the load begins."""

    def begin(self):
        """The fault strikes, under load."""

    def during(self):
        """What must hold while it lasts."""

    def end(self):
        """It is over; the node must heal by itself, or is started again where it was killed."""

    def note(self, **counts):
        for name, count in counts.items():
            self.notes[name] = self.notes.get(name, 0) + count

    def expect(self, holds, sentence):
        if not holds:
            self.wrong.append(f"while {self.name}: {sentence}")

    def probe(self):
        """A change by nobody's book. One whose outcome is in doubt may wait long for its answer: it is left alone."""
        caller = Caller(self.node)
        try:
            status, headers, text = caller.ask("POST", "/v1/tenants/tenant-00/update_settings", json.dumps({"name": "probe"}), limit=2)
            return Answer(status, dict(headers.items()), text.decode())
        finally:
            caller.close()

    def expect_refusal(self):
        """Changes are refused with a clear problem; what is there is read on."""
        answer = wait("a refusal", lambda: (a := self.probe()).status != 200 and a)
        self.expect(answer.status == 503 and answer.code and answer.code.startswith("store."), f"a change got {answer.status} {answer.text}")
        self.expect("Retry-After" in answer.headers, f"a refusal has no Retry-After: {answer.headers}")
        self.expect(answer.headers.get("Content-Type", "").startswith("application/problem+json"), f"a refusal is {answer.headers}")
        self.expect(self.not_ready(), "the node says that it is ready")
        return answer

    def not_ready(self):
        return self.node.ask("GET", "/readyz").status == 503

    def expect_reads(self):
        for path in ("/v1/tenants/tenant-00", "/v1/events?last=5", "/v1/tenants/tenant-01/events?last=5", "/v1/tenants"):
            answer = self.node.ask("GET", path)
            self.expect(answer.status == 200, f"GET {path} got {answer.status} {answer.text[:200]}")
