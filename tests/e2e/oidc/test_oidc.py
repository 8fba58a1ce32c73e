"""Signing in by an outside provider: the real one from npm, and one that lies in every way a provider can."""
import html
import http.client
import json
import os
import re
import sys
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "browser")]
import browser
from harness import Answer, Node
from providers import Key, Liar, Missing, RealProvider
from test_identity import PASSWORD, Person, totp


def request(url, method="GET", body=None, headers=None):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, headers or {})
        response = connection.getresponse()
        answer = Answer(response.status, dict(response.getheaders()), response.read().decode())
        answer.cookies = response.headers.get_all("Set-Cookie") or []
        # What a provider's answer ends with, for the page: behind the #, which browsers send to nobody.
        answer.came = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers.get("Location", "")).fragment))
        return answer
    finally:
        connection.close()


class Browser:
    """Cookies by host and port, and one step at a time."""

    def __init__(self):
        self.jar = {}

    def go(self, url, form=None, headers=None):
        place = urllib.parse.urlsplit(url).netloc
        sent = dict(headers or {})
        if self.jar.get(place):
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.jar[place].items())
        body = None
        if form is not None:
            body = json.dumps(form) if sent.get("Content-Type") else urllib.parse.urlencode(form)
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        answer = request(url, "GET" if form is None else "POST", body, sent)
        for cookie in answer.cookies:
            name, value = cookie.split(";")[0].split("=", 1)
            self.jar.setdefault(place, {})[name] = value
            if "Max-Age=0" in cookie:
                del self.jar[place][name]
        return answer


class Case(unittest.TestCase):
    def node_with(self, *providers, console="false"):
        node = Node(extra_env={"NOVA_LISTEN_CONSOLE": console})
        os.makedirs(node.state)
        secret = os.path.join(node.own, "client.secret")
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write("a client's secret\n")
        entries = [{"client_id": "nova", "client_secret_file": secret, **one} for one in providers]
        config = os.path.join(node.own, "novad.yaml")
        with open(config, "w", encoding="ascii") as file:
            json.dump({"oidc": {"providers": entries, "allow_private": ["127.0.0.0/8"]}, "listen": {"public_url": f"http://127.0.0.1:{node.port}"}}, file)
        started = node.command
        node.command = lambda: started() + ["--config", config]
        self.addCleanup(node.close)
        node.start()
        self.url = f"http://127.0.0.1:{node.port}"
        return node

    def assert_in(self, answer):
        """The page's code, of an answer that let somebody in."""
        self.assertEqual(answer.status, 303, answer.text)
        self.assertEqual(answer.headers["Location"].split("#")[0], self.url + "/signin")
        self.assertEqual((answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]), ("no-store", "no-referrer"))
        self.assertIn("oidc", answer.came)
        return answer.came["oidc"]

    def exchange(self, browser, code):
        return browser.go(self.url + "/api/auth/oidc/exchange", {"code": code, "device": "test"}, {"Content-Type": "application/json"})


