#!/usr/bin/env python3
"""Twenty services that exit at once in one tenant, with the default backoff: what another tenant's commands notice.

Limit: the other tenant's p99 stays within 2 times of its quiet value (medians of 5 rounds, quiet and loud in turn).
Loud is measured from the moment the storm is applied and ends before the storm does; quiet begins when nothing of the last storm is left.

  bench_neighbours.py [--rounds N] [--commands N]
"""
import statistics
import sys
import time

import peers  # first: it knows where harness is
from harness import Node, wait

FACTOR_MAX = 2.0


def p99_ms(node, label, commands):
    times = []
    for number in range(commands):
        begin = time.perf_counter()
        answer = node.ask("POST", "/v1/tenants/t-quiet/update_settings", {"name": f"{label} {number}"})
        times.append((time.perf_counter() - begin) * 1000)
        if answer.status != 200:
            raise AssertionError(answer.text)
    return statistics.quantiles(times, n=100)[98]


def over(node, name):
    """Given up, and every instance has ended."""
    return node.deployment("t-loud", name)["status"] == "failed" and all(i["status"] in ("stopped", "error") for i in node.instances("t-loud"))


def main():
    chosen = peers.options(sys.argv, rounds=5, commands=2000)
    limits, commands = peers.Limits("neighbours"), chosen["commands"]
    peers.say_versions("neighbours", connections=1)
    node = Node(extra_env={"NOVA_LOG_LEVEL": "info"}).start()  # as it ships
    quiet, loud = [], []
    try:
        node.tenant("t-quiet")
        node.tenant("t-loud", "sovereign")
        storm = {f"s{n:02d}": {"source": node.source(), "run": ["sh", "-c", "exit 3"]} for n in range(20)}
        p99_ms(node, "warm-up", commands)
        for number in range(chosen["rounds"]):
            quiet.append(p99_ms(node, f"quiet {number}", commands))
            node.apply(node.blueprint("t-loud", f"storm{number}", storm))
            loud.append(p99_ms(node, f"loud {number}", commands))
            if node.deployment("t-loud", f"storm{number}")["status"] == "failed":
                raise AssertionError("the storm was over before the commands were")
            wait("the storm to be over", lambda name=f"storm{number}": over(node, name))
    finally:
        node.close()
    before, during = statistics.median(quiet), statistics.median(loud)
    peers.table("neighbours", [{"what": what, "p99_ms": value, "rounds": chosen["rounds"]} for what, value in
                               (("commands of a quiet tenant, alone", before), ("beside 20 services that exit", during))])
    limits.at_most("p99 of a quiet tenant beside 20 services that exit : alone", during / before, FACTOR_MAX)
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
