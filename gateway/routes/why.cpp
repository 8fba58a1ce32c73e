// Why an entity is in its state: the event that put it there, by which decision, and what caused that.
#include "actors/approval/approval.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "gateway/routes/constitution/parts.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"
#include "governance/approvals/approvals.hpp"

#include <algorithm>

namespace nova::gateway {
namespace {

constexpr std::size_t stream_events_max =
    2000;  // folded to find the event; older ones of a longer stream are not looked at
constexpr std::size_t log_events_max = 10'000;  // searched backwards for causes
constexpr std::size_t slice = 500;
constexpr std::size_t chain_max = 10;

core::EventMeta meta_of(const core::StoredEvent& event) {
  auto read = core::from_json<core::EventMeta>(event.meta, core::Reading::stored);
  return read ? std::move(*read) : core::EventMeta{};
}

// Newest events of the entity, oldest first.
core::Result<std::vector<core::StoredEvent>> tail_of(const Reads& reads, const store::Document& document) {
  const std::uint64_t after = document.version > stream_events_max ? document.version - stream_events_max : 0;
  std::vector<core::StoredEvent> events;
  for (std::uint64_t at = after; at < document.version;) {
    auto read = reads.read(document.key, at, slice);
    if (!read) return read;
    if (read->empty()) break;
    at = read->back().version;
    std::move(read->begin(), read->end(), std::back_inserter(events));
  }
  return events;
}

// Folds the stream and remembers where the status last became what it is. The beginning of a very long stream is left
// out; then the newest event that people decided has to do, as it has where the fold cannot tell.
std::size_t turning_point(const core::Kind& kind, const std::vector<core::StoredEvent>& events,
                          const std::string& status) {
  std::size_t decided = 0, turned = events.size();
  auto state = kind.make_state();
  std::string before;
  const bool whole = events.front().version == 1;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const int row = kind.event_row(events[i].type);
    if (row < 0) continue;
    const auto& description = kind.events[std::size_t(row)];
    if (!description.observation) decided = i;
    if (!whole) continue;
    auto event = kind.make_event(std::size_t(row));
    if (!core::from_json(*description.type, event.get(), events[i].body, core::Reading::stored)) return decided;
    kind.evolve(state.get(), std::size_t(row), event.get());
    auto now = kind.summarise(state.get()).status;
    if (now != before && now == status) turned = i;
    before = std::move(now);
  }
  return turned < events.size() ? turned : kind.observed ? events.size() - 1 : decided;
}

// The first event of the command that `event` belongs to: the one with the decision.
const core::StoredEvent& first_of_command(const std::vector<core::StoredEvent>& events, std::size_t at) {
  const auto command = meta_of(events[at]).command_id;
  while (at > 0 && !command.empty() && meta_of(events[at - 1]).command_id == command) --at;
  return events[at];
}

// Causes lie earlier in the log of the same tenant: the first event of each command that sent the next one.
core::Result<std::vector<core::StoredEvent>> causes_of(const Reads& reads, const core::StoredEvent& event) {
  std::vector<core::StoredEvent> chain;
  auto wanted = meta_of(event).cause;
  std::uint64_t position = event.position;
  for (std::size_t searched = 0; !wanted.empty() && searched < log_events_max && chain.size() < chain_max;) {
    auto read = reads.read_back(position, {event.entity.tenant, {}, {}, {}}, slice);
    if (!read) return read;
    if (read->empty()) break;
    for (auto& earlier : *read) {
      const auto meta = meta_of(earlier);
      const bool continues = !chain.empty() && meta_of(chain.back()).command_id == meta.command_id;
      if (meta.command_id == wanted) {
        wanted = meta.cause;
        chain.push_back(std::move(earlier));
      } else if (continues) {
        chain.back() = std::move(earlier);  // an earlier event of the same command
      } else if (wanted.empty()) {
        break;
      }
      if (chain.size() == chain_max) break;
    }
    searched += read->size();
    position = read->back().position;
  }
  return chain;
}

// What would change the answer: of an approval who must still agree, of anything else the acts to it that wait.
core::Status write_waiting(core::JsonWriter& writer, const Reads& reads, const store::Document& document) {
  const auto write = [&](const store::Document& one) {
    if (const auto state = core::from_json<approval::State>(one.body, core::Reading::stored))
      writer.raw(approvals::held_json(one.key, *state));
    else
      writer.null();
  };
  if (document.key.kind == "approval") {
    writer.key("approval");
    write(document);
    return core::ok();
  }
  store::DocumentQuery query;
  query.tenant = document.key.tenant;
  query.kind = "approval";
  query.status = "pending";
  query.parent = document.key.kind + "/" + document.key.id;
  query.limit = chain_max;
  auto page = reads.documents(query);
  if (!page) return std::move(page).error();
  writer.key("waiting").array();
  for (const auto& one : page->items) write(one);
  writer.end();
  return core::ok();
}

void why(Behind& behind, const core::Kind& kind, const Request& request, const Reply& reply) {
  auto key = key_of(request, kind);
  if (!key) return reply_error(request, reply, key.error());
  auto seen = existing(behind, request, *key);
  if (!seen) return reply_error(request, reply, seen.error());
  const auto& document = *seen->document;
  const auto reads = reads_for(behind, request);
  auto events = tail_of(reads, document);
  if (!events) return reply_error(request, reply, events.error());
  if (events->empty()) return reply_error(request, reply, not_found(*key));
  const auto at = turning_point(kind, *events, document.status);
  const auto& event = (*events)[at];
  auto chain = causes_of(reads, event);
  if (!chain) return reply_error(request, reply, chain.error());

  std::string out;
  core::JsonWriter writer(out);
  writer.object()
      .field("status", document.status)
      .field("reason", document.reason)
      .raw_field("event", event_json(event));
  const auto& first = first_of_command(*events, at);
  writer.raw_field("decision", core::json_part(first.meta, "decision").value_or("null"));
  if (const auto decided = meta_of(first).decision)
    writer.field("position", first.position)
        .raw_field("rules", explained(behind, decided->constitution, decided->rules));
  writer.key("chain").array();
  for (const auto& cause : *chain) writer.raw(event_json(cause));
  writer.end();
  if (auto waits = write_waiting(writer, reads, document); !waits) return reply_error(request, reply, waits.error());
  writer.end();
  reply(json(200, std::move(out)));
}

}  // namespace

void add_why(Router& router, Behind& behind) {
  for (const auto* kind : core::kinds()) {
    Route route;
    route.method = "GET";
    route.access = kind->read;
    route.pattern = paths_of(*kind).one + "/why";
    route.summary = "Why a " + std::string(kind->name) + " is in its state";
    route.tag = kind->plural;
    route.kind = kind;
    route.handle = [&behind, kind](Request request, Reply reply) { why(behind, *kind, request, reply); };
    router.add(std::move(route));
  }
}

}  // namespace nova::gateway