class Lies(Case):
    def setUp(self):
        self.liar = Liar()
        self.addCleanup(self.liar.close)
        self.node = self.node_with({"name": "liar", "title": "A liar", "issuer": self.liar.issuer}, {"name": "hub", "preset": "github", "issuer": self.liar.issuer},
                                   {"name": "other", "issuer": self.liar.issuer})

    def start(self, browser, name="liar"):
        answer = browser.go(f"{self.url}/api/auth/oidc/{name}/start")
        self.assertEqual(answer.status, 302, answer.text)
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))

    def back(self, browser, name="liar", **query):
        return browser.go(f"{self.url}/api/auth/oidc/{name}/callback?" + urllib.parse.urlencode(query))

    def whole(self, browser=None, name="liar", **more):
        browser = browser or Browser()
        asked = self.start(browser, name)
        return browser, self.back(browser, name, state=asked["state"], code=self.liar.code(asked), **more)

    def sign_in(self, name="liar"):
        browser, answer = self.whole(name=name)
        return self.exchange(browser, self.assert_in(answer))

    def assert_refused(self, answer, *codes):
        if answer.status == 303:
            return self.assertIn(answer.came.get("error"), codes, answer.headers)
        self.assertIn(answer.code, codes, answer.text)
        self.assertGreaterEqual(answer.status, 400)

    def test_who_is_new_gets_an_account_and_comes_in_again(self):
        browser = Browser()
        answer = browser.go(self.url + "/api/auth/oidc/liar/start")
        cookie = answer.headers["Set-Cookie"]
        for word in ("HttpOnly", "SameSite=Lax", "Path=/api/auth/oidc", "Max-Age=600"):
            self.assertIn(word, cookie)
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))
        self.assertEqual((asked["response_type"], asked["code_challenge_method"], asked["scope"]), ("code", "S256", "openid email"))
        self.assertEqual(len({asked["state"], asked["nonce"], asked["code_challenge"]}), 3)
        tokens = self.sign_in()
        self.assertEqual(tokens.status, 200, tokens.text)
        amy = tokens.json["user"]
        self.assertEqual(self.sign_in().json["user"], amy)
        self.liar.who["email"] = "another@example.org"  # who somebody is, is the subject
        self.assertEqual(self.sign_in().json["user"], amy)
        self.assertEqual(self.node.ok("GET", f"/v1/tenants/system/users/{amy}")["status"], "active")
        self.assertEqual({p["name"] for p in self.node.ask("GET", "/api/auth/oidc", token=False).json["items"]}, {"liar", "hub", "other"})
        self.assertEqual(self.liar.asked.count("/.well-known/openid-configuration"), 1)
        self.assertEqual(self.liar.asked.count("/jwks"), 1)

    def test_every_lie_of_a_token_is_found(self):
        other = Key(self.liar.folder, "other")
        lies = {
            "nonce": lambda c, h: c.update(nonce="0" * 64), "no nonce": lambda c, h: c.pop("nonce"), "aud": lambda c, h: c.update(aud="somebody"),
            "aud list": lambda c, h: c.update(aud=["somebody", "nova"]), "azp": lambda c, h: c.update(aud=["somebody", "nova"], azp="somebody"),
            "azp alone": lambda c, h: c.update(azp="somebody"), "issuer": lambda c, h: c.update(iss="https://accounts.google.com"),
            "over": lambda c, h: c.update(exp=c["iat"] - 61), "no end": lambda c, h: c.pop("exp"), "old": lambda c, h: c.update(iat=c["iat"] - 3600),
            "from the future": lambda c, h: c.update(iat=c["iat"] + 3600), "not yet": lambda c, h: c.update(nbf=c["iat"] + 3600),
            "nobody": lambda c, h: c.pop("sub"), "none": lambda c, h: h.update(alg="none"), "hmac": lambda c, h: h.update(alg="HS256"), "RS512": lambda c, h: h.update(alg="RS512"),
            "another sort of key": lambda c, h: h.update(alg="ES256"), "crit": lambda c, h: h.update(crit=["b64"]), "unknown key": lambda c, h: h.update(kid="other"),
        }
        for name, lie in lies.items():
            with self.subTest(name):
                self.liar.lie = lie
                self.assert_refused(self.whole()[1], "auth.provider_invalid", "auth.provider_key_unknown")
        self.liar.lie = lambda c, h: None
        texts = {"no signature": lambda t: t.rsplit(".", 1)[0] + ".", "two parts": lambda t: t.rsplit(".", 1)[0], "cut": lambda t: t[:-8],
                 "another key": lambda t: t.rsplit(".", 1)[0] + "." + __import__("providers").b64(other.sign(t.rsplit(".", 1)[0])), "nothing": lambda t: "", "long": lambda t: t + "A" * 20000}
        for name, tamper in texts.items():
            with self.subTest(name):
                self.liar.tamper = tamper
                self.assert_refused(self.whole()[1], "auth.provider_invalid")
        self.assertEqual(self.node.ok("GET", "/v1/tenants/system/identity_links")["items"], [])

    def test_an_answer_fits_one_browser_one_provider_and_once(self):
        browser = Browser()
        asked = self.start(browser)
        self.assert_refused(self.back(Browser(), state=asked["state"], code=self.liar.code(asked)), "auth.flow_expired")
        self.assert_refused(self.back(browser, state="0" * 64, code=self.liar.code(asked)), "auth.flow_expired")
        # Mixed up: the answer of one provider brought to another's address, or said to be another's (RFC 9207).
        self.assert_refused(self.back(browser, "other", state=asked["state"], code=self.liar.code(asked)), "auth.flow_expired")
        good = self.back(browser, state=asked["state"], code=self.liar.code(asked), iss=self.liar.issuer)
        code = self.assert_in(good)
        self.assert_refused(self.back(browser, state=asked["state"], code=self.liar.code(asked)), "auth.flow_expired")
        self.assert_refused(self.whole(iss="https://evil.example")[1], "auth.flow_expired")
        # The page's code: not from another browser, not altered, not twice.
        self.assert_refused(self.exchange(Browser(), code), "auth.flow_expired")
        self.assert_refused(self.exchange(browser, code[:-1] + ("A" if code[-1] != "A" else "B")), "auth.flow_expired")
        kept = {place: dict(jar) for place, jar in browser.jar.items()}
        self.assertTrue(any(kept.values()), "a code that was wrong took the cookie away")
        self.assertEqual(self.exchange(browser, code).status, 200)
        self.assertFalse(any(browser.jar.values()), "the cookie stays when nothing is left to fetch with it")
        browser.jar = kept
        self.assert_refused(self.exchange(browser, code), "auth.flow_expired")

    def test_a_metadata_that_lies_is_not_followed(self):
        for lie in ({"issuer": "https://accounts.google.com"}, {"token_endpoint": "http://evil.example/token"}, {"jwks_uri": "file:///etc/passwd"},
                    {"authorization_endpoint": "javascript:alert(1)"}):
            self.liar.metadata = lie
            self.assert_refused(Browser().go(self.url + "/api/auth/oidc/liar/start"), "auth.provider_invalid")

    def test_new_keys_are_looked_for_once(self):
        self.assertEqual(self.sign_in().status, 200)
        before = self.liar.asked.count("/jwks")
        self.liar.keys = self.liar.published = [Key(self.liar.folder, "two")]
        # Asked for less than half a minute ago: not again so soon, whoever shows what.
        for _ in range(3):
            self.assert_refused(self.whole()[1], "auth.provider_key_unknown")
        self.assertEqual(self.liar.asked.count("/jwks"), before)

    def test_an_account_is_never_taken_over_by_its_address(self):
        body = {"email": "amy@example.org", "username": "amy", "password": PASSWORD, "language": "en"}
        user = self.node.ok("POST", "/api/auth/register", body)["user"]
        self.assert_refused(self.whole()[1], "auth.link_required")  # also one that nobody verified: it may be a trap
        self.node.ok("POST", f"/v1/tenants/system/users/{user}/verify", {})
        self.assert_refused(self.whole()[1], "auth.link_required")
        amy = Person(self.node, "amy@example.org")
        self.assertEqual(amy.login().status, 200)
        browser = Browser()
        linking = browser.go(self.url + "/api/auth/oidc/liar/link", {}, {"Content-Type": "application/json", "Authorization": "Bearer " + amy.tokens["access_token"]})
        self.assertEqual(linking.status, 200, linking.text)
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(linking.json["location"]).query))
        self.assert_in(self.back(browser, state=asked["state"], code=self.liar.code(asked)))
        self.assertEqual(self.sign_in().json["user"], user)
        links = amy.ask("GET", "/api/auth/oidc/links").json["items"]
        self.assertEqual([one["status"] for one in links], ["linked"])
        # Somebody else cannot link what is hers.
        ben = Person(self.node, "ben@example.org")
        self.node.ok("POST", "/v1/tenants/system/users/" + self.node.ok("POST", "/api/auth/register", {**body, "email": "ben@example.org"})["user"] + "/verify", {})
        self.assertEqual(ben.login().status, 200)
        browser = Browser()
        linking = browser.go(self.url + "/api/auth/oidc/liar/link", {}, {"Content-Type": "application/json", "Authorization": "Bearer " + ben.tokens["access_token"]})
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(linking.json["location"]).query))
        self.assert_refused(self.back(browser, state=asked["state"], code=self.liar.code(asked)), "identity_link.already_taken")
        self.assertIn(ben.ask("POST", f"/v1/tenants/system/identity_links/{links[0]['id']}/unlink", {}).status, (403, 404))
        self.assertEqual(amy.ask("POST", f"/v1/tenants/system/identity_links/{links[0]['id']}/unlink", {}).status, 200)
        self.assert_refused(self.whole()[1], "auth.link_required")

    def test_an_address_that_nobody_vouches_for_opens_nothing(self):
        for who in ({"sub": "2", "email": "x@example.org", "email_verified": False}, {"sub": "2", "email": "x@example.org"}, {"sub": "2"}):
            self.liar.who = who
            self.assert_refused(self.whole()[1], "auth.email_not_verified")

    def test_status_and_second_factor_hold_as_with_a_password(self):
        tokens = self.sign_in()
        amy = Person(self.node, "amy@example.org")
        amy.tokens = tokens.json
        secret = amy.ask("POST", "/api/auth/mfa/totp", {}).json["secret"]
        self.assertEqual(amy.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(secret)}).status, 200)
        again = self.sign_in()
        self.assertEqual((again.status, again.code), (401, "auth.mfa_required"))
        flow = again.json["flow"] if "flow" in again.json else dict(again.json.get("details", {}))["flow"]
        self.assertEqual(self.node.ask("POST", "/api/auth/login/code", {"flow": flow, "code": totp(secret, 1)}, token=False).status, 200)
        self.node.ok("POST", f"/v1/tenants/system/users/{amy.id}/suspend", {"reason": "a test"})
        self.assertEqual(self.sign_in().code, "user.suspended")

    def test_github_has_no_tokens_of_identity_and_is_asked(self):
        self.liar.emails = [{"email": "old@example.org", "primary": False, "verified": True}, {"email": "hub@example.org", "primary": True, "verified": False}]
        self.assert_refused(self.whole(name="hub")[1], "auth.email_not_verified")
        self.liar.emails[1]["verified"] = True
        tokens = self.sign_in("hub")
        self.assertEqual(tokens.status, 200, tokens.text)
        self.assertEqual(self.sign_in("hub").json["user"], tokens.json["user"])

    def test_a_provider_that_is_away_is_said_to_be(self):
        self.liar.close()
        answer = Browser().go(self.url + "/api/auth/oidc/liar/start")
        self.assert_refused(answer, "auth.provider_unavailable")
        self.assertEqual(Browser().go(self.url + "/api/auth/oidc/nobody/start").code, "auth.provider_not_found")
        self.liar = Liar()
        self.addCleanup(self.liar.close)

    def test_secrets_stand_nowhere(self):
        tokens = self.sign_in()
        self.assertEqual(tokens.status, 200)
        self.node.terminate()
        for folder, _, names in os.walk(self.node.state):
            for name in names:
                if name.startswith("vault.db"):
                    continue
                with open(os.path.join(folder, name), "rb") as file:
                    content = file.read()
                for secret in (b"a client's secret", b"code-1", b"amy@example.org", tokens.json["refresh_token"].encode()):
                    self.assertNotIn(secret, content, name)


