// The tree as rows, for who draws it live: pages by a cursor, then a stream of the rows that changed since. Nothing is
// kept between questions, so a reader costs nothing before it asks and nothing after it went.
//
// Positions join: the first page names the position of the log that it was read at, and a stream from there tells every
// row that changed later. A row is what its entity is now, so telling one twice does no harm, and a reader that was cut
// off goes on from the last position it saw.
#include "core/json.hpp"
#include "gateway/routes/tree/shape.hpp"
#include "gateway/routes/words.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <map>

namespace nova::gateway::tree {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t rows_max = 5000, rows_default = 1000;
constexpr std::size_t read_items = 1000;
constexpr std::size_t slice = 500;         // events of one read
constexpr std::size_t changed_max = 1000;  // rows of one piece
constexpr auto pause = 250ms;              // between pieces: what changes often is told once
constexpr int pieces_between_looks = 4;

// Containers come before what they hold: a reader can draw what it has.
const std::vector<const core::Kind*>& kinds_in_order() {
  static const auto order = [] {
    auto list = std::vector<const core::Kind*>(core::kinds().begin(), core::kinds().end());
    const auto rank = [](const core::Kind* kind) {
      return kind->name == "tenant" ? 0 : kind->name == "platform" ? 1 : kind->name == "deployment" ? 2 : 3;
    };
    std::stable_sort(list.begin(), list.end(), [&](auto* a, auto* b) { return rank(a) < rank(b); });
    return list;
  }();
  return order;
}

/// One kind, in any state or in one.
struct Wanted {
  const core::Kind* kind = nullptr;
  std::string status;
};

/// `kinds=tenant,instance:quarantined`; nothing given: every kind.
core::Result<std::vector<Wanted>> wanted_of(const Request& request) {
  std::vector<Wanted> list;
  const auto asked = request.query_value("kinds");
  if (!asked) {
    for (const auto* kind : kinds_in_order()) list.push_back({kind, {}});
    return list;
  }
  std::string_view rest = *asked;
  while (!rest.empty()) {
    const auto word = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    const auto name = word.substr(0, word.find(':'));
    const auto* kind = core::find_kind(std::string(name));
    if (!kind) return core::invalid_input("?kinds", "names no kind: `" + core::printable(name) + "`");
    list.push_back({kind, name.size() == word.size() ? "" : std::string(word.substr(name.size() + 1))});
  }
  return list;
}

/// Plain values of a state's first level that a row shows; the rest is passed over without being built.
class Picker final : public nlohmann::json_sax<Json> {
 public:
  std::string since, service, error, name, health;
  std::int64_t restarts = 0;
  bool submitted = false;

  bool null() override { return true; }
  bool boolean(bool yes) override {
    if (depth_ == 1 && key_ == "submitted") submitted = yes;
    return true;
  }
  bool number_integer(number_integer_t number) override {
    if (depth_ == 1 && key_ == "restarts") restarts = number;
    return true;
  }
  bool number_unsigned(number_unsigned_t number) override { return number_integer(number_integer_t(number)); }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t& text) override {
    if (depth_ == 2 && key_ == "message" && above_ == "last_exit") error = std::move(text);
    if (depth_ != 1) return true;
    if (key_ == "since")
      since = std::move(text);
    else if (key_ == "service")
      service = std::move(text);
    else if (key_ == "name")
      name = std::move(text);
    else if (key_ == "health")
      health = std::move(text);
    return true;
  }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_object() override { return --depth_, true; }
  bool end_array() override { return --depth_, true; }
  bool key(string_t& text) override {
    if (depth_ <= 2) key_ = std::move(text);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  bool enter() {
    if (depth_ == 1) above_ = std::move(key_), key_.clear();
    ++depth_;
    return true;
  }
  int depth_ = 0;
  std::string key_, above_;
};

// A deployment says which instances it wants and where its services answer: the reader arranges by it.
void add_services(core::JsonWriter& row, const store::Document& document) {
  const auto state = Json::parse(document.body, nullptr, false);
  if (!state.is_object()) return;
  if (const auto wanted = state.find("instances"); wanted != state.end() && wanted->is_object()) {
    row.key("instances").array();
    for (const auto& one : wanted->items()) row.value(one.key());
    row.end();
  }
  if (const auto routes = state.find("routes"); routes != state.end() && routes->is_object()) {
    row.key("services").object();
    for (const auto& route : routes->items()) row.raw_field(route.key(), address_of(state, route.key()).dump());
    row.end();
  }
}

/// What is nothing is left out: a large tree is mostly rows without trouble.
void write_row(core::JsonWriter& row, const store::Document& document) {
  Picker picked;
  Json::sax_parse(document.body, &picked);
  row.object().field("tenant", document.key.tenant).field("kind", document.key.kind).field("id", document.key.id);
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) row.field(name, value);
  };
  text("parent", document.parent);
  text("status", document.status);
  text("reason", document.reason);
  text("since", picked.since.empty() ? core::to_rfc3339(document.created_at) : picked.since);
  text("service", picked.service);
  text("last_error", picked.error);
  if (picked.restarts > 0) row.field("restarts", picked.restarts);
  if (document.key.kind == "tenant") text("name", picked.name);
  if (document.key.kind == "deployment") {
    text("health", picked.health);
    add_services(row, document);
  }
  if (picked.submitted) row.field("submitted", true);
  row.end();
}

