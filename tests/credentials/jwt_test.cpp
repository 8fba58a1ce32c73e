#include "governance/credentials/jwt.hpp"

#include "core/json.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using namespace nova::credentials;

namespace {

constexpr std::int64_t second = 1'800'000'000;
const core::Timestamp now{second * 1000};

Ed25519Key key_of(char letter) { return *Ed25519Key::from_seed(std::string(32, letter)); }
const Ed25519Key key = key_of('a');
const KeyRing ring(key);
const JwtExpectation expected{"https://node.example", "webnova", now};

Claims claims() {
  return {"https://node.example",
          "0190a3c4-7d1e-7abc-8def-0123456789ab",
          "webnova",
          second + 900,
          second,
          second,
          "one",
          "session-one",
          {{"tenant", "clinic"}}};
}

// A token with any header and claims, signed rightly.
std::string signed_with(const Ed25519Key& by, const std::string& header, const std::string& body) {
  auto token = to_base64url(header) + "." + to_base64url(body);
  return token + "." + to_base64url(by.sign(token));
}
std::string header_of(const Ed25519Key& by) { return R"({"alg":"EdDSA","kid":")" + by.id() + R"("})"; }
std::string body_of(const std::string& more = {}) {
  return R"({"iss":"https://node.example","sub":"s","aud":"webnova","exp":1800000900,"nbf":1800000000,"iat":1800000000,)"
         R"("jti":"j")" +
         more + "}";
}

std::string code_of(const core::Result<Claims>& result) { return result ? "ok" : result.error().code; }
std::string verdict(const std::string& token) { return code_of(verify_jwt(token, ring, expected)); }

}  // namespace

TEST_CASE("ed25519: the vectors of RFC 8032 section 7.1") {
  struct Row {
    const char *seed, *public_key, *message, *signature;
  };
  const Row rows[] = {{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46"
                       "bd25bf5f0595bbe24"
                       "655141438e7a100b"},
                      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8"
                       "c387b2eaeb4302aee"
                       "b00d291612bb0c00"}};
  for (const auto& row : rows) {
    const auto made = Ed25519Key::from_seed(*from_hex(row.seed));
    REQUIRE(made);
    CHECK(to_hex(made->public_key().bytes()) == row.public_key);
    CHECK(to_hex(made->sign(*from_hex(row.message))) == row.signature);
    CHECK(made->public_key().verify(*from_hex(row.message), *from_hex(row.signature)));
    CHECK_FALSE(made->public_key().verify("other", *from_hex(row.signature)));
    CHECK(to_hex(made->seed().view()) == row.seed);
  }
  CHECK_FALSE(Ed25519Key::from_seed(std::string(31, 'a')));
  CHECK_FALSE(Ed25519PublicKey::from(std::string(33, 'a')));
  CHECK(Ed25519Key::generate().id() != Ed25519Key::generate().id());
}

