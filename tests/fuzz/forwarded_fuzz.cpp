// What proxies say of clients: whatever stands in the header, the walk ends, answers an address, and what is to the
// left of an address that is no proxy's has no say.
#include "governance/limits/address.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace nova::limits;

void must(bool holds) {
  if (!holds) std::abort();
}

Proxies proxies(ForwardedBy header) {
  Proxies made;
  made.header = header;
  made.trusted.push_back(*parse_block("10.0.0.0/8"));
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto address = parse_address(text)) must(parse_address(to_string(*address)) == address);
  if (const auto block = parse_block(text))
    must(block->bits >= 0 && block->bits <= 128 && block->holds(block->address));
  const auto proxy = *parse_address("10.0.0.1"), stranger = *parse_address("203.0.113.9");
  const std::string forged(text);
  for (const auto header : {ForwardedBy::x_forwarded_for, ForwardedBy::forwarded}) {
    const auto known = proxies(header);
    const std::string real = header == ForwardedBy::forwarded ? "for=192.0.2.7" : "192.0.2.7";
    client_address(proxy, text, known);
    must(client_address(stranger, text, known) == stranger);
    must(to_string(client_address(proxy, forged + "," + real, known)) == "192.0.2.7");
  }
  return 0;
}
