// API key: scoped machine access to a tenant (S22).
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace nova::api_key {

enum class Status : std::uint8_t { absent, active, suspended, revoked, expired };
enum class RateTier : std::uint8_t { standard, premium, unlimited };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const RateTier*);

/// How long the secret before the newest stays good.
inline constexpr std::chrono::hours grace{24};
/// A key that nobody said an end of ends after `life_default`, when an access review would call it old (S83); none
/// lives longer than `life_max`. Another secret does not lengthen it. Keys from before that have no end keep having
/// none.
inline constexpr std::chrono::hours life_default{24 * 90}, life_max{24 * 365};
/// Uses within a minute are one note: a busy key must not write an event a request.
inline constexpr std::chrono::minutes use_interval{1};

using Scope = core::Text<1, 64, core::Shape::line>;  ///< unknown ones have a refusal of their own
using Title = core::Text<1, 255, core::Shape::line>;
using Prefix = core::Text<1, 32, core::Shape::line>;
using LastFour = core::Text<4, 4, core::Shape::line>;
using Count = core::Bounded<1, 1'000'000'000>;

/// One of those that the tenant's tier has; held by one key at a time, from its making to its end.
using Place = core::Bounded<0, 999'999>;
using AgentId = core::Text<0, 128, core::Shape::name>;

struct User {
  static constexpr std::string_view kind = "user";
};

/// Requests.
struct Limits {
  Count per_minute{60};
  Count per_hour{1000};
  Count per_day{10000};
  friend bool operator==(const Limits&, const Limits&) = default;
};

/// A premium key may ask so many times as often as its limits say; an unlimited one as often as its tenant.
inline constexpr std::uint32_t premium_factor = 10;

/// What may be known of a secret.
struct Mark {
  Prefix prefix;  ///< how every key of this node begins: "nova_"
  LastFour last_four;
  core::KeyedHash hash;
  friend bool operator==(const Mark&, const Mark&) = default;
};

// ---- commands

struct Create {
  Title name;
  core::EntityRef<User> user;  ///< whose rights bound the key's
  Mark mark;
  std::set<Scope> scopes;
  RateTier rate_tier = RateTier::standard;
  Limits limits;
  std::optional<core::Timestamp> expires_at;  ///< none: after `life_default`
  AgentId agent;               ///< signs in as this AI agent, bound by `user` all the same; empty: as a key
  std::optional<Place> place;  ///< none: its tenant may have any number of keys
};
struct Suspend {
  core::Prose reason;
};
struct Activate {};
struct Revoke {
  core::Reason reason;
};
struct Rotate {
  Mark mark;
};
struct NoteUsed {
  Count uses{1};      ///< since the last note that was taken
  core::Label place;  ///< keyed hash
};
using Command = std::variant<Create, Suspend, Activate, Revoke, Rotate, NoteUsed, core::Fire>;

// ---- events: stored for ever

struct Created {
  std::string name;
  std::string user;
  Mark mark;
  std::vector<std::string> scopes;
  RateTier rate_tier = RateTier::standard;
  Limits limits;
  std::optional<core::Timestamp> expires_at;
  std::string by;
  core::Timestamp at;
  std::string agent;
  std::optional<Place> place = {};
};
struct Suspended {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Activated {
  std::string by;
  core::Timestamp at;
};
struct Revoked {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Rotated {
  Mark mark;
  core::Timestamp grace_until;  ///< of the secret before
  std::string by;
  core::Timestamp at;
};
struct Expired {
  core::Timestamp at;
};
struct Used {
  std::uint64_t uses = 0;
  std::string place;
  core::Timestamp at;
};
using Event = std::variant<Created, Suspended, Activated, Revoked, Rotated, Expired, Used>;

// ---- state

struct State {
  Status status = Status::absent;
  std::string name;
  std::string user;
  Mark mark;
  std::string previous_hash;  ///< good until `grace_until`; empty: there is none
  core::Timestamp grace_until;
  std::vector<std::string> scopes;
  RateTier rate_tier = RateTier::standard;
  Limits limits;
  std::optional<core::Timestamp> expires_at;
  std::string reason;  ///< of being suspended or revoked
  std::string created_by;
  core::Timestamp created_at;
  std::string changed_by;
  core::Timestamp changed_at;
  core::Timestamp rotated_at;
  core::Timestamp last_used_at;
  std::string last_used_from;  ///< keyed hash
  std::uint64_t uses = 0;
  std::string agent;           ///< the AI agent that it signs in; empty: none
  std::optional<Place> place;  ///< of its tenant's; given back when it is over
};

/// True when a secret of this hash opens now; also between the end and its timer. The caller compares hashes, which
/// need no constant time, since they are keyed.
bool opens(const State&, std::string_view hash, core::Timestamp now);

/// How often it may ask; 0: its own limits say nothing.
struct Allowed {
  std::uint32_t per_minute = 0, per_hour = 0, per_day = 0;
};
Allowed allowed(const State&);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Limits*);
const core::Record& describe(const Mark*);
const core::Record& describe(const Create*);
const core::Record& describe(const Suspend*);
const core::Record& describe(const Activate*);
const core::Record& describe(const Revoke*);
const core::Record& describe(const Rotate*);
const core::Record& describe(const NoteUsed*);
const core::Record& describe(const Created*);
const core::Record& describe(const Suspended*);
const core::Record& describe(const Activated*);
const core::Record& describe(const Revoked*);
const core::Record& describe(const Rotated*);
const core::Record& describe(const Expired*);
const core::Record& describe(const Used*);
const core::Record& describe(const State*);

}  // namespace nova::api_key
