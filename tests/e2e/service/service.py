"""A service for tests: answers who it is, and misbehaves as its environment says."""
import json
import os
import signal
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler

MODE = os.environ.get("MODE", "good")
if MODE == "exit":
    print("leaving at once", flush=True)
    sys.exit(3)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status, body = 200, {"pid": os.getpid(), "version": os.environ.get("VERSION", ""), "secret": os.environ.get("API_KEY", ""),
                             "data": os.environ.get("NOVA_DATA", ""), "urls": {k: v for k, v in os.environ.items() if k.startswith("NOVA_URL_")}}
        if self.path == "/health" and MODE == "sick":
            status, body = 500, {"error": "sick"}
        if self.path == "/crash":
            os._exit(7)
        if self.path == "/slow":  # says that it has begun and answers when it may
            open(os.path.join(os.environ["NOVA_DATA"], "begun"), "w", encoding="ascii").close()
            for _ in range(800):
                if os.path.exists(os.path.join(os.environ["NOVA_DATA"], "go")):
                    break
                threading.Event().wait(0.01)
        if self.path == "/keep":
            with open(os.path.join(os.environ["NOVA_DATA"], "kept.txt"), "a", encoding="utf-8") as kept:
                kept.write("x")
            body = {"kept": os.path.getsize(os.path.join(os.environ["NOVA_DATA"], "kept.txt"))}
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
print("serving " + os.environ.get("VERSION", ""), flush=True)
Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
