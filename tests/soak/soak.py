#!/usr/bin/env python3
"""Faults on real nodes, real files and a real PostgreSQL, with clients that keep their own books. docs/soak.md."""
import argparse
import http.client
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
os.environ.setdefault("NOVA_BIN_DIR", os.path.join(HERE, "..", "..", "build", "bin"))

# pylint: disable=wrong-import-position
import faults
import faults_bits
import faults_disk
import faults_node
import faults_postgres
from grounds import make_ground
from journal import Journal
from readers import KINDS
from rounds import play
from stillness import Stillness

SERVICES = "services"


def arguments():
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__)
    parser.add_argument("--faults", default="", help="comma-separated; all when left out")
    parser.add_argument("--store", choices=("sqlite", "postgres"), help="both when left out")
    parser.add_argument("--rounds", type=int, default=3, help="of each fault and store")
    parser.add_argument("--seed", type=int, help="random and printed when left out")
    parser.add_argument("--resume", metavar="FILE", help="append each round there; what is done counts")
    parser.add_argument("--short", action="store_true", help="one round of each cheap fault")
    parser.add_argument("--list", action="store_true", help="name the faults")
    return parser.parse_args()


def names_of(asked):
    known = [*faults.ALL, SERVICES]
    names = [name for name in asked.faults.split(",") if name] or known
    for name in names:
        if name not in known:
            sys.exit(f"soak: no fault `{name}`; there are: {', '.join(known)}")
    return names


def chosen(asked):
    known = faults.ALL
    for name in names_of(asked):
        if name == SERVICES:
            continue
        kind = known[name]
        for store in kind.stores:
            if asked.store in (None, store) and (kind.short or not asked.short):
                yield kind, store


def failure(kind, store, seed, error, ground):
    wrong = [f"{type(error).__name__}: {error}"]
    for node in ground.nodes if ground else ():
        try:
            wrong.append(f"{node.name} is {'up' if node.running() else 'down'}, readyz: {node.ask('GET', '/readyz').text}")
        except (OSError, http.client.HTTPException, AttributeError) as mute:
            wrong.append(f"{node.name} is {'up' if node.running() else 'down'}, readyz: {mute!r}; its log: {node.said()}")
    wrong += [f"disk: {line}" for line in ground.describe()] if ground else []
    return {"fault": kind.name, "store": store, "seed": seed, "verdict": "failed", "wrong": wrong}


def services(count, seed, journal):
    """Rounds of their own: services outlive their node, keep their processes, and their front answers every request."""
    environment = {**os.environ, "NOVA_SOAK_ROUNDS": str(count), "NOVA_SOAK_SEED": str(seed)}
    script = os.path.join(HERE, "..", "e2e", "soak_node_kill.py")
    begun = time.monotonic()
    code = subprocess.run([sys.executable, "-B", script], env=environment, check=False).returncode
    for number in range(count):
        journal.add({"fault": SERVICES, "store": "sqlite", "seed": seed, "round": number,
                     "seconds": round((time.monotonic() - begun) / count, 2), "verdict": "failed" if code else "passed"})
    return int(code != 0)


def rounds_of(kind, store, journal, count, seed, tools, short):
    """Plays until `count` rounds of this fault passed or one failed; the number of failures."""
    ground, played, failed = None, journal.done(kind.name, store), 0
    try:
        while played < count:
            number, played = played, played + 1
            own = seed + number
            still = Stillness()
            try:
                if ground is None or ground.rounds == kind.rounds_a_ground:
                    if ground is not None:
                        ground.close()
                    ground = make_ground(store, kind, tools)
                    ground.start()
                ground.rounds += 1
                # Half of the rounds are watched and tended; of the short ones the kills of the node.
                busy = number % 2 == 1 or (short and kind.name == "kill-node")
                row = play(ground, kind, f"r{number}", own, KINDS[store] if busy else (), busy)
            except Exception as error:  # whatever ends a round, the row tells of it and the rest is played
                traceback.print_exc()
                row = failure(kind, store, own, error, ground)
            stood_still = still.stop()
            if stood_still and row["verdict"] != "passed":
                row["verdict"], row["stood_still_s"], played = "void", stood_still, number  # played again
            journal.add(row)
            print(f"{kind.name} {store} round {number} seed {own}: {row['verdict']}, {row.get('acknowledged', 0)} acknowledged, "
                  f"{row.get('refused', 0)} refused, {row.get('watched', 0)} watched, healed in {row.get('healed_s', '-')} s, "
                  f"{row.get('seconds', '-')} s", flush=True)
            if row["verdict"] != "passed":
                failed += row["verdict"] == "failed"
                for sentence in row["wrong"]:
                    print(f"  {sentence}", flush=True)
                if ground is not None:
                    kept = ground.keep()
                    print(f"  kept: {kept}", flush=True)
                    ground = None
    finally:
        if ground is not None:
            ground.close()
    return failed


def main():
    asked = arguments()
    if asked.list:
        for name, kind in faults.ALL.items():
            print(f"{name:<20} {'/'.join(kind.stores):<16} {kind.__doc__.splitlines()[0]}")
        print(f"{SERVICES:<20} {'sqlite':<16} kill -9 of a node whose services go on")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    seed = random.SystemRandom().randrange(1 << 24) * 1000 if asked.seed is None else asked.seed
    count = 1 if asked.short else asked.rounds
    print(f"soak: seed {seed}, {count} rounds of each fault", flush=True)
    begun, failed = time.monotonic(), 0
    journal = Journal(asked.resume)
    tools = tempfile.mkdtemp(prefix="nvt-")
    os.chmod(tools, 0o755)
    try:
        left = count - journal.done(SERVICES, "sqlite")
        if SERVICES in names_of(asked) and left > 0 and not asked.short and asked.store != "postgres":
            failed += services(left, seed, journal)
        for kind, store in chosen(asked):
            why_not = kind.why_not(store)
            if why_not:
                print(f"SKIP soak_{kind.name}_{store}: {why_not}", flush=True)
                continue
            failed += rounds_of(kind, store, journal, count, seed, tools, asked.short)
    finally:
        shutil.rmtree(tools, ignore_errors=True)
    print(journal.table())
    print(f"soak: {'failed' if failed else 'passed'} in {time.monotonic() - begun:.0f} s; --seed {seed} repeats it", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
