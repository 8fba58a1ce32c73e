#include "actors/webhook_cursor/webhook_cursor.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::webhook_cursor;

using Spec = testkit::Spec<State, Command, Event>;

TEST_CASE("webhook cursor: it goes forward and never back") {
  Spec spec;
  spec.as_system().when(Advance{0}).then({Advanced{0}});
  spec.when(Advance{0}).then_nothing();
  spec.when(Advance{17}).then({Advanced{17}});
  spec.when(Advance{16}).then_nothing();
  CHECK(spec.state().position == 17);
}

TEST_CASE("webhook cursor: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>({Advanced{17}})});
}
