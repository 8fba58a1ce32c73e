#include "governance/killswitch/feed.hpp"

#include "core/describe/codec.hpp"

#include <set>

namespace nova::killswitch {
namespace {

constexpr std::size_t page_documents = 1000;
constexpr std::size_t slice_events = 1000;
constexpr std::string_view home = "system", kind = "kill_switch";
// The switches last: what they cover is known when they are.
constexpr std::string_view kinds[] = {"ai_layer", "ai_agent", kind};

// Of one that cannot be read only its id is sure.
Line unreadable(const std::string& id) {
  Line line;
  line.id = id;
  line.engaged = true;
  line.reason = "what is stored of it cannot be read";
  const auto point = id.find('.');
  const auto name = id.substr(0, point);
  const auto& names = kill_switch::names_of(static_cast<const kill_switch::Scope*>(nullptr));
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) line.scope = kill_switch::Scope(i);
  if (point == std::string::npos || !kill_switch::has_target(line.scope)) return line;
  line.target = id.substr(point + 1);
  if (const auto parted = line.target.find(".."); parted != std::string::npos) line.target.replace(parted, 2, "/");
  return line;
}

Line line_of(const store::Document& document) {
  const auto state = core::from_json<kill_switch::State>(document.body, core::Reading::stored);
  if (!state) return unreadable(document.key.id);
  Line line;
  line.id = document.key.id;
  line.scope = state->scope;
  line.target = state->target;
  line.engaged = state->status == kill_switch::Status::engaged;
  line.reason = state->reason;
  line.reason_ar = state->reason_ar;
  line.by = state->by;
  line.incident_id = state->incident_id;
  line.at = state->at;
  line.until = state->until;
  line.epoch = state->epoch;
  return line;
}

}  // namespace

void Feed::take(const store::Document& document) {
  if (document.key.tenant != home) return;
  reaches_.take(document);
  if (document.key.kind == kind) truth_.put(line_of(document), document.version);
}

core::Status Feed::load(const store::EventStore& store) {
  // What is committed while the pages are read is in the log after this.
  followed_ = store.head();
  for (const auto each : kinds) {
    store::DocumentQuery query;
    query.tenant = home;
    query.kind = each;
    query.limit = page_documents;
    do {
      auto page = store.documents(query);
      if (!page) return std::move(page).error();
      for (const auto& document : page->items) take(document);
      query.after = std::move(page->next);
    } while (!query.after.empty());
  }
  truth_.loaded();
  return core::ok();
}

core::Status Feed::follow(const store::EventStore& store) {
  // Asked of the log itself: what the store was told of its end may be old.
  auto newest = store.read_back(0, {}, 1);
  if (!newest) return std::move(newest).error();
  const auto head = newest->empty() ? 0 : newest->front().position;
  std::set<core::EntityKey> changed;
  for (const auto each : kinds) {
    store::EventFilter filter;
    filter.tenant = home;
    filter.kind = each;
    for (auto position = followed_; position < head;) {
      auto slice = store.read_all(position, filter, slice_events);
      if (!slice) return std::move(slice).error();
      for (const auto& event : slice->events) changed.insert(event.entity);
      if (slice->scanned_to <= position) return core::unavailable("store.behind", "the log's end is not seen yet");
      position = slice->scanned_to;
    }
  }
  for (const auto& key : changed) {
    auto document = store.document(key);
    if (!document) return std::move(document).error();
    if (*document) take(**document);
  }
  followed_ = std::max(followed_, head);
  return core::ok();
}

}  // namespace nova::killswitch
