// Kill switch: stops AI and effects on the outside at once, wholly or in part, until somebody releases it or its time
// is over (S03). One entity for each scope and target, in the tenant `system`.
#pragma once
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nova::kill_switch {

enum class Status : std::uint8_t { armed, engaged };
const std::vector<std::string_view>& names_of(const Status*);

/// What it stops. `global` is all AI and everything on the outside, `external_only` what leaves for the outside, AI at
/// others included; `layer` to `tenant` whatever touches their target. The rest is what emergencies engage (S09) and
/// stops orders, not effects: `platforms` what starts a service anywhere, `commands` everybody's but the root owner's,
/// `subscriptions` changes of tiers, `feature` one kind of entity, `plan` everybody of one platform role, `user` one.
enum class Scope : std::uint8_t {
  global,
  external_only,
  layer,
  platform,
  provider,
  agent,
  model,
  tenant,
  platforms,
  commands,
  subscriptions,
  feature,
  plan,
  user
};
const std::vector<std::string_view>& names_of(const Scope*);

inline constexpr std::int64_t minutes_max = 43200;
inline constexpr std::size_t target_bytes_max = 100;
inline bool is_emergency(Scope scope) { return scope >= Scope::platforms; }
inline bool has_target(Scope scope) {
  return (scope >= Scope::layer && scope <= Scope::tenant) || scope >= Scope::feature;
}

/// `id`, or `tenant/id` for what lives in a tenant; without a tenant: in `system`. Each part a name without "..", which
/// stands for the slash in the switch's own id.
bool is_target(std::string_view text);
/// The id of the switch: "global", "external_only", "layer.main", "platform.acme..shop". Of valid targets no two share
/// one.
std::string id_of(Scope scope, std::string_view target);

// ---- commands

struct Activate {
  Scope scope = Scope::global;
  core::Text<0, target_bytes_max> target;
  core::Reason reason, reason_ar;
  std::optional<core::Bounded<1, minutes_max>> auto_reactivate_minutes;  ///< none: until somebody releases it
  core::Text<0, 128> incident_id;
};
struct Deactivate {
  core::Prose reason;
};
/// Engages it and takes the last change back: `change` is the deployment that made it, "tenant/id"; empty: none.
struct SafeRollback {
  core::Reason reason, reason_ar;
  core::Text<0, 200> change;
  core::Text<0, 128> incident_id;
};
using Command = std::variant<Activate, Deactivate, SafeRollback, core::Settle, core::Fire>;

// ---- events: stored for ever

struct Engaged {
  Scope scope = Scope::global;
  std::string target, reason, reason_ar, by, incident_id;
  core::Timestamp at;
  std::optional<core::Timestamp> until;
  std::uint64_t epoch = 0;
};
struct Released {
  std::string reason, by;
  core::Timestamp at;
  std::uint64_t epoch = 0;
};
struct Expired {
  core::Timestamp at;
  std::uint64_t epoch = 0;
};
struct RollbackStarted {
  std::string change, work, incident_id, by;
  core::Timestamp at;
};
struct RollbackEnded {
  std::string work, outcome, code;
  core::Timestamp at;
};
using Event = std::variant<Engaged, Released, Expired, RollbackStarted, RollbackEnded>;

// ---- state

struct State {
  Status status = Status::armed;
  Scope scope = Scope::global;
  std::string target, reason, reason_ar, by, incident_id;
  core::Timestamp at;  ///< of the last change
  std::optional<core::Timestamp> until;
  std::uint64_t epoch = 0;  ///< grows with each change
  std::string rollback;     ///< the work under way; empty: none
  std::uint64_t rollbacks = 0;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Activate*);
const core::Record& describe(const Deactivate*);
const core::Record& describe(const SafeRollback*);
const core::Record& describe(const Engaged*);
const core::Record& describe(const Released*);
const core::Record& describe(const Expired*);
const core::Record& describe(const RollbackStarted*);
const core::Record& describe(const RollbackEnded*);
const core::Record& describe(const State*);

}  // namespace nova::kill_switch
