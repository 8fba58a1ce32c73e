#include "actors/constitution/constitution.hpp"

namespace nova::constitution::entity {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "active"};
  return names;
}
const std::vector<std::string_view>& names_of(const Step*) {
  static const std::vector<std::string_view> names = {"genesis", "tightening", "loosening", "recovery"};
  return names;
}

const core::Record& describe(const Draft*) {
  static const auto row = record<Draft>(
      "draft", "A part of a text that may become the constitution.",
      {field("digest", &Draft::digest, "of the whole text"), optional_field("number", &Draft::number, "of this part"),
       optional_field("of", &Draft::of, "how many parts"), field("text", &Draft::text, "this part")});
  return row;
}
const core::Record& describe(const Amend*) {
  static const auto row =
      record<Amend>("amend", "Let the draft, which only forbids more, take the active text's place.",
                    {field("digest", &Amend::digest, "of the draft"),
                     field("from", &Amend::from, "the version that it was compared with"),
                     field("factor", &Amend::factor, "how the second factor was proved"),
                     optional_field("reason", &Amend::reason, "why")});
  return row;
}
const core::Record& describe(const AmendLoosening*) {
  static const auto row =
      record<AmendLoosening>("amend_loosening", "Let the draft, which may allow more, take the active text's place.",
                             {field("digest", &AmendLoosening::digest, "of the draft"),
                              field("from", &AmendLoosening::from, "the version that it was compared with"),
                              field("factor", &AmendLoosening::factor, "how the second factor was proved"),
                              optional_field("reason", &AmendLoosening::reason, "why")});
  return row;
}
const core::Record& describe(const Install*) {
  static const auto row = record<Install>("install", "Let the draft of the runtime be the constitution.",
                                          {field("digest", &Install::digest, "of the draft"),
                                           optional_field("recovery", &Install::recovery, "at the order of the host"),
                                           optional_field("reason", &Install::reason, "why")});
  return row;
}

const core::Record& describe(const Drafted*) {
  static const auto row = record<Drafted>(
      "drafted", "A part of a text that may become the constitution.",
      {field("digest", &Drafted::digest, "of the whole text"), field("number", &Drafted::number, "of this part"),
       field("of", &Drafted::of, "how many parts"), field("text", &Drafted::text, "this part"),
       field("by", &Drafted::by, "who"), field("at", &Drafted::at, "when"),
       field("first", &Drafted::first, "the stream's version at the first part")});
  return row;
}
const core::Record& describe(const Amended*) {
  static const auto row = record<Amended>(
      "amended", "The constitution is another.",
      {field("version", &Amended::version, "that it is now"), field("digest", &Amended::digest, "of its text"),
       field("step", &Amended::step, "what sort of change it was"),
       field("first", &Amended::first, "the stream's version at its text's first part"),
       field("parts", &Amended::parts, "of its text"), field("by", &Amended::by, "who"),
       field("factor", &Amended::factor, "how the second factor was proved"), field("reason", &Amended::reason, "why"),
       field("at", &Amended::at, "when")});
  return row;
}
const core::Record& describe(const Installed*) {
  static const auto row = record<Installed>(
      "installed", "The constitution is the one that the program brings.",
      {field("version", &Installed::version, "that it is now"), field("digest", &Installed::digest, "of its text"),
       field("step", &Installed::step, "genesis or recovery"),
       field("first", &Installed::first, "the stream's version at its text's first part"),
       field("parts", &Installed::parts, "of its text"), field("reason", &Installed::reason, "why"),
       field("at", &Installed::at, "when")});
  return row;
}

const core::Record& describe(const Version*) {
  static const auto row = record<Version>(
      "constitution_version", "One version.",
      {field("version", &Version::version, "1.0.0 first"), field("digest", &Version::digest, "of its text"),
       field("step", &Version::step, "how it came to be"),
       field("first", &Version::first, "the stream's version at its text's first part"),
       field("parts", &Version::parts, "of its text"), field("by", &Version::by, "who"),
       field("at", &Version::at, "when")});
  return row;
}
const core::Record& describe(const OpenDraft*) {
  static const auto row = record<OpenDraft>(
      "constitution_draft", "A text that may become the constitution.",
      {field("digest", &OpenDraft::digest, "of the whole text"), field("of", &OpenDraft::of, "how many parts"),
       field("have", &OpenDraft::have, "how many of them are there"),
       field("first", &OpenDraft::first, "the stream's version at the first part"), field("by", &OpenDraft::by, "who"),
       field("at", &OpenDraft::at, "when the last part came")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row =
      record<State>("constitution", "The text that stands above every command, by its versions.",
                    {field("status", &State::status, "absent or active"), field("active", &State::active, "in force"),
                     field("draft", &State::draft, "what may come next"),
                     field("superseded", &State::superseded, "the newest hundred that were in force before"),
                     field("amendments", &State::amendments, "how many there were")});
  return row;
}

}  // namespace nova::constitution::entity

namespace nova::constitution {

const core::Kind& kind() {
  using namespace entity;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "constitution",
      .plural = "constitutions",
      .doc = "The text that stands above every command, by its versions.",
      .short_names = {},
      // Nobody but the root owner; and only by routes of their own, which look at the text first.
      .commands = {{.name = "draft",
                    .doc = "Bring a part of a text that may become the constitution.",
                    .door = core::Door::assisted,
                    .impact = 4,
                    .creates = true},
                   {.name = "amend",
                    .doc = "Let a draft that only forbids more come into force.",
                    .door = core::Door::assisted,
                    .impact = 10},
                   {.name = "amend_loosening",
                    .doc = "Let a draft that may allow more come into force.",
                    .door = core::Door::assisted,
                    .impact = 10},
                   {.name = "install",
                    .doc = "Let the runtime's own text come into force.",
                    .door = core::Door::internal,
                    .impact = 10}},
      .events = {{.name = "constitution.drafted", .doc = "A part of a text that may become the constitution."},
                 {.name = "constitution.amended", .doc = "The constitution is another."},
                 {.name = "constitution.installed", .doc = "The constitution is the program's own."}},
      .authority = true,
      .read = {.permission = "platform:read"},
  });
  return made;
}

}  // namespace nova::constitution
