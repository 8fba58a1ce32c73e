#include "actors/auth_method/auth_method.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::auth_method;

namespace {

struct Spec : testkit::Spec<State, Command, Event> {
  explicit Spec(std::string id = "passkey") { self({"system", "auth_method", std::move(id)}); }
};

}  // namespace

TEST_CASE("auth_method: closed with a reason, and opened again") {
  Spec spec;
  spec.when(Enable{}).then_refused("entity.wrong_state");
  spec.as("olivia").when(Disable{"lost keys"}).then({Disabled{"lost keys", "olivia", testkit::story_start}});
  CHECK(summarise(spec.state()).status == "closed");
  CHECK(summarise(spec.state()).reason == "lost keys");
  spec.when(Disable{"again"}).then_refused("entity.wrong_state");
  spec.when(Enable{}).then_types<Enabled>();
  CHECK(summarise(spec.state()).status == "open");
  CHECK(spec.state().reason.empty());
}

TEST_CASE("auth_method: passwords are always a way in") {
  Spec("password").when(Disable{"no"}).then_refused("auth_method.default");
}

TEST_CASE("auth_method: nobody but the owner has the right") {
  for (const auto& command : kind().commands) {
    const auto& access = command.access;
    CHECK((access.permission.empty() && access.capability.empty() && access.scope.empty() && !access.own));
  }
}

TEST_CASE("auth_method: what every kind promises") {
  const auto history = testkit::history_of<Event>(
      {Disabled{"lost keys", "olivia", testkit::story_start}, Enabled{"olivia", testkit::story_start}});
  testkit::check_kind(kind(), {.history = history});
}
