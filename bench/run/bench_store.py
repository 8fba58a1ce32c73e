#!/usr/bin/env python3
"""Durable appends without HTTP on both stores, beside the raw limits of their databases and beside other event stores, in turn.

The stores' sides and the raw ones are build/bin/store_bench: the port of the store with so many appends in flight; the SQLite C API and one libpq
connection with unnest or COPY, with as many rows in each transaction (the event alone, or the same two rows). Peers from npm: better-sqlite3
with the same batches; emmett and message-db with as many connections as suit them best (found at the beginning of a run, for each disk).
All of it again on a disk whose syncs take a millisecond longer.

  bench_store.py [--rounds N] [--seconds S] [--disk both|fast|slow] [--only TEXT+TEXT] [--connections N]

--only measures the sides whose name holds one of the texts. --connections is the peers'; 0 finds the best.
"""
import functools
import json
import os
import subprocess
import sys

import peers  # first: it knows where harness is
from harness import BIN
from postgres import Postgres, programs

PEERS_FACTOR_MIN, RAW_SHARE_MIN = 10.0, 0.75
# How many are in flight. The known figures of the raw limit begin with batches of 32; with one at a time a store has a thread to wake
# between each two commits, which is told and not judged.
POSTGRES_AT_ONCE, JUDGED, SQLITE_AT_ONCE, COPY_BATCHES = (1, 32, 100, 1000), (32, 100, 1000), (1, 100, 1000), (100, 1000, 10_000)
MODES = {"emmett": "emmett", "message-db, one category": "messagedb", "message-db, 32 categories": "messagedb-32cat", "pg, bare insert": "pg-insert"}
CONNECTIONS = (8, 32, 64)


def row_of(command, env):
    done = subprocess.run(command, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True, timeout=600, check=True)
    row = json.loads(done.stdout.strip().splitlines()[-1])
    return {name: row[name] for name in ("per_second", "p50_us", "p99_us", "cpu_us") if name in row}


class Disk:
    """Everything on one disk. The databases are the server's own, one for each measurement."""

    def __init__(self, slow, seconds):
        self.env, self.seconds, self.number = peers.SLOW_DISK if slow else {}, seconds, 0
        self.postgres = Postgres()
        self.postgres.start(self.env)

    def close(self):
        self.postgres.close()

    def on_sqlite(self, *command):
        folder = peers.Folder()
        try:
            return row_of([*command, str(self.seconds), folder.path], {**self.env, **self.npm()})
        finally:
            folder.close()

    def on_postgres(self, side, at_once):
        self.number += 1
        name = f"bench{self.number}"
        self.postgres.sql("CHECKPOINT")
        self.postgres.sql(f"CREATE DATABASE {name}")
        try:
            return row_of([os.path.join(BIN, "store_bench"), side, str(at_once), str(self.seconds), self.postgres.url().replace("///postgres", "///" + name)], {})
        finally:
            self.postgres.sql(f"DROP DATABASE {name}")

    def peer(self, mode, connections, seconds=None):
        env = {**self.npm(), "PGHOST": self.postgres.folder, "PGUSER": "owner"}
        return row_of([peers.node_program(), os.path.join(peers.SCRIPTS, "appends.mjs"), mode, str(connections), str(seconds or self.seconds)], env)

    @staticmethod
    def npm():
        try:
            return {"NPM": peers.npm_folder()}
        except peers.Skipped:
            return {}

    def prepare_peers(self):
        peers.npm_folder()
        with open(os.path.join(peers.SCRIPTS, "schema.sql"), encoding="utf-8") as file:
            self.postgres.sql(file.read())
        self.postgres.sql("CREATE DATABASE emmett")
        folder = os.path.join(peers.npm_folder(), "node_modules", "@eventide", "message-db", "database")
        env = {**os.environ, "PGHOST": self.postgres.folder, "PGUSER": "owner", "PATH": programs() + ":" + os.environ["PATH"]}
        subprocess.run(["bash", "install.sh"], cwd=folder, env=env, check=True, capture_output=True, timeout=120)


def label(name, number, unit):
    return f"{name}, {number:,} {unit}"


