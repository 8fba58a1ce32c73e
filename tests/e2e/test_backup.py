"""A node is archived while it works, put back on another machine's folder, and moved to PostgreSQL and back."""
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import tempfile
import threading
import unittest

from harness import BIN, PATIENCE, Node, NodeCase, free_port, get, wait
from pages import reseal
from postgres import Postgres, programs
from test_identity import PASSWORD, Person, totp


def novactl(*words, code=0):
    """The result as JSON; of a failure the problem document."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("NOVA")}
    done = subprocess.run([os.path.join(BIN, "novactl"), *words, "-o", "json"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=PATIENCE, check=False, env=env, cwd="/")
    if done.returncode != code:
        raise AssertionError(f"novactl {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return json.loads(done.stdout if code == 0 else done.stderr)


class Writer:
    """Tenants one after the other, until told to stop; those that were acknowledged are remembered."""

    def __init__(self, node, prefix):
        self.node, self.prefix, self.done = node, prefix, []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._end.is_set():
            name = f"{self.prefix}{len(self.done)}"
            self.node.tenant(name)
            self.done.append(name)

    def more(self, count):
        goal = len(self.done) + count
        wait("more tenants", lambda: len(self.done) >= goal)

    def stop(self):
        self._end.set()
        self._thread.join(PATIENCE)
        return self.done


class BackupCase(NodeCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="nb-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.archives = os.path.join(self.folder, "archives")
        os.mkdir(self.archives)
        self.key = os.path.join(self.folder, "backup.key")
        novactl("backup", "key", self.key)

    def create(self, node, *more, code=0, target=None):
        return novactl("backup", "create", target or self.archives, "--key-file", self.key, "--state", node.state, *more, code=code)

    def verify(self, archive, *more, code=0):
        return novactl("backup", "verify", archive, "--key-file", self.key, "--scratch", self.folder, *more, code=code)

    def fresh(self, archive, **options):
        """A folder that nothing was in, restored from the archive, and a node on it."""
        state = os.path.join(self.folder, "n%d" % len(os.listdir(self.folder)))
        result = novactl("backup", "restore", archive, "--key-file", self.key, "--state", state)
        return result, Node(state=state, **options)

    def things(self, node, tenant):
        """Every resource of a tenant, as people see it: what differs by place and time is left out."""
        found = {}
        for plural in ("blueprints", "platforms", "deployments"):
            for item in node.ok("GET", f"/v1/tenants/{tenant}/{plural}")["items"]:
                found[plural, item["id"]] = (item["status"], item["state"].get("revisions"), item["state"].get("spec"))
        return found


class WhileItRuns(BackupCase):
    def test_a_fresh_folder_gets_the_node_back_with_its_services_and_secrets(self):
        node = self.node()
        port = free_port()
        self.running(node, "acme", "shop", {"web": node.service(port)})
        with open(os.path.join(node.state, "operator.token"), encoding="ascii") as file:
            token = file.read()
        writer = Writer(node, "tenant-")
        writer.more(20)
        before = list(writer.done)
        made = self.create(node)
        writer.more(5)
        done = writer.stop()
        self.assertFalse(made["incremental"])
        self.assertEqual(stat.S_IMODE(os.stat(made["archive"]).st_mode), 0o600)
        things = self.things(node, "acme")

        proved = self.verify(made["archive"])
        self.assertEqual((proved["log"], proved["documents"]), (made["log"], made["documents"]))
        self.assertEqual(proved["events"], made["position"])
        self.assertEqual(proved["not_compared"], 0)
        self.assertEqual([n for n in os.listdir(self.folder) if n.startswith("novabackup-")], [])

        node.interrupt()
        result, fresh = self.fresh(made["archive"])
        self.addCleanup(fresh.close)
        self.assertEqual(result["log"], made["log"])
        fresh.ports = node.ports
        fresh.start()
        with open(os.path.join(fresh.state, "operator.token"), encoding="ascii") as file:
            self.assertEqual(file.read(), token)
        fresh.wait_deployment("acme", "shop")
        wait("the service", lambda: get(port).status == 200)
        self.assertEqual(self.things(fresh, "acme"), things)
        there = {item["id"] for item in fresh.ok("GET", "/v1/tenants?limit=1000")["items"]}
        self.assertLessEqual(set(before), there)  # all that was acknowledged before it began
        self.assertLess(len(there & set(done)), len(done))
        fresh.tenant("after")

    def test_a_chain_of_parts_gives_the_last_state_and_each_one_before(self):
        node = self.node()
        parts = []
        for name in ("one", "two", "three"):
            node.tenant(name)
            parts.append(self.create(node))
        self.assertEqual([p["incremental"] for p in parts], [False, True, True])
        self.assertEqual([p["base"] for p in parts[1:]], [p["id"] for p in parts[:2]])
        self.assertLess(parts[2]["rows"]["events"], parts[0]["rows"]["events"])
        self.assertEqual(len(self.verify(parts[2]["archive"])["chain"]), 3)
        node.kill()
        for count, part in enumerate(parts, 1):
            result, fresh = self.fresh(part["archive"])
            self.assertEqual(result["documents"], part["documents"])
            fresh.start()
            try:
                there = {item["id"] for item in fresh.ok("GET", "/v1/tenants")["items"]}
                self.assertEqual(there & {"one", "two", "three"}, {"one", "two", "three"} if count == 3 else {"one", "two"} if count == 2 else {"one"})
                # The next part goes on from the restored store, too.
                if count == 3:
                    fresh.tenant("four")
                    again = self.create(fresh)
                    self.assertTrue(again["incremental"])
                    self.verify(again["archive"])
            finally:
                fresh.close()
        os.remove(parts[1]["archive"])
        lost = self.verify(parts[2]["archive"], code=2)
        self.assertEqual(lost["code"], "backup.missing_base")

    def test_a_folder_whose_newest_archive_is_of_another_store_gets_a_full_one(self):
        first, second = self.node(), self.node()
        first.tenant("first")
        second.tenant("second")
        self.create(first)
        made = self.create(second)
        self.assertFalse(made["incremental"])
        self.assertIn("another history", made["note"])

    def test_a_document_that_its_events_do_not_make_is_found(self):
        node = self.node()
        node.tenant("acme")
        node.terminate()
        with sqlite3.connect(os.path.join(node.state, "nova.db")) as store:
            changed = store.execute("UPDATE documents SET body = CAST(replace(CAST(body AS TEXT), 'acme', 'evil') AS BLOB) WHERE kind = 'tenant' AND id = 'acme'")
            self.assertEqual(changed.rowcount, 1)
        store.close()
        unsealed = self.create(node, code=7)
        self.assertEqual(unsealed["code"], "store.damaged")
        reseal(os.path.join(node.state, "nova.db"))
        made = self.create(node)
        problem = self.verify(made["archive"], code=1)
        self.assertEqual(problem["code"], "replay.differs")
        self.assertIn("acme/tenant/acme", problem["detail"])

    def test_what_is_refused(self):
        node = self.node()
        made = self.create(node, target=os.path.join(self.folder, "a.novabackup"))
        other = os.path.join(self.folder, "other.key")
        novactl("backup", "key", other)
        target = os.path.join(self.folder, "elsewhere")
        restore = ("backup", "restore", made["archive"], "--state")
        for what, words, code, name in [
                ("an existing archive", ("backup", "create", made["archive"], "--key-file", self.key, "--state", node.state), 5, "backup.exists"),
                ("another key", restore + (target, "--key-file", other), 2, "backup.wrong_key"),
                ("no key", restore + (target, "--key-file", self.key + "x"), 2, "backup.no_key"),
                ("a folder with something in it", restore + (node.state, "--key-file", self.key), 5, "backup.not_empty"),
                ("a trial", restore + (target, "--key-file", self.key, "--dry-run"), 2, "maintenance.no_dry_run"),
                ("a key for a key", ("backup", "key", self.key), 5, "backup.exists"),
                ("no archive", ("backup", "verify", target, "--key-file", self.key), 6, "backup.not_found"),
                ("no store", ("backup", "create", self.archives, "--key-file", self.key, "--state", target), 6, "store.not_found"),
                ("a file that is none", ("backup", "verify", other, "--key-file", self.key), 2, "backup.not_an_archive")]:
            with self.subTest(what):
                problem = novactl(*words, code=code)
                self.assertEqual(problem["code"], name)
                self.assertTrue(problem.get("remedy"))
        with open(made["archive"], "r+b") as file:
            file.seek(5000)
            byte = file.read(1)
            file.seek(5000)
            file.write(bytes([byte[0] ^ 1]))
        self.assertEqual(novactl(*restore, target, "--key-file", self.key, code=2)["code"], "backup.damaged")
        os.chmod(self.key, 0o644)
        self.assertEqual(novactl(*restore, target, "--key-file", self.key, code=2)["code"], "backup.key_exposed")
        self.assertFalse(os.path.exists(target))
        self.assertFalse(os.path.exists(target + ".restoring"))


    def test_a_full_disk_is_one_error_and_nothing_is_left(self):
        node = self.node()
        node.tenant("acme")
        with open(os.path.join(node.state, "data", "blob"), "wb") as file:
            file.write(os.urandom(3_000_000))
        made = self.create(node)
        small = os.path.join(self.folder, "small")
        os.mkdir(small)
        # The small disk is seen by this command alone, and so is what is left on it.
        script = 'mount -t tmpfs -o size=1m none "$0" && "$@"; code=$?; ls -A "$0" >&2; exit $code'
        if subprocess.run(["unshare", "-m", "sh", "-c", script, small, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("only root may mount a small disk")
        for verb, words in [("create", [small + "/a.novabackup", "--state", node.state]), ("restore", [made["archive"], "--state", small + "/state"]),
                            ("verify", [made["archive"], "--scratch", small])]:
            with self.subTest(verb):
                done = subprocess.run(["unshare", "-m", "sh", "-c", script, small, os.path.join(BIN, "novactl"), "backup", verb, *words,
                                       "--key-file", self.key], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
                self.assertEqual(done.returncode, 7, done.stderr)
                self.assertIn("backup.disk_full", done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)


class Moving(BackupCase):
    def setUp(self):
        super().setUp()
        self.postgres = Postgres()
        self.addCleanup(self.postgres.close)
        self.postgres.start()
        self.on_postgres = {"NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": self.postgres.url()}

    def seal(self, node):
        """Somebody with a session, an address and a second factor's seed: nothing of it is good without what is sealed."""
        with open(os.path.join(node.state, "enrolment.token"), encoding="ascii") as file:
            token = file.read().strip()
        body = {"token": token, "email": "owner@example.org", "username": "owner", "password": PASSWORD, "language": "en"}
        self.assertEqual(201, node.ask("POST", "/api/auth/enrol-owner", body, token=False).status)
        owner = Person(node, "owner@example.org")
        self.assertEqual(200, owner.login().status)
        self.secret = owner.ask("POST", "/api/auth/mfa/totp", {"label": "x"}).json["secret"]
        self.assertEqual(200, owner.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(self.secret, -1)}).status)
        return owner

    def opens(self, node, owner):
        """Everything that was sealed, at a node that was moved or restored."""
        there = Person(node, owner.email)
        there.tokens = owner.tokens
        who = there.ask("GET", "/v1/whoami")
        self.assertEqual((200, owner.email), (who.status, who.json["user"]["state"]["account"]["email"]), who.text)
        answer = Person(node, owner.email).login()
        self.assertEqual("auth.mfa_required", answer.code, answer.text)
        wrong = node.ask("POST", "/api/auth/login/code", {"flow": answer.json["details"]["flow"], "code": "000000"}, token=False)
        self.assertEqual("auth.mfa_failed", wrong.code, wrong.text)  # of a seed that cannot be read it would be 503

    def test_to_postgresql_and_back_with_the_services_running_on(self):
        node = self.node()
        owner = self.seal(node)
        port = free_port()
        self.running(node, "acme", "shop", {"web": node.service(port)})
        pid = node.instance("acme", "web")["state"]["pid"]
        file = os.path.join(node.state, "nova.db")
        busy = novactl("store", "move", "--state", node.state, "--to", self.postgres.url(), code=7)
        self.assertEqual((busy["code"], busy["details"]["pid"]), ("store.locked", str(node.process.pid)))
        self.assertEqual(node.terminate(), 0)

        there = novactl("store", "move", "--state", node.state, "--to", self.postgres.url())
        self.assertTrue(there["source_marked"])
        self.assertIn("kind: postgres", there["configuration"])
        code, said = node.refused_start()
        self.assertEqual(code, 1)
        self.assertIn("store.moved", said)
        node.extra_env = self.on_postgres
        node.start()
        self.assertEqual(node.instance("acme", "web")["state"]["pid"], pid)
        self.opens(node, owner)
        self.assertNotIn("vault.db", os.listdir(node.state))
        node.tenant("on-postgres")
        made = self.create(node, "--node-config", self.config(node))
        self.verify(made["archive"])
        node.terminate()

        back = novactl("store", "move", "--from", self.postgres.url(), "--to", os.path.join(node.state, "back.db"), "--state", node.state)
        self.assertEqual((back["log"], back["position"] > there["position"]), (back["log"], True))
        self.assertIn('path: "back.db"', back["configuration"])
        code, said = node.refused_start()
        self.assertIn("store.moved", said)
        node.extra_env = {"NOVA_STORE_PATH": "back.db"}
        node.start()
        self.assertEqual(node.instance("acme", "web")["state"]["pid"], pid)
        self.assertIn("on-postgres", {item["id"] for item in node.ok("GET", "/v1/tenants")["items"]})
        self.opens(node, owner)
        self.assertIn("vault.db", os.listdir(node.state))
        node.terminate()

        # The first store, on purpose.
        self.assertTrue(novactl("store", "reopen", "--from", file)["reopened"])
        full = novactl("store", "move", "--from", file, "--to", os.path.join(node.state, "back.db"), code=5)
        self.assertEqual(full["code"], "store.not_empty")
        same = novactl("store", "move", "--from", file, "--to", os.path.join(self.folder, "same.db"), "--keep")
        self.assertEqual((same["log"], same["documents"]), (there["log"], there["documents"]))
        node.extra_env = {}
        node.start()
        self.opens(node, owner)

    def config(self, node):
        path = os.path.join(self.folder, "novad.yaml")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"store:\n  kind: postgres\n  url: {json.dumps(self.postgres.url())}\n")
        return path

    def test_a_restore_into_a_database(self):
        node = self.node()
        node.tenant("acme")
        owner = self.seal(node)
        made = self.create(node)
        node.kill()
        state = os.path.join(self.folder, "restored")
        result = novactl("backup", "restore", made["archive"], "--key-file", self.key, "--state", state, "--node-config", self.config(node))
        self.assertEqual(result["documents"], made["documents"])
        fresh = Node(state=state, extra_env=self.on_postgres)
        self.addCleanup(fresh.close)
        fresh.start()
        self.assertIn("acme", {item["id"] for item in fresh.ok("GET", "/v1/tenants")["items"]})
        self.opens(fresh, owner)
        self.assertNotIn("vault.db", os.listdir(state))
        fresh.terminate()
        again = novactl("backup", "restore", made["archive"], "--key-file", self.key, "--state", state + "2", "--node-config", self.config(node), code=5)
        self.assertEqual(again["code"], "store.not_empty")
        self.assertFalse(os.path.exists(state + "2"))

    def empty_schema(self):
        """A schema as a node makes it, with nothing in it."""
        trial = Node(extra_env=self.on_postgres)
        self.addCleanup(shutil.rmtree, trial.own, ignore_errors=True)
        trial.start()
        trial.interrupt()
        self.postgres.sql("TRUNCATE nova.vault_mark, nova.vault_secrets, nova.vault_subjects, nova.events, nova.documents, nova.works, nova.keeps, nova.timers, nova.claims, nova.idempotency, nova.nodes")

    def killed_half_way(self, request):
        """Work on the database that is killed when it waits for a table which somebody else holds."""
        self.empty_schema()
        psql = subprocess.Popen([os.path.join(programs(), "psql"), "-h", self.postgres.folder, "-U", "owner", "-Atq", "postgres"],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            psql.stdin.write("BEGIN; LOCK TABLE nova.claims; SELECT 'held';\n")
            psql.stdin.flush()
            self.assertEqual(psql.stdout.readline().strip(), "held")
            work = subprocess.Popen([os.path.join(BIN, "novad"), "--maintain"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                    env={"PATH": os.environ["PATH"]})
            work.stdin.write(json.dumps(request))
            work.stdin.close()
            wait("the work to wait", lambda: self.postgres.sql("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0")
            work.kill()
            work.wait(PATIENCE)
            work.stdout.close()
        finally:
            psql.communicate("ROLLBACK;\n", timeout=PATIENCE)
        wait("the server to notice", lambda: self.postgres.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0")

    def test_a_move_that_is_killed_leaves_the_source_and_a_target_that_no_node_starts_on(self):
        node = self.node()
        for i in range(40):
            node.tenant(f"tenant-{i}")
        node.terminate()
        self.killed_half_way({"verb": "store.move", "state": node.state, "to": self.postgres.url()})
        node.extra_env = self.on_postgres
        code, said = node.refused_start()
        self.assertEqual(code, 1)
        self.assertIn("store.unfinished", said)
        node.extra_env = {}
        node.start()
        node.tenant("after")
        node.terminate()
        novactl("store", "move", "--state", node.state, "--to", self.postgres.url())
        node.extra_env = self.on_postgres
        node.start()
        self.assertIn("after", {item["id"] for item in node.ok("GET", "/v1/tenants?limit=1000")["items"]})

    def test_a_restore_that_is_killed_leaves_nothing_that_a_node_starts_on(self):
        node = self.node()
        node.tenant("acme")
        made = self.create(node)
        state, config = os.path.join(self.folder, "restored"), self.config(node)
        self.killed_half_way({"verb": "backup.restore", "archive": made["archive"], "key_file": self.key, "state": state, "config": config})
        self.assertFalse(os.path.exists(state))
        fresh = Node(state=state, extra_env=self.on_postgres)
        code, said = fresh.refused_start()
        self.assertEqual(code, 1)
        self.assertIn("store.unfinished", said)
        shutil.rmtree(state)
        novactl("backup", "restore", made["archive"], "--key-file", self.key, "--state", state, "--node-config", config)
        self.addCleanup(fresh.close)
        fresh.start()
        self.assertIn("acme", {item["id"] for item in fresh.ok("GET", "/v1/tenants")["items"]})


if __name__ == "__main__":
    unittest.main()
