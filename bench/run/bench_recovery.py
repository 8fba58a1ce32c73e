#!/usr/bin/env python3
"""A node that starts on a long log: ready in how long, and the whole log replayed and folded beside plain C++.

  bench_recovery.py [--entities N] [--events N] [--rounds N]
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import peers  # first: it knows where harness is
from harness import BIN, Node, wait

READY_SECONDS_MAX, REPLAY_FACTOR_MAX = 1.0, 2.0


def ready_seconds(folder):
    node = Node(state=folder, extra_env={"NOVA_EDGE_ENABLED": "false", "NOVA_LOG_LEVEL": "info"})
    begin = time.perf_counter()
    node.start()
    try:
        wait("readiness", lambda: node.ask("GET", "/readyz", token=False).status == 200)
        return time.perf_counter() - begin
    finally:
        node.interrupt()


def main():
    chosen = peers.options(sys.argv, entities=100_000, events=10, rounds=5)
    limits = peers.Limits("recovery")
    peers.say_versions("recovery")
    folder = tempfile.mkdtemp(prefix="nova-bench-")
    try:
        done = subprocess.run([os.path.join(BIN, "recovery_bench"), folder, str(chosen["entities"]), str(chosen["events"]), str(chosen["rounds"])],
                              stdout=subprocess.PIPE, text=True, timeout=1800, check=True)
        replay = json.loads(done.stdout.strip().splitlines()[-1])
        ready = statistics.median(ready_seconds(folder) for _ in range(chosen["rounds"]))
        peers.table("recovery", [{"what": what, "seconds": seconds, "events": replay["events"], "entities": replay["entities"], "rounds": chosen["rounds"]} for what, seconds in
                                 (("a node on this log is ready", ready), ("replay and fold by the node", replay["replay_seconds"]), ("the same by plain C++", replay["plain_seconds"]))])
        limits.at_most("seconds until a node on this log is ready", ready, READY_SECONDS_MAX)
        limits.at_most("replay and fold : plain C++ on the same payloads", replay["replay_seconds"] / replay["plain_seconds"], REPLAY_FACTOR_MAX)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
