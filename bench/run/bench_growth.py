#!/usr/bin/env python3
"""Ten minutes of full load do not grow the node: memory, open files, threads and the log file stay as they are once its caches are full.

64 connections send commands on new and on known entities, refused ones, reads and lists without a pause; once a second the process is looked at.
What counts is the line through all samples after the warm-up (Theil and Sen: the median of all slopes, so that single peaks say nothing):
over the rest of the run it may rise by a part of what was there.

  bench_growth.py [--seconds S] [--warm PART] [--connections N] [--store both|sqlite|postgres] [--tenants N]
                  [--samples PATH]

--warm is the part of the run that is not judged; --samples keeps all samples as PATH-<store>.json.
"""
import json
import os
import statistics
import sys
import threading
import time

import peers  # first: it knows where harness is
from harness import Node
from postgres import Postgres

TENANT, KNOWN = "t-042", "t-known-"
# What a level may rise by between warm-up and end, as a part of the level; and the least that counts as a rise.
RISE_MAX = 0.05
LEAST = {"memory, MiB": 4.0, "open files": 1.0, "threads": 1.0, "log file, MiB": 4.0}


def look(pid, state):
    """The process now: what must not grow, by name."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        words = dict(line.split(":", 1) for line in file if ":" in line)
    seen = {"memory, MiB": int(words["VmRSS"].split()[0]) / 1024, "open files": len(os.listdir(f"/proc/{pid}/fd")), "threads": int(words["Threads"])}
    log = os.path.join(state, "nova.db-wal")
    if os.path.exists(log):
        seen["log file, MiB"] = os.path.getsize(log) / (1 << 20)
    return seen


def slope(times, values):
    """Theil and Sen: the median of the slopes between all pairs, per second."""
    rises = [(values[j] - values[i]) / (times[j] - times[i]) for i in range(len(times)) for j in range(i + 1, len(times)) if times[j] > times[i]]
    return statistics.median(rises) if rises else 0.0


def judge(times, values, warm, least):
    """How much the line through the samples after the warm-up rises until the end, its level at the start, and whether that is a growth."""
    begin = times[0] + (times[-1] - times[0]) * warm
    kept = [(t, v) for t, v in zip(times, values) if t >= begin]
    late, seen = [t for t, _ in kept], [v for _, v in kept]
    rate = slope(late, seen)
    rise = rate * (late[-1] - late[0])
    middle = statistics.median(v - rate * (t - late[0]) for t, v in kept)
    return {"level": middle, "rise": rise, "rise_max": max(least, RISE_MAX * middle), "highest": max(seen), "samples": len(kept)}


class Watch:
    """Looks at a process once a second from a thread of its own."""

    def __init__(self, pid, state, every):
        self.pid, self.state, self.every = pid, state, every
        self.times, self.seen = [], {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._end.wait(self.every):
            try:
                seen = look(self.pid, self.state)
            except (FileNotFoundError, ProcessLookupError):
                return  # it has ended
            self.times.append(time.monotonic())
            for name, value in seen.items():
                self.seen.setdefault(name, []).append(value)

    def stop(self):
        self._end.set()
        self._thread.join(30)


def under_load(chosen, store, env, limits):
    load, watch = peers.Load(), None
    node = Node(extra_env={"NOVA_EDGE_ENABLED": "false", "NOVA_LOG_LEVEL": "info", **env}).start()
    try:
        node.tenant(TENANT)
        for number in range(1, chosen["tenants"] + 1):
            node.tenant(f"{KNOWN}{number}")
        head = int(node.ask("GET", "/v1/tenants?limit=1").headers["Nova-Position"])
        watch = Watch(node.process.pid, node.state, min(1.0, chosen["seconds"] / 20))
        found = load.sent(node.port, chosen["seconds"], chosen["connections"], "mixed.lua",
                          {"tenant": TENANT, "known": KNOWN, "count": chosen["tenants"], "seed": "n", "token": node.token})
        watch.stop()
        events = int(node.ask("GET", "/v1/tenants?limit=1").headers["Nova-Position"]) - head
    finally:
        node.close()
        if chosen["samples"] and watch:
            with open(f"{chosen['samples']}-{store}.json", "w", encoding="ascii") as file:
                json.dump({"seconds": [round(t - watch.times[0], 2) for t in watch.times], **watch.seen}, file)
    print(json.dumps({"bench": "growth", "store": store, "seconds": chosen["seconds"], "requests_per_second": round(found["per_second"]), "events": events,
                      "p99_us": found["p99_us"]}))
    print(f"\n{store}: {found['per_second']:,.0f} requests/s for {chosen['seconds']:.0f} s, {events:,} events")
    print(f"{'':<16} {'warmed up':>12} {'highest':>12} {'rise to the end':>16} {'may rise by':>12}")
    judged = {name: judge(watch.times[:len(values)], values, chosen["warm"], LEAST[name]) for name, values in watch.seen.items()}
    for name, got in judged.items():
        print(f"{name:<16} {got['level']:>12.1f} {got['highest']:>12.1f} {got['rise']:>16.2f} {got['rise_max']:>12.1f}")
    print()
    for name, got in judged.items():
        print(json.dumps({"bench": "growth", "store": store, "what": name, **{k: round(v, 3) for k, v in got.items()}}))
        limits.at_most(f"rise of {name.split(',')[0]} under load : what it may rise by, {store}", got["rise"] / got["rise_max"], 1.0)
    limits.at_most(f"requests that the node failed, {store}", found["failed"], 0)
    if found["failed"]:
        print(found["said"])


def main():
    chosen = peers.options(sys.argv, seconds=600.0, warm=0.4, connections=64, store="both", tenants=2000, samples="")
    limits = peers.Limits("growth")
    peers.say_versions("growth", connections=chosen["connections"])
    for store in ("sqlite", "postgres"):
        if chosen["store"] not in ("both", store):
            continue
        if store == "sqlite":
            under_load(chosen, store, {}, limits)
            continue
        postgres = Postgres()
        try:
            postgres.start()
            under_load(chosen, store, {"NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": postgres.url()}, limits)
        finally:
            postgres.close()
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
