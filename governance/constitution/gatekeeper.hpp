// The rules that the gate asks: roles first, then the constitution, which can only narrow what they allow.
#pragma once
#include "governance/constitution/constitution.hpp"
#include "governance/gate/gate.hpp"

namespace nova::constitution {

/// Commands of the runtime itself (`Door::internal`) are facts and pass by the roles' rules alone. All others need a
/// permit of the constitution and no forbid; a policy that errs denies (`gate.rule_failed`), and so does a principal
/// that policies have no word for. A decision costs about a microsecond and, where a policy reads `context.input` or
/// `resource.state`, a copy of these. Any thread.
std::shared_ptr<const gate::Rules> make_rules(std::shared_ptr<const gate::Rules> roles,
                                              std::shared_ptr<const Constitution> constitution);

}  // namespace nova::constitution
