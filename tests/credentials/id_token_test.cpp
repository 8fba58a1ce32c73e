#include "governance/credentials/oidc/id_token.hpp"
#include "governance/credentials/ed25519.hpp"
#include "governance/credentials/encoding.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using namespace nova::credentials;

namespace {

const core::Timestamp now{1769850000000};

struct World {
  Ed25519Key key = Ed25519Key::generate();
  std::vector<OutsideKey> keys = *read_jwk_set(R"({"keys":[)" + key.public_key().to_jwk() + "]}");

  std::string token(const std::string& claims, const std::string& header = {}) const {
    const auto head = header.empty() ? R"({"alg":"EdDSA","kid":")" + key.id() + "\"}" : header;
    const auto text = to_base64url(head) + "." + to_base64url(claims);
    return text + "." + to_base64url(key.sign(text));
  }
  core::Result<IdClaims> verify(const std::string& token, core::Timestamp at = now) const {
    return verify_id_token(token, keys,
                           {.issuer = "https://issuer.example", .client_id = "nova", .nonce = "n-0", .now = at});
  }
};

std::string claims(const std::string& more = {}, const std::string& aud = R"("nova")") {
  return R"({"iss":"https://issuer.example","sub":"7","nonce":"n-0","iat":1769850000,"exp":1769850300,"aud":)" + aud +
         more + "}";
}

}  // namespace

TEST_CASE("id token: who it names, and whether the address is vouched for") {
  World world;
  const auto plain = world.verify(world.token(claims()));
  REQUIRE(plain.ok());
  CHECK(plain->subject == "7");
  CHECK(plain->email.empty());
  for (const char* yes : {"true", "\"true\""}) {
    const auto told = world.verify(world.token(claims(std::string(R"(,"email":"a@b.c","email_verified":)") + yes)));
    REQUIRE(told.ok());
    CHECK(told->email_verified);
  }
  CHECK_FALSE(world.verify(world.token(claims(R"(,"email":"a@b.c","email_verified":1)")))->email_verified);
}

TEST_CASE("id token: Microsoft vouches in a word of its own, and by no other") {
  World world;
  const auto vouched = [&](const std::string& more, bool edov) {
    return verify_id_token(world.token(claims(R"(,"email":"a@b.c")" + more)), world.keys,
                           {.issuer = "https://issuer.example",
                            .client_id = "nova",
                            .nonce = "n-0",
                            .now = now,
                            .vouches_by_edov = edov})
        ->email_verified;
  };
  for (const char* yes : {R"(,"xms_edov":true)", R"(,"xms_edov":"1")", R"(,"xms_edov":1)"}) {
    CHECK(vouched(yes, true));
    CHECK_FALSE(vouched(yes, false));
  }
  for (const char* no : {"", R"(,"xms_edov":false)", R"(,"xms_edov":"0")", R"(,"email_verified":true)"})
    CHECK_FALSE(vouched(no, true));
}

TEST_CASE("id token: it is for this client, and for others only by its word") {
  World world;
  CHECK(world.verify(world.token(claims("", R"(["nova"])"))).ok());
  CHECK_FALSE(world.verify(world.token(claims("", R"(["nova","other"])"))).ok());
  CHECK(world.verify(world.token(claims(R"(,"azp":"nova")", R"(["nova","other"])"))).ok());
  CHECK_FALSE(world.verify(world.token(claims(R"(,"azp":"other")", R"(["nova","other"])"))).ok());
  for (const char* aud : {R"("other")", R"("novae")", "[]", "{}", "null", "7"})
    CHECK_FALSE(world.verify(world.token(claims("", aud))).ok());
}

TEST_CASE("id token: it has its time, with a minute for clocks") {
  World world;
  const auto token = world.token(claims());
  CHECK(world.verify(token, now + std::chrono::seconds(359)).ok());
  CHECK_FALSE(world.verify(token, now + std::chrono::seconds(360)).ok());
  CHECK_FALSE(world.verify(token, {now.ms - 61'000}).ok());
}

TEST_CASE("id token: no other way of signing, whatever the header says") {
  World world;
  const auto kid = R"(","kid":")" + world.key.id() + "\"}";
  for (const char* alg : {"none", "None", "HS256", "RS256", "ES256", "RS512", "PS256", ""})
    CHECK_FALSE(world.verify(world.token(claims(), std::string(R"({"alg":")") + alg + kid)).ok());
  CHECK_FALSE(world.verify(world.token(claims(), R"({"alg":"EdDSA","crit":["x"],"x":1})")).ok());
  CHECK(world.verify(world.token(claims(), R"({"alg":"EdDSA"})")).ok());
  CHECK(world.verify(world.token(claims(), R"({"alg":"EdDSA","kid":"other"})")).error().code ==
        "auth.provider_key_unknown");
  World other;
  CHECK_FALSE(world.verify(other.token(claims(), R"({"alg":"EdDSA"})")).ok());
}

TEST_CASE("id token: what is none is said to be none") {
  World world;
  for (const std::string& bad : {std::string(), std::string("."), std::string(".."), std::string("a.b.c.d"),
                                 world.token(claims()) + "=", std::string(id_token_bytes_max + 1, 'A')})
    CHECK_FALSE(world.verify(bad).ok());
  CHECK_FALSE(id_token_key("a.b"));
}

TEST_CASE("id token: of a key set only what can sign counts") {
  for (const char* bad :
       {"", "[]", "{}", R"({"keys":[]})", R"({"keys":[{"kty":"oct","k":"AAAA"}]})",
        R"({"keys":[{"kty":"OKP","crv":"X25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]})",
        R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]})",
        R"({"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]})"})
    CHECK_FALSE(read_jwk_set(bad).ok());
  World world;
  auto jwk = world.key.public_key().to_jwk();
  const std::string use = R"("use":"sig")";
  REQUIRE(jwk.find(use) != std::string::npos);
  CHECK_FALSE(read_jwk_set(R"({"keys":[)" + jwk.replace(jwk.find(use), use.size(), R"("use":"enc")") + "]}").ok());
}
