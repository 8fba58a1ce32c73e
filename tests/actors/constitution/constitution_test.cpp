#include "actors/constitution/constitution.hpp"

#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::constitution::entity;

namespace {

const std::string one = "sha256:" + std::string(64, '1'), two = "sha256:" + std::string(64, '2');

struct Spec : testkit::Spec<State, Command, Event> {
  explicit Spec(std::string id = "platform") {
    self({"system", "constitution", std::move(id)});
    owner();
  }
  Spec& owner() {
    as("olivia");
    standing({"owner", "", true});
    return *this;
  }
  Spec& runtime() {
    as_system();
    standing({});
    return *this;
  }
};

// A store with its first text.
Spec founded() {
  Spec spec;
  spec.given({Drafted{one, 1, 1, "permit (principal, action, resource);", "system", testkit::story_start, 1},
              Installed{"1.0.0", one, Step::genesis, 1, 1, "", testkit::story_start}});
  return spec;
}

}  // namespace

TEST_CASE("constitution: genesis is version 1.0.0, once") {
  Spec spec;
  spec.runtime().when(Draft{one, 1, 1, "permit (principal, action, resource);"}).then_types<Drafted>();
  spec.when(Install{one, false, ""}).then_types<Installed>();
  CHECK(spec.state().active.version == "1.0.0");
  CHECK(summarise(spec.state()).reason == "version 1.0.0");
  spec.when(Install{one, false, ""}).then_nothing();
  spec.when(Draft{two, 1, 1, "x"}).when(Install{two, false, ""}).then_nothing();
}

TEST_CASE("constitution: what tightens is the next version at once, and the one before stays named") {
  auto spec = founded();
  spec.when(Draft{two, 1, 1, "forbid"}).when(Amend{two, "1.0.0", "totp", "because"}).then_types<Amended>();
  CHECK(spec.state().active.version == "1.1.0");
  CHECK(spec.state().active.digest == two);
  REQUIRE(spec.state().superseded.size() == 1);
  CHECK(spec.state().superseded[0].digest == one);
  CHECK(!spec.state().draft);
  // Again is nothing.
  spec.when(Amend{two, "1.0.0", "totp", ""}).then_nothing();
}

TEST_CASE("constitution: what may loosen waits a minute after its last part, and is a major step") {
  auto spec = founded();
  spec.when(Draft{two, 1, 2, "per"}).when(Draft{two, 2, 2, "mit"});
  spec.when(AmendLoosening{two, "1.0.0", "totp", ""}).then_refused("constitution.too_early");
  spec.after(std::chrono::milliseconds(59'999)).when(AmendLoosening{two, "1.0.0", "totp", ""});
  spec.then_refused("constitution.too_early");
  spec.after(std::chrono::milliseconds(1)).when(AmendLoosening{two, "1.0.0", "totp", ""}).then_types<Amended>();
  CHECK(spec.state().active.version == "2.0.0");
  CHECK(spec.state().active.step == Step::loosening);
}

TEST_CASE("constitution: nobody but the owner, of the version that was looked at, with the whole text") {
  for (const auto& [who, type, root] : {std::tuple("adam", "user", false), std::tuple("system/key", "api_key", true),
                                        std::tuple("operator", "service", false)}) {
    auto spec = founded();
    spec.as(who, type).standing({"admin", "", root});
    spec.when(Draft{two, 1, 1, "x"}).then_refused("auth.owner_required");
    spec.when(Amend{two, "1.0.0", "totp", ""}).then_refused("auth.owner_required");
    spec.when(AmendLoosening{two, "1.0.0", "totp", ""}).then_refused("auth.owner_required");
  }
  auto spec = founded();
  spec.when(Amend{two, "1.0.0", "totp", ""}).then_refused("constitution.draft_gone");
  spec.when(Draft{two, 1, 2, "x"}).when(Amend{two, "1.0.0", "totp", ""}).then_refused("constitution.draft_gone");
  spec.when(Draft{two, 2, 2, "y"}).when(Amend{two, "0.9.0", "totp", ""}).then_refused("constitution.already_amended");
  spec.when(Draft{one, 2, 3, "y"}).then_refused("constitution.draft_broken");
  spec.when(Draft{one, 3, 2, "y"}).then_refused("input.invalid");
  Spec("another").when(Draft{two, 1, 1, "x"}).then_refused("constitution.not_found");
}

TEST_CASE("constitution: recovery is a version and a line of history like any other") {
  auto spec = founded();
  spec.when(Draft{two, 1, 1, "forbid"}).when(Amend{two, "1.0.0", "totp", ""});
  spec.runtime().when(Draft{one, 1, 1, "permit"}).when(Install{one, true, "locked out"}).then_types<Installed>();
  CHECK(spec.state().active.version == "2.0.0");
  CHECK(spec.state().active.step == Step::recovery);
  CHECK(spec.state().superseded.size() == 2);
}

TEST_CASE("constitution: the state names a hundred old versions and counts all") {
  auto spec = founded();
  for (int i = 0; i < 150; ++i) {
    const auto& digest = i % 2 == 0 ? two : one;
    spec.when(Draft{digest, 1, 1, "x"}).when(Amend{digest, spec.state().active.version, "totp", ""});
  }
  CHECK(spec.state().superseded.size() == history_max);
  CHECK(spec.state().amendments == 150);
  CHECK(core::to_json(spec.state()).size() < 64 * 1024);
}

TEST_CASE("constitution: what every kind promises") {
  testkit::check_kind(
      constitution::kind(),
      {.history = testkit::history_of<Event>(
           {Drafted{one, 1, 1, "permit (principal, action, resource);", "system", testkit::story_start, 1},
            Installed{"1.0.0", one, Step::genesis, 1, 1, "", testkit::story_start},
            Drafted{two, 1, 1, "forbid", "olivia", testkit::story_start, 3},
            Amended{"1.1.0", two, Step::tightening, 3, 1, "olivia", "totp", "because", testkit::story_start}})});
}
