#include "governance/credentials/token.hpp"

#include "governance/credentials/digest.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova::credentials;

namespace {

const std::string session = "0190a3c4-7d1e-7abc-8def-0123456789ab";

// Calls `visit` with each text that differs from `text` in one byte.
template <class Visit>
void each_change(const std::string& text, Visit visit) {
  for (std::size_t at = 0; at < text.size(); ++at)
    for (int byte = 0; byte < 256; ++byte) {
      auto changed = text;
      changed[at] = static_cast<char>(byte);
      if (changed != text) visit(changed);
    }
}

}  // namespace

TEST_CASE("api key: its parts can be told, and shown without the secret") {
  for (const std::string environment : {"", "live", "test2", "a", "sixteencharacter"}) {
    const auto key = make_api_key(environment);
    const std::string text(key.text.view());
    const auto head = environment.empty() ? std::string("nova_") : "nova_" + environment + "_";
    CHECK(text.size() == head.size() + 49);
    CHECK(text.starts_with(head));
    CHECK(key.prefix == text.substr(0, head.size() + 4));
    CHECK(key.last_four == text.substr(text.size() - 4));
    const auto parts = parse_api_key(text);
    REQUIRE(parts);
    CHECK(parts->environment == environment);
    CHECK(parts->prefix == key.prefix);
    CHECK(parts->last_four == key.last_four);
  }
  CHECK(make_api_key("live").text.view() != make_api_key("live").text.view());
}

TEST_CASE("api key: a change of any byte is refused without a look-up") {
  each_change(std::string(make_api_key("live").text.view()), [](const std::string& changed) {
    if (parse_api_key(changed)) FAIL(changed);
  });
}

TEST_CASE("api key: what is no key is refused") {
  const std::string text(make_api_key().text.view());
  for (const auto& wrong : {std::string(), std::string("nova_"), text.substr(1), text.substr(0, text.size() - 1),
                            text + "A", "nova_" + text, " " + text, text + "\n", std::string(1 << 20, 'A'),
                            "nova_" + std::string(49, 'A'), "nova__" + text.substr(5)})
    CHECK_FALSE(parse_api_key(wrong));
  for (const auto* environment : {"Live", "li-ve", "li_ve", "seventeenletters1", " "})
    CHECK_THROWS_AS(make_api_key(environment), std::invalid_argument);
}

TEST_CASE("refresh token: names its session and generation") {
  for (const std::uint32_t generation : {0u, 1u, 17u, 4294967295u}) {
    const auto token = make_refresh_token(session, generation);
    const auto parsed = parse_refresh_token(token.view());
    REQUIRE(parsed);
    CHECK(parsed->session_id == session);
    CHECK(parsed->generation == generation);
  }
  CHECK(make_refresh_token(session, 1).view() != make_refresh_token(session, 1).view());
  CHECK_THROWS_AS(make_refresh_token("not-a-session", 1), std::invalid_argument);
}

TEST_CASE("refresh token: what is none is refused") {
  const std::string secret(43, 'A');
  CHECK(parse_refresh_token(session + ".1." + secret));
  for (const auto& wrong :
       {std::string(), session, session + ".1", session + ".1.", session + ".." + secret, session + ".01." + secret,
        session + ".+1." + secret, session + ".-1." + secret, session + ".4294967296." + secret,
        session + ".1x." + secret, session + ".1." + secret + "A", session + ".1." + secret.substr(1),
        session + ".1." + secret.substr(1) + "B", session + ".1." + secret.substr(1) + "=",
        "x" + session + ".1." + secret, session + ".1.1." + secret, std::string(200, '.'), std::string(1 << 20, 'a')})
    CHECK_FALSE(parse_refresh_token(wrong));
}

TEST_CASE("bearer secrets: the keyed hash covers the whole text") {
  const std::string text(make_refresh_token(session, 1).view());
  const auto hash = keyed_hash("key", text);
  CHECK(hash.size() == 64);
  CHECK(hash != keyed_hash("another key", text));
  each_change(text, [&](const std::string& changed) {
    if (same(keyed_hash("key", changed), hash)) FAIL(changed);
  });
}
