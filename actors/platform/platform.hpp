// Platform: what a blueprint became. It owns one deployment for each environment and goes when the last of them has
// gone.
#pragma once
#include "core/kind.hpp"
#include "core/service/service.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace nova::platform {

inline constexpr std::size_t environments_max = 16;  ///< development, staging, production, and some previews

/// `refused`: its tenant has no room for another project, and nothing of it runs.
enum class Status : std::uint8_t { active, deleting, deleted, refused };
/// What a platform takes of its tenant's quotas: itself a project, and a deployment for each environment.
enum class Quota : std::uint8_t { projects, deployments };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Quota*);

struct BlueprintTag {
  static constexpr std::string_view kind = "blueprint";
};

// ---- commands
// --------------------------------------------------------------------------------------------------------
struct Provision {  ///< sent by a blueprint that was approved for an environment
  core::EntityRef<BlueprintTag> blueprint;
  std::uint64_t blueprint_version = 0;
  core::Name environment;
  std::map<std::string, service::Service> services;
};
struct Delete {
  bool purge = false;  ///< the services' data too
  core::Prose reason;
};
struct DeploymentDeleted {  ///< sent by a deployment that has ended for good
  core::Name environment;
  bool purged = false;
};
using Command = std::variant<Provision, Delete, DeploymentDeleted, core::Settle>;

// ---- events: stored for ever
// -----------------------------------------------------------------------------------------
struct Provisioned {
  std::string blueprint;
  std::uint64_t blueprint_version = 0;
  std::string environment;
  std::string deployment;
  std::string services_hash;  ///< tells a repeat from a change without keeping the services twice
  std::string work;
  // Of a provision that must find room at the tenant first; what was stored before quotas were taken has none of them.
  std::string project = {};  ///< reservation of the project that is asked for; empty: there is one, or none is needed
  std::string slot = {};     ///< reservation of the deployment that is asked for; likewise
  std::map<std::string, service::Service> services = {};  ///< kept until there is room
};
struct QuotaTaken {
  std::string work;  ///< that asked for it
  std::string environment;
  Quota quota = Quota::projects;
  std::string next;  ///< id of the work that goes on; empty: nobody wants it any more and it was given back
};
struct QuotaRefused {
  std::string work;
  std::string environment;
  Quota quota = Quota::projects;
  std::string error;  ///< code and message
};
struct SlotReturned {  ///< the deployment never came to be
  std::string environment;
};
struct Deleting {
  bool purge = false;
  std::string by;
  std::string reason;
  std::vector<std::string> environments;
  std::vector<std::string> works;  ///< one for each environment
};
struct EnvironmentDeleted {
  std::string environment;
};
struct Deleted {};
struct WorkSettled {
  std::string work;
  std::string environment;
  core::Outcome outcome = core::Outcome::done;
  std::string error;  ///< code and message, when not done
};
using Event = std::variant<Provisioned, Deleting, EnvironmentDeleted, Deleted, WorkSettled, QuotaTaken, QuotaRefused,
                           SlotReturned>;

// ---- state
// -----------------------------------------------------------------------------------------------------------
struct Environment {
  std::string deployment;
  std::uint64_t blueprint_version = 0;
  std::string services_hash;
  std::string last_error;  ///< why its deployment, or its tenant, refused what was asked last; empty: they did not
  std::string slot;        ///< reservation of its deployment at the tenant; empty: none, as before quotas were taken
  bool homeless = false;   ///< it has no slot and may not be deployed without one
  bool settled = false;    ///< the deployment exists, so the slot stays taken
};
/// A provision that waits for room at the tenant; at most one at a time.
struct Waiting {
  std::string work;
  std::string environment;
  std::string project, slot;  ///< reservations still to be made
  std::map<std::string, service::Service> services;
};
struct State {
  Status status = Status::active;
  std::string blueprint;
  std::string reason;
  bool purge = false;
  std::map<std::string, Environment> environments;
  std::map<std::string, std::string> works;  ///< outstanding ones -> environment
  std::uint64_t serial = 0;                  ///< last number used in ids of works
  std::string project;                       ///< reservation of the project at the tenant; empty: as for `slot`
  Waiting waiting;
};

const core::Record& describe(const Provision*);
const core::Record& describe(const Delete*);
const core::Record& describe(const DeploymentDeleted*);
const core::Record& describe(const Provisioned*);
const core::Record& describe(const Deleting*);
const core::Record& describe(const EnvironmentDeleted*);
const core::Record& describe(const Deleted*);
const core::Record& describe(const WorkSettled*);
const core::Record& describe(const QuotaTaken*);
const core::Record& describe(const QuotaRefused*);
const core::Record& describe(const SlotReturned*);
const core::Record& describe(const Environment*);
const core::Record& describe(const Waiting*);
const core::Record& describe(const State*);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

}  // namespace nova::platform
