#include "core/authority/workspace.hpp"

#include <algorithm>

namespace nova::core {

const std::vector<std::string_view>& names_of(const WorkspaceRole*) {
  static const std::vector<std::string_view> names = {"ROOT_OWNER", "SOVEREIGN_ADMIN", "SOVEREIGN_OPERATOR", "AUDITOR"};
  return names;
}

const std::vector<std::string_view>& workspace_permissions() {
  static const std::vector<std::string_view> all = {
      "workspace.view",  "workspace.manage",  "platform.view", "platform.create", "platform.edit", "platform.delete",
      "platform.deploy", "platform.rollback", "staff.view",    "staff.invite",    "staff.manage",  "staff.remove",
      "audit.view",      "audit.export",      "settings.view", "settings.manage"};
  return all;
}

bool is_workspace_permission(std::string_view name) {
  const auto& all = workspace_permissions();
  return std::find(all.begin(), all.end(), name) != all.end();
}

bool grants(WorkspaceRole role, std::string_view permission) {
  if (!is_workspace_permission(permission)) return false;
  const bool views = permission.ends_with(".view");
  switch (role) {
    case WorkspaceRole::ROOT_OWNER:
    case WorkspaceRole::SOVEREIGN_ADMIN:
      return true;
    case WorkspaceRole::SOVEREIGN_OPERATOR:
      return (views && permission != "audit.view") ||
             (permission.starts_with("platform.") && permission != "platform.delete");
    case WorkspaceRole::AUDITOR:
      return views || permission == "audit.export";
  }
  return false;
}

}  // namespace nova::core
