#include "governance/credentials/webhook_signature.hpp"

#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/random.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <vector>

namespace nova::credentials {
namespace {

constexpr std::string_view mark = "whsec_";
constexpr std::string_view version = "v1,";
constexpr std::size_t secret_bytes = 32, secret_bytes_min = 24, secret_bytes_max = 64;

core::Error refused(std::string code, std::string message) {
  auto error = core::refusal(std::move(code), std::move(message));
  error.status = 401;
  return error;
}

// With a point inside, id and time could be cut in another way.
bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= webhook_id_bytes_max &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~' && c != '.'; });
}

std::optional<std::int64_t> seconds_of(std::string_view text) {
  std::int64_t seconds = 0;
  if (text.empty() || text.size() > 12 || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return seconds;
}

std::string signed_text(std::string_view id, std::string_view timestamp, std::string_view payload) {
  std::string text;
  text.reserve(id.size() + timestamp.size() + payload.size() + 2);
  return text.append(id).append(".").append(timestamp).append(".").append(payload);
}

std::string signature_of(const WebhookSecret& secret, std::string_view text) {
  return std::string(version) + to_base64(view_of(hmac_sha256(secret.bytes(), text)));
}

}  // namespace

WebhookSecret WebhookSecret::make() { return WebhookSecret(random_bytes(secret_bytes)); }

std::optional<WebhookSecret> WebhookSecret::parse(std::string_view text) {
  if (!text.starts_with(mark) || text.size() > mark.size() + secret_bytes_max * 2) return std::nullopt;
  auto decoded = from_base64(text.substr(mark.size()));
  if (!decoded) return std::nullopt;
  SecretBytes bytes(std::move(*decoded));
  if (bytes.size() < secret_bytes_min || bytes.size() > secret_bytes_max) return std::nullopt;
  return WebhookSecret(std::move(bytes));
}

SecretBytes WebhookSecret::text() const {
  std::string text(mark);
  text.reserve(mark.size() + secret_bytes_max * 2);
  text += SecretBytes(to_base64(bytes_.view())).view();
  return SecretBytes(std::move(text));
}

WebhookHeaders sign_webhook(std::span<const WebhookSecret> secrets, std::string_view id, core::Timestamp at,
                            std::string_view payload) {
  if (!is_id(id)) throw std::invalid_argument("the id of a webhook is not printable, or has a point");
  if (secrets.empty() || secrets.size() > webhook_signatures_max || at.ms < 0)
    throw std::invalid_argument("a webhook is signed with 1 to 16 secrets, at a time after 1970");
  WebhookHeaders headers{std::string(id), std::to_string(at.ms / 1000), {}};
  const auto text = signed_text(id, headers.timestamp, payload);
  for (const auto& secret : secrets)
    headers.signature += (headers.signature.empty() ? "" : " ") + signature_of(secret, text);
  return headers;
}

core::Status verify_webhook(std::span<const WebhookSecret> secrets, const WebhookHeaders& headers,
                            std::string_view payload, core::Timestamp now, std::chrono::seconds tolerance) {
  const auto seconds = seconds_of(headers.timestamp);
  if (!seconds || !is_id(headers.id)) return refused("webhook.signature_invalid", "id or time is not well formed");
  const auto away_ms = std::max(now.ms, *seconds * 1000) - std::min(now.ms, *seconds * 1000);
  if (away_ms > std::chrono::milliseconds(tolerance).count())
    return refused("webhook.timestamp_outside", "the time of signing is too far from now");
  const auto text = signed_text(headers.id, headers.timestamp, payload);
  std::vector<std::string> expected;
  for (const auto& secret : secrets) expected.push_back(signature_of(secret, text));
  bool valid = false;
  std::string_view rest = headers.signature;
  // What is of another version ("v1a") is for others. Every pair is compared, so that time tells nothing.
  for (std::size_t count = 0; !rest.empty() && count < webhook_signatures_max; ++count) {
    const auto given = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), given.size() + 1));
    for (const auto& signature : expected) valid = same(signature, given) || valid;
  }
  if (!valid) return refused("webhook.signature_invalid", "no signature fits");
  return core::ok();
}

}  // namespace nova::credentials
