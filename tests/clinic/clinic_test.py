"""The clinic's services as real processes: what a person books stays booked, whatever happens to the processes."""

import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone

HOME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "config", "examples", "clinic")
SECONDS_MAX = 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_true(done):
    """Polls with a deadline: nothing here sleeps and hopes."""
    deadline = time.monotonic() + SECONDS_MAX
    while time.monotonic() < deadline:
        if done():
            return True
        select.select([], [], [], 0.02)
    return False


def ask(port, method, path, body=None, raw=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_MAX)
    try:
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        connection.request(method, path, data)
        answer = connection.getresponse()
        text = answer.read()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, (json.loads(text) if is_json else text.decode())
    finally:
        connection.close()


def slot(days=2, hour=9):
    at = (datetime.now(timezone.utc) + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class Clinic(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = folder.name
        self.running = []
        self.addCleanup(self.stop_all)

    def stop_all(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()

    def start(self, service, **more):
        port = free_port()
        environment = {"PATH": os.environ["PATH"], "PORT": str(port), "NOVA_DATA": self.data, **more}
        process = subprocess.Popen([sys.executable, f"{service}.py"], cwd=os.path.join(HOME, service),
                                   env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.running.append(process)
        line = process.stdout.readline()
        self.assertIn("ready", line)
        return process, port

    def run_worker(self, port):
        environment = {"PATH": os.environ["PATH"], "NOVA_URL_API": f"http://127.0.0.1:{port}", "CLINIC_WAIT_SECONDS": "0.2"}
        return subprocess.run([sys.executable, "worker.py"], cwd=os.path.join(HOME, "worker"), env=environment,
                              capture_output=True, text=True, timeout=SECONDS_MAX)

    def book(self, port, at, **more):
        return ask(port, "POST", "/appointments", {"doctor": "haddad", "at": at, "patient": "Amal", **more})

    def test_a_booked_appointment_is_listed_and_can_be_cancelled(self):
        _, port = self.start("api")
        status, made = self.book(port, slot(), phone="+964 770 000 0000")
        self.assertEqual(status, 201)
        items = ask(port, "GET", "/appointments")[1]["items"]
        self.assertEqual([one["id"] for one in items], [made["id"]])
        self.assertEqual(ask(port, "DELETE", "/appointments/" + made["id"])[0], 200)
        self.assertEqual(ask(port, "GET", "/appointments")[1]["items"], [])
        self.assertEqual(self.book(port, slot())[0], 201, "a cancelled time is free again")

    def test_a_time_is_booked_once_whichever_of_two_instances_is_asked(self):
        ports = [self.start("api")[1], self.start("api")[1]]
        answers = []
        threads = [threading.Thread(target=lambda p=port: answers.append(self.book(p, slot())[0]))
                   for port in ports * 8]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(answers), [201] + [409] * 15)
        lists = [ask(port, "GET", "/appointments")[1]["items"] for port in ports]
        self.assertEqual(lists[0], lists[1])

    def test_an_appointment_survives_kill_9(self):
        process, port = self.start("api")
        self.assertEqual(self.book(port, slot())[0], 201)
        process.kill()
        process.wait()
        _, port = self.start("api")
        self.assertEqual(len(ask(port, "GET", "/appointments")[1]["items"]), 1)

    def test_the_same_request_sent_twice_books_once(self):
        _, port = self.start("api")
        first = self.book(port, slot(), request_id="r-1")
        again = self.book(port, slot(), request_id="r-1")
        self.assertEqual((first[0], again[0]), (201, 200))
        self.assertEqual(first[1]["id"], again[1]["id"])

    def test_wrong_input_is_refused_with_the_field(self):
        _, port = self.start("api")
        good = {"doctor": "haddad", "at": slot(), "patient": "Amal"}
        for change, field in [({"doctor": "who"}, "doctor"), ({"at": "soon"}, "at"), ({"at": 5}, "at"),
                              ({"at": "2020-01-01T09:00:00Z"}, "at"), ({"at": slot(days=900)}, "at"),
                              ({"at": slot().replace(":00:00Z", ":01:00Z")}, "at"), ({"patient": " \x00 "}, "patient"),
                              ({"patient": "x" * 121}, "patient"), ({"phone": "call me"}, "phone"),
                              ({"colour": "red"}, "colour")]:
            with self.subTest(change=change):
                status, body = ask(port, "POST", "/appointments", {**good, **change})
                self.assertEqual((status, body.get("field")), (400, field))
        for raw in [b"{", b"[]", b"\xff", b"[" * 5000]:
            self.assertEqual(ask(port, "POST", "/appointments", raw=raw)[0], 400)
        self.assertEqual(ask(port, "POST", "/appointments", raw=b"x" * 20000)[0], 413)
        self.assertEqual(ask(port, "DELETE", "/appointments/none")[0], 404)
        self.assertEqual(ask(port, "GET", "/appointments")[1]["items"], [])

    def test_sigterm_ends_an_instance_with_exit_0(self):
        for service in ["api", "front"]:
            process, port = self.start(service)
            self.assertEqual(ask(port, "GET", "/health")[0], 200)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(SECONDS_MAX), 0)

    def test_no_name_of_a_patient_reaches_the_log(self):
        process, port = self.start("api")
        self.book(port, slot(), patient="Zaynab Secretname")
        ask(port, "GET", "/appointments?patient=Secretname")
        process.send_signal(signal.SIGTERM)
        self.assertNotIn("Secretname", process.stdout.read())

    def test_the_worker_reminds_once_of_what_is_near(self):
        _, port = self.start("api")
        soon = datetime.now(timezone.utc) + timedelta(hours=2)
        soon = soon.replace(minute=30 if soon.minute >= 30 else 0, second=0, microsecond=0)
        self.book(port, soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.book(port, slot(days=5))
        first, second = self.run_worker(port), self.run_worker(port)
        self.assertEqual((first.returncode, second.returncode), (0, 0), first.stderr)
        self.assertIn("1 of 1 due", first.stdout)
        self.assertIn("0 of 0 due", second.stdout)
        marks = [bool(one["reminded_at"]) for one in ask(port, "GET", "/appointments")[1]["items"]]
        self.assertEqual(marks, [True, False])

    def test_a_worker_without_an_api_fails_and_says_why(self):
        ended = self.run_worker(free_port())
        self.assertEqual(ended.returncode, 1)
        self.assertIn("cannot be reached", ended.stderr)

    def test_the_front_serves_the_page_and_hands_on_to_the_api(self):
        _, api = self.start("api")
        _, front = self.start("front", NOVA_URL_API=f"http://127.0.0.1:{api}")
        status, page = ask(front, "GET", "/")
        self.assertEqual(status, 200)
        self.assertNotIn("http://", page.replace("http://www.w3.org", ""), "no foreign assets")
        for path in ["/app.js", "/words.js", "/style.css", "/icon.svg"]:
            self.assertEqual(ask(front, "GET", path)[0], 200)
        status, made = ask(front, "POST", "/api/appointments",
                           {"doctor": "karim", "at": slot(), "patient": "أمل"})
        self.assertEqual((status, made["patient"]), (201, "أمل"))
        self.assertEqual(len(ask(front, "GET", "/api/appointments")[1]["items"]), 1)
        self.assertEqual(ask(front, "DELETE", "/api/appointments/" + made["id"])[0], 200)

    def test_the_front_serves_no_file_beside_its_pages(self):
        _, front = self.start("front")
        for path in ["/front.py", "/../front.py", "/static/index.html", "/%2e%2e/front.py", "//etc/passwd"]:
            self.assertEqual(ask(front, "GET", path)[0], 404, path)

    def test_the_front_stays_up_and_says_so_when_the_api_is_gone(self):
        _, front = self.start("front", NOVA_URL_API=f"http://127.0.0.1:{free_port()}")
        status, body = ask(front, "GET", "/api/appointments")
        self.assertEqual((status, body["code"]), (503, "api.unavailable"))
        self.assertEqual(ask(front, "GET", "/health")[0], 200)

    def test_both_languages_have_the_same_words(self):
        with open(os.path.join(HOME, "front", "static", "words.js"), encoding="utf-8") as file:
            english, arabic = file.read().split("  ar: {")
        words = [set(re.findall(r'("?[\w.]+"?): "', half)) for half in (english, arabic)]
        self.assertGreater(len(words[0]), 20)
        self.assertEqual(words[0], words[1])


if __name__ == "__main__":
    unittest.main()
