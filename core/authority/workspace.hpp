// The roles and permissions of a sovereign workspace (S21): who runs the installation beside its root owner. The
// documents name the four roles in a sentence each and the sixteen permissions, and not which belongs to which: this
// table is ours.
#pragma once
#include "core/describe/describe.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace nova::core {

enum class WorkspaceRole : std::uint8_t { ROOT_OWNER, SOVEREIGN_ADMIN, SOVEREIGN_OPERATOR, AUDITOR };
const std::vector<std::string_view>& names_of(const WorkspaceRole*);

/// The 16, in the documents' order: "workspace.view" ... "settings.manage".
const std::vector<std::string_view>& workspace_permissions();
bool is_workspace_permission(std::string_view name);

/// An admin may all that the root owner may but delete the workspace, for which there is no permission at all; an
/// operator makes, changes, deploys and rolls back platforms; an auditor reads and exports. False for what is no
/// permission. Any thread.
bool grants(WorkspaceRole role, std::string_view permission);

}  // namespace nova::core
