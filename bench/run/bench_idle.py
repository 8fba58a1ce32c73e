#!/usr/bin/env python3
"""100,000 entities that a node knows and that have nothing to do: what they cost in memory, and how long one takes to wake.

  bench_idle.py
"""
import sys

import peers

GROWTH_MIB_MAX, ACTIVATION_MS_MAX = 4.0, 1.0


def main():
    peers.options(sys.argv)
    limits = peers.Limits("idle")
    peers.say_versions("idle")
    row, = peers.rows_of("bench_idle")
    peers.table("idle", [{"what": name.replace("_", " "), "value": row[name]} for name in
                         ("entities", "created_per_second", "empty_mib", "full_mib", "growth_mib", "activation_ms_p50", "activation_ms_p99")])
    limits.at_most("commands that failed, and entities still active", row["failed"] + row["active_after"], 0)
    limits.at_most("MiB grown by 100,000 more entities, all passive", row["growth_mib"], GROWTH_MIB_MAX)
    limits.at_most("ms until one is awake, median", row["activation_ms_p50"], ACTIVATION_MS_MAX)
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
