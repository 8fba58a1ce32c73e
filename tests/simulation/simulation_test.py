#!/usr/bin/env python3
"""simulation_test.py BUILD_FOLDER seeds|kill|bugs: the short run of the simulation, and the proof that its alarm works."""
import concurrent.futures
import os
import re
import subprocess
import sys

BUILD = sys.argv[1]
SEEDS = 200
# Rare states that this many seeds must reach; a mark that is not reached any more means that a fault lost its bite.
MARKS = """answer.replayed append.store.conflict.guard append.store.read_only.unknown client.repeats effect.looked_for
effect.done_by_a_dead_node effect.requested_again effect.uncertain.unknown host.decided_ahead_of_commit node.fenced
node.took_over service.restarted store.not_writable entity.failed fault.crash fault.power_cut fault.die_writing
fault.failed_commit fault.full_disk fault.slow_disk fault.lost_request fault.lost_ack fault.duplicate fault.clock_jump
fault.effect_fails fault.effect_twice fault.effect_slow fault.service_dies fault.actor_dies fault.failed_read
fault.old_document fault.partition host.presumed host.presumed_wrongly""".split()
# The same in the scene of the kill switch.
KILL_MARKS = """kill.engaged.global kill.engaged.external_only kill.engaged.tenant kill.engaged.platform kill.engaged.provider kill.released node.stood_still node.took_over effect.stopped_under_way effect.refused_at_first_byte
effect.idempotent.killed effect.observable.killed effect.uncertain.killed""".split()
# The same in the altered copies, which have marks within the production sources.
INNER_MARKS = """entity.decided_again entity.failure_discards_later entity.repeat_joins_commit entity.replays entity.passivated
writer.reopened writer.failed_commit_was_made writer.healed batch.entity_moves_twice runner.outcome_delivered_again
runner.retries runner.looks_again entity.turn_lent entity.turn_put_off""".split()


def simulate(program, *options):
    done = subprocess.run([os.path.join(BUILD, "tests", program), *map(str, options)], capture_output=True, text=True, timeout=170)
    return done.returncode, done.stdout + done.stderr


def check(condition, what):
    if not condition:
        print(what)
        sys.exit(1)


def reached(output):
    return set(re.findall(r"^  (\S+) +[1-9]\d*$", output, re.MULTILINE))


def seeds():
    """Clean seeds in two halves, the same seeds twice, and the altered copies without a bug."""
    half = SEEDS // 2
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(simulate, "simulate", "--seeds", half, "--seed", first) for first in (1, 1 + half)]
        twice = pool.submit(simulate, "simulate", "--seeds", 20, "--seed", 1000, "--twice")
        inner = pool.submit(simulate, "simulate_planted", "--seeds", half)
        canary = pool.submit(simulate, "simulate", "--bug", "canary", "--seeds", 10)
    outputs = [run.result() for run in runs]
    for status, output in outputs + [twice.result(), inner.result()]:
        check(status == 0, output)
    missing = set(MARKS) - reached(outputs[0][1]) - reached(outputs[1][1])
    check(not missing, f"never reached in {SEEDS} seeds: {sorted(missing)}")
    missing = set(INNER_MARKS) - reached(inner.result()[1])
    check(not missing, f"never reached in the altered copies: {sorted(missing)}")
    status, output = canary.result()
    check(status == 0 and "acknowledged" in output, "the canary was not found: the alarm is broken\n" + output)
    # A single seed tells what happens in it: two programs, the same story to the last step.
    tells = [simulate(program, "--seeds", 1, "--seed", 7)[1].split("reached:")[0] for program in ("simulate", "simulate_planted")]
    check(tells[0] == tells[1] and len(tells[0]) > 1000, "the altered copies without a bug behave unlike production")
    check(simulate("simulate", "--bug", "ack_before_commit")[0] == 2, "the clean program has bugs to plant")


def kill():
    """Switches of random scopes during a flood of effects: nothing that one covers begins after the bound. NOVA_KILL_SEEDS=1000 is what must hold."""
    count = int(os.environ.get("NOVA_KILL_SEEDS", "100"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(simulate, "simulate", "--scene", "kill", "--seeds", count // 2, "--seed", first) for first in (1, 1 + count // 2)]
    outputs = [run.result() for run in runs]
    for status, output in outputs:
        check(status == 0, output)
    missing = set(KILL_MARKS) - reached(outputs[0][1]) - reached(outputs[1][1])
    check(not missing, f"never reached under the kill switch: {sorted(missing)}")


def bugs():
    """Each planted bug is found within 500 seeds."""
    names = [line.split()[0] for line in simulate("simulate_planted", "--list")[1].splitlines()]
    check(len(names) >= 20, f"only {len(names)} bugs")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda name: simulate("simulate_planted", "--bug", name, "--seeds", 500), names))
    missed = [name for name, (status, _) in zip(names, found) if status != 0]
    check(not missed, f"not found within 500 seeds: {missed}")
    # Nothing of this is in what is shipped.
    for program in ("novad", "novactl", "nova-keeper"):
        path = os.path.join(BUILD, "bin", program)
        if not os.path.exists(path):
            continue
        with open(path, "rb") as file:
            content = file.read()
        for word in [b"nova10simulation", b"planted"] + [name.encode() for name in names if name.count("_") >= 2]:
            check(word not in content, f"{program} holds `{word.decode()}`")


{"seeds": seeds, "kill": kill, "bugs": bugs}[sys.argv[2]]()