TEST_CASE("ed25519: a signature has no second form") {
  // S + L, which an implementation without the check of RFC 8032 section 5.1.7 takes too.
  auto signature = key.sign("message");
  const std::string order = *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  int carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(signature[32 + i]) + static_cast<unsigned char>(order[i]);
    signature[32 + i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  CHECK(carry == 0);
  CHECK_FALSE(key.public_key().verify("message", signature));
  CHECK_FALSE(key.public_key().verify("message", signature + "x"));
  CHECK_FALSE(key.public_key().verify("message", ""));
}

TEST_CASE("jwt: the vectors of RFC 8037 appendix A") {
  const auto rfc = Ed25519Key::from_seed(*from_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"));
  REQUIRE(rfc);
  CHECK(to_base64url(rfc->public_key().bytes()) == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  CHECK(rfc->id() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  const std::string signing_input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature =
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  CHECK(to_base64url(rfc->sign(signing_input)) == signature);
  CHECK(rfc->public_key().verify(signing_input, *from_base64url(signature)));
  // A rightly signed text without `kid` and without claims is still no token here.
  CHECK(code_of(verify_jwt(signing_input + "." + signature, KeyRing(*rfc), expected)) == "auth.token_invalid");
}

TEST_CASE("jwt: what was signed comes back") {
  const auto token = sign_jwt(claims(), key);
  const auto read = verify_jwt(token, ring, expected);
  REQUIRE(read);
  CHECK(*read == claims());
  CHECK(token.find('=') == std::string::npos);
  auto bare = claims();
  bare.sid.clear();
  bare.ext.clear();
  CHECK(*verify_jwt(sign_jwt(bare, key), ring, expected) == bare);
  CHECK(verdict(signed_with(key, header_of(key), body_of())) == "ok");
}

TEST_CASE("jwt: a change of any byte is refused") {
  const auto token = sign_jwt(claims(), key);
  for (std::size_t at = 0; at < token.size(); ++at)
    for (const char other : {'A', 'Q', '_', '.', '=', ' ', '\0', static_cast<char>(token[at] ^ 1)}) {
      auto changed = token;
      changed[at] = other;
      if (changed != token && verdict(changed) != "auth.token_invalid") FAIL(at << other);
    }
  for (std::size_t size = 0; size < token.size(); ++size)
    if (verdict(token.substr(0, size)) != "auth.token_invalid") FAIL(size);
  for (const std::string more : {"A", ".", ".AAAA", "=", "\n"}) CHECK(verdict(token + more) == "auth.token_invalid");
}

TEST_CASE("jwt: the sender chooses no algorithm and no key") {
  const auto body = body_of();
  const auto kid = key.id();
  for (const auto& header :
       {R"({"alg":"none","kid":")" + kid + "\"}", R"({"alg":"HS256","kid":")" + kid + "\"}",
        R"({"alg":"ES256","kid":")" + kid + "\"}", R"({"alg":"Ed25519","kid":")" + kid + "\"}",
        R"({"alg":"eddsa","kid":")" + kid + "\"}", R"({"kid":")" + kid + "\"}", std::string(R"({"alg":"EdDSA"})"),
        std::string(R"({"alg":"EdDSA","kid":""})"), std::string(R"({"alg":"EdDSA","kid":7})"),
        std::string(R"({"alg":"EdDSA","kid":"unknown"})"), R"({"alg":"none","alg":"EdDSA","kid":")" + kid + "\"}",
        R"({"alg":"EdDSA","kid":")" + kid + R"(","typ":"JWE"})",
        R"({"alg":"EdDSA","kid":")" + kid + R"(","crit":["exp"]})",
        R"({"alg":"EdDSA","kid":")" + kid + R"(","jwk":)" + key.public_key().to_jwk() + "}",
        R"({"alg":"EdDSA","kid":")" + kid + R"(","jku":"https://evil.example"})",
        R"({"alg":"EdDSA","kid":")" + kid + R"("} )" + "x", std::string("[]"), std::string("{}"), std::string()}) {
    INFO(header);
    CHECK(verdict(signed_with(key, header, body)) == "auth.token_invalid");
  }
  // The two classics: no signature at all, and the public key as an HMAC key.
  const auto unsigned_text = to_base64url(R"({"alg":"none","typ":"JWT"})") + "." + to_base64url(body);
  CHECK(verdict(unsigned_text + ".") == "auth.token_invalid");
  const auto hmac_text = to_base64url(R"({"alg":"HS256","kid":")" + kid + "\"}") + "." + to_base64url(body);
  CHECK(verdict(hmac_text + "." + to_base64url(view_of(hmac_sha256(key.public_key().bytes(), hmac_text)))) ==
        "auth.token_invalid");
  CHECK(verdict(signed_with(key_of('b'), header_of(key), body)) == "auth.token_invalid");
  CHECK(verdict(signed_with(key_of('b'), header_of(key_of('b')), body)) == "auth.token_invalid");
}

