#include "actors/membership/membership.hpp"

#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::membership;

namespace {

const core::Timestamp noon = testkit::story_start;

core::EntityKey member(const std::string& user) { return {"clinic", "membership", user}; }
core::Fact as_member(std::string status, const std::string& role) {
  return {true, 4, std::move(status), R"({"status":"active","role":")" + role + "\"}"};
}

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() {
    self(member("amy")).fact({"system", "user", "amy"}, {true, 2, "active", "{}"});
    with("olivia", "owner");
  }
  Spec& with(std::string id, std::string tenant_role) {
    as(std::move(id));
    standing({"", std::move(tenant_role), false});
    return *this;
  }
};

std::vector<Event> active_as(TenantRole role) { return {Invited{role, "olivia", noon}, Accepted{noon}}; }

Spec active(TenantRole role) {
  Spec spec;
  spec.given(active_as(role));
  return spec;
}

}  // namespace

TEST_CASE("membership: who is invited accepts, and nobody else does it for them") {
  Spec spec;
  spec.when(Invite{RoleWord::staff}).then({Invited{TenantRole::staff, "olivia", noon}});
  spec.when(Invite{RoleWord::staff}).then_nothing();
  spec.when(Accept{}).then_refused("access.denied");
  CHECK(spec.refused()->status == 403);
  spec.as("amy", "api_key").when(Accept{}).then_refused("access.denied");
  spec.as("amy").when(Accept{}).then({Accepted{noon}});
  CHECK(summarise(spec.state()).status == "active");
}

TEST_CASE("membership: a member is staff") {
  Spec spec;
  spec.when(Invite{RoleWord::member}).then({Invited{TenantRole::staff, "olivia", noon}});
  CHECK_FALSE(core::from_json<Invite>("{}").ok());  // no invitation to a role that nobody named
  CHECK_FALSE(core::from_json<Invite>(R"({"role":"guest"})").ok());
}

TEST_CASE("membership: only users who can come in are invited") {
  Spec{}.fact({"system", "user", "amy"}, {}).when(Invite{}).then_refused("user.not_found");
  for (const std::string status : {"banned", "suspended", "deactivated"})
    Spec{}.fact({"system", "user", "amy"}, {true, 2, status, "{}"}).when(Invite{}).then_refused("entity.wrong_state");
}

TEST_CASE("membership: every status against every command") {
  struct Row {
    std::vector<Event> given;
    std::string_view state, invite, enrol, accept, change, remove, transfer, receive;
  };
  const std::string_view no = "entity.wrong_state", there = "membership.exists";
  auto removed = active_as(TenantRole::staff);
  removed.push_back(Removed{"left", "amy", noon});
  const Row rows[] = {
      {{}, "absent", "", "", no, no, no, no, no},
      {{Invited{TenantRole::staff, "olivia", noon}}, "invited", there, there, "", "", "", no, no},
      {active_as(TenantRole::staff), "active", there, there, "-", "", "", "membership.rank", ""},
      {removed, "removed", "", "", no, no, "-", no, no},
  };
  const auto check = [](const Row& row, const Command& command, std::string_view expected, bool by_amy = false) {
    Spec spec;
    spec.given(row.given);
    if (by_amy) spec.as("amy");
    spec.when(command);
    if (expected == "-")
      spec.then_nothing();
    else if (!expected.empty())
      spec.then_refused(expected);
    else
      CHECK_FALSE(spec.events().empty());
  };
  for (const auto& row : rows) {
    INFO(row.state);
    Spec spec;
    spec.given(row.given);
    CHECK(summarise(spec.state()).status == row.state);
    check(row, Invite{RoleWord::viewer}, row.invite);
    check(row, Enrol{RoleWord::owner}, row.enrol);
    check(row, Accept{}, row.accept, true);
    check(row, ChangeRole{RoleWord::viewer, ""}, row.change);
    check(row, Remove{"", ""}, row.remove);
    check(row, TransferOwnership{"bob"}, row.transfer);
    check(row, ReceiveOwnership{"bob"}, row.receive);
  }
}

