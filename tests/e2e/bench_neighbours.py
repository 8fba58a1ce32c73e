"""Twenty services that exit at once in one tenant, with the default backoff: what another tenant's commands notice.

Limit: the other tenant's p99 stays within 2 times of its quiet value (medians of 5 rounds, quiet and loud in turn).
Loud is measured from the moment the storm is applied and ends before the storm does; quiet begins when nothing of the last storm is left."""
import json
import statistics
import sys
import time

from harness import Node, wait

ROUNDS, COMMANDS, FACTOR_MAX = 5, 2000, 2.0


def p99_ms(node, label):
    times = []
    for number in range(COMMANDS):
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
    node = Node(extra_env={"NOVA_LOG_LEVEL": "info"}).start()  # as it ships
    quiet, loud = [], []
    try:
        node.tenant("t-quiet")
        node.tenant("t-loud")
        storm = {f"s{n:02d}": {"source": node.source(), "run": ["sh", "-c", "exit 3"]} for n in range(20)}
        p99_ms(node, "warm-up")
        for number in range(ROUNDS):
            quiet.append(p99_ms(node, f"quiet {number}"))
            node.apply(node.blueprint("t-loud", f"storm{number}", storm))
            loud.append(p99_ms(node, f"loud {number}"))
            if node.deployment("t-loud", f"storm{number}")["status"] == "failed":
                raise AssertionError("the storm was over before the commands were")
            wait("the storm to be over", lambda name=f"storm{number}": over(node, name))
    finally:
        node.close()
    before, during = statistics.median(quiet), statistics.median(loud)
    factor = during / before
    print(f"{'commands of a quiet tenant':34} {'p99':>12} {'limit':>12}")
    print(f"{'alone':34} {before:9.2f} ms")
    print(f"{'beside 20 services that exit':34} {during:9.2f} ms {before * FACTOR_MAX:9.2f} ms")
    print(json.dumps({"bench": "neighbours", "quiet_p99_ms": quiet, "loud_p99_ms": loud, "factor": round(factor, 3), "factor_max": FACTOR_MAX}))
    return 0 if factor <= FACTOR_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
