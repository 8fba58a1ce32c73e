// What every verb works with: the terminal, the wishes of the command line, and one node.
#pragma once
#include "cli/net/client.hpp"
#include "cli/net/target.hpp"
#include "cli/text/table.hpp"
#include "core/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::cli {

using Json = nlohmann::ordered_json;

/// Streams and what they are connected to; tests hand in their own.
struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  int in_file = -1;  ///< of `in` when it is a terminal: what is typed there can be hidden
};

enum class Format : std::uint8_t { table, json, yaml };

inline bool is_format(std::string_view name) { return name == "table" || name == "json" || name == "yaml"; }

/// The options that every verb understands.
struct Globals {
  Wishes wishes;
  std::string format = "table";
  std::string idempotency_key;
  bool dry_run = false;
  bool yes = false;
  bool no_color = false;
  bool allow_plain_http = false;
  std::string request_timeout = "30s";
};

struct CommandInfo {
  std::string name, doc;
  bool destructive = false;
};

/// A kind as the node describes it.
struct KindInfo {
  std::string name, plural;
  std::vector<std::string> short_names;
  std::vector<CommandInfo> commands;

  bool answers_to(std::string_view word) const;
  const CommandInfo* command(std::string_view word) const;
};

struct Address {
  std::string tenant;
  KindInfo kind;
  std::string id;

  std::string path() const;  ///< "/v1/tenants/clinic/deployments/clinic-development"
  std::string text() const;  ///< "deployment `clinic-development` of tenant `clinic`"
};

class Session {
 public:
  Session(Globals globals, Terminal& terminal);

  Terminal& terminal() { return terminal_; }
  const Globals& globals() const { return globals_; }
  Format format() const;
  const Paint& paint() const { return paint_; }

  /// Resolved at first use, so that verbs without a node need no configuration.
  core::Result<const Target*> target();
  core::Result<Client*> client();
  core::Result<std::string> tenant_or(std::string fallback);

  core::Result<Json> get(const std::string& path);
  /// Without a token, with secrets in the body: for who comes to sign in. The body of the answer, as it came.
  core::Result<std::string> sign_in(const std::string& path, const Json& body);
  /// A mutation with its idempotency key; `dry_run` of the command line is put into the query.
  core::Result<Json> mutate(const std::string& path, const Json& body,
                            std::vector<std::pair<std::string, std::string>> headers = {});

  core::Result<std::vector<KindInfo>> kinds();
  /// By name, plural or short name. `cli.unknown_kind` suggests the nearest.
  core::Result<KindInfo> kind(std::string_view word);
  /// "deployment/x", or kind and id apart. Where no tenant is chosen, the id is looked for in all of them.
  core::Result<Address> address(std::string_view kind, std::string_view id);
  core::Result<Address> address(std::string_view kind_and_id);

  /// All items of a list, following its cursors up to `limit`; `next` is set when there are more.
  struct Listing;
  core::Result<Listing> list(const KindInfo& kind, const std::string& tenant, const std::string& query,
                             std::size_t limit);

  /// Prints in the chosen format; in tables, `text` is printed instead.
  void print(const Json& value, const std::string& text);
  void note(const std::string& line);  ///< for the person, on the error stream
  /// Asks a person, who must answer with `word`. With --yes it is answered. Nobody there: `confirm.required`.
  core::Status confirm(const std::string& question, const std::string& word);

 private:
  core::Result<ClientOptions> client_options();

  Globals globals_;
  Terminal& terminal_;
  Paint paint_;
  std::optional<Target> target_;
  std::unique_ptr<Client> client_;
  std::vector<KindInfo> kinds_;
};

/// Counts of lists that a person asks for without saying how long.
inline constexpr std::size_t list_default = 500;
inline constexpr std::size_t page_max = 1000;

/// Prints one error, as a line with its place, remedy and request id, or as JSON; answers the exit code.
int report(Terminal& terminal, const core::Error& error, Format format);

}  // namespace nova::cli
