// What the platform's own people may do by their role alone (S21). The documents name the roles and the permissions and
// not which belongs to which: this table is ours.
#pragma once
#include "core/authority/authority.hpp"

#include <string_view>

namespace nova::core {

/// False for subscribers: a tier gives quotas, not rights. `owner` holds every permission but `owner:full_access`,
/// which is the root owner's.
bool grants(PlatformRole role, std::string_view permission);

}  // namespace nova::core
