#include "governance/credentials/webhook_signature.hpp"

#include "governance/credentials/encoding.hpp"
#include "tests/testkit/catch.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <vector>

using namespace nova;
using namespace nova::credentials;

namespace {

// The vector of the specification's own libraries.
const std::string secret_text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const std::string payload = R"({"test": 2432232314})";
const core::Timestamp signed_at{1614265330000};
const WebhookHeaders vector{"msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="};

std::vector<WebhookSecret> secrets(std::initializer_list<std::string> texts) {
  std::vector<WebhookSecret> all;
  for (const auto& text : texts) all.push_back(WebhookSecret::parse(text).value());
  return all;
}

std::string verdict(const WebhookHeaders& headers, const std::string& body = payload, core::Timestamp now = signed_at,
                    std::initializer_list<std::string> texts = {secret_text}) {
  const auto status = verify_webhook(secrets(texts), headers, body, now);
  return status ? "ok" : status.error().code;
}

const std::string other_text = "whsec_" + to_base64(std::string(32, 'b'));

}  // namespace

TEST_CASE("webhook: the vector of Standard Webhooks") {
  const auto headers = sign_webhook(secrets({secret_text}), vector.id, signed_at, payload);
  CHECK(headers.id == vector.id);
  CHECK(headers.timestamp == vector.timestamp);
  CHECK(headers.signature == vector.signature);
  CHECK(verdict(vector) == "ok");
}

TEST_CASE("webhook: OpenSSL alone comes to the same") {
  const auto made = WebhookSecret::make();
  const auto headers = sign_webhook({&made, 1}, "evt-1", {1700000000999}, "body.with.points");
  const auto bytes = *from_base64(std::string(made.text().view().substr(6)));
  const std::string text = "evt-1.1700000000.body.with.points";
  unsigned char code[32];
  unsigned size = 0;
  HMAC(EVP_sha256(), bytes.data(), static_cast<int>(bytes.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), code, &size);
  unsigned char base64[64];
  const int length = EVP_EncodeBlock(base64, code, 32);
  CHECK(headers.signature == "v1," + std::string(reinterpret_cast<char*>(base64), static_cast<std::size_t>(length)));
}

TEST_CASE("webhook: a change of any byte of anything is refused") {
  const auto each = [&](const std::string& text, auto apply) {
    for (std::size_t at = 0; at < text.size(); ++at)
      for (const int flip : {1, 2, 0x20, 0x80}) {
        auto changed = text;
        changed[at] = static_cast<char>(changed[at] ^ flip);
        if (apply(changed) == "ok") FAIL(changed);
      }
  };
  each(payload, [&](const auto& changed) { return verdict(vector, changed); });
  each(vector.id, [&](const auto& changed) { return verdict({changed, vector.timestamp, vector.signature}); });
  each(vector.timestamp, [&](const auto& changed) { return verdict({vector.id, changed, vector.signature}); });
  each(vector.signature, [&](const auto& changed) { return verdict({vector.id, vector.timestamp, changed}); });
  CHECK(verdict(vector, payload + " ") == "webhook.signature_invalid");
  CHECK(verdict(vector, payload, signed_at, {other_text}) == "webhook.signature_invalid");
  CHECK(verdict(vector, payload, signed_at, {}) == "webhook.signature_invalid");
}

TEST_CASE("webhook: five minutes either way, no more") {
  const auto after = [](std::int64_t ms) { return core::Timestamp{signed_at.ms + ms}; };
  CHECK(verdict(vector, payload, after(300'000)) == "ok");
  CHECK(verdict(vector, payload, after(-300'000)) == "ok");
  CHECK(verdict(vector, payload, after(300'001)) == "webhook.timestamp_outside");
  CHECK(verdict(vector, payload, after(-300'001)) == "webhook.timestamp_outside");
  for (const std::string wrong :
       {"", "-1614265330", "+1614265330", "1614265330.0", " 1614265330", "99999999999999999999", "0x60380b32", "now"})
    CHECK(verdict({vector.id, wrong, vector.signature}) != "ok");
}

TEST_CASE("webhook: while a secret rotates, either of them is enough") {
  const auto headers = sign_webhook(secrets({other_text, secret_text}), "evt-1", signed_at, payload);
  CHECK(headers.signature.find(' ') != std::string::npos);
  CHECK(verdict(headers, payload, signed_at, {secret_text}) == "ok");
  CHECK(verdict(headers, payload, signed_at, {other_text}) == "ok");
  CHECK(verdict(headers, payload, signed_at, {"whsec_" + to_base64(std::string(32, 'c'))}) ==
        "webhook.signature_invalid");
  CHECK(verdict({vector.id, vector.timestamp, "v1a,AAAA v2,x " + vector.signature}) == "ok");
  std::string many;
  for (std::size_t i = 0; i < webhook_signatures_max; ++i) many += "v1,AAAA ";
  CHECK(verdict({vector.id, vector.timestamp, many + vector.signature}) == "webhook.signature_invalid");
}

TEST_CASE("webhook: a secret has one form and enough bytes") {
  const auto made = WebhookSecret::make();
  CHECK(made.bytes().size() == 32);
  CHECK(WebhookSecret::parse(made.text().view())->bytes() == made.bytes());
  CHECK(made.bytes() != WebhookSecret::make().bytes());
  const auto text = [](std::size_t size) { return "whsec_" + to_base64(std::string(size, 'a')); };
  CHECK(WebhookSecret::parse(text(24)));
  CHECK(WebhookSecret::parse(text(64)));
  for (const auto& wrong : {text(23), text(65), std::string(), std::string("whsec_"), secret_text.substr(6),
                            "whpk_" + secret_text.substr(6), secret_text + "=", secret_text + "\n",
                            std::string(1 << 20, 'a'), "whsec_" + std::string(1 << 20, 'a')})
    CHECK_FALSE(WebhookSecret::parse(wrong));
}

TEST_CASE("webhook: an id that could be read in two ways is not signed") {
  for (const auto& wrong : {std::string(), std::string("a.b"), std::string("a b"), std::string("a\n"),
                            std::string("\xd8\xb9"), std::string(webhook_id_bytes_max + 1, 'a')}) {
    CHECK_THROWS_AS(sign_webhook(secrets({secret_text}), wrong, signed_at, payload), std::invalid_argument);
    CHECK(verdict({wrong, vector.timestamp, vector.signature}) == "webhook.signature_invalid");
  }
  CHECK_THROWS_AS(sign_webhook({}, "a", signed_at, payload), std::invalid_argument);
  CHECK_THROWS_AS(sign_webhook(secrets({secret_text}), "a", {-1}, payload), std::invalid_argument);
}
