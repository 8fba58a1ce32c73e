#include "actors/auth_method/auth_method.hpp"

namespace nova::auth_method {
namespace {

using Outcome = core::Decision<Event>;

Outcome on(const State& s, const Disable& c, const core::Context& ctx) {
  if (ctx.self.id == default_method)
    return core::refuse("auth_method.default", "passwords are the way that is always open")
        .fix("close the others; an account's second factor is its own affair");
  if (s.status == Status::closed) return core::wrong_state("closed", {"open"});
  return std::vector<Event>{Disabled{c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Enable&, const core::Context& ctx) {
  if (s.status == Status::open) return core::wrong_state("open", {"closed"});
  return std::vector<Event>{Enabled{ctx.principal.id, ctx.now}};
}

void apply(State& s, const Disabled& e) { s = {Status::closed, e.reason, e.by, e.at}; }
void apply(State& s, const Enabled& e) { s = {Status::open, "", e.by, e.at}; }

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::auth_method
