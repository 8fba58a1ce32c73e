"""One round of reminders: asks the API which appointments come up, and marks each as reminded exactly once.

Runs to completion and is started again after its interval. Exit 0: all done; 1: the API could not be reached.
"""

import http.client
import json
import os
import socket
import sys
import time
from urllib.parse import urlsplit

API = urlsplit(os.environ.get("NOVA_URL_API", "http://127.0.0.1:7482"))
HOURS = int(os.environ.get("CLINIC_REMIND_HOURS", "24"))
SECONDS_MAX = 20
# In a first revision this worker starts before the API's stable port opens: that happens when the whole revision takes over.
PORT_OPENS_SECONDS_MAX = float(os.environ.get("CLINIC_WAIT_SECONDS", "60"))


def wait_for_port():
    deadline = time.monotonic() + PORT_OPENS_SECONDS_MAX
    while True:
        try:
            socket.create_connection((API.hostname, API.port), timeout=SECONDS_MAX).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def ask(method, path):
    api = http.client.HTTPConnection(API.hostname, API.port, timeout=SECONDS_MAX)
    try:
        api.request(method, path, b"" if method == "POST" else None)
        answer = api.getresponse()
        body = answer.read()
        if answer.status == 404:
            return {}
        if answer.status != 200:
            raise OSError(f"{method} {path} was answered with {answer.status}")
        return json.loads(body)
    finally:
        api.close()


def main():
    try:
        wait_for_port()
        due = ask("GET", f"/reminders?hours={HOURS}").get("items", [])
        # The mark comes first and tells who reminds: two workers never remind the same patient.
        reminded = [one["id"] for one in due if ask("POST", f"/appointments/{one['id']}/reminded").get("reminded")]
    except (OSError, ValueError, http.client.HTTPException) as error:
        print(f"reminders: the appointments cannot be reached: {error}", file=sys.stderr, flush=True)
        return 1
    for id in reminded:
        print(f"reminded of appointment {id}", flush=True)
    print(f"reminders: {len(reminded)} of {len(due)} due", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
