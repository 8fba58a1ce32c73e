"""The file that rounds are appended to, a JSON line each, so that a soak can be stopped and gone on with."""
import collections
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def commit():
    """Of the sources that stand here; `+` when they were changed since."""
    try:
        said = subprocess.run(["git", "describe", "--always", "--abbrev=12", "--dirty=+"], cwd=HERE, capture_output=True,
                              text=True, timeout=20, check=True)
        return said.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return os.environ.get("NOVA_COMMIT", "unknown")


class Journal:
    def __init__(self, path=None):
        self.path, self.commit, self.rows = path, commit(), []
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                # A row that was cut off by a kill is no round.
                self.rows = [json.loads(line) for line in file if line.endswith("}\n")]

    def add(self, row):
        row = {"commit": self.commit, **row}
        self.rows.append(row)
        if self.path:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
                file.flush()
                os.fsync(file.fileno())

    def done(self, fault, store):
        return sum(row["fault"] == fault and row["store"] == store and row["verdict"] == "passed" for row in self.rows)

    def table(self):
        groups = collections.defaultdict(list)
        for row in self.rows:
            groups[row["fault"], row["store"]].append(row)
        lines = [f"{'fault':<20} {'store':<9} {'rounds':>6} {'failed':>6} {'acknowledged':>12} {'watched':>9} {'healed in s (worst)':>20}"]
        for (fault, store), rows in sorted(groups.items()):
            lines.append(f"{fault:<20} {store:<9} {len(rows):>6} {sum(r['verdict'] == 'failed' for r in rows):>6}"
                         f" {sum(r.get('acknowledged', 0) for r in rows):>12} {sum(r.get('watched', 0) for r in rows):>9}"
                         f" {max(r.get('healed_s', 0) for r in rows):>20}")
        return "\n".join(lines)
