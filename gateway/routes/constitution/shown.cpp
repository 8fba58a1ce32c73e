// The constitution for whom it governs: its text, its rules in words, its history, and the words that a text may use.
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "gateway/routes/constitution/parts.hpp"
#include "gateway/routes/words.hpp"
#include "governance/cedar/syntax/parser.hpp"

namespace nova::gateway {
namespace {

using constitution::Standing;

void write_rules(core::JsonWriter& writer, const std::vector<constitution::Rule>& rules) {
  writer.key("rules").array();
  for (const auto& rule : rules)
    writer.object()
        .field("id", rule.id)
        .field("effect", rule.forbids ? "forbid" : "permit")
        .field("en", rule.en)
        .field("ar", rule.ar)
        .end();
  writer.end();
}

void write_version(core::JsonWriter& writer, const constitution::entity::Version& version, bool in_force) {
  writer.object()
      .field("version", version.version)
      .field("state", in_force ? "active" : "superseded")
      .field("step", core::name_of(version.step))
      .field("digest", version.digest)
      .field("by", version.by)
      .field("at", core::to_rfc3339(version.at))
      .end();
}

void show_version(Behind& behind, const std::string& wanted, const Request& request, const Reply& reply) {
  auto version = Standing::find(behind.store, wanted);
  if (!version) return reply_error(request, reply, version.error());
  auto text = Standing::text_of(behind.store, *version);
  if (!text) return reply_error(request, reply, text.error());
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("version", version->version).field("state", "superseded");
  write_rules(writer, rules_of(*text));
  writer.field("text", *text).end();
  reply(json(200, std::move(out)));
}

void show(Behind& behind, const Request& request, const Reply& reply) {
  const auto now = behind.options.constitution->now();
  if (const auto wanted = request.query_value("version"); wanted && *wanted != now->version)
    return show_version(behind, std::string(*wanted), request, reply);
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("version", now->version);
  if (now->constitution) {
    writer.field("state", "active");
    write_rules(writer, now->constitution->rules());
    writer.field("text", now->constitution->text());
  } else {
    // What is stored, with what is wrong with it: the owner must be able to mend it.
    writer.field("state", "unloadable").key("rules").array().end().key("problems").array();
    for (const auto& problem : now->unloadable->problems)
      writer.object().field("path", problem.path).field("message", problem.message).end();
    writer.end().field("reason", core::to_line(*now->unloadable));
    if (auto version = Standing::find(behind.store, now->version); version)
      if (auto text = Standing::text_of(behind.store, *version); text) writer.field("text", *text);
  }
  writer.end();
  reply(json(200, std::move(out)));
}

void history(Behind& behind, const Request& request, const Reply& reply) {
  const auto state = Standing::stored(behind.store);
  if (!state) return reply_error(request, reply, state.error());
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  if (*state && (*state)->status == constitution::entity::Status::active) {
    write_version(writer, (*state)->active, true);
    const auto& before = (*state)->superseded;
    for (auto version = before.rbegin(); version != before.rend(); ++version) write_version(writer, *version, false);
  }
  writer.end();
  if (*state) writer.field("amendments", (*state)->amendments);
  if (*state && (*state)->draft) {
    const auto& draft = *(*state)->draft;
    writer.key("draft")
        .object()
        .field("digest", draft.digest)
        .field("complete", draft.have == draft.of)
        .field("by", draft.by)
        .field("at", core::to_rfc3339(draft.at))
        .field("not_before", core::to_rfc3339(draft.at + constitution::entity::loosening_wait))
        .end();
  }
  writer.end();
  reply(json(200, std::move(out)));
}

}  // namespace

std::vector<constitution::Rule> rules_of(const std::string& text) {
  std::vector<constitution::Rule> rules;
  const auto set = cedar::parse_policies(text);
  if (!set) return rules;
  for (const auto& policy : set->policies) {
    constitution::Rule rule;
    rule.forbids = policy.effect == cedar::Effect::forbid;
    for (const auto& one : policy.annotations) {
      if (one.key == "id") rule.id = one.value;
      if (one.key == "en") rule.en = one.value;
      if (one.key == "ar") rule.ar = one.value;
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

Route constitution_route(std::string method, std::string pattern, std::string summary,
                         std::function<void(Request, Reply)> handle) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "governance";
  route.access = std::nullopt;  // who is governed may know by what; changes are judged where they are made
  route.handle = std::move(handle);
  return route;
}

void add_constitution(Router& router, Behind& behind) {
  for (const char* pattern : {"/v1/constitution", "/api/owner/ai-sovereignty/constitution"}) {
    auto shown =
        constitution_route("GET", pattern, "The rules that stand above every command, in words and as policies",
                           [&behind](const Request& request, const Reply& reply) { show(behind, request, reply); });
    shown.query = {{"version", "an earlier one; the one in force when left out"}};
    router.add(std::move(shown));
  }
  router.add(constitution_route(
      "GET", "/v1/constitution/history", "The versions that there were, newest first, and the draft that waits",
      [&behind](const Request& request, const Reply& reply) { history(behind, request, reply); }));
  router.add(constitution_route("GET", "/v1/constitution/schema",
                                "What policies may speak of, in Cedar's JSON schema format",
                                [&behind](const Request&, const Reply& reply) {
                                  reply(json(200, behind.options.constitution->words()->schema_text()));
                                }));
  add_constitution_amend(router, behind);
  add_constitution_plan(router, behind);
  add_decisions(router, behind);
}

}  // namespace nova::gateway
