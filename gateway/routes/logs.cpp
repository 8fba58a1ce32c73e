// What services print: of one instance, or of all instances of a deployment.
#include "core/json.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"

#include <algorithm>
#include <atomic>

namespace nova::gateway {
namespace {

constexpr std::size_t tail_default = 200;
constexpr std::size_t tail_max = 10'000;
constexpr std::size_t slice = 500;              // lines of one instance in one piece
constexpr std::size_t instances_max = 500;      // of one deployment
constexpr std::chrono::milliseconds poll(250);  // files tell nobody that they grew

// One instance whose log is read, and how far.
struct Source {
  core::EntityKey key;
  std::string service;
  std::string cursor;
};

std::string safe_line(std::string_view line) { return core::printable(line); }

std::string plain_line(const Source& source, const std::string& line, bool many) {
  if (!many) return safe_line(line) + "\n";
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("instance", source.key.id)
      .field("service", source.service)
      .field("line", line)
      .end();
  return out + "\n";
}

std::string sse_line(const Source& source, const std::string& line, bool many) {
  std::string out = "data: ";
  core::JsonWriter writer(out);
  writer.object();
  if (many) writer.field("instance", source.key.id).field("service", source.service);
  writer.field("line", line).end();
  return out + "\n\n";
}

using Sources = std::function<core::Result<std::vector<Source>>()>;

// Polls the logs; instances that come later join, those that go end quietly.
class LogStream final : public Stream, public std::enable_shared_from_this<LogStream> {
 public:
  LogStream(Behind& behind, Sources sources, std::size_t tail, bool many)
      : behind_(behind), find_(std::move(sources)), tail_(tail), many_(many) {}

  void next(std::function<void(Piece)> ready) override {
    behind_.scheduler.post([self = shared_from_this(), r = std::move(ready)]() mutable { self->read(std::move(r)); });
  }
  void cancel() override { cancelled_ = true; }
  std::string heartbeat() const override { return ": heartbeat\n\n"; }

 private:
  void read(std::function<void(Piece)> ready) {
    if (cancelled_) return;
    auto found = find_();
    if (!found) return ready({"event: error\ndata: " + problem(found.error(), {}).body + "\n\n", true});
    std::string text;
    for (auto& source : *found) {
      const auto known = cursors_.find(source.key.id);
      if (known != cursors_.end()) source.cursor = known->second;
      auto lines = behind_.options.providers.read_log(source.key, source.cursor, source.cursor.empty() ? tail_ : slice);
      if (!lines) continue;
      for (const auto& line : lines->lines) text += sse_line(source, line, many_);
      cursors_[source.key.id] = std::move(lines->cursor);
    }
    if (!text.empty()) return ready({std::move(text), false});
    behind_.scheduler.after(poll,
                            [self = shared_from_this(), r = std::move(ready)]() mutable { self->read(std::move(r)); });
  }

  Behind& behind_;
  const Sources find_;
  const std::size_t tail_;
  const bool many_;
  std::map<std::string, std::string> cursors_;  // touched by one read at a time; bounded by the instances
  std::atomic<bool> cancelled_{false};
};

struct Wish {
  std::size_t tail = tail_default;
  bool follow = false;
};

core::Result<Wish> wish_of(const Request& request) {
  auto tail = number_query(request, "tail", tail_default, 0, tail_max);
  if (!tail) return std::move(tail).error();
  auto follow = flag_query(request, "follow");
  if (!follow) return std::move(follow).error();
  return Wish{*tail, *follow};
}

void answer(Behind& behind, const Request& request, const Reply& reply, Sources sources, bool many) {
  auto wish = wish_of(request);
  if (!wish) return reply_error(request, reply, wish.error());
  Response response;
  if (wish->follow) {
    response.content_type = "text/event-stream; charset=utf-8";
    response.stream = std::make_shared<LogStream>(behind, std::move(sources), wish->tail, many);
    return reply(std::move(response));
  }
  auto found = sources();
  if (!found) return reply_error(request, reply, found.error());
  response.content_type = many ? "application/x-ndjson" : "text/plain; charset=utf-8";
  for (const auto& source : *found) {
    auto lines = behind.options.providers.read_log(source.key, {}, wish->tail);
    if (!lines && !many) return reply_error(request, reply, lines.error());
    if (!lines) continue;
    for (const auto& line : lines->lines) response.body += plain_line(source, line, many);
  }
  reply(std::move(response));
}

void of_instance(Behind& behind, const core::Kind& kind, const Request& request, const Reply& reply) {
  auto key = key_of(request, kind);
  if (!key) return reply_error(request, reply, key.error());
  auto seen = existing(behind, request, *key);
  if (!seen) return reply_error(request, reply, seen.error());
  answer(
      behind, request, reply,
      [key = *key]() -> core::Result<std::vector<Source>> {
        return std::vector<Source>{{key, {}, {}}};
      },
      false);
}

core::Result<std::vector<Source>> instances_of(const Reads& reads, const core::EntityKey& deployment,
                                               const std::string& service) {
  store::DocumentQuery query;
  query.tenant = deployment.tenant;
  query.kind = "instance";
  query.parent = deployment.kind + "/" + deployment.id;
  query.limit = instances_max;
  auto page = reads.documents(query);
  if (!page) return std::move(page).error();
  std::vector<Source> sources;
  for (const auto& document : page->items) {
    auto named = core::json_text(document.body, "service").value_or("");
    if (service.empty() || named == service) sources.push_back({document.key, std::move(named), {}});
  }
  return sources;
}

void of_deployment(Behind& behind, const core::Kind& kind, const Request& request, const Reply& reply) {
  auto key = key_of(request, kind);
  if (!key) return reply_error(request, reply, key.error());
  auto seen = existing(behind, request, *key);
  if (!seen) return reply_error(request, reply, seen.error());
  const auto service = std::string(request.query_value("service").value_or(""));
  answer(
      behind, request, reply,
      [reads = reads_for(behind, request), key = *key, service] { return instances_of(reads, key, service); }, true);
}

}  // namespace

void add_logs(Router& router, Behind& behind) {
  if (!behind.options.providers.read_log) return;
  const auto add = [&](std::string_view name, bool service,
                       void (*handle)(Behind&, const core::Kind&, const Request&, const Reply&)) {
    const auto* kind = core::find_kind(name);
    if (!kind) return;
    Route route;
    route.method = "GET";
    route.access = kind->read;
    route.pattern = paths_of(*kind).one + "/logs";
    route.summary = "What a " + std::string(name) + " printed";
    route.tag = kind->plural;
    route.kind = kind;
    route.answer = service ? "application/x-ndjson" : "text/plain";
    route.query = {{"tail", "so many of the newest lines, 200 when left out", "integer"},
                   {"follow", "go on as server-sent events", "boolean"}};
    if (service) route.query.push_back({"service", "only of this service"});
    route.handle = [&behind, kind, handle](Request request, Reply reply) { handle(behind, *kind, request, reply); };
    router.add(std::move(route));
  };
  add("instance", false, of_instance);
  add("deployment", true, of_deployment);
}

}  // namespace nova::gateway
