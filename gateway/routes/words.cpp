#include "gateway/routes/words.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace nova::gateway {
namespace {

// Few kinds hold anything that is not shown as it is stored; the others' texts are passed on.
bool guarded(const core::Type* type) {
  static const auto answers = [] {
    std::map<const core::Type*, bool> made;
    for (const auto* kind : core::kinds()) {
      made[kind->state] = core::is_guarded(*kind->state);
      for (const auto& event : kind->events) made[event.type] = core::is_guarded(*event.type);
    }
    return made;
  }();
  const auto found = answers.find(type);
  return found == answers.end() || found->second;
}

// What cannot be read is not shown at all.
std::string shown(const core::Type& type, void* blank, std::string_view stored, const core::FieldCipher* cipher) {
  if (!core::from_json(type, blank, stored, core::Reading::stored, cipher)) return "{}";
  return core::to_shown_json(type, blank);
}

std::string shown_state(const Behind& behind, const store::Document& document) {
  if (document.body.empty()) return "{}";
  const auto* kind = core::find_kind(document.key.kind);
  if (!kind || !guarded(kind->state)) return document.body;
  std::shared_ptr<const core::FieldCipher> cipher;
  if (auto* vault = behind.options.identities.vault)
    if (auto subject = vault->subject(core::to_string(document.key))) cipher = std::move(*subject);
  return shown(*kind->state, kind->make_state().get(), document.body, cipher.get());
}

// Personal values stay sealed here: whoever may read the log may not read who somebody is.
std::string shown_event(const core::Kind* kind, const core::StoredEvent& event) {
  if (event.body.empty()) return "{}";
  const int row = kind ? kind->event_row(event.type) : -1;
  if (row < 0) return event.body;
  const auto& type = *kind->events[std::size_t(row)].type;
  if (!guarded(&type)) return event.body;
  return shown(type, kind->make_event(std::size_t(row)).get(), event.body, nullptr);
}

}  // namespace

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

std::string item_json(const Behind& behind, const store::Document& d) {
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
      .raw_field("state", shown_state(behind, d))
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
      .raw_field("data", shown_event(kind, e))
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

core::Result<std::string> word_query(const Request& request, std::string_view name,
                                     const std::vector<std::string_view>& words) {
  std::string word(request.query_value(name).value_or(""));
  if (word.empty() || std::find(words.begin(), words.end(), word) != words.end()) return word;
  std::string all;
  for (const auto known : words) all += (all.empty() ? "" : ", ") + std::string(known);
  return core::invalid_input("?" + std::string(name), "must be one of " + all);
}

core::Result<Seen> existing(Behind& behind, const Request& request, const core::EntityKey& key) {
  auto seen = reads_for(behind, request).get(key);
  if (seen && !seen->document) return not_found(key);
  return seen;
}

void reply_error(const Request& request, const Reply& reply, const core::Error& error) {
  reply(problem(error, request.id));
}

}  // namespace nova::gateway
