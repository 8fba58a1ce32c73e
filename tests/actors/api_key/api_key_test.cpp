#include "actors/api_key/api_key.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::api_key;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

const core::Timestamp noon = testkit::story_start;
const core::KeyedHash first{std::string(64, 'a')}, second{std::string(64, 'b')}, third{std::string(64, 'c')};

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"clinic", "api_key", "00000000-0000-7000-8000-00000000000a"}); }
};

Mark mark(const core::KeyedHash& hash) { return {"nova_", "w9Xk", hash}; }

Create create(std::optional<core::Timestamp> expires_at = {}) {
  return {"Billing robot", "amy", mark(first), {"billing.read", "projects.read"}, RateTier::standard, {},
          expires_at,      {},    {}};
}

const Event created = Created{
    "Billing robot", "amy", mark(first), {"billing.read", "projects.read"}, RateTier::standard, {}, noon + life_default,
    "amy",           noon,  {}};
const Event suspended = Suspended{"leak?", "amy", noon};

}  // namespace

TEST_CASE("api key: it begins with the limits of the standard tier and opens by its hash alone") {
  Spec spec;
  spec.as("amy").when(create()).then({created});
  CHECK(spec.asks().claims.empty());
  CHECK(spec.asks().works.empty());
  CHECK(std::int64_t(spec.state().limits.per_minute) == 60);
  CHECK(std::int64_t(spec.state().limits.per_hour) == 1000);
  CHECK(std::int64_t(spec.state().limits.per_day) == 10000);
  CHECK(opens(spec.state(), first, noon));
  CHECK_FALSE(opens(spec.state(), second, noon));
  CHECK_FALSE(opens(spec.state(), "", noon));
  spec.when(create()).then_nothing();
  auto other = create();
  other.mark = mark(second);
  spec.when(other).then_refused("entity.wrong_state");
}

TEST_CASE("api key: its scopes are of the 23, and it has at least one") {
  auto wrong = create();
  wrong.scopes = {"billing.read", "billing.fly"};
  Spec spec;
  spec.when(wrong).then_refused("api_key.unknown_scope");
  CHECK(spec.refused()->status == 400);
  CHECK(spec.refused()->details == std::vector<std::pair<std::string, std::string>>{{"scope", "billing.fly"}});
  wrong.scopes.clear();
  spec.when(wrong).then_problem("scopes");
  for (const auto scope : core::api_scopes()) wrong.scopes.insert(Scope(scope));
  spec.when(wrong).then_types<Created>();
  CHECK(spec.state().scopes.size() == 23);
}

TEST_CASE("api key: every status against every command") {
  struct Row {
    std::vector<Event> given;
    std::string_view state, suspend, activate, revoke, rotate, note_used;  // "" accepted, "-" already so, else refused
  };
  const std::string_view no = "entity.wrong_state";
  const Row rows[] = {
      {{}, "absent", no, no, no, no, no},
      {{created}, "active", "", "-", "", "", ""},
      {{created, suspended}, "suspended", "-", "", "", no, ""},
      {{created, Revoked{"leak", "amy", noon}}, "revoked", no, no, "-", no, ""},
      {{created, Expired{noon}}, "expired", no, no, no, no, ""},
  };
  const auto check = [](const Row& row, const Command& command, std::string_view expected) {
    Spec spec;
    spec.given(row.given).when(command);
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
    CHECK(opens(spec.state(), first, noon) == (row.state == "active"));
    check(row, Suspend{"leak?"}, row.suspend);
    check(row, Activate{}, row.activate);
    check(row, Revoke{"leak"}, row.revoke);
    check(row, Rotate{mark(second)}, row.rotate);
    check(row, NoteUsed{3, "p1"}, row.note_used);
  }
}

TEST_CASE("api key: after a rotation the secret before opens for a day, and the one before that not at all") {
  Spec spec;
  spec.given({created})
      .as("amy")
      .when(Rotate{mark(second)})
      .then({Rotated{mark(second), noon + hours(24), "amy", noon}});
  const auto last_moment = noon + hours(24) + std::chrono::milliseconds(-1);
  CHECK(opens(spec.state(), second, last_moment));
  CHECK(opens(spec.state(), first, last_moment));
  CHECK_FALSE(opens(spec.state(), first, noon + hours(24)));
  CHECK(opens(spec.state(), second, noon + hours(24)));
  spec.when(Rotate{mark(second)}).then_nothing();
  spec.after(hours(1)).when(Rotate{mark(third)}).then_types<Rotated>();
  CHECK_FALSE(opens(spec.state(), first, noon + hours(1)));
  CHECK(opens(spec.state(), second, noon + hours(1)));
  spec.when(Revoke{"leak"});
  for (const auto& hash : {first, second, third}) CHECK_FALSE(opens(spec.state(), hash, noon + hours(1)));
}

TEST_CASE("api key: it ends at its time, by the clock at once and by its timer in the log") {
  const auto end = noon + hours(48);
  Spec spec;
  spec.when(create(noon)).then_problem("expires_at");
  spec.when(create(end)).then_types<Created>();
  REQUIRE(spec.asks().timers.size() == 1);
  CHECK(spec.asks().timers[0].id == "expiry");
  CHECK(spec.asks().timers[0].at == end);
  spec.when(core::Fire{"expiry"}).then_nothing();  // a clock that went back
  CHECK(opens(spec.state(), first, end + std::chrono::milliseconds(-1)));
  CHECK_FALSE(opens(spec.state(), first, end));
  spec.at(end).when(Rotate{mark(second)}).then_refused("api_key.expired");
  CHECK(spec.refused()->status == 410);
  spec.when(core::Fire{"expiry"}).then({Expired{end}}).when(core::Fire{"expiry"}).then_nothing();
  CHECK(summarise(spec.state()).status == "expired");
}

