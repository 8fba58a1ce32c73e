"""Chromium without a window, by the DevTools protocol over two pipes: no driver, no package beside the browser's own.

`Browser` starts it with a profile of its own and ends it, `Page` is one tab. What is waited for has a deadline."""
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

from harness import PATIENCE, wait

PROGRAMS = ("chromium-headless-shell", "chromium")
# Tests run as root in containers, where the browser's own sandbox cannot start; it opens nothing but the node under test.
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
             "--disable-background-networking", "--disable-component-update", "--no-proxy-server", "--remote-debugging-pipe"]


def program():
    return next((path for path in map(shutil.which, PROGRAMS) if path), None)


class Failed(Exception):
    """The browser refused a call, or the page's script threw."""


class Browser:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="nv-browser-")
        to_read, self._out = os.pipe()
        self._in, to_write = os.pipe()
        # Chromium reads commands from 3 and writes answers to 4. Both copies go beyond them first, so that none is overwritten.
        command = 'exec "$@" 3<&%d 4>&%d' % (to_read, to_write)
        self.process = subprocess.Popen(["bash", "-c", command, "browser", program(), *ARGUMENTS, "--user-data-dir=" + self.folder, "about:blank"],
                                        pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True,
                                        env={"PATH": os.environ["PATH"], "HOME": self.folder, "LANG": "C.UTF-8"})
        os.close(to_read)
        os.close(to_write)
        self._number, self._rest, self._answers, self.events = 0, b"", {}, []

    def close(self):
        """Ends the browser and all its children, and removes the profile."""
        for end in (self._out, self._in):
            os.close(end)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(PATIENCE)
        # Its last children write there while they end.
        wait("the browser's folder to go", lambda: shutil.rmtree(self.folder, ignore_errors=True) or not os.path.exists(self.folder))

    def _read(self, limit):
        ready, _, _ = select.select([self._in], [], [], limit)
        if not ready:
            return
        data = os.read(self._in, 1 << 20)
        if not data:
            raise Failed("the browser ended")
        *messages, self._rest = (self._rest + data).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                self.events.append(message)

    def call(self, method, session=None, **params):
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data):]
        end = time.monotonic() + PATIENCE
        while self._number not in self._answers:
            if time.monotonic() > end:
                raise Failed(f"{method}: no answer")
            self._read(1)
        answer = self._answers.pop(self._number)
        if "error" in answer:
            raise Failed(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def page(self):
        return Page(self)


class Page:
    def __init__(self, browser):
        self.browser = browser
        # A context of its own: nothing of another page's is there.
        context = browser.call("Target.createBrowserContext")["browserContextId"]
        self.target = browser.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Accessibility"):
            self.call(domain + ".enable")

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def events(self, method):
        return [event["params"] for event in self.browser.events if event.get("sessionId") == self.session and event["method"] == method]

    def complaints(self):
        """What the page did that its policy forbids, threw, or wrote as an error."""
        found = [one["exceptionDetails"]["text"] for one in self.events("Runtime.exceptionThrown")]
        # An answer of 4xx is part of what is tested, and the browser notes each.
        return found + [one["entry"]["text"] for one in self.events("Log.entryAdded")
                        if one["entry"]["level"] == "error" and one["entry"]["source"] != "network"]

    def open(self, address):
        answer = self.call("Page.navigate", url=address)
        if answer.get("errorText"):
            raise Failed(f"{address}: {answer['errorText']}")
        wait(f"{address} to be loaded", lambda: self.run("document.readyState") == "complete" and self.run("location.href") != "about:blank")

    def run(self, script):
        """The value of an expression in the page; promises are waited for."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise Failed(f"{script}: {answer['exceptionDetails'].get('exception', {}).get('description', 'threw')}")
        return answer["result"].get("value")

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def shown(self, selector):
        return self.run(f"Boolean(document.querySelector({json.dumps(selector)})?.checkVisibility())")

    def wait(self, what, selector):
        """Until it is there to be seen."""
        try:
            wait(what, lambda: self.shown(selector))
        except AssertionError as error:
            raise AssertionError(f"{error}; the page says: {self.text('main')!r} {self.complaints()}") from None

    def fill(self, selector, text):
        """Types into a field as a person does."""
        self.wait(selector, selector)
        self.run(f"document.querySelector({json.dumps(selector)}).focus(), document.querySelector({json.dumps(selector)}).select()")
        self.call("Input.insertText", text=text)

    def press(self, selector):
        self.wait(selector, selector)
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def key(self, name, code=0, text=""):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code, **({"text": text} if text and kind == "keyDown" else {}))

    def authenticator(self, **options):
        """A security key that is always at hand and knows its owner (WebAuthn, section 11)."""
        self.call("WebAuthn.enable")
        made = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
                "automaticPresenceSimulation": True, **options}
        return self.call("WebAuthn.addVirtualAuthenticator", options=made)["authenticatorId"]

    def media(self, theme="light", width=1024, height=900):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
