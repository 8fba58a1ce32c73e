// The node itself: how is it, what does it count.
#include "core/json.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"
#include "governance/limits/limits.hpp"

namespace nova::gateway {
namespace {

using Handler = std::function<void(Request, Reply)>;

Route row(std::string pattern, std::string summary, Handler handle) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "node";
  route.handle = std::move(handle);
  return route;
}

std::vector<std::string> reasons_not_ready(Behind& behind) {
  std::vector<std::string> reasons;
  if (behind.draining()) reasons.push_back("the node is stopping");
  const auto health = behind.store.health();
  if (!health.writable) reasons.push_back("the store takes no writes: " + health.reason);
  if (behind.options.providers.not_ready)
    for (auto& reason : behind.options.providers.not_ready()) reasons.push_back(std::move(reason));
  return reasons;
}

// Without a token a bare status: what is wrong with a node is nobody's business who has none.
void health(const Request& request, const Reply& reply, const std::vector<std::string>& reasons) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("status", reasons.empty() ? "ok" : "unavailable");
  if (!request.principal.id.empty() && !reasons.empty()) {
    writer.key("reasons").array();
    for (const auto& reason : reasons) writer.value(reason);
    writer.end();
  }
  writer.end();
  reply(json(reasons.empty() ? 200 : 503, std::move(out)));
}

std::string store_json(const store::StoreHealth& h) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object()
      .field("writable", h.writable)
      .field("reason", h.reason)
      .field("head", h.head)
      .field("commits", h.commits)
      .field("appends", h.appends)
      .field("conflicts", h.conflicts)
      .field("queued", h.queued);
  writer.key("warnings").array();
  for (const auto& warning : h.warnings) writer.value(warning);
  writer.end().end();
  return out;
}

std::string host_json(const host::HostStats& h) {
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("commands", h.commands)
      .field("refused", h.refused)
      .field("denied", h.denied)
      .field("failed", h.failed)
      .field("activations", h.activations)
      .field("passivations", h.passivations)
      .field("parked", h.parked)
      .field("active", h.active)
      .field("in_flight", h.in_flight)
      .end();
  return out;
}

std::string gateway_json(const ServerStats& s, const DocumentCache::Stats& c) {
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("connections", s.connections)
      .field("streams", s.streams)
      .field("requests", s.requests)
      .field("work_waiting", s.work_waiting)
      .field("cache_bytes", c.bytes)
      .field("cache_documents", c.documents)
      .field("cache_hits", c.hits)
      .field("cache_misses", c.misses)
      .end();
  return out;
}

void node(Behind& behind, const Request& request, const Reply& reply) {
  auto answer = [&behind, reply, id = request.id](core::Result<std::string> more) {
    if (!more) return reply(problem(more.error(), id));
    std::string own;
    core::JsonWriter(own)
        .object()
        .field("name", behind.options.node_name)
        .field("version", NOVA_VERSION)
        .field("draining", behind.draining())
        .raw_field("store", store_json(behind.store.health()))
        .raw_field("host", host_json(behind.host.stats()))
        .raw_field("gateway", gateway_json(behind.stats(), behind.cache.stats()))
        .end();
    auto merged = core::json_merge(own, *more);
    reply(merged ? json(200, std::move(*merged))
                 : problem(http_error(500, "internal.bug", "the node described itself wrongly"), id));
  };
  if (!behind.options.providers.node) return answer(std::string("{}"));
  behind.options.providers.node(std::move(answer));
}

void doctor(Behind& behind, const Request& request, const Reply& reply) {
  behind.options.providers.doctor([reply, id = request.id](core::Result<std::string> checks) {
    if (!checks) return reply(problem(checks.error(), id));
    std::string out;
    core::JsonWriter(out).object().raw_field("checks", *checks).end();
    reply(json(200, std::move(out)));
  });
}

class MetricsText {
 public:
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    line(name, help, "counter", value);
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) { line(name, help, "gauge", value); }
  std::string take() { return std::move(out_); }

 private:
  void line(std::string_view name, std::string_view help, std::string_view type, std::uint64_t value) {
    const std::string full = "nova_" + std::string(name);
    out_.append("# HELP ")
        .append(full)
        .append(" ")
        .append(help)
        .append("\n# TYPE ")
        .append(full)
        .append(" ")
        .append(type)
        .append("\n");
    out_.append(full).append(" ").append(std::to_string(value)).append("\n");
  }
  std::string out_;
};

