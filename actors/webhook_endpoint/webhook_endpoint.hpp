// Webhook endpoint: where a tenant wants to hear of its events (S22).
#pragma once
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace nova::webhook_endpoint {

enum class Status : std::uint8_t { absent, active, paused, disabled, deleted };
const std::vector<std::string_view>& names_of(const Status*);

inline constexpr std::uint32_t straight_failures_max = 20;  ///< deliveries given up one after the other (S22)

using Url = core::Text<8, 2048, core::Shape::line>;
using EventName = core::Text<1, 64, core::Shape::line>;  ///< unknown ones have a refusal of their own
using Retries = core::Bounded<0, 10>;
using RetrySeconds = core::Bounded<1, 3600>;
using GraceSeconds = core::Bounded<0, 7 * 24 * 3600>;

// ---- commands

struct Create {
  Url url;
  core::Secret secret;
  std::set<EventName> events;
  core::Label description;
  Retries retries{3};
  RetrySeconds retry_every_s{60};
};
/// What is left out stays.
struct Update {
  std::optional<Url> url;
  std::set<EventName> events;  ///< empty: stays
  std::optional<core::Label> description;
  std::optional<Retries> retries;
  std::optional<RetrySeconds> retry_every_s;
};
struct Rotate {
  core::Secret secret;
  GraceSeconds grace_s{24 * 3600};  ///< both sign until then
};
struct Pause {
  core::Prose reason;
};
struct Resume {};
struct Delete {
  core::Prose reason;
};
struct Test {};
/// How deliveries ended, from them.
struct NoteDelivered {
  core::EntityId delivery;
};
struct NoteFailed {
  core::EntityId delivery;
  core::Label code;
  bool gone = false;  ///< the receiver wants nothing more (410)
};
using Command =
    std::variant<Create, Update, Rotate, Pause, Resume, Delete, Test, NoteDelivered, NoteFailed, core::Settle>;

// ---- events: stored for ever

struct Created {
  std::string url;
  core::Secret secret;
  std::vector<std::string> events;
  std::string description;
  std::uint32_t retries = 3;
  std::uint32_t retry_every_s = 60;
  std::string by;
  core::Timestamp at;
};
/// All of it as it is now.
struct Updated {
  std::string url;
  std::vector<std::string> events;
  std::string description;
  std::uint32_t retries = 3;
  std::uint32_t retry_every_s = 60;
  std::string by;
  core::Timestamp at;
};
struct Rotated {
  core::Secret secret;
  core::Timestamp grace_until;
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
struct Deleted {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Tested {
  std::string delivery;
  std::string work;
  std::string by;
  core::Timestamp at;
};
struct Recovered {
  core::Timestamp at;
};
struct DeliveryFailed {
  std::string delivery;
  std::string code;
  core::Timestamp at;
};
struct Disabled {
  std::string reason;
  core::Timestamp at;
};
using Event =
    std::variant<Created, Updated, Rotated, Paused, Resumed, Deleted, Tested, Recovered, DeliveryFailed, Disabled>;

// ---- state

struct State {
  Status status = Status::absent;
  std::string url;
  core::Secret secret;
  core::Secret previous_secret;  ///< signs too until `grace_until`; empty: there is none
  core::Timestamp grace_until;
  std::vector<std::string> events;
  std::string description;
  std::uint32_t retries = 3;
  std::uint32_t retry_every_s = 60;
  std::uint32_t straight_failures = 0;
  std::string reason;  ///< of being paused, disabled or deleted
  std::string last_failure;
  core::Timestamp last_failed_at;
  std::string created_by;
  core::Timestamp created_at;
  std::string changed_by;
  core::Timestamp changed_at;
  core::Timestamp rotated_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Create*);
const core::Record& describe(const Update*);
const core::Record& describe(const Rotate*);
const core::Record& describe(const Pause*);
const core::Record& describe(const Resume*);
const core::Record& describe(const Delete*);
const core::Record& describe(const Test*);
const core::Record& describe(const NoteDelivered*);
const core::Record& describe(const NoteFailed*);
const core::Record& describe(const Created*);
const core::Record& describe(const Updated*);
const core::Record& describe(const Rotated*);
const core::Record& describe(const Paused*);
const core::Record& describe(const Resumed*);
const core::Record& describe(const Deleted*);
const core::Record& describe(const Tested*);
const core::Record& describe(const Recovered*);
const core::Record& describe(const DeliveryFailed*);
const core::Record& describe(const Disabled*);
const core::Record& describe(const State*);

}  // namespace nova::webhook_endpoint
