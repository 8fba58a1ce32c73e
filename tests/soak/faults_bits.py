"""Bits that flip on the disk while nothing runs: what answers then either is right, or says that it is damaged.

The clients cannot reach what runs on flipped bits; at the end the true files stand there again, as after a restore."""
import json
import os
import shutil
import sqlite3
import subprocess

from faults import Fault, fault
from faults_disk import OtherFiles
from faults_postgres import OnPostgres
from ground import SoakNode
from harness import wait
from upkeep import Archives


def flip(path, size, rng):
    """One bit below `size`."""
    at = rng.randrange(size)
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << rng.randrange(8))]))


class FlippedBits(Fault):
    """What both stores have in common: a node of its own name and port looks at the damaged store."""
    short, kills, alone = False, True, True
    codes = ("store.damaged",)

    def look_around(self, twin, truth):
        """A node on flipped bits refuses to start, or serves right, or says of what it cannot read that it is damaged."""
        twin.launch()
        line = twin.process.stdout.readline()
        twin.process.stdout.close()
        if not line.startswith("listening "):
            twin.process.wait(60)
            said = twin.said()
            self.note(refused_starts=1)
            self.expect(any(code in said for code in self.codes) and self.place in said, f"the refusal is {said}")
            return
        with open(os.path.join(twin.state, "operator.token"), encoding="ascii") as file:
            twin.token = file.read().strip()
        try:
            self.compare(twin, truth)
        finally:
            twin.kill()

    def compare(self, twin, truth):
        rows, documents = truth
        wrong = noticed = 0

        def asked(path):
            nonlocal noticed
            answer = twin.ask("GET", path)
            if answer.status == 200:
                return answer.json
            noticed += 1
            self.expect(answer.status == 503 and answer.code == "store.damaged", f"{path} gives {answer.status} {answer.text[:300]}")
            return None
        for start in range(0, len(rows), 50):
            page = asked(f"/v1/events?after={start}&limit=50")
            if page is not None:
                # A node that starts may write of its own behind them.
                found = [(e["position"], e["id"], e["type"], e["data"]) for e in page["items"] if e["position"] <= len(rows)]
                wrong += found != rows[start:start + 50]
                if found != rows[start:start + 50]:
                    self.wrong.append(f"the page after {start}: " + next((f"{a} where {b} is true" for a, b in zip(found, rows[start:]) if a != b), f"{len(found)} events"))
        for tenant, version, state in documents:
            document = asked(f"/v1/tenants/{tenant}")
            if document is not None:
                wrong += (document["version"], document["state"]["name"]) != (version, state["name"])
        self.note(noticed=noticed, served_wrong=wrong, harmless=noticed == 0)
        self.expect(not wrong, f"{wrong} pages of the log or documents were served with other content")
        if noticed:
            ready = twin.ask("GET", "/readyz")
            self.expect(ready.status == 503 and "store.damaged" in ready.text, f"after damage was found readyz says {ready.text}")
            change = twin.ask("POST", "/v1/tenants/tenant-00/update_settings", {"name": "damaged"})
            self.expect(change.status == 503 and change.code == "store.damaged", f"a change on damage got {change.status} {change.text}")


def truth_of(events, documents):
    rows = [(p, i, t, json.loads(b)) for p, i, t, b in events]
    return rows, [(name, version, json.loads(body)) for name, version, body in documents]


