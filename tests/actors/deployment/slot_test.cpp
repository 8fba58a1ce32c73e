// Room at the tenant for what is deployed by hand (S19).
#include "core/json.hpp"
#include "tests/actors/deployment/story.hpp"
#include "tests/actors/deployment/world.hpp"

using namespace nova;
using namespace nova::deployment;
using namespace nova::deployment::story;

namespace {

/// The orders to the tenant that a decision asks for: "reserve_quota clinic-development.1.h deployments".
std::vector<std::string> orders(const Spec& spec) {
  std::vector<std::string> all;
  for (const auto& work : spec.asks().works) {
    if (!work.order_key.ends_with("/quota")) continue;
    CHECK(work.driver == "command");
    CHECK(core::json_text(work.payload, "kind") == "tenant");
    CHECK(core::json_text(work.payload, "id") == "clinic");
    const auto resource = core::json_text(work.payload, "body.resource");
    all.push_back(core::json_text(work.payload, "name").value_or("") + " " +
                  core::json_text(work.payload, "body.id").value_or("") + (resource ? " " + *resource : ""));
  }
  return all;
}
using Orders = std::vector<std::string>;

Spec by_hand() {
  auto spec = fresh();
  spec.as("amy").when(deploy());
  return spec;
}

std::string reserving(const Spec& spec) {
  for (const auto& [id, work] : spec.state().works)
    if (work.job == Job::reserve) return id;
  return {};
}

Spec& answer(Spec& spec, core::Outcome outcome = core::Outcome::done, const std::string& code = {}) {
  const auto work = reserving(spec);
  REQUIRE_FALSE(work.empty());
  return spec.as_system().when(settle(work, outcome, code));
}

Spec running_by_hand() {
  auto spec = by_hand();
  answer(spec);
  roll_out(spec);
  REQUIRE(spec.state().status == Status::running);
  return spec;
}

}  // namespace

TEST_CASE("deployment by hand: its tenant is asked first, and it begins when there is room") {
  auto spec = by_hand();
  spec.then_types<Requested, SlotAsked>();
  CHECK(orders(spec) == Orders{"reserve_quota clinic-development.1.h deployments"});
  CHECK(spec.state().status == Status::pending);
  CHECK(spec.asks().keeps.empty());
  answer(spec).then_types<WorkSettled, SlotTaken, Started>();
  CHECK(orders(spec) == Orders{"confirm_quota clinic-development.1.h"});
  CHECK(spec.state().status == Status::building);
  roll_out(spec);
  CHECK(spec.state().status == Status::running);
  // What comes later needs no further room.
  spec.as("amy").when(deploy(clinic(2))).then_types<Requested, Started>();
  CHECK(orders(spec).empty());
}

TEST_CASE("deployment by hand: without room it fails, runs in no other way, and asks again when it is deployed again") {
  auto spec = by_hand();
  answer(spec, core::Outcome::failed, "quota.exceeded").then_types<WorkSettled, SlotRefused, Failed>();
  CHECK(spec.state().status == Status::failed);
  CHECK(summarise(spec.state()).reason.find("quota.exceeded") != std::string::npos);
  CHECK(orders(spec).empty());  // a refusal took nothing
  spec.as("amy").when(Start{}).then_refused("entity.wrong_state");
  CHECK(spec.refused()->remedy.find("deploy") != std::string::npos);
  spec.when(Rollback{1, "?"}).then_types<Requested, SlotAsked>();
  answer(spec, core::Outcome::failed, "quota.exceeded");
  spec.as("amy").when(deploy()).then_types<Requested, SlotAsked>();
  answer(spec).then_types<WorkSettled, SlotTaken, Started>();
}

TEST_CASE("deployment by hand: where nobody knows whether room was taken it is given back") {
  auto spec = by_hand();
  answer(spec, core::Outcome::unknown, "effect.outcome_unknown").then_types<WorkSettled, SlotRefused, Failed>();
  CHECK(orders(spec) == Orders{"release_quota clinic-development.1.h"});
}

TEST_CASE("deployment by hand: its room is given back when it is deleted") {
  auto gone = by_hand();
  answer(gone);
  gone.as("amy").when(Cancel{}).when(Delete{}).then_types<Deleting, Deleted, SlotReturned>();
  CHECK(orders(gone) == Orders{"release_quota clinic-development.1.h.back deployments"});
  CHECK(gone.state().slot.empty());
  // And taken anew by what comes after it.
  gone.when(deploy()).then_types<Requested, SlotAsked>();
}

TEST_CASE("deployment by hand: deleted before the answer, what was given comes back") {
  auto spec = by_hand();
  spec.when(Delete{}).then_types<Cancelled, Deleting, Deleted>();
  CHECK(orders(spec).empty());
  answer(spec).then_types<WorkSettled, SlotReturned>();
  CHECK(orders(spec) == Orders{"release_quota clinic-development.1.h"});
}

TEST_CASE("deployment by hand: given up before the answer, the next one waits for the same room") {
  auto spec = by_hand();
  spec.when(Cancel{}).when(Start{}).then_refused("entity.wrong_state");
  spec.when(deploy(clinic(2))).then_types<Requested>();
  answer(spec).then_types<WorkSettled, SlotTaken, Started>();
  CHECK(spec.state().candidate == 2);
}

TEST_CASE("deployment by hand: a platform that takes it over has room, and what it had itself is given back") {
  auto spec = running_by_hand();
  spec.as_system().when(deploy(clinic(2))).then_types<Requested, Started, SlotReturned>();
  CHECK(orders(spec) == Orders{"release_quota clinic-development.1.h.back deployments"});
  roll_out(spec);
  // It is its platform's from then on, whoever deploys.
  spec.as("amy").when(deploy()).then_types<Requested, Started>();
  auto late = by_hand();
  late.when(Cancel{}).as_system().when(deploy(clinic(2))).then_types<Requested, Started>();
  answer(late).then_types<WorkSettled, SlotReturned>();
  CHECK(orders(late) == Orders{"release_quota clinic-development.1.h"});
}

TEST_CASE("deployment: what was there before there were reservations goes on without, until it is deleted") {
  auto old = fresh();
  old.given({Requested{1, "clinic", "development", 1, clinic(), 10, 0, "operator", "", testkit::story_start},
             Started{1, "fetch-1", {"rollout-2", testkit::story_start}}, Cancelled{1, "operator", ""}});
  old.as("amy").when(deploy()).then_types<Requested, Started>();
  old.when(Cancel{}).when(Delete{}).then_types<Deleting, Deleted>();
  old.when(deploy()).then_types<Requested, SlotAsked>();
}

TEST_CASE("deployment by hand: whatever happens, the tenant counts one for what is there and none for what is gone") {
  testkit::Random random(testkit::seed_of_run());
  for (int round = 0; round < 60; ++round) {
    RandomWorld world(random, {true, 6});
    for (int step = 0; step < 150; ++step) world.step();
    world.come_to_rest();
    const auto& s = world.state();
    INFO("status " << core::name_of(s.status) << ", slot `" << s.slot << "`");
    CHECK(world.slots() == (s.slot_taken ? 1 : 0));
    CHECK(s.slot_taken == !s.slot.empty());
    if (s.status == Status::running) CHECK(world.slots() == 1);
    if (s.status == Status::deleted) CHECK(world.slots() == 0);
  }
}
