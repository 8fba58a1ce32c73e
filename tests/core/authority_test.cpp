#include "core/authority/authority.hpp"
#include "core/authority/workspace.hpp"

#include "core/json.hpp"
#include "tests/testkit/catch.hpp"

#include <fstream>
#include <set>
#include <sstream>

using namespace nova;
using core::TenantRole;

namespace {

std::string shipped() {
  std::ifstream in(std::string(NOVA_SOURCE_DIR) + "/config/permissions.json");
  std::stringstream text;
  text << in.rdbuf();
  REQUIRE(core::json_valid(text.str()));
  return text.str();
}

std::vector<std::string> list_at(const std::string& document, const std::string& path) {
  std::vector<std::string> words;
  const auto count = core::json_keys(document, path).size();
  for (std::size_t i = 0; i < count; ++i)
    words.push_back(core::json_text(document, path + "[" + std::to_string(i) + "]").value_or("?"));
  return words;
}

std::vector<std::string> words(const std::vector<std::string_view>& all) { return {all.begin(), all.end()}; }

}  // namespace

TEST_CASE("authority: the compiled words are those of the shipped data") {
  const auto data = shipped();
  CHECK(list_at(data, "platform_roles") == words(names_of(static_cast<const core::PlatformRole*>(nullptr))));
  CHECK(list_at(data, "platform_permissions") == words(core::platform_permissions()));
  CHECK(list_at(data, "api_scopes") == words(core::api_scopes()));
  CHECK(core::platform_permissions().size() == 35);
  CHECK(core::api_scopes().size() == 23);
  for (int i = 0; i < 4; ++i) {
    const auto row = "tenant_roles[" + std::to_string(i) + "]";
    const auto role = core::tenant_role(core::json_text(data, row + ".code").value_or(""));
    CHECK(core::rank_of(role) == core::json_int(data, row + ".rank").value_or(-1));
  }
}

TEST_CASE("authority: the 16 permissions of a sovereign workspace, and which of its roles hold them") {
  using core::WorkspaceRole;
  CHECK(list_at(shipped(), "sovereign_workspace_permissions") == words(core::workspace_permissions()));
  CHECK(core::workspace_permissions().size() == 16);
  const auto held = [](WorkspaceRole role) {
    std::set<std::string_view> all;
    for (const auto permission : core::workspace_permissions())
      if (core::grants(role, permission)) all.insert(permission);
    return all;
  };
  CHECK(held(WorkspaceRole::ROOT_OWNER).size() == 16);
  CHECK(held(WorkspaceRole::SOVEREIGN_ADMIN).size() == 16);
  CHECK(held(WorkspaceRole::SOVEREIGN_OPERATOR) ==
        std::set<std::string_view>{"workspace.view", "platform.view", "platform.create", "platform.edit",
                                   "platform.deploy", "platform.rollback", "staff.view", "settings.view"});
  CHECK(held(WorkspaceRole::AUDITOR) == std::set<std::string_view>{"workspace.view", "platform.view", "staff.view",
                                                                   "audit.view", "audit.export", "settings.view"});
  CHECK_FALSE(core::grants(WorkspaceRole::ROOT_OWNER, "workspace.fly"));
}

TEST_CASE("authority: the matrix of 14 capabilities and 4 roles is that of the shipped data") {
  const auto data = shipped();
  const auto& capabilities = core::tenant_capabilities();
  REQUIRE(capabilities.size() == 14);
  REQUIRE(core::json_keys(data, "tenant_capability_matrix.capabilities").size() == 14);
  int allowed = 0;
  for (std::size_t i = 0; i < capabilities.size(); ++i) {
    const auto row = "tenant_capability_matrix.capabilities[" + std::to_string(i) + "]";
    INFO(row);
    CHECK(core::json_text(data, row + ".code") == std::string(capabilities[i]));
    const auto roles = list_at(data, row + ".allow");
    const std::set<std::string> may(roles.begin(), roles.end());
    for (const std::string role : {"owner", "admin", "staff", "viewer"}) {
      INFO(role);
      CHECK(core::allows(capabilities[i], core::tenant_role(role)) == may.contains(role));
      allowed += int(may.contains(role));
    }
    CHECK_FALSE(core::allows(capabilities[i], TenantRole::none));
  }
  CHECK(allowed == 32);
  CHECK_FALSE(core::allows("data.export", TenantRole::viewer));
  CHECK_FALSE(core::allows("no.such", TenantRole::owner));
}

TEST_CASE("authority: a member is staff, and an unknown word is no role") {
  CHECK(core::tenant_role("member") == TenantRole::staff);
  CHECK(core::tenant_role("Owner") == TenantRole::none);
  CHECK(core::tenant_role("") == TenantRole::none);
  CHECK(core::platform_role("sovereign") == core::PlatformRole::sovereign);
  CHECK_FALSE(core::platform_role("root").has_value());
}

TEST_CASE("authority: whom a rule on ranks puts above all tenant roles") {
  core::Context context;
  context.principal = {"amy", "user"};
  CHECK(core::caller_rank(context) == 0);
  context.caller.tenant_role = "admin";
  CHECK(core::caller_rank(context) == 3);
  context.caller.platform_role = "enterprise";
  CHECK(core::caller_rank(context) == 3);
  context.caller.platform_role = "sovereign";
  CHECK(core::caller_rank(context) > 4);
  CHECK_FALSE(core::is_owner_level(context));
  context.caller = {"free", "", true};
  CHECK(core::is_owner_level(context));
  context.caller = {};
  for (const std::string type : {"service", "system"}) {
    context.principal.type = type;
    CHECK(core::is_owner_level(context));
    CHECK(core::caller_rank(context) > 4);
  }
  for (const std::string type : {"user", "api_key", "anonymous", "ai", "platform"}) {
    context.principal.type = type;
    CHECK_FALSE(core::is_owner_level(context));
  }
}
