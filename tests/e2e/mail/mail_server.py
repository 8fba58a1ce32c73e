"""A real mail server on a free port (Debian's aiosmtpd), which keeps what it takes and does as it is told."""
import asyncio
import email
import email.policy
import os
import re
import ssl
import subprocess
import sys
import threading

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's, also where another Python comes first
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from harness import free_port, wait


def certificate(folder):
    """A key and a certificate of its own for localhost and 127.0.0.1."""
    key, cert = os.path.join(folder, "mail.key"), os.path.join(folder, "mail.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True, timeout=60)
    return key, cert


class Mail:
    def __init__(self, envelope):
        self.to, self.sender, self.raw = envelope.rcpt_tos, envelope.mail_from, envelope.content
        self.message = email.message_from_bytes(self.raw, policy=email.policy.default)
        self.text = self.message.get_content()
        self.id = self.message["Message-ID"]

    def token(self, name="verify"):
        return re.search(rf"#{name}=(\S+)", self.text).group(1)


class MailServer(Controller):
    """`answer` is what it says to DATA: None takes the mail. `hold` is an event to wait for before it says so."""

    def __init__(self, folder=None, login=None, **options):
        self.mails, self.tries, self.answer, self.logins = [], 0, None, []
        self.taken, self.hold = threading.Event(), None
        if folder:
            key, self.cert = certificate(folder)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.cert, key)
            options.update(tls_context=context, require_starttls=True)
        if login:
            def check(_server, _session, _envelope, _mechanism, data):
                self.logins.append(data)
                return AuthResult(success=isinstance(data, LoginPassword) and (data.login, data.password) == login)
            options.update(authenticator=check, auth_required=True)
        super().__init__(self, hostname="127.0.0.1", port=free_port())
        self.options = options

    def factory(self):
        return SMTP(self, hostname="mail.test", **self.options)

    def start(self):
        super().start()
        return self

    async def handle_DATA(self, _server, _session, envelope):
        self.tries += 1
        if self.answer:
            return self.answer
        self.mails.append(Mail(envelope))
        self.taken.set()
        if self.hold:
            while not self.hold.is_set():
                await asyncio.sleep(0.01)
        return "250 taken"

    def to(self, address, count=1):
        """The newest of at least `count` mails to an address."""
        return wait(f"mail {count} to {address}", lambda: (found := [m for m in self.mails if address in m.to]) and len(found) >= count and found[-1])
