#include "governance/credentials/encoding.hpp"

#include <array>
#include <cstdint>

namespace nova::credentials {
namespace {

// `bits` of each byte string become one character. The table of values is made of the letters, so they cannot differ.
struct Alphabet {
  std::string_view letters;
  int bits;
  std::array<std::int8_t, 256> values{};

  constexpr Alphabet(std::string_view all, int bits_of_each) : letters(all), bits(bits_of_each) {
    for (auto& value : values) value = -1;
    for (std::size_t i = 0; i < all.size(); ++i)
      values[static_cast<unsigned char>(all[i])] = static_cast<std::int8_t>(i);
  }
};

constexpr Alphabet base64("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6);
constexpr Alphabet base64url("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 6);
constexpr Alphabet base32("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5);
constexpr Alphabet hex("0123456789abcdef", 4);

std::string encode(const Alphabet& alphabet, std::string_view bytes) {
  const auto mask = (1u << alphabet.bits) - 1;
  std::string text;
  text.reserve((bytes.size() * 8 + static_cast<std::size_t>(alphabet.bits) - 1) /
               static_cast<std::size_t>(alphabet.bits));
  std::uint32_t pending = 0;
  int held = 0;
  for (const char c : bytes) {
    pending = pending << 8 | static_cast<unsigned char>(c);
    held += 8;
    while (held >= alphabet.bits) text += alphabet.letters[pending >> (held -= alphabet.bits) & mask];
  }
  if (held > 0) text += alphabet.letters[pending << (alphabet.bits - held) & mask];
  return text;
}

std::optional<std::string> decode(const Alphabet& alphabet, std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() * static_cast<std::size_t>(alphabet.bits) / 8);
  std::uint32_t pending = 0;
  int held = 0;
  for (const char c : text) {
    const int value = alphabet.values[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    pending = pending << alphabet.bits | static_cast<std::uint32_t>(value);
    held += alphabet.bits;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(pending >> held & 0xff);
  }
  // A whole character that adds no byte, or bits that none uses: another text means the same bytes.
  if (held >= alphabet.bits || (pending & ((1u << held) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace

std::string to_base64url(std::string_view bytes) { return encode(base64url, bytes); }
std::optional<std::string> from_base64url(std::string_view text) { return decode(base64url, text); }

std::string to_base64_unpadded(std::string_view bytes) { return encode(base64, bytes); }
std::optional<std::string> from_base64_unpadded(std::string_view text) { return decode(base64, text); }

std::string to_base64(std::string_view bytes) {
  auto text = encode(base64, bytes);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const auto end = text.find_last_not_of('=') + 1;  // 0 when there is nothing but padding
  // What is left has the length of an unpadded text, and `decode` refuses the one length that no bytes have.
  if (text.size() - end > 2) return std::nullopt;
  return decode(base64, text.substr(0, end));
}

std::string to_base32(std::string_view bytes) { return encode(base32, bytes); }
std::optional<std::string> from_base32(std::string_view text) { return decode(base32, text); }

std::string to_hex(std::string_view bytes) { return encode(hex, bytes); }
std::optional<std::string> from_hex(std::string_view text) { return decode(hex, text); }

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += "0123456789ABCDEF"[byte >> 4];
    encoded += "0123456789ABCDEF"[byte & 15];
  }
  return encoded;
}

}  // namespace nova::credentials
