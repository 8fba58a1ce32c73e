#include "drivers/mail/message.hpp"
#include "drivers/mail/text.hpp"
#include "governance/credentials/encoding.hpp"
#include "tests/testkit/catch.hpp"

#include <sstream>

using namespace nova;
using namespace nova::mail;

namespace {

Message sample() {
  return {"nova@example.org",
          "amy@example.net",
          "Hello",
          "A line\nand one more\n",
          "email.amy.1",
          "en",
          core::Timestamp{1769850000000}};
}

std::string header(const std::string& mail, const std::string& name) {
  const auto at = mail.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  auto end = at + 2;
  do end = mail.find("\r\n", end + 1);
  while (mail.compare(end + 2, 1, " ") == 0);
  return mail.substr(at + name.size() + 4, end - at - name.size() - 4);
}

}  // namespace

TEST_CASE("mail: an address can be nothing else") {
  for (const char* good :
       {"amy@example.org", "a.b+c@sub.example.org", "o'neil@example.org", "بريد@مثال.السعودية", "a@b"})
    CHECK(is_address(good));
  for (const std::string bad : {"",
                                "amy",
                                "@example.org",
                                "amy@",
                                "amy@example.org\r\nBcc: x@y.z",
                                "amy@example.org> SIZE=1",
                                "a my@example.org",
                                "amy@exam ple.org",
                                "<amy@example.org>",
                                "amy@[127.0.0.1]",
                                "\"a b\"@example.org",
                                "a@b@c.org",
                                ".a@b.org",
                                "a..b@c.org",
                                "a@b..org",
                                "a@-b.org",
                                "a,b@c.org",
                                "a(b)@c.org",
                                "a\\b@c.org",
                                "a:b@c.org",
                                "a;b@c.org"})
    CHECK_FALSE(is_address(bad));
  CHECK_FALSE(is_address(std::string("a\0b@c.org", 9)));
  CHECK_FALSE(is_address(std::string(65, 'a') + "@b.org"));
  CHECK_FALSE(is_address("a@" + std::string(64, 'b') + ".org"));
  CHECK_FALSE(is_address("a\xff@b.org"));
}

TEST_CASE("mail: nothing from outside begins another header") {
  for (auto field : {&Message::to, &Message::from, &Message::id, &Message::language}) {
    auto bad = sample();
    bad.*field += "\r\nBcc: mallory@example.com";
    CHECK_FALSE(compose(bad).ok());
  }
  auto odd = sample();
  odd.subject = "x\r\nBcc: mallory@example.com";
  const auto mail = compose(odd);
  REQUIRE(mail.ok());
  CHECK(mail->find("Bcc") == std::string::npos);  // it is within an encoded word
}

TEST_CASE("mail: any language passes in short lines, cut between characters") {
  auto m = sample();
  m.subject.clear();
  for (int i = 0; i < 40; ++i) m.subject += "تأكيد ";
  for (int i = 0; i < 400; ++i) m.body += "طويل ";
  const auto mail = compose(m);
  REQUIRE(mail.ok());
  std::istringstream lines(*mail);
  for (std::string line; std::getline(lines, line);) {
    CHECK(line.size() <= 78 + 1);
    CHECK(line.back() == '\r');
    for (const unsigned char c : line) CHECK(c < 0x80);
  }
  std::string subject;
  std::istringstream words(header(*mail, "Subject"));
  for (std::string word; words >> word;) {
    REQUIRE(word.size() <= 75);
    REQUIRE(word.starts_with("=?UTF-8?B?"));
    const auto part = credentials::from_base64(word.substr(10, word.size() - 12));
    REQUIRE(part);
    CHECK((static_cast<unsigned char>(part->front()) & 0xc0) != 0x80);
    subject += *part;
  }
  CHECK(subject == m.subject);
}

TEST_CASE("mail: a repeat is the same to the byte") {
  const auto one = compose(sample()), two = compose(sample());
  REQUIRE(one.ok());
  CHECK(*one == *two);
  CHECK(header(*one, "Message-ID") == "<email.amy.1@example.org>");
  CHECK(one->starts_with("Date: Sat, 31 Jan 2026 09:00:00 +0000\r\n"));
  CHECK(header(*one, "From") == "WebNova <nova@example.org>");
  CHECK(header(*one, "To") == "<amy@example.net>");
  const auto body = one->substr(one->find("\r\n\r\n") + 4);
  CHECK(credentials::from_base64(body.substr(0, body.find("\r\n"))) == "A line\r\nand one more\r\n");
}

TEST_CASE("mail: each text has its link, in both languages") {
  for (const char* language : {"en", "ar", "fr"}) {
    CHECK(text_of("email", language, "https://n.example", "tok")->body.find("https://n.example/signin#verify=tok\n") !=
          std::string::npos);
    CHECK(text_of("password", language, "https://n.example", "tok")->body.find("/signin#reset=tok\n") !=
          std::string::npos);
    CHECK(text_of("notice", language, "https://n.example", "tok")->body.find("tok") == std::string::npos);
    const auto told = text_of("new_place", language, "https://n.example", "tok")->body;
    CHECK(
        (told.find("tok") == std::string::npos && told.find("https://n.example/signin#forgot\n") != std::string::npos));
  }
  CHECK(text_of("email", "ar", "x", "y")->subject != text_of("email", "en", "x", "y")->subject);
  CHECK(text_of("email", "fr", "x", "y")->subject == text_of("email", "en", "x", "y")->subject);
  CHECK_FALSE(text_of("other", "en", "x", "y"));
}
