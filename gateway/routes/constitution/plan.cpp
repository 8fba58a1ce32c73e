// What another text would change (S02): lines, rules, the analysis with examples, and the last decisions asked again.
// It informs; whether an amendment waits is told by the rules that come and go alone.
#include "core/json.hpp"
#include "gateway/routes/constitution/parts.hpp"
#include "gateway/routes/words.hpp"
#include "governance/cedar/analyse/analyse.hpp"
#include "governance/constitution/amend/replay.hpp"
#include "governance/constitution/amend/step.hpp"
#include "governance/constitution/amend/text_diff.hpp"

namespace nova::gateway {
namespace {

using constitution::Constitution;

constexpr std::uint64_t worlds_max = 400'000;    // of the analysis: about a second
constexpr std::size_t log_events_max = 100'000;  // looked at for decisions
constexpr std::size_t slice = 500;

void write_names(core::JsonWriter& writer, std::string_view name, const std::vector<std::string>& names) {
  writer.key(name).array();
  for (const auto& one : names) writer.value(one);
  writer.end();
}

void write_example(core::JsonWriter& writer, std::string_view name, const std::optional<cedar::Example>& example) {
  if (!example) return;
  writer.key(name).object().field("request", example->text).field("because", example->explanation).end();
}

void write_analysis(core::JsonWriter& writer, const cedar::Comparison& found) {
  writer.key("analysis")
      .object()
      .field("change", cedar::name_of(found.change))
      .field("exact", found.is_exact)
      .field("exhaustive", found.is_exhaustive)
      .field("requests_tried", found.worlds);
  write_example(writer, "now_denied", found.now_denied);
  write_example(writer, "now_allowed", found.now_allowed);
  writer.end();
}

core::Status replay(const Reads& reads, constitution::Replay& replay, std::uint64_t wanted) {
  std::uint64_t position = 0;
  for (std::size_t looked_at = 0; looked_at < log_events_max && replay.result().decisions < wanted;) {
    auto events = reads.read_back(position, {}, slice);
    if (!events) return std::move(events).error();
    if (events->empty()) break;
    position = events->back().position;
    looked_at += events->size();
    for (const auto& event : *events) {
      if (replay.result().decisions == wanted) break;
      replay.add(event);
    }
    if (position <= 1) break;
  }
  return core::ok();
}

void write_replay(core::JsonWriter& writer, const constitution::Replayed& found) {
  writer.key("replay")
      .object()
      .field("decisions", found.decisions)
      .field("same", found.same)
      .field("now_denied", found.now_denied)
      .field("now_held", found.now_held)
      .field("now_allowed", found.now_allowed)
      .field("lacking", found.lacking)
      .key("lacked")
      .array();
  for (const auto& [path, count] : found.lacked)
    writer.object().field("attribute", path).field("decisions", count).end();
  writer.end().key("examples").array();
  for (const auto& one : found.examples) {
    writer.object()
        .field("position", one.position)
        .field("at", core::to_rfc3339(one.at))
        .field("who", one.who)
        .field("who_type", one.who_type)
        .field("act", one.act)
        .field("resource", one.resource)
        .field("before", one.before)
        .field("after", one.after);
    write_names(writer, "rules_before", one.rules_before);
    write_names(writer, "rules_after", one.rules_after);
    writer.end();
  }
  writer.end().end();
}

void plan(Behind& behind, const Request& request, const Reply& reply) {
  const auto body = text_body_of(request);
  if (!body) return reply_error(request, reply, body.error());
  auto next = compiled(behind, body->text);
  if (!next) return reply_error(request, reply, next.error());
  const auto now = behind.options.constitution->now();
  static const cedar::PolicySet nothing;
  const auto& before = now->constitution ? now->constitution->engine().policies() : nothing;
  const auto& after = (*next)->engine().policies();
  const auto rules = constitution::difference(before, after);
  constitution::Replay asked(**next);
  if (auto done = replay(reads_for(behind, request), asked, body->replay); !done)
    return reply_error(request, reply, done.error());

  std::string out;
  core::JsonWriter writer(out);
  writer.object()
      .field("from", now->version)
      .field("step", now->constitution && rules.tightens() ? "tightening" : "loosening")
      .field("diff", constitution::text_diff(now->constitution ? now->constitution->text() : "", (*next)->text()))
      .key("policies")
      .object();
  write_names(writer, "permits_added", rules.permits_added);
  write_names(writer, "permits_removed", rules.permits_removed);
  write_names(writer, "forbids_added", rules.forbids_added);
  write_names(writer, "forbids_removed", rules.forbids_removed);
  writer.end();
  write_analysis(writer, cedar::compare(before, after, (*next)->words().schema(), worlds_max));
  write_replay(writer, asked.result());
  writer.end();
  reply(json(200, std::move(out)));
}

}  // namespace

void add_constitution_plan(Router& router, Behind& behind) {
  auto route =
      constitution_route("POST", "/v1/constitution/plan",
                         "What another text would change, and which of the last decisions; changes nothing",
                         [&behind](const Request& request, const Reply& reply) { plan(behind, request, reply); });
  route.access = core::Access{.permission = "audit:read"};  // it tells of decisions in every tenant
  route.body = Body::json;
  route.body_bytes_max = text_body_bytes_max;
  route.body_schema = text_body_schema(false);
  router.add(std::move(route));
}

}  // namespace nova::gateway
