#!/usr/bin/env python3
"""Commands inside the process, without HTTP and disk, beside raw CAF request/then in the same run; what an activated entity costs while it
is idle; how many commands one hot entity takes on a disk whose syncs take a millisecond longer.

build/bin/host_bench, which also holds the limits, measures the sides in turn and gives medians of the rounds.

  bench_host.py [--rounds N] [--seconds S] [--entities N]
"""
import sys

import peers


def main():
    chosen = peers.options(__doc__, rounds=5, seconds=1.0, entities=20_000)
    limits = peers.Limits("host")
    peers.say_versions("host")
    rows = peers.rows_of("host_bench", *(word for name, value in chosen.items() for word in ("--" + name, str(value))))
    peers.table("host", [{"what": row["side"] + (f", {row['at_once']} at once" if "at_once" in row else ""), "rounds": chosen["rounds"],
                          **{name: row[name] for name in ("per_second", "p50_us", "p99_us", "bytes") if name in row}} for row in rows if "side" in row])
    for row in rows:
        if "ratio" in row:
            limits.at_least(row["ratio"], row["value"], row["limit"])
        elif "bytes" in row:
            limits.at_most("bytes of an " + row["side"], row["bytes"], row["limit"])
        elif "limit" in row:
            limits.at_least("a second: " + row["side"], row["per_second"], row["limit"])
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