@fault
class FlippedBitsSqlite(FlippedBits, OtherFiles):
    """Bits of the database or of its log flip while the node is down; what it refuses, the backup brings back."""
    name, stores = "flipped-bits", ("sqlite",)
    names = ("nova.db", "nova.db-wal", "nova.db.head", "nova.db.mark")
    place, codes = "nova.db", ("store.damaged", "store.not_a_database", "store.went_back")

    def prepare(self):
        self.archives = Archives(self.ground, self.node)
        self.saved = self.archives.create()

    def begin(self):
        # Killed: the newest commits lie in the log. Ended in order: all of it in the database.
        if self.rng.random() < 0.6:
            self.node.kill()
        else:
            self.node.terminate()
        self.keep("true")
        path = os.path.join(self.node.state, "nova.db")
        log = path + "-wal"
        used = 0
        if os.path.exists(log):
            with open(log, "rb") as file:
                used = len(file.read().rstrip(b"\0"))
        if used and self.rng.random() < 0.6:
            path = log
            self.note(in_log=1)
        size = used if path == log else os.path.getsize(path)
        for _ in range(self.rng.choice((1, 1, 3, 20))):
            flip(path, size, self.rng)

    def during(self):
        copy = self.folder("look")
        shutil.copytree(self.folder("true"), copy)
        with sqlite3.connect(f"{copy}/nova.db") as true:
            truth = truth_of(true.execute("SELECT position, event_id, type, body FROM events ORDER BY position").fetchall(),
                             true.execute("SELECT id, version, body FROM documents WHERE kind = 'tenant' AND id LIKE 'tenant-0%'").fetchall())
        true.close()
        shutil.rmtree(copy)
        self.look_around(SoakNode(self.ground.own), truth)
        self.restore(truth[0])

    def restore(self, rows):
        """What a person is told to do: the archive gives back every event that was there when it was made."""
        there = self.folder("restored")
        self.archives.restore(self.saved, there)
        with sqlite3.connect(f"file:{there}/nova.db?mode=ro", uri=True) as restored:
            found = [(p, i, t, json.loads(b)) for p, i, t, b in restored.execute("SELECT position, event_id, type, body FROM events ORDER BY position")]
        restored.close()
        shutil.rmtree(there)
        self.expect(len(found) == self.saved["position"] and found == rows[:len(found)], f"the restored log has {len(found)} events of {self.saved['position']}, or others")

    def end(self):
        self.archives.close()
        OtherFiles.end(self)


@fault
class FlippedBitsPostgres(FlippedBits, OnPostgres):
    """Bits of the tables and indexes flip while the server, which has data checksums, is down."""
    name, stores = "flipped-bits-postgres", ("postgres",)
    place = "postgres"

    def true(self):
        return os.path.join(self.server.folder, "true")

    def begin(self):
        for node in self.ground.nodes:
            node.terminate()
        names = "SELECT pg_relation_filepath(c.oid) FROM pg_class c WHERE c.relkind IN ('r', 'i', 't') AND (c.relnamespace = 'nova'::regnamespace" \
                " OR c.oid IN (SELECT reltoastrelid FROM pg_class WHERE relnamespace = 'nova'::regnamespace))"
        files = [os.path.join(self.server.data, name) for name in self.server.sql(names).split()]
        events = self.server.sql("SELECT json_agg(json_build_array(position, event_id, type, convert_from(body, 'UTF8')) ORDER BY position) FROM nova.events")
        documents = self.server.sql("SELECT json_agg(json_build_array(id, version, convert_from(body, 'UTF8'))) FROM nova.documents"
                                    " WHERE kind = 'tenant' AND id LIKE 'tenant-0%'")
        self.truth = truth_of([tuple(row) for row in json.loads(events)], json.loads(documents))
        self.server.stop()
        subprocess.run(["cp", "-a", self.server.data, self.true()], check=True, timeout=60)
        sized = [(path, os.path.getsize(path)) for path in files if os.path.exists(path) and os.path.getsize(path)]
        for _ in range(self.rng.choice((1, 1, 3, 20))):
            path, size = self.rng.choices(sized, [size for _, size in sized])[0]
            flip(path, size, self.rng)
        self.server.start()

    def during(self):
        twin = SoakNode(self.ground.own, "twin", self.ground.env)
        try:
            self.look_around(twin, self.truth)
        finally:
            shutil.rmtree(twin.state, ignore_errors=True)

    def end(self):
        self.server.crash()
        shutil.rmtree(self.server.data)
        os.rename(self.true(), self.server.data)
        self.server.start()
        for node in self.ground.nodes:
            if not node.running():
                node.start()
        wait("the nodes", lambda: all(node.ready() for node in self.ground.nodes))
