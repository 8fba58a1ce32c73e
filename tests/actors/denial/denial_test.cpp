#include "actors/denial/denial.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::denial;

namespace {

const core::Timestamp noon = testkit::story_start;

Note note(std::int64_t count, core::Timestamp first, core::Timestamp last, const std::string& batch = "b1") {
  return {"amy",
          "user",
          "platform.suspend",
          "clinic/platform/front",
          "access.denied",
          {"access.default_deny"},
          "1.0.0",
          count,
          first,
          last,
          batch,
          {R"({"context.caller.role":"free"})"}};
}

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"clinic", "denial", std::string(32, 'a')}); }
};

}  // namespace

TEST_CASE("denial: equal ones are counted, from the first to the last") {
  Spec spec;
  spec.as_system().when(note(1, noon, noon)).then_types<Noted>();
  CHECK(std::get<Noted>(spec.events()[0]).type == "ACCESS_DENIED");
  spec.when(note(999, noon + std::chrono::seconds(1), noon + std::chrono::seconds(2), "b2")).then_types<Noted>();
  spec.when(note(1, noon, noon)).then_nothing();  // again
  CHECK(spec.state().count == 1000);
  CHECK(spec.state().first_at == noon);
  CHECK(spec.state().last_at == noon + std::chrono::seconds(2));
  CHECK(spec.state().read.text == R"({"context.caller.role":"free"})");
  CHECK(summarise(spec.state()).reason == "user amy was denied platform.suspend, 1000 times");
}

TEST_CASE("denial: one that comes late, after a later one, changes no end") {
  Spec spec;
  spec.as_system().when(note(1, noon + std::chrono::seconds(5), noon + std::chrono::seconds(6)));
  spec.when(note(1, noon, noon + std::chrono::seconds(1), "b2")).then_types<Noted>();
  CHECK(spec.state().first_at == noon);
  CHECK(spec.state().last_at == noon + std::chrono::seconds(6));
}

TEST_CASE("denial: what belongs to another is refused") {
  Spec spec;
  spec.as_system().when(note(1, noon, noon));
  auto other = note(1, noon, noon);
  other.who = "bob";
  spec.when(other).then_refused("denial.another");
  spec.when(note(1, noon + std::chrono::seconds(1), noon)).then_problem("last_at");
}

TEST_CASE("denial: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>({Noted{"ACCESS_DENIED",
                                                                            "amy",
                                                                            "user",
                                                                            "platform.suspend",
                                                                            "clinic/platform/front",
                                                                            "access.denied",
                                                                            {"access.default_deny"},
                                                                            "1.0.0",
                                                                            3,
                                                                            noon,
                                                                            noon,
                                                                            "b1"}}),
                               .event_prefix = "denial"});
}
