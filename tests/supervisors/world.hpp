// A world for the restart rule: it carries actions out, notes them, and fails at once when a child is started twice.
#pragma once
#include "supervisors/rule/rule.hpp"

#include "tests/testkit/catch.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace nova::supervision {

inline std::string name_of(Outcome outcome) {
  constexpr const char* names[] = {"stopped", "gave_up", "auto_shutdown", "start_failed"};
  return names[std::size_t(outcome)];
}

inline std::string to_text(const Action& action) {
  constexpr const char* words[] = {"start", "stop", "kill", "forget", "quarantine", "end"};
  const std::string word = words[std::size_t(action.what)];
  return word + " " + (action.what == Action::What::end ? name_of(action.outcome) : action.child);
}

class World {
 public:
  explicit World(SupervisorSpec spec) : rule(Rule::make(std::move(spec)).value()) {}

  Moment at() const { return {now, 1.0}; }

  /// Begins and forgets the trace of it.
  World& up() {
    carry_out(rule.begin(at()));
    settle();
    trace.clear();
    return *this;
  }

  void die(const std::string& id, Exit exit, std::string why = "boom") {
    CHECK(alive.erase(id) == 1);
    carry_out(rule.died(id, exit, std::move(why), at()));
  }

  /// Lets everything happen that time brings, up to `until`.
  void settle(Instant until = std::chrono::hours(1)) {
    for (int i = 0; i < 10'000; ++i) {
      const auto wake = rule.next_wake();
      if (!wake || *wake > until) return;
      now = std::max(now, *wake);
      carry_out(rule.wake(at()));
    }
    FAIL("the rule never comes to rest");
  }

  void carry_out(const Actions& actions) {
    queue_.insert(queue_.end(), actions.begin(), actions.end());
    if (std::exchange(busy_, true)) return;
    for (; !queue_.empty(); queue_.pop_front()) {
      trace.push_back(to_text(queue_.front()));
      carry_out(queue_.front());
    }
    busy_ = false;
  }

  std::string told() const {
    std::string all;
    for (const auto& line : trace) all += (all.empty() ? "" : ", ") + line;
    return all;
  }

  Rule rule;
  Instant now = std::chrono::seconds(1000);
  std::set<std::string> alive;
  std::map<std::string, int> failures_to_come;  ///< the next starts of this child fail
  std::set<std::string> deaf;                   ///< does not end when asked
  std::set<std::string> stuck;                  ///< not even when killed
  std::vector<std::string> trace;

 private:
  void carry_out(const Action& action) {
    using What = Action::What;
    const std::string id = action.child;
    if (action.what == What::start) {
      INFO("started twice: " << id);
      REQUIRE(alive.count(id) == 0);
      if (failures_to_come[id] > 0) {
        --failures_to_come[id];
        return carry_out(rule.start_failed(id, "cannot", at()));
      }
      alive.insert(id);
      return carry_out(rule.started(id, at()));
    }
    const bool ends = (action.what == What::stop && !deaf.count(id) && !stuck.count(id)) ||
                      (action.what == What::kill && !stuck.count(id));
    if (!ends || alive.erase(id) == 0) return;
    carry_out(rule.died(id, action.what == What::kill ? Exit::killed : Exit::shutdown, "", at()));
  }

  std::deque<Action> queue_;
  bool busy_ = false;
};

}  // namespace nova::supervision
