// The full trace of one entity (S07): its events as they lie in the log, chained by a digest, and folded again.
#pragma once
#include "gateway/sovereign/parts.hpp"

namespace nova::gateway::sovereign {

/// Longer ones are no decision's.
inline constexpr std::size_t trace_events_max = 2000;

/// Answers `{key, status, replays, digest, steps: [{position, at, phase, by, type, inputs, rules, constitution, state,
/// digest}]}`. A step's digest is SHA-256 over the digest before it, its position, time, actor, command, event and the
/// status that it led to, each preceded by its length; `replays`: folding the events anew gives the document.
void trace(Behind& behind, const Request& request, const Reply& reply, const core::Kind& kind);

}  // namespace nova::gateway::sovereign
