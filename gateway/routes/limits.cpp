// Rate limits as an operator sees them (S24): policies, the busiest callers, blocks.
#include "governance/limits/limits.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/pages.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"
#include "governance/credentials/encoding.hpp"

#include <algorithm>
#include <charconv>

namespace nova::gateway {

namespace rates {

struct BlockBody {
  core::Text<1, 64> address;
  core::Bounded<1, 86400> seconds{900};
  core::Text<0, 1000, core::Shape::any> reason;
};
const core::Record& describe(const BlockBody*) {
  static const auto row =
      core::record<BlockBody>("abuse_block_request", "Hear nothing of an address for a while.",
                              {core::field("address", &BlockBody::address, "IPv4 or IPv6; of IPv6 the whole /64"),
                               core::optional_field("seconds", &BlockBody::seconds, "for how long"),
                               core::optional_field("reason", &BlockBody::reason, "why")});
  return row;
}

}  // namespace rates

namespace {

using limits::PolicyId;

constexpr std::size_t body_bytes_max = 4 * 1024;
constexpr std::size_t block_id_digits = 32;
constexpr std::size_t top_max = 10'000;

void policies(const limits::Limits& all, const Reply& reply) {
  const auto now = all.policies();
  const auto stats = all.stats();
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("enforced", all.enforced()).key("policies").array();
  for (PolicyId id = 0; id < limits::Policies::size(); ++id) {
    const auto& row = core::rate_defaults()[id];
    const auto& line = now.line(id);
    writer.object()
        .field("id", row.id)
        .field("route", row.route)
        .field("key", core::name_of(row.key))
        .field("window_s", line.window_s)
        .field("max", line.max)
        .field("burst", line.burst)
        .field("warning_percent", line.warning_percent)
        .field("block_s", line.block_s)
        .end();
  }
  writer.end().key("tiers").array();
  for (const auto* name : {"free", "basic", "pro", "enterprise", "sovereign", "owner"}) {
    const auto tier = limits::tier_of(name);
    writer.object()
        .field("code", name)
        .field("multiplier", limits::multiplier_of(tier))
        .field("absolute_per_minute", limits::absolute_per_minute(tier))
        .end();
  }
  writer.end().key("counts").object();
  writer.field("passed", stats.passed).field("refused", stats.refused).field("warned", stats.warned);
  writer.field("counters", stats.entries).field("blocks", stats.blocks).field("pushed_out", stats.pushed_out);
  writer.end().end();
  reply(json(200, std::move(out)));
}

void top(limits::Limits& all, const Request& request, const Reply& reply) {
  const auto limit = number_query(request, "limit", page_items_default, 1, page_items_max);
  if (!limit) return reply_error(request, reply, limit.error());
  const auto skip = number_query(request, "cursor", 0, 0, top_max);
  if (!skip) return reply_error(request, reply, skip.error());
  auto found = all.top(*skip, *limit + 1);
  const bool more = found.size() > *limit && *skip + *limit <= top_max;
  if (found.size() > *limit) found.resize(*limit);
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto& counter : found)
    writer.object()
        .field("subject", credentials::to_hex(counter.subject))
        .field("keyed_by", core::name_of(counter.keyed_by))
        .field("name", counter.name)
        .field("policy", limits::policy_name(counter.policy))
        .field("used", counter.used)
        .field("limit", counter.limit)
        .field("refused", counter.refused)
        .end();
  writer.end();
  if (more) writer.field("next", std::to_string(*skip + *limit));
  writer.end();
  reply(json(200, std::move(out)));
}

void blocks(Behind& behind, const Request& request, const Reply& reply) {
  store::DocumentQuery query;
  query.tenant = "system";
  query.kind = "abuse_block";
  query.status = std::string(request.query_value("status").value_or("active"));
  reply_page(reads_for(behind, request), request, reply, std::move(query), shown_item(behind));
}

// Only the node can tell an address's hash; so this command has a door of its own.
void block(Behind& behind, const limits::Limits& all, Request request, const Reply& reply) {
  auto body = core::from_json<rates::BlockBody>(request.body.empty() ? "{}" : std::string_view(request.body));
  if (!body) return reply_error(request, reply, body.error());
  const auto address = limits::parse_address(body->address);
  if (!address) return reply_error(request, reply, core::invalid_input("address", "must be an IPv4 or IPv6 address"));
  const auto subject = credentials::to_hex(all.subjects().of_address(*address));
  request.body.clear();
  core::JsonWriter(request.body)
      .object()
      .field("subject", subject)
      .field("keyed_by", "ip")
      .field("seconds", std::int64_t(body->seconds))
      .field("reason", body->reason)
      .end();
  auto command = envelope_of(behind, request, {"system", "abuse_block", subject.substr(0, block_id_digits)}, "block");
  if (!command) return reply_error(request, reply, command.error());
  behind.host.submit(std::move(*command), [reply, id = request.id](core::Result<host::Answer> answer) {
    reply(answer ? answer_response(*answer) : problem(answer.error(), id));
  });
}

void set_policy(Behind& behind, const Request& request, const Reply& reply) {
  const auto& id = request.param("policy");
  if (!core::find_rate_default(id))
    return reply_error(request, reply,
                       core::refusal("rate_policy.not_found", "there is no policy `" + core::printable(id) + "`")
                           .fix("GET /v1/limits lists them"));
  auto command = envelope_of(behind, request, {"system", "rate_policy", id}, "set");
  if (!command) return reply_error(request, reply, command.error());
  behind.host.submit(std::move(*command), [reply, request_id = request.id](core::Result<host::Answer> answer) {
    reply(answer ? answer_response(*answer) : problem(answer.error(), request_id));
  });
}

Route row(std::string method, std::string pattern, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "limits";
  return route;
}

}  // namespace

