#include "tests/constitution/sample.hpp"

#include "core/describe/codec.hpp"

#include <stdexcept>

namespace nova::test::parcel {

using core::field;

const std::vector<std::string_view>& names_of(const Size*);
const std::vector<std::string_view>& names_of(const Size*) {
  static const std::vector<std::string_view> names = {"small", "large"};
  return names;
}
const core::Record& describe(const Stop*);
const core::Record& describe(const Stop*) {
  static const auto record =
      core::record<Stop>("stop", "A stop.", {field("city", &Stop::city), field("days", &Stop::days)});
  return record;
}
const core::Record& describe(const State*);
const core::Record& describe(const State*) {
  static const auto record = core::record<State>(
      "parcel", "A parcel.",
      {field("label", &State::label), field("weight", &State::weight), field("fragile", &State::fragile),
       field("size", &State::size), field("due", &State::due), field("patience", &State::patience),
       field("tags", &State::tags), field("stops", &State::stops), field("fees", &State::fees),
       field("note", &State::note), field("ratio", &State::ratio), field("lock", &State::lock),
       field("receiver", &State::receiver), core::hidden(field("mark", &State::mark))});
  return record;
}
const core::Record& describe(const Send*);
const core::Record& describe(const Send*) {
  static const auto record =
      core::record<Send>("send", "", {field("weight", &Send::weight), field("note", &Send::note)});
  return record;
}
const core::Record& describe(const Burn*);
const core::Record& describe(const Burn*) {
  static const auto record = core::record<Burn>("burn", "", {});
  return record;
}
const core::Record& describe(const Arrived*);
const core::Record& describe(const Arrived*) {
  static const auto record = core::record<Arrived>("arrived", "", {});
  return record;
}
const core::Record& describe(const Sent*);
const core::Record& describe(const Sent*) {
  static const auto record = core::record<Sent>("sent", "", {});
  return record;
}

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
core::Decision<Event> decide(const State&, const Command&, const core::Context&) { return std::vector<Event>{Sent{}}; }
State evolve(State, const Event&);
State evolve(State state, const Event&) { return state; }
core::Summary summarise(const State&);
core::Summary summarise(const State& state) { return {state.fragile ? "careful" : "plain", "", ""}; }

const core::Kind& kind() {
  static const auto made =
      core::kind_of<State, Command, Event>({.name = "parcel_box",
                                            .plural = "parcel_boxes",
                                            .commands = {{.name = "send", .impact = 2, .creates = true},
                                                         {.name = "burn", .impact = 9, .destructive = true},
                                                         {.name = "arrived", .door = core::Door::internal}},
                                            .events = {{.name = "parcel_box.sent"}}});
  return made;
}

State full() {
  State state;
  state.label = "books";
  state.weight = 7;
  state.fragile = true;
  state.size = Size::large;
  state.due = {1'800'000'000'000};
  state.patience = std::chrono::minutes(5);
  state.tags = {"red", "round"};
  state.stops = {{"Cairo", 2}, {"Amman", 1}};
  state.fees = {{"toll", 3}};
  state.note = "handle with care";
  state.mark = "hidden";
  return state;
}

}  // namespace nova::test::parcel

namespace nova::test {

std::shared_ptr<const gates::Gates> sample_gates(const std::string& name) {
  const std::string gate = R"(":{"en":"Ask.","ar":"اسأل.","groups":[{"name":"admins","roles":["tenant:admin"]}]})";
  // The shipped text names one that each node has.
  auto gates = gates::Gates::parse("{\"gates\":{\"" + name + gate + ",\"data-region" + gate + "}}");
  if (!gates) throw std::logic_error(core::to_line(gates.error()));
  return *gates;
}

std::shared_ptr<const constitution::Words> sample_words() {
  static const auto words =
      std::make_shared<const constitution::Words>(std::vector<const core::Kind*>{&parcel::kind()});
  return words;
}

void keep_to_the_five_rules(const core::Kind& kind, std::size_t row, void* state, void* input) {
  const auto fill = [](const core::Type& type, void* at, std::string_view json) {
    if (auto read = core::from_json(type, at, json, core::Reading::stored); !read)
      throw std::logic_error(core::to_line(read.error()));
  };
  const auto& command = kind.commands[row];
  if (kind.name == "ai_execution" && command.name == "request")
    fill(*command.type, input, R"({"layer":"helpers","requester":{"user":"it","tier":"free"}})");
  if (kind.name == "ai_agent" && command.name == "create")
    fill(*command.type, input, R"({"available_to_subscribers":false})");
  if (kind.name == "ai_layer") fill(*kind.state, state, R"({"power":{"level":1}})");
}

}  // namespace nova::test
