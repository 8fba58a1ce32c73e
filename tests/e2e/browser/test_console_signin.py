"""The console's ways in, in a real browser: where the old page stood, passkeys, programs that wait, outside providers and the links of mails."""
import os
import re
import sys
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "oidc"), os.path.join(HERE, "..", "mail")]
import browser
import mail_server
import test_mail
import test_oidc
from harness import BIN, PATIENCE, Node, wait
from providers import Liar
from test_identity import totp
from test_signin import PASSWORD, Program

OWNER = "owner@example.org"


def quiet(case, page):
    """Nothing was forbidden or thrown; nothing but how pages look was left in the browser, and no code in its address."""
    case.assertEqual(page.complaints(), [])
    case.assertEqual(page.run("JSON.stringify([{...localStorage}, {...sessionStorage}, location.hash])"), '[{},{},""]')
    cookies = page.run("document.cookie")
    case.assertLessEqual({one.split("=")[0] for one in cookies.split("; ") if one}, {"nova_lang", "nova_theme"})


def sign_in(page, email, password=PASSWORD):
    page.fill("#email", email)
    page.fill("#password", password)
    page.press("#sign-in")


class Ways(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node().start()
        cls.addClassCleanup(cls.node.close)
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.site = f"http://localhost:{cls.node.port}"
        with open(os.path.join(cls.node.state, "enrolment.token"), encoding="ascii") as file:
            cls.enrolment = file.read().strip()

    def page(self, path):
        page = self.browser.page()
        page.authenticator()
        page.open(self.site + path)
        page.wait("the page", "main h1")
        return page

    def person(self, email):
        user = self.node.ok("POST", "/api/auth/register", {"email": email, "username": "P", "password": PASSWORD, "language": "en"})["user"]
        self.node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})

    def test_the_old_address_leads_on(self):
        answer = self.node.ask("GET", "/signin?lang=ar", token=False)
        self.assertEqual((answer.status, answer.headers["Location"], answer.headers["Cache-Control"]), (303, "/sign-in", "no-store"))
        self.assertIn("nova_lang=ar", answer.headers["Set-Cookie"])
        self.assertNotIn("Set-Cookie", self.node.ask("GET", "/signin?lang=xx", token=False).headers)
        page = self.page("/signin?lang=ar")
        wait("the new address", lambda: page.run("location.pathname") == "/sign-in")
        self.assertEqual(page.run("document.documentElement.lang"), "ar")
        quiet(self, page)

    def test_the_owner_from_the_token_to_a_passkey_to_a_program_that_waits(self):
        page = self.page("/enrol#token=" + self.enrolment)
        for field, text in (("email", OWNER), ("username", "Olga"), ("password", PASSWORD)):
            page.fill("#enrol-" + field, text)
        page.press("#enrol")
        page.wait("the app's part", "#totp-secret")
        page.open(self.site + "/settings?tab=account")
        page.wait("what the owner needs", "#owner-needs-key")
        page.fill("#passkey-name", "laptop")
        page.press("form:has(#passkey-name) button")
        page.wait("the new passkey", "#passkeys li")
        self.assertFalse(page.shown("#owner-needs-key"))
        page.press("#passkeys li button")
        page.fill("#passkey-new-name", "security key")
        page.press("form:has(#passkey-new-name) button")
        wait("the new name", lambda: "security key" in page.text("#passkeys"))
        # The last one of the owner stays.
        page.press("#passkeys li button:last-child")
        page.wait("the refusal", "[role=alert]")
        self.assertIn("the owner keeps at least one passkey", page.text("[role=alert]"))
        page.run("fetch('/api/auth/logout', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'})")
        page.call("Storage.clearCookies", **{})

        page.open(self.site + "/sign-in")
        page.press("#passkey")
        wait("to be signed in by it", lambda: page.run("location.pathname") == "/")
        program = Program(self, self.node)
        waiting = program.start("login", "--device", "--device-name", "novactl on a server")
        address = program.find(r"or open +(\S+)").group(1) if "or open" in program.said else program.find(r"(http\S+#code=\S+)").group(1)
        code = address.split("#code=")[1]
        # Who is signed in already is asked at once.
        page.open(address)
        page.wait("what asks", "#device-asks")
        for selector, text in (("#device-name", "novactl on a server"), ("#device-code", code), ("#device-as", OWNER)):
            self.assertEqual(page.text(selector), text)
        page.press("#device-approve")
        page.wait("the end", "#device-done")
        self.assertEqual(waiting.wait(PATIENCE), 0, program.said)
        self.assertIn(f"signed in as {OWNER}", waiting.stdout.read())
        quiet(self, page)

    def test_a_program_is_turned_away_by_who_signs_in_for_it(self):
        self.person("deny@example.org")
        program = Program(self, self.node)
        waiting = program.start("login", "--device")
        page = self.page("/signin" + "#" + program.find(r"\S+#(code=\S+)").group(1))
        page.wait("that a program waits", "#waits")
        sign_in(page, "deny@example.org")
        page.wait("what asks", "#device-asks")
        page.press("#device-deny")
        page.wait("the end", "#device-done")
        self.assertEqual(waiting.wait(PATIENCE), 3, program.said)
        quiet(self, page)

    def test_a_code_that_nobody_waits_for_is_refused_with_its_request(self):
        self.person("look@example.org")
        page = self.page("/sign-in?to=/device")
        sign_in(page, "look@example.org")
        page.fill("#user-code", "bbbb-bbbb")
        page.press("#device-look")
        page.wait("the refusal", "[role=alert]")
        self.assertRegex(page.text("[role=alert]"), r"request \S+")

    def test_the_password_alone_opens_nothing_where_there_is_a_passkey(self):
        self.person("key@example.org")
        page = self.page("/sign-in?to=/settings?tab=account")
        sign_in(page, "key@example.org")
        page.fill("#passkey-name", "laptop")
        page.press("form:has(#passkey-name) button")
        page.wait("the new passkey", "#passkeys li")
        page.call("Storage.clearCookies")
        page.open(self.site + "/sign-in")
        sign_in(page, "key@example.org")
        wait("the second step", lambda: not page.shown("#password") and page.shown("#passkey"))
        self.assertFalse(page.shown("#code"))
        page.press("#passkey")
        wait("to be in", lambda: page.run("location.pathname") == "/")


