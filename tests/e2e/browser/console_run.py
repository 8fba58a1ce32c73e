"""A node with the console's pages, and a script of console/tests/e2e that walks through them in Chromium."""
import json
import os
import subprocess
import threading

from harness import BIN, PATIENCE, Refused, free_port, wait

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))
CONSOLE = os.path.join(ROOT, "console")
NODE = os.path.join(CONSOLE, "toolchain", "node_modules", ".bin", "node")
# Pictures of every page, in light English and dark Arabic, to look at.
SHOTS = os.environ.get("NOVA_CONSOLE_SHOTS") or os.path.join(os.path.dirname(BIN), "console-shots")


def is_built():
    return os.path.exists(NODE) and os.path.isdir(os.path.join(os.path.dirname(BIN), "console"))


def apply_clinic(node, folder):
    """The example as an operator applies it, on free ports."""
    examples = os.path.join(folder, "examples")
    subprocess.run(["cp", "-r", os.path.join(ROOT, "config", "examples"), examples], check=True)
    path = os.path.join(examples, "clinic.yaml")
    with open(path, encoding="utf-8") as file:
        text = file.read().replace("7481", str(free_port())).replace("7482", str(free_port()))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    env = {"PATH": os.environ["PATH"], "HOME": folder, "NOVA_SERVER": f"http://127.0.0.1:{node.port}",
           "NOVA_TOKEN_FILE": os.path.join(node.state, "operator.token"), "no_proxy": "127.0.0.1"}
    done = subprocess.run([os.path.join(BIN, "novactl"), "apply", "-f", path, "--wait"], env=env, capture_output=True, text=True, timeout=PATIENCE * 3, check=False)
    if done.returncode != 0:
        raise Refused(done.stdout + done.stderr)


class Walk:
    """A script under way: what it said so far, and its end."""

    def __init__(self, script, plan, folder):
        path = os.path.join(folder, "plan.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"shots": SHOTS, **plan}, file)
        self.said = []
        self.process = subprocess.Popen([NODE, os.path.join(CONSOLE, "tests", "e2e", script), path], cwd=CONSOLE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, env={"PATH": os.environ["PATH"], "HOME": folder, "NOVA_TEST_PATIENCE": str(PATIENCE), "no_proxy": "*"})
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self):
        for line in self.process.stdout:
            self.said.append(line)
            print(line, end="", flush=True)

    def asks(self, word, limit=PATIENCE * 8):
        """True once the script asks for something; false when it ended without."""
        wait(f"the browser to say {word}", lambda: word + "\n" in self.said or self.process.poll() is not None, limit=limit)
        return word + "\n" in self.said

    def end(self, limit=PATIENCE * 8):
        """Its exit code and the last that it said."""
        code = self.process.wait(limit)
        self._listener.join(PATIENCE)
        return code, "".join(self.said[-40:])

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._listener.join(PATIENCE)
        self.process.stdout.close()
