// Any recorded decision, explained: who asked for what, which rules of which constitution decided, and what they read.
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "gateway/routes/constitution/parts.hpp"
#include "gateway/routes/words.hpp"
#include "governance/cedar/syntax/parser.hpp"
#include "governance/constitution/reasons.hpp"

#include <charconv>

namespace nova::gateway {
namespace {

using constitution::Standing;

constexpr core::Access auditing{.capability = "audit.view", .permission = "audit:read"};

/// The rules of one version, by id.
class Text {
 public:
  Text(Behind& behind, const std::string& version) {
    const auto now = behind.options.constitution ? behind.options.constitution->now() : nullptr;
    if (now && now->version == version && now->constitution) {
      rules_ = now->constitution->rules();
      return;
    }
    auto found = Standing::find(behind.store, version);
    if (!found) return;
    const auto text = Standing::text_of(behind.store, *found);
    if (text) rules_ = rules_of(*text);
  }
  const constitution::Rule* find(std::string_view id) const {
    for (const auto& rule : rules_)
      if (rule.id == id) return &rule;
    return nullptr;
  }

 private:
  std::vector<constitution::Rule> rules_;
};

struct Told {
  std::string who, who_type, act, resource, answer, version, read, request_id;
  std::vector<std::string> rules;
};

std::vector<std::string> texts_at(const std::string& body, const std::string& path) {
  std::vector<std::string> texts;
  for (std::size_t i = 0;; ++i) {
    auto text = core::json_text(body, path + "[" + std::to_string(i) + "]");
    if (!text) return texts;
    texts.push_back(std::move(*text));
  }
}

// A denial has no event of its own entity: it is what a `denial` noted.
std::optional<Told> told_by(const core::StoredEvent& event) {
  const auto word = [&](const char* name) { return core::json_text(event.body, name).value_or(""); };
  if (event.type == "denial.noted")
    return Told{word("who"),
                word("who_type"),
                word("act"),
                word("resource"),
                "deny",
                word("constitution"),
                {},
                {},
                texts_at(event.body, "rules")};
  const auto meta = core::from_json<core::EventMeta>(event.meta, core::Reading::stored);
  if (!meta || !meta->decision) return std::nullopt;
  return Told{meta->principal,
              meta->principal_type,
              meta->command,
              core::to_string(event.entity),
              std::string(core::name_of(meta->decision->answer)),
              meta->decision->constitution,
              core::json_part(event.meta, "decision.read").value_or("{}"),
              meta->request_id,
              meta->decision->rules};
}

void decision(Behind& behind, const Request& request, const Reply& reply) {
  const auto& word = request.param("position");
  std::uint64_t position = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), position);
  const auto none =
      core::refusal("decision.not_found", "no decision is recorded at position `" + core::printable(word) + "`")
          .fix("a position is that of the first event of a command: `novactl events` shows them");
  if (read.ec != std::errc() || read.ptr != word.data() + word.size() || position == 0)
    return reply_error(request, reply, none);
  const auto events = reads_for(behind, request).read_back(position + 1, {}, 1);
  if (!events) return reply_error(request, reply, events.error());
  if (events->empty() || events->front().position != position) return reply_error(request, reply, none);
  const auto& event = events->front();
  // Whose log it is says who may know; a stranger is told what they would be told of any number.
  if (auto may = behind.guard.may_read(request.principal, auditing, event.entity.tenant); !may)
    return reply_error(request, reply, may.error().status == 404 ? none : may.error());
  const auto told = told_by(event);
  if (!told) return reply_error(request, reply, none);
  std::string out;
  core::JsonWriter writer(out);
  writer.object()
      .field("position", position)
      .field("at", core::to_rfc3339(event.at))
      .field("who", told->who)
      .field("who_type", told->who_type)
      .field("act", told->act)
      .field("resource", told->resource)
      .field("answer", told->answer)
      .field("constitution", told->version)
      .raw_field("read", told->read.empty() ? "{}" : told->read)
      .raw_field("rules", explained(behind, told->version, told->rules))
      .field("request_id", told->request_id)
      .end();
  reply(json(200, std::move(out)));
}

}  // namespace

std::string explained(Behind& behind, const std::string& version, const std::vector<std::string>& rules) {
  const Text text(behind, version);
  std::string out;
  core::JsonWriter writer(out);
  writer.array();
  for (const auto& id : rules) {
    const auto* rule = text.find(id);
    const auto sentence = rule ? constitution::Sentence{rule->en, rule->ar} : constitution::sentence_of(id);
    writer.object().field("id", id);
    if (rule) writer.field("effect", rule->forbids ? "forbid" : "permit");
    writer.field("en", sentence.en).field("ar", sentence.ar).end();
  }
  writer.end();
  return out;
}

void add_decisions(Router& router, Behind& behind) {
  router.add(constitution_route(
      "GET", "/v1/decisions/{position}", "A recorded decision: its rules in words, and what they read",
      [&behind](const Request& request, const Reply& reply) { decision(behind, request, reply); }));
}

}  // namespace nova::gateway
