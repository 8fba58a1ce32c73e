#include "actors/subscriber_limit/subscriber_limit.hpp"

#include <utility>

namespace nova::subscriber_limit {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

// As config/tiers.json has them; a test holds the two together.
struct Row {
  std::string_view tier;
  std::int64_t power, tokens, per_day, per_minute;
  bool external;
};
constexpr Row shipped[] = {{"free", 2, 2'048, 100, 10, false},
                           {"basic", 3, 4'096, 500, 20, false},
                           {"pro", 5, 16'384, 5'000, 60, false},
                           {"enterprise", 8, 32'000, 50'000, 200, true},
                           {"sovereign", 9, 32'000, 100'000, 500, true}};

std::optional<core::Error> refuse_types(const std::vector<std::string>& types, const char* path) {
  if (types.size() > task_types_max)
    return core::invalid_input(path, "must have at most " + std::to_string(task_types_max) + " elements");
  for (const auto& type : types)
    if (!core::is_name(type, TaskType::size_max)) return core::invalid_input(path, "`" + type + "` is no name");
  return std::nullopt;
}

Outcome on(const State& s, const Set& c, const core::Context& ctx) {
  if (!shipped_limits(ctx.self.id))
    return core::refuse("subscriber_limit.not_found", "there is no tier `" + ctx.self.id + "`")
        .fix("free, basic, pro, enterprise or sovereign");
  if (auto no = refuse_types(c.limits.allowed_task_types, "limits.allowed_task_types")) return *no;
  if (auto no = refuse_types(c.limits.blocked_task_types, "limits.blocked_task_types")) return *no;
  if (s.status == Status::active && s.limits == c.limits) return Events{};
  std::optional<Limits> before;
  if (s.status == Status::active) before = s.limits;
  return Events{LimitsSet{std::move(before), c.limits, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Remove& c, const core::Context& ctx) {
  if (s.status == Status::removed) return Events{};
  if (s.status != Status::active) return core::wrong_state(core::name_of(s.status), {"active"});
  return Events{Removed{c.reason, ctx.principal.id, ctx.now}};
}

void apply(State& s, const LimitsSet& e) {
  s.status = Status::active;
  s.limits = e.after;
  s.reason.clear();
  s.changed_by = e.by;
  s.changed_at = e.at;
}
void apply(State& s, const Removed& e) {
  s.status = Status::removed;
  s.reason = e.reason;
  s.changed_by = e.by;
  s.changed_at = e.at;
}

}  // namespace

std::optional<Limits> shipped_limits(std::string_view tier) {
  for (const auto& row : shipped)
    if (row.tier == tier)
      return Limits{row.power, row.tokens,   row.per_day, row.per_minute,    {},
                    {},        row.external, false,       Enforcement::block};
  return std::nullopt;
}

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::subscriber_limit
