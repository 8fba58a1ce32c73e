"""Outside providers of identities: one of our own that lies in every way a provider can, and the real one from npm."""
import base64
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse

from harness import BIN, free_port, wait

PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "oidc_peer")
INSTALL_LIMIT_S = 300


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*words, given=None):
    return subprocess.run(["openssl", *words], input=given, check=True, capture_output=True, timeout=60).stdout


class Key:
    """An RSA key with which it signs, by the openssl program."""

    def __init__(self, folder, kid):
        self.kid, self.file = kid, os.path.join(folder, kid + ".pem")
        openssl("genrsa", "-out", self.file, "2048")
        modulus = openssl("rsa", "-in", self.file, "-noout", "-modulus").decode().strip().split("=")[1]
        self.jwk = {"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": b64(bytes.fromhex(modulus)), "e": "AQAB"}

    def sign(self, text):
        return openssl("dgst", "-sha256", "-sign", self.file, given=text.encode())


class Liar(http.server.ThreadingHTTPServer):
    """Signs everybody in as `who` at once. `lie(claims, header)` changes the token; `tamper` its text afterwards."""

    daemon_threads = True

    def __init__(self, client="nova", secret="a client's secret"):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = tempfile.mkdtemp(prefix="nv-liar-")
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.client, self.secret = client, secret
        self.keys = [Key(self.folder, "one")]
        self.published = list(self.keys)
        self.who = {"sub": "1", "email": "amy@example.org", "email_verified": True}
        self.lie, self.tamper, self.metadata = (lambda claims, header: None), (lambda text: text), {}
        self.codes, self.asked = {}, []
        self.refuses = False
        self.emails = None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def code(self, query):
        """What a person's browser brings back, for the request it came with."""
        code = "code-%d" % (len(self.codes) + 1)
        self.codes[code] = query
        return code

    def token(self, nonce):
        now = int(time.time())
        key = self.keys[0]
        claims = {"iss": self.issuer, "aud": self.client, "exp": now + 300, "iat": now, "nonce": nonce, **self.who}
        header = {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
        self.lie(claims, header)
        text = b64(json.dumps(header).encode()) + "." + b64(json.dumps(claims).encode())
        return self.tamper(text + "." + b64(key.sign(text)))


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        liar = self.server
        liar.asked.append(self.path)
        if self.path == "/.well-known/openid-configuration":
            return self.answer(200, {"issuer": liar.issuer, "authorization_endpoint": liar.issuer + "/authorize", "token_endpoint": liar.issuer + "/token",
                                     "jwks_uri": liar.issuer + "/jwks", **liar.metadata})
        if self.path.startswith("/authorize?"):  # signed in over there already, and the browser goes back at once
            asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
            answer = {"state": asked["state"], "code": liar.code(asked), "iss": liar.issuer, "session_state": "x", "any": "other"} if not liar.refuses else {"state": asked["state"], "error": "access_denied"}
            self.send_response(302)
            self.send_header("Location", asked["redirect_uri"] + "?" + urllib.parse.urlencode(answer))
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if self.path == "/jwks":
            return self.answer(200, {"keys": [key.jwk for key in liar.published]})
        if self.path == "/api/v3/user" and self.headers.get("Authorization") == "Bearer gh-token":
            return self.answer(200, {"id": 7, "login": "amy"})
        if self.path == "/api/v3/user/emails" and self.headers.get("Authorization") == "Bearer gh-token":
            return self.answer(200, liar.emails)
        return self.answer(404, {})

    def do_POST(self):
        liar = self.server
        liar.asked.append(self.path)
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        basic = base64.b64decode(self.headers.get("Authorization", "Basic ").split(" ")[1]).decode()
        known = urllib.parse.unquote(basic) == f"{liar.client}:{liar.secret}" or (form.get("client_id"), form.get("client_secret")) == (liar.client, liar.secret)
        asked = liar.codes.pop(form.get("code"), None)
        fits = asked and b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest()) == asked["code_challenge"] and asked["redirect_uri"] == form["redirect_uri"]
        if not known or not fits:
            return self.answer(400, {"error": "invalid_grant"})
        if self.path == "/login/oauth/access_token":
            return self.answer(200, {"access_token": "gh-token", "token_type": "bearer"})
        return self.answer(200, {"access_token": "x", "token_type": "Bearer", "id_token": liar.token(asked.get("nonce"))})


class Missing(Exception):
    """The real provider is not to be had here."""


def npm_folder():
    """Where the real provider is installed, below the build; installs it when it is not there yet."""
    folder = os.path.join(BIN, "..", "oidc_peer")
    with open(os.path.join(PEER, "package-lock.json"), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    stamp = os.path.join(folder, "installed")
    if os.path.exists(stamp):
        with open(stamp, encoding="ascii") as file:
            if file.read() == digest:
                return folder
    npm = shutil.which("npm")
    if not npm or not shutil.which("node") or os.environ.get("NOVA_BENCH_PEERS") == "no":
        raise Missing("npm or node is missing")
    os.makedirs(folder, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(PEER, name), folder)
    done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True, timeout=INSTALL_LIMIT_S, check=False)
    if done.returncode:
        raise Missing("npm cannot install it: " + done.stderr[-300:])
    with open(stamp, "w", encoding="ascii") as file:
        file.write(digest)
    return folder


class RealProvider:
    """oidc-provider of npm, on a free port."""

    def __init__(self, redirect_uri, alg="RS256"):
        folder = npm_folder()
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        shutil.copy(os.path.join(PEER, "provider.mjs"), folder)
        self.process = subprocess.Popen(["node", "provider.mjs", self.issuer, redirect_uri, alg], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready"):
            raise AssertionError("the provider did not start: " + self.process.stderr.read()[-2000:])

    def close(self):
        self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()
        self.process.stderr.close()


__all__ = ["Key", "Liar", "Missing", "RealProvider", "wait"]
