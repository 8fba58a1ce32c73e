// The account's statuses and everything that is governed about it; the lock is in lock_test.cpp.
#include "actors/user/user.hpp"

#include "tests/actors/user/people.hpp"
#include "tests/testkit/check_kind.hpp"

using namespace nova;
using namespace nova::user;
using namespace nova::user::people;

TEST_CASE("user: whoever registers waits, holds the email, and speaks Arabic unless told otherwise") {
  Spec spec;
  spec.when(registration()).then_types<Registered>().then_asks([](const core::Asks& asks) {
    REQUIRE(asks.claims.size() == 1);
    CHECK(asks.claims[0].name == "email/" + std::string(amy_key));
    CHECK(asks.claims[0].refusal == "user.email_taken");
  });
  CHECK(summarise(spec.state()).status == "pending");
  CHECK(spec.state().role == "free");
  CHECK(spec.state().account.language == Language::ar);
  CHECK_FALSE(spec.state().email_verified);
  spec.when(registration()).then_nothing();
  auto other = registration();
  other.account.email_key = other_key;
  spec.when(other).then_refused("entity.wrong_state");
}

TEST_CASE("user: whom an outside provider vouches for comes in at once") {
  auto vouched = registration();
  vouched.account.provider = Provider::google;
  vouched.verified = true;
  Spec{}.when(vouched).then_types<Registered, Verified>().then_state([](const State& s) {
    CHECK(s.status == Status::active);
    CHECK(s.email_verified);
  });
}

TEST_CASE("user: an account needs an email, and its texts have limits") {
  auto wrong = registration();
  wrong.account.email.value.clear();
  Spec{}.when(wrong).then_problem("account.email");
  wrong.account.email.value = std::string(255, 'a');
  Spec{}.when(wrong).then_problem("account.email");
  wrong = registration();
  wrong.account.full_name.value = std::string(256, 'a');
  Spec{}.when(wrong).then_problem("account.full_name");
}

TEST_CASE("user: every status against every change of status") {
  struct Row {
    std::vector<Event> given;
    std::string_view state, verify, suspend, ban, reactivate,
        deactivate;  // "" is accepted, "-" already so, else refused
  };
  const std::string_view no = "entity.wrong_state";
  const Row rows[] = {
      {{}, "absent", no, no, no, no, no},
      {{registered}, "pending", "", no, no, no, no},
      {{registered, verified}, "active", "-", "", "", "-", ""},
      {{registered, verified, suspended}, "suspended", no, "-", "", "", no},
      {{registered, verified, banned}, "banned", no, no, "-", "", no},
      {{registered, verified, deactivated}, "deactivated", no, no, no, "", "-"},
  };
  const auto check = [](const Row& row, const Command& command, std::string_view expected) {
    Spec spec;
    spec.given(row.given).standing({"", "", true}).when(command);
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
    check(row, Verify{}, row.verify);
    check(row, Suspend{"abuse"}, row.suspend);
    check(row, Ban{"abuse"}, row.ban);
    check(row, Reactivate{""}, row.reactivate);
    check(row, Deactivate{""}, row.deactivate);
  }
}

TEST_CASE("user: what is governed, against every status") {
  struct Row {
    std::vector<Event> given;
    bool governed, present, login;
  };
  const Row rows[] = {
      {{}, false, false, false},
      {{registered}, true, true, false},
      {{registered, verified}, true, true, true},
      {{registered, verified, suspended}, true, false, false},
      {{registered, verified, banned}, false, false, false},
      {{registered, verified, deactivated}, false, false, false},
  };
  const auto check = [](const Row& row, const Command& command, bool accepted) {
    Spec spec;
    spec.given(row.given).when(command);
    if (accepted)
      CHECK(spec.events().size() == 1);
    else
      spec.then_refused("entity.wrong_state");
  };
  for (const auto& row : rows) {
    Spec spec;
    spec.given(row.given);
    INFO(summarise(spec.state()).status);
    check(row, ChangeRole{"pro", ""}, row.governed);
    check(row, SetPermissions{{"users:read"}}, row.governed);
    check(row, SetOverride{"users:read", Grant::deny, "", {}}, row.governed);
    check(row, UpdateProfile{{}, {}, Language::en}, row.present);
    check(row, SetPassword{second_password}, row.present);
    check(row, NoteLogin{"password", ""}, row.login);
  }
  Spec{}.when(ClearOverride{"users:read", ""}).then_refused("entity.wrong_state");
  Spec{}.given({registered, verified, banned}).when(ClearOverride{"users:read", ""}).then_refused("entity.wrong_state");
}

