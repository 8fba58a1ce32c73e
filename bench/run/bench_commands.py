#!/usr/bin/env python3
"""Governed durable commands over HTTP: parse, gate, decide, event and document, fsync, answer; and reads of one document.

Each command goes to an entity of its own: one event row and one document row, as at every peer. Sides in one run, round by round:
the node on SQLite and on PostgreSQL; a bare server that does the same writes with nothing behind the request (`raw`: the same bytes in
rows and answers; `raw, peers' rows`: as in the figures of other days); Express and Fastify with pg, a look-up and an insert a request.
All of it again on a disk whose syncs take a millisecond longer.

  bench_commands.py [--rounds N] [--seconds S] [--connections N] [--disk both|fast|slow] [--pool N] [--reads N]
"""
import json
import os
import subprocess
import sys

import peers  # first: it knows where harness is
from harness import BIN, Node, free_port
from postgres import Postgres

TENANT = "t-042"
NAME = "x" * 179
COMMAND = json.dumps({"kind": "local", "type": "primary", "name": NAME}, separators=(",", ":"))
PEERS_BODY = json.dumps({"type": "StepCompleted", "data": {"step": "build", "status": "completed", "attempt": 1, "actor": "agent-17", "tenant": TENANT,
                                                           "durationMs": 1234, "inputs": ["a1b2c3", "d4e5f6"], "note": "x" * 48}}, separators=(",", ":"))
POOLS = (4, 10, 20)


class Nova:
    """A node, and the load on it."""

    def __init__(self, env, store, number):
        self.node = Node(extra_env={"NOVA_EDGE_ENABLED": "false", "NOVA_LOG_LEVEL": "info", **env, **store})
        self.seed = 0
        self.number = number
        self.node.start()
        self.node.tenant(TENANT)

    def words(self, **more):
        self.seed += 1
        return {"path": f"/v1/tenants/{TENANT}/providers/%s/add", "seed": f"n{self.number}-{self.seed}", "body": COMMAND, "token": self.node.token, **more}

    def fill(self, load, count):
        """Entities r1 to r`count`, for reads."""
        for number in range(1, count + 1):
            self.node.ok("POST", f"/v1/tenants/{TENANT}/providers/r{number}/add", {"kind": "local", "name": NAME})

    def bytes(self):
        """Of the rows and the answer of one command: meta, document, answer with its header."""
        answer = self.node.ask("POST", f"/v1/tenants/{TENANT}/providers/sizes/add", COMMAND.encode())
        event = self.node.events(TENANT, "providers", "sizes")[0]
        item = self.node.ok("GET", f"/v1/tenants/{TENANT}/providers/sizes")
        size = lambda value: len(json.dumps(value, separators=(",", ":")))
        head = sum(len(k) + len(v) + 4 for k, v in answer.headers.items()) + len("HTTP/1.1 200 OK\r\n\r\n")
        return size(event["meta"]) + size(event["data"]) + len(event["id"]) + len(event["type"]) - len(COMMAND), size(item["state"]), head + len(answer.text)

    def close(self):
        self.node.close()


def peer_words():
    return {"path": "/events", "seed": "p", "body": PEERS_BODY, "token": "0" * 43}


class NodePeer:
    """Express or Fastify on the benches' own PostgreSQL."""

    def __init__(self, kind, postgres, pool, env):
        self.port = free_port()
        words = {"NPM": peers.npm_folder(), "POOL": str(pool), "PGHOST": postgres.folder, "PGUSER": "owner", "PGDATABASE": "postgres", **env}
        self.child = peers.Child([peers.node_program(), os.path.join(peers.SCRIPTS, "http_server.mjs"), kind, str(self.port)], env=words,
                                 ready=peers.listening(self.port), what=kind)

    def close(self):
        self.child.close()


def prepare(postgres):
    with open(os.path.join(peers.SCRIPTS, "schema.sql"), encoding="utf-8") as file:
        postgres.sql(file.read())


def best_pool(load, postgres, given, seconds, connections):
    if given:
        return given
    rates = {}
    for pool in POOLS:
        fastify = NodePeer("fastify", postgres, pool, {})
        try:
            load.run(fastify.port, 1, connections, "load.lua", peer_words())
            rates[pool] = load.run(fastify.port, seconds, connections, "load.lua", peer_words())["per_second"]
        finally:
            fastify.close()
    print(json.dumps({"bench": "commands", "fastify_pools": {str(k): round(v) for k, v in rates.items()}}))
    return max(rates, key=rates.get)


