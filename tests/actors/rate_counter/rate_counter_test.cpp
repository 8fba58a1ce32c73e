#include "actors/rate_counter/rate_counter.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::rate_counter;
using std::chrono::seconds;

namespace {

const core::Timestamp noon = testkit::story_start;

About about(char letter = 'a') {
  return {core::KeyedHash(std::string(64, letter)), core::RateKey::token, "clinic/key-1", 100, 60};
}

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"clinic", "rate_counter", "api"}), as_system(); }
};

}  // namespace

TEST_CASE("rate counter: of one caller each is told once a window, whichever node says it") {
  Spec spec;
  spec.when(NoteWarned{about(), 80}).then({Warned{about(), "api", 80, noon}}).then_no_asks();
  spec.after(seconds(59)).when(NoteWarned{about(), 95}).then_nothing();
  spec.when(NoteLimited{about(), 1}).then_types<Limited>();
  spec.when(NoteLimited{about(), 7}).then_nothing();
  spec.when(NoteLimited{about('b'), 1}).then_types<Limited>();
  spec.after(seconds(1)).when(NoteWarned{about(), 80}).then_types<Warned>();
  spec.after(seconds(59)).when(NoteLimited{about(), 500}).then({Limited{about(), "api", 500, noon + seconds(119)}});
  CHECK(spec.state().warnings == 2);
  CHECK(spec.state().limited == 3);
  CHECK(spec.state().refused == 502);
  CHECK(summarise(spec.state()).status == "limited");
}

TEST_CASE("rate counter: it remembers so many callers and no more") {
  Spec spec;
  const auto of = [](std::size_t number) {
    auto made = about();
    auto text = std::to_string(number);
    made.subject = core::KeyedHash(std::string(64 - text.size(), '0') + text);
    return made;
  };
  for (std::size_t i = 0; i < remembered_max * 3; ++i) spec.when(NoteLimited{of(i), 1}).then_types<Limited>();
  CHECK(spec.state().remembered.size() == remembered_max);
  spec.when(NoteLimited{of(remembered_max * 3 - 1), 1}).then_nothing();
  spec.after(seconds(60)).when(NoteLimited{of(1), 1}).then_types<Limited>();
  CHECK(spec.state().remembered.size() == 1);
}

TEST_CASE("rate counter: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(
                                   {Warned{about(), "api", 80, noon}, Limited{about(), "api", 12, noon + seconds(1)}}),
                               .event_prefix = "rate"});
}
