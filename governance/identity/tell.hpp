// Sends commands to entities on behalf of the identity service.
#pragma once
#include "governance/identity/identity.hpp"

namespace nova::identity {

/// Any thread; answers once, on a thread that must not be blocked.
void tell(const Parts& parts, core::EntityKey to, std::string name, std::string body, core::Principal as,
          host::Host::Done done);

}  // namespace nova::identity
