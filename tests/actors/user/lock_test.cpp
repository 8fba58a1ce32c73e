// Ten failed logins in a row lock an account for fifteen minutes (S23).
#include "tests/actors/user/people.hpp"

using namespace nova;
using namespace nova::user;
using namespace nova::user::people;

namespace {

void fail(Spec& spec, int times) {
  for (int i = 0; i < times; ++i) spec.when(NoteFailure{"p1"}).then_types<LoginFailed>();
}

}  // namespace

TEST_CASE("lock: the tenth failure in a row locks for fifteen minutes") {
  auto spec = active();
  fail(spec, 9);
  CHECK_FALSE(is_locked(spec.state(), noon));
  spec.when(NoteFailure{"p1"}).then({LoginFailed{10, "p1", noon}, Locked{noon + std::chrono::minutes(15)}});
  CHECK(is_locked(spec.state(), noon));
  CHECK(is_locked(spec.state(), noon + std::chrono::minutes(15) + std::chrono::milliseconds(-1)));
  CHECK_FALSE(is_locked(spec.state(), noon + std::chrono::minutes(15)));
  CHECK(summarise(spec.state()).status == "active");
}

TEST_CASE("lock: while it holds, guesses write nothing and the right password does not help") {
  auto spec = active();
  fail(spec, 9);
  spec.when(NoteFailure{"p1"});
  spec.after(std::chrono::minutes(14)).when(NoteFailure{"p1"}).then_nothing();
  spec.when(NoteLogin{"password", "p2"}).then_refused("auth.locked");
  CHECK(spec.refused()->status == 403);
  spec.after(std::chrono::minutes(1)).when(NoteLogin{"password", "p2"}).then_types<LoggedIn>();
}

TEST_CASE("lock: after it ends the count begins anew") {
  auto spec = active();
  fail(spec, 9);
  spec.when(NoteFailure{"p1"}).after(std::chrono::minutes(15));
  fail(spec, 9);
  spec.when(NoteFailure{"p1"}).then_types<LoginFailed, Locked>();
}

TEST_CASE("lock: a success forgets what failed before") {
  auto spec = active();
  fail(spec, 9);
  spec.when(NoteLogin{"password", "p2"}).then({LoggedIn{"password", "p2", noon}});
  CHECK(spec.state().failed_logins == 0);
  fail(spec, 9);
  CHECK_FALSE(is_locked(spec.state(), noon));
}

TEST_CASE("lock: guesses at somebody who cannot come in anyway fill no log") {
  for (const auto& status : {suspended, banned, deactivated}) {
    Spec spec;
    spec.given({registered, verified, status}).when(NoteFailure{"p1"}).then_nothing();
  }
  Spec{}.when(NoteFailure{"p1"}).then_refused("entity.wrong_state");
}

TEST_CASE("lock: trying and failing is no intent of people") {
  for (const std::string name : {"auth.failed", "auth.locked", "user.logged_in"})
    CHECK(kind().events.at(std::size_t(kind().event_row(name))).observation);
}