class OnThePage(Case):
    """The sign-in page in a real browser, on its way to a provider and back."""

    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.liar = Liar()
        self.addCleanup(self.liar.close)
        self.node = self.node_with({"name": "liar", "title": "A <b>liar</b>", "issuer": self.liar.issuer})

    def page(self, query="?lang=en"):
        page = self.browser.page()
        page.open(self.url + "/signin" + query)
        page.wait("the provider's button", "#providers button")
        return page

    def quiet(self, page):
        """Nothing was forbidden or thrown; nothing was left in the browser, and no code in its address."""
        self.assertEqual(page.complaints(), [])
        self.assertEqual(page.run("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.hash])"), '[{},{},"",""]')

    def test_there_and_back_again(self):
        page = self.page()
        self.assertEqual(page.text("#providers button"), "Sign in with A <b>liar</b>")
        page.press("#providers button")
        page.wait("the account", "#view-home")
        self.assertEqual(page.text("#who"), "amy@example.org")
        self.assertIn("A <b>liar</b>", page.text("#links"))
        self.assertFalse(page.shown("#to-link button"))
        self.quiet(page)
        page.run("window.confirm = () => true")
        page.press("#links button")
        page.wait("that it can be linked again", "#to-link button")
        self.assertEqual(page.text("#links"), "")
        page.press("#to-link button")
        page.wait("the account again, linked", "#links button")
        self.assertEqual(page.text("#who"), "amy@example.org")
        self.quiet(page)

    def test_what_went_wrong_is_said_in_the_language_that_was_chosen(self):
        for language, word in (("en", "vouches for no address"), ("ar", "لا يشهد المزوّد")):
            self.liar.who = {"sub": "2", "email": "x@example.org", "email_verified": False}
            page = self.page("?lang=" + language)
            page.press("#providers button")
            page.wait("what went wrong", "#problem")
            self.assertIn(word, page.text("#problem"))
            self.quiet(page)
        self.liar.refuses = True
        page = self.page()
        page.press("#providers button")
        page.wait("what went wrong", "#problem")
        self.assertIn("let nobody in", page.text("#problem"))
        # A code that somebody made up is not shown.
        page.open(self.url + "/signin?lang=ar#error=" + urllib.parse.quote("Call 555-0100 now"))
        page.wait("what went wrong", "#problem")
        self.assertNotIn("555", page.text("main"))

    def test_a_second_factor_is_asked_for_there_too(self):
        browser_, answer = Browser(), None
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(browser_.go(self.url + "/api/auth/oidc/liar/start").headers["Location"]).query))
        answer = browser_.go(self.url + "/api/auth/oidc/liar/callback?" + urllib.parse.urlencode({"state": asked["state"], "code": self.liar.code(asked)}))
        amy = Person(self.node, "amy@example.org")
        amy.tokens = self.exchange(browser_, self.assert_in(answer)).json
        secret = amy.ask("POST", "/api/auth/mfa/totp", {}).json["secret"]
        self.assertEqual(amy.ask("POST", "/api/auth/mfa/totp/verify", {"code": totp(secret)}).status, 200)
        page = self.page()
        page.press("#providers button")
        page.wait("the second step", "#view-second")
        page.fill("#code", totp(secret, 1))
        page.press("#form-code button")
        page.wait("the account", "#view-home")
        self.quiet(page)


