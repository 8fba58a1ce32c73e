#!/usr/bin/env python3
"""The console in Chromium: frames of the live tree under patches, what a first load weighs, what an open page costs the node.

A node has so many instances in tenants of 1,000, and in some tenants providers that are taken out of use and back in all the time. Chromium draws in
software; the tree is opened whole, and scrolled while the patches come: each frame's time is measured beside those of a page that only scrolls a
plain list and of an empty box, which is what the machine can, and with the processor time of the page's main thread, which others on the machine
do not lengthen. Processor time of the node is read from the system, with the overview open and closed, in turn.

  bench_console.py [--rounds N] [--seconds S] [--entities N] [--patches N] [--keep FOLDER]

--patches: commands a second while the tree is looked at. --keep names a folder in which the filled store stays for the next run.
"""
import json
import os
import subprocess
import sys
import threading
import time

import peers  # first: it knows where harness is

sys.path.insert(0, os.path.join(peers.BENCH, "..", "tests", "e2e", "browser"))
import browser
from harness import BIN, Node, wait

FRAME_P95_MS_MAX, SCRIPT_BYTES_MAX, OPEN_PERCENT_MAX, CLOSED_PERCENT_MAX = 25.0, 200_000, 1.0, 0.1
FILL_LIMIT_S = 900
PATCHED_TENANTS, PROVIDERS = 10, 10
EMAIL, PASSWORD = "owner@example.org", "correct horse 9 Battery"

# Frames while the element scrolls up and down by four rows each, as a person's wheel does; the answer comes after the last.
FRAMES = """new Promise((done) => {
  const box = document.querySelector(%s), times = [], end = box.scrollHeight - box.clientHeight
  let last = 0, step = 120, at = box.scrollTop
  const frame = (now) => {
    if (last) times.push(now - last)
    last = now
    if (at + step < 0 || at + step > end) step = -step
    box.scrollTop = at += step
    if (times.reduce((a, b) => a + b, 0) < %d) requestAnimationFrame(frame)
    else done(times)
  }
  requestAnimationFrame(frame)
})"""
PLAIN = """document.body.replaceChildren((() => {
  const box = document.createElement('div')
  box.id = 'box'
  box.style.cssText = 'height: 800px; overflow: auto'
  for (let i = 0; i < 500; i++) box.append(Object.assign(document.createElement('p'), { textContent: 'row ' + i }))
  return box
})())"""


# Nothing but a box that scrolls: what a frame costs this machine before a page asks for anything.
EMPTY = """document.body.replaceChildren((() => {
  const box = document.createElement('div'), high = document.createElement('div')
  box.id = 'box'
  box.style.cssText = 'height: 800px; overflow: auto'
  high.style.cssText = 'height: 100000px'
  box.append(high)
  return box
})())"""


