#include "gateway/sovereign/trace.hpp"

#include "core/describe/codec.hpp"
#include "governance/credentials/digest.hpp"

namespace nova::gateway::sovereign {
namespace {

constexpr std::size_t slice_events = 500;

core::Result<std::vector<core::StoredEvent>> events_of(Behind& behind, const Request& request,
                                                       const core::EntityKey& key) {
  std::vector<core::StoredEvent> all;
  const auto reads = reads_for(behind, request);
  while (all.size() <= trace_events_max) {
    auto part = reads.read(key, all.empty() ? 0 : all.back().version, slice_events);
    if (!part) return std::move(part).error();
    const bool last = part->size() < slice_events;
    std::move(part->begin(), part->end(), std::back_inserter(all));
    if (last) return all;
  }
  return core::refusal("decision.trace_too_long", "more happened than can be shown at once")
      .fix("read its events in pages");
}

void add_part(std::string& text, std::string_view part) {
  text += std::to_string(part.size()) + ":";
  text += part;
}

std::string digest_after(const std::string& before, const core::StoredEvent& event, const core::EventMeta& meta,
                         const std::string& status) {
  std::string text;
  for (const std::string_view part :
       {std::string_view(before), std::string_view(meta.principal_type), std::string_view(meta.principal),
        std::string_view(meta.command), std::string_view(event.type), std::string_view(event.body),
        std::string_view(status)})
    add_part(text, part);
  add_part(text, std::to_string(event.position));
  add_part(text, core::to_rfc3339(event.at));
  return "sha256:" + credentials::to_hex(credentials::sha256(text));
}

}  // namespace

void trace(Behind& behind, const Request& request, const Reply& reply, const core::Kind& kind) {
  const auto key = target_of(request, kind.name);
  if (!key) return reply_error(request, reply, key.error());
  if (auto may = behind.guard.may_read(request.principal, kind.read, key->tenant); !may)
    return reply_error(request, reply, may.error());
  const auto seen = existing(behind, request, *key);
  if (!seen) return reply_error(request, reply, seen.error());
  const auto events = events_of(behind, request, *key);
  if (!events) return reply_error(request, reply, events.error());

  std::string steps, digest;
  core::JsonWriter writer(steps);
  writer.array();
  auto state = kind.make_state();
  std::string phase = kind.summarise(state.get()).status;
  bool readable = true;
  for (const auto& event : *events) {
    if (event.version > seen->document->version) break;  // the document is what it is compared with
    const auto meta = core::from_json<core::EventMeta>(event.meta, core::Reading::stored);
    if (!meta) return reply_error(request, reply, meta.error());
    if (const int at = kind.event_row(event.type); at >= 0) {
      const auto value = kind.make_event(std::size_t(at));
      const auto& type = *kind.events[std::size_t(at)].type;
      readable = readable && bool(core::from_json(type, value.get(), event.body, core::Reading::stored));
      kind.evolve(state.get(), std::size_t(at), value.get());
    }
    const auto status = kind.summarise(state.get()).status;
    digest = digest_after(digest, event, *meta, status);
    writer.object()
        .field("position", event.position)
        .field("version", event.version)
        .field("at", core::to_rfc3339(event.at))
        .field("phase", phase)
        .field("by", meta->principal_type + ":" + meta->principal)
        .field("command", meta->command)
        .field("type", event.type)
        .raw_field("body", event.body);
    if (meta->decision) {
      writer.key("rules").array();
      for (const auto& rule : meta->decision->rules) writer.value(rule);
      writer.end().field("constitution", meta->decision->constitution);
    }
    writer.field("status", status).field("digest", digest).end();
    phase = status;
  }
  writer.end();

  const auto again = core::to_json(*kind.state, state.get());
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("tenant", key->tenant)
      .field("kind", key->kind)
      .field("id", key->id)
      .field("status", seen->document->status)
      .field("replays", readable && again == seen->document->body)
      .field("digest", digest)
      .raw_field("steps", steps)
      .end();
  reply(json(200, std::move(out)));
}

}  // namespace nova::gateway::sovereign