TEST_CASE("user: nobody is suspended or banned without a reason") {
  for (const std::string reason : {"", "  ", "\n\t"}) {
    auto spec = active();
    spec.when(Suspend{reason}).then_refused("user.reason_required");
    CHECK(spec.refused()->status == 400);
    spec.when(Ban{reason}).then_refused("user.reason_required");
  }
}

TEST_CASE("user: a change of status says what it was before, why and by whom") {
  auto spec = active();
  spec.as("olivia").when(Suspend{"abuse"}).then({Suspended{Status::active, "abuse", "olivia", noon}});
  CHECK(summarise(spec.state()).reason == "abuse");
  spec.when(Ban{"again"}).then({Banned{Status::suspended, "again", "olivia", noon}});
  spec.standing({"", "", true}).when(Reactivate{"heard"}).then({Reactivated{Status::banned, "heard", "olivia", noon}});
  CHECK(summarise(spec.state()).reason.empty());
  CHECK(spec.state().changed_by == "olivia");
}

TEST_CASE("user: a banned one comes back by the owner only, and cannot leave instead") {
  Spec spec;
  spec.given({registered, verified, banned});
  spec.as("amy").standing({"admin", "owner", false}).when(Reactivate{""}).then_refused("auth.owner_required");
  CHECK(spec.refused()->status == 403);
  spec.as(self_id).when(Deactivate{""}).then_refused("entity.wrong_state");
  spec.as("olivia").standing({"owner", "", true}).when(Reactivate{""}).then_types<Reactivated>();
}

TEST_CASE("user: one leaves by oneself or is let go by the owner, and by nobody else") {
  auto spec = active();
  spec.as("amy").standing({"admin", "", false}).when(Deactivate{""}).then_refused("auth.owner_required");
  spec.as(self_id, "api_key").standing({}).when(Deactivate{""}).then_refused("auth.owner_required");
  spec.as(self_id).when(Deactivate{""}).then_types<Deactivated>();
  active().as("olivia").standing({"", "", true}).when(Deactivate{"gone"}).then_types<Deactivated>();
}

TEST_CASE("user: there is one root owner, whom nobody changes, whoever asks") {
  Spec spec;
  spec.as_system().when(EnrolOwner{account(), first_password}).then_types<Registered, Verified, OwnerEnrolled>();
  spec.then_asks([](const core::Asks& asks) {
    REQUIRE(asks.claims.size() == 2);
    CHECK(asks.claims[0].name == "root-owner");
    CHECK(asks.claims[0].refusal == "user.one_owner_only");
  });
  CHECK(spec.state().root_owner);
  CHECK(spec.state().role == "owner");
  CHECK(summarise(spec.state()).status == "active");
  spec.when(EnrolOwner{account(), first_password}).then_nothing();
  active().as_system().when(EnrolOwner{account(), {}}).then_refused("entity.wrong_state");

  const Command attempts[] = {Suspend{""},
                              Suspend{"coup"},
                              Ban{"coup"},
                              Deactivate{""},
                              ChangeRole{"free", ""},
                              SetPermissions{{}},
                              SetOverride{"users:ban", Grant::deny, "", {}},
                              ClearOverride{"users:ban", ""}};
  for (const auto& attempt : attempts) {
    for (const std::string type : {"user", "service", "system", "ai"}) {
      spec.as(self_id, type).standing({"owner", "owner", true}).when(attempt).then_refused("user.root_owner_immutable");
      CHECK(spec.refused()->status == 403);
      CHECK_FALSE(spec.refused()->remedy.empty());
    }
  }
  spec.when(UpdateProfile{{}, {}, Language::en}).then_types<ProfileUpdated>();
}

