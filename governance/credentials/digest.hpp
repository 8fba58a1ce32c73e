// SHA-256 (FIPS 180-4), HMAC (RFC 2104), and comparing secrets without telling how much of them was right.
// Pure; any thread; about 2 ns a byte. They throw only when OpenSSL lacks the function, which nothing can go on
// without.
#pragma once
#include <array>
#include <string>
#include <string_view>

namespace nova::credentials {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

/// For one-time codes alone (RFC 4226); its 20 bytes are no digest to rely on elsewhere.
std::array<unsigned char, 20> hmac_sha1(std::string_view key, std::string_view bytes);

/// What is stored of a bearer secret: HMAC-SHA-256 under the node's key as 64 lower-case hexadecimal digits. Without
/// the key a stolen hash cannot be tried against guesses.
std::string keyed_hash(std::string_view key, std::string_view secret);

std::string to_hex(const Sha256& digest);

template <std::size_t Size>
std::string_view view_of(const std::array<unsigned char, Size>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), Size};
}

/// In time that does not depend on where two texts differ; only on whether their lengths do, which is no secret.
bool same(std::string_view a, std::string_view b);
bool same(const Sha256& a, const Sha256& b);

}  // namespace nova::credentials
