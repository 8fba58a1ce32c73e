#include "actors/denial/denial.hpp"

namespace nova::denial {

using core::field;
using core::optional_field;
using core::record;

const core::Record& describe(const Note*) {
  static const auto row = record<Note>(
      "note", "Somebody was denied something.",
      {field("who", &Note::who, "the principal"), field("who_type", &Note::who_type, "what sort of one"),
       field("act", &Note::act, "what they asked for"),
       optional_field("resource", &Note::resource, "of what, the latest time"),
       optional_field("code", &Note::code, "what they were told"), field("rules", &Note::rules, "which rules decided"),
       optional_field("constitution", &Note::constitution, "version of the rules"),
       optional_field("count", &Note::count, "equal ones since the note before"),
       field("first_at", &Note::first_at, "the first of them"), field("last_at", &Note::last_at, "the last of them"),
       field("batch", &Note::batch, "its own, by which a repeat is known"),
       optional_field("read", &Note::read, "the attributes that the rules read the latest time, by path")});
  return row;
}

const core::Record& describe(const Noted*) {
  static const auto row = record<Noted>(
      "noted", "Somebody was denied something.",
      {field("type", &Noted::type, "ACCESS_DENIED"), field("who", &Noted::who, "the principal"),
       field("who_type", &Noted::who_type, "what sort of one"), field("act", &Noted::act, "what they asked for"),
       field("resource", &Noted::resource, "of what, the latest time"),
       field("code", &Noted::code, "what they were told"), field("rules", &Noted::rules, "which rules decided"),
       field("constitution", &Noted::constitution, "version of the rules"),
       field("count", &Noted::count, "equal ones since the note before"),
       field("first_at", &Noted::first_at, "the first of them"), field("last_at", &Noted::last_at, "the last of them"),
       field("batch", &Noted::batch, "its own, by which a repeat is known"),
       optional_field("read", &Noted::read, "the attributes that the rules read the latest time, by path")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "denial", "What somebody asked for and was denied.",
      {field("who", &State::who, "the principal"), field("who_type", &State::who_type, "what sort of one"),
       field("act", &State::act, "what they asked for"),
       field("resource", &State::resource, "of what, the latest time"),
       field("code", &State::code, "what they were told"), field("rules", &State::rules, "which rules decided"),
       field("constitution", &State::constitution, "version of the rules"), field("count", &State::count, "how often"),
       field("first_at", &State::first_at, "the first time"), field("last_at", &State::last_at, "the last time"),
       field("batches", &State::batches, "of the latest notes"),
       optional_field("read", &State::read, "the attributes that the rules read the latest time, by path")});
  return row;
}

const core::Kind& kind() {
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "denial",
      .plural = "denials",
      .doc = "What somebody asked for and was denied.",
      .commands =
          {{.name = "note", .doc = "Somebody was denied something.", .door = core::Door::internal, .creates = true}},
      .events = {{.name = "denial.noted", .doc = "Somebody was denied something.", .observation = true}},
      .observed = true,
      .read = {.capability = "audit.view", .permission = "audit:read"},
  });
  return made;
}

}  // namespace nova::denial
