#include "actors/node/node.hpp"

namespace nova::node::entity {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "up", "draining", "left"};
  return names;
}

const core::Record& describe(const Register*) {
  static const auto row = record<Register>(
      "register", "A node has started.",
      {field("version", &Register::version, "of its program"), field("pid", &Register::pid, "process id"),
       optional_field("address", &Register::address, "where its API listens"),
       field("started_at", &Register::started_at, "when this life began")});
  return row;
}
const core::Record& describe(const Drain*) {
  static const auto row = record<Drain>("drain", "Mark a node as one to be emptied before maintenance.",
                                        {optional_field("reason", &Drain::reason, "why")});
  return row;
}
const core::Record& describe(const Leave*) {
  static const auto row =
      record<Leave>("leave", "A node stops in order.", {optional_field("reason", &Leave::reason, "why")});
  return row;
}

const core::Record& describe(const Started*) {
  static const auto row =
      record<Started>("started", "A node has started.",
                      {field("version", &Started::version, "of its program"), field("pid", &Started::pid, "process id"),
                       field("address", &Started::address, "where its API listens"),
                       field("started_at", &Started::started_at, "when this life began"),
                       field("after_crash", &Started::after_crash, "the life before did not end in order")});
  return row;
}
const core::Record& describe(const Draining*) {
  static const auto row = record<Draining>("draining", "It is to be emptied.",
                                           {field("reason", &Draining::reason, "why"),
                                            field("by", &Draining::by, "who"), field("at", &Draining::at, "when")});
  return row;
}
const core::Record& describe(const Left*) {
  static const auto row = record<Left>("left", "It has stopped in order.",
                                       {field("reason", &Left::reason, "why"), field("at", &Left::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "node", "A novad that has registered.",
      {field("status", &State::status, "where it stands"), field("version", &State::version, "of its program"),
       field("previous_version", &State::previous_version, "before the last change of version"),
       field("pid", &State::pid, "process id"), field("address", &State::address, "where its API listens"),
       field("started_at", &State::started_at, "when this life began"),
       field("boots", &State::boots, "how often it started"),
       field("crashes", &State::crashes, "starts after a life that did not end in order"),
       field("reason", &State::reason, "why it drains or left")});
  return row;
}

}  // namespace nova::node::entity

namespace nova::node {

const core::Kind& kind() {
  using core::Door;
  static const core::Kind made = core::kind_of<entity::State, entity::Command, entity::Event>({
      .name = "node",
      .plural = "nodes",
      .doc = "A novad that has registered.",
      .short_names = {"no"},
      .commands = {{.name = "register", .doc = "A node has started.", .door = Door::internal, .creates = true},
                   {.name = "drain",
                    .doc = "Mark a node as one to be emptied before maintenance.",
                    .impact = 6,
                    .destructive = true},
                   {.name = "leave", .doc = "A node stops in order.", .door = Door::internal}},
      .events = {{.name = "node.started", .doc = "A node has started.", .observation = true},
                 {.name = "node.draining", .doc = "It is to be emptied."},
                 {.name = "node.left", .doc = "It has stopped in order.", .observation = true}},
  });
  return made;
}

}  // namespace nova::node
