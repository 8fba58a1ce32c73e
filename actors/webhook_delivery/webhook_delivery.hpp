// Webhook delivery: one event on its way to one endpoint, with every attempt (S22). Its id is the webhook-id that the
// receiver sees, the same at each attempt.
#pragma once
#include "core/kind.hpp"
#include "core/work.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::webhook_delivery {

enum class Status : std::uint8_t { absent, pending, held, delivered, failed };
const std::vector<std::string_view>& names_of(const Status*);

inline constexpr std::size_t payload_bytes_max = 24 * 1024;  ///< escaped twice it still fits into a work
inline constexpr std::size_t attempts_kept = 20;             ///< in the state; all are events
inline constexpr int answer_bytes_max = 512;
/// The specification's three retries keep their pace; further ones, where an endpoint wants them, wait twice as long
/// each time up to this. A quarter more by chance, so that what failed together does not come back together.
inline constexpr std::uint32_t even_retries = 3;
inline constexpr std::chrono::hours retry_delay_max{1};

struct Endpoint {
  static constexpr std::string_view kind = "webhook_endpoint";
};
using EventName = core::Text<1, 64, core::Shape::line>;

// ---- commands

struct Create {
  core::EntityRef<Endpoint> endpoint;
  EventName event_type;
  core::EntityId event;  ///< id of the log's event
  core::Text<1, payload_bytes_max, core::Shape::any> payload;
  bool overflow = false;  ///< too many wait for this endpoint: not sent, and kept as failed
};
/// The endpoint is another.
struct Wake {};
struct Redeliver {};
using Command = std::variant<Create, Wake, Redeliver, core::Settle, core::Fire>;

// ---- events: stored for ever

struct Created {
  std::string endpoint;
  std::string event_type;
  std::string event;
  std::string payload;
  core::Timestamp at;
};
/// An attempt begins. `round` grows with `redeliver`.
struct Sending {
  std::uint32_t attempt = 0;
  std::uint32_t round = 0;
  std::string work;
  core::Timestamp at;
};
struct Attempted {
  std::uint32_t attempt = 0;
  std::int32_t status = 0;  ///< of the answer; 0: there was none
  std::string code;         ///< why it did not count; empty: it arrived
  std::string message;
  std::string answer;  ///< its first bytes, as clean text
  std::uint64_t took_ms = 0;
  core::Timestamp next_at;  ///< of the next attempt; 1970: there is none
  core::Timestamp at;
};
struct Held {
  core::Timestamp at;
};
struct Redelivered {
  std::uint32_t round = 0;
  std::string by;
  core::Timestamp at;
};
struct Delivered {
  core::Timestamp at;
};
struct Failed {
  std::string code;
  std::string message;
  core::Timestamp at;
};
using Event = std::variant<Created, Sending, Attempted, Held, Redelivered, Delivered, Failed>;

// ---- state

struct Attempt {
  std::uint32_t number = 0;
  std::int32_t status = 0;
  std::string code;
  std::string message;
  std::string answer;
  std::uint64_t took_ms = 0;
  core::Timestamp at;
};

struct State {
  Status status = Status::absent;
  std::string endpoint;
  std::string event_type;
  std::string event;
  std::string payload;
  std::string work;            ///< outstanding attempt
  std::uint32_t round = 1;     ///< one more with each `redeliver`
  std::uint32_t in_round = 0;  ///< attempts of this round
  std::uint32_t attempts = 0;  ///< of all
  std::vector<Attempt> log;    ///< the last ones
  core::Timestamp next_at;     ///< when it is tried again; 1970: not by itself
  core::Timestamp created_at;
  core::Timestamp ended_at;
  std::string code;  ///< why it failed
  std::string message;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Create*);
const core::Record& describe(const Wake*);
const core::Record& describe(const Redeliver*);
const core::Record& describe(const Created*);
const core::Record& describe(const Sending*);
const core::Record& describe(const Attempted*);
const core::Record& describe(const Held*);
const core::Record& describe(const Redelivered*);
const core::Record& describe(const Delivered*);
const core::Record& describe(const Failed*);
const core::Record& describe(const Attempt*);
const core::Record& describe(const State*);

}  // namespace nova::webhook_delivery
