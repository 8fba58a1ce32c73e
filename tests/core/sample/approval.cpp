#include "tests/core/sample/approval.hpp"

#include <utility>
#include <vector>

namespace nova::approval {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

Outcome on(const State& s, const Open& c, const core::Context& ctx) {
  if (s.phase != Phase::absent) return core::refuse("approval.already_open");
  if (c.votes_needed == 0) return core::refuse("approval.votes_needed_zero");
  return Events{Opened{ctx.principal.id, std::uint32_t(c.votes_needed)}};
}

Outcome on(const State& s, const Approve&, const core::Context& ctx) {
  if (s.voter_ids.contains(ctx.principal.id)) return Events{};
  if (s.phase != Phase::open) return core::refuse("approval.not_open");
  if (ctx.principal.id == s.owner_id) return core::refuse("approval.owner_may_not_vote");
  Events events{VoteCast{ctx.principal.id}};
  if (s.voter_ids.size() + 1 == s.votes_needed) events.push_back(Granted{});
  return events;
}

void apply(State& s, const Opened& e) {
  s.phase = Phase::open;
  s.owner_id = e.owner_id;
  s.votes_needed = e.votes_needed;
}
void apply(State& s, const VoteCast& e) { s.voter_ids.insert(e.voter_id); }
void apply(State& s, const Granted&) { s.phase = Phase::granted; }

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.phase)), "", ""}; }

const core::Record& describe(const Open*) {
  static const auto row =
      core::record<Open>("open", "Ask for approval.", {core::field("votes_needed", &Open::votes_needed)});
  return row;
}
const core::Record& describe(const Approve*) {
  static const auto row = core::record<Approve>("approve", "Say yes.", {});
  return row;
}
const core::Record& describe(const Opened*) {
  static const auto row =
      core::record<Opened>("opened", "Somebody asked for approval.",
                           {core::field("owner_id", &Opened::owner_id, "who asked"),
                            core::field("votes_needed", &Opened::votes_needed, "how many say yes")});
  return row;
}
const core::Record& describe(const VoteCast*) {
  static const auto row =
      core::record<VoteCast>("vote_cast", "Somebody said yes.", {core::field("voter_id", &VoteCast::voter_id, "who")});
  return row;
}
const core::Record& describe(const Granted*) {
  static const auto row = core::record<Granted>("granted", "Enough people said yes.", {});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = core::record<State>(
      "approval", "An approval.",
      {core::field("phase", &State::phase), core::field("owner_id", &State::owner_id),
       core::field("votes_needed", &State::votes_needed), core::field("voter_ids", &State::voter_ids)});
  return row;
}

const core::Kind& kind() {
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "approval",
      .plural = "approvals",
      .doc = "A fixed number of people must say yes.",
      .short_names = {"ap"},
      .commands = {{.name = "open", .doc = "Ask for approval.", .impact = 2, .creates = true},
                   {.name = "approve", .doc = "Say yes."}},
      .events = {{.name = "approval.opened"}, {.name = "approval.vote_cast"}, {.name = "approval.granted"}},
  });
  return made;
}

}  // namespace nova::approval
