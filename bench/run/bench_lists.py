#!/usr/bin/env python3
"""Pages of a list over HTTP: as fast among a million entities as among ten thousand.

Two nodes for each store, with few and with many entities of one kind in one tenant, created in the order of the list, as names with a number or
a time are, or mixed: then each document of a page stands on another page of the disk. One connection asks for pages of 100: the first page, pages from anywhere in the list by cursor, and both with a filter by
status (of one half; of one in a hundred) and by parent (1,000 belong to each). Few and many are asked in turn, round by round.

  bench_lists.py [--rounds N] [--seconds S] [--few N] [--many N] [--store both|sqlite|postgres] [--order created|mixed]
                 [--only TEXT] [--keep FOLDER]

--only asks the questions whose name holds a text. --keep names a folder in which the filled stores stay for the next run; to fill a million takes a minute for each store.
"""
import json
import os
import shutil
import subprocess
import sys

import peers  # first: it knows where harness is
from harness import BIN, Node, wait
from postgres import Postgres

TENANT = "t-042"
LIST = f"/v1/tenants/{TENANT}/instances"
P99_FACTOR_MAX = 1.2
PAGE = 100
FILL_LIMIT_S = 900


def pages(node, query, size, most=None):
    """The `next` of each page of a list, and how many items it has in all."""
    cursors, items, cursor = [], 0, ""
    while most is None or len(cursors) < most:
        page = node.ok("GET", f"{LIST}?limit={size}{query}" + (f"&cursor={cursor}" if cursor else ""))
        items += len(page["items"])
        cursor = page.get("next", "")
        if not cursor:
            return cursors, items
        cursors.append(cursor)
    return cursors, items


def questions(node, count):
    """Paths to ask for, by what they are. Each answers a full page."""
    # A page from anywhere must be a full one, so none begins within the last of the list.
    cursors, items = pages(node, "", min(1000, count // 20))
    if items != count:
        raise AssertionError(f"{items} instances are listed, {count} are there")
    running, _ = pages(node, "&status=running", min(1000, count // 50))
    parents = [f"&parent=deployment/d{n:06d}" for n in range(0, count // 1000, max(1, count // 100_000))]
    inside = {parent: pages(node, parent, 300, 2)[0] for parent in parents}
    return {
        "first page": [""],
        "any page": ["&cursor=" + c for c in cursors[:-1]],
        "half of them by status, first page": ["&status=running"],
        "half of them by status, any page": ["&status=running&cursor=" + c for c in running[:-2]],
        "few of them by status, first page": ["&status=error"],
        "by parent, first page": parents,
        "by parent, any page": [f"{parent}&cursor={c}" for parent, found in inside.items() for c in found],
        "by parent and status": [f"{parent}&status=running&cursor={found[0]}" for parent, found in inside.items()],
    }


class Full:
    """A node on a store with `count` instances. Where the node's folder is, a file says that the store is full."""

    def __init__(self, kind, count, postgres, kept, order):
        self.count, self.order = count, order
        env, place = {}, None
        state = os.path.join(kept, f"{kind}-{order}-{count}") if kept else None
        full = bool(state) and os.path.exists(os.path.join(state, "full"))
        if kind == "postgres":
            place = postgres.url().replace("///postgres", f"///{self.database()}")
            env = {"NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": place}
        self.node = Node(state=state, extra_env={"NOVA_EDGE_ENABLED": "false", "NOVA_LOG_LEVEL": "info", **env})
        if not full:
            self.fill(kind, place, postgres)
        self.node.start()
        wait("readiness", lambda: self.node.ask("GET", "/readyz", token=False).status == 200)
        if not full:
            self.node.tenant(TENANT)
            with open(os.path.join(self.node.state, "full"), "w", encoding="ascii"):
                pass
        self.files = self.questions()

    def database(self):
        return f"lists_{self.order}_{self.count}"

    def fill(self, kind, place, postgres):
        if not self.node.own:
            shutil.rmtree(self.node.state, ignore_errors=True)
        os.makedirs(self.node.state, exist_ok=True)
        if postgres:
            postgres.sql(f"DROP DATABASE IF EXISTS {self.database()}")
            postgres.sql(f"CREATE DATABASE {self.database()}")
        print(f"filling a {kind} store with {self.count:,} instances, {self.order}", file=sys.stderr)
        subprocess.run([os.path.join(BIN, "list_fill"), kind, place or self.node.state, str(self.count), self.order], check=True, timeout=FILL_LIMIT_S)
        if postgres:
            postgres.sql("CHECKPOINT")

    def questions(self):
        """Files of paths, by what is asked. They lie beside the store, so that a kept one need not be walked again."""
        book = os.path.join(self.node.state, "questions.json")
        if os.path.exists(book):
            with open(book, encoding="utf-8") as file:
                return json.load(file)
        files = {}
        for name, queries in questions(self.node, self.count).items():
            page = self.node.ok("GET", f"{LIST}?limit={PAGE}{queries[-1]}")["items"]
            if len(page) != PAGE:
                raise AssertionError(f"{name}: {len(page)} items on a page")
            files[name] = os.path.join(self.node.state, f"questions-{len(files)}")
            with open(files[name], "w", encoding="ascii") as file:
                file.writelines(f"{LIST}?limit={PAGE}{query}\n" for query in queries)
        with open(book, "w", encoding="utf-8") as file:
            json.dump(files, file)
        return files

    def side(self, load, seconds, name):
        return lambda: load.run(self.node.port, seconds, 1, "paths.lua", {"file": self.files[name], "token": self.node.token})

    def close(self):
        self.node.close()


def main():
    chosen = peers.options(sys.argv, rounds=9, seconds=1.0, few=10_000, many=1_000_000, store="both", order="created", only="", keep="")
    load, sides, limits = peers.Load(), peers.Sides("lists", chosen["rounds"]), peers.Limits("lists")
    peers.say_versions("lists", load=load.version, connections=1, page=PAGE, entities=[chosen["few"], chosen["many"]])
    for store in ("sqlite", "postgres"):
        if chosen["store"] not in ("both", store):
            continue
        open_ = []
        try:
            postgres = None
            if store == "postgres":
                postgres = Postgres(kept=os.path.join(chosen["keep"], "server") if chosen["keep"] else None)
                open_.append(postgres)
                postgres.start()
            both = []
            for count in (chosen["few"], chosen["many"]):
                both.append(Full(store, count, postgres, chosen["keep"], chosen["order"]))
                open_.append(both[-1])
            names = [name for name in both[0].files if chosen["only"] in name]
            asked = {f"{name}, {full.count:,}": full.side(load, chosen["seconds"], name) for name in names for full in both}
            for one in asked.values():  # caches and plans
                one()
            found = sides.measure(asked, what="a page of 100", store=store, order=chosen["order"])
            for name in names:
                few, many = (found[f"{name}, {full.count:,}"] for full in both)
                what = f"among {chosen['many']:,} : among {chosen['few']:,}, {store}, {name}"
                limits.told("p50 " + what, many["p50_us"] / few["p50_us"])
                limits.at_most("p99 " + what, many["p99_us"] / few["p99_us"], P99_FACTOR_MAX)
        finally:
            for one in reversed(open_):
                one.close()
    return limits.exit_code()


if __name__ == "__main__":
    sys.exit(peers.run(main))
