"""The border as the database alone keeps it: a node whose own checks of who may see what all say yes, and whose cache is
off (tests/borders), on PostgreSQL with its roles.

The first test shows that this one can fail: readers whom row-level security does not bind leak on the spot."""
import os
import unittest

from border import ENVIRONMENT, REQUESTS, Border, area_of
from harness import BIN, Node, NodeCase
from postgres import Postgres

# Of what the readers see without row-level security; each kind of question reaches something within a few dozen.
CANARY_REQUESTS = 3000  # of each sort of question some reach what is there, however many kinds there are


class OpenNode(Node):
    def command(self):
        return [os.path.join(os.path.dirname(BIN), "tests", "borders", "novad_open"), *super().command()[1:]]


class DatabaseAlone(NodeCase):
    def border(self):
        self.postgres = Postgres()
        self.addCleanup(self.postgres.close)
        self.postgres.start()
        node = OpenNode(extra_env={**ENVIRONMENT, "NOVA_STORE_KIND": "postgres", "NOVA_STORE_URL": self.postgres.url()})
        self.addCleanup(node.close)
        return Border(node.start())

    def test_readers_whom_it_does_not_bind_leak_by_every_sort_of_question(self):
        border = self.border()
        self.postgres.sql("ALTER ROLE nova_reader BYPASSRLS")
        self.postgres.sql("ANALYZE")  # a plan that a session keeps asks for its role's attribute only when it is made anew
        sorts = set()
        for _, theirs, asked, _, text in border.questions(CANARY_REQUESTS, only_try=True):
            if border.leaked(theirs, asked, text):
                sorts.add(sort_of(asked))
        for sort in ("one", "list", "events", "log", "tree"):
            self.assertIn(sort, sorts, f"NOVA_SEED={border.seed}: {sorts}")
        mine, theirs = border.sides
        for path in border.lists(theirs):
            said = mine.ask("GET", path)[1]
            self.assertIsNotNone(border.leaked(theirs, path, said), f"{path}: {said}")
        path = f"/v1/events?after=0&tenant={theirs.name}"
        self.assertIsNotNone(border.leaked(theirs, path, mine.stream(path, {})[1]))

    def test_ten_thousand_questions_across_the_border_get_nothing(self):
        border = self.border()
        reached = {}
        for number, (mine, theirs, asked, status, text) in enumerate(border.questions(REQUESTS, only_try=True)):
            self.assertLess(status, 500, f"NOVA_SEED={border.seed} request {number}: {asked} got {status} {text}")
            # No read was refused by a check; what is not seen is not there. A command may say whose the thing is.
            self.assertFalse(status == 403 and asked.startswith("GET"), f"NOVA_SEED={border.seed} request {number}: {asked} got {text}")
            reached[status] = reached.get(status, 0) + 1
            word = border.leaked(theirs, asked, text)
            self.assertIsNone(word, f"NOVA_SEED={border.seed} request {number}: {asked} of {mine.name} answered {status}: {text[:2000]}")
        for status in (200, 404):
            self.assertGreater(reached.get(status, 0), REQUESTS // 50, str(reached))
        for mine, theirs in (border.sides, border.sides[::-1]):
            for path in border.lists(theirs):
                self.assertIsNone(border.leaked(theirs, path, mine.ask("GET", path)[1]), path)
        # One's own is seen.
        for side in border.sides:
            self.assertIn(side.words[3], side.ask("GET", f"/v1/tenants/{side.name}")[1])
            self.assertIn(side.words[1], side.ask("GET", f"/v1/tenants/{side.name}/deployments")[1])
            self.assertIn(side.email, side.ask("GET", "/v1/whoami")[1])
            self.assertIn('"items":[{', side.ask("GET", "/api/auth/sessions")[1])


def sort_of(asked):
    path = asked.split(" ")[1].split("?")[0]
    if path in ("/v1/events", "/v1/tree", "/v1/tree/rows"):
        return "log" if path == "/v1/events" else "tree"
    if path.startswith("/api/"):
        return area_of(path)
    last = path.rsplit("/", 1)[1]
    if last in ("why", "events", "logs"):
        return last
    return "one" if path.count("/") == 5 or path.count("/") == 3 else "list"


if __name__ == "__main__":
    unittest.main()
