// The erased face of a kind against its typed one, and the test kit against a kind that is known to be right.
#include "tests/core/sample/approval.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <fstream>

using namespace nova;
using namespace nova::approval;
using Spec = testkit::Spec<State, Command, Event>;

TEST_CASE("approval: the owner may not vote") {
  Spec{}.given({Opened{"amy", 1}}).as("amy").when(Approve{}).then_refused("approval.owner_may_not_vote");
}

TEST_CASE("approval: the last vote grants, and a late copy of it changes nothing") {
  Spec{}
      .given({Opened{"amy", 1}})
      .as("bob")
      .when(Approve{})
      .then({VoteCast{"bob"}, Granted{}})
      .when(Approve{})
      .then_nothing();
}

TEST_CASE("a story's events can be compared by type alone") {
  Spec{}.as("amy").when(Open{1}).then_types<Opened>().then_no_asks().then_state(
      [](const State& s) { CHECK(s.owner_id == "amy"); });
}

TEST_CASE("a kind finds its rows by name") {
  CHECK(kind().command_row("approve") == 1);
  CHECK(kind().command_row("Approve") == -1);
  CHECK(kind().event_row("approval.granted") == 2);
  CHECK(kind().event_row("granted") == -1);
}

TEST_CASE("the erased decide answers as the typed one does") {
  const auto state = kind().make_state();
  const auto command = kind().make_command(0);
  REQUIRE(core::from_json(*kind().commands[0].type, command.get(), R"({"votes_needed":2})", core::Reading::command));
  core::Context context;
  context.principal = {"amy", "user"};
  const auto decision = kind().decide(state.get(), 0, command.get(), context);
  REQUIRE_FALSE(decision.refused);
  REQUIRE(decision.events.size() == 1);
  CHECK(decision.events[0].row == 0);
  kind().evolve(state.get(), decision.events[0].row, decision.events[0].value.get());
  CHECK(core::to_json(*kind().state, state.get()) ==
        R"({"phase":"open","owner_id":"amy","votes_needed":2,"voter_ids":[]})");
  CHECK(kind().summarise(state.get()).status == "open");
  const auto again = kind().decide(state.get(), 0, command.get(), context);
  REQUIRE(again.refused);
  CHECK(again.refused->code == "approval.already_open");
}

TEST_CASE("a copy of a state does not change with the original") {
  const auto state = kind().make_state();
  const auto copy = kind().copy_state(state.get());
  const Granted granted;
  kind().evolve(state.get(), 2, &granted);
  CHECK(kind().summarise(copy.get()).status == "absent");
}

TEST_CASE("what every kind promises holds for the sample") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>({Opened{"amy", 2}, VoteCast{"bob"}, Granted{}}),
                               .folder = std::string(NOVA_SOURCE_DIR) + "/tests/core/sample"});
}

TEST_CASE("stored events: lines are added for missing types only, and what is there stays byte for byte") {
  const testkit::TempDir folder;
  const auto file = folder / "events_v1.jsonl";
  const std::string first =
      R"({"type":"approval.opened","body":{"owner_id":"zoe","votes_needed":1,"dropped_field":true},"state":{"phase":"open","owner_id":"zoe","votes_needed":1}})"
      "\n";
  std::ofstream(file) << first;
  REQUIRE(setenv("NOVA_WRITE_EVENTS", "1", 1) == 0);
  testkit::check_kind(kind(), {.folder = folder.path(), .walks = 1});
  REQUIRE(unsetenv("NOVA_WRITE_EVENTS") == 0);
  std::ifstream in(file);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  CHECK(text.starts_with(first));
  CHECK(text.find("approval.vote_cast") != std::string::npos);
  CHECK(text.find("approval.granted") != std::string::npos);
  const auto size = std::filesystem::file_size(file);
  testkit::check_kind(kind(), {.folder = folder.path(), .walks = 1});
  CHECK(std::filesystem::file_size(file) == size);
}
