// Codes of apps and recovery codes.
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/recovery_code.hpp"
#include "governance/credentials/totp.hpp"
#include "tests/testkit/catch.hpp"

#include <set>

using namespace nova;
using namespace nova::credentials;

namespace {

const std::string secret = "12345678901234567890";

core::Timestamp at(std::int64_t seconds) { return {seconds * 1000}; }

}  // namespace

TEST_CASE("hotp: the vectors of RFC 4226 appendix D") {
  const char* codes[] = {"755224", "287082", "359152", "969429", "338314",
                         "254676", "287922", "162583", "399871", "520489"};
  for (std::uint64_t counter = 0; counter < 10; ++counter) CHECK(hotp(secret, counter) == codes[counter]);
  CHECK_THROWS_AS(hotp(secret, 0, 5), std::invalid_argument);
  CHECK_THROWS_AS(hotp(secret, 0, 9), std::invalid_argument);
}

TEST_CASE("totp: the vectors of RFC 6238 appendix B") {
  struct Row {
    std::int64_t seconds;
    const char* code;
  };
  for (const auto& row : {Row{59, "94287082"}, Row{1111111109, "07081804"}, Row{1111111111, "14050471"},
                          Row{1234567890, "89005924"}, Row{2000000000, "69279037"}, Row{20000000000, "65353130"}}) {
    CHECK(hotp(secret, totp_step(at(row.seconds)), 8) == row.code);
    const auto six = std::string(row.code).substr(2);
    CHECK(verify_totp(secret, six, at(row.seconds), std::nullopt) == totp_step(at(row.seconds)));
  }
}

TEST_CASE("totp: one step before and after are taken, no other") {
  const auto now = at(1234567890);
  const auto step = totp_step(now);
  for (int offset = -4; offset <= 4; ++offset) {
    const auto code = hotp(secret, step + static_cast<std::uint64_t>(offset));
    const auto accepted = verify_totp(secret, code, now, std::nullopt);
    CHECK(accepted.has_value() == (offset >= -1 && offset <= 1));
    if (accepted) CHECK(*accepted == step + static_cast<std::uint64_t>(offset));
  }
}

TEST_CASE("totp: a code works once, and no earlier one after it") {
  const auto now = at(1234567890);
  const auto step = totp_step(now);
  CHECK(verify_totp(secret, hotp(secret, step), now, step - 1) == step);
  CHECK_FALSE(verify_totp(secret, hotp(secret, step), now, step));
  CHECK_FALSE(verify_totp(secret, hotp(secret, step - 1), now, step));
  CHECK(verify_totp(secret, hotp(secret, step + 1), now, step) == step + 1);
  CHECK_FALSE(verify_totp(secret, hotp(secret, step), now, step + 1));
}

TEST_CASE("totp: what is no code of this secret is refused") {
  const auto now = at(1234567890);
  for (const std::string wrong : {"", "000000", "5924", "89005924", "005924 ", " 005924", "005925", "00592a"})
    CHECK_FALSE(verify_totp(secret, wrong, now, std::nullopt));
  CHECK(verify_totp(secret, "005924", now, std::nullopt));
  CHECK_FALSE(verify_totp("another secret here!", "005924", now, std::nullopt));
}

TEST_CASE("totp: the first steps of time have none before them") {
  CHECK(verify_totp(secret, "755224", at(0), std::nullopt) == 0u);
  CHECK(verify_totp(secret, "287082", at(0), std::nullopt) == 1u);
  CHECK_FALSE(verify_totp(secret, hotp(secret, ~std::uint64_t{0}), at(0), std::nullopt));
  CHECK(totp_step({-1}) == 0);
}

TEST_CASE("totp: secrets are random, and apps can read them") {
  CHECK(make_totp_secret().size() == 20);
  CHECK(make_totp_secret().view() != make_totp_secret().view());
  CHECK(otpauth_uri("WebNova", "amy@example.org", secret).view() ==
        "otpauth://totp/WebNova:amy%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=WebNova&algorithm=SHA1"
        "&digits=6&period=30");
  CHECK(otpauth_uri("Web Nova&digits=8", "a?b#c:d/عين", secret).view() ==
        "otpauth://totp/Web%20Nova%26digits%3D8:a%3Fb%23c%3Ad%2F%D8%B9%D9%8A%D9%86?secret="
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Web%20Nova%26digits%3D8&algorithm=SHA1&digits=6&period=30");
}

TEST_CASE("recovery codes: ten, all different, in readable groups") {
  const auto made = make_recovery_codes("key", "amy");
  REQUIRE(made.codes.size() == 10);
  REQUIRE(made.hashes.size() == 10);
  std::set<std::string> all;
  for (const auto& code : made.codes) {
    CHECK(code.size() == 19);
    for (std::size_t i = 0; i < 19; ++i) CHECK((code.view()[i] == '-') == (i % 5 == 4));
    CHECK(code.view().find_first_of("ILOU") == std::string_view::npos);
    all.emplace(code.view());
  }
  CHECK(all.size() == 10);
}

TEST_CASE("recovery codes: each is found, and only where it belongs") {
  auto made = make_recovery_codes("key", "amy");
  for (std::size_t i = 0; i < 10; ++i) {
    const std::string code(made.codes[i].view());
    CHECK(find_recovery_code("key", "amy", code, made.hashes) == i);
    CHECK_FALSE(find_recovery_code("key", "bob", code, made.hashes));
    CHECK_FALSE(find_recovery_code("another key", "amy", code, made.hashes));
  }
  const std::string used(made.codes[3].view());
  made.hashes.erase(made.hashes.begin() + 3);
  CHECK_FALSE(find_recovery_code("key", "amy", used, made.hashes));
  CHECK_FALSE(find_recovery_code("key", "amy", used, {}));
}

TEST_CASE("recovery codes: people write them in their own way") {
  const auto made = make_recovery_codes("key", "amy");
  const std::string code(made.codes[0].view());
  std::string other;
  for (const char c : code) {
    if (c == '-') continue;
    other += c == '0' ? 'o' : c == '1' ? 'l' : static_cast<char>(c >= 'A' ? c - 'A' + 'a' : c);
    other += ' ';
  }
  CHECK(find_recovery_code("key", "amy", other, made.hashes) == 0u);
  for (const auto& wrong : {std::string(), std::string("-"), code.substr(1), code + "A", code + "!",
                            "U" + code.substr(1), std::string(1 << 20, ' ')})
    CHECK_FALSE(find_recovery_code("key", "amy", wrong, made.hashes));
  // What is no code is no code either when an empty one was stored by mistake.
  CHECK_FALSE(find_recovery_code("key", "amy", "", {keyed_hash("key", std::string("recovery\0amy\0", 13))}));
}
