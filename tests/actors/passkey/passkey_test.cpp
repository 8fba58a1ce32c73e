#include "actors/passkey/passkey.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

#include <algorithm>

using namespace nova;
using namespace nova::passkey;
using std::chrono::minutes;

namespace {

const core::Timestamp noon = testkit::story_start;
const core::KeyedHash hash{std::string(64, 'c')};
const core::EntityKey second_key{"system", "passkey", "two"};

Credential credential(bool may_leave = false) { return {"aWQ", "a2V5", -7, std::string(32, '0'), may_leave}; }
Enrol enrol(bool of_owner = false, std::int64_t count = 5) {
  return {"amy", of_owner, "laptop", hash, credential(), count, false};
}

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"system", "passkey", "one"}).as_system(); }
};

Spec active(bool of_owner = false, std::int64_t count = 5) {
  Spec spec;
  spec.when(enrol(of_owner, count));
  return spec;
}

core::Fact passkey_of(const std::string& user, const std::string& status) {
  return {true, 2, status, R"({"user":")" + user + R"("})"};
}

}  // namespace

TEST_CASE("passkey: a credential is registered once, by one user") {
  auto spec = active();
  REQUIRE(spec.asks().claims.size() == 1);
  CHECK(spec.asks().claims[0].name == "passkey/" + std::string(hash));
  CHECK(spec.asks().claims[0].refusal == "passkey.exists");
  CHECK(summarise(spec.state()).parent == "user/amy");
  spec.when(enrol()).then_refused("entity.wrong_state");
}

TEST_CASE("passkey: its counter grows, or does not count at all") {
  auto spec = active();
  spec.when(Use{6, true}).then({Used{6, true, noon}});
  CHECK(spec.state().backed_up);
  spec.when(Use{6, true}).then_refused("auth.mfa_failed");
  CHECK(spec.refused()->status == 401);
  spec.when(Use{0, true}).then_refused("auth.mfa_failed");
  spec.when(Use{7, true}).then_types<Used>();
  auto uncounted = active(false, 0);
  uncounted.when(Use{0, false}).then_types<Used>();
  uncounted.when(Use{0, false}).then_types<Used>();
  uncounted.when(Use{1, false}).then_types<Used>();
  uncounted.when(Use{0, false}).then_refused("auth.mfa_failed");
}

TEST_CASE("passkey: a counter that went back is an alarm, once an hour") {
  auto spec = active();
  spec.when(Alarm{6}).then_nothing();
  spec.when(Alarm{5}).then({Alarmed{5, 5, noon}});
  spec.when(Alarm{4}).then_nothing();
  spec.after(minutes(60)).when(Alarm{4}).then_types<Alarmed>();
}

TEST_CASE("passkey: it is renamed and removed, and its credential is free then") {
  auto spec = active();
  spec.as("amy").when(Rename{"laptop"}).then_nothing();
  spec.when(Rename{"old laptop"}).then({Renamed{"old laptop", noon}});
  spec.when(Remove{"sold", ""}).then({Removed{"sold", "amy", noon}});
  REQUIRE(spec.asks().claims.size() == 1);
  CHECK(spec.asks().claims[0].release);
  spec.when(Remove{"sold", ""}).then_nothing();
  spec.as_system().when(Use{9, false}).then_refused("entity.wrong_state");
  spec.as("amy").when(Rename{"x"}).then_refused("entity.wrong_state");
}

TEST_CASE("passkey: the owner's never leaves its device") {
  Spec spec;
  auto leaving = enrol(true);
  leaving.credential = credential(true);
  spec.when(leaving).then_refused("passkey.not_hardware");
  CHECK(spec.refused()->status == 403);
  leaving.of_owner = false;
  spec.when(leaving).then_types<Enrolled>();
}

TEST_CASE("passkey: the owner keeps one, and nobody else takes it away") {
  auto spec = active(true);
  spec.as("amy").standing({"owner", "", true});
  spec.when(Remove{"", ""}).then_refused("passkey.last_of_owner");
  CHECK(spec.refused()->status == 403);
  spec.when(Remove{"", "one"}).then_refused("passkey.last_of_owner");
  spec.when(Remove{"", "two"}).then_refused("passkey.last_of_owner");
  spec.fact(second_key, passkey_of("amy", "removed")).when(Remove{"", "two"}).then_refused("passkey.last_of_owner");
  spec.fact(second_key, passkey_of("ben", "active")).when(Remove{"", "two"}).then_refused("passkey.last_of_owner");
  spec.fact(second_key, passkey_of("amy", "active"));
  spec.as("ben").standing({"admin", "", false}).when(Remove{"", "two"}).then_refused("user.root_owner_immutable");
  CHECK_FALSE(spec.refused()->remedy.empty());
  spec.as("amy").standing({"owner", "", true}).when(Remove{"", "two"}).then_types<Removed>();
}

TEST_CASE("passkey: who holds the node's own token helps an owner who lost every key") {
  auto spec = active(true);
  spec.as("operator", "service").when(Remove{"lost", ""}).then_types<Removed>();
}

TEST_CASE("passkey: the one that is left is a strict fact") {
  const auto& row = *std::find_if(kind().commands.begin(), kind().commands.end(),
                                  [](const auto& command) { return command.name == "remove"; });
  const Remove remove{"", "two"};
  const auto needs = row.facts({"system", "passkey", "one"}, &active(true).state(), &remove);
  REQUIRE(needs.size() == 1);
  CHECK(needs[0].key == second_key);
  CHECK(needs[0].strict);
  CHECK(row.facts({"system", "passkey", "one"}, &active(false).state(), &remove).empty());
}

TEST_CASE("passkey: what every kind promises") {
  testkit::check_kind(kind(),
                      {.history = testkit::history_of<Event>(
                           {Enrolled{"amy", false, "laptop", hash, credential(), 5, false, noon}, Used{6, true, noon},
                            Alarmed{6, 6, noon}, Renamed{"old", noon}, Removed{"sold", "amy", noon}}),
                       .acts_again = {"use"}});
}
