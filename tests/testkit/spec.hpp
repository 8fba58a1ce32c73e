// Given / when / then for a kind's pure functions:
//
//   using Spec = nova::testkit::Spec<State, Command, Event>;
//   TEST_CASE("approval: the owner may not vote") {
//     Spec{}.given({Opened{"amy", 1}}).as("amy").when(Approve{}).then_refused("approval.owner_may_not_vote");
//   }
//
// `decide` and `evolve` are found in the kind's namespace. After `when` the new events are part of the story, so a test
// may go on with another `when`.
#pragma once
#include "core/decision.hpp"
#include "core/describe/codec.hpp"
#include "tests/testkit/catch.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace nova::testkit {

/// Stories begin here: 2026-01-31T09:00:00Z.
inline constexpr core::Timestamp story_start{1769850000000};

namespace detail {

/// An event as its type's name and JSON, for comparing and showing.
using Shown = std::vector<std::string>;

void expect_events(const Shown& expected, const Shown& got, const std::optional<core::Error>& refused);
void expect_refused(std::string_view code, const Shown& got, const std::optional<core::Error>& refused);
void expect_problem(std::string_view path, const std::optional<core::Error>& refused);
const core::DoAsk& expect_work(const core::Asks& asks, std::string_view driver, std::string_view verb);
const core::KeepAsk& expect_keep(const core::Asks& asks, std::string_view driver, std::string_view key);

template <class Event>
std::string show(const Event& event) {
  return std::visit(
      [](const auto& e) {
        using E = std::decay_t<decltype(e)>;
        return std::string(describe(static_cast<const E*>(nullptr)).name) + " " + core::to_json(e);
      },
      event);
}

}  // namespace detail

template <class State, class Command, class Event>
class Spec {
 public:
  Spec() {
    context_.self = {"clinic", "sample", "one"};
    context_.now = story_start;
    context_.principal = {"operator", "user"};
    context_.command_id = "command-1";
  }

  /// Facts of the past.
  Spec& given(std::vector<Event> events) {
    for (auto& event : events) happen(std::move(event));
    return *this;
  }
  Spec& self(core::EntityKey key) { return context_.self = std::move(key), *this; }
  Spec& as(std::string id, std::string type = "user") {
    return context_.principal = {std::move(id), std::move(type)}, *this;
  }
  Spec& as_system() { return context_.principal = core::system_principal(), *this; }
  Spec& standing(core::Caller caller) { return context_.caller = std::move(caller), *this; }
  Spec& at(core::Timestamp now) { return context_.now = now, *this; }
  Spec& after(std::chrono::milliseconds passed) { return context_.now = context_.now + passed, *this; }
  Spec& fact(const core::EntityKey& key, core::Fact fact) { return context_.facts[key] = std::move(fact), *this; }

  /// Decides; what it answers is what the next `then` looks at.
  Spec& when(const Command& command) {
    auto decision = decide(state_, command, context_);
    refused_ = decision.refused();
    asks_ = std::move(decision.asks());
    events_ = std::move(decision.events());
    for (const auto& event : events_) happen(event);
    context_.command_id = "command-" + std::to_string(++commands_);
    return *this;
  }

  /// Exactly these events, in order.
  Spec& then(const std::vector<Event>& expected) {
    detail::Shown wanted, got = shown();
    for (const auto& event : expected) wanted.push_back(detail::show(event));
    detail::expect_events(wanted, got, refused_);
    return *this;
  }
  /// Exactly events of these types, in order, whatever they hold.
  template <class... Types>
  Spec& then_types() {
    detail::Shown wanted{std::string(describe(static_cast<const Types*>(nullptr)).name)...}, got = shown();
    for (auto& line : got) line.resize(line.find(' '));
    detail::expect_events(wanted, got, refused_);
    return *this;
  }
  /// Already so: no events, no refusal.
  Spec& then_nothing() {
    detail::expect_events({}, shown(), refused_);
    return *this;
  }
  Spec& then_refused(std::string_view code) {
    detail::expect_refused(code, shown(), refused_);
    return *this;
  }
  /// Refused, and exactly events of these types recorded.
  template <class... Types>
  Spec& then_recorded(std::string_view code) {
    REQUIRE(refused_);
    CHECK(refused_->code == code);
    detail::Shown wanted{std::string(describe(static_cast<const Types*>(nullptr)).name)...}, got = shown();
    for (auto& line : got) line.resize(line.find(' '));
    CHECK(got == wanted);
    return *this;
  }
  /// Refused, naming that path of the input.
  Spec& then_problem(std::string_view path) {
    detail::expect_problem(path, refused_);
    return *this;
  }
  /// Checks of the test's own on what the events made: [](const State& s) { CHECK(...); }
  template <class Check>
  Spec& then_state(Check check) {
    check(std::as_const(state_));
    return *this;
  }
  /// It asked for this; `check` may look closer.
  Spec& then_work(std::string_view driver, std::string_view verb,
                  const std::function<void(const core::DoAsk&)>& check = {}) {
    const auto& ask = detail::expect_work(asks_, driver, verb);
    if (check) check(ask);
    return *this;
  }
  Spec& then_keep(std::string_view driver, std::string_view key,
                  const std::function<void(const core::KeepAsk&)>& check = {}) {
    const auto& ask = detail::expect_keep(asks_, driver, key);
    if (check) check(ask);
    return *this;
  }
  Spec& then_asks(const std::function<void(const core::Asks&)>& check) { return check(asks_), *this; }
  Spec& then_no_asks() {
    CHECK(asks_.works.size() + asks_.keeps.size() + asks_.timers.size() + asks_.claims.size() == 0);
    return *this;
  }

  const State& state() const { return state_; }
  const std::vector<Event>& events() const { return events_; }
  const core::Asks& asks() const { return asks_; }
  const std::optional<core::Error>& refused() const { return refused_; }
  core::Context& context() { return context_; }

 private:
  void happen(Event event) {
    state_ = evolve(std::move(state_), event);
    ++context_.version;
    ++context_.intent_version;
  }

  detail::Shown shown() const {
    detail::Shown lines;
    for (const auto& event : events_) lines.push_back(detail::show(event));
    return lines;
  }

  State state_{};
  core::Context context_;
  std::vector<Event> events_;
  core::Asks asks_;
  std::optional<core::Error> refused_;
  int commands_ = 1;
};

}  // namespace nova::testkit
