#include "actors/ai_access/ai_access.hpp"
#include "core/authority/access.hpp"

namespace nova::ai_access {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "active", "suspended"};
  return names;
}

const core::Record& describe(const Minute*) {
  static const auto row = record<Minute>(
      "minute", "Requests of the current minute.",
      {field("since", &Minute::since, "when it began"), field("requests", &Minute::requests, "so many")});
  return row;
}

const core::Record& describe(const Reserve*) {
  static const auto row = record<Reserve>(
      "reserve", "Hold one request of the day.",
      {field("id", &Reserve::id, "of the request"), field("tier", &Reserve::tier, "whose limits hold")});
  return row;
}
const core::Record& describe(const NoteBreach*) {
  static const auto row = record<NoteBreach>(
      "note_breach", "More was asked for than the tier allows.",
      {field("tier", &NoteBreach::tier, "whose limits hold"), field("limit", &NoteBreach::limit, "which")});
  return row;
}
const core::Record& describe(const Commit*) {
  static const auto row = record<Commit>("commit", "A request was made.", {field("id", &Commit::id, "of the request")});
  return row;
}
const core::Record& describe(const Release*) {
  static const auto row =
      record<Release>("release", "A request did not happen.", {field("id", &Release::id, "of the request")});
  return row;
}
const core::Record& describe(const Suspend*) {
  static const auto row =
      record<Suspend>("suspend", "Take somebody's access to AI away.", {field("reason", &Suspend::reason, "why")});
  return row;
}
const core::Record& describe(const Restore*) {
  static const auto row = record<Restore>("restore", "Give it back.", {});
  return row;
}

const core::Record& describe(const Breached*) {
  static const auto row =
      record<Breached>("breached", "More was asked for than the tier allows.",
                       {field("tier", &Breached::tier, "whose limits hold"), field("limit", &Breached::limit, "which"),
                        field("at", &Breached::at, "when")});
  return row;
}
const core::Record& describe(const Suspended*) {
  static const auto row = record<Suspended>("suspended", "Their access to AI is taken away.",
                                            {field("reason", &Suspended::reason, "why"),
                                             field("by", &Suspended::by, "who"), field("at", &Suspended::at, "when")});
  return row;
}
const core::Record& describe(const Restored*) {
  static const auto row = record<Restored>("restored", "It is given back.",
                                           {field("by", &Restored::by, "who"), field("at", &Restored::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "ai_access", "What one person used of AI today.",
      {field("status", &State::status, "where it stands"), field("tier", &State::tier, "whose limits held last"),
       field("day", &State::day, "requests"), field("minute", &State::minute, "requests of the current minute"),
       field("breached_limit", &State::breached_limit, "which was breached last"),
       field("breached_at", &State::breached_at, "when"), field("breaches", &State::breaches, "so many were noted"),
       field("reason", &State::reason, "why"), field("changed_by", &State::changed_by, "who changed it last"),
       field("changed_at", &State::changed_at, "when")});
  return row;
}

namespace {

std::vector<core::FactNeed> facts_of_reserve(const core::EntityKey&, const void*, const void* command) {
  return {{{"system", "subscriber_limit", static_cast<const Reserve*>(command)->tier}, false}};
}
std::vector<core::FactNeed> facts_of_breach(const core::EntityKey&, const void*, const void* command) {
  return {{{"system", "subscriber_limit", static_cast<const NoteBreach*>(command)->tier}, false}};
}

}  // namespace

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "ai_access",
      .plural = "ai_accesses",
      .doc = "What one person used of AI today.",
      .commands = {{.name = "reserve",
                    .doc = "Hold one request of the day.",
                    .door = internal,
                    .creates = true,
                    .facts = facts_of_reserve},
                   {.name = "note_breach",
                    .doc = "More was asked for than the tier allows.",
                    .door = internal,
                    .creates = true,
                    .facts = facts_of_breach},
                   {.name = "commit", .doc = "A request was made.", .door = internal},
                   {.name = "release", .doc = "A request did not happen.", .door = internal},
                   {.name = "suspend", .doc = "Take somebody's access to AI away.", .impact = 5},
                   {.name = "restore", .doc = "Give it back.", .impact = 6},
                   {.name = "fire", .doc = "Its time has come.", .door = internal}},
      .events =
          {{.name = "subscriber_limit.breached",
            .doc = "More was asked for than the tier allows.",
            .observation = true},
           {.name = "ai_access.suspended", .doc = "Their access to AI is taken away."},
           {.name = "ai_access.restored", .doc = "It is given back."},
           {.name = "ai_access.reserved", .doc = "Some of its budget is held for work under way.", .observation = true},
           {.name = "ai_access.used", .doc = "What was held is spent.", .observation = true},
           {.name = "ai_access.released", .doc = "What was held is given back.", .observation = true},
           {.name = "ai_access.day_begun", .doc = "Another day begins, with nothing spent.", .observation = true}},
      .read = {.permission = "platform:read", .own = true},
  });
  return made;
}

}  // namespace nova::ai_access
