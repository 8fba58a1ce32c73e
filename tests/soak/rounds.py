"""One round: load, readers, the fault at a seeded moment, healing, comparing."""
import random
import sys
import time

from book import Load
from comparing import Log, compare
from harness import wait
from upkeep import Upkeep

BEFORE = (100, 600)  # acknowledged commands until the fault strikes
AFTER = 60           # acknowledged after it ended: the node heals by itself


def play(ground, kind, label, seed, readers=(), tended=False):
    """Plays one round and tells of it as a row of the journal. `tended`: a backup is under way when the fault strikes."""
    rng = random.Random(seed)
    begun = time.monotonic()
    pid = ground.node.process.pid
    fault = kind(ground, rng)
    fault.prepare()
    upkeep = Upkeep(ground, rng) if tended else None
    watching = [reader(ground, rng.randrange(1 << 30)) for reader in readers]
    load = Load(ground.nodes, ground.tenants, label, seed)
    wrong = []
    try:
        goal = rng.randrange(*BEFORE)
        wait("commands before the fault", lambda: load.acknowledged >= goal)
        struck = load.acknowledged
        try:
            if upkeep:
                upkeep.strike(fault.alone)
            fault.begin()
            fault.during()
        finally:
            fault.end()
        ended = time.monotonic()
        ground.ready()
        healed = time.monotonic() - ended
        if upkeep:
            upkeep.collect()
        goal = load.acknowledged + AFTER
        wait("commands after the fault", lambda: load.acknowledged >= goal)
        if not fault.kills and ground.node.process.pid != pid:
            wrong.append("the node was started anew")
    except BaseException as error:
        for reader in watching:
            reader.abandon()
        if isinstance(error, AssertionError):
            raise AssertionError(f"{error}; {load.describe()}") from error
        raise
    finally:
        load.stop()
        ground.commands += load.commands
        if upkeep and sys.exc_info()[0] is not None:
            upkeep.close()
    ground.ready()
    if upkeep:
        try:
            wrong += upkeep.settle(load.position)
        finally:
            upkeep.close()
    head = Log(ground.node, ground.commands).head
    for reader in watching:
        wrong += reader.stop(head)
    log, found = compare(ground.node, ground.commands, watching, rng)
    wrong += load.problems[:10] + fault.wrong + found
    return {"fault": kind.name, "store": ground.store, "seed": seed, "acknowledged": load.acknowledged, "before": struck,
            "refused": load.refused, "repeated": load.repeated, "events": len(log.events), "readers": len(watching),
            "watched": sum(len(reader.seen) for reader in watching), "healed_s": round(healed, 2),
            "seconds": round(time.monotonic() - begun, 2), **fault.notes, **(upkeep.notes if upkeep else {}), "verdict": "failed" if wrong else "passed", "wrong": [sentence[:500] for sentence in wrong[:8]]}
