#include "actors/escalation/escalation.hpp"
#include "core/json.hpp"
#include "core/proposal.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::escalation;
using Spec = testkit::Spec<State, Command, Event>;

namespace {

Open question() {
  return {"deployment",      "clinic-development",         "web", "`web` is down", "restart.intensity",
          "ended too often", {Choice::retry, Choice::stop}};
}

Spec open() {
  Spec spec;
  spec.self({"clinic", "escalation", "clinic-development.web.7"}).as_system().when(question()).as("amy");
  return spec;
}

}  // namespace

TEST_CASE("escalation: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(
                                   {Opened{"deployment",
                                           "clinic-development",
                                           "web",
                                           "`web` is down",
                                           "restart.intensity",
                                           "too often",
                                           {Choice::retry},
                                           testkit::story_start,
                                           "escalation.clinic-development.web.7.1"},
                                    Answered{Choice::retry, "try it", "amy", testkit::story_start, "resolve-1"},
                                    Reopened{"deployment.already_running", "a rollout is on its way", "escalation.x.2"},
                                    Answered{Choice::retry, "again", "amy", testkit::story_start, "resolve-2"},
                                    Accepted{}, Withdrawn{"it healed"}})});
}

TEST_CASE("escalation: an answer goes to the entity that asked") {
  open()
      .when(Answer{Choice::retry, "try again"})
      .then_types<Answered>()
      .then_work("command", "send", [](const core::DoAsk& ask) {
        const auto command = core::from_json<core::SendCommand>(ask.payload);
        REQUIRE(command);
        CHECK(command->kind == "deployment");
        CHECK(command->id == "clinic-development");
        CHECK(command->name == "resolve");
        CHECK(command->body.text ==
              R"({"escalation":"clinic-development.web.7","decision":"retry","reason":"try again","by":"amy"})");
      });
}

TEST_CASE("escalation: only what was offered can be answered") {
  open().when(Answer{Choice::rollback, ""}).then_refused("escalation.not_offered");
}

TEST_CASE("escalation: an answer that is refused opens the question again, and can be given again") {
  auto spec = open();
  spec.when(Answer{Choice::retry, ""});
  core::Settle refused;
  refused.work_id = spec.state().work;
  refused.outcome = core::Outcome::failed;
  refused.code = "deployment.already_running";
  spec.as_system().when(refused).then_types<Reopened>();
  CHECK(summarise(spec.state()).status == "open");
  CHECK(summarise(spec.state()).reason.find("deployment.already_running") != std::string::npos);
  // The late copy of the outcome says nothing about the next answer.
  spec.as("amy").when(Answer{Choice::retry, ""}).then_types<Answered>();
  spec.as_system().when(refused).then_nothing();
}

TEST_CASE("escalation: what healed is withdrawn, and cannot be answered any more") {
  open()
      .as_system()
      .when(Withdraw{"it healed"})
      .then_types<Withdrawn>()
      .when(Withdraw{"it healed"})
      .then_nothing()
      .when(Answer{Choice::stop, ""})
      .then_refused("entity.wrong_state");
}

TEST_CASE("escalation: an answer stands although the subject healed meanwhile") {
  open()
      .when(Answer{Choice::stop, ""})
      .when(Withdraw{"it healed"})
      .then_nothing()
      .when(Answer{Choice::retry, ""})
      .then_refused("entity.wrong_state");
}

TEST_CASE("escalation: people are asked with what is possible, and anew when their choice could not be carried out") {
  auto spec = open();
  const auto asked = [](const core::DoAsk& ask) {
    const auto proposal = core::from_json<core::Proposal>(ask.payload);
    REQUIRE(proposal);
    CHECK(proposal->gate == "supervision");
    CHECK(proposal->by == core::system_principal());
    CHECK(proposal->command == "answer");
    CHECK(proposal->refusal.empty());
    REQUIRE(proposal->remedies.size() == 2);
    CHECK(proposal->remedies[0].name == "retry");
    CHECK(proposal->remedies[0].body.text == R"({"decision":"retry"})");
    CHECK(proposal->remedies[1].name == "stop");
    CHECK(core::json_text(proposal->shown.text, "service") == "web");
    return std::string(proposal->approval);
  };
  spec.then_work("approval", "ask", [&](const auto& ask) { CHECK(asked(ask) == spec.state().approval); });
  const auto first = spec.state().approval;
  CHECK(first == "escalation.clinic-development.web.7.1");
  spec.when(Answer{Choice::retry, ""});
  core::Settle refused;
  refused.work_id = spec.state().work;
  refused.outcome = core::Outcome::failed;
  spec.as_system().when(refused).then_types<Reopened>();
  spec.then_work("approval", "ask", [&](const auto& ask) { CHECK(asked(ask) == spec.state().approval); });
  CHECK(spec.state().approval == "escalation.clinic-development.web.7.2");
}

TEST_CASE("escalation: people are asked no more once it is answered or healed") {
  const auto withdrawn = [](const core::Asks& asks) {
    std::string all;
    for (const auto& work : asks.works)
      if (core::json_text(work.payload, "name") == "withdraw") all += core::json_text(work.payload, "id").value_or("?");
    return all;
  };
  auto answered = open(), healed = open();
  answered.when(Answer{Choice::stop, ""}).then_asks([&](const auto& asks) {
    CHECK(withdrawn(asks) == "escalation.clinic-development.web.7.1");
  });
  healed.as_system().when(Withdraw{"it healed"}).then_asks([&](const auto& asks) {
    CHECK(withdrawn(asks) == "escalation.clinic-development.web.7.1");
  });
}
