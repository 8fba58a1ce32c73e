#include "tests/simulation/account.hpp"

#include "actors/kill_switch/kill_switch.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"

#include <algorithm>
#include <stdexcept>

namespace nova::account {

using core::field;
using core::optional_field;
using core::record;

// One description a struct: its name and its fields.
#define NOVA_ACCOUNT_ROW(Name, ...)                                 \
  const core::Record& describe(const Name*) {                       \
    static const auto row = record<Name>(#Name, "", {__VA_ARGS__}); \
    return row;                                                     \
  }
#define NOVA_F(Name, member) field(#member, &Name::member)

NOVA_ACCOUNT_ROW(Add, NOVA_F(Add, token), NOVA_F(Add, amount), optional_field("parts", &Add::parts))
NOVA_ACCOUNT_ROW(Copy, NOVA_F(Copy, token), NOVA_F(Copy, other))
NOVA_ACCOUNT_ROW(Claim, NOVA_F(Claim, token), NOVA_F(Claim, name), NOVA_F(Claim, release))
NOVA_ACCOUNT_ROW(Order, NOVA_F(Order, token), NOVA_F(Order, driver), NOVA_F(Order, order_key))
NOVA_ACCOUNT_ROW(Send, NOVA_F(Send, token), NOVA_F(Send, to))
NOVA_ACCOUNT_ROW(Keep, NOVA_F(Keep, token), NOVA_F(Keep, key), NOVA_F(Keep, wanted))
NOVA_ACCOUNT_ROW(Arm, NOVA_F(Arm, token), NOVA_F(Arm, at))
NOVA_ACCOUNT_ROW(Boom, NOVA_F(Boom, token))
NOVA_ACCOUNT_ROW(Added, NOVA_F(Added, token), NOVA_F(Added, amount))
NOVA_ACCOUNT_ROW(Copied, NOVA_F(Copied, token), NOVA_F(Copied, other), NOVA_F(Copied, version), NOVA_F(Copied, total))
NOVA_ACCOUNT_ROW(Claimed, NOVA_F(Claimed, token), NOVA_F(Claimed, name), NOVA_F(Claimed, release))
NOVA_ACCOUNT_ROW(Ordered, NOVA_F(Ordered, token), NOVA_F(Ordered, driver), NOVA_F(Ordered, order_key))
NOVA_ACCOUNT_ROW(Kept, NOVA_F(Kept, token), NOVA_F(Kept, key), NOVA_F(Kept, wanted))
NOVA_ACCOUNT_ROW(Armed, NOVA_F(Armed, token), NOVA_F(Armed, at))
NOVA_ACCOUNT_ROW(Settled, NOVA_F(Settled, token), NOVA_F(Settled, outcome))
NOVA_ACCOUNT_ROW(Fired, NOVA_F(Fired, token), NOVA_F(Fired, at))
NOVA_ACCOUNT_ROW(Reported, NOVA_F(Reported, key), NOVA_F(Reported, phase), NOVA_F(Reported, sequence))
NOVA_ACCOUNT_ROW(State, NOVA_F(State, total), NOVA_F(State, events), NOVA_F(State, works), NOVA_F(State, timers),
                 NOVA_F(State, names), NOVA_F(State, keeps), NOVA_F(State, reports))

#undef NOVA_F
#undef NOVA_ACCOUNT_ROW

namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

bool has(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

Outcome on(const State& s, const Add& c, const core::Context&) {
  if (c.amount == 0) return Events{};
  if (s.total + c.amount * c.parts < 0) return core::refuse("account.below_zero", "the total would be negative");
  return Events(std::size_t(c.parts), Added{c.token, c.amount});
}
Outcome on(const State&, const Copy& c, const core::Context& ctx) {
  const auto& fact = ctx.fact({ctx.self.tenant, "account", c.other});
  if (!fact.exists) return core::refuse("account.other_missing", "there is no such account");
  auto other = core::from_json<State>(fact.document, core::Reading::stored);
  return Events{Copied{c.token, c.other, std::int64_t(fact.version), other.ok() ? other->total : -1}};
}
Outcome on(const State& s, const Claim& c, const core::Context&) {
  if (c.release && !has(s.names, c.name)) return core::refuse("account.not_holder", "it is not held");
  return Outcome(Events{Claimed{c.token, c.name, c.release}}).claim({c.name, c.release, "account.name_taken"});
}
Outcome on(const State&, const Order& c, const core::Context&) {
  return Outcome(Events{Ordered{c.token, c.driver, c.order_key}}).work({c.token, c.driver, "do", "{}", c.order_key});
}
Outcome on(const State&, const Send& c, const core::Context& ctx) {
  core::SendCommand send{ctx.self.tenant, "account", c.to, "add", {}};
  send.body.text = core::to_json(Add{c.token + "-sent", 1, 1});
  return Outcome(Events{Ordered{c.token, "command", ""}}).work({c.token, "command", "send", core::to_json(send), ""});
}
Outcome on(const State&, const Keep& c, const core::Context& ctx) {
  core::KeepAsk ask{"keeper", ctx.self.id + "-" + c.key, std::nullopt, ctx.self};
  if (c.wanted) ask.payload = "{\"token\":\"" + c.token + "\"}";
  return Outcome(Events{Kept{c.token, c.key, c.wanted}}).keep(ask);
}
Outcome on(const State&, const Arm& c, const core::Context&) {
  return Outcome(Events{Armed{c.token, c.at}}).timer({c.token, c.at});
}
Outcome on(const State&, const Boom&, const core::Context&) { throw std::logic_error("a broken invariant"); }

// Outcomes and firings may come twice; only the first finds what it belongs to.
Outcome on(const State& s, const core::Settle& c, const core::Context&) {
  if (!has(s.works, c.work_id)) return Events{};
  return Events{Settled{c.work_id, std::string(core::name_of(c.outcome))}};
}
Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (!has(s.timers, c.timer_id)) return Events{};
  return Events{Fired{c.timer_id, ctx.now}};
}
Outcome on(const State& s, const core::Report& c, const core::Context&) {
  for (const auto& last : s.reports)
    if (last.key == c.key && last.sequence >= std::int64_t(c.sequence)) return Events{};
  return Events{Reported{c.key, c.phase, std::int64_t(c.sequence)}};
}

template <class Row>
void replace(std::vector<Row>& rows, const Row& fresh) {
  for (auto& row : rows)
    if (row.key == fresh.key) return void(row = fresh);
  rows.push_back(fresh);
}

void apply(State& s, const Added& e) { s.total += e.amount; }
void apply(State& s, const Copied& e) { s.total += e.total; }
void apply(State& s, const Claimed& e) {
  std::erase(s.names, e.name);
  if (!e.release) s.names.push_back(e.name);
}
void apply(State& s, const Ordered& e) { s.works.push_back(e.token); }
void apply(State& s, const Kept& e) { replace(s.keeps, e); }
void apply(State& s, const Armed& e) { s.timers.push_back(e.token); }
void apply(State& s, const Settled& e) { std::erase(s.works, e.token); }
void apply(State& s, const Fired& e) { std::erase(s.timers, e.token); }
void apply(State& s, const Reported& e) { replace(s.reports, e); }

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}
State evolve(State s, const Event& event) {
  ++s.events;
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}
core::Summary summarise(const State& s) { return {s.total > 0 ? "positive" : "zero", "", ""}; }

const core::Kind& kind() {
  static const core::Kind made = [] {
    core::Kind k;
    k.name = "account";
    k.plural = "accounts";
    for (std::string_view name : {"add", "copy", "claim", "order", "send", "keep", "arm", "boom"})
      k.commands.push_back({.name = name, .creates = true});
    k.commands[1].facts = [](const core::EntityKey& self, const void*, const void* command) {
      return std::vector<core::FactNeed>{{{self.tenant, "account", static_cast<const Copy*>(command)->other}, true}};
    };
    for (std::string_view name : {"settle", "fire", "report"})
      k.commands.push_back({.name = name, .door = core::Door::internal});
    for (std::string_view name :
         {"account.added", "account.copied", "account.claimed", "account.ordered", "account.kept", "account.armed",
          "account.settled", "account.fired", "account.reported"})
      k.events.push_back({.name = name, .observation = name == "account.reported"});
    return core::kind_of<State, Command, Event>(std::move(k));
  }();
  return made;
}

}  // namespace nova::account

// This program's table of kinds.
namespace nova::core {
const std::vector<const Kind*>& kinds() {
  static const std::vector<const Kind*> all = {&account::kind(), &kill_switch::kind()};
  return all;
}
const Kind* find_kind(std::string_view name) {
  for (const auto* kind : kinds())
    if (name == kind->name || name == kind->plural) return kind;
  return nullptr;
}
}  // namespace nova::core
