#include "actors/identity_link/identity_link.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::identity_link;

namespace {

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"system", "identity_link", "one"}).as_system(); }
};
const core::Timestamp noon = testkit::story_start;

}  // namespace

TEST_CASE("identity link: an outside identity opens one account at most") {
  Spec spec;
  spec.when(Link{"amy", "google"}).then({Linked{"amy", "google", "system", noon}});
  CHECK(summarise(spec.state()).parent == "user/amy");
  spec.when(Link{"amy", "google"}).then_nothing();
  spec.when(Link{"ben", "google"}).then_refused("identity_link.already_taken");
  CHECK(spec.refused()->status == 409);
}

TEST_CASE("identity link: who is unlinked may be linked again, also elsewhere") {
  Spec spec;
  spec.when(Link{"amy", "google"}).when(Unlink{}).then_types<Unlinked>();
  spec.when(Unlink{}).then_nothing();
  spec.when(Link{"ben", "google"}).then_types<Linked>();
}

TEST_CASE("identity link: what every kind promises") {
  testkit::check_kind(
      kind(),
      {.history = testkit::history_of<Event>({Linked{"amy", "google", "system", noon}, Unlinked{"amy", noon}})});
}
