// The request target and the Host header: whatever a client sends is refused or taken apart into harmless text.
#include "core/text.hpp"
#include "gateway/target.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

bool harmless(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  return nova::core::is_utf8(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace nova::gateway;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto target = parse_target(text)) {
    must(target->segments.size() <= target_segments_max && target->query.size() <= target_queries_max);
    for (const auto& segment : target->segments)
      must(!segment.empty() && segment != "." && segment != ".." && segment.find('/') == std::string::npos &&
           harmless(segment));
    for (const auto& [name, value] : target->query) must(harmless(name) && harmless(value));
  }
  for (const char c : host_name(text))
    must((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':');
  return 0;
}
