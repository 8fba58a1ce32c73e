// The log: pages, the newest, and streams that resume where they were cut.
#include "core/json.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>

namespace nova::gateway {
namespace {

constexpr std::size_t slice = 200;  // events of one piece of a stream
constexpr std::size_t piece_bytes_max = 256 * 1024;
constexpr int slices_max = 50;  // read for one page whose filter matches little

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

std::string sse_event(const core::StoredEvent& event) {
  return "id: " + std::to_string(event.position) + "\nevent: " + core::printable(event.type) +
         "\ndata: " + one_line(event_json(event)) + "\n\n";
}

core::Result<std::uint64_t> parse_position(std::string_view text, std::string_view name) {
  std::uint64_t position = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), position);
  if (text.empty() || failed != std::errc() || end != text.data() + text.size())
    return core::invalid_input(std::string(name), "must be a position of the log");
  return position;
}

// Follows the log from a position by pulling: what was read last is where the next read begins, so there is neither a
// gap nor a double, and a slow reader holds one piece. Waiting costs an entry in the tail's table.
class EventStream final : public Stream, public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(Behind& behind, Reads reads, store::EventFilter filter, std::uint64_t position)
      : behind_(behind), reads_(std::move(reads)), filter_(std::move(filter)), position_(position) {}

  void next(std::function<void(Piece)> ready) override {
    behind_.scheduler.post([self = shared_from_this(), r = std::move(ready)]() mutable { self->read(std::move(r)); });
  }

  void cancel() override {
    cancelled_ = true;
    behind_.tail.cancel(ticket_);
  }

  std::string heartbeat() const override { return ": heartbeat\n\n"; }

 private:
  void read(std::function<void(Piece)> ready) {
    if (cancelled_) return;
    auto read = reads_.read_all(position_, filter_, slice);
    if (!read) return ready({"event: error\ndata: " + one_line(problem(read.error(), {}).body) + "\n\n", true});
    std::string text;
    std::uint64_t reached = read->scanned_to;
    for (const auto& event : read->events) {
      text += sse_event(event);
      if (text.size() < piece_bytes_max) continue;
      reached = event.position;
      break;
    }
    const bool moved = reached > position_;
    position_ = reached;
    if (!text.empty()) return ready({std::move(text), false});
    if (moved && position_ < behind_.store.head())
      return next(std::move(ready));  // nothing matched: go on, after others had a turn
    ticket_ = behind_.tail.wait(
        position_ + 1, [self = shared_from_this(), r = std::move(ready)]() mutable { self->read(std::move(r)); });
    if (cancelled_) behind_.tail.cancel(ticket_);
  }

  Behind& behind_;
  const Reads reads_;
  const store::EventFilter filter_;
  std::uint64_t position_;  // touched by one read at a time
  std::atomic<std::uint64_t> ticket_{0};
  std::atomic<bool> cancelled_{false};
};

store::EventFilter filter_of(const Request& request) {
  const auto text = [&](std::string_view name) { return std::string(request.query_value(name).value_or("")); };
  store::EventFilter filter{text("tenant"), text("kind"), text("id"), text("type")};
  if (filter.tenant == any_tenant) filter.tenant.clear();
  if (const auto* kind = filter.kind.empty() ? nullptr : core::find_kind(filter.kind)) filter.kind = kind->name;
  return filter;
}

std::string items(const std::vector<core::StoredEvent>& events, std::optional<std::uint64_t> next) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto& event : events) writer.raw(event_json(event));
  writer.end();
  if (next) writer.field("next", std::to_string(*next));
  writer.end();
  return out;
}

Response at_position(std::string body, std::uint64_t position) {
  auto response = json(200, std::move(body));
  response.headers.emplace_back("Nova-Position", std::to_string(position));
  return response;
}

void newest(Behind& behind, const store::EventFilter& filter, std::uint64_t count, const Request& request,
            const Reply& reply) {
  const auto head = behind.store.head();
  auto read = reads_for(behind, request).read_back(0, filter, count);
  if (!read) return reply_error(request, reply, read.error());
  std::reverse(read->begin(), read->end());
  reply(at_position(items(*read, {}), head));
}

void page(Behind& behind, const store::EventFilter& filter, std::uint64_t after, std::size_t limit,
          const Request& request, const Reply& reply) {
  std::vector<core::StoredEvent> events;
  std::uint64_t position = after;
  const auto reads = reads_for(behind, request);
  const auto head = behind.store.head();
  for (int i = 0; i < slices_max && events.size() < limit && position < head; ++i) {
    auto read = reads.read_all(position, filter, limit - events.size());
    if (!read) return reply_error(request, reply, read.error());
    std::move(read->events.begin(), read->events.end(), std::back_inserter(events));
    if (read->scanned_to <= position) break;
    position = read->scanned_to;
  }
  // An empty page may still have a `next`: a filter that matches little is searched in steps.
  reply(at_position(items(events, position < head ? std::optional(position) : std::nullopt), position));
}

