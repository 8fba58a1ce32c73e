#include "actors/work_outcome/work_outcome.hpp"

namespace nova::work_outcome {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"missing", "came"};
  return names;
}

const core::Record& describe(const Intent*) {
  static const auto row = record<Intent>(
      "intent", "What was asked of a driver.",
      {field("owner", &Intent::owner, "the entity that asked"), field("work", &Intent::work, "its own id of it"),
       field("driver", &Intent::driver, "of which driver"), field("verb", &Intent::verb, "what it was to do"),
       optional_field("cause", &Intent::cause, "the command whose event asked"),
       optional_field("position", &Intent::position, "of that event in the log"),
       field("asked_at", &Intent::asked_at, "when"),
       field("due_at", &Intent::due_at, "until when its outcome was to be there")});
  return row;
}

const core::Record& describe(const MissOutcome*) {
  static const auto row = record<MissOutcome>(
      "miss_outcome", "An effect has no outcome, and its time is over.",
      {field("intent", &MissOutcome::intent, "what was asked"),
       optional_field("attempts", &MissOutcome::attempts, "that ended, to be tried again"),
       optional_field("under_way", &MissOutcome::under_way, "one was begun, and its end is not known"),
       optional_field("buried", &MissOutcome::buried, "it lies in the dead letters"),
       optional_field("last_error", &MissOutcome::last_error, "of the last attempt")});
  return row;
}

const core::Record& describe(const NoteOutcome*) {
  static const auto row = record<NoteOutcome>("note_outcome", "The outcome came after all.", {});
  return row;
}

const core::Record& describe(const OutcomeMissing*) {
  static const auto row =
      record<OutcomeMissing>("outcome_missing", "An effect had no outcome when its time was over.",
                             {field("intent", &OutcomeMissing::intent, "what was asked"),
                              field("attempts", &OutcomeMissing::attempts, "that ended, to be tried again"),
                              field("under_way", &OutcomeMissing::under_way, "one was begun, and its end is not known"),
                              field("buried", &OutcomeMissing::buried, "it lies in the dead letters"),
                              field("last_error", &OutcomeMissing::last_error, "of the last attempt"),
                              field("at", &OutcomeMissing::at, "when that was noticed")});
  return row;
}

const core::Record& describe(const OutcomeCame*) {
  static const auto row =
      record<OutcomeCame>("outcome_came", "The outcome came after all; it is an event of the entity that asked.",
                          {field("at", &OutcomeCame::at, "when that was noticed")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "work_outcome", "An effect whose outcome is or was missing.",
      {field("status", &State::status, "whether it still is"), field("intent", &State::intent, "what was asked"),
       field("attempts", &State::attempts, "that had ended then"),
       field("under_way", &State::under_way, "one had been begun then"),
       field("buried", &State::buried, "it lay in the dead letters then"),
       field("last_error", &State::last_error, "of the last attempt then"),
       field("missing_since", &State::missing_since, "when that was noticed"),
       field("came_at", &State::came_at, "when it was noticed that the outcome had come")});
  return row;
}

const core::Kind& kind() {
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "work_outcome",
      .plural = "work_outcomes",
      .doc = "The outcome of an effect that is missing, or came after its time.",
      .short_names = {"effects"},
      .commands = {{.name = "miss_outcome",
                    .doc = "An effect has no outcome, and its time is over.",
                    .door = core::Door::internal,
                    .creates = true},
                   {.name = "note_outcome", .doc = "The outcome came after all.", .door = core::Door::internal}},
      .events = {{.name = "effect.outcome_missing",
                  .doc = "An effect had no outcome when its time was over.",
                  .observation = true},
                 {.name = "effect.outcome_came", .doc = "The outcome came after all.", .observation = true}},
      .observed = true,
      .read = {.capability = "audit.view", .permission = "audit:read"},
  });
  return made;
}

}  // namespace nova::work_outcome
