// From the log to deliveries: reads what was committed, and says which commands turn it into deliveries. It holds no
// thread and sends nothing itself; whoever drives it sends the commands, and says when all were answered.
//
//   log ──step()──> commands `webhook_delivery.create`, `.wake` ──answered──> taken() ──now and then──> cursor
//
// What is known is a table of endpoints and the ids of the deliveries that wait, which follow the log too. A crash
// between an event and the cursor means that events are read again: a delivery's id follows from endpoint and event, so
// it is made once.
#pragma once
#include "core/envelope.hpp"
#include "core/result.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nova::webhooks {

/// Waiting deliveries of one endpoint; what comes then is kept as failed (`webhook.queue_full`) and can be sent by
/// hand.
inline constexpr std::size_t waiting_max = 1000;
inline constexpr std::size_t slice_events = 500;
inline constexpr std::size_t step_commands_max = 256;  ///< a step ends with the event that reaches it: some megabytes
/// The cursor is written at the latest after so many positions in which nothing was for a webhook: they are read again
/// at the next start, a microsecond each.
inline constexpr std::uint64_t cursor_stride = 20'000;

inline const core::EntityKey cursor_key{"system", "webhook_cursor", "log"};

struct Command {
  core::EntityKey target;
  std::string name;
  std::string body = "{}";
};

/// One thread.
class FanOut {
 public:
  explicit FanOut(const store::EventStore& store) : store_(store) {}

  /// Endpoints, waiting deliveries and the cursor, from the store. Without a cursor it begins at the log's end.
  core::Status load();

  struct Step {
    std::vector<Command> commands;  ///< in order; all must be answered before `taken`
    bool more = false;              ///< the log went further than this step
  };
  /// What comes next in the log. Asked again without `taken` it answers the same again. Bounded: some milliseconds.
  core::Result<Step> step();
  /// The last step's commands are committed.
  void taken();

  /// The command that writes the cursor, when it is worth it: after deliveries, or far enough from the last one.
  std::optional<Command> cursor() const;
  void cursor_written() { written_ = position_, deliveries_since_ = false; }

  std::uint64_t position() const { return position_; }
  std::size_t endpoints() const;
  std::size_t waiting() const;

 private:
  struct Endpoint {
    bool takes = false;       ///< active or paused
    std::uint64_t since = 0;  ///< position of its first event: what was before is not for it
    std::vector<std::string> events;
    std::set<std::string> waiting;
  };

  core::Status load_endpoints();
  core::Status look_at(const core::EntityKey& key);
  core::Status put(const store::Document& document);
  core::Status load_waiting(const core::EntityKey& endpoint, const std::function<void(const std::string& id)>& each);
  core::Status take(const core::StoredEvent& event, Step& step);
  core::Status endpoint_changed(const core::StoredEvent& event, Step& step);
  core::Status delivery_changed(const core::StoredEvent& event);
  void deliver(const core::StoredEvent& event, Step& step);

  const store::EventStore& store_;
  std::map<std::string, std::map<std::string, Endpoint>> tenants_;
  std::uint64_t position_ = 0, next_ = 0, written_ = 0;
  bool deliveries_since_ = false, step_delivers_ = false;
};

}  // namespace nova::webhooks
