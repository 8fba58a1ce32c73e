// The parts of a running node, in the order in which they are made; they go in reverse. For the sources of this room.
#pragma once
#include "actors/host/effects/effects.hpp"
#include "actors/host/local_host.hpp"
#include "drivers/http/client/client.hpp"
#include "drivers/sources/sources.hpp"
#include "gateway/gateway.hpp"
#include "gateway/session/workers.hpp"
#include "governance/approvals/approvals.hpp"
#include "governance/audit/denials.hpp"
#include "governance/audit/outcomes.hpp"
#include "governance/authority/feed.hpp"
#include "governance/authority/rules.hpp"
#include "governance/constitution/standing.hpp"
#include "governance/identity/identity.hpp"
#include "governance/identity/key_uses.hpp"
#include "governance/killswitch/feed.hpp"
#include "governance/limits/feed.hpp"
#include "node/config/config.hpp"
#include "node/follower.hpp"
#include "node/ticker.hpp"
#include "node/webhooks.hpp"
#include "store/store.hpp"
#include "store/vault.hpp"
#include "supervisors/tree/snapshot.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <filesystem>
#include <memory>
#include <vector>

namespace nova::node {

struct Parts {
  Config config;
  std::map<std::string, std::string> origins;
  std::filesystem::path program_dir;  ///< where nova-keeper lies
  core::Timestamp started_at;
  std::unique_ptr<store::Vault> vault;
  std::unique_ptr<store::EventStore> store;
  std::unique_ptr<sources::SourceStore> sources;
  authority::Book book;
  authority::Feed feed{book};
  killswitch::Truth switches{core::system_clock()};
  killswitch::Feed switch_feed{switches};
  std::unique_ptr<audit::Denials> denials;
  std::unique_ptr<Ticker> denials_ticker;  ///< writes them; gone before the host is
  std::unique_ptr<audit::Outcomes> outcomes;
  std::unique_ptr<Ticker> outcomes_ticker;  ///< looks for missing ones; gone before the host is
  std::unique_ptr<Ticker> ai_stops;         ///< ends what a kill switch covers; gone before the host is
  std::unique_ptr<identity::Keyring> keys;
  std::unique_ptr<identity::Bearer> bearer;
  std::unique_ptr<identity::Identity> identity;
  std::unique_ptr<identity::KeyUses> key_uses;
  std::unique_ptr<Follower> follower;  ///< where other nodes write to the same store
  std::unique_ptr<limits::Limits> limits;
  std::unique_ptr<limits::Feed> limits_feed;
  std::unique_ptr<limits::Shared> shared_rates;  ///< where several nodes may write to one store
  std::unique_ptr<approvals::Approvals> approvals;
  std::shared_ptr<const gates::Gates> gates;             ///< what the constitution's `@gate`s name
  std::unique_ptr<constitution::Standing> constitution;  ///< roles, narrowed by the text that is in force
  std::unique_ptr<http::Client> http;  ///< outlives the runner, which may be in the middle of a request to it
  caf::actor_system_config actor_config;
  std::unique_ptr<caf::actor_system> actors;
  std::unique_ptr<host::LocalHost> host;
  std::shared_ptr<host::Effects> effects;
  std::vector<std::unique_ptr<host::WorkDriver>> work_drivers;
  std::vector<std::unique_ptr<host::KeepDriver>> keep_drivers;  ///< in start order; stopped in reverse
  std::unique_ptr<Webhooks> webhooks;
  caf::actor supervisor;
  supervision::SnapshotSource tree;
  std::string token;
  std::string enrolment;                       ///< empty: there is an owner
  std::unique_ptr<gateway::Workers> slow;      ///< for scrypt
  std::unique_ptr<http::Client> outside_http;  ///< to outside providers of identities
  std::unique_ptr<gateway::Gateway> gateway;

  std::filesystem::path state_dir() const { return std::string(config.node.state_dir); }
};

/// Rate limits with what the store has of them; needs keys, store and host. See limits.cpp.
core::Status open_limits(Parts& parts);

/// The kill switches with what the store has of them; needs the store. See governance/kill_switch.cpp.
core::Status load_switches(Parts& parts);
/// What the follower of other nodes does for them.
Followed follow_switches(Parts& parts);
/// Ends the requests to AI that they cover, on a thread of its own; needs store, book and host, and goes before them.
/// See governance/ai_stops.cpp.
std::unique_ptr<Ticker> make_ai_stops(Parts& parts);
std::string status_of(const Parts& parts, const std::string& tenant);
/// What goes on record of what somebody may not do, or read. See governance/denials.cpp.
audit::Parts denial_parts(Parts& parts);
struct ReadAsked {
  const core::Principal& who;
  const std::string &tenant, &act, &path;
};
void note_denied_read(const Parts& parts, const ReadAsked& asked, const core::Error& told);
/// Tells of effects without an outcome, on a thread of its own; needs store, book and host, and goes before them. See
/// governance/outcomes.cpp.
void watch_outcomes(Parts& parts);
/// What the gateway shows of what they stop.
void add_switch_providers(Parts& parts, gateway::Providers& providers);

/// Needs host, store, vault, keys and slow workers.
approvals::Parts approval_parts(Parts& parts);

/// What the gateway shows of the node beside its own: services of the tree, doctor, metrics. See views.cpp.
gateway::Providers make_providers(Parts& parts);

}  // namespace nova::node