void add_limits(Router& router, Behind& behind) {
  auto& all = *behind.options.limits;
  auto listed = row("GET", "/v1/limits", "Rate policies, tiers and what was counted");
  listed.handle = [&all](Request, Reply reply) { policies(all, reply); };
  router.add(std::move(listed));

  auto busiest = row("GET", "/v1/limits/top", "Who has used the largest share of their limits, on this node");
  busiest.query = {{"limit", "1 to 1000; 100 when left out", "integer"}, {"cursor", "the `next` of the page before"}};
  busiest.handle = [&all](Request request, Reply reply) { top(all, request, reply); };
  router.add(std::move(busiest));

  auto blocked = row("GET", "/v1/limits/blocks", "Who is heard no more");
  blocked.query = {{"status", "active when left out; expired, lifted"},
                   {"limit", "1 to 1000; 100 when left out", "integer"},
                   {"cursor", "the `next` of the page before"}};
  blocked.handle = [&behind](Request request, Reply reply) { blocks(behind, request, reply); };
  router.add(std::move(blocked));

  auto made = row("POST", "/v1/limits/blocks", "Hear nothing of an address for a while");
  made.access = std::nullopt;  // the gate's business
  made.vault = true;
  made.body = Body::json;
  made.body_bytes_max = body_bytes_max;
  made.body_schema = core::to_json_schema(*core::type_of<rates::BlockBody>());
  made.query = {{"dry_run", "decide and answer, change nothing", "boolean"}};
  made.handle = [&behind, &all](Request request, Reply reply) { block(behind, all, std::move(request), reply); };
  router.add(std::move(made));

  auto set = row("POST", "/v1/limits/policies/{policy}/set", "Set a policy's numbers; the root owner");
  set.access = std::nullopt;  // the gate's business
  set.body = Body::json;
  set.body_bytes_max = body_bytes_max;
  const auto* kind = core::find_kind("rate_policy");
  if (const int command = kind ? kind->command_row("set") : -1; command >= 0)
    set.body_schema = core::to_json_schema(*kind->commands[std::size_t(command)].type);
  set.query = {{"dry_run", "decide and answer, change nothing", "boolean"}};
  set.handle = [&behind](Request request, Reply reply) { set_policy(behind, request, reply); };
  router.add(std::move(set));
}

}  // namespace nova::gateway
