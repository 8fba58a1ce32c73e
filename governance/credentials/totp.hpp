// One-time codes of authenticator apps: TOTP (RFC 6238) on HOTP (RFC 4226) with HMAC-SHA-1, six digits, steps of 30
// seconds: what every app takes (S23). Pure but for `make_totp_secret`; any thread; a microsecond each.
#pragma once
#include "core/time.hpp"
#include "governance/credentials/secret_bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nova::credentials {

inline constexpr std::size_t totp_secret_bytes = 20;  // as long as the digest (RFC 4226, R6)
inline constexpr std::int64_t totp_step_ms = 30'000;
inline constexpr int totp_digits = 6;
inline constexpr int totp_window_steps = 1;  // before and after: a slow person, a wrong clock (RFC 6238, 5.2)

SecretBytes make_totp_secret();

/// RFC 4226: the code of a counter. `digits`: 6 to 8.
std::string hotp(std::string_view secret, std::uint64_t counter, int digits = totp_digits);

/// The number of the 30 seconds that `now` lies in; 0 before 1970.
std::uint64_t totp_step(core::Timestamp now);

/// The step whose code was given, when it is this one, the one before or the one after, and later than `last_step`: the
/// step of the last code that was accepted, none at first. Who accepts stores it, so that a code works once. Every step
/// of the window is always computed and compared in constant time.
std::optional<std::uint64_t> verify_totp(std::string_view secret, std::string_view code, core::Timestamp now,
                                         std::optional<std::uint64_t> last_step);

/// "otpauth://totp/WebNova:amy%40example.org?secret=...&issuer=WebNova&algorithm=SHA1&digits=6&period=30" for the QR
/// code of an app (Key URI Format). It holds the secret.
SecretBytes otpauth_uri(std::string_view issuer, std::string_view account, std::string_view secret);

}  // namespace nova::credentials
