// Any bytes as an encoding, a bearer secret, a stored password, a webhook's secret or headers, a one-time code: nothing
// breaks, nothing is accepted that was not made here, and what is read is the one text of its bytes.
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/password.hpp"
#include "governance/credentials/recovery_code.hpp"
#include "governance/credentials/token.hpp"
#include "governance/credentials/totp.hpp"
#include "governance/credentials/webhook_signature.hpp"

#include <cstdlib>

using namespace nova;
using namespace nova::credentials;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void encodings(std::string_view text) {
  if (const auto bytes = from_base64url(text)) must(to_base64url(*bytes) == text);
  if (const auto bytes = from_base64(text)) must(to_base64(*bytes) == text);
  if (const auto bytes = from_base64_unpadded(text)) must(to_base64_unpadded(*bytes) == text);
  if (const auto bytes = from_base32(text)) must(to_base32(*bytes) == text);
  if (const auto bytes = from_hex(text)) must(to_hex(*bytes) == text);
  must(from_base64url(to_base64url(text)) == text && from_base64(to_base64(text)) == text);
  must(from_base32(to_base32(text)) == text && from_hex(to_hex(text)) == text);
  must(percent_encode(text).find_first_of("/?#&=: \n") == std::string::npos);
}

void bearers(std::string_view text) {
  // A checksum can be met by chance or by a fuzzer; the parts must then be those of the text.
  if (const auto key = parse_api_key(text)) {
    must(text.starts_with(key->prefix) && text.ends_with(key->last_four) && text.size() <= bearer_bytes_max);
    must(key->environment.size() <= environment_bytes_max);
  }
  if (const auto token = parse_refresh_token(text)) {
    const auto head = token->session_id + "." + std::to_string(token->generation) + ".";
    must(text.starts_with(head) && text.size() == head.size() + 43);
  }
}

void webhooks(std::string_view text) {
  static const auto secret = WebhookSecret::make();
  if (const auto read = WebhookSecret::parse(text)) must(read->text().view() == text);
  const auto third = text.size() / 3;
  const WebhookHeaders headers{std::string(text.substr(0, third)), std::string(text.substr(third, third)),
                               std::string(text.substr(2 * third))};
  must(!verify_webhook({&secret, 1}, headers, text, {0}));
  must(!verify_webhook({&secret, 1}, {"id", "0", std::string(text)}, "body", {0}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  encodings(text);
  bearers(text);
  webhooks(text);
  if (text.starts_with("$scrypt$")) {
    static const Passwords passwords(ScryptCost{10, 1, 1});
    must(!passwords.verify(std::string(text), "a password").right);
  }
  (void)check_new_password(text);
  must(!find_recovery_code("key", "owner", text, {std::string(64, '0')}));
  if (const auto step = verify_totp("12345678901234567890", text, {1234567890000}, 41152262))
    must(*step > 41152262 && text.size() == totp_digits);
  return 0;
}
