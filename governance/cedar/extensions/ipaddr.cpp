// ip("..."): IPv4 dotted quads and IPv6 (RFC 4291, without embedded IPv4), each with an optional prefix.
#include "governance/cedar/extensions/extensions.hpp"

#include <algorithm>
#include <cstring>

namespace nova::cedar {
namespace {

constexpr std::size_t address_text_max = 43;  // eight full groups and "/128"

// Decimal digits without a leading zero, at most `most`.
std::optional<unsigned> small_number(std::string_view text, unsigned most) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  unsigned number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  if (number > most) return std::nullopt;
  return number;
}

bool read_v4(std::string_view text, std::uint8_t* bytes) {
  for (int part = 0; part < 4; ++part) {
    const std::size_t end = part < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos) return false;
    const auto number = small_number(text.substr(0, end), 255);
    if (!number) return false;
    bytes[part] = static_cast<std::uint8_t>(*number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Groups separated by single colons, two bytes each; none for an empty text. Returns how many, or -1.
int read_groups(std::string_view text, std::uint8_t* bytes) {
  if (text.empty()) return 0;
  for (int count = 0; count < 8; ++count) {
    const std::size_t end = std::min(text.find(':'), text.size());
    if (end == 0 || end > 4) return -1;
    unsigned group = 0;
    for (const char c : text.substr(0, end)) {
      if (hex(c) < 0) return -1;
      group = group * 16 + static_cast<unsigned>(hex(c));
    }
    bytes[count * 2] = static_cast<std::uint8_t>(group >> 8);
    bytes[count * 2 + 1] = static_cast<std::uint8_t>(group);
    if (end == text.size()) return count + 1;
    text.remove_prefix(end + 1);
  }
  return -1;
}

bool read_v6(std::string_view text, std::uint8_t* bytes) {
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) return read_groups(text, bytes) == 8;
  std::uint8_t tail[16] = {};
  const int before = read_groups(text.substr(0, gap), bytes);
  const int behind = read_groups(text.substr(gap + 2), tail);
  // The gap stands for at least one group.
  if (before < 0 || behind < 0 || before + behind > 7) return false;
  std::memcpy(bytes + 16 - behind * 2, tail, static_cast<std::size_t>(behind) * 2);
  return true;
}

bool same_bits(const std::uint8_t* a, const std::uint8_t* b, unsigned bits) {
  if (std::memcmp(a, b, bits / 8) != 0) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

}  // namespace

std::optional<IpAddress> read_ip(std::string_view text) {
  if (text.size() > address_text_max) return std::nullopt;
  IpAddress address;
  const std::size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  address.is_v6 = host.find(':') != std::string_view::npos;
  const unsigned bits = address.is_v6 ? 128 : 32;
  if (!(address.is_v6 ? read_v6(host, address.bytes) : read_v4(host, address.bytes))) return std::nullopt;
  address.prefix = static_cast<std::uint8_t>(bits);
  if (slash != std::string_view::npos) {
    const auto prefix = small_number(text.substr(slash + 1), bits);
    if (!prefix) return std::nullopt;
    address.prefix = static_cast<std::uint8_t>(*prefix);
  }
  return address;
}

std::string ip_text(const IpAddress& address) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  if (address.is_v6) {
    // All eight groups: longer than need be, and never ambiguous.
    for (int group = 0; group < 8; ++group) {
      if (group > 0) out += ':';
      const unsigned number = static_cast<unsigned>(address.bytes[group * 2] << 8 | address.bytes[group * 2 + 1]);
      bool has_digit = false;
      for (int shift = 12; shift >= 0; shift -= 4) {
        const unsigned digit = number >> shift & 15;
        if (digit == 0 && !has_digit && shift > 0) continue;
        out += digits[digit];
        has_digit = true;
      }
    }
  } else {
    for (int part = 0; part < 4; ++part) out += (part > 0 ? "." : "") + std::to_string(address.bytes[part]);
  }
  if (address.prefix != (address.is_v6 ? 128 : 32)) out += "/" + std::to_string(address.prefix);
  return out;
}

namespace detail {

bool within(const IpAddress& address, const IpAddress& range) {
  return address.is_v6 == range.is_v6 && address.prefix >= range.prefix &&
         same_bits(address.bytes, range.bytes, range.prefix);
}

bool is_loopback(const IpAddress& address) {
  static const IpAddress v4{{127}, 8, false};
  static const IpAddress v6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, true};
  return within(address, address.is_v6 ? v6 : v4);
}

bool is_multicast(const IpAddress& address) {
  static const IpAddress v4{{224}, 4, false};
  static const IpAddress v6{{0xFF}, 8, true};
  return within(address, address.is_v6 ? v6 : v4);
}

}  // namespace detail
}  // namespace nova::cedar