/// The node, its services, and the entities in memory of which there is something to say.
std::string node_json(const Behind& behind, const std::string& services, const std::vector<host::EntityLine>& lines) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().raw_field("node", root_of(behind, services).dump(-1, ' ', false, Json::error_handler_t::replace));
  writer.key("busy").array();
  for (const auto& line : lines) {
    const bool parked = line.state == "parked";
    if (line.waiting == 0 && line.restarts == 0 && line.last_error.empty() && !parked) continue;
    writer.object().field("path", core::to_string(line.key));
    if (line.waiting > 0) writer.field("mailbox", line.waiting);
    if (line.restarts > 0) writer.field("restarts", line.restarts);
    if (!line.last_error.empty()) writer.field("last_error", line.last_error);
    if (parked) writer.field("parked", true);
    writer.end();
  }
  writer.end().end();
  return out;
}

/// Follows the log and tells each changed entity's row as it is now, once for all its events of a piece.
class RowStream final : public Stream, public std::enable_shared_from_this<RowStream> {
 public:
  RowStream(Behind& behind, Reads reads, std::string tenant, std::vector<Wanted> wanted, std::uint64_t position)
      : behind_(behind), reads_(std::move(reads)), position_(position) {
    filter_.tenant = std::move(tenant);
    for (auto& one : wanted) wanted_[std::string(one.kind->name)].insert(std::move(one.status));
  }

  void next(std::function<void(Piece)> ready) override {
    auto go = [self = shared_from_this(), r = std::move(ready)]() mutable { self->read(std::move(r)); };
    if (told_) return behind_.scheduler.after(pause, std::move(go));
    told_ = true;
    look(std::move(go));
  }

  void cancel() override {
    cancelled_ = true;
    behind_.tail.cancel(ticket_);
  }

  std::string heartbeat() const override { return ": heartbeat\n\n"; }

 private:
  // The services and mailboxes have no place in the log: they are looked at when something else was told.
  void look(std::function<void()> then) {
    owed_ = 0;
    tree::look(behind_, filter_.tenant,
               [self = shared_from_this(), t = std::move(then)](core::Result<std::string> services,
                                                                std::vector<host::EntityLine> lines) {
                 if (services)
                   self->seen_ = "event: node\ndata: " + node_json(self->behind_, *services, lines) + "\n\n";
                 t();
               });
  }

