"""The sign-in page of a node without the console in a real browser with a virtual authenticator, and programs that are let in there."""
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import browser
from harness import BIN, PATIENCE, Node, wait
from test_identity import totp

PASSWORD = "correct horse 9 Battery"
OWNER = "owner@example.org"


class Program:
    """novactl on a machine without a browser."""

    def __init__(self, case, node):
        home = tempfile.TemporaryDirectory(prefix="nv-p-")
        case.addCleanup(home.cleanup)
        self.env = {"PATH": os.environ["PATH"], "HOME": home.name, "LC_ALL": "C.UTF-8", "no_proxy": "127.0.0.1", "NOVA_SERVER": f"http://127.0.0.1:{node.port}"}
        self.case, self.said = case, ""

    def start(self, *arguments):
        process = subprocess.Popen([os.path.join(BIN, "novactl"), *arguments], env=self.env, cwd=self.env["HOME"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said = ""

        def listen():
            for line in process.stderr:
                self.said += line
        listener = threading.Thread(target=listen, daemon=True)
        listener.start()

        def end():
            if process.poll() is None:
                process.kill()
            process.wait(PATIENCE)
            listener.join(PATIENCE)
            for file in (process.stdin, process.stdout, process.stderr):
                file.close()
        self.case.addCleanup(end)
        return process

    def find(self, pattern):
        return wait(f"novactl to say {pattern}", lambda: re.search(pattern, self.said))

    def run(self, *arguments, text=""):
        return subprocess.run([os.path.join(BIN, "novactl"), *arguments], env=self.env, cwd=self.env["HOME"], input=text,
                              capture_output=True, text=True, timeout=PATIENCE, check=False)


class SignIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node(extra_env={"NOVA_LISTEN_CONSOLE": "false"}).start()
        cls.addClassCleanup(cls.node.close)
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.site = f"http://localhost:{cls.node.port}"
        with open(os.path.join(cls.node.state, "enrolment.token"), encoding="ascii") as file:
            cls.enrolment = file.read().strip()
        cls.count = 0

    def page(self, path="/signin", **authenticator):
        page = self.browser.page()
        page.authenticator(**authenticator)
        page.open(self.site + path)
        page.wait("the page", "main > section")
        return page

    def person(self):
        type(self).count += 1
        email = f"person-{self.count}@example.org"
        user = self.node.ok("POST", "/api/auth/register", {"email": email, "username": "P", "password": PASSWORD, "language": "en"})["user"]
        self.node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        return email, user

    def password(self, page, email):
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        page.press("#form-password button")

    def enrol(self, page, name="laptop"):
        page.fill("#passkey-name", name)
        page.press("#form-passkey button")
        page.wait("the new passkey", "#passkeys li")

    def quiet(self, page):
        """Nothing was forbidden or thrown, and nothing was left behind in the browser."""
        self.assertEqual(page.complaints(), [])
        self.assertEqual(page.run("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.hash])"), '[{},{},"",""]')

    def test_the_owner_from_the_token_to_a_passkey_to_a_program_that_waits(self):
        page = self.page("/signin?lang=en")
        page.press("#to-owner")
        for field, text in (("token", self.enrolment), ("owner-email", OWNER), ("owner-name", "Olga"), ("owner-password", PASSWORD)):
            page.fill("#" + field, text)
        page.press("#form-owner button")
        page.wait("the owner's account", "#view-home")
        self.assertEqual(page.text("#who"), OWNER)
        self.assertTrue(page.shown("#owner-needs-key"))
        self.enrol(page, "security key")
        self.assertFalse(page.shown("#owner-needs-key"))
        self.assertIn("security key", page.text("#passkeys"))
        page.press("#sign-out")
        page.wait("to be signed out", "#view-password")

        page.press("#passkey")
        page.wait("to be signed in by it", "#view-home")
        self.assertEqual(page.text("#who"), OWNER)
        program = Program(self, self.node)
        waiting = program.start("login", "--device", "--device-name", "novactl on a server")
        code = program.find(r"and enter +([B-Z]{4}-[B-Z]{4})").group(1)
        self.assertIn(f"open       {self.site}/signin\n", program.said)
        page.fill("#user-code", code.lower())
        page.press("#form-device button")
        page.wait("what asks", "#view-device")
        for selector, text in (("#device-name", "novactl on a server"), ("#device-code", code), ("#device-as", OWNER)):
            self.assertEqual(page.text(selector), text)
        page.press("#device-approve")
        page.wait("the end", "#view-done")
        self.assertEqual(waiting.wait(PATIENCE), 0, program.said)
        self.assertIn(f"signed in as {OWNER}", waiting.stdout.read())
        who = json.loads(program.run("whoami", "-o", "json").stdout)
        self.assertTrue(who["root_owner"])
        key = json.loads(program.run("passkeys", "list", "-o", "json").stdout)["items"][0]["id"]
        self.assertIn("is called blue key", program.run("passkeys", "rename", key, "blue key").stdout)
        self.assertIn("blue key", program.run("passkeys", "list").stdout)
        last = program.run("passkeys", "remove", key, "--yes")
        self.assertNotEqual(0, last.returncode, last.stdout)
        self.assertIn("passkey.last_of_owner", last.stderr)
        sessions = {item["state"]["method"] for item in json.loads(program.run("sessions", "list", "-o", "json").stdout)["items"]}
        self.assertEqual(sessions, {"device", "passkey"})
        self.quiet(page)

        # The owner's key is hardware, and nothing stands in for it or takes the last one away.
        for email, answer in ((OWNER, program.run("login", OWNER, "--password-stdin", text=PASSWORD + "\n")),):
            self.assertNotEqual(answer.returncode, 0, email)
            self.assertIn("novactl login --device", answer.stderr)
        page.press('[data-go="home"]')
        page.wait("the account", "#view-home")
        page.run("window.confirm = () => true")
        page.press("#passkeys .acts button:last-child")
        page.wait("the refusal", "#problem")
        self.assertIn("the owner keeps at least one passkey", page.text("#problem"))

    def test_a_program_is_turned_away(self):
        email, _ = self.person()
        program = Program(self, self.node)
        waiting = program.start("login", "--device")
        address = program.find(r"or open +(\S+)").group(1)
        page = self.page(address[len(self.site):])
        self.assertTrue(page.shown("#waiting-code"))
        self.password(page, email)
        page.wait("what asks", "#view-device")
        page.press("#device-deny")
        page.wait("the end", "#view-done")
        self.assertEqual(waiting.wait(PATIENCE), 3, program.said)
        program.find("auth.device_access_denied")
        self.quiet(page)

    def test_the_password_alone_opens_nothing_where_there_is_a_passkey(self):
        email, user = self.person()
        page = self.page("/signin?lang=en")
        self.password(page, email)
        page.wait("the account", "#view-home")
        self.enrol(page)
        page.press("#sign-out")
        page.wait("to be signed out", "#view-password")
        self.password(page, email)
        page.wait("the second step", "#view-second")
        self.assertFalse(page.shown("#form-code"))
        page.press("#second-passkey")
        page.wait("the account", "#view-home")
        # Renamed and removed, by its user alone.
        item = json.loads(page.run("import('/signin/node.js').then((node) => node.ask('GET', '/api/auth/passkeys')).then(JSON.stringify)"))["items"][0]
        self.assertEqual((item["status"], item["state"]["name"], item["state"]["uses"]), ("active", "laptop", 1))
        self.assertNotIn("public_key", json.dumps(item))
        self.assertEqual(self.node.ask("POST", f"/api/auth/passkeys/{item['id']}/rename", {"name": "x"}).status, 403)
        page.run("window.prompt = () => ' old one '")
        page.press("#passkeys .acts button:first-child")
        wait("the new name", lambda: "old one" in page.text("#passkeys"))
        page.run("window.confirm = () => true")
        page.press("#passkeys .acts button:last-child")
        page.wait("no passkeys", "#no-passkeys")
        self.assertEqual(self.node.ok("GET", f"/v1/tenants/system/passkeys/{item['id']}")["state"]["name"], "old one")
        page.press("#sign-out")
        page.wait("to be signed out", "#view-password")
        page.press("#passkey")
        page.wait("the refusal", "#problem")
        self.password(page, email)
        page.wait("the account", "#view-home")
        told = self.node.ask("GET", "/v1/events?kind=passkey&last=1000").text
        for word in ("passkey.enrolled", "passkey.used", "passkey.renamed", "passkey.removed", user):
            self.assertIn(word, told)
        self.assertNotIn("public_key", told)
        self.quiet(page)

    def test_a_browsers_answer_is_good_once_and_nowhere_else(self):
        email, _ = self.person()
        page = self.page("/signin?lang=en")
        self.password(page, email)
        page.wait("the account", "#view-home")
        self.enrol(page)
        answered = json.loads(page.run("import('/signin/node.js').then(async (node) => node.sign(await node.open('/api/auth/passkey/options', {}))).then(JSON.stringify)"))
        post = lambda body, **headers: self.node.ask("POST", "/api/auth/passkey/login", body, headers, token=False)
        self.assertEqual(post(answered).status, 200)
        again = post(answered)
        self.assertEqual((again.status, again.code), (410, "auth.flow_expired"))
        fresh = self.node.ask("POST", "/api/auth/passkey/options", {}, token=False).json
        crossed = post({**answered, "ceremony": fresh["ceremony"]})
        self.assertEqual((crossed.status, crossed.json["details"]["reason"]), (401, "challenge"))
        evil = self.node.ask("POST", "/api/auth/passkey/options", {}, {"Origin": "https://evil.example"}, token=False)
        self.assertEqual((evil.status, evil.code), (403, "passkey.wrong_origin"))

    def test_an_authenticator_that_does_not_know_its_owner_enrols_nothing(self):
        email, _ = self.person()
        page = self.page("/signin?lang=en", hasUserVerification=False, isUserVerified=False)
        self.password(page, email)
        page.wait("the account", "#view-home")
        page.press("#form-passkey button")
        page.wait("the refusal", "#problem")
        self.assertFalse(page.shown("#passkeys li"))

    def test_a_page_at_another_address_says_where_passkeys_work(self):
        page = self.browser.page()
        page.authenticator()
        page.open(f"http://127.0.0.1:{self.node.port}/signin?lang=en")
        page.press("#passkey")
        page.wait("the refusal", "#problem")
        self.assertIn(f"{self.site}/signin", page.text("#problem"))

    def test_programs_get_the_words_of_the_standard(self):
        ask = lambda path, body: self.node.ask("POST", path, body, token=False)
        begun = ask("/api/auth/device", {"client_id": "any", "device": "a test"})
        self.assertEqual(begun.status, 200, begun.text)
        self.assertEqual(sorted(begun.json), ["device_code", "expires_in", "interval", "user_code", "verification_uri", "verification_uri_complete"])
        self.assertEqual((begun.json["expires_in"], begun.json["interval"], begun.json["verification_uri"]), (600, 5, self.site + "/signin"))
        poll = lambda code=begun.json["device_code"]: ask("/api/auth/device/token", {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": code})
        for word in ("authorization_pending", "slow_down"):
            answer = poll()
            self.assertEqual((answer.status, answer.json["error"]), (400, word), answer.text)
            self.assertIn("error_description", answer.json)
        self.assertEqual(poll("x" * 40).json["error"], "invalid_grant")
        # A program cannot let itself in.
        self.assertEqual(ask("/api/auth/device/approve", {"user_code": begun.json["user_code"]}).status, 401)
        self.assertEqual(self.node.ask("POST", "/api/auth/device/approve", {"user_code": begun.json["user_code"]}).status, 403)
        with open(os.path.join(self.node.state, "nova.db"), "rb") as file:
            data = file.read()
        for secret in (begun.json["user_code"], begun.json["device_code"].split(".")[1]):
            self.assertNotIn(secret.encode(), data)

    def test_a_program_waits_through_a_restart_of_the_node(self):
        node = Node().start()
        self.addCleanup(node.close)
        begun = node.ask("POST", "/api/auth/device", {"device": "a test"}, token=False).json
        node.terminate()
        node.start()
        answer = node.ask("POST", "/api/auth/device/token", {"device_code": begun["device_code"]}, token=False)
        self.assertEqual(answer.json["error"], "authorization_pending")

    def test_an_app_is_enrolled_in_the_terminal(self):
        email, _ = self.person()
        program = Program(self, self.node)
        self.assertEqual(program.run("login", email, "--password-stdin", text=PASSWORD + "\n").returncode, 0)
        enrolling = program.start("mfa", "enrol", "-o", "json")
        secret = program.find(r"type this secret there: (\w+)").group(1)
        self.assertIn("█", program.said)
        enrolling.stdin.write(totp(secret) + "\n")
        enrolling.stdin.flush()
        codes = json.loads(enrolling.stdout.read())["recovery_codes"]
        self.assertEqual((enrolling.wait(PATIENCE), len(codes)), (0, 10))
        self.assertIn("10 left", program.run("mfa", "status").stdout)
        other = json.loads(program.run("mfa", "recovery", "-o", "json", text=codes[0] + "\n").stdout)["recovery_codes"]
        self.assertFalse(set(codes) & set(other))
        self.assertEqual(program.run("mfa", "remove", text=codes[1] + "\n").returncode, 3)  # of those before
        # The page takes a code, too.
        page = self.page("/signin?lang=en")
        self.password(page, email)
        page.wait("the second step", "#view-second")
        self.assertFalse(page.shown("#second-passkey"))
        page.fill("#code", other[0])
        page.press("#form-code button")
        page.wait("the account", "#view-home")
        self.assertEqual(program.run("mfa", "remove", text=other[1] + "\n").returncode, 0)
        self.assertEqual(program.run("login", email, "--password-stdin", text=PASSWORD + "\n").returncode, 0)

    def test_the_page_runs_its_own_script_alone_and_is_kept_nowhere(self):
        for path in ("/signin", "/signin/signin.js", "/signin/signin.css"):
            answer = self.node.ask("GET", path, token=False)
            self.assertEqual(answer.status, 200)
            policy = answer.headers["Content-Security-Policy"]
            for word in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"):
                self.assertIn(word, policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual((answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]), ("no-store", "nosniff"))
        self.assertEqual(self.node.ask("GET", "/healthz", token=False).headers["Content-Security-Policy"], "default-src 'none'; frame-ancestors 'none'")
        self.assertEqual(self.node.ask("GET", "/signin", headers={"Host": "evil.example"}, token=False).status, 421)
        page = self.page("/signin?lang=en")
        self.assertRaises(browser.Failed, page.run, "document.body.innerHTML = '<b>x</b>'")

    def test_both_languages_say_everything_and_fit_a_small_phone(self):
        page = self.page("/signin?lang=en")
        shape = "import('/signin/words.js').then(({words}) => JSON.stringify(Object.entries(words.%s).map(([name, word]) => [name, typeof word])))"
        self.assertEqual(page.run(shape % "en"), page.run(shape % "ar"))
        for language, direction in (("en", "ltr"), ("ar", "rtl")):
            for theme in ("light", "dark"):
                page = self.page(f"/signin?lang={language}")
                page.media(theme, 320, 640)
                self.assertEqual(page.run("[document.documentElement.lang, document.documentElement.dir].join()"), f"{language},{direction}")
                for view in json.loads(page.run("JSON.stringify([...document.querySelectorAll('main > section')].map((one) => one.id))")):
                    page.run(f"for (const one of document.querySelectorAll('main > section')) one.hidden = one.id !== '{view}'")
                    self.assertEqual(page.run("document.documentElement.scrollWidth"), 320, view)
                    nameless = """[...document.querySelectorAll('input, button')].filter((one) => one.checkVisibility())
                        .filter((one) => !(one.labels?.length ? one.labels[0].textContent : one.textContent).trim()).map((one) => one.id).join()"""
                    self.assertEqual(page.run(nameless), "", view)
                    small = "[...document.querySelectorAll('input, button')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.id).join()"
                    self.assertEqual(page.run(small), "", view)
                self.quiet(page)
        # The button changes the language in place, and loses nothing that was typed.
        page = self.page("/signin?lang=ar")
        page.fill("#email", "amy@example.org")
        page.press("#language")
        self.assertEqual(page.run("document.documentElement.lang + document.querySelector('#email').value"), "enamy@example.org")

    def test_hands_on_the_keyboard_reach_everything_in_order(self):
        page = self.page("/signin?lang=en")
        page.run("document.activeElement.blur()")
        order = []
        for _ in range(7):
            page.key("Tab", 9)
            order.append(page.run("document.activeElement.id || document.activeElement.textContent"))
        self.assertEqual(order, ["language", "passkey", "email", "password", "Sign in", "I forgot my password", "to-owner"])
        page.key("Enter", 13, "\r")
        page.wait("the owner's view", "#view-owner")
        self.assertEqual(page.run("document.activeElement.id"), "h-owner")


if __name__ == "__main__":
    if browser.program():
        unittest.main()
    print("SKIP e2e_signin: there is no Chromium")
