// What a receiver of webhooks is sent. Pure; any thread.
#pragma once
#include "core/envelope.hpp"

#include <string>
#include <string_view>

namespace nova::webhooks {

/// {"type", "timestamp", "data": {"id", "event", "tenant", "kind", "entity", "version", "fields": {...}}}: as Standard
/// Webhooks has it. `fields` is the event's body without hidden fields, with personal values sealed; one that is too
/// long is left out, and `"fields_omitted": true` says so.
std::string payload_of(std::string_view type, const core::StoredEvent& event);

/// The delivery of an event to an endpoint: the same for whoever asks, and in order of time like the ids of events.
/// UUIDv8 (RFC 9562, 5.8).
std::string delivery_id(const std::string& endpoint, const std::string& event);

}  // namespace nova::webhooks