  void read(std::function<void(Piece)> ready) {
    if (cancelled_) return;
    if (!seen_.empty()) return ready({std::exchange(seen_, {}), false});
    if (owed_ >= pieces_between_looks) return look_first(std::move(ready));
    std::map<core::EntityKey, bool> changed;
    auto reached = position_;
    const auto head = behind_.store.head();
    while (reached < head && changed.size() < changed_max) {
      auto events = reads_.read_all(reached, filter_, slice);
      if (!events) return fail(events.error(), ready);
      for (const auto& event : events->events)
        if (wanted_.count(event.entity.kind) > 0) changed.emplace(event.entity, true);
      if (events->scanned_to <= reached) break;
      reached = events->scanned_to;
    }
    position_ = reached;
    if (!changed.empty()) return tell(changed, ready);
    if (owed_ > 0) return look_first(std::move(ready));
    ticket_ = behind_.tail.wait(
        position_ + 1, [self = shared_from_this(), r = std::move(ready)]() mutable { self->read(std::move(r)); });
    if (cancelled_) behind_.tail.cancel(ticket_);
  }

  void look_first(std::function<void(Piece)> ready) {
    look([self = shared_from_this(), r = std::move(ready)]() mutable { self->read(std::move(r)); });
  }

  void tell(const std::map<core::EntityKey, bool>& changed, const std::function<void(Piece)>& ready) {
    std::string data;
    std::vector<std::string> gone;
    core::JsonWriter writer(data);
    writer.object().key("items").array();
    for (const auto& [key, unused] : changed) {
      auto seen = reads_.get(key);
      if (!seen) return fail(seen.error(), ready);
      const auto* document = seen->document.get();
      if (document && wants(*document))
        write_row(writer, *document);
      else
        gone.push_back(core::to_string(key));
    }
    writer.end().key("gone").array();
    for (const auto& path : gone) writer.value(path);
    writer.end().end();
    ++owed_;
    ready({"id: " + std::to_string(position_) + "\nevent: rows\ndata: " + data + "\n\n", false});
  }

  bool wants(const store::Document& document) const {
    if (over.count(document.status) > 0) return false;
    const auto& states = wanted_.at(document.key.kind);
    return states.count("") > 0 || states.count(document.status) > 0;
  }

  static void fail(const core::Error& error, const std::function<void(Piece)>& ready) {
    ready({"event: error\ndata: " + problem(error, {}).body + "\n\n", true});
  }

  Behind& behind_;
  const Reads reads_;
  store::EventFilter filter_;
  std::map<std::string, std::set<std::string>> wanted_;  // kind -> states; an empty one is any
  // Touched by one step at a time.
  std::uint64_t position_;
  std::string seen_;
  int owed_ = 0;  // pieces told since the last look
  bool told_ = false;
  std::atomic<std::uint64_t> ticket_{0};
  std::atomic<bool> cancelled_{false};
};

std::string tenant_wanted(const Request& request) {
  const auto tenant = std::string(request.query_value("tenant").value_or(""));
  return tenant == any_tenant ? "" : tenant;
}

void follow(Behind& behind, const Request& request, const Reply& reply, std::vector<Wanted> wanted) {
  const auto head = behind.store.head();
  auto after = number_query(request, "after", head, 0, INT64_MAX);
  if (!after) return reply_error(request, reply, after.error());
  if (const auto seen = request.header("last-event-id"); request.has_header("last-event-id")) {
    const auto [end, failed] = std::from_chars(seen.data(), seen.data() + seen.size(), *after);
    if (seen.empty() || failed != std::errc() || end != seen.data() + seen.size())
      return reply_error(request, reply, core::invalid_input("Last-Event-ID", "must be a position of the log"));
  }
  if (*after > head)
    return reply_error(request, reply,
                       core::invalid_input("?after", "lies beyond the end of the log: it belongs to another node"));
  Response response;
  response.content_type = "text/event-stream; charset=utf-8";
  response.headers = {{"Nova-Position", std::to_string(*after)}};
  response.stream = std::make_shared<RowStream>(behind, reads_for(behind, request), tenant_wanted(request),
                                                std::move(wanted), *after);
  reply(std::move(response));
}

/// `N:CURSOR`: the kind that the next page begins in, by its place among those wanted, and the store's own cursor.
struct Place {
  std::size_t kind = 0;
  std::string after;
};