def own_sides(disk):
    sides, program = {}, os.path.join(BIN, "store_bench")
    for n in SQLITE_AT_ONCE:
        sides[label("nova sqlite append", n, "in flight")] = functools.partial(disk.on_sqlite, program, "nova sqlite append", str(n))
        for name in ("raw sqlite event", "raw sqlite event and document"):
            sides[label(name, n, "a batch")] = functools.partial(disk.on_sqlite, program, name, str(n))
        for name in ("event", "event and document"):
            sides[label("better-sqlite3 " + name, n, "a batch")] = functools.partial(
                lambda name, n: disk.on_sqlite(peers.node_program(), os.path.join(peers.SCRIPTS, "sqlite.mjs"), name.replace(" ", "-"), str(n)), name, n)
    for n in POSTGRES_AT_ONCE:
        sides[label("nova postgres append", n, "in flight")] = functools.partial(disk.on_postgres, "nova postgres append", n)
        for name in ("raw unnest event", "raw unnest event and document"):
            sides[label(name, n, "a batch")] = functools.partial(disk.on_postgres, name, n)
    for n in COPY_BATCHES:
        for name in ("raw copy event", "raw copy event and document"):
            sides[label(name, n, "a batch")] = functools.partial(disk.on_postgres, name, n)
    sides["nova sqlite document, by id"] = functools.partial(disk.on_sqlite, program, "nova sqlite document", "1")
    sides["nova postgres document, by id"] = functools.partial(disk.on_postgres, "nova postgres document", 1)
    return sides


def best_connections(disk, mode, given):
    if given:
        return given
    rates = {n: disk.peer(mode, n, min(1.0, disk.seconds))["per_second"] for n in CONNECTIONS}
    return max(rates, key=rates.get)


def peers_sides(disk, wanted, given):
    names = [name for name in MODES if wanted(name)]
    if not names:
        return {}
    disk.prepare_peers()
    sides = {}
    for name in names:
        connections = best_connections(disk, MODES[name], given)
        sides[label(name, connections, "connections")] = functools.partial(disk.peer, MODES[name], connections)
    return sides


def judge(found, limits, disk):
    rate = lambda name: found[name]["per_second"] if name in found else None
    for store, raw, counts in (("sqlite", "raw sqlite event and document", SQLITE_AT_ONCE), ("postgres", "raw unnest event and document", POSTGRES_AT_ONCE)):
        for n in counts:
            ours, theirs = rate(label(f"nova {store} append", n, "in flight")), rate(label(raw, n, "a batch"))
            if ours and theirs:
                judged = store == "postgres" and n in JUDGED
                say = limits.at_least if judged else limits.told
                say(f"appends: node : {raw}, {n:,} at once, disk {disk}", ours / theirs, *([RAW_SHARE_MIN] if judged else []))
    theirs = [row["per_second"] for name, row in found.items() if name.startswith(("emmett", "message-db"))]
    ours = rate(label("nova postgres append", 1000, "in flight"))
    if theirs and ours:
        limits.at_least(f"appends: node, 1,000 in flight : the better of emmett and message-db, disk {disk}", ours / max(theirs), PEERS_FACTOR_MIN)
    ours = rate(label("nova sqlite append", 1000, "in flight"))
    theirs = rate(label("better-sqlite3 event and document", 1000, "a batch"))
    if ours and theirs:
        limits.told(f"appends: node : better-sqlite3 event and document, 1,000 at once, disk {disk}", ours / theirs)


def main():
    chosen = peers.options(sys.argv, rounds=5, seconds=1.0, disk="both", only="", connections=0)
    wanted = lambda name: any(text in name for text in chosen["only"].split("+"))
    sides, limits = peers.Sides("store", chosen["rounds"]), peers.Limits("store")
    peers.say_versions("store", "better-sqlite3", "@event-driven-io/emmett-postgresql", "@eventide/message-db", "pg")
    for slow in (False, True):
        if chosen["disk"] not in ("both", "slow" if slow else "fast"):
            continue
        disk = Disk(slow, chosen["seconds"])
        try:
            asked = {name: once for name, once in own_sides(disk).items() if wanted(name)}
            try:
                peers.npm_folder()
                asked.update(peers_sides(disk, wanted, chosen["connections"]))
            except peers.Skipped as why:
                print(f"SKIP emmett, message-db, better-sqlite3: {why}")
                asked = {name: once for name, once in asked.items() if not name.startswith("better-sqlite3")}
            name = "sync + 1 ms" if slow else "as it is"
            judge(sides.measure(asked, what="appends", disk=name), limits, name)
        finally:
            disk.close()
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
