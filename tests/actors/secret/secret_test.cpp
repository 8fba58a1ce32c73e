#include "actors/secret/secret.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::secret;

namespace {

const core::Timestamp noon = testkit::story_start;

core::Secret sealed(int version) { return {{}, "secret://clinic/secret/db/value@" + std::to_string(version)}; }

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() {
    self({"clinic", "secret", "db"});
    as("amy");
  }
};

Create create(int version = 1) { return {sealed(version), "Database", "prod/db", Type::password}; }
const Event created = Created{sealed(1), 1, "Database", "prod/db", Type::password, "amy", noon};
Event rotated(int version, int dropped = 0) {
  return Rotated{sealed(version), std::uint64_t(version), std::uint64_t(dropped), "amy", noon};
}
core::Settle settle(const std::string& work, core::Outcome outcome = core::Outcome::done) {
  core::Settle made;
  made.work_id = work;
  made.outcome = outcome;
  if (outcome != core::Outcome::done) made.code = "vault.sealed", made.message = "no key";
  return made;
}
std::vector<std::uint64_t> numbers(const State& s) {
  std::vector<std::uint64_t> all;
  for (const auto& version : s.versions) all.push_back(version.number);
  return all;
}

}  // namespace

TEST_CASE("secret: it is made once, under a path that is its own in the tenant") {
  Spec spec;
  spec.when(create()).then({created});
  REQUIRE(spec.asks().claims.size() == 1);
  CHECK(spec.asks().claims[0].name == "secret-path/clinic/prod/db");
  CHECK(spec.asks().claims[0].refusal == "secret.path_taken");
  spec.when(create()).then_nothing();
  spec.when(create(2)).then_refused("entity.wrong_state");
  Spec plain;
  plain.when(Create{sealed(1), {}, {}, Type::generic}).then_types<Created>();
  CHECK(plain.state().path == "db");
  for (const char* path : {"a b", "a@b", "ü", "a:b"})
    Spec().when(Create{sealed(1), {}, path, Type::generic}).then_problem("path");
}

TEST_CASE("secret: a value is what was sealed for it, and no reference to anything else") {
  for (const char* reference : {"secret://clinic/secret/db2/value@1", "secret://system/identity/signing@1",
                                "secret://clinic/secret/db/other@1", "secret://clinic/secret/db/value@x", ""}) {
    Spec().when(Create{{{}, reference}, {}, {}, Type::generic}).then_problem("value");
    Spec().given({created}).when(Rotate{{{}, reference}}).then_problem("value");
  }
  Spec().given({created, rotated(2), rotated(3)}).when(Rotate{sealed(2)}).then_problem("value");
}

TEST_CASE("secret: the last five versions before the current one stay, and the sixth drops the oldest") {
  Spec spec;
  spec.given({created});
  for (int i = 2; i <= 6; ++i) spec.when(Rotate{sealed(i)}).then({rotated(i)}).then_no_asks();
  spec.when(Rotate{sealed(6)}).then_nothing();
  CHECK(numbers(spec.state()) == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6});
  // 7 was sealed for a command that was refused.
  spec.when(Rotate{sealed(8)}).then({rotated(8, 1)});
  CHECK(numbers(spec.state()) == std::vector<std::uint64_t>{2, 3, 4, 5, 6, 8});
  CHECK(spec.state().version == 8);
  REQUIRE(spec.asks().works.size() == 1);
  const auto& work = spec.asks().works[0];
  CHECK(work.id == "erase-1");
  CHECK(work.driver == "vault");
  CHECK(core::json_text(work.payload, "path") == "clinic/secret/db/value");
  CHECK(core::json_text(work.payload, "version") == "1");
  spec.as_system().when(settle("erase-1")).then({Erased{1, noon}});
  CHECK(spec.state().erasures.empty());
  spec.when(settle("erase-1")).then_nothing();
  spec.when(settle("erase-2")).then_nothing();
}

TEST_CASE("secret: an earlier version is destroyed alone, the current one only with the whole") {
  Spec spec;
  spec.given({created, rotated(2)});
  spec.when(DestroyVersion{2}).then_refused("secret.version_current");
  spec.when(DestroyVersion{3}).then_refused("secret.version_gone");
  CHECK(spec.refused()->status == 410);
  spec.when(DestroyVersion{1}).then({VersionDestroyed{1, "amy", noon}});
  CHECK(spec.asks().works.at(0).id == "erase-1");
  CHECK(numbers(spec.state()) == std::vector<std::uint64_t>{2});
  spec.when(DestroyVersion{1}).then_nothing();
  spec.as_system().when(settle("erase-1")).then({Erased{1, noon}});
  spec.as("amy").when(DestroyVersion{1}).then_refused("secret.version_gone");
}

