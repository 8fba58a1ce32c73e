#include "actors/rate_policy/rate_policy.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::rate_policy;

namespace {

struct Spec : testkit::Spec<State, Command, Event> {
  explicit Spec(std::string id = "auth.login") { self({"system", "rate_policy", std::move(id)}); }
};

}  // namespace

TEST_CASE("rate_policy: the owner sets what ships") {
  Spec spec;
  spec.as("olivia").when(Set{60, 5, 3, 50, 120}).then({WasSet{60, 5, 3, 50, 120, "olivia", testkit::story_start}});
  CHECK(summarise(spec.state()).status == "set");
  spec.when(Set{60, 5, 3, 50, 120}).then_nothing();
  spec.when(Set{60, 6, 3, 50, 120}).then_types<WasSet>();
  CHECK(spec.state().max == 6);
  // What is left out is what ships.
  spec.when(Set{60, 6}).then({WasSet{60, 6, 10, 80, 900, "olivia", testkit::story_start}});
}

TEST_CASE("rate_policy: there are those that ship and no others") {
  Spec("auth.nothing").when(Set{60, 5}).then_refused("rate_policy.not_found");
  for (const auto& row : core::rate_defaults()) Spec(std::string(row.id)).when(Set{60, 5}).then_types<WasSet>();
  Spec tenants;
  tenants.self({"clinic", "rate_policy", "api"}).when(Set{60, 5}).then_refused("rate_policy.not_found");
}

TEST_CASE("rate_policy: nobody but the owner has the right") {
  const auto& access = kind().commands[0].access;
  CHECK((access.permission.empty() && access.capability.empty() && access.scope.empty() && !access.own));
}

TEST_CASE("rate_policy: what every kind promises") {
  testkit::check_kind(
      kind(), {.history = testkit::history_of<Event>({WasSet{60, 5, 3, 50, 120, "olivia", testkit::story_start}})});
}
