// An AI principal acts only while no switch covers it (S03): a rule before all others.
#pragma once
#include "governance/gate/gate.hpp"
#include "governance/killswitch/truth.hpp"

#include <memory>

namespace nova::killswitch {

/// Denies every command of a principal of type `ai` that an engaged switch covers, or while the switches are not known,
/// with `killswitch.active` or `killswitch.unknown`; everything else is judged by `others`, which must not be null.
/// `truth` outlives it.
std::shared_ptr<const gate::Rules> make_rules(const Truth& truth, std::shared_ptr<const gate::Rules> others);

}  // namespace nova::killswitch