TEST_CASE("secret: destroyed, it has no versions, its path is free, and the vault is asked to erase all") {
  Spec spec;
  spec.given({created, rotated(2)});
  spec.when(Destroy{"leaked"}).then({Destroyed{"leaked", "amy", noon}});
  REQUIRE(spec.asks().works.size() == 1);
  CHECK(spec.asks().works[0].id == "erase-all");
  CHECK(core::json_text(spec.asks().works[0].payload, "version") == "0");
  REQUIRE(spec.asks().claims.size() == 1);
  CHECK(spec.asks().claims[0].release);
  CHECK(spec.state().versions.empty());
  spec.when(Destroy{"leaked"}).then_nothing();
  spec.when(Rotate{sealed(3)}).then_refused("entity.wrong_state");
  spec.when(create(3)).then_refused("entity.wrong_state");
  // A vault that does not is a visible fact, until it did.
  spec.as_system().when(settle("erase-all", core::Outcome::failed)).then_types<EraseFailed>();
  CHECK(summarise(spec.state()).reason == "a destroyed value is still in the vault: no key");
  spec.when(settle("erase-all", core::Outcome::failed)).then_nothing();
  spec.when(settle("erase-all")).then({Erased{0, noon}});
  CHECK(summarise(spec.state()).reason == "leaked");
}

TEST_CASE("secret: it is its owner's, the tenant's owners' and the platform's, and no admin's") {
  const std::vector<Command> commands = {Rotate{sealed(3)}, DestroyVersion{1}, Destroy{"x"}};
  const std::vector<Event> story = {created, rotated(2)};
  for (const auto& command : commands) {
    for (const char* role : {"admin", "staff", "viewer", ""})
      Spec().given(story).as("bob").standing({"free", role, false}).when(command).then_refused("access.denied");
    Spec().given(story).as("clinic/key-1", "api_key").when(command).then_refused("access.denied");
    for (const auto& standing : {core::Caller{"free", "owner", false}, core::Caller{"owner", "", false},
                                 core::Caller{"sovereign", "", false}, core::Caller{"free", "", true}})
      CHECK_FALSE(Spec().given(story).as("bob").standing(standing).when(command).refused());
    CHECK_FALSE(Spec().given(story).as("operator", "service").when(command).refused());
    CHECK_FALSE(Spec().given(story).as("amy").standing({"free", "admin", false}).when(command).refused());
  }
}

TEST_CASE("secret: more than sixteen that wait to be erased stop further ones") {
  Spec spec;
  spec.given({created});
  for (int i = 2; i <= 17; ++i) {
    spec.when(Rotate{sealed(i)}).then_types<Rotated>();
    spec.when(DestroyVersion{i - 1}).then_types<VersionDestroyed>();
  }
  CHECK(spec.state().erasures.size() == erasures_max);
  spec.when(Rotate{sealed(18)}).then_refused("secret.erasing");
  spec.when(Destroy{"all at once"}).then_types<Destroyed>();
}

TEST_CASE("secret: it is not destroyed while something uses it") {
  Spec spec;
  spec.given({created}).as_system();
  spec.when(Attach{"external_ai/claude"}).then({Attached{"external_ai/claude", noon}});
  spec.when(Attach{"external_ai/claude"}).then_nothing();
  spec.as("amy").when(Destroy{"leaked"}).then_refused("secret.in_use");
  CHECK(spec.refused()->status == 409);
  spec.when(Rotate{sealed(2)}).then_types<Rotated>();
  spec.as_system().when(Detach{"external_ai/claude"}).then({Detached{"external_ai/claude", noon}});
  spec.when(Detach{"external_ai/claude"}).then_nothing();
  spec.as("amy").when(Destroy{"leaked"}).then_types<Destroyed>();
  spec.as_system().when(Attach{"external_ai/other"}).then_refused("secret.not_found");
}

TEST_CASE("secret: what every kind promises") {
  testkit::check_kind(secret::kind(),
                      {.history = testkit::history_of<Event>(
                           {created, rotated(2), VersionDestroyed{1, "amy", noon}, Erased{1, noon}, rotated(3, 2),
                            EraseFailed{2, "vault.sealed", "no key", noon}, Attached{"external_ai/claude", noon},
                            Detached{"external_ai/claude", noon}, Destroyed{"leaked", "amy", noon}})});
}