TEST_CASE("user: roles are those of the platform, its own people's by the owner only, and owner is none to give") {
  auto spec = active();
  spec.as("amy").when(ChangeRole{"root", ""}).then_refused("user.unknown_role");
  spec.when(ChangeRole{"member", ""}).then_refused("user.unknown_role");
  for (const std::string role : {"basic", "pro", "enterprise", "sovereign", "free"})
    spec.when(ChangeRole{role, "paid"}).then_types<RoleChanged>();
  spec.when(ChangeRole{"free", ""}).then_nothing();
  for (const std::string role : {"admin", "finance_admin", "finance_manager", "accountant", "support_agent"}) {
    spec.standing({"admin", "", false}).when(ChangeRole{role, ""}).then_refused("auth.owner_required");
    spec.standing({"", "", true}).when(ChangeRole{role, ""}).then_types<RoleChanged>();
  }
  spec.standing({"admin", "", false}).when(ChangeRole{"free", ""}).then_refused("auth.owner_required");
  spec.standing({"", "", true}).when(ChangeRole{"owner", ""}).then_refused("user.one_owner_only");
  CHECK(spec.refused()->status == 403);
}

TEST_CASE("user: permissions are the 35 known ones, and full access is the owner's alone") {
  auto spec = active();
  spec.when(SetPermissions{{"users:read", "users:fly"}}).then_refused("user.unknown_permission");
  CHECK(spec.refused()->details == std::vector<std::pair<std::string, std::string>>{{"permission", "users:fly"}});
  spec.when(SetPermissions{{"owner:full_access"}}).then_refused("user.one_owner_only");
  spec.as("olivia")
      .when(SetPermissions{{"users:read", "audit:read"}})
      .then({PermissionsSet{{"audit:read", "users:read"}, "olivia", noon}});
  spec.when(SetPermissions{{"audit:read", "users:read"}}).then_nothing();
  std::set<Word> all;
  for (const auto name : core::platform_permissions())
    if (name != core::full_access) all.insert(Word(name));
  spec.when(SetPermissions{all}).then_types<PermissionsSet>();
  CHECK(spec.state().permissions.size() == 34);
  spec.when(SetPermissions{}).then_types<PermissionsSet>();
  CHECK(spec.state().permissions.empty());
}

TEST_CASE("user: an override allows or denies one thing, in one tenant or everywhere, until it expires") {
  auto spec = active();
  const auto tomorrow = noon + std::chrono::hours(24);
  spec.when(SetOverride{"users:fly", Grant::allow, "", {}}).then_refused("user.unknown_permission");
  spec.when(SetOverride{"owner:full_access", Grant::allow, "", {}}).then_refused("user.one_owner_only");
  spec.when(SetOverride{"data.export", Grant::allow, "", {}}).then_problem("tenant");
  spec.when(SetOverride{"audit:read", Grant::allow, "", noon}).then_problem("expires_at");
  const SetOverride until_tomorrow{"data.export", Grant::allow, "clinic", tomorrow};
  spec.when(until_tomorrow).then_types<OverrideSet>().when(until_tomorrow).then_nothing();
  spec.when(SetOverride{"data.export", Grant::deny, "clinic", {}}).then_types<OverrideSet>();
  REQUIRE(spec.state().overrides.size() == 1);
  CHECK(spec.state().overrides[0].grant == Grant::deny);
  spec.when(SetOverride{"data.export", Grant::deny, "bakery", {}}).then_types<OverrideSet>();
  spec.when(ClearOverride{"data.export", ""}).then_nothing();
  spec.when(ClearOverride{"data.export", "clinic"}).then_types<OverrideCleared>();
  REQUIRE(spec.state().overrides.size() == 1);
  CHECK(spec.state().overrides[0].tenant == "bakery");
}

