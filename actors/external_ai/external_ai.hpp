// Link to an outside AI provider (S08): proposed, and used once the owner approved it. Its key is named by reference
// (S51) and never held; what it may cost in a month is a ledger of reservations. Lives in the tenant `system`.
#pragma once
#include "core/ai/execution.hpp"
#include "core/kind.hpp"
#include "core/ledger/ledger.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace nova::external_ai {

enum class Status : std::uint8_t { absent, proposed, active, paused, removed };
enum class Provider : std::uint8_t { openai, anthropic, google, azure, custom };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Provider*);

using Micros = core::Bounded<0, 1'000'000'000'000'000>;  ///< millionths of a US dollar
using Endpoint = core::Text<1, 512, core::Shape::line>;
using SecretName = core::Text<3, 200, core::Shape::line>;  ///< "tenant/id" of a secret
using LayerId = core::Text<1, 128, core::Shape::name>;
inline constexpr std::size_t layers_max = 16;
inline constexpr auto hold_time = core::execution_hold_time;

struct Link {
  Provider provider = Provider::custom;
  Endpoint endpoint;
  SecretName secret;
  bool allowed_for_subscribers = false;
  std::vector<std::string> layers;
  core::Bounded<1, 10000> rate_limit{100};
  std::optional<Micros> monthly_budget;
  friend bool operator==(const Link&, const Link&) = default;
};

struct Minute {
  core::Timestamp since;
  std::int64_t requests = 0;
  friend bool operator==(const Minute&, const Minute&) = default;
};

struct Asked {
  std::string work;
  std::string target;
  friend bool operator==(const Asked&, const Asked&) = default;
};

// ---- commands

struct Create {
  Provider provider = Provider::custom;
  Endpoint endpoint;
  SecretName secret;
  bool allowed_for_subscribers = false;
  std::set<LayerId> layers;
  core::Bounded<1, 10000> rate_limit{100};
  std::optional<Micros> monthly_budget;
};
struct Update {
  std::optional<Endpoint> endpoint;
  std::optional<SecretName> secret;
  std::optional<bool> allowed_for_subscribers;
  std::optional<std::vector<LayerId>> layers;
  std::optional<core::Bounded<1, 10000>> rate_limit;
  std::optional<Micros> monthly_budget;
};
struct Approve {};
struct Pause {
  core::Reason reason;
};
struct Resume {};
struct Remove {
  core::Reason reason;
};
struct Reserve {
  core::LedgerId id;
  Micros cost;
};
struct Commit {
  core::LedgerId id;
  std::optional<Micros> cost;
};
struct Release {
  core::LedgerId id;
};
using Command =
    std::variant<Create, Update, Approve, Pause, Resume, Remove, Reserve, Commit, Release, core::Settle, core::Fire>;

// ---- events: stored for ever

struct Proposed {
  Link link;
  std::vector<Asked> asked;
  std::string by;
  core::Timestamp at;
};
struct Updated {
  Link before;
  Link after;
  std::vector<Asked> asked;
  bool proposed = false;
  std::string by;
  core::Timestamp at;
};
struct Counted {
  std::string work;
  core::Timestamp at;
};
struct CountFailed {
  std::string work;
  std::string code;
  core::Timestamp at;
};
struct Linked {
  std::string by;
  core::Timestamp at;
};
struct Paused {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Resumed {
  std::string by;
  core::Timestamp at;
};
struct Removed {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct BudgetSpent {
  std::string month;
  std::int64_t limit = 0;
  std::int64_t taken = 0;
  core::Timestamp at;
};
using Event = std::variant<Proposed, Updated, Counted, CountFailed, Linked, Paused, Resumed, Removed, BudgetSpent,
                           core::LedgerHeld, core::LedgerCommitted, core::LedgerReleased, core::LedgerRolled>;

// ---- state

struct State {
  Status status = Status::absent;
  Link link;
  bool approved = false;
  std::vector<Asked> asked;
  std::uint64_t works = 0;
  std::string reason;
  core::Ledger budget;
  Minute minute;
  std::string told_spent;
  std::string created_by;
  core::Timestamp created_at;
  std::string approved_by;
  std::string changed_by;
  core::Timestamp changed_at;
};

/// The key of a secret that is named "tenant/id"; an empty id: it is no such name.
core::EntityKey secret_key(std::string_view name);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Link*);
const core::Record& describe(const Minute*);
const core::Record& describe(const Asked*);
const core::Record& describe(const Create*);
const core::Record& describe(const Update*);
const core::Record& describe(const Approve*);
const core::Record& describe(const Pause*);
const core::Record& describe(const Resume*);
const core::Record& describe(const Remove*);
const core::Record& describe(const Reserve*);
const core::Record& describe(const Commit*);
const core::Record& describe(const Release*);
const core::Record& describe(const Proposed*);
const core::Record& describe(const Updated*);
const core::Record& describe(const Counted*);
const core::Record& describe(const CountFailed*);
const core::Record& describe(const Linked*);
const core::Record& describe(const Paused*);
const core::Record& describe(const Resumed*);
const core::Record& describe(const Removed*);
const core::Record& describe(const BudgetSpent*);
const core::Record& describe(const State*);

}  // namespace nova::external_ai
