#include "gateway/routes/words.hpp"

#include "core/json.hpp"

#include <charconv>

namespace nova::gateway {

bool is_root_kind(const core::Kind& kind) { return kind.name == "tenant"; }

Paths paths_of(const core::Kind& kind) {
  if (is_root_kind(kind)) return {"/v1/tenants", "/v1/tenants/{tenant}"};
  const std::string list = "/v1/tenants/{tenant}/" + std::string(kind.plural);
  return {list, list + "/{id}"};
}

core::Error not_found(const core::EntityKey& key) {
  return core::refusal(key.kind + ".not_found",
                       "there is no " + key.kind + " `" + key.id + "` in tenant `" + key.tenant + "`");
}

core::Result<core::EntityKey> key_of(const Request& request, const core::Kind& kind) {
  core::EntityKey key{request.param("tenant"), std::string(kind.name), {}};
  key.id = is_root_kind(kind) ? key.tenant : request.param("id");
  if (!core::is_name(key.tenant) || !core::is_name(key.id)) return not_found(key);
  return key;
}

std::string item_json(const store::Document& d) {
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("id", d.key.id)
      .field("kind", d.key.kind)
      .field("tenant", d.key.tenant)
      .field("status", d.status)
      .field("reason", d.reason)
      .field("parent", d.parent)
      .field("version", d.version)
      .field("intent_version", d.intent_version)
      .field("position", d.position)
      .field("created_at", core::to_rfc3339(d.created_at))
      .field("updated_at", core::to_rfc3339(d.updated_at))
      .raw_field("state", d.body.empty() ? "{}" : d.body)
      .end();
  return out;
}

std::string event_json(const core::StoredEvent& e) {
  const auto* kind = core::find_kind(e.entity.kind);
  const std::string plural(kind ? kind->plural : std::string_view(e.entity.kind));
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("specversion", "1.0")
      .field("id", e.id)
      .field("source", "/tenants/" + e.entity.tenant + "/" + plural + "/" + e.entity.id)
      .field("type", e.type)
      .field("time", core::to_rfc3339(e.at))
      .field("subject", core::to_string(e.entity))
      .field("datacontenttype", "application/json")
      .field("position", e.position)
      .field("version", e.version)
      .raw_field("data", e.body.empty() ? "{}" : e.body)
      .raw_field("meta", e.meta.empty() ? "{}" : e.meta)
      .end();
  return out;
}

core::Result<std::uint64_t> number_query(const Request& request, std::string_view name, std::uint64_t fallback,
                                         std::uint64_t min, std::uint64_t max) {
  const auto text = request.query_value(name);
  if (!text) return fallback;
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (failed != std::errc() || end != text->data() + text->size() || value < min || value > max)
    return core::invalid_input("?" + std::string(name),
                               "must be a number from " + std::to_string(min) + " to " + std::to_string(max));
  return value;
}

core::Result<bool> flag_query(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text || *text == "false" || *text == "0") return false;
  if (*text == "true" || *text == "1" || text->empty()) return true;
  return core::invalid_input("?" + std::string(name), "must be true or false");
}

core::Result<Seen> existing(Behind& behind, const core::EntityKey& key) {
  auto seen = behind.cache.get(key);
  if (seen && !seen->document) return not_found(key);
  return seen;
}

void reply_error(const Request& request, const Reply& reply, const core::Error& error) {
  reply(problem(error, request.id));
}

}  // namespace nova::gateway
