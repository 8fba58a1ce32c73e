#!/usr/bin/env python3
"""Commands inside the process, without HTTP and disk, beside raw CAF request/then in the same run; what an activated entity costs while it
is idle; how many commands one hot entity takes on a disk whose syncs take a millisecond longer.

build/bin/bench_host, which also holds the limits, measures the sides in turn and gives medians of the rounds.

  bench_host.py [--rounds N] [--seconds S] [--entities N]
"""
import sys

import peers


def load_of(row, what):
    """The name of a row with the load under which it was measured."""
    return row[what] + "".join(f", {row[name]} {words}" for name, words in (("at_once", "at once"), ("partners", "partners"), ("policy", "scheduler"), ("threads", "threads")) if name in row)


def main():
    chosen = peers.options(sys.argv, rounds=5, seconds=1.0, entities=20_000)
    limits = peers.Limits("host")
    peers.say_versions("host")
    rows = peers.rows_of("bench_host", *(word for name, value in chosen.items() for word in ("--" + name, str(value))))
    numbers = ("per_second", "p50_us", "p99_us", "cpu_us", "bytes")
    peers.table("host", [{"what": load_of(row, "side"), "rounds": chosen["rounds"], **{name: row[name] for name in numbers if name in row}} for row in rows if "side" in row])
    for row in rows:
        if "ratio" in row:
            limits.at_least(load_of(row, "ratio"), row["value"], row["limit"])
        elif "bytes" in row:
            limits.at_most("bytes of an " + row["side"], row["bytes"], row["limit"])
        elif "limit" in row:
            limits.at_least("a second: " + row["side"], row["per_second"], row["limit"])
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
