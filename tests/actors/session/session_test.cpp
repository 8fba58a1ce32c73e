#include "actors/session/session.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::session;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

const core::Timestamp noon = testkit::story_start;
const core::KeyedHash family{std::string(64, 'f')};
const core::EntityKey user_key{"system", "user", "amy"};

core::KeyedHash token(int number) { return std::string(62, 'a') + std::to_string(number + 10); }
Start start() { return {"amy", Method::password, "Firefox on Linux", "p1", family, token(1)}; }
Refresh refresh(int shown, int next) { return {family, token(shown), token(next), "p1"}; }

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"system", "session", "one"}).fact(user_key, {true, 3, "active", "{}"}); }
};

Spec active() {
  Spec spec;
  spec.as("amy").when(start());
  return spec;
}

void check_timer(const core::Asks& asks, std::optional<core::Timestamp> at) {
  REQUIRE(asks.timers.size() == 1);
  CHECK(asks.timers[0].id == "end");
  CHECK(asks.timers[0].at == at);
}

}  // namespace

TEST_CASE("session: it starts for an active user only") {
  Spec spec;
  spec.when(start()).then_types<Started>();
  check_timer(spec.asks(), noon + hours(7 * 24));
  CHECK(summarise(spec.state()).status == "active");
  CHECK(summarise(spec.state()).parent == "user/amy");
  CHECK(spec.state().expires_at == noon + hours(30 * 24));
  spec.when(start()).then_nothing();
  auto other = start();
  other.token_hash = token(2);
  spec.when(other).then_refused("entity.wrong_state");

  for (const std::string status : {"pending", "suspended", "banned", "deactivated"}) {
    Spec stranger;
    stranger.fact(user_key, {true, 3, status, "{}"}).when(start()).then_refused("entity.wrong_state");
  }
  Spec nobody;
  nobody.fact(user_key, {}).when(start()).then_refused("user.not_found");
}

TEST_CASE("session: every status against every command") {
  const Event started = Started{"amy", Method::password, "d", "p1", family, token(1), noon, noon + hours(720)};
  struct Row {
    std::vector<Event> given;
    std::string_view state, refresh, touch, end, revoke;  // "" is accepted, "-" already so, else the refusal
  };
  const std::string_view no = "entity.wrong_state";
  const Row rows[] = {
      {{}, "absent", no, no, no, no},
      {{started}, "active", "", "", "", ""},
      {{started, Ended{"amy", noon}}, "ended", no, no, "-", no},
      {{started, Revoked{"theft", "amy", noon}}, "revoked", no, no, no, "-"},
      {{started, Expired{"idle", noon}}, "expired", no, no, no, no},
  };
  const auto check = [](const Row& row, const Command& command, std::string_view expected) {
    Spec spec;
    spec.given(row.given).after(minutes(2)).when(command);
    if (expected == "-")
      spec.then_nothing();
    else if (!expected.empty())
      spec.then_refused(expected);
    else
      CHECK(spec.events().size() == 1);
  };
  for (const auto& row : rows) {
    INFO(row.state);
    Spec spec;
    spec.given(row.given);
    CHECK(summarise(spec.state()).status == row.state);
    check(row, refresh(1, 2), row.refresh);
    check(row, Touch{"p1"}, row.touch);
    check(row, End{}, row.end);
    check(row, Revoke{"theft"}, row.revoke);
    if (row.state != "absent")
      check(
          row,
          [] {
            auto s = start();
            s.token_hash = token(9);
            return s;
          }(),
          no);
  }
}

TEST_CASE("session: each refresh token is good once, and gives the next") {
  auto spec = active();
  spec.when(refresh(1, 2)).then({Refreshed{2, token(2), "p1", noon}});
  spec.when(refresh(2, 3)).then({Refreshed{3, token(3), "p1", noon}});
  CHECK(spec.state().generation == 3);
  spec.when(refresh(3, 3)).then_problem("next_hash");
}

