"""The clinic's page, and the way from it to the API: /api/... goes to NOVA_URL_API."""

import http.client
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

BODY_BYTES_MAX = 16 * 1024
ANSWER_BYTES_MAX = 4 * 1024 * 1024
API_SECONDS_MAX = 20
API = urlsplit(os.environ.get("NOVA_URL_API", "http://127.0.0.1:7482"))

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def load_pages():
    """All pages, read once: they change with a revision only, and no path from outside ever reaches the disk."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "static")
    pages = {}
    for name in sorted(os.listdir(folder)):
        kind = TYPES.get(os.path.splitext(name)[1])
        if kind:
            with open(os.path.join(folder, name), "rb") as file:
                pages["/" + name] = (kind, file.read())
    pages["/"] = pages["/index.html"]
    return pages


class Handler(BaseHTTPRequestHandler):
    timeout = 10
    pages = {}

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/health":
            return self.send(200, "text/plain; charset=utf-8", b"ok\n")
        if path.startswith("/api/"):
            return self.forward()
        if path in self.pages:
            return self.send(200, *self.pages[path])
        return self.refuse(404, "path.not_found", "there is nothing here")

    do_HEAD = do_GET

    def do_POST(self):
        self.forward()

    def do_DELETE(self):
        self.forward()

    def forward(self):
        if not self.path.startswith("/api/"):
            return self.refuse(404, "path.not_found", "there is nothing here")
        body = None
        if self.command == "POST":
            try:
                size = int(self.headers.get("Content-Length", "0"))
            except ValueError:
                size = -1
            if not 0 <= size <= BODY_BYTES_MAX:
                return self.refuse(413, "input.too_large", f"the body has at most {BODY_BYTES_MAX} bytes")
            body = self.rfile.read(size)
        api = http.client.HTTPConnection(API.hostname, API.port, timeout=API_SECONDS_MAX)
        try:
            api.request(self.command, self.path[len("/api"):], body, {"Content-Type": "application/json"})
            answer = api.getresponse()
            data = answer.read(ANSWER_BYTES_MAX + 1)
        except (OSError, http.client.HTTPException):
            return self.refuse(503, "api.unavailable", "the appointments cannot be reached, try again")
        finally:
            api.close()
        if len(data) > ANSWER_BYTES_MAX:
            return self.refuse(502, "api.answer_too_large", "the answer is too large")
        # What is not JSON comes from the way in between, when no instance of the API is ready.
        if "json" not in (answer.getheader("Content-Type") or ""):
            return self.refuse(503, "api.unavailable", "the appointments cannot be reached, try again")
        return self.send(answer.status, "application/json; charset=utf-8", data)

    def refuse(self, status, code, message):
        data = json.dumps({"code": code, "message": message}).encode()
        self.send(status, "application/json; charset=utf-8", data)

    def send(self, status, kind, data):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, form, *values):
        path = urlsplit(self.path).path
        if path != "/health":
            status = values[1] if len(values) > 1 else "-"
            print(f"{self.command} {path} {status}", flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def main():
    Handler.pages = load_pages()
    server = Server(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Handler)

    def stop(signum, frame):
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"front ready on port {server.server_address[1]}", flush=True)
    server.serve_forever(poll_interval=0.05)
    server.server_close()  # Waits for the requests under way.
    print("front stopped", flush=True)


if __name__ == "__main__":
    main()