std::string metrics_text(Behind& behind) {
  MetricsText m;
  const auto g = behind.stats();
  m.counter("http_connections_total", "Connections accepted.", g.accepted);
  m.counter("http_turned_away_total", "Connections beyond the limit.", g.turned_away);
  m.counter("http_requests_total", "Requests whose header was read.", g.requests);
  m.counter("http_malformed_total", "Requests that were no HTTP.", g.malformed);
  m.counter("http_timed_out_total", "Connections ended for slowness.", g.timed_out);
  m.counter("http_answers_2xx_total", "Good answers.", g.answers_2xx);
  m.counter("http_answers_4xx_total", "Answers that blame the request.", g.answers_4xx);
  m.counter("http_answers_5xx_total", "Answers that blame the node.", g.answers_5xx);
  m.gauge("http_connections", "Connections open now.", g.connections);
  m.gauge("http_streams", "Answers that follow something now.", g.streams);
  const auto c = behind.cache.stats();
  m.counter("cache_hits_total", "Documents answered from memory.", c.hits);
  m.counter("cache_misses_total", "Documents read from the store.", c.misses);
  m.gauge("cache_bytes", "Memory of the document cache.", c.bytes);
  const auto s = behind.store.health();
  m.gauge("store_writable", "1 while the store takes writes.", s.writable ? 1 : 0);
  m.gauge("store_head", "Position of the newest event.", s.head);
  m.counter("store_commits_total", "Commits.", s.commits);
  m.counter("store_appends_total", "Appends committed.", s.appends);
  m.counter("store_conflicts_total", "Appends that lost to another.", s.conflicts);
  m.gauge("store_queued", "Appends waiting for a commit.", s.queued);
  const auto h = behind.host.stats();
  m.counter("commands_total", "Commands taken.", h.commands);
  m.counter("commands_refused_total", "Commands that an entity refused.", h.refused);
  m.counter("commands_denied_total", "Commands that the gate denied.", h.denied);
  m.counter("commands_failed_total", "Commands that the world failed.", h.failed);
  m.gauge("entities_active", "Entities in memory now.", h.active);
  m.gauge("entities_parked", "Entities set aside after failing.", h.parked);
  m.gauge("commands_in_flight", "Commands between submit and answer.", h.in_flight);
  if (behind.options.limits) {
    const auto r = behind.options.limits->stats();
    m.counter("rate_passed_total", "Requests that were counted and passed.", r.passed);
    m.counter("rate_limited_total", "Requests refused because their caller asked too often.", r.refused);
    m.gauge("rate_counters", "Callers that are counted now.", r.entries);
    m.gauge("rate_blocks", "Callers that are blocked now.", r.blocks);
  }
  return m.take();
}

void metrics(Behind& behind, const Reply& reply) {
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = metrics_text(behind);
  if (behind.options.providers.metrics) response.body += behind.options.providers.metrics();
  reply(std::move(response));
}

Route open_row(std::string pattern, std::string summary, Handler handle) {
  auto route = row(std::move(pattern), std::move(summary), std::move(handle));
  route.open = true;
  return route;
}

}  // namespace

void add_node(Router& router, Behind& behind) {
  router.add(
      row("/v1/node", "How the node is", [&behind](Request request, Reply reply) { node(behind, request, reply); }));
  if (behind.options.providers.doctor)
    router.add(row("/v1/doctor", "What is well and what is not, with remedies",
                   [&behind](Request request, Reply reply) { doctor(behind, request, reply); }));
  auto counted = row("/metrics", "Prometheus text", [&behind](Request, Reply reply) { metrics(behind, reply); });
  counted.answer = "text/plain";
  router.add(std::move(counted));
  for (const auto* path : {"/healthz", "/livez"})
    router.add(
        open_row(path, "Whether the node lives", [](Request request, Reply reply) { health(request, reply, {}); }));
  router.add(open_row("/readyz", "Whether the node should get traffic",
                      [&behind](Request request, Reply reply) { health(request, reply, reasons_not_ready(behind)); }));
}

}  // namespace nova::gateway
