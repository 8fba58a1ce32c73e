"""Mail on a real node, against a real mail server: proving an address, setting another password, and what a server may do to it."""
import json
import os
import re
import sqlite3
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "browser")]
from browser import Browser
from harness import Node, free_port, wait
from mail_server import MailServer
from test_identity import PASSWORD, Person

OTHER = "another horse 8 Battery"


def settings(server, **more):
    return {"NOVA_MAIL_SERVER": f"127.0.0.1:{server.port}", "NOVA_MAIL_TLS": "none", "NOVA_MAIL_FROM": "nova@node.test", "NOVA_MAIL_TIMEOUT": "5s",
            "NOVA_LISTEN_PUBLIC_URL": "https://nova.test", "NOVA_LISTEN_CONSOLE": "false", **more}


def register(node, email, language="en"):
    return node.ask("POST", "/api/auth/register", {"email": email, "username": "somebody", "password": PASSWORD, "language": language}, token=False)


def post(node, path, **body):
    return node.ask("POST", "/api/auth/" + path, body, token=False)


def verification(node, user, purpose="email"):
    return node.ok("GET", f"/v1/tenants/system/verifications/{purpose}.{user}")


class Mail(unittest.TestCase):
    def server(self, **options):
        made = MailServer(**options).start()
        self.addCleanup(made.stop)
        return made

    def node(self, server, **more):
        made = Node(extra_env=settings(server, **more))
        self.addCleanup(made.close)
        return made.start()

    def wait_status(self, node, user, status, purpose="email"):
        return wait(f"the mail to be {status}", lambda: (found := verification(node, user, purpose))["status"] == status and found)

    def assert_clean(self, node, *secrets):
        """None of it in what the node keeps, beside the vault, or says."""
        for folder, _, names in os.walk(node.state):
            for name in names:
                if name.startswith(("vault.db", "operator.token", "enrolment.token")):
                    continue
                with open(os.path.join(folder, name), "rb") as file:
                    content = file.read()
                for secret in secrets:
                    self.assertNotIn(secret.encode(), content, f"{secret[:8]}... in {name}")

    def test_an_address_is_proved_once_and_the_token_stands_nowhere(self):
        server = self.server()
        node = self.node(server)
        user = register(node, "Amy@Example.org").json["user"]
        mail = server.to("amy@example.org")
        self.assertEqual(mail.sender, "nova@node.test")
        self.assertEqual(mail.message["Subject"], "Confirm your address")
        self.assertIn("https://nova.test/signin#verify=", mail.text)
        self.assertNotIn("somebody", mail.text)
        token = mail.token()
        amy = Person(node, "amy@example.org")
        self.assertEqual(amy.login().code, "user.not_verified")
        for bad in ("x", token[:-1], token + "A", token.replace("email.", "password.", 1), "email." + user + "." + "A" * 43, "email..x", "." * 100):
            answer = post(node, "verify", token=bad)
            self.assertEqual((answer.status, answer.code), (410, "auth.code_expired"), bad)
        self.assertEqual(post(node, "verify", token=token).status, 200)
        self.assertEqual(amy.login().status, 200)
        again = post(node, "verify", token=token)
        self.assertEqual((again.status, again.code), (410, "auth.code_expired"))
        # What the vault had of it is gone as well, and no event or document ever had it.
        wait("the letter to be forgotten", lambda: not verification(node, user)["state"]["letter_kept"])
        secret = token.rsplit(".", 1)[1]
        told = json.dumps([verification(node, user), node.events("system", "verifications", "email." + user), node.ok("GET", "/v1/kinds")])
        for one in (secret, "amy@example.org", "secret://"):
            self.assertNotIn(one, told)
        node.terminate()
        self.assert_clean(node, secret, "amy@example.org")
        with sqlite3.connect(os.path.join(node.state, "vault.db")) as vault:
            self.assertEqual(vault.execute("SELECT count(*) FROM secrets WHERE path LIKE '%verification%' AND sealed IS NOT NULL").fetchone(), (0,))

    def test_the_links_of_the_mails_open_the_page_that_they_are_for(self):
        server = self.server()
        node = self.node(server)
        browser = Browser()
        self.addCleanup(browser.close)
        site = f"http://localhost:{node.port}"

        def follow(mail):
            page = browser.page()
            page.open(site + re.search(r"https://nova\.test(/\S+)", mail.text)[1].replace("/signin", "/signin?lang=en", 1))
            return page

        register(node, "dora@example.org")
        mail = server.to("dora@example.org")
        page = follow(mail)
        wait("the address to be confirmed", lambda: "confirmed" in page.text("#status"))
        page = follow(mail)  # a second time
        wait("the refusal", lambda: "over" in page.text("#problem"))

        page.press("[data-go=forgot]")
        page.fill("#forgot-email", "dora@example.org")
        page.press("#form-forgot button")
        wait("the page to say so", lambda: "on its way" in page.text("#status"))
        page = follow(server.to("dora@example.org", 2))
        page.fill("#reset-password", OTHER)
        page.press("#form-reset button")
        wait("the password to be set", lambda: "was set" in page.text("#status"))
        page.fill("#email", "dora@example.org")
        page.fill("#password", OTHER)
        page.press("#form-password button")
        page.wait("the account", "#view-home")
        self.assertEqual(page.complaints(), [])
        self.assertEqual(page.run("location.hash"), "")

    def test_arabic_and_the_owner_of_a_known_address(self):
        server = self.server()
        node = self.node(server)
        first = register(node, "salma@example.org", "ar")
        mail = server.to("salma@example.org")
        self.assertEqual(mail.message["Subject"], "تأكيد عنوان بريدك")
        self.assertEqual(mail.message["Content-Language"], "ar")
        self.assertEqual(post(node, "verify", token=mail.token()).status, 200)
        second = register(node, "salma@example.org", "ar")
        self.assertEqual(second.status, first.status)
        self.assertNotEqual(second.json["user"], first.json["user"])
        notice = server.to("salma@example.org", 2)
        self.assertEqual(notice.message["Subject"], "لديك حساب بالفعل")
        self.assertNotIn("#", notice.text)

    def test_a_person_is_told_of_a_network_they_never_came_from(self):
        server = self.server()
        node = self.node(server, NOVA_LISTEN_TRUSTED_PROXIES="127.0.0.0/8")
        user = register(node, "nora@example.org").json["user"]
        self.assertEqual(post(node, "verify", token=server.to("nora@example.org").token()).status, 200)

        def come_in(address):
            answer = node.ask("POST", "/api/auth/login", {"email": "nora@example.org", "password": PASSWORD},
                              {"X-Forwarded-For": address}, token=False)
            self.assertEqual(answer.status, 200, answer.text)
            account = lambda: node.ok("GET", "/v1/tenants/system/users/" + user)["state"]
            return wait("the sign-in to be noted", lambda: len(account()["places"]) if account()["last_login_at"] else None)

        self.assertEqual(come_in("192.0.2.1"), 1)  # the first one is no news
        self.assertEqual(come_in("192.0.2.1"), 1)
        self.assertEqual(node.ask("GET", f"/v1/tenants/system/verifications/new_place.{user}").status, 404)
        come_in("192.0.2.2")
        told = server.to("nora@example.org", 2)
        self.assertEqual(told.message["Subject"], "A sign-in from a new network")
        self.assertIn("https://nova.test/signin#forgot", told.text)
        self.assertNotIn("192.0.2", told.text)
        wait("both to be known", lambda: len(node.ok("GET", "/v1/tenants/system/users/" + user)["state"]["places"]) == 2)

    def test_another_password_by_mail_ends_every_session(self):
        server = self.server()
        node = self.node(server)
        register(node, "ben@example.org")
        self.assertEqual(post(node, "verify", token=server.to("ben@example.org").token()).status, 200)
        ben = Person(node, "ben@example.org")
        self.assertEqual(ben.login().status, 200)
        # Known or not: the same answer, to the byte.
        answers = [post(node, "password/forgot", email=email) for email in ("ben@example.org", "nobody@example.org", "not an address")]
        self.assertEqual({(a.status, a.text) for a in answers}, {(202, answers[0].text)})
        token = server.to("ben@example.org", 2).token("reset")
        self.assertEqual(post(node, "password/reset", token=token, password="short").status, 400)
        self.assertEqual(post(node, "password/reset", token=token, password=OTHER).status, 200)
        self.assertEqual(ben.ask("GET", "/v1/whoami").status, 401)
        self.assertEqual(ben.refresh().status, 401)
        self.assertEqual(ben.login().status, 401)
        self.assertEqual(ben.login(OTHER).status, 200)
        self.assertEqual(post(node, "password/reset", token=token, password=PASSWORD).code, "auth.code_expired")
        self.assertEqual(len(server.mails), 2)

    def test_mails_are_few_whoever_asks(self):
        server = self.server()
        node = self.node(server)
        user = register(node, "cara@example.org").json["user"]
        server.to("cara@example.org")
        wait("the letter to be forgotten", lambda: not verification(node, user)["state"]["letter_kept"])
        answers = {(a.status, a.text) for email in ("cara@example.org", "nobody@example.org") * 3 if (a := post(node, "verify/resend", email=email))}
        self.assertEqual(len(answers), 1)
        register(node, "cara@example.org")
        register(node, "dan@example.org")
        server.to("dan@example.org")
        self.assertEqual(len(server.mails), 2)

    def test_a_server_that_says_later_is_asked_again_with_the_same_mail(self):
        server = self.server()
        server.answer = "451 later"
        node = self.node(server)
        user = register(node, "eve@example.org").json["user"]
        wait("some tries", lambda: server.tries >= 2)
        server.answer = None
        self.assertEqual(server.to("eve@example.org").id, f"<email.{user}.1@node.test>")
        self.wait_status(node, user, "sent")
        self.assertEqual(len(server.mails), 1)

    def test_a_server_that_goes_on_saying_later_is_left_alone_for_a_while(self):
        server = self.server()
        server.answer = "451 later"
        node = self.node(server)
        user = register(node, "finn@example.org").json["user"]
        found = wait("the mail to be deferred", lambda: (v := verification(node, user))["state"]["rounds"] == 1 and v)
        self.assertEqual(found["status"], "sending")
        self.assertIn("mail.deferred", found["state"]["reason"])
        self.assertEqual(server.tries, 4)
        self.assertEqual(node.ok("GET", "/v1/dead-letters")["items"], [])

    def test_a_server_that_refuses_is_not_asked_twice(self):
        server = self.server()
        server.answer = "550 no such user <gil@example.org>"
        node = self.node(server)
        user = register(node, "gil@example.org").json["user"]
        found = self.wait_status(node, user, "undelivered")
        self.assertIn("mail.refused", found["state"]["reason"])
        self.assertNotIn("gil@", json.dumps(found))
        self.assertEqual(server.tries, 1)
        # A person can still be let in by hand.
        self.assertEqual(node.ask("POST", f"/v1/tenants/system/users/{user}/verify", {}).status, 200)
        self.assertEqual(Person(node, "gil@example.org").login().status, 200)

    def test_a_crash_between_the_servers_yes_and_its_record_repeats_a_recognisable_mail(self):
        server = self.server()
        server.hold = threading.Event()
        node = self.node(server)
        user = register(node, "hana@example.org").json["user"]
        self.assertTrue(server.taken.wait(60))
        node.kill()
        server.hold.set()
        server.hold = None
        node.start()
        self.wait_status(node, user, "sent")
        self.assertEqual(len(server.mails), 2)
        self.assertEqual(server.mails[0].id, server.mails[1].id)
        self.assertEqual(server.mails[0].raw.split(b"\r\nDate:")[-1], server.mails[1].raw.split(b"\r\nDate:")[-1])
        self.assertEqual(post(node, "verify", token=server.mails[0].token()).status, 200)

    def test_a_mute_server_holds_nobody_up(self):
        server = self.server()
        server.hold = threading.Event()
        self.addCleanup(server.hold.set)
        node = self.node(server, NOVA_MAIL_TIMEOUT="1s")
        user = register(node, "ian@example.org").json["user"]
        self.assertTrue(server.taken.wait(60))
        node.tenant("t-free")
        found = wait("the mail to be deferred", lambda: (v := verification(node, user))["state"]["rounds"] == 1 and v)
        self.assertIn("mail.deferred_slow", found["state"]["reason"])
        begun = time.monotonic()
        self.assertEqual(node.terminate(), 0)
        self.assertLess(time.monotonic() - begun, 30)

    def test_tls_and_a_password_are_for_the_server_that_was_meant(self):
        node = Node()
        os.makedirs(node.state)
        server = self.server(folder=node.own, login=(b"nova", b"a secret word"))
        password = os.path.join(node.own, "mail.password")
        with open(password, "w", encoding="ascii") as file:
            file.write("a secret word\n")
        node.extra_env = settings(server, NOVA_MAIL_TLS="starttls", NOVA_MAIL_USERNAME="nova", NOVA_MAIL_PASSWORD_FILE=password)
        self.addCleanup(node.close)
        code, said = node.refused_start()
        self.assertNotEqual(code, 0)
        self.assertIn("secret.exposed", said)
        os.chmod(password, 0o600)
        node.start()  # it does not know who vouches for the server
        user = register(node, "jo@example.org").json["user"]
        found = wait("the mail to be deferred", lambda: (v := verification(node, user))["state"]["rounds"] == 1 and v)
        self.assertIn("mail.deferred_tls", found["state"]["reason"])
        self.assertEqual((server.tries, server.logins), (0, []))
        node.terminate()
        node.extra_env["NOVA_MAIL_CA_FILE"] = server.cert
        node.start()
        register(node, "kim@example.org")
        server.to("kim@example.org")
        self.assertEqual(len(server.logins), 1)
        node.terminate()
        self.assert_clean(node, "a secret word")

    def test_without_a_server_all_is_by_hand(self):
        node = Node()
        self.addCleanup(node.close)
        node.start()
        user = register(node, "lea@example.org").json["user"]
        for path in ("verify/resend", "password/forgot"):
            answer = post(node, path, email="lea@example.org")
            self.assertEqual((answer.status, answer.code), (409, "auth.method_disabled"))
        self.assertEqual(node.ask("GET", f"/v1/tenants/system/verifications/email.{user}").status, 404)
        self.assertEqual(node.ask("POST", f"/v1/tenants/system/users/{user}/verify", {}).status, 200)
        self.assertEqual(Person(node, "lea@example.org").login().status, 200)
        node.terminate()
        with open(os.path.join(node.state, "log", "novad.log"), encoding="utf-8") as file:
            said = file.read()
        self.assertEqual(len(re.findall("no mail server", said)), 1)

    def test_a_password_never_goes_over_an_open_line(self):
        node = Node(extra_env={"NOVA_MAIL_SERVER": f"mail.example.org:{free_port()}", "NOVA_MAIL_TLS": "none", "NOVA_MAIL_FROM": "nova@node.test"})
        self.addCleanup(node.close)
        code, said = node.refused_start()
        self.assertNotEqual(code, 0)
        self.assertIn("mail.tls", said)


if __name__ == "__main__":
    unittest.main()
