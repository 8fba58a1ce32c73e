#include "governance/webhooks/payload.hpp"

#include "actors/webhook_delivery/webhook_delivery.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/kind.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"

namespace nova::webhooks {
namespace {

// Beside the fields there are only names and times.
constexpr std::size_t fields_bytes_max = webhook_delivery::payload_bytes_max - 2048;

// Most bodies are passed on as they are stored.
std::string fields_of(const core::StoredEvent& event) {
  const auto* kind = core::find_kind(event.entity.kind);
  const int row = kind ? kind->event_row(event.type) : -1;
  if (row < 0 || event.body.empty()) return "{}";
  const auto& type = *kind->events[std::size_t(row)].type;
  if (!core::is_guarded(type)) return event.body;
  const auto value = kind->make_event(std::size_t(row));
  if (!core::from_json(type, value.get(), event.body, core::Reading::stored)) return "{}";
  return core::to_shown_json(type, value.get());
}

}  // namespace

std::string payload_of(std::string_view type, const core::StoredEvent& event) {
  const auto fields = fields_of(event);
  std::string out;
  core::JsonWriter writer(out);
  writer.object()
      .field("type", type)
      .field("timestamp", core::to_rfc3339(event.at))
      .key("data")
      .object()
      .field("id", event.id)
      .field("event", event.type)
      .field("tenant", event.entity.tenant)
      .field("kind", event.entity.kind)
      .field("entity", event.entity.id)
      .field("version", event.version);
  if (fields.size() <= fields_bytes_max)
    writer.raw_field("fields", fields);
  else
    writer.field("fields_omitted", true);
  writer.end().end();
  return out;
}

std::string delivery_id(const std::string& endpoint, const std::string& event) {
  const auto hex = credentials::to_hex(credentials::sha256(endpoint + "\n" + event));
  // The time of the event (48 bits) leads; what follows is of the pair alone.
  const auto time = event.size() == 36 ? event.substr(0, 13) : hex.substr(32, 8) + "-" + hex.substr(40, 4);
  return time + "-8" + hex.substr(0, 3) + "-a" + hex.substr(3, 3) + "-" + hex.substr(6, 12);
}

}  // namespace nova::webhooks
