#include "governance/limits/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace nova::limits {
namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int v4_prefix_bits = 96;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// An address with or without a port: "192.0.2.7", "192.0.2.7:4711", "[2001:db8::7]", "[2001:db8::7]:4711". Without
// brackets IPv6 is taken where the header allows that.
std::optional<Address> parse_node(std::string_view text, bool bare_v6) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return {};
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return {};
    const auto address = parse_address(text.substr(1, end - 1));
    return address && text.find(':') < end ? address : std::nullopt;
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return parse_address(text);
  if (text.find(':', colon + 1) != std::string_view::npos) return bare_v6 ? parse_address(text) : std::nullopt;
  if (!is_port(text.substr(colon + 1))) return {};
  return parse_address(text.substr(0, colon));
}

bool is_for(std::string_view name) {
  return name.size() == 3 && (name[0] | 0x20) == 'f' && (name[1] | 0x20) == 'o' && (name[2] | 0x20) == 'r';
}

// One element of `Forwarded` (RFC 7239, section 4): pairs between semicolons. Exactly one may be `for`. Escapes in
// quoted strings are legal and no proxy writes any, so an element with one is not understood.
std::optional<Address> parse_element(std::string_view element) {
  if (element.find('\\') != std::string_view::npos) return {};
  std::optional<Address> found;
  bool seen = false;
  while (!element.empty()) {
    bool quoted = false;
    std::size_t end = 0;
    for (; end < element.size() && (quoted || element[end] != ';'); ++end)
      if (element[end] == '"') quoted = !quoted;
    if (quoted) return {};
    const auto pair = trim(element.substr(0, end));
    element.remove_prefix(std::min(end + 1, element.size()));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || !is_for(pair.substr(0, equals))) continue;
    if (std::exchange(seen, true)) return {};
    auto value = pair.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value.remove_prefix(1);
      value.remove_suffix(1);
    }
    found = parse_node(value, false);
  }
  return found;
}

// Cuts the rightmost element off. Quotes are counted from the right too: what a client wrote to the left, such as a
// quote that never ends, must not swallow what the proxy appended.
std::string_view take_last(std::string_view& header, bool with_quotes) {
  bool quoted = false;
  std::size_t at = header.size();
  while (at > 0) {
    const char c = header[at - 1];
    if (with_quotes && c == '"') quoted = !quoted;
    if (c == ',' && !quoted) break;
    --at;
  }
  const auto last = trim(header.substr(at));
  header = header.substr(0, at == 0 ? 0 : at - 1);
  return last;
}

}  // namespace

bool Address::is_v4() const { return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes.begin()); }

std::optional<Address> parse_address(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos) return {};
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = 0;
  Address address;
  if (text.find(':') == std::string_view::npos) {
    std::copy(v4_prefix.begin(), v4_prefix.end(), address.bytes.begin());
    if (inet_pton(AF_INET, terminated, address.bytes.data() + v4_prefix.size()) != 1) return {};
    return address;
  }
  if (inet_pton(AF_INET6, terminated, address.bytes.data()) != 1) return {};
  return address;
}

std::string to_string(const Address& address) {
  char text[INET6_ADDRSTRLEN];
  const bool v4 = address.is_v4();
  inet_ntop(v4 ? AF_INET : AF_INET6, address.bytes.data() + (v4 ? v4_prefix.size() : 0), text, sizeof text);
  return text;
}

bool Block::holds(const Address& other) const {
  const auto whole = std::size_t(bits / 8);
  if (!std::equal(address.bytes.begin(), address.bytes.begin() + std::ptrdiff_t(whole), other.bytes.begin()))
    return false;
  const int rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = std::uint8_t(0xff << (8 - rest));
  return (address.bytes[whole] & mask) == (other.bytes[whole] & mask);
}

std::optional<Block> parse_block(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return {};
  Block block{*address, 128};
  if (slash == std::string_view::npos) return block;
  const auto number = text.substr(slash + 1);
  int bits = 0;
  const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), bits);
  if (failed != std::errc() || end != number.data() + number.size() || bits < 0) return {};
  const bool v4 = text.find(':') == std::string_view::npos;
  if (bits > (v4 ? 32 : 128)) return {};
  block.bits = bits + (v4 ? v4_prefix_bits : 0);
  return block;
}

const std::vector<std::string_view>& names_of(const ForwardedBy*) {
  static const std::vector<std::string_view> names = {"x-forwarded-for", "forwarded"};
  return names;
}

bool Proxies::trusts(const Address& address) const {
  return std::any_of(trusted.begin(), trusted.end(), [&](const Block& block) { return block.holds(address); });
}

Address client_address(const Address& peer, std::string_view header, const Proxies& proxies) {
  if (header.size() > forwarded_bytes_max) header.remove_prefix(header.size() - forwarded_bytes_max);
  auto client = peer;
  for (std::size_t hop = 0; hop < hops_max && !header.empty() && proxies.trusts(client); ++hop) {
    const bool forwarded = proxies.header == ForwardedBy::forwarded;
    const auto last = take_last(header, forwarded);
    const auto before = forwarded ? parse_element(last) : parse_node(last, true);
    if (!before) break;
    client = *before;
  }
  return client;
}

}  // namespace nova::limits
