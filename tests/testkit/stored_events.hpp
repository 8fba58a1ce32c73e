// The files events_v*.jsonl beside a kind's tests: one stored event a line, with the state that the file has folded to
// by then:
//   {"type":"tenant.created","body":{...},"state":{...}}
// A line says once and for all that such an event can be loaded. Lines are added, never edited.
#pragma once
#include "tests/testkit/check_kind.hpp"

namespace nova::testkit {

/// Checks every line of every file; with NOVA_WRITE_EVENTS=1 first adds lines for event types that have none to the
/// newest file.
void check_stored_events(const core::Kind& kind, const KindPromises& promises);

}  // namespace nova::testkit
