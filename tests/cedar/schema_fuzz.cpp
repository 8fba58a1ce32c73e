// Any text as a schema in both formats: it is refused with a place, or policies can be checked against it.
#include "governance/cedar/schema/schema.hpp"
#include "governance/cedar/syntax/parser.hpp"
#include "governance/cedar/validate/validator.hpp"

#include <cstdint>
#include <cstdlib>

using namespace nova::cedar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const PolicySet policies = *parse_policies(
      "permit (principal, action, resource) when { principal has a.b && context.n == 1 && principal.hasTag(\"k\") };"
      "forbid (principal == ?principal, action, resource in ?resource) unless { resource in principal };");
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const auto& schema : {Schema::parse(text), Schema::parse_json(text)}) {
    if (!schema) {
      if (schema.error().problems.empty()) std::abort();
      continue;
    }
    for (const auto mode : {ValidationMode::strict, ValidationMode::permissive})
      (void)validate(policies, *schema, mode);
  }
  return 0;
}
