// Gates as an operator may write them, as JSON: what is read holds together, and reads the same again.
#include "governance/gates/gates.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nova;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto gates = gates::Gates::parse(text);
  if (!gates) {
    if (gates.error().code != "gates.invalid") std::abort();
    return 0;
  }
  for (const auto& [name, gate] : (*gates)->all()) {
    if (gate.groups.empty() || gates::together(**gates, {name}).expiry != gate.expiry) std::abort();
    if (!gates::Gates::parse("{\"gates\":{\"" + name + "\":" + (*gates)->bytes_of(name) + "}}")) std::abort();
  }
  return 0;
}