TEST_CASE("jwt: claims have one form") {
  CHECK(verdict(signed_with(key, header_of(key), body_of(R"(,"ext":{"a":"b"})"))) == "ok");
  for (const auto& body :
       {body_of(R"(,"sub":"admin")"), body_of(R"(,"role":"owner")"), body_of(R"(,"sid":7)"), body_of(R"(,"sid":null)"),
        body_of(R"(,"ext":{"a":1})"), body_of(R"(,"ext":{"a":"b","a":"c"})"), body_of(R"(,"ext":[])"),
        body_of(R"(,"ext":{"a":"1","b":"2","c":"3","d":"4","e":"5","f":"6","g":"7","h":"8","i":"9"})"),
        body_of(R"(,"ext":{"a":")" + std::string(256, 'a') + "\"}"), body_of() + "x", std::string("{}"),
        std::string("null"), std::string(), std::string("\xff"),
        std::string(R"({"iss":"https://node.example","sub":"s","aud":["webnova"],"exp":1800000900,"nbf":1800000000,)"
                    R"("iat":1800000000,"jti":"j"})"),
        std::string(R"({"iss":"https://node.example","sub":"s","aud":"webnova","exp":"1800000900","nbf":1800000000,)"
                    R"("iat":1800000000,"jti":"j"})"),
        std::string(R"({"iss":"https://node.example","sub":"s","aud":"webnova","exp":1e300,"nbf":1800000000,)"
                    R"("iat":1800000000,"jti":"j"})"),
        std::string(R"({"iss":"https://node.example","sub":"s","aud":"webnova","exp":9223372036854775807,)"
                    R"("nbf":1800000000,"iat":1800000000,"jti":"j"})"),
        std::string(R"({"iss":"https://node.example","sub":"s","aud":"webnova","nbf":1800000000,"iat":1800000000,)"
                    R"("jti":"j"})")}) {
    INFO(body);
    CHECK(verdict(signed_with(key, header_of(key), body)) == "auth.token_invalid");
  }
}

TEST_CASE("jwt: issuer, audience and time count") {
  const auto token = sign_jwt(claims(), key);
  const auto at = [&](std::int64_t ms) {
    auto then = expected;
    then.now.ms = ms;
    return code_of(verify_jwt(token, ring, then));
  };
  CHECK(at((second + 900 + 30) * 1000 - 1) == "ok");
  CHECK(at((second + 900 + 30) * 1000) == "auth.token_expired");
  CHECK(at((second - 30) * 1000) == "ok");
  CHECK(at((second - 30) * 1000 - 1) == "auth.token_invalid");
  auto exact = expected;
  exact.skew = std::chrono::seconds(0);
  exact.now.ms = (second + 900) * 1000;
  CHECK(code_of(verify_jwt(token, ring, exact)) == "auth.token_expired");
  auto other = expected;
  other.issuer = "https://evil.example";
  CHECK(code_of(verify_jwt(token, ring, other)) == "auth.token_invalid");
  other = expected;
  other.audience = "another";
  CHECK(code_of(verify_jwt(token, ring, other)) == "auth.token_invalid");
  CHECK(verify_jwt(token, ring, other).error().status == 401);
  auto later = claims();
  later.nbf = second + 60;
  CHECK(verdict(sign_jwt(later, key)) == "auth.token_invalid");
}

TEST_CASE("jwt: what is too long is neither read nor made") {
  CHECK(verdict(std::string(jwt_bytes_max + 1, 'A')) == "auth.token_invalid");
  CHECK(verdict(std::string(1 << 22, '.')) == "auth.token_invalid");
  auto wrong = claims();
  wrong.sub = std::string(256, 'a');
  CHECK_THROWS_AS(sign_jwt(wrong, key), std::invalid_argument);
  wrong = claims();
  wrong.iss.clear();
  CHECK_THROWS_AS(sign_jwt(wrong, key), std::invalid_argument);
  wrong = claims();
  wrong.exp = wrong.iat;
  CHECK_THROWS_AS(sign_jwt(wrong, key), std::invalid_argument);
  wrong = claims();
  for (int i = 0; i < 9; ++i) wrong.ext["n" + std::to_string(i)] = "v";
  CHECK_THROWS_AS(sign_jwt(wrong, key), std::invalid_argument);
}

TEST_CASE("keys: after a rotation the old ones verify until their time") {
  KeyRing rotated(key);
  const auto old_token = sign_jwt(claims(), key);
  rotated.rotate(key_of('b'), now + std::chrono::seconds(10));
  CHECK(rotated.signing().id() == key_of('b').id());
  CHECK(verify_jwt(old_token, rotated, expected));
  CHECK(verify_jwt(sign_jwt(claims(), rotated.signing()), rotated, expected));
  auto later = expected;
  later.now = now + std::chrono::seconds(10);
  CHECK(code_of(verify_jwt(old_token, rotated, later)) == "auth.token_invalid");
  CHECK(verify_jwt(sign_jwt(claims(), rotated.signing()), rotated, later));
  // Asked twice, and back to a key that was there before.
  rotated.rotate(key_of('b'), now);
  CHECK(verify_jwt(old_token, rotated, expected));
  rotated.rotate(key, now + std::chrono::seconds(10));
  CHECK(verify_jwt(old_token, rotated, later));
}

