// Signatures of webhooks as in Standard Webhooks (https://www.standardwebhooks.com, symmetric signatures), so that
// receivers can use the libraries that exist: HMAC-SHA-256 over "<id>.<seconds>.<payload>". Pure but for making
// secrets; any thread; in proportion to the payload, about 3 ns a byte.
#pragma once
#include "core/result.hpp"
#include "core/time.hpp"
#include "governance/credentials/secret_bytes.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nova::credentials {

/// 24 to 64 bytes (the specification's bounds); as text "whsec_<base64>", which is what both sides store.
class WebhookSecret {
 public:
  static WebhookSecret make();  ///< 32 random bytes
  static std::optional<WebhookSecret> parse(std::string_view text);

  SecretBytes text() const;
  std::string_view bytes() const { return bytes_.view(); }

 private:
  explicit WebhookSecret(SecretBytes bytes) : bytes_(std::move(bytes)) {}
  SecretBytes bytes_;
};

/// Values of the headers webhook-id, webhook-timestamp (seconds since 1970) and webhook-signature ("v1,<base64>", one
/// for each secret, with spaces between).
struct WebhookHeaders {
  std::string id;
  std::string timestamp;
  std::string signature;
};

inline constexpr std::chrono::seconds webhook_tolerance{300};
inline constexpr std::size_t webhook_id_bytes_max = 128;
inline constexpr std::size_t webhook_signatures_max = 16;

/// While a secret rotates both sign: `secrets` holds the new one and the one before. `id` is that of the delivery, the
/// same for each attempt: printable ASCII without spaces and points. Throws std::invalid_argument when it is not, or
/// there is no secret.
WebhookHeaders sign_webhook(std::span<const WebhookSecret> secrets, std::string_view id, core::Timestamp at,
                            std::string_view payload);

/// Whether one of the secrets signed this, no longer ago (or ahead) than `tolerance`. `webhook.signature_invalid` or
/// `webhook.timestamp_outside`, both 401. A receiver that must act once also remembers ids for as long.
core::Status verify_webhook(std::span<const WebhookSecret> secrets, const WebhookHeaders& headers,
                            std::string_view payload, core::Timestamp now,
                            std::chrono::seconds tolerance = webhook_tolerance);

}  // namespace nova::credentials
