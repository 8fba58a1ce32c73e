// Emergency (S09): what halts the installation, wholly or in part, and what lets it go on as it was. One entity, `main`
// in the tenant `system`, so that overlapping controls release a kill switch when the last of them is lifted.
#pragma once
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nova::emergency {

enum class Action : std::uint8_t {
  ai_suspension,
  platform_lockdown,
  feature_disable,
  halt_all_platforms,
  freeze_all_subscriptions,
  stop_all_operations,
  lockdown_system
};
enum class Scope : std::uint8_t { global, feature, plan, user };
enum class Ending : std::uint8_t { none, lifted, expired };
const std::vector<std::string_view>& names_of(const Action*);
const std::vector<std::string_view>& names_of(const Scope*);
const std::vector<std::string_view>& names_of(const Ending*);

inline constexpr std::size_t active_max = 32, ended_max = 16, works_max = 256;
inline constexpr std::int64_t minutes_max = 43200;
using Target = core::Text<0, 100>;

/// One control; stored.
struct Control {
  std::string id;  ///< "control-1"
  Action action = Action::ai_suspension;
  Scope scope = Scope::global;
  std::string target, reason, reason_ar, incident_id, by;
  core::Timestamp at;
  std::optional<core::Timestamp> until;
  std::vector<std::string> switches;  ///< ids of the kill switches that it needs
  Ending ending = Ending::none;
  std::string ended_by, ended_reason;
  core::Timestamp ended_at;
};

// ---- commands

struct Activate {
  Action action = Action::ai_suspension;
  Scope scope = Scope::global;
  Target target;
  core::Reason reason, reason_ar;
  std::optional<core::Bounded<1, minutes_max>> auto_deactivate_minutes;  ///< none: until somebody lifts it
  core::Text<0, 128> incident_id;
};
/// Halting takes one factor, letting go on two: `factor` says what was proved just now, and the node fills it in.
struct Lift {
  core::Name id;
  core::Reason reason;
  core::Text<0, 20> factor;
};
/// RESTORE_NORMAL: lifts all.
struct Restore {
  core::Reason reason;
  core::Text<0, 20> factor;
};
using Command = std::variant<Activate, Lift, Restore, core::Settle, core::Fire>;

// ---- events: stored for ever

struct Activated {
  Control control;
  std::vector<std::string> engaged;  ///< switches that were asked to engage with it
  std::int64_t works = 0;            ///< how many works were asked for so far
};
struct Lifted {
  std::string id, by, reason;
  std::vector<std::string> released;  ///< switches that nothing needs any more
  std::int64_t works = 0;
  core::Timestamp at;
};
struct Expired {
  std::string id;
  std::vector<std::string> released;
  std::int64_t works = 0;
  core::Timestamp at;
};
/// A switch or the halting of platforms ended well, or not.
struct Settled {
  std::string work, what, outcome, code;
  std::int64_t count = 0;  ///< of deployments that were stopped or started
  core::Timestamp at;
  std::int64_t refused = 0;                ///< of those that would not, for good
  std::vector<std::string> refusals = {};  ///< the first of them: "acme/shop: gate.denied"
};
using Event = std::variant<Activated, Lifted, Expired, Settled>;

// ---- state

struct State {
  std::vector<Control> active;               ///< the oldest first
  std::vector<Control> ended;                ///< the last ones, the newest last
  std::vector<std::string> held;             ///< switches that this engaged and will release
  std::map<std::string, std::string> works;  ///< outstanding: id -> what it does
  std::vector<std::string> problems;         ///< what could not be done, the newest last
  std::int64_t controls = 0, work_count = 0;
  std::int64_t halted = 0, restored = 0;          ///< deployments, of the last halt
  std::int64_t not_halted = 0, not_restored = 0;  ///< of these the ones that refused
  std::string halt;                               ///< the mark of the halt of platforms in force; empty: none
};

/// "platforms", "feature.webhook_endpoint": the switches by which the action works.
std::vector<std::string> switches_of(Action action, Scope scope, const std::string& target);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Control*);
const core::Record& describe(const Activate*);
const core::Record& describe(const Lift*);
const core::Record& describe(const Restore*);
const core::Record& describe(const Activated*);
const core::Record& describe(const Lifted*);
const core::Record& describe(const Expired*);
const core::Record& describe(const Settled*);
const core::Record& describe(const State*);

}  // namespace nova::emergency
