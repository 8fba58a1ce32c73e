// Who a request comes from: the peer of its connection, or what a trusted proxy says of whom it speaks for. Pure; any
// thread. What a client itself writes into such headers is never believed.
#pragma once
#include "core/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::limits {

/// IPv4 stands in its IPv6 form (::ffff:0:0/96, RFC 4291), so that there is one of each.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4() const;
  friend bool operator==(const Address&, const Address&) = default;
};

/// "192.0.2.7", "2001:db8::7", without port, brackets or zone.
std::optional<Address> parse_address(std::string_view text);
std::string to_string(const Address& address);

/// A block of addresses (RFC 4632): "10.0.0.0/8", "2001:db8::/32", or one address alone.
struct Block {
  Address address;
  int bits = 128;  ///< of the IPv6 form
  bool holds(const Address& other) const;
};
std::optional<Block> parse_block(std::string_view text);

/// Which header the proxies write. Only that one is read: a proxy passes on what it does not know, so the other one
/// could be the client's.
enum class ForwardedBy : std::uint8_t { x_forwarded_for, forwarded };
const std::vector<std::string_view>& names_of(const ForwardedBy*);

struct Proxies {
  std::vector<Block> trusted;  ///< at most `proxies_max`
  ForwardedBy header = ForwardedBy::x_forwarded_for;
  bool trusts(const Address& address) const;
};
inline constexpr std::size_t proxies_max = 256;
inline constexpr std::size_t hops_max = 32;               ///< further to the left nobody looks
inline constexpr std::size_t forwarded_bytes_max = 4096;  ///< nor here

/// The client behind `peer`. `header` is the value of the proxies' header, its lines joined by commas. It is read from
/// the right, since each proxy appends: while an address is a trusted proxy's, what stands to its left is believed. The
/// walk ends at the first that is not, and before what is no address ("unknown", an obfuscated name, rubbish). Some 20
/// ns for a peer that is no proxy, else some 100 ns a hop.
Address client_address(const Address& peer, std::string_view header, const Proxies& proxies);

}  // namespace nova::limits
