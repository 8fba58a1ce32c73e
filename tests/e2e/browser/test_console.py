"""The console in a real browser (console/tests/e2e/console.mjs) on a real node with the clinic and a shop on it."""
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import browser
from harness import BIN, PATIENCE, Node, free_port, wait

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))
CONSOLE = os.path.join(ROOT, "console")
NODE = os.path.join(CONSOLE, "toolchain", "node_modules", ".bin", "node")
# Pictures of every page, in light English and dark Arabic, to look at.
SHOTS = os.environ.get("NOVA_CONSOLE_SHOTS") or os.path.join(os.path.dirname(BIN), "console-shots")


class Console(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nv-console-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.node = Node()
        self.addCleanup(self.node.close)
        self.node.start()

    def apply_clinic(self):
        front = free_port()
        examples = os.path.join(self.folder, "examples")
        subprocess.run(["cp", "-r", os.path.join(ROOT, "config", "examples"), examples], check=True)
        path = os.path.join(examples, "clinic.yaml")
        with open(path, encoding="utf-8") as file:
            text = file.read().replace("7481", str(front)).replace("7482", str(free_port()))
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        env = {"PATH": os.environ["PATH"], "HOME": self.folder, "NOVA_SERVER": f"http://127.0.0.1:{self.node.port}",
               "NOVA_TOKEN_FILE": os.path.join(self.node.state, "operator.token"), "no_proxy": "127.0.0.1"}
        done = subprocess.run([os.path.join(BIN, "novactl"), "apply", "-f", path, "--wait"], env=env, capture_output=True, text=True, timeout=PATIENCE * 3, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_console(self):
        self.apply_clinic()
        self.node.tenant("shop")
        health = {"http": "/health", "interval": "200ms", "timeout": "2s", "healthy": 2, "unhealthy": 2, "start_timeout": "3s"}
        port = free_port()
        self.node.apply(self.node.blueprint("shop", "shop", {"web": self.node.service(port, health=health)}))
        self.node.wait_deployment("shop", "shop")
        with open(os.path.join(self.node.state, "enrolment.token"), encoding="ascii") as file:
            enrolment = file.read().strip()
        plan = os.path.join(self.folder, "plan.json")
        with open(plan, "w", encoding="utf-8") as file:
            json.dump({"site": f"http://localhost:{self.node.port}", "token": self.node.token, "enrolment": enrolment, "shots": SHOTS,
                       "bad": self.node.blueprint("shop", "shop", {"web": self.node.service(port, "2", mode="sick", health=health)})}, file)
        run = subprocess.Popen([NODE, os.path.join(CONSOLE, "tests", "e2e", "console.mjs"), plan], cwd=CONSOLE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, env={"PATH": os.environ["PATH"], "HOME": self.folder, "NOVA_TEST_PATIENCE": str(PATIENCE), "no_proxy": "*"})
        said = []

        def listen():
            for line in run.stdout:
                said.append(line)
                print(line, end="", flush=True)
        listener = threading.Thread(target=listen, daemon=True)
        listener.start()

        def end():
            if run.poll() is None:
                run.kill()
            run.wait(PATIENCE)
            listener.join(PATIENCE)
            run.stdout.close()
        self.addCleanup(end)
        # The node goes away under the page's eyes and comes back at the same port.
        wait("the browser to ask for a restart", lambda: "RESTART\n" in said or run.poll() is not None, limit=PATIENCE * 8)
        if "RESTART\n" in said:
            self.node.terminate()
            self.node.start()
        run.wait(PATIENCE * 4)
        listener.join(PATIENCE)
        self.assertEqual(run.returncode, 0, "".join(said[-40:]))

    def test_the_types_are_those_of_the_served_document(self):
        made = os.path.join(self.folder, "schema.ts")
        env = {"PATH": os.environ["PATH"], "HOME": self.folder, "NOVA_TOKEN_FILE": os.path.join(self.node.state, "operator.token"), "no_proxy": "*"}
        subprocess.run([NODE, os.path.join(CONSOLE, "scripts", "types.mjs"), f"http://127.0.0.1:{self.node.port}", made], env=env, check=True, timeout=PATIENCE)
        with open(made, encoding="utf-8") as one, open(os.path.join(CONSOLE, "src", "api", "schema.ts"), encoding="utf-8") as other:
            self.assertEqual(one.read(), other.read(), "run console/scripts/types.mjs with a running node")


if __name__ == "__main__":
    if not browser.program():
        print("SKIP e2e_console: there is no Chromium")
    elif not os.path.exists(NODE) or not os.path.isdir(os.path.join(os.path.dirname(BIN), "console")):
        print("SKIP e2e_console: the console is not built")
    else:
        unittest.main()
