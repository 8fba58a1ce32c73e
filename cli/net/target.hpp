// Which node novactl talks to, as whom, and where each of these came from.
#pragma once
#include "core/result.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace nova::cli {

/// What the command line said; empty: not said.
struct Wishes {
  std::string server, token_file, context, tenant, config_file;
};

/// A value and its origin in words: "flag --server", "environment NOVA_SERVER", "context `prod`", "discovered in ...".
struct Setting {
  std::string value;
  std::string origin;
};

struct Target {
  Setting server;                    ///< http(s)://host[:port], no path, no trailing slash
  Setting token;                     ///< the token itself; never printed
  Setting tenant;                    ///< empty: none chosen
  std::filesystem::path login_file;  ///< where the session of who signs in there is kept
  bool signed_in = false;            ///< the token is that session's
};

/// One named node in the configuration file.
struct Named {
  std::string server, token, token_file, tenant;
};

/// The configuration file: only its owner may read it, since it can hold tokens.
struct Contexts {
  std::string current;
  std::map<std::string, Named> named;
};

/// NOVACTL_CONFIG, else $XDG_CONFIG_HOME/novactl/config.yaml, else ~/.config/novactl/config.yaml.
std::filesystem::path config_path(const Wishes& wishes);
/// No file is no contexts. Errors: `config.readable_by_others`, `config.invalid` with the place.
core::Result<Contexts> read_contexts(const std::filesystem::path& path);
core::Status write_contexts(const std::filesystem::path& path, const Contexts& contexts);

/// The state folder of the development node in this folder or one above it; empty when there is none.
std::filesystem::path development_state();

/// Flag before environment before context before discovery (var/operator.token in the folder or one above it). Of the
/// token: a file named by flag or environment, before the session of who signed in there, before the context's token,
/// before the discovered one, which is only used for a node on this machine.
core::Result<Target> resolve_target(const Wishes& wishes);

bool is_loopback(std::string_view server);
/// The address checked and normalised. Errors: `config.bad_server`.
core::Result<std::string> check_server(std::string server);
/// A token from its file: one line, at most 4 KiB, readable by its owner only.
core::Result<std::string> read_token(const std::filesystem::path& path);

}  // namespace nova::cli
