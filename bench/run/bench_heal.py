#!/usr/bin/env python3
"""How soon what died works again: a supervised actor beside Erlang's supervisor, a killed native service beside pm2.

A service's own start is measured as fork, exec and first answer of the same program, and taken off.

  bench_heal.py [--rounds N] [--kills N]
"""
import datetime
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import peers
from harness import BIN, Node, free_port, wait

OWN_START_PLUS_MS = 5.0
SETTLED_MS = 1200  # pm2 waits longer for what fails within a second
SERVICE = os.path.join(BIN, "heal_service")


def json_line(command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=300, check=True, **more)
    return json.loads(done.stdout.strip().splitlines()[-1])


def erlang(folder, kills):
    if not shutil.which("erlc"):
        raise peers.Skipped("Erlang is missing (./dev bench installs it)")
    subprocess.run(["erlc", "-o", folder, os.path.join(peers.SCRIPTS, "restart.erl")], check=True, timeout=60)
    return json_line(["erl", "+S", "2:2", "-noshell", "-pa", folder, "-s", "restart", "main", str(kills)])


def supervisors(limits, rounds, folder):
    sides = {"node's supervisor": lambda: json_line([os.path.join(BIN, "heal_restart"), "2000"])}
    try:
        erlang(folder, 10)
        sides["erlang's supervisor"] = lambda: erlang(folder, 2000)
    except peers.Skipped as why:
        print(f"SKIP erlang: {why}")
    found = {name: [] for name in sides}
    for _ in range(rounds):
        for name, once in sides.items():
            found[name].append(once())
    medians = {name: statistics.median(one["p50_us"] for one in rows) for name, rows in found.items()}
    for name, p50 in medians.items():
        print(json.dumps({"bench": "heal", "side": name, "p50_us": p50, "p99_us": statistics.median(one["p99_us"] for one in found[name]), "rounds": rounds}))
    if len(medians) == 2:
        limits.at_most("restart of a supervised actor : Erlang's", medians["node's supervisor"] / medians["erlang's supervisor"], 1.0)


def heal_kill(*words):
    return json_line([os.path.join(BIN, "heal_kill"), *map(str, words)])


class Alone:
    """The service's own start: fork, exec, first answer."""

    def __init__(self, kills):
        self.kills = kills

    def once(self):
        ports = [free_port() for _ in range(self.kills)]
        return [{"answers": heal_kill("start", port, SERVICE, port)["ms"]} for port in ports]

    def close(self):
        pass


class UnderNode:
    """Each service is killed once, under the restart rule that a blueprint has by itself: the first restart comes at once, later ones wait."""

    def __init__(self, kills):
        self.kills, self.rounds, self.node = kills, 0, Node(extra_env={"NOVA_LOG_LEVEL": "info", "NOVA_PROCESS_PORT_RANGE": "20000-20999"}).start()
        self.node.tenant("t-one", "sovereign")

    def once(self):
        """Asked at the ports of the services themselves, not at the edge, as under pm2."""
        self.rounds += 1
        name = f"heal{self.rounds}"
        service = self.node.service(free_port(), scale=self.kills, run=[SERVICE], health={"http": "/"})
        self.node.apply(self.node.blueprint("t-one", name, {"web": service}))
        self.node.wait_deployment("t-one", name)
        found = []
        for instance in [i for i in self.node.instances("t-one") if i["id"].startswith(name + "-")]:
            killed = heal_kill("answers", instance["state"]["port"], SETTLED_MS)
            found.append({"answers": killed["ms"], "known": self.known_ms(instance["id"], killed)})
        return found

    def known_ms(self, instance, killed):
        """From the kill to the driver's report that it is ready again, by the wall clock, in whole milliseconds."""
        def ready():
            state = self.node.ok("GET", "/v1/tenants/t-one/instances/" + instance)["state"]
            return state if state["phase"] == "ready" and state["pid"] == killed["pid"] else None
        since = wait("the node to see it ready", ready)["since"]
        return datetime.datetime.fromisoformat(since.replace("Z", "+00:00")).timestamp() * 1000 - killed["killed_at"]

    def close(self):
        self.node.close()


class UnderPm2:
    def __init__(self, kills, folder):
        self.kills, self.port = kills, free_port()
        env = {**os.environ, "NPM": peers.npm_folder(), "PM2_HOME": folder}
        self.process = subprocess.Popen([peers.node_program(), os.path.join(peers.SCRIPTS, "pm2_heal.mjs"), SERVICE, str(self.port)], env=env,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "up\n":
            self.close()
            raise peers.Skipped("pm2 did not start")

    def once(self):
        return [{"answers": heal_kill("answers", self.port, SETTLED_MS)["ms"]} for _ in range(self.kills)]

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


def services(limits, rounds, kills, folder):
    """Rounds in turn; the median of the rounds' medians."""
    sides = {"own start": Alone(kills), "service under the node": UnderNode(kills)}
    try:
        sides["service under pm2"] = UnderPm2(kills, folder)
    except peers.Skipped as why:
        print(f"SKIP pm2: {why}")
    found = {name: [] for name in sides}
    try:
        for _ in range(rounds):
            for name, side in sides.items():
                found[name].append(side.once())
    finally:
        for side in sides.values():
            side.close()
    medians = {}
    for name, each in found.items():
        for figure in each[0][0]:
            by_round = [statistics.median(one[figure] for one in one_round) for one_round in each]
            worst = max(one[figure] for one_round in each for one in one_round)
            medians[name, figure] = statistics.median(by_round)
            print(json.dumps({"bench": "heal", "side": name, "until": figure, "ms": round(medians[name, figure], 2), "lowest": round(min(by_round), 2),
                              "highest": round(max(by_round), 2), "worst": round(worst, 2), "rounds": rounds, "kills": kills}))
    start, ours, known = medians["own start", "answers"], medians["service under the node", "answers"], medians["service under the node", "known"]
    limits.at_most("killed service answers again, ms beyond its own start", ours - start, OWN_START_PLUS_MS)
    limits.at_most("the node knows that it is ready, ms beyond its own start", known - start, OWN_START_PLUS_MS)
    if ("service under pm2", "answers") in medians:
        limits.at_most("killed service answers again : under pm2", ours / medians["service under pm2", "answers"], 1.0)


def main():
    chosen = peers.options(sys.argv, rounds=5, kills=5)
    limits = peers.Limits("heal")
    with tempfile.TemporaryDirectory(prefix="nova-bench-") as folder:
        supervisors(limits, chosen["rounds"], folder)
        services(limits, chosen["rounds"], chosen["kills"], folder)
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(main())
