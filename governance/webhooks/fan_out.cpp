#include "governance/webhooks/fan_out.hpp"

#include "actors/webhook_cursor/webhook_cursor.hpp"
#include "actors/webhook_delivery/webhook_delivery.hpp"
#include "actors/webhook_endpoint/event_types.hpp"
#include "actors/webhook_endpoint/webhook_endpoint.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "governance/webhooks/payload.hpp"

#include <algorithm>

namespace nova::webhooks {
namespace {

constexpr std::string_view endpoint_kind = "webhook_endpoint", delivery_kind = "webhook_delivery";
constexpr std::size_t page_documents = 200;

std::string create_body(const std::string& endpoint, std::string_view type, const core::StoredEvent& event,
                        bool overflow) {
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("endpoint", endpoint)
      .field("event_type", type)
      .field("event", event.id)
      .field("payload", payload_of(type, event))
      .field("overflow", overflow)
      .end();
  return body;
}

}  // namespace

core::Status FanOut::load() {
  tenants_.clear();
  // What is committed while the pages are read comes in the log after this.
  auto newest = store_.read_back(0, {}, 1);
  if (!newest) return std::move(newest).error();
  const auto head = newest->empty() ? 0 : newest->front().position;
  auto cursor = store_.document(cursor_key);
  if (!cursor) return std::move(cursor).error();
  if (*cursor) {
    auto state = core::from_json<webhook_cursor::State>((*cursor)->body, core::Reading::stored);
    if (!state) return std::move(state).error();
    position_ = written_ = std::min(state->position, head);
  } else {
    position_ = head;
    deliveries_since_ = true;  // so that it is written at once
  }
  next_ = position_;
  return load_endpoints();
}

core::Status FanOut::load_endpoints() {
  store::DocumentQuery query;
  query.kind = endpoint_kind;
  query.limit = page_documents;
  do {
    auto page = store_.documents(query);
    if (!page) return std::move(page).error();
    for (const auto& document : page->items) {
      if (auto known = put(document); !known) return known;
      auto& waiting = tenants_[document.key.tenant][document.key.id].waiting;
      auto loaded = load_waiting(document.key, [&](const std::string& id) { waiting.insert(id); });
      if (!loaded) return loaded;
    }
    query.after = std::move(page->next);
  } while (!query.after.empty());
  return core::ok();
}

core::Status FanOut::load_waiting(const core::EntityKey& endpoint,
                                  const std::function<void(const std::string& id)>& each) {
  for (const auto* status : {"pending", "held"}) {
    store::DocumentQuery query;
    query.tenant = endpoint.tenant;
    query.kind = delivery_kind;
    query.status = status;
    query.parent = std::string(endpoint_kind) + "/" + endpoint.id;
    query.limit = page_documents;
    do {
      auto page = store_.documents(query);
      if (!page) return std::move(page).error();
      for (const auto& document : page->items) each(document.key.id);
      query.after = std::move(page->next);
    } while (!query.after.empty());
  }
  return core::ok();
}

core::Status FanOut::look_at(const core::EntityKey& key) {
  auto document = store_.document(key);
  if (!document) return std::move(document).error();
  return *document ? put(**document) : core::ok();
}

core::Status FanOut::put(const store::Document& document) {
  auto state = core::from_json<webhook_endpoint::State>(document.body, core::Reading::stored);
  if (!state) return std::move(state).error();
  auto& endpoint = tenants_[document.key.tenant][document.key.id];
  if (endpoint.since == 0) {
    auto first = store_.read(document.key, 0, 1);
    if (!first) return std::move(first).error();
    if (!first->empty()) endpoint.since = first->front().position;
  }
  endpoint.takes = document.status == "active" || document.status == "paused";
  endpoint.events = std::move(state->events);
  return core::ok();
}

core::Result<FanOut::Step> FanOut::step() {
  Step step;
  step_delivers_ = false;
  store::EventFilter filter;
  // While nobody listens, only the first who will is of interest.
  if (tenants_.empty()) filter.kind = endpoint_kind;
  auto slice = store_.read_all(position_, filter, tenants_.empty() ? 1 : slice_events);
  if (!slice) return std::move(slice).error();
  next_ = std::max(position_, slice->scanned_to);
  if (tenants_.empty() && !slice->events.empty()) next_ = slice->events.front().position;
  for (const auto& event : slice->events) {
    if (auto known = take(event, step); !known) return std::move(known).error();
    if (step.commands.size() < step_commands_max) continue;
    next_ = event.position;
    break;
  }
  step.more = next_ < store_.head();
  return step;
}

core::Status FanOut::take(const core::StoredEvent& event, Step& step) {
  if (event.entity.kind == endpoint_kind) return endpoint_changed(event, step);
  if (event.entity.kind == delivery_kind) return delivery_changed(event);
  deliver(event, step);
  return core::ok();
}

// The document says what it is now, which may be later than the event: then another event follows.
core::Status FanOut::endpoint_changed(const core::StoredEvent& event, Step& step) {
  if (auto looked = look_at(event.entity); !looked) return looked;
  const auto& type = event.type;
  if (type != "webhook_endpoint.resumed" && type != "webhook_endpoint.deleted" && type != "webhook.disabled")
    return core::ok();
  step_delivers_ = true;
  return load_waiting(event.entity, [&](const std::string& id) {
    step.commands.push_back({{event.entity.tenant, std::string(delivery_kind), id}, "wake"});
  });
}

core::Status FanOut::delivery_changed(const core::StoredEvent& event) {
  const auto tenant = tenants_.find(event.entity.tenant);
  if (tenant == tenants_.end()) return core::ok();
  if (event.type == "webhook.delivered" || event.type == "webhook.failed") {
    for (auto& [id, endpoint] : tenant->second) endpoint.waiting.erase(event.entity.id);
    return core::ok();
  }
  // A redelivery does not name its endpoint; those are few, and people make them.
  if (event.type != "webhook_delivery.created") return core::ok();
  const auto endpoint = tenant->second.find(core::json_text(event.body, "endpoint").value_or(""));
  if (endpoint != tenant->second.end()) endpoint->second.waiting.insert(event.entity.id);
  return core::ok();
}

void FanOut::deliver(const core::StoredEvent& event, Step& step) {
  const auto tenant = tenants_.find(event.entity.tenant);
  if (tenant == tenants_.end()) return;
  const auto type = webhook_endpoint::type_of_event(event.type);
  if (type.empty()) return;
  for (auto& [id, endpoint] : tenant->second) {
    if (!endpoint.takes || event.position <= endpoint.since) continue;
    if (std::find(endpoint.events.begin(), endpoint.events.end(), type) == endpoint.events.end()) continue;
    auto delivery = delivery_id(id, event.id);
    const bool overflow = endpoint.waiting.size() >= waiting_max && endpoint.waiting.count(delivery) == 0;
    // Counted at once, since its own event comes only later in the log.
    if (!overflow) endpoint.waiting.insert(delivery);
    step.commands.push_back({{event.entity.tenant, std::string(delivery_kind), std::move(delivery)},
                             "create",
                             create_body(id, type, event, overflow)});
    step_delivers_ = true;
  }
}

void FanOut::taken() {
  position_ = next_;
  deliveries_since_ = deliveries_since_ || step_delivers_;
}

std::optional<Command> FanOut::cursor() const {
  if (!deliveries_since_ && position_ - written_ < cursor_stride) return std::nullopt;
  return Command{cursor_key, "advance", R"({"position":)" + std::to_string(position_) + "}"};
}

std::size_t FanOut::endpoints() const {
  std::size_t count = 0;
  for (const auto& [name, tenant] : tenants_) count += tenant.size();
  return count;
}

std::size_t FanOut::waiting() const {
  std::size_t count = 0;
  for (const auto& [name, tenant] : tenants_)
    for (const auto& [id, endpoint] : tenant) count += endpoint.waiting.size();
  return count;
}

}  // namespace nova::webhooks
