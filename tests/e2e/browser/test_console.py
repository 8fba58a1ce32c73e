"""The console in a real browser (console/tests/e2e/console.mjs) on a real node with the clinic and a shop on it."""
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import browser
import console_run
from console_run import CONSOLE, NODE
from harness import PATIENCE, Node, free_port


class Console(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nv-console-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.node = Node()
        self.addCleanup(self.node.close)
        self.node.start()

    def test_the_console(self):
        console_run.apply_clinic(self.node, self.folder)
        self.node.tenant("shop")
        health = {"http": "/health", "interval": "200ms", "timeout": "2s", "healthy": 2, "unhealthy": 2, "start_timeout": "10s"}
        port = free_port()
        self.node.apply(self.node.blueprint("shop", "shop", {"web": self.node.service(port, health=health)}))
        self.node.wait_deployment("shop", "shop")
        with open(os.path.join(self.node.state, "enrolment.token"), encoding="ascii") as file:
            enrolment = file.read().strip()
        walk = console_run.Walk("console.mjs", {
            "site": f"http://localhost:{self.node.port}", "token": self.node.token, "enrolment": enrolment,
            "bad": self.node.blueprint("shop", "shop", {"web": self.node.service(port, "2", mode="sick", health=health)})}, self.folder)
        self.addCleanup(walk.close)
        # The node goes away under the page's eyes and comes back at the same port.
        if walk.asks("RESTART"):
            self.node.terminate()
            self.node.start()
        code, said = walk.end()
        self.assertEqual(code, 0, said)

    def test_the_types_are_those_of_the_served_document(self):
        env = {"PATH": os.environ["PATH"], "HOME": self.folder, "NOVA_TOKEN_FILE": os.path.join(self.node.state, "operator.token"), "no_proxy": "*"}
        subprocess.run([NODE, os.path.join(CONSOLE, "scripts", "types.mjs"), f"http://127.0.0.1:{self.node.port}", self.folder], env=env, check=True, timeout=PATIENCE)
        for name in ("schema.ts", "routes.ts"):
            with open(os.path.join(self.folder, name), encoding="utf-8") as made, open(os.path.join(CONSOLE, "src", "api", name), encoding="utf-8") as kept:
                self.assertEqual(made.read(), kept.read(), f"{name}: run console/scripts/types.mjs with a running node")


if __name__ == "__main__":
    if not browser.program():
        print("SKIP e2e_console: there is no Chromium")
    elif not console_run.is_built():
        print("SKIP e2e_console: the console is not built")
    else:
        unittest.main()
