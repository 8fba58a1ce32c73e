// An AI principal acts only while no switch covers it (S03), and nobody gives an order that an emergency stops (S09):
// rules before all others.
#pragma once
#include "governance/gate/gate.hpp"
#include "governance/killswitch/truth.hpp"

#include <functional>
#include <memory>

namespace nova::killswitch {

/// Denies every command of a principal of type `ai` that an engaged switch covers, or while the switches are not known,
/// with `killswitch.active` or `killswitch.unknown`, and every order that a switch of an emergency covers, whoever
/// gives it, with the former, and while the switches are not known every order by which something begins beyond its
/// entity, whoever gives it, with the latter; everything else is judged by `others`, which must not be null. The root
/// owner stays able to work under `commands`, `plan` and `user`; what lifts an emergency passes always. `truth`
/// outlives it. `reach_of` says what an AI principal is in: its agent, its layer, its provider; without it switches of
/// those scopes do not stop its commands.
std::shared_ptr<const gate::Rules> make_rules(const Truth& truth, std::shared_ptr<const gate::Rules> others,
                                              std::function<core::Reach(const core::Principal&)> reach_of = {});

}  // namespace nova::killswitch
