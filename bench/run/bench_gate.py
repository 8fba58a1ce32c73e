#!/usr/bin/env python3
"""The gate bench: what the gate adds to a command with the shipped constitution, and beside it cedar-wasm and casbin from npm on the same policies and requests.

Without npm, node or a registry the others are left out, and that is said. Each engine has one thread.

  bench_gate.py [--rounds N]
"""
import os
import shutil
import statistics
import sys
import tempfile

import peers
from bench_policy import install, measured

HERE = os.path.join(peers.BENCH, "gate")
ADDED_US_MAX = 20.0


def main():
    chosen = peers.options(sys.argv, rounds=5)
    limits = peers.Limits("gate")
    status, rows = 0, []
    with tempfile.TemporaryDirectory() as folder:
        others = install(folder)
        shutil.copy(os.path.join(HERE, "others.cjs"), folder)
        peers.say_versions("gate", nodejs=peers.output_of("node", "--version") if others else "none")
        for _ in range(chosen["rounds"]):
            code, ours = measured([os.path.join(peers.BIN, "gate_bench"), "--export", folder], timeout=300)
            status |= code
            rows += ours
            if others:
                rows += measured(["node", "others.cjs", folder], cwd=folder, timeout=300)[1]
    engines = {}
    for row in rows:
        engines.setdefault(row["engine"], []).append(row)
    peers.table("gate", [{"what": engine, **{name: statistics.median(row[name] for row in same) for name in ("p50_us", "p99_us")}, "rounds": len(same)}
                         for engine, same in engines.items()])
    ours = engines.get("webnova gate", [])
    if ours:
        limits.at_most("the gate with the shipped constitution adds, us (median)", statistics.median(row["added_us"] for row in ours), ADDED_US_MAX)
    if "cedar-wasm" in engines:
        limits.at_most("answers that differ from cedar-wasm's", max(row["wrong"] for row in engines["cedar-wasm"]), 0)
    return limits.exit_code() or status


if __name__ == "__main__":
    sys.exit(peers.run(main))
