// What the verbs about people, sessions and keys share.
#pragma once
#include "cli/session.hpp"
#include "core/result.hpp"

#include <string>

namespace nova::cli {

/// Accounts and sessions live in the runtime's own tenant.
inline constexpr const char* people_tenant = "system";

std::string user_path(const std::string& id);

/// The id of an account by its address or its id; "me" is who calls. `user.not_found`.
core::Result<std::string> user_id(Session& session, const std::string& word);

/// The chosen tenant, or the only one of who calls. `cli.no_tenant`.
core::Result<std::string> tenant_of(Session& session);

/// Sends a command and says what became of `what`, for example "user amy@example.org".
core::Result<int> order(Session& session, const std::string& path, const Json& body, const std::string& what,
                        const std::string& done);

/// A moment from "90d", counted from now, or from an RFC 3339 time. `cli.bad_time`.
core::Result<std::string> moment_of(const std::string& text);

}  // namespace nova::cli