class Real(Case):
    def sign_in(self, alg, who="amy"):
        node = Node()
        redirect = f"http://127.0.0.1:{node.port}/api/auth/oidc/real/callback"
        try:
            provider = RealProvider(redirect, alg)
        except Missing as why:
            print(f"SKIP test_oidc: {why}")
            self.skipTest(str(why))
        self.addCleanup(provider.close)
        port, node_type = node.port, Node
        try:
            globals()["Node"] = lambda **_: node
            self.node_with({"name": "real", "issuer": provider.issuer})
        finally:
            globals()["Node"] = node_type
        self.assertEqual(node.port, port)
        browser = Browser()
        url, form = self.url + "/api/auth/oidc/real/start", None
        for _ in range(20):
            answer = browser.go(url, form)
            form = None
            if url.startswith(redirect):
                return browser, answer
            if answer.status in (302, 303):
                url = urllib.parse.urljoin(url, answer.headers["Location"])
            else:  # the provider's forms: who, and whether the client may know
                self.assertEqual(answer.status, 200, answer.text)
                url = urllib.parse.urljoin(url, html.unescape(re.search(r'<form[^>]*action="([^"]+)"', answer.text).group(1)))
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text).group(1)
                form = {"prompt": prompt, "login": who, "password": "any"} if prompt == "login" else {"prompt": prompt}
        self.fail("the provider sends the browser round in circles")

    def test_a_real_provider_signs_in(self):
        for alg in ("RS256", "ES256", "EdDSA"):
            with self.subTest(alg):
                browser, answer = self.sign_in(alg)
                tokens = self.exchange(browser, self.assert_in(answer))
                self.assertEqual(tokens.status, 200, tokens.text)

    def test_a_real_provider_that_does_not_vouch(self):
        _, answer = self.sign_in("RS256", "unverified")
        self.assertEqual(answer.came, {"error": "auth.email_not_verified"}, answer.text)


if __name__ == "__main__":
    unittest.main()
