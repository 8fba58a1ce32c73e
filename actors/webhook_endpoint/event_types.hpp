// The 21 types of events that webhooks are subscribed to (S22), and which events of the log are meant by each. The same
// words stand in config/webhook_events.json, and a test holds the two together. Pure; any thread.
#pragma once
#include <string_view>
#include <vector>

namespace nova::webhook_endpoint {

struct EventType {
  std::string_view name;  ///< "API_KEY_CREATED"
  std::vector<std::string_view>
      sources;  ///< types of events of the endpoint's own tenant; none: nothing tells of it yet
};
const std::vector<EventType>& event_types();

bool is_event_type(std::string_view name);
/// What an event of the log is called; empty: no webhook hears of it.
std::string_view type_of_event(std::string_view event);

/// Sent by the command `test`, whatever the endpoint is subscribed to.
inline constexpr std::string_view test_type = "TEST";

}  // namespace nova::webhook_endpoint
