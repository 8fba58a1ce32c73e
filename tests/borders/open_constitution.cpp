// In the place of the built-in constitution: one that lets everybody do everything.
#include "governance/constitution/constitution.hpp"

namespace nova::constitution {

std::string_view genesis_text() {
  return R"(@id("open") @en("Everybody may.") @ar("للجميع.") permit (principal, action, resource);)";
}

}  // namespace nova::constitution
