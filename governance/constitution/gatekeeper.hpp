// The rules that the gate asks: roles first, then the constitution, which can only narrow what they allow.
#pragma once
#include "governance/constitution/constitution.hpp"
#include "governance/constitution/regimes.hpp"
#include "governance/gate/gate.hpp"

namespace nova::constitution {

/// Commands of the runtime itself (`Door::internal`) are facts and pass by the roles' rules alone. All others need a
/// permit of the constitution and no forbid; a policy that errs denies (`gate.rule_failed`), and so does a principal
/// that policies have no word for. A decision costs about a microsecond and, where a policy reads `context.input` or
/// `resource.state`, a copy of these. Any thread.
/// `regimes` outlives the rules; none: no tenant is under any.
std::shared_ptr<const gate::Rules> make_rules(std::shared_ptr<const gate::Rules> roles,
                                              std::shared_ptr<const Constitution> constitution,
                                              const Regimes* regimes = nullptr);

/// The rules while no constitution loads: what the runtime must write down, and the owner's amendment; all else is
/// denied by `gate.no_constitution`.
std::shared_ptr<const gate::Rules> make_owner_rules(std::shared_ptr<const gate::Rules> roles, std::string version);

/// The rule that lets the owner amend whatever a text forbids: it cannot brick itself.
inline constexpr std::string_view owner_amends_rule = "builtin.owner_amends";
inline constexpr std::string_view no_constitution_rule = "gate.no_constitution";

}  // namespace nova::constitution
