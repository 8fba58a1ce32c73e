// What happened in the AI areas: requests that broke a rule (S02), and everything that was changed there (S05). For the
// owner and the platform's own people.
#include "core/json.hpp"
#include "gateway/ai/entities.hpp"

#include <algorithm>
#include <optional>

namespace nova::gateway::ai {
namespace {

constexpr std::string_view base = "/api/owner/ai-sovereignty/";
constexpr std::size_t slice = 500, slices_max = 20;  // of the log, in one request
constexpr std::string_view audited[] = {"ai_access",      "ai_agent",        "ai_execution", "ai_layer",
                                        "constitution",   "external_ai",     "kill_switch",  "permission_catalogue",
                                        "permission_set", "subscriber_limit"};

core::Status may_look(Behind& behind, const Request& request) {
  return behind.guard.may_read(request.principal, core::access::operating, {});
}

core::Result<std::optional<core::Timestamp>> time_of(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text || text->empty()) return std::optional<core::Timestamp>();
  const auto at = core::parse_rfc3339(*text);
  if (!at) return core::invalid_input("?" + std::string(name), "must be a time as `2026-01-31T12:00:00Z`");
  return std::optional<core::Timestamp>(*at);
}

void write_violation(core::JsonWriter& writer, const core::StoredEvent& event) {
  writer.object()
      .field("position", event.position)
      .field("at", core::to_rfc3339(event.at))
      .field("tenant", event.entity.tenant)
      .field("execution", event.entity.id)
      .field("outcome", event.type == "ai_execution.refused" ? "refused" : "warned");
  for (const char* name : {"code", "rule", "severity", "message"})
    writer.field(name, core::json_text(event.body, std::string("violation.") + name).value_or(""));
  writer.end();
}

void violations(Behind& behind, const Request& request, const Reply& reply) {
  if (auto may = may_look(behind, request); !may) return reply_error(request, reply, may.error());
  const auto limit = number_query(request, "limit", page_items_default, 1, page_items_max);
  if (!limit) return reply_error(request, reply, limit.error());
  const auto before = number_query(request, "before", 0, 0, INT64_MAX);
  if (!before) return reply_error(request, reply, before.error());
  const auto from = time_of(request, "from"), to = time_of(request, "to");
  if (!from) return reply_error(request, reply, from.error());
  if (!to) return reply_error(request, reply, to.error());
  const auto code = std::string(request.query_value("code").value_or(""));

  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  const Reads reads(behind, core::system_principal());
  auto position = std::uint64_t(*before);
  std::size_t found = 0;
  bool more = true;
  for (std::size_t slices = 0; more && slices < slices_max && found < *limit; ++slices) {
    const auto events = reads.read_back(position, {{}, "ai_execution", {}, {}}, slice);
    if (!events) return reply_error(request, reply, events.error());
    more = events->size() == slice;
    for (const auto& event : *events) {
      if (found == *limit) {
        more = true;
        break;
      }
      position = event.position;
      if (*from && event.at < **from) {
        more = false;
        break;
      }
      const bool broke = event.type == "ai_execution.refused" || event.type == "ai_execution.warned";
      if (!broke || (*to && event.at >= **to)) continue;
      if (!code.empty() && core::json_text(event.body, "violation.code") != code) continue;
      write_violation(writer, event);
      ++found;
    }
  }
  writer.end();
  if (more) writer.field("next", position);
  writer.end();
  reply(json(200, std::move(out)));
}

void audit_logs(Behind& behind, const Request& request, const Reply& reply) {
  if (auto may = may_look(behind, request); !may) return reply_error(request, reply, may.error());
  const auto limit = number_query(request, "limit", page_items_default, 1, page_items_max);
  if (!limit) return reply_error(request, reply, limit.error());
  const auto before = number_query(request, "before", 0, 0, INT64_MAX);
  if (!before) return reply_error(request, reply, before.error());
  const Reads reads(behind, core::system_principal());
  std::vector<core::StoredEvent> newest;
  for (const auto kind : audited) {
    auto events = reads.read_back(std::uint64_t(*before), {{}, std::string(kind), {}, {}}, std::size_t(*limit));
    if (!events) return reply_error(request, reply, events.error());
    std::move(events->begin(), events->end(), std::back_inserter(newest));
  }
  std::sort(newest.begin(), newest.end(), [](const auto& a, const auto& b) { return a.position > b.position; });
  const bool more = newest.size() >= std::size_t(*limit);
  if (more) newest.resize(std::size_t(*limit));
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto& event : newest) writer.raw(event_json(event));
  writer.end();
  if (more) writer.field("next", newest.back().position);
  writer.end();
  reply(json(200, std::move(out)));
}

}  // namespace

void add_records(Router& router, Behind& behind) {
  const QueryParam limit{"limit", "1 to 1000; 100 when left out", "integer"},
      before{"before", "the `next` of the page before", "integer"};
  auto broken = row("GET", std::string(base) + "violations",
                    "Requests to AI that broke a rule, refused or let through with a warning, the newest first",
                    [&behind](Request request, Reply reply) { violations(behind, request, reply); });
  broken.query = {{"code", "only of this code: `ai.no_layer`"},
                  {"from", "not before this time"},
                  {"to", "before this time"},
                  limit,
                  before};
  router.add(std::move(broken));
  auto trail = row("GET", std::string(base) + "audit-logs", "What happened in the AI areas, the newest first",
                   [&behind](Request request, Reply reply) { audit_logs(behind, request, reply); });
  trail.query = {limit, before};
  router.add(std::move(trail));
}

}  // namespace nova::gateway::ai