TEST_CASE("user: there are at most 64 overrides, of which the expired do not count") {
  auto spec = active();
  const auto in_tenant = [](int i, std::optional<core::Timestamp> until) {
    return SetOverride{"data.export", Grant::deny, "tenant" + std::to_string(i), until};
  };
  for (int i = 0; i < 64; ++i)
    spec.when(in_tenant(i, i == 0 ? std::optional(noon + std::chrono::hours(1)) : std::nullopt))
        .then_types<OverrideSet>();
  spec.when(in_tenant(64, {})).then_refused("user.overrides_limit");
  spec.when(in_tenant(7, noon + std::chrono::hours(1))).then_types<OverrideSet>();
  spec.after(std::chrono::hours(2)).when(in_tenant(64, {})).then_types<OverrideSet>();
  CHECK(spec.state().overrides.size() == 63);
}

TEST_CASE("user: a profile keeps what is not named, and an empty change is refused") {
  auto spec = active();
  spec.when(UpdateProfile{}).then_refused("input.nothing_to_change");
  spec.when(UpdateProfile{core::Personal{"amy-lee"}, {}, {}}).then_types<ProfileUpdated>();
  CHECK(spec.state().account.username.value == "amy-lee");
  CHECK(spec.state().account.full_name.value == "Amy Lee");
  spec.when(UpdateProfile{core::Personal{"amy-lee"}, {}, {}}).then_nothing();
  spec.when(UpdateProfile{{}, core::Personal{std::string(256, 'x')}, {}}).then_problem("full_name");
}

TEST_CASE("user: a password is a sealed reference, and another one dates the sessions before it") {
  auto spec = active();
  spec.after(std::chrono::hours(1)).when(SetPassword{second_password, true}).then_types<PasswordChanged>();
  CHECK(spec.state().password_at == noon + std::chrono::hours(1));
  spec.when(SetPassword{second_password, true}).then_nothing();
  CHECK(core::to_json(spec.state()).find("\"password\":\"" + second_password.ref + "\"") != std::string::npos);
}

TEST_CASE("user: all sessions are over at a word, those of the stopped too") {
  auto spec = active();
  spec.after(std::chrono::hours(1)).as("olga").when(RevokeSessions{"lost laptop"});
  spec.then({SessionsRevoked{"lost laptop", "olga", noon + std::chrono::hours(1)}});
  CHECK(spec.state().sessions_revoked_at == noon + std::chrono::hours(1));
  CHECK(summarise(spec.state()).reason.empty());
  spec.when(RevokeSessions{}).then_nothing();
  spec.after(std::chrono::milliseconds(1)).when(RevokeSessions{}).then_types<SessionsRevoked>();
  Spec{}.when(RevokeSessions{}).then_refused("entity.wrong_state");
}

TEST_CASE("user: the status alone says who may come in") {
  for (const auto& field : core::type_of<State>()->record().fields) {
    CHECK(field.name != "is_active");
    CHECK(field.name != "active");
    CHECK(field.name != "enabled");
  }
}

TEST_CASE("user: what every kind promises") {
  std::vector<Event> story{registered, verified};
  Spec teller;
  teller.given(story).standing({"", "", true});
  const auto tell = [&](const Command& command) {
    teller.when(command);
    CHECK_FALSE(teller.events().empty());
    for (const auto& event : teller.events()) story.push_back(event);
  };
  tell(ChangeRole{"pro", "paid"});
  tell(SetPermissions{{"users:read"}});
  tell(SetOverride{"data.export", Grant::allow, "clinic", noon + std::chrono::hours(1)});
  tell(ClearOverride{"data.export", "clinic"});
  tell(UpdateProfile{{}, {}, Language::en});
  tell(SetPassword{second_password, true});
  tell(RevokeSessions{"lost laptop"});
  tell(NoteLogin{"password", "p1"});
  for (int i = 0; i < 10; ++i) tell(NoteFailure{"p1"});
  tell(Suspend{"abuse"});
  tell(Ban{"abuse"});
  tell(Reactivate{"heard"});
  tell(Deactivate{"gone"});
  story.push_back(OwnerEnrolled{noon});
  story.push_back(ProviderLinked{Provider::google, other_key, noon});
  testkit::check_kind(
      kind(), {.history = testkit::history_of<Event>(story),
               .acts_again = {"note_failure"},
               .other_events = {"password.changed", "override.set", "override.cleared", "auth.failed", "auth.locked"}});
}
