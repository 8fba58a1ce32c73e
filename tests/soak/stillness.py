"""Whether the whole machine stood still: processes that were frozen let deadlines pass that nobody could keep."""
import threading
import time

LOOK = 0.25
NOTICED = 4.0  # seconds; a busy machine delays a thread by less


class Stillness:
    def __init__(self):
        self.longest = 0.0
        self._end = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        last = time.monotonic()
        while not self._end.wait(LOOK):
            now = time.monotonic()
            self.longest = max(self.longest, now - last)
            last = now

    def stop(self):
        """Seconds that the machine stood still since the beginning; 0 when it did not."""
        self._end.set()
        return round(self.longest, 1) if self.longest > NOTICED else 0
