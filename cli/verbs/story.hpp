// Events in words, for describe, events and why.
#pragma once
#include "cli/session.hpp"

#include <string>

namespace nova::cli {

/// A table: when, what, by whom, why.
std::string events_text(const Session& session, const Json& events);
/// A deployment's revisions and services as tables; its state in full is for -o json.
std::string deployment_text(const Session& session, const Json& item);
/// One event on one line, with its entity.
std::string event_line(const Session& session, const Json& event);
/// What the event says about why, in short.
std::string reason_of(const Json& event);
/// Who caused it: "operator", "system".
std::string actor_of(const Json& event);

}  // namespace nova::cli
