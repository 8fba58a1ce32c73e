// The HTTP API of a node: authenticate, parse, hand commands to the host, answer reads from documents and log.
#pragma once
#include "actors/host/host.hpp"
#include "actors/kill_switch/kill_switch.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "gateway/session/server.hpp"
#include "governance/identity/identity.hpp"
#include "store/store.hpp"
#include "store/vault.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nova::constitution {
class Standing;
}

namespace nova::approvals {
class Approvals;
}
namespace nova::limits {
class Limits;
}
namespace nova::killswitch {
class Truth;
}
namespace nova::identity {
class KeyUses;
}

namespace nova::gateway {

/// Lines of one instance's log, and where to go on.
struct LogLines {
  std::vector<std::string> lines;
  std::string cursor;  ///< opaque; given back to read what came after
};

/// What a request to AI would run in; empty: nothing of the sort.
struct AiTarget {
  std::string tenant, layer, agent, provider;
};

/// What the node knows and the gateway only passes on. Each may be left empty: its routes then answer 404
/// `http.not_found`. Functions with a completion may answer later, from any thread, once; the others are called on a
/// worker and may block for milliseconds.
struct Providers {
  using JsonDone = std::function<void(core::Result<std::string>)>;

  std::function<void(JsonDone)>
      services;  ///< JSON array of tree nodes: the runtime's own (store, governance, process ...)
  std::function<void(JsonDone)> doctor;  ///< JSON array of {name, level, detail, remedy}
  std::function<void(JsonDone)> node;    ///< JSON object: what GET /v1/node answers beside store, host and gateway
  std::function<std::string()> metrics;  ///< Prometheus text of the rest of the node, ends with a newline
  std::function<std::vector<std::string>()>
      not_ready;  ///< reasons why the node should get no traffic yet; empty: ready

  /// The last `lines` lines with an empty cursor, else up to `lines` that came after it. `log.not_found` when there is
  /// none.
  std::function<core::Result<LogLines>(const core::EntityKey& instance, const std::string& cursor, std::size_t lines)>
      read_log;

  std::function<core::Result<bool>(const std::string& digest)> has_source;
  /// Takes the packed folder in `file` (left where it is); true when it is new. `source.digest_mismatch` (422),
  /// `source.*`.
  std::function<core::Result<bool>(const std::string& digest, const std::string& file)> put_source;

  /// Whether `reference` (secret://path@version) stands for this value, so that a plan can tell a changed secret from
  /// the same one. Without it every given secret counts as changed in plans.
  std::function<bool(const std::string& reference, const std::string& value)> is_secret;

  /// Whether the node would send requests to this URL, which somebody wants it to keep: `http.url_invalid`,
  /// `http.url_credentials`, `http.private_address`. Without it no webhooks are made.
  std::function<core::Status(const std::string& url)> judge_url;

  /// The kill switch that covers a request to AI, in words; empty: none does. It waits for nothing, and says that AI is
  /// stopped when it cannot know. Without it the node has no kill switch.
  std::function<std::string(const AiTarget&)> stopped_by;
  /// JSON of the constitution's five rules for AI and their level (`switches` of ai_execution); without it all five
  /// bite strictly.
  std::function<std::string()> ai_switches;

  std::string webhook_events = "[]";  ///< JSON array of {name, sources}: what endpoints can be subscribed to

  /// Effects that were past their check when they were stopped, as a JSON array.
  std::function<std::string()> in_doubt;
  /// What a switch would stop now, as a JSON array of {driver, waiting, running}.
  std::function<void(kill_switch::Scope, std::string target, JsonDone)> would_stop;

  /// Tries a dead letter's work again; the letter's new state is stored by the callee.
  std::function<void(const store::DeadLetter&, std::function<void(core::Status)>)> retry_dead_letter;
};

/// Who people and keys are, and what they may read. All outlive the gateway; `book` is set or the whole is empty, and
/// then only `tokens` are known.
struct Identities {
  const authority::Book* book = nullptr;
  identity::Bearer* bearer = nullptr;
  identity::Identity* identity = nullptr;
  const identity::Keyring* keys = nullptr;
  store::Vault* vault = nullptr;      ///< opens personal values for those who may read the entity
  identity::KeyUses* uses = nullptr;  ///< hears of each request with a key; needs `keys`
};

struct Token {
  std::string secret;  ///< kept as its hash only
  core::Principal principal;
};

struct Options {
  ServerOptions server;
  std::string node_name = "local";
  std::string console_folder;           ///< of the built console; empty or not there: none is served
  std::vector<std::string> host_names;  ///< under which clients reach the node, beside loopback and the address
  std::vector<Token> tokens;
  /// Which tenants the principals of those may read by name, beside what belongs to none; empty: all.
  std::set<std::string, std::less<>> operator_tenants;
  Identities identities;
  /// Platform roles that do nothing but enrol a second factor before they have one.
  authority::FactorRoles second_factor_for;
  const killswitch::Truth* switches = nullptr;  ///< kill switches; none: their routes answer 404. Outlives the gateway
  approvals::Approvals* approvals =
      nullptr;  ///< none: nothing is held, and its routes answer 404. Outlives the gateway
  constitution::Standing* constitution = nullptr;  ///< shown and amended; none: its routes answer 404. Outlives it
  limits::Limits* limits = nullptr;  ///< how often callers may ask; none: as often as they like. Outlives the gateway
  /// Somebody who is known was not let in: who, the tenant ("": none), "GET /v1/users", the path, and what they are
  /// told. On an I/O thread; must not block. May be empty.
  std::function<void(const core::Principal&, const std::string& tenant, const std::string& act, const std::string& path,
                     const core::Error& told)>
      on_denied;
  std::size_t cache_bytes_max = 32 * 1024 * 1024;
  std::size_t command_bytes_max = 1024 * 1024;
  std::size_t source_bytes_max = 64 * 1024 * 1024;
  std::chrono::milliseconds command_limit{30'000};  ///< a command not answered by then: `deadline.passed`
  Providers providers;
  /// One line for the log, at most a few per request that failed by our fault; may be empty. Any thread, must not
  /// block.
  std::function<void(const std::string& line)> log;
};

/// Owned by the node; store and host outlive it. `open` binds, `start` serves, `drain` and `stop` end it in this order.
class Gateway {
 public:
  static core::Result<std::unique_ptr<Gateway>> open(Options options, store::EventStore& store, host::Host& host,
                                                     core::Clock& clock = core::system_clock());
  virtual ~Gateway() = default;

  virtual void start() = 0;
  virtual std::uint16_t port() const = 0;
  /// True when every answer was given within `limit`. /readyz answers 503 from here on, as long as it can be asked.
  virtual bool drain(std::chrono::milliseconds limit) = 0;
  virtual void stop() = 0;
  virtual ServerStats stats() const = 0;
};

}  // namespace nova::gateway
