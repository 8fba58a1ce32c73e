// Outside providers of identities, as the configuration names them.
#pragma once
#include "node/config/config.hpp"

#include <string>
#include <vector>

namespace nova::node {

/// What a provider's preset says where its own entry is silent.
struct OidcDefaults {
  std::string title, issuer;
  std::vector<std::string> scopes;
};
OidcDefaults defaults_of(OidcPreset preset);

/// What the types cannot say of them.
void check_oidc(const OidcPart& oidc, std::vector<core::Problem>& problems);

}  // namespace nova::node
