// Any bytes as a time, a length of time, a name, a reference or a message for people.
#include "core/describe/codec.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"

#include <cstdlib>

using namespace nova;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto time = core::parse_rfc3339(text); time && core::parse_rfc3339(core::to_rfc3339(*time)) != time)
    std::abort();
  if (const auto length = core::parse_duration(text); length && core::parse_duration(core::to_text(*length)) != length)
    std::abort();
  const auto clean = core::clean_text(text, 40);
  if (clean.size() > 40 || !core::has_shape(core::Shape::any, clean)) std::abort();
  for (int shape = 0; shape <= int(core::Shape::digest); ++shape)
    if (core::has_shape(core::Shape(shape), text) && !core::is_utf8(text)) std::abort();
  (void)core::is_secret_ref(text);
  (void)core::is_uuid(text);
  (void)core::nearest(text, {"port", "health", "needs"});
  return 0;
}
