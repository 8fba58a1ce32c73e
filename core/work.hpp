// The words in which the runtime tells an entity what became of what it asked for. A kind that asks for effects or
// timers takes these structs as commands named `settle`, `fire` and `report`; only the system principal may send them.
#pragma once
#include "core/describe/describe.hpp"

namespace nova::core {

enum class Outcome : std::uint8_t { done, failed, unknown, killed };
inline const std::vector<std::string_view>& names_of(const Outcome*) {
  static const std::vector<std::string_view> names = {"done", "failed", "unknown", "killed"};
  return names;
}

/// The end of a DoAsk. `failed` comes after the last retry or at once when the driver says that trying again is
/// useless.
struct Settle {
  std::string work_id;
  Outcome outcome = Outcome::done;
  std::string code;  ///< of the error, when not done
  std::string message;
  RawJson result;  ///< the driver's answer
};
const Record& describe(const Settle*);

/// A TimerAsk whose time has come.
struct Fire {
  std::string timer_id;
};
const Record& describe(const Fire*);

/// What a keep driver observed. `phase` is the driver's word ("started", "ready", "unready", "exited", "quarantined",
/// "stopped", "applied"); `sequence` grows per key, and an older one than the last seen is a late copy.
struct Report {
  std::string driver;
  std::string key;
  std::uint64_t sequence = 0;
  std::string phase;
  std::string code;     ///< why, as a stable code: "exit.signal", "health.http_status"
  std::string message;  ///< why, for people
  Timestamp at;
  RawJson data;  ///< pid, port, exit code, restarts ... (see the driver's words)
};
const Record& describe(const Report*);

/// The payload of a DoAsk for the driver "command": another entity's command, sent as the system with the asker as
/// cause.
struct SendCommand {
  std::string tenant;
  std::string kind;
  std::string id;
  std::string name;
  RawJson body;
};
const Record& describe(const SendCommand*);

const Record& describe(const EntityKey*);

}  // namespace nova::core