bool wants_stream(const Request& request) {
  return request.header("accept").find("text/event-stream") != std::string_view::npos;
}

void follow(Behind& behind, const Request& request, const Reply& reply) {
  auto after = parse_position(request.query_value("after").value_or(std::to_string(behind.store.head())), "?after");
  // What a reconnecting reader saw last counts more than where it once began.
  if (request.has_header("last-event-id")) after = parse_position(request.header("last-event-id"), "Last-Event-ID");
  if (!after) return reply_error(request, reply, after.error());
  if (*after > behind.store.head())
    return reply_error(request, reply,
                       core::invalid_input("?after", "lies beyond the end of the log: it belongs to another node"));
  Response response;
  response.content_type = "text/event-stream; charset=utf-8";
  response.headers = {{"Nova-Position", std::to_string(*after)}};
  response.stream = std::make_shared<EventStream>(behind, reads_for(behind, request), filter_of(request), *after);
  reply(std::move(response));
}

void log(Behind& behind, const Request& request, const Reply& reply) {
  if (wants_stream(request)) return follow(behind, request, reply);
  const auto last = number_query(request, "last", 0, 1, page_items_max);
  if (!last) return reply_error(request, reply, last.error());
  if (*last > 0) return newest(behind, filter_of(request), *last, request, reply);
  const auto after = number_query(request, "after", 0, 0, INT64_MAX);
  if (!after) return reply_error(request, reply, after.error());
  const auto limit = number_query(request, "limit", page_items_default, 1, page_items_max);
  if (!limit) return reply_error(request, reply, limit.error());
  page(behind, filter_of(request), *after, *limit, request, reply);
}

void of_entity(Behind& behind, const core::Kind& kind, const Request& request, const Reply& reply) {
  auto key = key_of(request, kind);
  if (!key) return reply_error(request, reply, key.error());
  auto seen = existing(behind, request, *key);
  if (!seen) return reply_error(request, reply, seen.error());
  const auto last = number_query(request, "last", 0, 1, page_items_max);
  if (!last) return reply_error(request, reply, last.error());
  if (*last > 0) return newest(behind, {key->tenant, key->kind, key->id, {}}, *last, request, reply);
  const auto after = number_query(request, "after_version", 0, 0, INT64_MAX);
  if (!after) return reply_error(request, reply, after.error());
  const auto limit = number_query(request, "limit", page_items_default, 1, page_items_max);
  if (!limit) return reply_error(request, reply, limit.error());
  auto read = reads_for(behind, request).read(*key, *after, *limit);
  if (!read) return reply_error(request, reply, read.error());
  const bool more = read->size() == *limit && read->back().version < seen->document->version;
  reply(at_position(items(*read, more ? std::optional(read->back().version) : std::nullopt), seen->position));
}

}  // namespace

void add_events(Router& router, Behind& behind) {
  Route all;
  all.method = "GET";
  all.pattern = "/v1/events";
  all.summary = "The log: a page, the newest, or with `Accept: text/event-stream` what comes";
  all.tag = "events";
  all.query = {{"tenant", "only of this tenant"},
               {"kind", "only of this kind"},
               {"id", "only of this entity"},
               {"type", "exact, or a prefix that ends in *"},
               {"after", "position to go on from", "integer"},
               {"limit", "1 to 1000; 100 when left out", "integer"},
               {"last", "the newest so many, oldest first", "integer"}};
  // A tenant's own log is its members' to read who may look at what was done (S21); all of it the platform's people's.
  all.access = core::Access{.capability = "audit.view", .permission = "platform:read", .scope = "platform.read"};
  all.handle = [&behind](Request request, Reply reply) { log(behind, request, reply); };
  router.add(std::move(all));

  for (const auto* kind : core::kinds()) {
    Route one;
    one.method = "GET";
    one.access = kind->read;
    one.pattern = paths_of(*kind).one + "/events";
    one.summary = "Events of one " + std::string(kind->name);
    one.tag = kind->plural;
    one.kind = kind;
    one.query = {{"after_version", "version to go on from", "integer"},
                 {"limit", "1 to 1000; 100 when left out", "integer"},
                 {"last", "the newest so many, oldest first", "integer"}};
    one.handle = [&behind, kind](Request request, Reply reply) { of_entity(behind, *kind, request, reply); };
    router.add(std::move(one));
  }
}

}  // namespace nova::gateway
