#include "drivers/http/client/reach.hpp"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>

namespace nova::http {
namespace {

using limits::Address;
using limits::Block;

struct Reserved {
  Block block;
  std::string_view purpose;
};

struct Row {
  std::string_view block;
  std::string_view purpose;
};

constexpr Row v4_rows[] = {
    {"0.0.0.0/8", "this network"},
    {"10.0.0.0/8", "private"},
    {"100.64.0.0/10", "shared by a carrier's customers"},
    {"127.0.0.0/8", "loopback"},
    {"168.63.129.16/32", "a cloud's own services"},  // the one such address that is not reserved by its block
    {"169.254.0.0/16", "link-local"},
    {"172.16.0.0/12", "private"},
    {"192.0.0.0/24", "protocol assignments"},
    {"192.0.2.0/24", "documentation"},
    {"192.88.99.0/24", "6to4 relays"},
    {"192.168.0.0/16", "private"},
    {"198.18.0.0/15", "benchmarks"},
    {"198.51.100.0/24", "documentation"},
    {"203.0.113.0/24", "documentation"},
    {"224.0.0.0/4", "multicast"},
    {"240.0.0.0/4", "future use"},
};

// All of 2000::/3 is public but for these; named are also the well-known parts of what is not in it.
constexpr Row v6_rows[] = {
    {"::/128", "no address"},
    {"::1/128", "loopback"},
    {"64:ff9b::/96", "NAT64"},
    {"64:ff9b:1::/48", "NAT64"},
    {"100::/64", "discarding"},
    {"2001::/23", "protocol assignments"},  // with Teredo, which holds an IPv4 address
    {"2001:db8::/32", "documentation"},
    {"2002::/16", "6to4"},
    {"3fff::/20", "documentation"},
    {"5f00::/16", "segment routing"},
    {"fc00::/7", "unique local"},
    {"fe80::/10", "link-local"},
    {"fec0::/10", "site-local"},
    {"ff00::/8", "multicast"},
};

template <std::size_t Count>
std::vector<Reserved> parsed(const Row (&rows)[Count]) {
  std::vector<Reserved> made;
  for (const auto& row : rows) made.push_back({limits::parse_block(row.block).value(), row.purpose});
  return made;
}

std::string_view find(const std::vector<Reserved>& table, const Address& address) {
  for (const auto& row : table)
    if (row.block.holds(address)) return row.purpose;
  return {};
}

bool is_allowed(const Address& address, const Reach& reach) {
  return std::any_of(reach.allowed.begin(), reach.allowed.end(),
                     [&](const Block& block) { return block.holds(address); });
}

core::Error bad_url(std::string code, std::string message) {
  auto error = core::refusal(std::move(code), std::move(message));
  error.status = 400;
  return error;
}

struct UrlEnd {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlEnd>;

std::string part(const Url& url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

// A name as resolvers take it, or an address of either family without its brackets.
bool is_of_a_host(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_' || c == ':';
}

bool is_this_machine(std::string host) {
  while (host.ends_with('.')) host.pop_back();
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return host == "localhost" || host.ends_with(".localhost") || host == "ip6-localhost" || host == "ip6-loopback";
}

}  // namespace

std::string_view reserved_for(const Address& address, bool as_v6) {
  static const auto v4 = parsed(v4_rows), v6 = parsed(v6_rows);
  if (!as_v6) return find(v4, address);
  if (address.is_v4()) return "IPv4-mapped";
  if (const auto purpose = find(v6, address); !purpose.empty()) return purpose;
  return (address.bytes[0] & 0xe0) == 0x20 ? std::string_view() : "unassigned";
}

bool may_reach(const sockaddr& address, std::size_t size, const Reach& reach) {
  Address judged;
  if (address.sa_family == AF_INET && size >= sizeof(sockaddr_in)) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    judged.bytes[10] = judged.bytes[11] = 0xff;
    std::memcpy(judged.bytes.data() + 12, &v4.sin_addr, 4);
    return is_allowed(judged, reach) || reserved_for(judged, false).empty();
  }
  if (address.sa_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::memcpy(judged.bytes.data(), &v6.sin6_addr, 16);
    // An allowed block means the address as people write it, so a mapped one is never that.
    return (!judged.is_v4() && is_allowed(judged, reach)) || reserved_for(judged, true).empty();
  }
  return false;
}

core::Result<Target> parse_url(std::string_view text) {
  if (text.empty() || text.size() > url_bytes_max)
    return bad_url("http.url_invalid", "must be 1 to " + std::to_string(url_bytes_max) + " bytes");
  if (std::any_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c == 0x7f; }))
    return bad_url("http.url_invalid", "must have no spaces and no control characters");
  // The transport would take more slashes, or fewer, for two.
  const auto slashes = text.find("://");
  if (slashes == std::string_view::npos || text.find_first_of("/\\", slashes + 3) == slashes + 3)
    return bad_url("http.url_invalid", "is no absolute URL");
  const Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return bad_url("http.url_invalid", "is no absolute URL");
  Target target{part(url, CURLUPART_SCHEME), part(url, CURLUPART_HOST), 0};
  if (target.scheme != "http" && target.scheme != "https")
    return bad_url("http.url_invalid", "must begin with https:// or http://");
  if (!part(url, CURLUPART_USER).empty() || !part(url, CURLUPART_PASSWORD).empty() ||
      text.substr(0, text.find_first_of("/?#", slashes + 3)).find('@') != std::string_view::npos)
    return bad_url("http.url_credentials", "must hold no user and no password");
  if (target.host.empty()) return bad_url("http.url_invalid", "must name a host");
  if (target.host.front() == '[') target.host = target.host.substr(1, target.host.size() - 2);
  if (!part(url, CURLUPART_ZONEID).empty()) return bad_url("http.url_invalid", "must name no network interface");
  // What was judged here must be what is asked for later, so nothing in a host may still be decoded or translated.
  if (!std::all_of(target.host.begin(), target.host.end(), is_of_a_host))
    return bad_url("http.url_invalid", "must name its host in ASCII letters, digits, '.', '-' and '_'")
        .fix("write an international name as xn--...");
  const auto port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), target.port);
  if (target.port < 1 || target.port > 65535) return bad_url("http.url_invalid", "must name a port from 1 to 65535");
  return target;
}

core::Error private_address() {
  return bad_url("http.private_address", "leads to an address that is not public")
      .fix("name a public host; an operator allows others with http.allow_private");
}

core::Status check_url(std::string_view url, const Reach& reach) {
  const auto target = parse_url(url);
  if (!target) return target.error();
  const auto address = limits::parse_address(target->host);
  if (!address) {
    if (!is_this_machine(target->host)) return core::ok();
    return is_allowed(*limits::parse_address("127.0.0.1"), reach) ? core::ok() : core::Status(private_address());
  }
  const bool as_v6 = target->host.find(':') != std::string::npos;
  if ((!as_v6 || !address->is_v4()) && is_allowed(*address, reach)) return core::ok();
  return reserved_for(*address, as_v6).empty() ? core::ok() : core::Status(private_address());
}

}  // namespace nova::http
