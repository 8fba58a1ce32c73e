// Signing in by a browser elsewhere (RFC 8628): shows an address and a code, and asks the node until a person answered.
#pragma once
#include "cli/session.hpp"
#include "core/result.hpp"

#include <string>

namespace nova::cli {

/// What the node answers to who was let in, as a login's. `device` is what the person is shown. Refused:
/// `auth.device_access_denied`, `auth.device_expired_token`.
core::Result<std::string> sign_in_elsewhere(Session& session, const std::string& device);

}  // namespace nova::cli
