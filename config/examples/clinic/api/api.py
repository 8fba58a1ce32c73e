"""Appointments over HTTP and JSON, kept in SQLite.

  GET    /health                        200 while the database answers
  GET    /doctors                       who can be booked
  GET    /appointments                  coming ones, by time; ?all=1 also past and cancelled ones
  POST   /appointments                  {doctor, at, patient, phone?, request_id?} -> 201; 200 when request_id came before
  DELETE /appointments/<id>             cancels
  GET    /reminders?hours=24            coming ones nobody was reminded of yet
  POST   /appointments/<id>/reminded    true once, whoever asks first

Two instances, and an old and a new revision, share one file: every write is one transaction, times are taken by a unique
index, and the schema only grows.
"""

import json
import os
import re
import signal
import sqlite3
import sys
import threading
import uuid
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BODY_BYTES_MAX = 16 * 1024
LIST_MAX = 500
DAYS_AHEAD_MAX = 365
SLOT_MINUTES = int(os.environ.get("CLINIC_SLOT_MINUTES", "30"))

DOCTORS = [
    {"id": "haddad", "name": {"en": "Dr Layla Haddad", "ar": "د. ليلى حداد"},
     "field": {"en": "General medicine", "ar": "طب عام"}},
    {"id": "karim", "name": {"en": "Dr Omar Karim", "ar": "د. عمر كريم"},
     "field": {"en": "Paediatrics", "ar": "طب الأطفال"}},
    {"id": "nasser", "name": {"en": "Dr Salma Nasser", "ar": "د. سلمى ناصر"},
     "field": {"en": "Cardiology", "ar": "أمراض القلب"}},
]
DOCTOR_IDS = {doctor["id"] for doctor in DOCTORS}

# One step per version of the schema. Steps only add, so that an older revision can work beside a newer one.
STEPS = [
    """
    create table if not exists appointments(
      id text primary key, doctor text not null, at text not null, patient text not null,
      phone text not null default '', request_id text unique, created_at text not null,
      cancelled_at text, reminded_at text) strict;
    create unique index if not exists appointments_time on appointments(doctor, at) where cancelled_at is null;
    create index if not exists appointments_at on appointments(at);
    """,
]


class Refused(Exception):
    def __init__(self, status, code, message, field=None):
        super().__init__(code)
        self.status, self.body = status, {"code": code, "message": message}
        if field:
            self.body["field"] = field


def stamp(moment):
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def now():
    return datetime.now(timezone.utc)


class Store:
    def __init__(self, path):
        self.path = path
        with self.open() as db:
            db.execute("pragma journal_mode=wal")
            db.execute("begin immediate")
            version = db.execute("pragma user_version").fetchone()[0]
            for step in STEPS[version:]:
                for statement in filter(str.strip, step.split(";")):
                    db.execute(statement)
            if version < len(STEPS):
                db.execute(f"pragma user_version={len(STEPS)}")
            db.execute("commit")

    @contextmanager
    def open(self):
        """A connection of one request: none is shared between threads, and none outlives a deleted file."""
        db = sqlite3.connect(self.path, timeout=5, isolation_level=None)
        db.row_factory = sqlite3.Row
        try:
            db.execute("pragma synchronous=full")
            yield db
        finally:
            db.close()

    def check(self):
        with self.open() as db:
            db.execute("select count(*) from (select 1 from appointments limit 1)").fetchone()

    def coming(self, everything):
        where = "" if everything else "where cancelled_at is null and at >= ?"
        values = [] if everything else [stamp(now() - timedelta(minutes=SLOT_MINUTES))]
        with self.open() as db:
            rows = db.execute(f"select * from appointments {where} order by at, id limit {LIST_MAX}", values)
            return [self.shown(row) for row in rows]

    def due(self, hours):
        with self.open() as db:
            rows = db.execute(
                "select * from appointments where cancelled_at is null and reminded_at is null and at >= ? and at <= ?"
                f" order by at limit {LIST_MAX}", [stamp(now()), stamp(now() + timedelta(hours=hours))])
            return [self.shown(row) for row in rows]

    def book(self, wanted):
        row = {**wanted, "id": str(uuid.uuid4()), "created_at": stamp(now())}
        with self.open() as db:
            db.execute("begin immediate")
            if row["request_id"]:
                before = db.execute("select * from appointments where request_id=?", [row["request_id"]]).fetchone()
                if before:
                    db.execute("rollback")
                    return self.shown(before), False
            try:
                db.execute("insert into appointments(id, doctor, at, patient, phone, request_id, created_at)"
                           " values(:id, :doctor, :at, :patient, :phone, :request_id, :created_at)", row)
            except sqlite3.IntegrityError:
                raise Refused(409, "appointment.time_taken", "this time is taken", "at") from None
            stored = db.execute("select * from appointments where id=?", [row["id"]]).fetchone()
            db.execute("commit")
            return self.shown(stored), True

    def mark(self, id, column):
        """Sets the time of a thing that happens once; true when it was this call that set it."""
        with self.open() as db:
            changed = db.execute(f"update appointments set {column}=? where id=? and {column} is null"
                                 " and cancelled_at is null", [stamp(now()), id]).rowcount
            row = db.execute("select * from appointments where id=?", [id]).fetchone()
        if row is None:
            raise Refused(404, "appointment.not_found", "there is no such appointment")
        return self.shown(row), changed == 1

    @staticmethod
    def shown(row):
        wanted = ("id", "doctor", "at", "patient", "phone", "created_at", "cancelled_at", "reminded_at")
        return {name: row[name] for name in wanted}


