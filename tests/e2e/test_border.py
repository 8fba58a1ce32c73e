"""Two tenants on one node: whatever a member of one asks, nothing of the other one is in the answer."""
import unittest

from border import ENVIRONMENT, REQUESTS, Border, area_of
from harness import NodeCase, wait


class Checked(NodeCase):
    def test_ten_thousand_questions_across_the_border_get_nothing(self):
        border = Border(self.node(extra_env=ENVIRONMENT))
        reached, areas = {}, {}
        for number, (mine, theirs, asked, status, text) in enumerate(border.questions(REQUESTS)):
            self.assertLess(status, 500, f"NOVA_SEED={border.seed} request {number}: {asked} got {status} {text}")
            reached[status] = reached.get(status, 0) + 1
            area = area_of(asked.split(" ")[1])
            areas[area] = areas.get(area, 0) + 1
            word = border.leaked(theirs, asked, text)
            self.assertIsNone(word, f"NOVA_SEED={border.seed} request {number}: {asked} of {mine.name} answered {status}: {text[:2000]}")
        # The questions are of all sorts: some were answered, some refused.
        for status in (200, 403, 404):
            self.assertGreater(reached.get(status, 0), REQUESTS // 50, str(reached))
        for area in ("api-keys", "vault", "nova", "sovereign", "approvals", "permissions", "owner", "tenants", "events", "tree", "decisions", "users"):
            self.assertGreater(areas.get(area, 0), REQUESTS // 1000, str(areas))
        for mine, theirs in (border.sides, border.sides[::-1]):
            for path in border.lists(theirs):
                self.assertIsNone(border.leaked(theirs, path, mine.ask("GET", path)[1]), path)
                self.assertIsNotNone(border.leaked(theirs, path, theirs.ask("GET", path)[1]), path)  # who may, sees it there
        # Nothing of the others was changed.
        for side in border.sides:
            self.assertIn(side.words[3], side.ask("GET", f"/v1/tenants/{side.name}")[1])
            wait("the deployment", lambda s=side: border.node.deployment(s.name, s.words[1])["status"] == "running")


if __name__ == "__main__":
    unittest.main()
