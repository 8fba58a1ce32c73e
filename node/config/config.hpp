// The configuration of a node: what config/novad.yaml explains. Precedence: file < environment < flag.
#pragma once
#include "core/describe/describe.hpp"
#include "core/result.hpp"
#include "governance/credentials/webauthn/webauthn.hpp"
#include "governance/limits/address.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nova::node {

using std::chrono::milliseconds;

enum class StoreKind : std::uint8_t { sqlite, postgres, memory };
inline const std::vector<std::string_view>& names_of(const StoreKind*) {
  static const std::vector<std::string_view> names = {"sqlite", "postgres", "memory"};
  return names;
}
enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };
inline const std::vector<std::string_view>& names_of(const LogLevel*) {
  static const std::vector<std::string_view> names = {"trace", "debug", "info", "warn", "error"};
  return names;
}
enum class LogFormat : std::uint8_t { console, json };
inline const std::vector<std::string_view>& names_of(const LogFormat*) {
  static const std::vector<std::string_view> names = {"console", "json"};
  return names;
}

struct NodePart {
  core::Name name = "local";
  core::Text<1, 1024> state_dir = "/var/lib/webnova";
};
struct ListenPart {
  core::Text<1, 255> address = "127.0.0.1:7480";
  core::Text<0, 1024> tls_cert, tls_key;
  std::vector<core::Text<1, 255>> names;
  std::vector<core::Text<1, 64>> trusted_proxies;
  limits::ForwardedBy forwarded_header = limits::ForwardedBy::x_forwarded_for;
  core::Text<0, 255> public_url;
  bool console = true;
};
struct StorePart {
  StoreKind kind = StoreKind::sqlite;
  core::Text<1, 1024> path = "nova.db";
  core::Text<0, 1024> url, password_file;
  core::Bounded<1, 64> connections{4};
  milliseconds lease{10000};
  core::Bounded<100, 10'000'000> cache_entities{10000};
};
struct LogPart {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::console;
  core::Text<0, 1024> file;
};
struct SigninPart {
  core::Text<0, 253> rp_id;
  std::vector<core::Text<1, 255>> origins;
  std::vector<core::Text<1, 64>> second_factor_for{"owner", "admin"};
};
struct LimitsPart {
  core::Text<1, 16> body_bytes = "1MiB";
  core::Bounded<1, 100000> connections{1024};
  core::Bounded<1, 100000> requests_in_flight{256};
  bool rates = true;
};
struct ProcessPart {
  core::Text<3, 16> port_range = "20000-29999";
  core::Bounded<1, 64> starts_per_tenant{2};
};
struct EdgePart {
  bool enabled = true;
  core::Text<1, 1024> haproxy = "/usr/sbin/haproxy";
};
struct GovernancePart {
  core::Text<0, 1024> gates_file;
  milliseconds outcome_due{600000};
};
struct OperatorPart {
  std::vector<core::Name> tenants;
  std::vector<core::Name> environments;
};
struct HttpPart {
  std::vector<core::Text<1, 64>> allow_private;
  core::Text<0, 1024> ca_file;
};
enum class MailTls : std::uint8_t { starttls, tls, none };
inline const std::vector<std::string_view>& names_of(const MailTls*) {
  static const std::vector<std::string_view> names = {"starttls", "tls", "none"};
  return names;
}
struct MailPart {
  core::Text<0, 255> server;
  MailTls tls = MailTls::starttls;
  core::Text<0, 1024> ca_file;
  core::Text<0, 255> username;
  core::Text<0, 1024> password_file;
  core::Text<0, 254> from;
  milliseconds timeout{30000};
};
enum class OidcPreset : std::uint8_t { none, google, github, microsoft };
inline const std::vector<std::string_view>& names_of(const OidcPreset*) {
  static const std::vector<std::string_view> names = {"none", "google", "github", "microsoft"};
  return names;
}
struct OidcProvider {
  core::Name name;
  OidcPreset preset = OidcPreset::none;
  core::Label title;
  core::Text<0, 512> issuer;
  core::Text<1, 255> client_id;
  core::Text<0, 1024> client_secret_file;
  core::Text<0, 512> client_secret;  ///< a reference into the vault, never the secret
  std::vector<core::Text<1, 64>> scopes;
};
struct OidcPart {
  std::vector<OidcProvider> providers;
  core::Text<0, 1024> ca_file;
  std::vector<core::Text<1, 64>> allow_private;
};
struct ShutdownPart {
  milliseconds drain{20000};
};

struct Config {
  NodePart node;
  ListenPart listen;
  SigninPart signin;
  StorePart store;
  LogPart log;
  LimitsPart limits;
  ProcessPart process;
  EdgePart edge;
  GovernancePart governance;
  OperatorPart operator_;
  HttpPart http;
  MailPart mail;
  OidcPart oidc;
  ShutdownPart shutdown;
};
const core::Record& describe(const Config*);

/// A configuration with where each value came from: "default", "file config/novad.yaml:12", "environment
/// NOVA_STORE_PATH", "flag --listen".
struct Loaded {
  Config config;
  std::map<std::string, std::string> origins;  ///< by path: "store.path"
};

/// Values by path from outside the file; `origin` names the variable or flag for errors.
struct Override {
  std::string path;
  std::string value;
  std::string origin;
};

/// Reads `file` ("" = defaults only), then the overrides in order. The error names every wrong key by file, line and
/// path, or by the variable or flag that brought it; unknown NOVA_ variables that look like keys are errors too.
core::Result<Loaded> load_config(const std::string& file, const std::vector<Override>& overrides);

/// NOVA_<PATH> for each key that is set in `environment` ("NAME=value" lines).
core::Result<std::vector<Override>> from_environment(const std::vector<std::string>& environment);

/// What the types cannot say: a certificate without a key, an open bind without TLS, port ranges that end before they
/// begin.
std::vector<core::Problem> check(const Config& config);

/// Keys whose values differ, in order of path.
std::vector<std::string> changed_keys(const Config& before, const Config& after);
/// True for keys that a running node takes over on SIGHUP; all others need a restart.
bool is_reloadable(std::string_view key);

/// "64KiB", "1MiB", "2GiB" or plain bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);

struct PortRange {
  std::uint16_t first = 0, last = 0;
};
std::optional<PortRange> parse_port_range(std::string_view text);

struct Address {
  std::string host;
  std::uint16_t port = 0;
  bool loopback = false;
};
/// "127.0.0.1:7480", "[::1]:7480", "localhost:0".
std::optional<Address> parse_address(std::string_view text);

/// Whether an address of PostgreSQL holds one: configuration and command lines are shown, and a password is not for
/// that.
bool holds_password(const std::string& url);

/// Of `listen.trusted_proxies`, which `check` has found right.
limits::Proxies proxies_of(const ListenPart& listen);

/// Of `http.allow_private`, which `check` has found right.
std::vector<limits::Block> allowed_of(const HttpPart& http);
/// The domain that passkeys are for, and the addresses at which browsers reach the sign-in page: as configured, else by
/// the first of `listen.names`, else localhost. `port` is the one that was bound.
credentials::RelyingParty relying_party_of(const Config& config, std::uint16_t port);

/// A path below the state directory unless it is absolute.
std::string in_state_dir(const Config& config, const std::string& path);

}  // namespace nova::node
