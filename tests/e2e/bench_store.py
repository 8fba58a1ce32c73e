#!/usr/bin/env python3
"""Appends without HTTP on PostgreSQL beside emmett and message-db, in turn, on the disk as it is and on a slow one.

The node's side is build/bin/bench_store, which also measures it against raw unnest and the SQLite C API. The peers have the
concurrency that suits them best: 32 connections, message-db with 32 categories and with one.

  bench_store.py [--rounds N] [--seconds S]
"""
import json
import os
import subprocess
import sys

import peers
from harness import BIN
from postgres import Postgres, programs

FACTOR_MIN = 10.0
CONNECTIONS = 32
MODES = {"emmett": "emmett", "message-db, one category": "messagedb", "message-db, 32 categories": "messagedb-32cat", "pg, bare insert": "pg-insert"}


def ours(slow, seconds):
    """bench_store measures both disks by itself; asked for one, it is told by the shim's own variable."""
    env = {**os.environ, **(peers.SLOW_DISK if slow else {})}
    done = subprocess.run([os.path.join(BIN, "bench_store"), "--rounds", "1", "--seconds", str(seconds), "--only", "nova postgres append"],
                          env=env, stdout=subprocess.PIPE, text=True, timeout=600, check=True)
    disk = "sync + 1 ms" if slow else "as it is"
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    row = next(row for row in rows if row["at_once"] == 1000 and row["disk"] == disk)
    return {name: row[name] for name in ("per_second", "p50_us", "p99_us")}


def theirs(mode, postgres, seconds):
    env = {**os.environ, "NPM": peers.npm_folder(), "PGHOST": postgres.folder, "PGUSER": "owner"}
    done = subprocess.run([peers.node_program(), os.path.join(peers.SCRIPTS, "appends.mjs"), mode, str(CONNECTIONS), str(seconds)], env=env,
                          stdout=subprocess.PIPE, text=True, timeout=600, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def prepare(postgres):
    with open(os.path.join(peers.SCRIPTS, "schema.sql"), encoding="utf-8") as file:
        postgres.sql(file.read())
    postgres.sql("CREATE DATABASE emmett")
    folder = os.path.join(peers.npm_folder(), "node_modules", "@eventide", "message-db", "database")
    env = {**os.environ, "PGHOST": postgres.folder, "PGUSER": "owner", "PATH": programs() + ":" + os.environ["PATH"]}
    subprocess.run(["bash", "install.sh"], cwd=folder, env=env, check=True, capture_output=True, timeout=120)


def main():
    chosen = peers.options(__doc__, rounds=5, seconds=2.0)
    sides, limits = peers.Sides("appends", chosen["rounds"]), peers.Limits("appends")
    peers.npm_folder()
    for slow in (False, True):
        postgres = Postgres()
        try:
            postgres.start(peers.SLOW_DISK if slow else {})
            prepare(postgres)
            asked = {name: lambda mode=mode: theirs(mode, postgres, chosen["seconds"]) for name, mode in MODES.items()}
            asked["node, 1000 in flight"] = lambda: ours(slow, chosen["seconds"])
            disk = "sync + 1 ms" if slow else "as it is"
            found = sides.measure(asked, what="appends", disk=disk)
            best = max(found[name]["per_second"] for name in list(MODES)[:3])
            limits.at_least(f"appends: node : the better of emmett and message-db, disk {disk}", found["node, 1000 in flight"]["per_second"] / best, FACTOR_MIN)
        finally:
            postgres.close()
    print(json.dumps({"bench": "appends", "connections": CONNECTIONS, "versions": {name: peers.npm_version(name) for name in
                      ("@event-driven-io/emmett-postgresql", "@eventide/message-db", "pg")}}))
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
