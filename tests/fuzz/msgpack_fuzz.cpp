// Any bytes as a msgpack message: nothing breaks, nothing large is allocated for a lie, and what is accepted comes
// back.
#include "core/describe/codec.hpp"
#include "tests/core/sample/everything.hpp"

#include <cstdlib>

using namespace nova;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto& type = *core::type_of<sample::Everything>();
  for (const auto reading : {core::Reading::command, core::Reading::stored}) {
    sample::Everything first, second;
    if (!core::from_msgpack(type, &first, bytes, reading)) continue;
    const auto packed = core::to_msgpack(type, &first);
    if (!core::from_msgpack(type, &second, packed, core::Reading::stored)) std::abort();
    if (core::to_msgpack(type, &second) != packed) std::abort();
  }
  sample::Tree tree;
  (void)core::from_msgpack(*core::type_of<sample::Tree>(), &tree, bytes, core::Reading::command);
  return 0;
}