def part(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


class Patches:
    """Commands at a steady rate from a thread of its own: providers out of use and back in, in turn."""

    def __init__(self, node, targets, per_second):
        self.node, self.targets, self.per_second, self.sent = node, targets, per_second, 0
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        begun = time.monotonic()
        while not self.end.is_set():
            tenant, name = self.targets[self.sent % len(self.targets)]
            word = "enable" if self.sent // len(self.targets) % 2 else "disable"
            self.node.ask("POST", f"/v1/tenants/{tenant}/providers/{name}/{word}", {})
            self.sent += 1
            self.end.wait(max(0.0, begun + self.sent / self.per_second - time.monotonic()))

    def stop(self):
        self.end.set()
        self.thread.join(30)
        return self.sent


class Full:
    def __init__(self, entities, kept):
        state = os.path.join(kept, f"tree-{entities}") if kept else None
        full = bool(state) and os.path.exists(os.path.join(state, "full"))
        self.node = Node(state=state, extra_env={"NOVA_EDGE_ENABLED": "false", "NOVA_LOG_LEVEL": "info"})
        if not full:
            os.makedirs(self.node.state, exist_ok=True)
            print(f"filling a store with {entities:,} instances", file=sys.stderr)
            subprocess.run([os.path.join(BIN, "list_fill"), "sqlite", self.node.state, str(entities), "tree"], check=True, timeout=FILL_LIMIT_S)
        self.node.start()
        wait("readiness", lambda: self.node.ask("GET", "/readyz", token=False).status == 200)
        tenants = [f"t-{n:03d}" for n in range((entities + 999) // 1000)]
        self.targets = [(tenant, f"p{n}") for tenant in tenants[:PATCHED_TENANTS] for n in range(PROVIDERS)]
        self.rows = entities + 2 * len(tenants)
        if not full:
            for tenant in tenants:
                self.node.tenant(tenant)
            for tenant, name in self.targets:
                self.node.ok("POST", f"/v1/tenants/{tenant}/providers/{name}/add", {"kind": "local", "name": name})
            self.enrol()
            with open(os.path.join(self.node.state, "full"), "w", encoding="ascii"):
                pass

    def enrol(self):
        with open(os.path.join(self.node.state, "enrolment.token"), encoding="ascii") as file:
            token = file.read().strip()
        answer = self.node.ask("POST", "/api/auth/enrol-owner", {"token": token, "email": EMAIL, "username": "Owner", "password": PASSWORD, "language": "en"}, token=False)
        if answer.status >= 300:
            raise AssertionError(f"enrolment: {answer.status} {answer.text}")


class Visit:
    """One tab whose person is signed in."""

    def __init__(self, chromium, node):
        self.site = f"http://localhost:{node.port}"
        self.page = chromium.page()
        self.page.call("Accessibility.disable")  # a tree for readers of the protocol costs more than drawing
        self.page.media(width=1440)
        self.page.open(self.site + "/sign-in")
        body = json.dumps({"email": EMAIL, "password": PASSWORD, "device": "a bench"})
        status = self.page.run(f"fetch('/api/auth/login', {{method: 'POST', headers: {{'Content-Type': 'application/json', 'X-Nova-Session': 'cookie'}}, body: {json.dumps(body)}}}).then((answer) => answer.status)")
        if status != 200:
            raise AssertionError(f"signing in: {status}")

    def script_bytes(self, path):
        """What the scripts of a first load weigh as they come over the wire."""
        page = self.page
        page.call("Network.enable")
        page.call("Network.setCacheDisabled", cacheDisabled=True)
        page.browser.events.clear()
        page.open(self.site + path)
        page.wait("the page", "main h1")
        scripts = {event["requestId"] for event in page.events("Network.responseReceived") if event["type"] == "Script"}
        wait("the scripts", lambda: scripts <= {event["requestId"] for event in page.events("Network.loadingFinished")})
        page.call("Network.setCacheDisabled", cacheDisabled=False)
        return sum(event["encodedDataLength"] for event in page.events("Network.loadingFinished") if event["requestId"] in scripts)

    def open_tree(self, rows):
        """Seconds from the address to the whole tree, opened; it says how many rows there are."""
        begun = time.monotonic()
        self.page.open(self.site + "/tree")
        self.page.wait("the tree", "[role=row][data-path]")
        drawn = time.monotonic() - begun
        self.page.run("document.querySelector('[role=row][data-path]').click()")
        self.page.run("document.querySelector('[role=row][data-path]').focus()")
        self.page.key("*", 106, "*")
        count = "Number(document.querySelector('[role=treegrid]').getAttribute('aria-rowcount'))"
        wait("all rows to be open", lambda: self.page.run(count) > rows)
        return drawn, self.page.run(count) - 1


class Side:
    """Frames of one page over all rounds, and the processor time of its main thread meanwhile: that is not the neighbours'."""

    def __init__(self, page, selector, rows):
        self.page, self.selector, self.rows, self.times, self.main_s = page, selector, rows, [], 0.0
        page.call("Performance.enable", timeDomain="threadTicks")

    def main_thread_s(self):
        return next(one["value"] for one in self.page.call("Performance.getMetrics")["metrics"] if one["name"] == "TaskDuration")

    def look(self, seconds):
        before = self.main_thread_s()
        self.times += self.page.run(FRAMES % (json.dumps(self.selector), int(seconds * 1000)))
        self.main_s += self.main_thread_s() - before

    def row(self, side):
        return {"side": side, "rows": self.rows, "frames": len(self.times), "p50_ms": part(self.times, 0.5), "p95_ms": part(self.times, 0.95), "p99_ms": part(self.times, 0.99),
                "worst_ms": max(self.times), "main_thread_ms": self.main_s * 1000 / len(self.times)}


def used_ns(pid):
    """Processor time of a process's threads, in nanoseconds: an idle node uses less than a tick of the clock."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        except OSError:
            pass  # ended meanwhile
    return total


def used_percent(node, seconds):
    """Of one core, by the node, while nothing is asked of it but what is open."""
    before, begun = used_ns(node.process.pid), time.monotonic()
    threading.Event().wait(seconds)
    return (used_ns(node.process.pid) - before) / 1e7 / (time.monotonic() - begun)


def median(values):
    return sorted(values)[len(values) // 2]


def measure(chosen, chromium, full, limits):
    never = [used_percent(full.node, chosen["seconds"]) for _ in range(chosen["rounds"])]
    visit, simple = Visit(chromium, full.node), [chromium.page(), chromium.page()]
    for page, text in zip(simple, (EMPTY, PLAIN)):
        page.media(width=1440)
        page.run(text)
    weight = visit.script_bytes("/")
    drawn, rows = visit.open_tree(full.rows)
    sides = {"empty page": Side(simple[0], "#box", 0), "plain list": Side(simple[1], "#box", 500), "tree, still": Side(visit.page, ".tree-scroll", rows), "tree, patched": Side(visit.page, ".tree-scroll", rows)}
    ticks, sent = [], []
    tick = "Number(document.querySelector('[role=treegrid]').dataset.tick)"
    for _ in range(chosen["rounds"]):
        for side in ("empty page", "plain list", "tree, still"):
            sides[side].look(chosen["seconds"])
        before = visit.page.run(tick)
        patches = Patches(full.node, full.targets, chosen["patches"])
        try:
            wait("patches to come", lambda: visit.page.run(tick) > before + 1)
            sides["tree, patched"].look(chosen["seconds"])
        finally:
            sent.append(patches.stop())
        ticks.append(visit.page.run(tick) - before)
    table = [side.row(name) for name, side in sides.items()]
    peers.table("console", table)
    closed, opened = [], []
    for _ in range(chosen["rounds"]):
        visit.page.open(visit.site + "/livez")  # left, and its streams with it
        wait("streams to end", lambda: full.node.ok("GET", "/v1/node")["gateway"]["streams"] == 0)
        closed.append(used_percent(full.node, chosen["seconds"] * 2))
        visit.page.open(visit.site + "/")
        visit.page.wait("the overview", ".pulse")
        wait("its streams", lambda: full.node.ok("GET", "/v1/node")["gateway"]["streams"] == 2)
        used_percent(full.node, 1)  # what opening it costs is not what it costs to be open
        opened.append(used_percent(full.node, chosen["seconds"] * 2))
    peers.table("console", [{"side": "node, overview " + side, "percent_of_a_core": median(values), "lowest": min(values), "highest": max(values)} for side, values in (("never opened", never), ("closed", closed), ("open", opened))])
    by_side = {row["side"]: row for row in table}
    limits.told("seconds until the tree is drawn", drawn)
    limits.told("patches drawn : commands sent", sum(ticks) / max(1, sum(sent)), patches=sum(ticks), commands=sum(sent))
    limits.told("ms of the page's main thread for a frame under patches", by_side["tree, patched"]["main_thread_ms"], empty_page=by_side["empty page"]["main_thread_ms"])
    limits.told("p95 frame of the tree under patches : of a plain list", by_side["tree, patched"]["p95_ms"] / by_side["plain list"]["p95_ms"])
    limits.at_least("rows of the tree", rows, full.rows)
    limits.at_most("ms p95 frame of the tree under patches", by_side["tree, patched"]["p95_ms"], FRAME_P95_MS_MAX)
    limits.at_most("bytes of compressed script at the first load", weight, SCRIPT_BYTES_MAX)
    limits.at_most("percent of a core by an open overview", median(opened) - median(closed), OPEN_PERCENT_MAX)
    limits.at_most("percent of a core by a closed one", median(closed) - median(never), CLOSED_PERCENT_MAX)


def main():
    chosen = peers.options(sys.argv, rounds=3, seconds=5.0, entities=100_000, patches=100, keep="")
    if not browser.program():
        raise peers.Skipped("there is no Chromium")
    if not os.path.isdir(os.path.join(os.path.dirname(BIN), "console")):
        raise peers.Skipped("the console is not built (./dev up builds it)")
    limits = peers.Limits("console")
    peers.say_versions("console", chromium=peers.output_of(browser.program(), "--version", "--no-sandbox"), entities=chosen["entities"], patches=chosen["patches"])
    full = chromium = None
    try:
        full = Full(chosen["entities"], chosen["keep"])
        chromium = browser.Browser()
        measure(chosen, chromium, full, limits)
    finally:
        for one in (chromium, full and full.node):
            if one:
                one.close()
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