TEST_CASE("session: an older token come again ends the family and is refused, however old it is") {
  for (const int shown : {1, 2, 8}) {
    auto spec = active();
    for (int i = 1; i < 9; ++i) spec.when(refresh(i, i + 1)).then_types<Refreshed>();
    spec.when(refresh(shown, 50)).then_recorded<Revoked>("session.revoked");
    CHECK(spec.refused()->status == 410);
    CHECK(spec.state().reason == "reuse");
    CHECK(summarise(spec.state()).status == "revoked");
    check_timer(spec.asks(), std::nullopt);
    spec.when(refresh(9, 51)).then_refused("entity.wrong_state");  // the newest is worth nothing either
  }
}

TEST_CASE("session: who does not know the family's secret cannot end it") {
  auto spec = active();
  auto forged = refresh(1, 2);
  forged.family_hash = token(7);
  spec.when(forged).then_refused("auth.bad_credentials");
  CHECK(spec.refused()->status == 401);
  spec.when(refresh(1, 2)).then_types<Refreshed>();
}

TEST_CASE("session: activity counts once a minute") {
  auto spec = active();
  spec.after(std::chrono::seconds(59)).when(Touch{"p2"}).then_nothing();
  spec.after(std::chrono::seconds(1)).when(Touch{"p2"}).then_types<Touched>().when(Touch{"p2"}).then_nothing();
  CHECK(spec.state().place == "p2");
  CHECK(spec.state().activities == 1);
  spec.then_no_asks();
}

TEST_CASE("session: a week without activity ends it, activity moves that end") {
  auto idle = active();
  idle.after(hours(7 * 24)).when(core::Fire{"end"}).then({Expired{"idle", noon + hours(7 * 24)}});
  CHECK(summarise(idle.state()).reason == "idle");

  auto busy = active();
  busy.after(hours(6 * 24)).when(Touch{"p1"}).then_types<Touched>();
  busy.after(hours(24)).when(core::Fire{"end"}).then_nothing();
  check_timer(busy.asks(), noon + hours(13 * 24));
  busy.after(hours(6 * 24)).when(core::Fire{"end"}).then_types<Expired>();
  busy.when(core::Fire{"end"}).then_nothing();
}

TEST_CASE("session: after thirty days it ends however busy it is") {
  auto spec = active();
  for (int day = 1; day < 30; ++day) spec.after(hours(24)).when(Touch{"p1"}).then_types<Touched>();
  spec.when(core::Fire{"end"}).then_nothing();
  check_timer(spec.asks(), noon + hours(30 * 24));
  spec.after(hours(24)).when(core::Fire{"end"}).then({Expired{"absolute", noon + hours(30 * 24)}});
}

TEST_CASE("session: a token shown after the end but before the timer is refused, and the end recorded") {
  auto spec = active();
  spec.after(hours(7 * 24)).when(Touch{"p1"}).then_nothing();
  spec.when(refresh(1, 2)).then_recorded<Expired>("session.expired");
  CHECK(summarise(spec.state()).status == "expired");
}

TEST_CASE("session: signing out and revoking stop its timer") {
  auto spec = active();
  spec.when(End{}).then({Ended{"amy", noon}});
  check_timer(spec.asks(), std::nullopt);
  auto other = active();
  other.as("olivia").when(Revoke{"suspended"}).then({Revoked{"suspended", "olivia", noon}});
  check_timer(other.asks(), std::nullopt);
}

TEST_CASE("session: what every kind promises") {
  const Event started = Started{"amy", Method::password, "Firefox", "p1", family, token(1), noon, noon + hours(720)};
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(
                                   {started, Refreshed{2, token(2), "p1", noon}, Touched{"p2", noon + minutes(1)},
                                    Ended{"amy", noon}, Revoked{"reuse", "amy", noon}, Expired{"idle", noon}}),
                               .acts_again = {"refresh"}});
}
