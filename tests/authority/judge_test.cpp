// Who may do what, as a table (S21, S22): the roles of a tenant, the platform's own people, overrides, keys.
#include "core/authority/access.hpp"
#include "tests/authority/people.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace nova;
using namespace nova::test;
namespace may = core::access;

namespace {

const std::vector<std::string> everybody = {"root",          "t-owner",       "t-admin",  "t-staff",
                                            "t-viewer",      "stranger",      "invited",  "admin",
                                            "finance_admin", "support_agent", "sovereign"};

std::set<std::string> admitted(const authority::Book& book, const core::Access& wanted) {
  std::set<std::string> who;
  for (const auto& user : everybody)
    if (ask(book, user, wanted).allow) who.insert(user);
  return who;
}

}  // namespace

TEST_CASE("each sort of work admits its roles and nobody else") {
  authority::Book book;
  settle(book);
  using Who = std::set<std::string>;
  CHECK(admitted(book, may::reading) == Who{"root", "t-owner", "t-admin", "t-staff", "t-viewer", "admin"});
  CHECK(admitted(book, may::operating) == Who{"root", "admin"});
  CHECK(admitted(book, may::building) == Who{"root", "t-owner", "t-admin", "t-staff"});
  CHECK(admitted(book, may::deploying) == Who{"root", "t-owner", "t-admin", "t-staff"});
  CHECK(admitted(book, may::connecting) == Who{"root", "t-owner", "t-admin"});
  CHECK(admitted(book, may::securing) == Who{"root", "t-owner", "t-admin"});
  CHECK(admitted(book, {}) == Who{"root"});
  CHECK(admitted(book, {.anyone = true}).size() == everybody.size());
}

TEST_CASE("what is one's own is one's own, also without any role") {
  authority::Book book;
  settle(book);
  const core::Access own{.own = true};
  CHECK(ask(book, "stranger", own, "system", "stranger").allow);
  CHECK_FALSE(ask(book, "stranger", own, "system", "t-owner").allow);
  CHECK_FALSE(ask(book, "stranger", own, "system", "").allow);
}

TEST_CASE("an override beats the role, and deny beats allow") {
  authority::Book book;
  settle(book);
  auto viewer = person();
  viewer.overrides = {{"app.deploy", true, "clinic", {}}};
  book.put_user("t-viewer", viewer, 2);
  CHECK(ask(book, "t-viewer", may::deploying).rule == "override.allow");
  CHECK_FALSE(ask(book, "t-viewer", may::deploying, "bakery").allow);
  viewer.overrides.push_back({"app.deploy", false, "", {}});
  book.put_user("t-viewer", viewer, 3);
  CHECK(ask(book, "t-viewer", may::deploying).rule == "override.deny");

  auto admin = person();
  admin.overrides = {{"app.deploy", false, "clinic", {}}};
  book.put_user("t-admin", admin, 2);
  CHECK_FALSE(ask(book, "t-admin", may::deploying).allow);
  admin.overrides[0].expires_at = noon;
  book.put_user("t-admin", admin, 3);
  CHECK(ask(book, "t-admin", may::deploying).rule == "tenant_role.admin");
}

TEST_CASE("a key may do what its scopes and its creator may, both, now") {
  authority::Book book;
  settle(book);
  book.put_key(key_of("t-staff", {"platform.write", "settings.write"}), 1);
  CHECK(ask(book, "clinic/t-staff-key", may::deploying).allow);
  CHECK(ask(book, "clinic/t-staff-key", may::deleting).missing == "platform.delete");
  CHECK(ask(book, "clinic/t-staff-key", may::connecting).rule == "key.creator");
  CHECK(ask(book, "clinic/t-staff-key", may::deploying, "bakery").rule == "key.other_tenant");
  CHECK_FALSE(ask(book, "clinic/t-staff-key", {.own = true}, "system", "t-staff").allow);

  book.put_membership("clinic", "t-staff", {"viewer", "active"}, 2);
  CHECK_FALSE(ask(book, "clinic/t-staff-key", may::deploying).allow);
  book.put_membership("clinic", "t-staff", {"staff", "active"}, 3);
  book.put_user("t-staff", person("free", "suspended"), 2);
  CHECK_FALSE(ask(book, "clinic/t-staff-key", may::deploying).allow);
}

TEST_CASE("a key of the root owner still needs its scope") {
  authority::Book book;
  settle(book);
  book.put_key(key_of("root", {"platform.read"}), 1);
  CHECK(ask(book, "clinic/root-key", may::reading).allow);
  CHECK_FALSE(ask(book, "clinic/root-key", may::deploying).allow);
  CHECK_FALSE(ask(book, "clinic/root-key", {}).allow);
}

