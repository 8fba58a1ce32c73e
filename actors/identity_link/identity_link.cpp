#include "actors/identity_link/identity_link.hpp"

namespace nova::identity_link {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

Outcome on(const State& s, const Link& c, const core::Context& ctx) {
  if (s.status == Status::linked) {
    if (s.user == c.user) return Events{};
    return core::refuse("identity_link.already_taken", "this outside identity belongs to another account");
  }
  return Events{Linked{c.user, c.provider, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Unlink&, const core::Context& ctx) {
  if (s.status != Status::linked) return Events{};
  return Events{Unlinked{ctx.principal.id, ctx.now}};
}

void apply(State& s, const Linked& e) {
  s.status = Status::linked;
  s.user = e.user;
  s.provider = e.provider;
  s.linked_at = e.at;
}
void apply(State& s, const Unlinked& e) {
  s.status = Status::unlinked;
  s.unlinked_at = e.at;
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  return {std::string(core::name_of(s.status)), s.user.empty() ? "" : "user/" + s.user, {}};
}

}  // namespace nova::identity_link
