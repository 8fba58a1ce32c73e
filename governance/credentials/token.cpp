#include "governance/credentials/token.hpp"

#include "core/ids.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/random.hpp"

#include <charconv>
#include <stdexcept>

namespace nova::credentials {
namespace {

constexpr std::string_view mark = "nova_";
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t secret_characters = 43;
constexpr std::size_t checksum_characters = 6;
constexpr std::size_t shown_characters = 4;

bool is_environment(std::string_view text) {
  return text.size() <= environment_bytes_max &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string_view::npos;
}

bool is_secret(std::string_view text) {
  if (text.size() != secret_characters) return false;
  auto bytes = from_base64url(text);
  if (!bytes) return false;
  wipe(*bytes);
  return true;
}

std::string checksum(std::string_view text) {
  return to_base64url(view_of(sha256(text))).substr(0, checksum_characters);
}

// Where the secret of a key begins.
std::size_t secret_at(std::string_view key) { return key.size() - checksum_characters - secret_characters; }

ApiKeyParts parts_of(std::string_view key, std::string_view environment) {
  return {std::string(environment), std::string(key.substr(0, secret_at(key) + shown_characters)),
          std::string(key.substr(key.size() - shown_characters))};
}

}  // namespace

ApiKey make_api_key(std::string_view environment) {
  if (!is_environment(environment)) throw std::invalid_argument("the environment of a key is not a short word");
  std::string text(mark);
  text.reserve(bearer_bytes_max);
  if (!environment.empty()) text.append(environment).append("_");
  text += SecretBytes(to_base64url(random_bytes(secret_bytes).view())).view();
  text += checksum(text);
  auto parts = parts_of(text, environment);
  return {SecretBytes(std::move(text)), std::move(parts.prefix), std::move(parts.last_four)};
}

std::optional<ApiKeyParts> parse_api_key(std::string_view text) {
  if (text.size() > bearer_bytes_max || !text.starts_with(mark) ||
      text.size() < mark.size() + secret_characters + checksum_characters)
    return std::nullopt;
  // A secret may hold underscores, so it is counted from the end.
  auto environment = text.substr(mark.size(), secret_at(text) - mark.size());
  if (!environment.empty()) {
    if (environment.size() == 1 || environment.back() != '_') return std::nullopt;
    environment.remove_suffix(1);
    if (!is_environment(environment)) return std::nullopt;
  }
  if (!is_secret(text.substr(secret_at(text), secret_characters))) return std::nullopt;
  const auto body = text.substr(0, text.size() - checksum_characters);
  if (!same(checksum(body), text.substr(body.size()))) return std::nullopt;
  return parts_of(text, environment);
}

SecretBytes make_refresh_token(std::string_view session_id, std::uint32_t generation) {
  if (!core::is_uuid(session_id)) throw std::invalid_argument("the session of a refresh token is no UUID");
  std::string text(session_id);
  text.reserve(bearer_bytes_max);
  text.append(".").append(std::to_string(generation)).append(".");
  text += SecretBytes(to_base64url(random_bytes(secret_bytes).view())).view();
  return SecretBytes(std::move(text));
}

std::optional<RefreshToken> parse_refresh_token(std::string_view text) {
  if (text.size() > bearer_bytes_max) return std::nullopt;
  const auto first = text.find('.');
  if (first == std::string_view::npos || !core::is_uuid(text.substr(0, first))) return std::nullopt;
  const auto second = text.find('.', first + 1);
  if (second == std::string_view::npos || !is_secret(text.substr(second + 1))) return std::nullopt;
  const auto number = text.substr(first + 1, second - first - 1);
  RefreshToken token{std::string(text.substr(0, first)), 0};
  const auto read = std::from_chars(number.data(), number.data() + number.size(), token.generation);
  if (read.ec != std::errc() || read.ptr != number.data() + number.size()) return std::nullopt;
  if (number.size() > 1 && number.front() == '0') return std::nullopt;  // one text for each number
  return token;
}

}  // namespace nova::credentials