core::Result<Place> place_of(const Request& request, std::size_t kinds) {
  Place place;
  const auto text = request.query_value("cursor");
  if (!text) return place;
  const auto colon = text->find(':');
  const auto [end, failed] = std::from_chars(text->data(), text->data() + std::min(colon, text->size()), place.kind);
  if (colon == std::string_view::npos || failed != std::errc() || end != text->data() + colon || place.kind >= kinds)
    return core::invalid_input("?cursor", "is none that a page before gave");
  place.after = std::string(text->substr(colon + 1));
  return place;
}

/// Writes up to `limit` rows and moves `place` to where the next page begins.
core::Status write_page(const Reads& reads, const std::string& tenant, const std::vector<Wanted>& wanted,
                        std::size_t limit, Place& place, core::JsonWriter& writer) {
  std::size_t told = 0;
  while (place.kind < wanted.size() && told < limit) {
    store::DocumentQuery query;
    query.tenant = tenant;
    query.kind = wanted[place.kind].kind->name;
    query.status = wanted[place.kind].status;
    query.after = place.after;
    query.limit = std::min(read_items, limit - told);
    auto page = reads.documents(query);
    if (!page) return std::move(page).error();
    for (const auto& document : page->items)
      if (over.count(document.status) == 0) write_row(writer, document), ++told;
    place.after = std::move(page->next);
    if (place.after.empty()) ++place.kind;
  }
  return core::ok();
}

void page(Behind& behind, Request request, const Reply& reply, const std::vector<Wanted>& wanted) {
  const auto limit = number_query(request, "limit", rows_default, 1, rows_max);
  if (!limit) return reply_error(request, reply, limit.error());
  auto place = place_of(request, wanted.size());
  if (!place) return reply_error(request, reply, place.error());
  const bool first = !request.query_value("cursor");
  const auto head = behind.store.head();  // before the first read: what comes later is told again by the stream
  std::string body;
  core::JsonWriter writer(body);
  writer.object().key("items").array();
  if (auto written = write_page(reads_for(behind, request), tenant_wanted(request), wanted, *limit, *place, writer);
      !written)
    return reply_error(request, reply, written.error());
  writer.end();
  if (place->kind < wanted.size()) writer.field("next", std::to_string(place->kind) + ":" + place->after);
  auto answer = [head, reply](std::string text) {
    auto response = json(200, std::move(text));
    response.headers.emplace_back("Nova-Position", std::to_string(head));
    reply(std::move(response));
  };
  if (!first) {
    writer.end();
    return answer(std::move(body));
  }
  auto shared = std::make_shared<Request>(std::move(request));
  tree::look(behind, tenant_wanted(*shared),
             [&behind, shared, answer, reply, b = std::move(body)](core::Result<std::string> services,
                                                                   std::vector<host::EntityLine> lines) {
               if (!services) return reply_error(*shared, reply, services.error());
               // Two objects as one: `{"items":...` goes on with the node's fields.
               answer(b + "," + node_json(behind, *services, lines).substr(1));
             });
}

void rows(Behind& behind, Request request, const Reply& reply) {
  auto wanted = wanted_of(request);
  if (!wanted) return reply_error(request, reply, wanted.error());
  if (request.header("accept").find("text/event-stream") != std::string_view::npos)
    return follow(behind, request, reply, std::move(*wanted));
  page(behind, std::move(request), reply, *wanted);
}

}  // namespace

void add_rows(Router& router, Behind& behind) {
  Route route;
  route.method = "GET";
  route.pattern = "/v1/tree/rows";
  route.summary = "The tree as rows: a page, or with `Accept: text/event-stream` the rows that change";
  route.tag = "node";
  route.query = {{"tenant", "only this tenant"},
                 {"kinds", "only these, by commas; `kind:status` only those in that state"},
                 {"cursor", "`next` of the page before"},
                 {"limit", "1 to 5000; 1000 when left out", "integer"},
                 {"after", "position that a stream goes on from", "integer"}};
  route.handle = [&behind](Request request, Reply reply) { rows(behind, std::move(request), reply); };
  router.add(std::move(route));
}

}  // namespace nova::gateway::tree
