#!/usr/bin/env python3
"""What a request pays for being judged: token, status, session, role, key scope and the gate's rules of roles, in one thread and without HTTP.

  bench_auth.py [--questions N]
"""
import sys

import peers

MEDIAN_US_MAX = 30.0


def main():
    chosen = peers.options(sys.argv, questions=100_000)
    limits = peers.Limits("auth")
    peers.say_versions("auth")
    rows = peers.rows_of("auth_bench", "--questions", str(chosen["questions"]))
    peers.table("auth", rows)
    for row in rows:
        if "first" in row["what"]:
            limits.told(f"{row['what']}, median us", row["p50_us"])
        else:
            limits.at_most(f"{row['what']}, median us", row["p50_us"], MEDIAN_US_MAX)
        refused = row["refused"] if "refused" not in row["what"] else row["questions"] - row["refused"]
        limits.at_most(f"{row['what']}: answers that were wrong", refused, 0)
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