class Run:
    def __init__(self, chosen):
        self.chosen, self.load = chosen, peers.Load()
        self.sides, self.limits = peers.Sides("commands", chosen["rounds"]), peers.Limits("commands")
        self.open = []

    def keep(self, what):
        self.open.append(what)
        return what

    def close(self):
        for what in reversed(self.open):
            what.close()
        self.open = []

    def side(self, server, port, words, script="load.lua"):
        """`server` is the process behind the port; what a database spends beside it is not counted."""
        def once():
            before = peers.processor_us(server.pid)
            found = self.load.run(port, self.chosen["seconds"], self.chosen["connections"], script, words())
            requests = max(1.0, found["per_second"] * max(1, int(self.chosen["seconds"])))
            return {**found, "cpu_us": (peers.processor_us(server.pid) - before) / requests}
        return once

    def disk(self, name, env):
        """Everything on one disk."""
        postgres = self.keep(Postgres())
        postgres.start(env)
        prepare(postgres)
        sqlite = self.keep(Nova(env, {}, 1))
        database = self.keep(Nova(env, {"NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": postgres.url()}, 2))
        sizes = sqlite.bytes()
        sides = {"node, sqlite": self.side(sqlite.node.process, sqlite.node.port, sqlite.words),
                 "node, sqlite, idempotency key": self.side(sqlite.node.process, sqlite.node.port, lambda: sqlite.words(key=1))}
        for label, kind, bytes_ in (("raw, sqlite", "sqlite", sizes), ("raw, sqlite, peers' rows", "sqlite", ())):
            server, port = self.raw(kind, None, bytes_, env)
            sides[label] = self.side(server, port, peer_words)
        sides["node, postgres"] = self.side(database.node.process, database.node.port, database.words)
        sides["node, postgres, idempotency key"] = self.side(database.node.process, database.node.port, lambda: database.words(key=1))
        for label, bytes_ in (("raw, postgres", sizes), ("raw, postgres, peers' rows", ())):
            server, port = self.raw("postgres", postgres, bytes_, env)
            sides[label] = self.side(server, port, peer_words)
        pool = self.node_peers(sides, postgres, env)
        for one in sides.values():  # caches, JIT, pools
            one()
        print(json.dumps({"bench": "commands", "connections": self.chosen["connections"], "disk": name, "load": self.load.version, "pool": pool,
                          "row_bytes": dict(zip(("event", "document", "answer"), sizes)), "body_bytes": {"node": len(COMMAND), "peers": len(PEERS_BODY)}}))
        found = self.sides.measure(sides, what="commands", disk=name)
        self.judge(found, name)
        if env == {} and self.chosen["reads"]:
            self.reads(sqlite, database)

    def raw(self, kind, postgres, bytes_, env):
        folder = self.keep(peers.Folder())
        place = folder.path
        if postgres:
            postgres.sql(f"CREATE DATABASE raw{len(self.open)}")
            place = postgres.url().replace("///postgres", f"///raw{len(self.open)}")
        port = free_port()
        raw = self.keep(peers.Child([os.path.join(BIN, "raw_http"), kind, str(port), place, *map(str, bytes_)], env=env, what="the bare server",
                                    ready=peers.listening(port)))
        return raw.process, port

    def node_peers(self, sides, postgres, env):
        """Express and Fastify as sides; the pool they have."""
        self.fastify = None
        try:
            pool = best_pool(self.load, postgres, self.chosen["pool"], self.chosen["seconds"], self.chosen["connections"])
            for kind in ("fastify", "express"):
                peer = self.keep(NodePeer(kind, postgres, pool, {}))
                sides[f"{kind} + pg"] = self.side(peer.child.process, peer.port, peer_words)
                if kind == "fastify":
                    self.fastify = peer
            return pool
        except peers.Skipped as why:
            print(f"SKIP express and fastify: {why}")
            return 0

    def judge(self, found, disk):
        slow = disk != "as it is"
        for store in ("sqlite", "postgres"):
            ours = found[f"node, {store}"]
            self.limits.at_least(f"node : raw for the same bytes, {store}, disk {disk}", ours["per_second"] / found[f"raw, {store}"]["per_second"], 0.6)
            self.limits.at_most(f"p99 of node : raw, {store}, disk {disk}", ours["p99_us"] / found[f"raw, {store}"]["p99_us"], 1.0)
            if "fastify + pg" not in found:
                continue
            fastify, express = found["fastify + pg"], found["express + pg"]
            self.limits.at_least(f"node : fastify + pg, {store}, disk {disk}", ours["per_second"] / fastify["per_second"], 1.0, aim=4.0 if slow else 3.0)
            self.limits.at_most(f"p99 of node : fastify + pg, {store}, disk {disk}", ours["p99_us"] / fastify["p99_us"], 1.0)
            if not slow:
                self.limits.at_least(f"node : express + pg, {store}, disk {disk}", ours["per_second"] / express["per_second"], 1.0, aim=6.0)

    def reads(self, sqlite, database):
        """One document by its id, among many."""
        count = self.chosen["reads"]
        sides = {}
        for name, nova in (("node, sqlite", sqlite), ("node, postgres", database)):
            nova.fill(self.load, count)
            sides[name] = self.side(nova.node.process, nova.node.port, lambda nova=nova: {"path": f"/v1/tenants/{TENANT}/providers/%s", "seed": "r", "count": count,
                                                                        "token": nova.node.token}, "read.lua")
        if self.fastify:
            sides["fastify + pg"] = self.side(self.fastify.child.process, self.fastify.port, lambda: {"path": "/events/%s", "seed": "", "count": count, "token": "0" * 43}, "read.lua")
        for one in sides.values():
            one()
        found = self.sides.measure(sides, what="reads by id", disk="as it is")
        if self.fastify:
            for store in ("sqlite", "postgres"):
                ratio = found[f"node, {store}"]["per_second"] / found["fastify + pg"]["per_second"]
                self.limits.at_least(f"reads: node : fastify + pg, {store}", ratio, 2.0)


def main():
    chosen = peers.options(sys.argv, rounds=5, seconds=2.0, connections=64, disk="both", pool=0, reads=10_000)
    run = Run(chosen)
    peers.say_versions("commands", "express", "fastify", "pg", "zod", load=run.load.version, connections=chosen["connections"])
    for name, env in (("as it is", {}), ("sync + 1 ms", peers.SLOW_DISK)):
        if chosen["disk"] not in ("both", "slow" if env else "fast"):
            continue
        try:
            run.disk(name, env)
        finally:
            run.close()
    return run.limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
