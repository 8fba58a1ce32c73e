// What every kind promises, checked without writing it again for each:
//
//   TEST_CASE("tenant: what every kind promises") {
//     check_kind(tenant::kind(), {.history = history_of<Event>({Created{...}, Suspended{...}})});
//   }
//
// - every line of events_v*.jsonl beside the test still loads and folds to the state written beside it, and every event
// type has
//   a line; NOVA_WRITE_EVENTS=1 adds lines for types that have none (from `history`), and never touches one that is
//   there
// - JSON and msgpack out and in is the same, for random commands, events and states; schemas are valid JSON
// - random commands never break decide or evolve; refusals have codes; the same question gets the same answer
// - replay through JSON equals the live state, and the state's document stays below 64 KiB
// - a command that was just accepted changes nothing when it comes again (unless the kind says so)
// - work ids are unique, payloads are JSON below 64 KiB
#pragma once
#include "core/describe/codec.hpp"
#include "core/kind.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace nova::testkit {

/// An event of a story: its row and its JSON.
using HistoryLine = std::pair<std::size_t, std::string>;

template <class Event>
std::vector<HistoryLine> history_of(const std::vector<Event>& events) {
  std::vector<HistoryLine> lines;
  for (const auto& event : events)
    std::visit([&](const auto& e) { lines.emplace_back(event.index(), core::to_json(e)); }, event);
  return lines;
}

struct KindPromises {
  /// One event of each type, as a story: what NOVA_WRITE_EVENTS writes.
  std::vector<HistoryLine> history = {};
  /// Commands that rightly act again when they come again: "restart".
  std::vector<std::string_view> acts_again = {};
  /// Where events_v1.jsonl lies; empty: tests/actors/<kind>.
  std::filesystem::path folder = {};
  /// Where event names do not start with the kind's own (the specification gave them others).
  std::string_view event_prefix = {};
  /// Events whose names start otherwise, for the same reason: "auth.failed" of a user.
  std::vector<std::string_view> other_events = {};
  int walks = 60;  ///< random stories
  int steps = 60;  ///< commands in each
};

void check_kind(const core::Kind& kind, const KindPromises& promises = {});

}  // namespace nova::testkit
