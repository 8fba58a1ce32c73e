#include "actors/ai_access/ai_access.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::ai_access;

namespace {

const core::Timestamp noon = testkit::story_start;

core::Fact limits(int per_day, int per_minute, const std::string& enforcement = "block") {
  return {true, 1, "active",
          R"({"limits":{"max_requests_per_day":)" + std::to_string(per_day) + R"(,"max_requests_per_minute":)" +
              std::to_string(per_minute) + R"(,"enforcement":")" + enforcement + "\"}}"};
}
struct Spec : testkit::Spec<State, Command, Event> {
  explicit Spec(core::Fact fact_of_tier = limits(100, 1000)) {
    self({"system", "ai_access", "bob"});
    as_system();
    fact({"system", "subscriber_limit", "free"}, std::move(fact_of_tier));
  }
};
std::string numbered(int i) { return "r" + std::to_string(i); }

}  // namespace

TEST_CASE("ai_access: request 101 of a tier with 100 a day is refused, and the next day begins anew") {
  Spec spec;
  spec.when(Reserve{"r1", "free"}).then_types<core::LedgerRolled, core::LedgerHeld>();
  spec.when(Reserve{"r1", "free"}).then_nothing();
  spec.when(Commit{"r1"}).then_types<core::LedgerCommitted>().when(Commit{"r1"}).then_nothing();
  for (int i = 2; i <= 100; ++i) {
    spec.when(Reserve{numbered(i), "free"}).then_types<core::LedgerHeld>();
    if (i <= 90) spec.when(Commit{numbered(i)});
  }
  // Ten are under way still: they count.
  spec.when(Reserve{"r101", "free"}).then_recorded<Breached>("quota.exceeded");
  CHECK(spec.refused()->status == 429);
  spec.when(Reserve{"r101", "free"}).then_refused("quota.exceeded");
  spec.when(Release{"r100"}).then_types<core::LedgerReleased>();
  spec.when(Reserve{"r101", "free"}).then_types<core::LedgerHeld>();
  spec.after(hold_time).when(core::Fire{"expiry"});
  CHECK(spec.state().day.held.empty());
  spec.at(core::next_day(noon)).when(Reserve{"r102", "free"}).then_types<core::LedgerRolled, core::LedgerHeld>();
  CHECK(spec.state().day.earlier.back() == core::LedgerPeriod{"2026-01-31", 90, 90});
}

TEST_CASE("ai_access: so many in a minute, and no more") {
  Spec spec(limits(100, 2));
  spec.when(Reserve{"a", "free"}).when(Reserve{"b", "free"}).then_types<core::LedgerHeld>();
  spec.when(Reserve{"c", "free"}).then_recorded<Breached>("quota.exceeded");
  spec.after(std::chrono::minutes(1)).when(Reserve{"c", "free"}).then_types<core::LedgerHeld>();
}

TEST_CASE("ai_access: what a breach leads to is the tier's: refused, noted, or suspended") {
  Spec noted(limits(1, 100, "log"));
  noted.when(Reserve{"a", "free"});
  noted.when(Reserve{"b", "free"}).then_types<Breached, core::LedgerHeld>();
  Spec suspended(limits(1, 100, "auto_suspend"));
  suspended.when(Reserve{"a", "free"});
  suspended.when(Reserve{"b", "free"}).then_recorded<Breached, Suspended>("quota.exceeded");
  suspended.when(Reserve{"c", "free"}).then_refused("ai_access.suspended");
  suspended.as("amy").when(Restore{}).then_types<Restored>().when(Restore{}).then_nothing();
  suspended.when(Suspend{"misuse"}).then_types<Suspended>().when(Suspend{"misuse"}).then_nothing();
  Spec told;
  told.when(NoteBreach{"free", "max_power_level"}).then_types<Breached>();
  told.when(NoteBreach{"free", "max_power_level"}).then_nothing();
}

TEST_CASE("ai_access: a tier for which nobody decided has none") {
  Spec(core::Fact{}).when(Reserve{"a", "free"}).then_refused("ai.no_limits");
  Spec(core::Fact{true, 2, "removed", "{}"}).when(Reserve{"a", "free"}).then_refused("ai.no_limits");
}

TEST_CASE("ai_access: what every kind promises") {
  testkit::check_kind(
      ai_access::kind(),
      {.history = testkit::history_of<Event>(
           {core::LedgerRolled{"2026-01-31", noon}, core::LedgerHeld{"r1", 1, noon, noon + hold_time},
            core::LedgerCommitted{"r1", 1, noon}, core::LedgerReleased{"r2", true, noon},
            Breached{"free", "max_requests_per_day", noon}, Suspended{"misuse", "amy", noon}, Restored{"amy", noon}}),
       .other_events = {"subscriber_limit.breached"}});
}
