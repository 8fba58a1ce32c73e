#include "governance/credentials/totp.hpp"

#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/random.hpp"

#include <stdexcept>

namespace nova::credentials {

SecretBytes make_totp_secret() { return random_bytes(totp_secret_bytes); }

std::string hotp(std::string_view secret, std::uint64_t counter, int digits) {
  if (digits < 6 || digits > 8) throw std::invalid_argument("a one-time code has 6 to 8 digits");
  std::string message(8, '\0');
  for (int i = 7; i >= 0; --i, counter >>= 8) message[static_cast<std::size_t>(i)] = static_cast<char>(counter & 0xff);
  const auto digest = hmac_sha1(secret, message);
  const std::size_t offset = digest[19] & 15;  // dynamic truncation (RFC 4226, 5.3)
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | digest[offset + i];
  number &= 0x7fffffff;
  std::string code(static_cast<std::size_t>(digits), '0');
  for (std::size_t i = code.size(); i-- > 0; number /= 10) code[i] = static_cast<char>('0' + number % 10);
  return code;
}

std::uint64_t totp_step(core::Timestamp now) {
  return now.ms < 0 ? 0 : static_cast<std::uint64_t>(now.ms / totp_step_ms);
}

std::optional<std::uint64_t> verify_totp(std::string_view secret, std::string_view code, core::Timestamp now,
                                         std::optional<std::uint64_t> last_step) {
  const auto middle = totp_step(now);
  std::optional<std::uint64_t> matched;
  for (int offset = -totp_window_steps; offset <= totp_window_steps; ++offset) {
    const auto step = middle + static_cast<std::uint64_t>(static_cast<std::int64_t>(offset));
    const bool equal = same(hotp(secret, step), code);
    const bool in_time = offset >= 0 || middle >= static_cast<std::uint64_t>(-offset);
    if (equal && in_time && (!last_step || step > *last_step) && !matched) matched = step;
  }
  return matched;
}

SecretBytes otpauth_uri(std::string_view issuer, std::string_view account, std::string_view secret) {
  const auto name = percent_encode(issuer);
  const SecretBytes encoded(to_base32(secret));
  std::string uri;
  uri.reserve(256 + 2 * name.size() + 3 * account.size() + encoded.size());
  uri.append("otpauth://totp/").append(name).append(":").append(percent_encode(account));
  uri.append("?secret=").append(encoded.view()).append("&issuer=").append(name);
  uri.append("&algorithm=SHA1&digits=").append(std::to_string(totp_digits));
  uri.append("&period=").append(std::to_string(totp_step_ms / 1000));
  return SecretBytes(std::move(uri));
}

}  // namespace nova::credentials