TEST_CASE("api key: each has an end, and a year is the most") {
  CHECK(life_default == hours(90 * 24));
  Spec spec;
  spec.when(create()).then_types<Created>();
  CHECK(spec.state().expires_at == noon + life_default);
  REQUIRE(spec.asks().timers.size() == 1);
  CHECK(spec.asks().timers[0].at == noon + life_default);
  CHECK_FALSE(opens(spec.state(), first, noon + life_default));
  spec.after(hours(24)).when(Rotate{mark(second)}).then_types<Rotated>();
  CHECK(spec.state().expires_at == noon + life_default);  // another secret lengthens nothing
  Spec longest;
  longest.when(create(noon + life_max + std::chrono::milliseconds(1))).then_problem("expires_at");
  longest.when(create(noon + life_max)).then_types<Created>();
  // One that was made without an end before there was a rule keeps it.
  Spec old;
  auto endless = std::get<Created>(created);
  endless.expires_at.reset();
  old.given({endless});
  CHECK(opens(old.state(), first, noon + life_max + life_max));
}

TEST_CASE("api key: it holds one of its tenant's places until it is over") {
  const auto claims = [](const core::Asks& asks) {
    std::string text;
    for (const auto& claim : asks.claims) text += claim.name + (claim.release ? " back" : " " + claim.refusal) + ";";
    return text;
  };
  auto with_place = create();
  with_place.place = Place(7);
  for (const bool expires : {false, true}) {
    Spec spec;
    spec.when(with_place).then_types<Created>();
    CHECK(claims(spec.asks()) == "api_key/clinic/7 api_key.place_taken;");
    spec.when(Suspend{"leak?"});
    CHECK(claims(spec.asks()).empty());
    spec.when(Activate{});
    if (expires)
      spec.after(life_default).when(core::Fire{"expiry"}).then_types<Expired>();
    else
      spec.when(Revoke{"leak"}).then_types<Revoked>();
    CHECK(claims(spec.asks()) == "api_key/clinic/7 back;");
    CHECK_FALSE(spec.state().place);
    spec.when(Revoke{"leak"});
    CHECK(claims(spec.asks()).empty());
  }
  Spec without;
  without.when(create()).when(Revoke{"leak"});
  CHECK(claims(without.asks()).empty());
}

TEST_CASE("api key: one that was suspended when its time came does not come back") {
  const auto end = noon + hours(48);
  Spec spec;
  spec.when(create(end)).when(Suspend{"leak?"}).at(end).when(core::Fire{"expiry"}).then_nothing();
  spec.when(Activate{}).then_refused("api_key.expired");
  spec.when(Revoke{"leak"}).then_types<Revoked>();
}

TEST_CASE("api key: revoking says why and stops the timer") {
  Spec spec;
  spec.when(create(noon + hours(48))).as("amy").when(Revoke{"leak"}).then({Revoked{"leak", "amy", noon}});
  REQUIRE(spec.asks().timers.size() == 1);
  CHECK_FALSE(spec.asks().timers[0].at.has_value());
  CHECK(summarise(spec.state()).reason == "leak");
  CHECK_FALSE(core::from_json<Revoke>(R"({"reason":""})").ok());
}

TEST_CASE("api key: uses are summed up and noted once a minute") {
  Spec spec;
  spec.given({created}).when(NoteUsed{3, "p1"}).then({Used{3, "p1", noon}});
  spec.after(std::chrono::seconds(59)).when(NoteUsed{40, "p2"}).then_nothing();
  spec.after(std::chrono::seconds(1)).when(NoteUsed{41, "p2"}).then_types<Used>();
  CHECK(spec.state().uses == 44);
  CHECK(spec.state().last_used_from == "p2");
  CHECK(spec.state().last_used_at == noon + minutes(1));
}

TEST_CASE("api key: nothing that it holds or says could be its secret") {
  const auto holds_secret = [](const core::Record& record) {
    for (const auto& field : record.fields)
      if (field.type->tag == core::Tag::secret || field.name == "secret") return true;
    return false;
  };
  CHECK_FALSE(holds_secret(core::type_of<State>()->record()));
  for (const auto& row : kind().commands) CHECK_FALSE(holds_secret(row.type->record()));
  for (const auto& row : kind().events) CHECK_FALSE(holds_secret(row.type->record()));
}

TEST_CASE("api key: what every kind promises") {
  testkit::check_kind(
      kind(), {.history = testkit::history_of<Event>(
                   {created, suspended, Activated{"amy", noon}, Rotated{mark(second), noon + hours(24), "amy", noon},
                    Used{3, "p1", noon}, Revoked{"leak", "amy", noon}, Expired{noon}})});
}

TEST_CASE("api key: how often it may ask follows from its tier and its limits") {
  const auto of = [](RateTier tier, Limits limits = {}) {
    State state;
    state.rate_tier = tier;
    state.limits = limits;
    const auto may = allowed(state);
    return std::vector<std::uint32_t>{may.per_minute, may.per_hour, may.per_day};
  };
  CHECK(of(RateTier::standard) == std::vector<std::uint32_t>{60, 1000, 10'000});
  CHECK(of(RateTier::premium) == std::vector<std::uint32_t>{600, 10'000, 100'000});
  CHECK(of(RateTier::unlimited) == std::vector<std::uint32_t>{0, 0, 0});
  CHECK(of(RateTier::premium, {Count(1), Count(2), Count(1'000'000'000)}) ==
        std::vector<std::uint32_t>{10, 20, UINT32_MAX});
}
