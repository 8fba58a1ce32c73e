#!/usr/bin/env python3
"""kill -9 of novad under load, again and again: same processes, nothing started twice, no failed request through the stable
port, no acknowledged command lost. Rounds: NOVA_SOAK_ROUNDS (30); seed: NOVA_SOAK_SEED (printed)."""
import collections
import http.client
import os
import random
import sys
import threading
import time

from harness import Node, Poller, alive, free_port, wait


class Load:
    """Commands without a pause, each remembered once it was acknowledged."""

    def __init__(self, node):
        self.node, self.acknowledged, self.end = node, {}, threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,), daemon=True) for n in range(4)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        tenant, count = f"t-load{number}", 0
        while not self.end.is_set():
            count += 1
            try:
                answer = self.node.ask("POST", f"/v1/tenants/{tenant}/update_settings", {"name": f"{count}"})
                if answer.status == 200:
                    self.acknowledged[tenant] = answer.json["version"]
            except (OSError, http.client.HTTPException, ValueError):
                self.end.wait(0.01)

    def stop(self):
        self.end.set()
        for thread in self.threads:
            thread.join(60)


def main():
    rounds = int(os.environ.get("NOVA_SOAK_ROUNDS", "30"))
    seed = int(os.environ.get("NOVA_SOAK_SEED", random.SystemRandom().randrange(1 << 30)))
    rng = random.Random(seed)
    print(f"soak_node_kill: {rounds} rounds, seed {seed}", flush=True)
    node = Node().start()
    failures = []
    try:
        port = free_port()
        node.tenant("t-one")
        for number in range(4):
            node.tenant(f"t-load{number}")
        node.apply(node.blueprint("t-one", "shop", {"web": node.service(port, scale=2), "api": node.service(free_port())}))
        node.wait_deployment("t-one", "shop")
        before = {i["id"]: i["state"]["pid"] for i in node.instances("t-one")}
        poller, load = Poller(port), Load(node)
        for number in range(rounds):
            goal = poller.good + rng.randrange(5, 60)
            wait("the poller", lambda: poller.good >= goal or poller.bad)
            node.kill()
            poller.more(rng.randrange(1, 20))
            node.start()
            wait("health", lambda: node.deployment("t-one", "shop")["state"]["health"] == "healthy")
            now = {i["id"]: i["state"]["pid"] for i in node.instances("t-one")}
            if now != before:
                failures.append(f"round {number}: processes changed: {before} -> {now}")
                before = now
            if not all(alive(pid) for pid in now.values()):
                failures.append(f"round {number}: a process is gone")
            for tenant, version in dict(load.acknowledged).items():
                stored = node.ok("GET", f"/v1/tenants/{tenant}")["version"]
                if stored < version:
                    failures.append(f"round {number}: {tenant} lost version {version}, has {stored}")
        load.stop()
        poller.stop()
        failures += [f"failed request: {bad}" for bad in poller.bad[:10]]
        doubled = [pid for pid, count in collections.Counter(before.values()).items() if count > 1]
        failures += [f"process {pid} serves two instances" for pid in doubled]
        print(f"soak_node_kill: {rounds} kills, {poller.good} requests, {len(poller.bad)} failed, "
              f"{sum(load.acknowledged.values())} commands acknowledged", flush=True)
    finally:
        node.close()
    for failure in failures:
        print("soak_node_kill: " + failure)
    return 1 if failures else 0


if __name__ == "__main__":
    begin = time.monotonic()
    code = main()
    print(f"soak_node_kill: {'failed' if code else 'passed'} in {time.monotonic() - begin:.0f} s, seed above repeats it")
    sys.exit(code)
