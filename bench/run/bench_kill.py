#!/usr/bin/env python3
"""The kill switch during a flood of webhooks: from the command to the last request that begins.

Limit: none begins later than the published bound (docs/kill-switch.md) after the command was sent, in any round.
A receiver notes when each connection comes in; rounds engage and release in turn.

  bench_kill.py [--rounds N] [--endpoints N]
"""
import statistics
import sys
import threading
import time

import peers  # first: it knows where harness is
from harness import Node, wait
from test_webhooks import Receiver

SWITCH = "/v1/kill-switch"
WHY = {"scope": "global", "reason": "a drill", "reason_ar": "x"}


def main():
    chosen = peers.options(sys.argv, rounds=10, endpoints=10)
    limits = peers.Limits("kill")
    peers.say_versions("kill", connections=1)
    begun = []

    def note(_):
        begun.append(time.monotonic())
        return 204

    receiver = Receiver(note)
    node = Node(extra_env={"NOVA_HTTP_ALLOW_PRIVATE": "127.0.0.1/32", "NOVA_LOG_LEVEL": "info"}).start()
    end = threading.Event()
    answers, lasts = [], []
    try:
        node.tenant("t-flood")
        for _ in range(chosen["endpoints"]):
            node.ok("POST", "/v1/tenants/t-flood/webhook_endpoints", {"url": receiver.url, "events": ["SUBSCRIPTION_UPDATED"]})

        def flood():
            number = 0
            while not end.is_set():
                number += 1
                node.ask("POST", "/v1/tenants/t-flood/change_tier", {"tier": ("pro", "basic")[number % 2]})

        thread = threading.Thread(target=flood, daemon=True)
        thread.start()
        for _ in range(chosen["rounds"]):
            seen = len(begun)
            wait("the flood", lambda: len(begun) >= seen + 20)
            sent = time.monotonic()
            node.ok("POST", SWITCH + "/activate", WHY)
            answers.append((time.monotonic() - sent) * 1000)
            bound = node.ok("GET", SWITCH)["bound_ms"]
            # Longer than the bound: whatever would come late has come.
            threading.Event().wait(1.5 * bound / 1000)
            lasts.append((max(begun) - sent) * 1000)
            node.ok("POST", SWITCH + "/deactivate", {"scope": "global"})
        end.set()
        thread.join()
    finally:
        end.set()
        node.close()
        receiver.close()
    peers.table("kill", [{"what": what, "median_ms": statistics.median(values), "worst_ms": max(values), "rounds": chosen["rounds"]}
                         for what, values in (("command to its answer", answers), ("command to the last request that begins", lasts))])
    limits.at_most("ms from the command to the last request that begins : the bound", max(lasts) / bound, 1.0)
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
