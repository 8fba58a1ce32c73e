#!/usr/bin/env python3
"""The policy bench: our engine, and beside it cedar-wasm and casbin from npm on the same requests in the same run.

Without npm, node or a registry the others are left out, and that is said.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.path.join(HERE, "..", "..", "bench", "policy")
RATIO_MIN = 30  # our decisions to cedar-wasm's, both with entities as JSON on every call


def measured(command, **options):
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, **options)
    return run.returncode, [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def other_engines(folder):
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        print("node or npm is missing: cedar-wasm and casbin are left out")
        return []
    for name in ("package.json", "package-lock.json", "others.cjs"):
        shutil.copy(os.path.join(BENCH, name), folder)
    if subprocess.run([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder, timeout=300).returncode != 0:
        print("npm could not install cedar-wasm and casbin: they are left out")
        return []
    return measured([node, "others.cjs", folder], cwd=folder, timeout=600)[1]


def main():
    program = os.path.join(os.environ["NOVA_BIN_DIR"], "policy_bench")
    with tempfile.TemporaryDirectory() as folder:
        status, rows = measured([program, "--export", folder], timeout=600)
        rows += other_engines(folder)
    wasm = {row["policies"]: row for row in rows if row["engine"] == "cedar-wasm"}
    print(f"{'engine':<24}{'policies':>9}{'decisions/s':>13}{'p50 us':>10}{'p99 us':>10}")
    for row in sorted(rows, key=lambda r: (r["policies"], r["engine"], r.get("entities", ""))):
        name = row["engine"] + (f" ({row['entities']})" if "entities" in row else "")
        print(f"{name:<24}{row['policies']:>9}{row['decisions_per_second']:>13,}{row['p50_us']:>10.2f}{row['p99_us']:>10.2f}")
    for row in rows:
        if row.get("entities") == "as JSON" and row["policies"] in wasm:
            ratio = row["decisions_per_second"] / wasm[row["policies"]]["decisions_per_second"]
            print(f"{row['policies']} policies, entities as JSON: {ratio:.0f} times cedar-wasm")
            if ratio < RATIO_MIN:
                print(f"bench_policy: less than {RATIO_MIN} times cedar-wasm", file=sys.stderr)
                status = 1
    for row in wasm.values():
        if row["wrong"]:
            print(f"bench_policy: {row['wrong']} answers differ from cedar-wasm's with {row['policies']} policies", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