TEST_CASE("keys: the public set holds what verifies, and nothing private") {
  KeyRing rotated(key);
  rotated.rotate(key_of('b'), now + std::chrono::seconds(10));
  rotated.rotate(key_of('c'), now + std::chrono::seconds(20));
  const auto json = rotated.to_jwk_set(now);
  CHECK(core::json_valid(json));
  CHECK(core::json_keys(json, "keys").size() == 3);
  CHECK(core::json_text(json, "keys[0].kid") == key_of('c').id());
  CHECK(core::json_text(json, "keys[0].kty") == "OKP");
  CHECK(core::json_text(json, "keys[0].crv") == "Ed25519");
  CHECK(core::json_text(json, "keys[0].alg") == "EdDSA");
  CHECK(core::json_text(json, "keys[0].x") == to_base64url(key_of('c').public_key().bytes()));
  CHECK(json.find("\"d\"") == std::string::npos);
  CHECK(core::json_keys(rotated.to_jwk_set(now + std::chrono::seconds(10)), "keys").size() == 2);
  rotated.forget_expired(now + std::chrono::seconds(20));
  CHECK(core::json_keys(rotated.to_jwk_set(now), "keys").size() == 1);
}

TEST_CASE("keys: a ring survives the vault") {
  KeyRing rotated(key);
  for (int i = 0; i < 12; ++i) rotated.rotate(key_of(char('b' + i)), now + std::chrono::seconds(i + 1));
  const auto text = rotated.serialise();
  const auto read = KeyRing::parse(text.view());
  REQUIRE(read);
  CHECK(read->serialise().view() == text.view());
  CHECK(read->signing().id() == rotated.signing().id());
  CHECK(read->to_jwk_set(now) == rotated.to_jwk_set(now));
  CHECK(core::json_keys(read->to_jwk_set(now), "keys").size() == 1 + retired_keys_max);
  for (const auto& wrong : {std::string(), std::string("nova-keys-1"), std::string("nova-keys-1 AAAA"),
                            std::string(text.view().substr(0, text.size() - 1)) + "x", std::string(text.view()) + " x",
                            std::string(text.view()) + " " + to_base64url(key.public_key().bytes()) + ":1",
                            "x" + std::string(text.view()), std::string(1 << 20, ' ')})
    CHECK(KeyRing::parse(wrong).error().code == "auth.keys_damaged");
}

TEST_CASE("keys: a ring of the first form is read as one of unknown age, and rotates") {
  const auto seed = to_base64url(std::string(32, 'a'));
  const auto retired = to_base64url(key_of('b').public_key().bytes()) + ":" + std::to_string(now.ms + 10'000);
  for (const auto& text : {"nova-keys-1 " + seed, "nova-keys-1 " + seed + " " + retired}) {
    INFO(text.substr(0, 11) << (text.size() > 60 ? " with a retired key" : ""));
    auto read = KeyRing::parse(text);
    REQUIRE(read);
    CHECK(read->signing().id() == key.id());
    CHECK(read->since().ms == 0);
    CHECK((read->find(key_of('b').id(), now) != nullptr) == (text.size() > 60));
    const auto old_token = sign_jwt(claims(), read->signing());
    read->rotate(key_of('c'), now + std::chrono::seconds(10), now);
    CHECK(read->signing().id() == key_of('c').id());
    CHECK(verify_jwt(old_token, *read, expected));
    // What is kept from then on is of the newest form, and knows its age.
    const auto kept = read->serialise();
    CHECK(kept.view().starts_with("nova-keys-2 "));
    const auto again = KeyRing::parse(kept.view());
    REQUIRE(again);
    CHECK(again->since() == now);
    CHECK(again->to_jwk_set(now) == read->to_jwk_set(now));
  }
  // A time in the first form stands where a retired key would.
  CHECK(KeyRing::parse("nova-keys-1 " + seed + " 1800000000000").error().code == "auth.keys_damaged");
}
