// Where outgoing requests may lead: whatever stands in a URL, what is let through names no reserved address and holds
// no credentials, and reading it again as it was understood says the same.
#include "drivers/http/client/reach.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace nova;

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view url(reinterpret_cast<const char*>(bytes), size);
  const http::Reach nowhere_private;
  const auto target = http::parse_url(url);
  const bool passes = http::check_url(url, nowhere_private).ok();
  if (!target) {
    must(!passes);
    return 0;
  }
  must(target->scheme == "http" || target->scheme == "https");
  must(target->port > 0 && target->port < 65536);
  must(target->host.find_first_of("@/?#\\ \r\n") == std::string::npos);
  if (const auto address = limits::parse_address(target->host); address && passes) {
    const bool as_v6 = target->host.find(':') != std::string::npos;
    must(http::reserved_for(*address, as_v6).empty());
  }
  const bool brackets = target->host.find(':') != std::string::npos;
  const auto again = http::parse_url(target->scheme + "://" + (brackets ? "[" + target->host + "]" : target->host) +
                                     ":" + std::to_string(target->port) + "/");
  must(again && again->host == target->host && again->port == target->port);
  return 0;
}