TEST_CASE("who may not act at all is told so, whatever they ask") {
  authority::Book book;
  settle(book);
  const std::map<std::string, std::string> codes = {{"pending", "user.not_verified"},
                                                    {"suspended", "user.suspended"},
                                                    {"banned", "user.banned"},
                                                    {"deactivated", "user.deactivated"}};
  std::uint64_t version = 1;
  for (const auto& [status, code] : codes) {
    book.put_user("t-owner", person("free", status), ++version);
    const auto may = authority::may_act(book, {"t-owner", "user"}, noon);
    REQUIRE_FALSE(may);
    CHECK(may.error().code == code);
    CHECK(may.error().status == 403);
  }
  CHECK(authority::may_act(book, {"nobody", "user"}, noon).error().status == 401);
  auto key = key_of("t-admin", {});
  std::uint64_t turns = 0;
  const auto with_status = [&](const char* now) {
    key.status = now;
    book.put_key(key, ++turns);
    return authority::may_act(book, {"clinic/t-admin-key", "api_key"}, noon);
  };
  CHECK(with_status("active"));
  CHECK(with_status("suspended").error().status == 403);
  CHECK(with_status("revoked").error().status == 401);
  CHECK(with_status("expired").error().status == 401);
  key.expires_at = noon;
  CHECK(with_status("active").error().status == 401);
}

TEST_CASE("a stranger does not see a tenant, nor does who is only invited") {
  authority::Book book;
  settle(book);
  std::set<std::string> sees;
  for (const auto& user : everybody)
    if (authority::sees_tenant(book, {user, "user"}, "clinic", noon)) sees.insert(user);
  CHECK(sees == std::set<std::string>{"root", "t-owner", "t-admin", "t-staff", "t-viewer", "admin"});
}

TEST_CASE("an AI agent acts while it and its layer do, within its key's scopes, and stands for nobody") {
  authority::Book book;
  settle(book);
  auto key = key_of("root", {"platform.read"});
  key.agent = "writer";
  book.put_key(key, 1);
  const core::Principal ai{"clinic/root-key", "ai"};
  const auto told = [&] {
    const auto may = authority::may_act(book, ai, noon);
    return may ? std::string() : may.error().code;
  };
  CHECK(told() == "ai.agent_inactive");
  book.put_agent("writer", {"pending", "helpers"}, 1);
  CHECK(told() == "ai.agent_inactive");
  book.put_agent("writer", {"active", "helpers"}, 2);
  CHECK(told() == "ai.layer_inactive");
  book.put_layer("helpers", {"active"}, 1);
  CHECK(told().empty());
  for (const auto& [status, code] : {std::pair{"suspended", "ai.layer_inactive"},
                                     {"disabled", "ai.layer_inactive"},
                                     {"deleted", "ai.layer_inactive"},
                                     {"emergency_stopped", "ai.layer_stopped"}}) {
    static std::uint64_t version = 1;
    book.put_layer("helpers", {status}, ++version);
    CHECK(told() == code);
    book.put_layer("helpers", {"active"}, ++version);
  }
  CHECK(told().empty());
  // The owner made its key, and still it is not of the owner's level.
  const auto caller = authority::caller_of(book, ai, "clinic");
  CHECK_FALSE(caller.root_owner);
  CHECK(caller.platform_role.empty());
  CHECK(caller.tenant_role.empty());
  CHECK(authority::judge(book, {ai, may::reading, "clinic", {}, noon}).allow);
  CHECK_FALSE(authority::judge(book, {ai, may::building, "clinic", {}, noon}).allow);
  CHECK_FALSE(authority::judge(book, {ai, may::reading, "bakery", {}, noon}).allow);
  CHECK_FALSE(authority::judge(book, {ai, {}, "clinic", {}, noon}).allow);
  // What a key is does not follow from what its bearer says to be.
  CHECK_FALSE(authority::may_act(book, {"clinic/root-key", "api_key"}, noon));
}

TEST_CASE("a second factor is demanded of roles, of the root owner under the name of owner, and of people alone") {
  authority::Book book;
  settle(book);
  const auto passes = [&](const std::string& user, const authority::FactorRoles& roles, const char* type = "user") {
    return authority::factor_there(book, roles, {user, type}).ok();
  };
  const authority::FactorRoles usual = {"owner", "admin"};
  for (const char* who : {"root", "admin"}) {
    INFO(who);
    CHECK_FALSE(passes(who, usual));
    CHECK(passes(who, {}));
    const auto told = authority::factor_there(book, usual, {who, "user"});
    CHECK(told.error().code == "auth.factor_required");
    CHECK(told.error().status == 403);
    book.put_factor(who, {"verified", {}, 0, {}}, 1);
    CHECK(passes(who, usual));
  }
  for (const char* who : {"t-owner", "sovereign", "finance_admin", "stranger", "nobody"}) CHECK(passes(who, usual));
  CHECK_FALSE(passes("finance_admin", {"finance_admin"}));
  CHECK(passes("operator", usual, "service"));
  CHECK(passes("clinic/key", usual, "api_key"));
}