TEST_CASE("membership: who was removed can be invited again, and begins anew") {
  auto spec = active(TenantRole::admin);
  spec.when(Remove{"left", ""}).then_types<Removed>();
  CHECK(spec.state().role == TenantRole::none);
  spec.when(Invite{RoleWord::viewer}).then_types<Invited>();
  CHECK(spec.state().role == TenantRole::viewer);
  CHECK(spec.state().reason.empty());
}

TEST_CASE("membership: nobody grants above the own rank") {
  const RoleWord words[] = {RoleWord::viewer, RoleWord::staff, RoleWord::admin, RoleWord::owner};
  const std::string callers[] = {"", "viewer", "staff", "admin", "owner"};
  for (int rank = 0; rank <= 4; ++rank) {
    for (const auto word : words) {
      const bool may = int(word) + 1 <= rank;
      INFO(callers[rank] << " grants " << core::name_of(word));
      Spec invited, changed;
      invited.with("bob", callers[rank]).when(Invite{word});
      CHECK(invited.refused().has_value() != may);
      if (!may) invited.then_refused("membership.rank");
      changed.given({Invited{TenantRole::none, "olivia", noon}});
      changed.with("bob", callers[rank]).when(ChangeRole{word, ""});
      CHECK(changed.refused().has_value() != may);
      if (!may) changed.then_refused("membership.rank");
    }
  }
  Spec admin;
  admin.with("bob", "admin").when(Invite{RoleWord::owner}).then_refused("membership.rank");
  CHECK(admin.refused()->status == 403);
}

TEST_CASE("membership: nobody changes or removes who stands above them, but anybody may leave") {
  auto spec = active(TenantRole::owner);
  spec.fact(member("olivia"), as_member("active", "owner"));
  spec.with("bob", "admin").when(ChangeRole{RoleWord::staff, "olivia"}).then_refused("membership.rank");
  spec.when(Remove{"", "olivia"}).then_refused("membership.rank");
  auto viewer = active(TenantRole::viewer);
  viewer.with("amy", "viewer").when(Remove{"", ""}).then_types<Removed>();
}

TEST_CASE("membership: the root owner, a sovereign, the operator and the runtime stand above all ranks") {
  Spec{}.as("root").standing({"owner", "", true}).when(Invite{RoleWord::owner}).then_types<Invited>();
  Spec{}.as("sue").standing({"sovereign", "", false}).when(Invite{RoleWord::owner}).then_types<Invited>();
  Spec{}.as("operator", "service").standing({}).when(Invite{RoleWord::owner}).then_types<Invited>();
  Spec{}.as_system().standing({}).when(Invite{RoleWord::owner}).then_types<Invited>();
  Spec{}.as("eve").standing({"enterprise", "", false}).when(Invite{RoleWord::viewer}).then_refused("membership.rank");
}

TEST_CASE("membership: a tenant keeps an owner, whoever asks") {
  for (const bool removes : {false, true}) {
    const auto command = [&](const char* other) -> Command {
      if (removes) return Remove{"", other};
      return ChangeRole{RoleWord::admin, other};
    };
    auto spec = active(TenantRole::owner);
    spec.as("root").standing({"owner", "", true});
    spec.when(command("")).then_refused("membership.last_owner");
    CHECK(spec.refused()->status == 403);
    spec.when(command("olivia")).then_refused("membership.last_owner");
    spec.fact(member("amy"), as_member("active", "owner")).when(command("amy")).then_refused("membership.last_owner");
    for (const auto& fact : {as_member("active", "admin"), as_member("invited", "owner"), as_member("removed", "none")})
      spec.fact(member("olivia"), fact).when(command("olivia")).then_refused("membership.last_owner");
    spec.fact(member("olivia"), as_member("active", "owner")).when(command("olivia"));
    CHECK(spec.events().size() == 1);
  }
  // One who has not accepted yet was never counted on.
  Spec invited;
  invited.given({Invited{TenantRole::owner, "olivia", noon}}).when(Remove{"", ""}).then_types<Removed>();
}

