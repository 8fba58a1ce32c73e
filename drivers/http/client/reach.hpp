// Where outgoing requests may lead: public addresses, and what the configuration allows beside them. The judge looks at
// the address that a socket is about to be opened to, never at a name, so a name that leads elsewhere the next moment
// (DNS rebinding) gains nothing. Pure; any thread; some 100 ns.
//
// Sources: IANA's registries of special-purpose addresses (RFC 6890 and its updates), RFC 6052 and 8215 (NAT64), RFC
// 3056 (6to4), RFC 4291 (IPv4-mapped).
#pragma once
#include "core/result.hpp"
#include "governance/limits/address.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

struct sockaddr;

namespace nova::http {

inline constexpr std::size_t url_bytes_max = 2048;
inline constexpr std::size_t allowed_blocks_max = 64;

struct Reach {
  std::vector<limits::Block> allowed;  ///< beside public addresses; at most `allowed_blocks_max`
};

/// What the address is reserved for ("loopback", "private", "link-local" ...); empty: it is public. `as_v6`: it was
/// given as an IPv6 address, and one that holds an IPv4 address inside is then refused whatever that one is.
std::string_view reserved_for(const limits::Address& address, bool as_v6);

/// Whether a socket may be opened to it. What is neither IPv4 nor IPv6 is refused.
bool may_reach(const sockaddr& address, std::size_t size, const Reach& reach);

struct Target {
  std::string scheme;  ///< "http" or "https"
  std::string host;    ///< as the transport will read it: numbers in their usual form, no brackets
  int port = 0;
};

/// The parts of a URL as the transport itself reads them, so that the two never disagree. Errors, all 400:
/// `http.url_invalid`, `http.url_credentials` (a user or password in it).
core::Result<Target> parse_url(std::string_view url);

/// What can be said of a URL before anything is asked of the network: `parse_url`, and `http.private_address` for
/// addresses in it and for names that can only mean this machine ("localhost"). Other names are judged when they are
/// used.
core::Status check_url(std::string_view url, const Reach& reach);

core::Error private_address();

}  // namespace nova::http