class Outside(test_oidc.Case):
    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.liar = Liar()
        self.addCleanup(self.liar.close)
        self.node = self.node_with({"name": "liar", "title": "A <b>liar</b>", "issuer": self.liar.issuer}, console="true")

    def page(self, path="/sign-in"):
        page = self.browser.page()
        page.open(self.url + path)
        page.wait("the provider's button", "#outside-ways button")
        return page

    def test_there_and_back_again(self):
        page = self.page()
        self.assertEqual(page.text("#outside-ways button"), "Sign in with A <b>liar</b>")
        page.press("#outside-ways button")
        wait("to be in", lambda: page.run("location.pathname") == "/")
        page.open(self.url + "/settings?tab=account")
        page.wait("what is linked", "#links li")
        self.assertIn("A <b>liar</b>", page.text("#links"))
        self.assertFalse(page.shown("#to-link button"))
        page.press("#links button")
        page.press("#unlink-now")
        page.wait("that it can be linked again", "#to-link button")
        page.press("#to-link button")
        wait("to be back", lambda: page.run("location.pathname") == "/")
        page.open(self.url + "/settings?tab=account")
        page.wait("the account again, linked", "#links button")
        quiet(self, page)

    def test_what_went_wrong_is_said_and_what_somebody_made_up_is_not(self):
        self.liar.who = {"sub": "2", "email": "x@example.org", "email_verified": False}
        for language, word in (("en", "vouches for no address"), ("ar", "لا يشهد المزوّد")):
            page = self.page("/signin?lang=" + language)
            page.press("#outside-ways button")
            page.wait("what went wrong", "[role=alert]")
            self.assertIn(word, page.text("[role=alert]"))
            quiet(self, page)
        page.open(self.url + "/signin#error=" + urllib.parse.quote("Call 555-0100 now"))
        page.wait("what went wrong", "[role=alert]")
        self.assertNotIn("555", page.text("main"))

    def test_a_second_factor_is_asked_for_there_too(self):
        page = self.page()
        page.press("#outside-ways button")
        wait("to be in", lambda: page.run("location.pathname") == "/")
        page.open(self.url + "/settings?tab=account")
        page.run("[...document.querySelectorAll('main button')]")
        wait("to add an app", lambda: page.run("[...document.querySelectorAll('main .btn.pri')].find((one) => one.textContent.includes('Add an app'))?.click() ?? Boolean(document.querySelector('#totp-secret'))"))
        secret = page.text("#totp-secret").strip()
        page.fill("#code", totp(secret))
        page.press("#give-code")
        page.press("#codes-kept")
        page.call("Storage.clearCookies")
        page = self.page()
        page.press("#outside-ways button")
        page.fill("#code", totp(secret, 1))
        page.press("#give-code")
        wait("to be in", lambda: page.run("location.pathname") == "/")
        quiet(self, page)


class Mails(unittest.TestCase):
    def test_the_links_of_the_mails_open_the_page_that_they_are_for(self):
        server = mail_server.MailServer().start()
        self.addCleanup(server.stop)
        node = Node(extra_env=test_mail.settings(server, NOVA_LISTEN_CONSOLE="true")).start()
        self.addCleanup(node.close)
        chromium = browser.Browser()
        self.addCleanup(chromium.close)
        site = f"http://localhost:{node.port}"

        def follow(mail):
            page = chromium.page()
            page.open(site + re.search(r"https://nova\.test(/\S+)", mail.text)[1])
            return page

        test_mail.register(node, "dora@example.org")
        mail = server.to("dora@example.org")
        page = follow(mail)
        page.wait("the address to be confirmed", ".note.ok")
        self.assertIn("confirmed", page.text(".note.ok"))
        page = follow(mail)  # a second time
        page.wait("the refusal", "[role=alert]")
        page.press("main button.link")
        page.fill("#forgot-email", "dora@example.org")
        page.press("#forgot-send")
        page.wait("that it is on its way", ".note.ok")
        page = follow(server.to("dora@example.org", 2))
        page.fill("#reset-password", "another horse 9 Battery")
        page.press("#reset")
        page.wait("that it is set", ".note.ok")
        sign_in(page, "dora@example.org", "another horse 9 Battery")
        wait("to be in", lambda: page.run("location.pathname") == "/")
        quiet(self, page)


if __name__ == "__main__":
    if not browser.program():
        print("SKIP e2e_console_signin: there is no Chromium")
    elif not os.path.isdir(os.path.join(os.path.dirname(BIN), "console")):
        print("SKIP e2e_console_signin: the console is not built")
    else:
        unittest.main()
