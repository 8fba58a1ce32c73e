#!/usr/bin/env python3
"""The policy bench: our engine, and beside it cedar-wasm and casbin from npm on the same requests in the same run.

Without npm, node or a registry the others are left out, and that is said. Each engine has one thread.

  bench_policy.py [--rounds N]
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import peers

BENCH = os.path.join(peers.BENCH, "policy")
DECISIONS_MIN, P99_US_MAX = 1_000_000, 5.0  # in memory
RATIO_MIN = 30  # our decisions to cedar-wasm's, both with entities as JSON on every call


def measured(command, **options):
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, **options)
    return run.returncode, [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def install(folder):
    """Whether the other engines are there."""
    npm = shutil.which("npm")
    if not shutil.which("node") or not npm or os.environ.get("NOVA_BENCH_PEERS") == "no":
        print("SKIP cedar-wasm and casbin: node or npm is missing")
        return False
    for name in ("package.json", "package-lock.json", "others.cjs"):
        shutil.copy(os.path.join(BENCH, name), folder)
    if subprocess.run([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder, timeout=300, check=False).returncode != 0:
        print("SKIP cedar-wasm and casbin: npm could not install them")
        return False
    return True


def medians(rows):
    """One row for each engine, number of policies and form of entities."""
    found = {}
    for row in rows:
        found.setdefault((row["policies"], row["engine"], row.get("entities", "")), []).append(row)
    return [{**same[0], **{name: statistics.median(row[name] for row in same) for name in ("decisions_per_second", "p50_us", "p99_us")},
             "wrong": sum(row.get("wrong", 0) for row in same), "rounds": len(same)} for _, same in sorted(found.items())]


def main():
    chosen = peers.options(sys.argv, rounds=5)
    limits = peers.Limits("policy")
    status, rows = 0, []
    with tempfile.TemporaryDirectory() as folder:
        others = install(folder)
        peers.say_versions("policy", nodejs=peers.output_of("node", "--version") if others else "none")
        for _ in range(chosen["rounds"]):
            code, ours = measured([os.path.join(peers.BIN, "policy_bench"), "--export", folder], timeout=600)
            status |= code
            rows += ours
            if others:
                rows += measured(["node", "others.cjs", folder], cwd=folder, timeout=600)[1]
    rows = medians(rows)
    peers.table("policy", [{"what": row["engine"] + (f", entities {row['entities']}" if "entities" in row else ""),
                            **{name: row[name] for name in ("policies", "decisions_per_second", "p50_us", "p99_us", "rounds")}} for row in rows])
    wasm = {row["policies"]: row for row in rows if row["engine"] == "cedar-wasm"}
    for row in rows:
        if row.get("entities") == "as JSON" and row["policies"] in wasm:
            limits.at_least(f"decisions with {row['policies']} policies, entities as JSON : cedar-wasm",
                            row["decisions_per_second"] / wasm[row["policies"]]["decisions_per_second"], RATIO_MIN)
    for row in rows:
        if row.get("entities") == "in memory":
            limits.at_least(f"decisions a second with {row['policies']} policies, entities in memory", row["decisions_per_second"], DECISIONS_MIN)
            limits.at_most(f"p99 with {row['policies']} policies, entities in memory, us", row["p99_us"], P99_US_MAX)
    for row in wasm.values():
        limits.at_most(f"answers that differ from cedar-wasm's, {row['policies']} policies", row["wrong"], 0)
    if status:
        print("policy_bench: answers differ, or decisions allocate (see above)")
    return limits.exit_code() or status


if __name__ == "__main__":
    sys.exit(peers.run(main))
