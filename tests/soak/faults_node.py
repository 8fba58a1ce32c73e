"""What happens to the node's own process."""
import signal
import subprocess

from faults import Fault, fault


@fault
class KillNode(Fault):
    """kill -9 of novad."""
    name, kills = "kill-node", True

    def begin(self):
        self.node.kill()

    def end(self):
        self.node.start()


@fault
class StopNode(Fault):
    """SIGSTOP of novad for 3 s (30 s in 5 rounds of a hundred), then SIGCONT."""
    name, short = "stop-node", False

    def begin(self):
        self.node.process.send_signal(signal.SIGSTOP)

    def during(self):
        try:
            self.node.process.wait(30 if self.rng.random() < 0.05 else 3)
            self.expect(False, "the node ended")
        except subprocess.TimeoutExpired:
            pass

    def end(self):
        self.node.process.send_signal(signal.SIGCONT)