def text_of(body, field, size_max, required):
    value = body.get(field, "")
    if not isinstance(value, str):
        raise Refused(400, "input.invalid", "must be text", field)
    value = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if required and not value:
        raise Refused(400, "input.invalid", "must not be empty", field)
    if len(value) > size_max:
        raise Refused(400, "input.invalid", f"must have at most {size_max} characters", field)
    return value


def time_of(body):
    try:
        at = datetime.fromisoformat(body.get("at", "").replace("Z", "+00:00"))
    except (ValueError, AttributeError):
        raise Refused(400, "input.invalid", "must be a time such as 2026-01-31T09:00:00Z", "at") from None
    if at.tzinfo is None:
        raise Refused(400, "input.invalid", "must name its time zone", "at")
    at = at.astimezone(timezone.utc)
    if at.second or at.microsecond or at.minute % SLOT_MINUTES:
        raise Refused(400, "input.invalid", f"must lie on a step of {SLOT_MINUTES} minutes", "at")
    if at <= now():
        raise Refused(400, "appointment.in_the_past", "must lie in the future", "at")
    if at > now() + timedelta(days=DAYS_AHEAD_MAX):
        raise Refused(400, "appointment.too_far", f"must lie within {DAYS_AHEAD_MAX} days", "at")
    return stamp(at)


def wanted_of(body):
    if not isinstance(body, dict):
        raise Refused(400, "input.invalid", "must be a JSON object")
    unknown = set(body) - {"doctor", "at", "patient", "phone", "request_id"}
    if unknown:
        raise Refused(400, "input.invalid", "is not known", sorted(unknown)[0])
    doctor = text_of(body, "doctor", 40, True)
    if doctor not in DOCTOR_IDS:
        raise Refused(400, "doctor.not_found", "there is no such doctor", "doctor")
    phone = text_of(body, "phone", 32, False)
    if phone and not re.fullmatch(r"\+?[\d\s()./-]{5,32}", phone):
        raise Refused(400, "input.invalid", "must be a telephone number", "phone")
    return {"doctor": doctor, "at": time_of(body), "patient": text_of(body, "patient", 120, True), "phone": phone,
            "request_id": text_of(body, "request_id", 64, False) or None}


class Handler(BaseHTTPRequestHandler):
    # HTTP/1.0 on purpose: a connection ends with its answer, so an instance that is told to stop has nothing to wait
    # for but what it is working on.
    timeout = 10
    store = None

    def do_GET(self):
        self.answer({"/health": self.health, "/doctors": self.doctors, "/appointments": self.appointments,
                     "/reminders": self.reminders})

    def do_POST(self):
        self.answer({"/appointments": self.book, "/appointments/*/reminded": self.reminded})

    def do_DELETE(self):
        self.answer({"/appointments/*": self.cancel})

    def answer(self, routes):
        url = urlsplit(self.path)
        self.query = parse_qs(url.query)
        parts = url.path.split("/")
        self.id = parts[2] if len(parts) > 2 else None
        pattern = "/".join(parts[:2] + ["*"] + parts[3:]) if self.id else url.path
        try:
            if pattern not in routes:
                raise Refused(404, "path.not_found", "there is nothing here")
            status, body = routes[pattern]()
        except Refused as refused:
            status, body = refused.status, refused.body
        except sqlite3.Error as error:
            print(f"database: {error}", file=sys.stderr, flush=True)
            status, body = 503, {"code": "store.unavailable", "message": "the database does not answer, try again"}
        self.send(status, body)

    def body(self):
        try:
            size = int(self.headers.get("Content-Length", ""))
        except ValueError:
            raise Refused(411, "input.no_length", "the length of the body must be given") from None
        if not 0 <= size <= BODY_BYTES_MAX:
            raise Refused(413, "input.too_large", f"the body has at most {BODY_BYTES_MAX} bytes")
        try:
            return json.loads(self.rfile.read(size).decode("utf-8"))
        except (ValueError, RecursionError):
            raise Refused(400, "input.not_json", "the body must be JSON") from None

    def send(self, status, body):
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def health(self):
        self.store.check()
        return 200, {"status": "ok"}

    def doctors(self):
        return 200, {"items": DOCTORS, "slot_minutes": SLOT_MINUTES}

    def appointments(self):
        served_by = {"revision": os.environ.get("NOVA_REVISION", "0"), "instance": os.environ.get("NOVA_INSTANCE", "0"),
                     "pid": os.getpid()}
        return 200, {"items": self.store.coming("all" in self.query), "served_by": served_by}

    def reminders(self):
        try:
            hours = min(max(int(self.query.get("hours", ["24"])[0]), 1), 24 * 14)
        except ValueError:
            raise Refused(400, "input.invalid", "must be a number", "hours") from None
        return 200, {"items": self.store.due(hours)}

    def book(self):
        appointment, fresh = self.store.book(wanted_of(self.body()))
        return (201 if fresh else 200), appointment

    def cancel(self):
        return 200, self.store.mark(self.id, "cancelled_at")[0]

    def reminded(self):
        return 200, {"reminded": self.store.mark(self.id, "reminded_at")[1]}

    def log_message(self, form, *values):
        # No query and no body: names of patients do not belong into a log.
        if self.path != "/health":
            status = values[1] if len(values) > 1 else "-"
            print(f"{self.command} {urlsplit(self.path).path} {status}", flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def main():
    folder = os.environ.get("NOVA_DATA", ".")
    os.makedirs(folder, exist_ok=True)
    Handler.store = Store(os.path.join(folder, "clinic.db"))
    server = Server(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Handler)

    def stop(signum, frame):
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"api ready on port {server.server_address[1]}", flush=True)
    server.serve_forever(poll_interval=0.05)
    server.server_close()  # Waits for the requests under way.
    print("api stopped", flush=True)


if __name__ == "__main__":
    main()
