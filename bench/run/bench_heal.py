#!/usr/bin/env python3
"""How soon what died works again: a supervised actor beside Erlang's supervisor, a killed native service beside pm2.

A service's own start is measured as fork, exec and first answer of the same program, and taken off.

  bench_heal.py [--rounds N] [--kills N]
"""
import http.client
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import peers
from harness import BIN, Node, free_port

OWN_START_PLUS_MS = 5.0


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


def pid_at(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/")
        return int(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def until_other(port, before):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        pid = pid_at(port)
        if pid and pid != before:
            return pid
    raise AssertionError("the service did not come back")


def own_start_ms():
    port = free_port()
    begin = time.perf_counter()
    process = subprocess.Popen([os.path.join(BIN, "heal_service"), str(port)])
    try:
        until_other(port, None)
        return (time.perf_counter() - begin) * 1000
    finally:
        process.kill()
        process.wait()


def service_under_node(kills):
    """Asked at the port of the service itself, not at the edge, as under pm2."""
    node = Node(extra_env={"NOVA_LOG_LEVEL": "info"}).start()
    took = []
    try:
        port = free_port()
        service = node.service(port)
        service["run"] = [os.path.join(BIN, "heal_service")]
        service["health"] = {"http": "/", "interval": "100ms", "timeout": "2s", "start_timeout": "20s"}
        node.tenant("t-one")
        for number in range(kills):  # a deployment each: the first restart comes at once, later ones wait
            name = f"heal{number}"
            service["port"] = port = free_port()
            node.apply(node.blueprint("t-one", name, {"web": service}))
            node.wait_deployment("t-one", name)
            at = next(i["state"]["port"] for i in node.instances("t-one") if name in i["id"])
            pid = until_other(at, None)
            begin = time.perf_counter()
            os.kill(pid, signal.SIGKILL)
            until_other(at, pid)
            took.append((time.perf_counter() - begin) * 1000)
    finally:
        node.close()
    return took


def service_under_pm2(kills, folder):
    env = {**os.environ, "NPM": peers.npm_folder(), "PM2_HOME": folder}
    return json_line([peers.node_program(), os.path.join(peers.SCRIPTS, "pm2_heal.mjs"), os.path.join(BIN, "heal_service"), str(free_port()), str(kills)], env=env)["ms"]


def services(limits, kills, folder):
    start = statistics.median(own_start_ms() for _ in range(kills))
    ours = statistics.median(service_under_node(kills))
    print(json.dumps({"bench": "heal", "side": "service under the node", "ms": round(ours, 2), "own_start_ms": round(start, 2), "kills": kills}))
    limits.at_most("killed service answers again, ms beyond its own start", ours - start, OWN_START_PLUS_MS)
    try:
        pm2 = statistics.median(service_under_pm2(kills, folder))
    except (peers.Skipped, subprocess.SubprocessError) as why:
        print(f"SKIP pm2: {why}")
        return
    print(json.dumps({"bench": "heal", "side": "service under pm2", "ms": round(pm2, 2), "kills": kills}))
    limits.at_most("killed service answers again : under pm2", ours / pm2, 1.0)


def main():
    chosen = peers.options(sys.argv, rounds=5, kills=7)
    limits = peers.Limits("heal")
    with tempfile.TemporaryDirectory(prefix="nova-bench-") as folder:
        supervisors(limits, chosen["rounds"], folder)
        services(limits, chosen["kills"], folder)
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(main())