TEST_CASE("membership: the other owner is a strict fact, so that two cannot go at once") {
  const auto needs = [](const char* name, const Command& command, const std::vector<Event>& given) {
    Spec spec;
    spec.given(given);
    const auto& row = kind().commands.at(std::size_t(kind().command_row(name)));
    return std::visit([&](const auto& c) { return row.facts(member("amy"), &spec.state(), &c); }, command);
  };
  const auto owner = active_as(TenantRole::owner), staff = active_as(TenantRole::staff);
  for (const auto& need : {needs("remove", Remove{"", "olivia"}, owner),
                           needs("change_role", ChangeRole{RoleWord::staff, "olivia"}, owner)}) {
    REQUIRE(need.size() == 1);
    CHECK(need[0].key == member("olivia"));
    CHECK(need[0].strict);
  }
  CHECK(needs("remove", Remove{"", ""}, owner).empty());
  CHECK(needs("remove", Remove{"", "amy"}, owner).empty());
  CHECK(needs("remove", Remove{"", "olivia"}, staff).empty());
  CHECK(needs("change_role", ChangeRole{RoleWord::owner, "olivia"}, owner).empty());
}

TEST_CASE("membership: an owner hands over, and is one until the other one is") {
  auto spec = active(TenantRole::owner);
  spec.with("amy", "owner").when(TransferOwnership{"amy"}).then_problem("to");
  spec.when(TransferOwnership{"bob"}).then_refused("membership.not_found");
  spec.fact(member("bob"), as_member("invited", "admin"));
  spec.when(TransferOwnership{"bob"}).then_refused("entity.wrong_state");
  spec.fact(member("bob"), as_member("active", "viewer"));
  spec.when(TransferOwnership{"bob"}).then({TransferAsked{"bob", "amy", "transfer-1"}});
  spec.then_work("command", "send", [](const core::DoAsk& ask) {
    const auto command = core::from_json<core::SendCommand>(ask.payload);
    REQUIRE(command.ok());
    CHECK(command->kind == "membership");
    CHECK(command->id == "bob");
    CHECK(command->name == "receive_ownership");
    CHECK(command->body.text == R"({"from":"amy"})");
  });
  CHECK(spec.state().role == TenantRole::owner);
  spec.when(TransferOwnership{"bob"}).then_nothing();
  spec.when(TransferOwnership{"eve"}).then_refused("membership.transfer_exists");

  const core::Settle done{"transfer-1", core::Outcome::done, "", "", {}};
  auto unmade = spec;
  unmade.as_system().when(done).then_types<TransferFailed>();
  CHECK(unmade.state().role == TenantRole::owner);
  CHECK(summarise(unmade.state()).reason.starts_with("membership.last_owner"));

  spec.fact(member("bob"), as_member("active", "owner")).as_system().when(done);
  spec.then({RoleChanged{TenantRole::owner, TenantRole::admin, "amy", noon}});
  spec.when(done).then_nothing();
}

TEST_CASE("membership: a transfer that the other one refused leaves the owner what they are") {
  auto spec = active(TenantRole::owner);
  spec.fact(member("bob"), as_member("active", "staff")).when(TransferOwnership{"bob"}).then_types<TransferAsked>();
  spec.as_system().when(core::Settle{"transfer-1", core::Outcome::failed, "entity.wrong_state", "gone", {}});
  spec.then({TransferFailed{"bob", "entity.wrong_state", "gone"}});
  CHECK(spec.state().role == TenantRole::owner);
  spec.as("olivia").when(TransferOwnership{"bob"}).then({TransferAsked{"bob", "olivia", "transfer-2"}});
}

TEST_CASE("membership: an admin cannot hand over what is an owner's") {
  auto spec = active(TenantRole::owner);
  spec.fact(member("bob"), as_member("active", "staff"));
  spec.with("eve", "admin").when(TransferOwnership{"bob"}).then_refused("membership.rank");
}

TEST_CASE("membership: what every kind promises") {
  std::vector<Event> story = active_as(TenantRole::owner);
  story.push_back(TransferAsked{"bob", "amy", "transfer-1"});
  story.push_back(TransferFailed{"bob", "entity.wrong_state", "gone"});
  story.push_back(RoleChanged{TenantRole::owner, TenantRole::admin, "olivia", noon});
  story.push_back(Removed{"left", "amy", noon});
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(story)});
}
