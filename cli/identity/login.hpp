// What `novactl login` keeps: one person's session at one node, in a file that only its owner may read.
#pragma once
#include "cli/net/client.hpp"
#include "cli/net/private_file.hpp"
#include "core/result.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace nova::cli {

struct Login {
  std::string server;  ///< its tokens are for this address and are sent to no other
  std::string email;   ///< as typed, for people
  std::string user, session;
  std::string access_token;   ///< good for minutes
  std::string refresh_token;  ///< good once; showing one twice ends the session
};

/// Where the session of a context, or of a server that is in no context, is kept: beside the configuration file, in a
/// folder named after it.
std::filesystem::path login_path(const std::filesystem::path& config, const std::string& context,
                                 const std::string& server);

/// None: nobody is signed in there, or at another address. Errors: those of `read_private`, `login.damaged`.
core::Result<std::optional<Login>> read_login(const std::filesystem::path& path, const std::string& server);
core::Status write_login(const std::filesystem::path& path, const Login& login);
core::Status remove_login(const std::filesystem::path& path);

/// Held by whoever reads the file in order to write it.
core::Result<FileLock> lock_login(const std::filesystem::path& path);

/// What the node answered to a login or a refresh. `login.bad_answer`.
core::Result<Login> login_of(std::string_view answer, const Login& before);

/// The access token that holds now, in place of the one that the node refused: what another novactl fetched meanwhile,
/// or a new pair for the refresh token, which is written before it is used. One process at a time, since a refresh
/// token is good once. `options` say how to reach the node; their token is not used.
core::Result<std::string> renewed_token(const std::filesystem::path& path, const ClientOptions& options,
                                        const std::string& refused);

}  // namespace nova::cli
