#include "actors/rate_counter/rate_counter.hpp"

namespace nova::rate_counter {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"quiet", "warned", "limited"};
  return names;
}
const std::vector<std::string_view>& names_of(const Told*) {
  static const std::vector<std::string_view> names = {"warned", "limited"};
  return names;
}

const core::Record& describe(const About*) {
  static const auto row = record<About>("rate_caller", "Who it is about, and the limit that holds for them.",
                                        {field("subject", &About::subject, "keyed hash of the address, user or token"),
                                         optional_field("keyed_by", &About::keyed_by, "what it is a hash of"),
                                         optional_field("name", &About::name, "of a user or token"),
                                         field("limit", &About::limit, "requests in the window"),
                                         optional_field("window_s", &About::window_s, "the window, seconds")});
  return row;
}

const core::Record& describe(const NoteWarned*) {
  static const auto row = record<NoteWarned>("note_warned", "Somebody came near a limit; counts once a window.",
                                             {field("about", &NoteWarned::about, "who, and which limit"),
                                              field("used", &NoteWarned::used, "requests in the window")});
  return row;
}
const core::Record& describe(const NoteLimited*) {
  static const auto row =
      record<NoteLimited>("note_limited", "Somebody was told to wait; counts once a window.",
                          {field("about", &NoteLimited::about, "who, and which limit"),
                           field("refused", &NoteLimited::refused, "requests since the note before")});
  return row;
}

const core::Record& describe(const Warned*) {
  static const auto row = record<Warned>(
      "warned", "Somebody came near a limit.",
      {field("about", &Warned::about, "who, and which limit"), field("policy", &Warned::policy, "the limit's policy"),
       field("used", &Warned::used, "requests in the window"), field("at", &Warned::at, "when")});
  return row;
}
const core::Record& describe(const Limited*) {
  static const auto row = record<Limited>(
      "limited", "Somebody was told to wait.",
      {field("about", &Limited::about, "who, and which limit"), field("policy", &Limited::policy, "the limit's policy"),
       field("refused", &Limited::refused, "requests that did not pass, since the event before"),
       field("at", &Limited::at, "when")});
  return row;
}

const core::Record& describe(const Remembered*) {
  static const auto row = record<Remembered>(
      "rate_remembered", "Who was told of in this window.",
      {field("subject", &Remembered::subject, "keyed hash"), field("told", &Remembered::told, "what of them"),
       field("until", &Remembered::until, "when the window ends")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "rate_counter", "What is on record of a tenant's callers at one limit.",
      {field("status", &State::status, "what was told last"), field("warnings", &State::warnings, "events of warning"),
       field("limited", &State::limited, "events of refusal"),
       field("refused", &State::refused, "requests that did not pass, as far as they were told"),
       field("at", &State::at, "of the last event"),
       field("remembered", &State::remembered, "who was told of in this window")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "rate_counter",
      .plural = "rate_counters",
      .doc = "What is on record of a tenant's callers at one limit.",
      .short_names = {"rate"},
      .commands = {{.name = "note_warned", .doc = "Somebody came near a limit.", .door = internal, .creates = true},
                   {.name = "note_limited", .doc = "Somebody was told to wait.", .door = internal, .creates = true}},
      .events = {{.name = "rate.warned", .doc = "Somebody came near a limit.", .observation = true},
                 {.name = "rate.limited", .doc = "Somebody was told to wait.", .observation = true}},
      .read = {.capability = "audit.view", .permission = "audit:read"},
  });
  return made;
}

}  // namespace nova::rate_counter
