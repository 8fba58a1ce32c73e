#include "governance/cedar/batch.hpp"

#include "core/json.hpp"
#include "governance/cedar/data/entity_json.hpp"
#include "governance/cedar/eval/authorizer.hpp"
#include "governance/cedar/json/links.hpp"
#include "governance/cedar/json/reader.hpp"
#include "governance/cedar/schema/schema.hpp"
#include "governance/cedar/syntax/parser.hpp"
#include "governance/cedar/validate/validator.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace nova::cedar {
namespace {

// What a line asks for; the JSON lives as long as the line's arena.
struct Line {
  std::string id;
  std::string_view policies;
  const Json* links = nullptr;
  const Json* schema = nullptr;  // nullptr: none
  const Json* entities = nullptr;
  const Json* requests = nullptr;
  bool validate = false;
};

struct Refusal {
  std::string stage;
  std::string message;
};

std::string message_of(const core::Error& error) { return error.message.empty() ? error.code : error.message; }

std::optional<Refusal> read_line(const Json& json, Line& out) {
  const auto refuse = [](std::string message) { return Refusal{"line", std::move(message)}; };
  if (!json.is(JsonKind::object)) return refuse("a line must be an object");
  const Json* const id = json.find("id");
  if (id == nullptr || !id->is(JsonKind::string)) return refuse("`id` must be a string");
  out.id = id->text();
  const Json* const policies = json.find("policies");
  if (policies == nullptr || !policies->is(JsonKind::string)) return refuse("`policies` must be a string");
  out.policies = policies->text();
  out.links = json.find("links");
  if (out.links != nullptr && out.links->is(JsonKind::null)) out.links = nullptr;
  if (out.links != nullptr && !out.links->is(JsonKind::array)) return refuse("`links` must be an array");
  out.schema = json.find("schema");
  if (out.schema != nullptr && out.schema->is(JsonKind::null)) out.schema = nullptr;
  if (out.schema != nullptr && !out.schema->is(JsonKind::string) && !out.schema->is(JsonKind::object)) {
    return refuse("`schema` must be null, a string or an object");
  }
  out.entities = json.find("entities");
  if (out.entities == nullptr || !out.entities->is(JsonKind::array)) return refuse("`entities` must be an array");
  out.requests = json.find("requests");
  if (out.requests == nullptr || !out.requests->is(JsonKind::array)) return refuse("`requests` must be an array");
  const Json* const validate = json.find("validate");
  if (validate != nullptr && !validate->is(JsonKind::boolean)) return refuse("`validate` must be a boolean");
  out.validate = validate != nullptr && validate->boolean;
  return std::nullopt;
}

void write_findings(core::JsonWriter& out, std::string_view name, const std::vector<Finding>& findings) {
  out.key(name).array();
  for (const Finding& finding : findings) {
    out.object().field("policy", finding.policy).field("code", finding.code).field("message", finding.message).end();
  }
  out.end();
}

// One request after the other; memory grows with the largest, not with their number.
class Requests {
 public:
  Requests(const Authorizer& authorizer, const EntityStore& entities, const Schema* schema)
      : authorizer_(authorizer), entities_(entities), schema_(schema) {}

  void answer(const Json& json, core::JsonWriter& out) {
    arena_.clear();
    const Json* const flag = json.find("validateRequest");
    if (!json.is(JsonKind::object) || (flag != nullptr && !flag->is(JsonKind::boolean))) {
      return refuse("a request is an object with `principal`, `action`, `resource` and `context`", out);
    }
    const auto request = read_request(json, schema_, flag == nullptr || flag->boolean, arena_);
    if (!request) return refuse(message_of(request.error()), out);
    authorizer_.decide(*request, entities_, scratch_, answer_);
    out.object().field("decision", answer_.decision == Decision::allow ? "allow" : "deny").key("reason").array();
    for (const std::uint32_t policy : answer_.reasons) out.value(authorizer_.policy_id(policy));
    out.end().key("errors").array();
    for (const PolicyFailure& failed : answer_.failures) out.value(authorizer_.policy_id(failed.policy));
    out.end();
    if (!answer_.failures.empty()) {
      out.key("messages").array();
      for (const PolicyFailure& failed : answer_.failures) out.value(describe(failed.failure));
      out.end();
    }
    out.end();
  }

 private:
  static void refuse(const std::string& message, core::JsonWriter& out) {
    out.object().key("error").object().field("stage", "request").field("message", message).end().end();
  }

  const Authorizer& authorizer_;
  const EntityStore& entities_;
  const Schema* schema_;
  Arena arena_;
  Scratch scratch_;
  Answer answer_;
};

std::optional<Refusal> answer(const Line& line, core::JsonWriter& out, bool& has_validation) {
  std::optional<Schema> schema;
  if (line.schema != nullptr) {
    auto read =
        line.schema->is(JsonKind::string) ? Schema::parse_either(line.schema->text()) : Schema::from_json(*line.schema);
    if (!read) return Refusal{"schema", message_of(read.error())};
    schema = std::move(*read);
  }
  auto policies = parse_policies(std::string(line.policies));
  if (!policies) return Refusal{"policies", message_of(policies.error())};
  if (line.links != nullptr) {
    if (auto linked = read_links(*line.links, *policies); !linked)
      return Refusal{"policies", message_of(linked.error())};
  }

  has_validation = true;
  if (line.validate && schema) {
    const Validation validation = validate(*policies, *schema);
    out.key("validation").object().field("ok", validation.ok());
    write_findings(out, "errors", validation.errors);
    write_findings(out, "warnings", validation.warnings);
    out.end();
  } else {
    out.key("validation").null();
  }

  const auto arena = std::make_shared<Arena>();
  const auto entities = read_entities(*line.entities, schema ? &*schema : nullptr, arena);
  if (!entities) return Refusal{"entities", message_of(entities.error())};
  const Authorizer authorizer(std::move(*policies));
  Requests requests(authorizer, *entities, schema ? &*schema : nullptr);
  out.key("results").array();
  for (const Json& request : line.requests->array()) requests.answer(request, out);
  out.end();
  return std::nullopt;
}

}  // namespace

std::string answer_batch_line(std::string_view text) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object();
  Arena arena;
  Line line;
  bool has_validation = false;
  std::optional<Refusal> refusal;
  const auto json = read_json(text, arena);
  if (!json) {
    refusal = Refusal{"line", message_of(json.error())};
  } else {
    refusal = read_line(*json, line);
  }
  writer.field("id", line.id);
  if (!refusal) refusal = answer(line, writer, has_validation);
  if (refusal) {
    if (!has_validation) writer.key("validation").null();
    writer.key("error").object().field("stage", refusal->stage).field("message", refusal->message).end();
    writer.key("results").array().end();
  }
  writer.end();
  return out;
}

}  // namespace nova::cedar
