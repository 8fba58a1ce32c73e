#include "supervisors/rule/dynamic.hpp"

#include "tests/supervisors/world.hpp"

namespace nova::supervision {
namespace {

using namespace std::chrono_literals;
using What = Action::What;

DynamicRule with(Lifetime lifetime, std::uint32_t intensity, Excess excess = Excess::quarantine) {
  DynamicSpec spec;
  spec.lifetime = lifetime;
  spec.restart.intensity = intensity;
  spec.on_excess = excess;
  return DynamicRule::make(spec).value();
}

void run(DynamicRule& rule, const std::string& id, Moment at) {
  REQUIRE(rule.add(id, at).ok());
  REQUIRE(rule.started(id, at).empty());
}

std::string told(const Actions& actions) {
  std::string all;
  for (const auto& action : actions) all += (all.empty() ? "" : ", ") + to_text(action);
  return all;
}

TEST_CASE("dynamic supervision: who comes back is decided by child kind and exit reason") {
  struct Row {
    Lifetime kind;
    Exit exit;
    std::string told;
  };
  const std::vector<Row> rows = {
      {Lifetime::permanent, Exit::normal, "start x"},  {Lifetime::permanent, Exit::shutdown, "start x"},
      {Lifetime::permanent, Exit::killed, "start x"},  {Lifetime::permanent, Exit::error, "start x"},
      {Lifetime::transient, Exit::normal, "forget x"}, {Lifetime::transient, Exit::shutdown, "forget x"},
      {Lifetime::transient, Exit::killed, "start x"},  {Lifetime::transient, Exit::error, "start x"},
      {Lifetime::temporary, Exit::normal, "forget x"}, {Lifetime::temporary, Exit::shutdown, "forget x"},
      {Lifetime::temporary, Exit::killed, "forget x"}, {Lifetime::temporary, Exit::error, "forget x"},
  };
  for (const auto& row : rows) {
    INFO(name_of(row.kind) << " ends " << name_of(row.exit));
    auto rule = with(row.kind, 5);
    run(rule, "x", {1s, 0});
    auto actions = rule.died("x", row.exit, "", {2s, 0});
    for (auto& action : rule.wake({2s, 0})) actions.push_back(action);
    CHECK(told(actions) == row.told);
  }
}

TEST_CASE("dynamic supervision: a broken child is quarantined alone and can be released") {
  auto rule = with(Lifetime::transient, 2);
  run(rule, "good", {1s, 0});
  run(rule, "bad", {1s, 0});
  Instant now = 2s;
  for (int i = 0; i < 2; ++i) {
    CHECK(rule.died("bad", Exit::error, "boom", {now, 0}).empty());
    now = *rule.next_wake();
    CHECK(told(rule.wake({now, 0})) == "start bad");
    (void)rule.started("bad", {now, 0});
  }
  CHECK(told(rule.died("bad", Exit::error, "boom", {now, 0})) == "quarantine bad");
  CHECK(rule.children().at("good").phase == Phase::running);
  CHECK_FALSE(rule.next_wake());
  CHECK(rule.release("good", {now, 0}).error().code == "supervision.wrong_state");
  CHECK(rule.release("bad", {now, 0}).ok());
  CHECK(told(rule.wake({now, 0})) == "start bad");
}

TEST_CASE("dynamic supervision: with escalation all children share one intensity") {
  auto rule = with(Lifetime::permanent, 1, Excess::escalate);
  run(rule, "x", {1s, 0});
  run(rule, "y", {1s, 0});
  CHECK(rule.died("x", Exit::error, "", {2s, 0}).empty());
  CHECK(told(rule.died("y", Exit::error, "", {2s, 0})) == "end gave_up");
}

TEST_CASE("dynamic supervision: on the end all are asked together, and the deaf are killed at their deadline") {
  auto rule = with(Lifetime::transient, 5);
  for (const char* id : {"x", "y", "z"}) run(rule, id, {1s, 0});
  CHECK(told(rule.stop({2s, 0})) == "stop x, stop y, stop z");
  CHECK(told(rule.died("y", Exit::shutdown, "", {2s, 0})) == "forget y");
  CHECK(told(rule.wake({7s, 0})) == "kill x, kill z");
  CHECK(told(rule.died("x", Exit::killed, "", {7s, 0})) == "forget x");
  CHECK(told(rule.wake({12s, 0})) == "end stopped");  // z survived its kill and holds up nobody
  CHECK(rule.add("q", {12s, 0}).error().code == "supervision.wrong_state");
}

TEST_CASE("dynamic supervision: a child is known once, within the limit") {
  DynamicSpec spec;
  spec.children_max = 2;
  auto rule = DynamicRule::make(spec).value();
  run(rule, "x", {1s, 0});
  CHECK(rule.add("x", {1s, 0}).error().code == "supervision.child_exists");
  run(rule, "y", {1s, 0});
  CHECK(rule.add("z", {1s, 0}).error().code == "supervision.limit_reached");
  CHECK(told(rule.stop_child("x", {2s, 0}).value()) == "stop x");
  CHECK(told(rule.died("x", Exit::shutdown, "", {2s, 0})) == "forget x");
  CHECK(told(rule.add("z", {2s, 0}).value()) == "start z");
}

TEST_CASE("dynamic supervision: thousands of children cost a look-up each") {
  auto rule = with(Lifetime::transient, 5);
  constexpr int count = 20'000;
  for (int i = 0; i < count; ++i) run(rule, std::to_string(i), {1s, 0});
  for (int i = 0; i < count; ++i) CHECK(rule.died(std::to_string(i), Exit::error, "boom", {2s, 0}).empty());
  CHECK(rule.wake({2s, 0}).size() == count);
  for (int i = 0; i < count; ++i) (void)rule.started(std::to_string(i), {2s, 0});
  CHECK(rule.restarts() == count);
  CHECK(rule.stop({3s, 0}).size() == count);
}

}  // namespace
}  // namespace nova::supervision
