#include "actors/policy/policy.hpp"

#include <utility>

namespace nova::policy {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

std::optional<core::Error> refuse_terms(const core::PolicyTerms& terms) {
  const bool scoped = terms.scope != core::PolicyScope::global;
  if (scoped == terms.scope_target.empty())
    return core::invalid_input("terms.scope_target", scoped ? "must say which one it speaks of"
                                                            : "must be left out: a global policy speaks of all");
  if (auto problem = core::problem_of(terms)) return core::invalid_input("terms.constraints", std::move(*problem));
  return std::nullopt;
}

Outcome on(const State& s, const Create& c, const core::Context& ctx) {
  if (s.status != Status::absent) {
    const bool same = s.status == Status::draft && s.terms == c.terms;
    return same ? Outcome(Events{}) : Outcome(wrong_state(s, {"absent"}));
  }
  if (auto no = refuse_terms(c.terms)) return *no;
  return Events{Created{c.terms, ctx.principal.id, ctx.now}};
}

// What is in force is put out of force in an act of its own: a change must not let go in passing.
Outcome on(const State& s, const Update& c, const core::Context& ctx) {
  if (s.status != Status::draft && s.status != Status::disabled) return wrong_state(s, {"draft", "disabled"});
  if (auto no = refuse_terms(c.terms)) return *no;
  if (s.terms == c.terms) return Events{};
  return Events{Updated{s.terms, c.terms, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Approve& c, const core::Context& ctx) {
  if (s.status == Status::active) return Events{};
  if (s.status != Status::draft) return wrong_state(s, {"draft"});
  return Events{Approved{ctx.principal.id, c.reason, ctx.now}};
}

Outcome on(const State& s, const Toggle& c, const core::Context& ctx) {
  const auto wanted = c.active ? Status::active : Status::disabled;
  if (s.status == wanted) return Events{};
  if (s.status != Status::active && s.status != Status::disabled) return wrong_state(s, {"active", "disabled"});
  return Events{Toggled{c.active, ctx.principal.id, c.reason, ctx.now}};
}

Outcome on(const State& s, const Delete& c, const core::Context& ctx) {
  if (s.status == Status::deleted) return Events{};
  if (s.status != Status::draft && s.status != Status::disabled) return wrong_state(s, {"draft", "disabled"});
  return Events{Deleted{ctx.principal.id, c.reason, ctx.now}};
}

void apply(State& s, const Created& e) {
  s.status = Status::draft;
  s.terms = e.terms;
  s.created_by = e.by;
  s.created_at = s.changed_at = e.at;
}
void apply(State& s, const Updated& e) {
  s.status = Status::draft;
  s.terms = e.after;
  s.approved_by.clear();
  s.changed_at = e.at;
}
void apply(State& s, const Approved& e) {
  s.status = Status::active;
  s.approved_by = e.by;
  s.reason = e.reason;
  s.changed_at = e.at;
}
void apply(State& s, const Toggled& e) {
  s.status = e.active ? Status::active : Status::disabled;
  s.reason = e.reason;
  s.changed_at = e.at;
}
void apply(State& s, const Deleted& e) {
  s.status = Status::deleted;
  s.reason = e.reason;
  s.changed_at = e.at;
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), {}, s.reason}; }

}  // namespace nova::policy
