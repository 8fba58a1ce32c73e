#include "governance/cedar/json/expression_table.hpp"
#include "governance/cedar/json/links.hpp"
#include "governance/cedar/json/policy_json.hpp"
#include "governance/cedar/json/reader.hpp"
#include "governance/cedar/syntax/builder.hpp"
#include "governance/cedar/syntax/parser.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace nova::cedar {
namespace {

// Rules return nullptr or false after a failure; the first one counts.
class PolicyReader {
 public:
  explicit PolicyReader(PolicySet& set) : set_(set), arena_(*set.arena), build_(*set.arena) {}

  bool read(const Json& json) {
    if (json.find("effect") != nullptr) return add("policy0", json, false);
    if (!known(json, {"staticPolicies", "templates", "templateLinks"})) return false;
    for (const auto& [key, is_template] : {std::pair{"staticPolicies", false}, {"templates", true}}) {
      const Json* const group = json.find(key);
      if (group == nullptr) continue;
      if (!group->is(JsonKind::object)) return fail(std::string(key) + " must be an object");
      for (const JsonMember& member : group->object()) {
        if (!add(member.key.str(), member.value, is_template)) return false;
      }
    }
    const Json* const links = json.find("templateLinks");
    if (links == nullptr) return true;
    if (!links->is(JsonKind::array)) return fail("`templateLinks` must be an array");
    place_ = "templateLinks";
    const auto is_known = [&](const Json& link) { return known(link, {"templateId", "newId", "values"}); };
    if (!std::all_of(links->array().begin(), links->array().end(), is_known)) return false;
    auto linked = read_links(*links, set_);
    return linked.ok() || fail(linked.error().message);
  }

  core::Error error() const {
    core::Error error;
    error.code = "cedar.policy_invalid";
    error.status = 400;
    error.message = message_;
    error.problems.push_back({place_, message_});
    return error;
  }

 private:
  bool fail(std::string message) {
    if (message_.empty()) message_ = (place_.empty() ? "" : place_ + ": ") + std::move(message);
    return false;
  }
  const Expr* fail_expr(std::string message) { return fail(std::move(message)), nullptr; }

  bool known(const Json& json, std::initializer_list<std::string_view> keys) {
    if (!json.is(JsonKind::object)) return fail("expected an object, found " + std::string(name_of(json.kind)));
    for (const JsonMember& member : json.object()) {
      if (std::find(keys.begin(), keys.end(), member.key.view()) == keys.end()) {
        return fail("unknown key " + in_backticks(member.key.view()));
      }
    }
    return true;
  }

  bool text(const Json* json, std::string_view what, std::string_view& out) {
    if (json == nullptr || !json->is(JsonKind::string)) return fail("`" + std::string(what) + "` must be a string");
    out = json->text();
    return true;
  }

  bool type_name(const Json* json, Text& out) {
    std::string_view name;
    if (!text(json, "entity_type", name)) return false;
    if (!is_type_name(name)) return fail("not the name of a type: " + in_backticks(name));
    out = copy(arena_, name);
    return true;
  }

  const EntityUid* entity(const Json* json) {
    if (json != nullptr) {
      if (const Json* const escaped = json->find("__entity")) json = escaped;
    }
    std::string_view type, id;
    if (json == nullptr || !known(*json, {"type", "id"})) return fail("expected an entity"), nullptr;
    if (!text(json->find("type"), "type", type) || !text(json->find("id"), "id", id)) return nullptr;
    if (!is_type_name(type)) return fail("not the name of a type: " + in_backticks(type)), nullptr;
    return arena_.make<EntityUid>(copy(arena_, type), copy(arena_, id));
  }

  bool add(std::string id, const Json& json, bool is_template) {
    place_ = id;
    Policy made;
    made.id = std::move(id);
    if (!known(json, {"effect", "principal", "action", "resource", "conditions", "annotations"})) return false;
    std::string_view effect;
    if (!text(json.find("effect"), "effect", effect)) return false;
    if (effect != "permit" && effect != "forbid") return fail("`effect` must be permit or forbid");
    made.effect = effect == "permit" ? Effect::permit : Effect::forbid;
    if (!part(json.find("principal"), "?principal", made.principal) || !action(json.find("action"), made.action) ||
        !part(json.find("resource"), "?resource", made.resource)) {
      return false;
    }
    if (!annotations(json.find("annotations"), made) || !conditions(json.find("conditions"), made)) return false;
    if (is_template && !made.is_template()) return fail("a template without a slot");
    if (!is_template && made.is_template() && set_.policies.size() + set_.links.size() > 0)
      return fail("a slot in a static policy");
    if (set_.find(made.id) != nullptr) return fail("the id is taken");
    set_.policies.push_back(std::move(made));
    return true;
  }

  bool slot_or_entity(const Json& json, std::string_view slot, ScopePart& out) {
    const Json* const given = json.find("slot");
    if (given == nullptr) return (out.entity = entity(json.find("entity"))) != nullptr;
    if (!given->is(JsonKind::string) || given->text() != slot) return fail("expected the slot " + std::string(slot));
    out.is_slot = true;
    return true;
  }

  bool part(const Json* json, std::string_view slot, ScopePart& out) {
    std::string_view op;
    if (json == nullptr || !known(*json, {"op", "entity", "slot", "entity_type", "in"}))
      return fail("the scope is not whole");
    if (!text(json->find("op"), "op", op)) return false;
    if (op == "All") return true;
    if (op == "==" || op == "in") {
      out.op = op == "in" ? ScopeOp::in : ScopeOp::equal;
      return slot_or_entity(*json, slot, out);
    }
    if (op != "is") return fail("unknown `op` " + in_backticks(op));
    const Json* const in = json->find("in");
    out.op = in == nullptr ? ScopeOp::is : ScopeOp::is_in;
    if (!type_name(json->find("entity_type"), out.type)) return false;
    return in == nullptr || (known(*in, {"entity", "slot"}) && slot_or_entity(*in, slot, out));
  }

  bool action(const Json* json, ActionPart& out) {
    std::string_view op;
    if (json == nullptr || !known(*json, {"op", "entity", "entities"})) return fail("the scope is not whole");
    if (!text(json->find("op"), "op", op)) return false;
    if (op == "All") return true;
    if (op != "==" && op != "in") return fail("unknown `op` " + in_backticks(op));
    out.op = op == "in" ? ScopeOp::in : ScopeOp::equal;
    const Json* const many = out.op == ScopeOp::in ? json->find("entities") : nullptr;
    out.is_list = many != nullptr;
    if (many != nullptr && !many->is(JsonKind::array)) return fail("`entities` must be an array");
    std::vector<EntityUid> entities;
    for (std::size_t i = 0; i < (many == nullptr ? 1 : many->array().size()); ++i) {
      const EntityUid* const uid = entity(many == nullptr ? json->find("entity") : &many->array()[i]);
      if (uid == nullptr) return false;
      if (!is_action_type(uid->type.view())) return fail(in_backticks(to_text(*uid)) + " is no action");
      entities.push_back(*uid);
    }
    out.entities = arena_.copy(entities);
    return true;
  }

  bool annotations(const Json* json, Policy& out) {
    if (json == nullptr) return true;
    if (!json->is(JsonKind::object)) return fail("`annotations` must be an object");
    std::vector<Annotation> all;
    for (const JsonMember& member : json->object()) {
      const bool has_value = member.value.is(JsonKind::string);
      if (!is_identifier(member.key.view()))
        return fail("not an annotation's name: " + in_backticks(member.key.view()));
      if (!has_value && !member.value.is(JsonKind::null)) return fail("an annotation's value must be a string");
      all.push_back({arena_.copy(member.key.view()), has_value ? arena_.copy(member.value.text()) : std::string_view{},
                     has_value});
    }
    out.annotations = arena_.copy(all);
    return true;
  }

  bool conditions(const Json* json, Policy& out) {
    if (json == nullptr || !json->is(JsonKind::array)) return fail("`conditions` must be an array");
    std::vector<Condition> all;
    for (const Json& item : json->array()) {
      std::string_view kind;
      if (!known(item, {"kind", "body"}) || !text(item.find("kind"), "kind", kind)) return false;
      if (kind != "when" && kind != "unless") return fail("`kind` must be when or unless");
      Condition made{kind == "unless", expression(item.find("body"))};
      if (made.body == nullptr) return false;
      all.push_back(made);
    }
    out.conditions = arena_.copy(all);
    return true;
  }

  // The recursion is bounded by the depth that the JSON reader allows.
  const Expr* expression(const Json* json) {
    if (json == nullptr || !json->is(JsonKind::object) || json->size != 1)
      return fail_expr("expected an expression: an object with one key");
    const std::string_view name = json->members[0].key.view();
    const Json& body = json->members[0].value;
    const Expr* const made = name == "Value" ? value(body) : name == "Var" ? variable(body) : operation(name, body);
    if (made != nullptr && build_.is_too_high()) return fail_expr("the expression is too deep");
    return made;
  }

  const Expr* variable(const Json& json) {
    for (const Variable variable : {Variable::principal, Variable::action, Variable::resource, Variable::context}) {
      if (!json.is(JsonKind::string) || json.text() != name_of(variable)) continue;
      Expr* const made = build_.node(ExprKind::variable, {}, {});
      made->variable = variable;
      return made;
    }
    return fail_expr("unknown variable");
  }

  bool operands(const Json& json, std::initializer_list<std::string_view> keys, std::vector<const Expr*>& out) {
    for (const std::string_view key : keys) {
      out.push_back(expression(json.find(key)));
      if (out.back() == nullptr) return false;
    }
    return true;
  }

  const Expr* operation(std::string_view name, const Json& body) {
    std::vector<const Expr*> args;
    for (const OperatorRow& row : operator_rows) {
      if (row.name != name) continue;
      if (!(row.is_binary ? known(body, {"left", "right"}) && operands(body, {"left", "right"}, args)
                          : known(body, {"arg"}) && operands(body, {"arg"}, args))) {
        return nullptr;
      }
      const bool is_chain = row.kind == ExprKind::and_then || row.kind == ExprKind::or_else;
      return is_chain ? build_.chain(row.kind, {}, std::move(args)) : build_.node(row.kind, {}, args);
    }
    if (name == ".") return attribute(ExprKind::attribute, body);
    if (name == "has") return attribute(ExprKind::has, body);
    if (name == "like") return like(body);
    if (name == "is") return is(body);
    if (name == "if-then-else") {
      if (!known(body, {"if", "then", "else"}) || !operands(body, {"if", "then", "else"}, args)) return nullptr;
      return build_.node(ExprKind::if_then_else, {}, args);
    }
    if (name == "Record") return record(body);
    if (name == "Slot") return fail_expr("a slot stands only in the scope of a template");
    const FunctionRow* const row = find_function(name);
    if (name != "Set" && row == nullptr) return fail_expr("unknown operator " + in_backticks(name));
    if (!body.is(JsonKind::array)) return fail_expr("the operands of " + in_backticks(name) + " must be an array");
    for (const Json& item : body.array()) {
      args.push_back(expression(&item));
      if (args.back() == nullptr) return nullptr;
    }
    if (row == nullptr) return build_.node(ExprKind::set, {}, args);
    if (!row->is_constructor && args.empty()) return fail_expr(in_backticks(name) + " needs what it is called on");
    Expr* const made = build_.node(ExprKind::call, {}, args);
    made->function = row->function;
    return made;
  }

  const Expr* attribute(ExprKind kind, const Json& body) {
    std::vector<const Expr*> args;
    std::string_view name;
    if (!known(body, {"left", "attr"}) || !operands(body, {"left"}, args) || !text(body.find("attr"), "attr", name))
      return nullptr;
    return build_.named(kind, {}, args, {copy(arena_, name)});
  }

  // "pattern": [ "Wildcard" | {"Literal": text} ].
  const Expr* like(const Json& body) {
    std::vector<const Expr*> args;
    if (!known(body, {"left", "pattern"}) || !operands(body, {"left"}, args)) return nullptr;
    const Json* const pattern = body.find("pattern");
    if (pattern == nullptr || !pattern->is(JsonKind::array)) return fail_expr("`pattern` must be an array");
    std::vector<PatternElement> elements;
    for (const Json& item : pattern->array()) {
      const Json* const literal = item.find("Literal");
      if (item.is(JsonKind::string) && item.text() == "Wildcard") {
        elements.push_back({U'*', true});
      } else if (literal != nullptr && literal->is(JsonKind::string) && item.size == 1) {
        for (std::size_t at = 0; at < literal->size;) {
          const CodePoint point = code_point_at(literal->text(), at);
          elements.push_back({point.value, false});
          at += point.size;
        }
      } else {
        return fail_expr("an element of a pattern is \"Wildcard\" or {\"Literal\": text}");
      }
    }
    Expr* const made = build_.node(ExprKind::like, {}, args);
    made->pattern = arena_.copy(elements);
    return made;
  }

  const Expr* is(const Json& body) {
    std::vector<const Expr*> args;
    Text type;
    if (!known(body, {"left", "entity_type", "in"}) || !operands(body, {"left"}, args) ||
        !type_name(body.find("entity_type"), type))
      return nullptr;
    if (body.find("in") == nullptr) return build_.named(ExprKind::is, {}, args, {type});
    if (!operands(body, {"in"}, args)) return nullptr;
    return build_.named(ExprKind::is_in, {}, args, {type});
  }

  const Expr* record(const Json& body) {
    if (!body.is(JsonKind::object)) return fail_expr("`Record` must be an object");
    std::vector<const Expr*> args;
    std::vector<Text> names;
    for (const JsonMember& member : body.object()) {
      names.push_back(copy(arena_, member.key.view()));
      args.push_back(expression(&member.value));
      if (args.back() == nullptr) return nullptr;
    }
    return build_.named(ExprKind::record, {}, args, names);
  }

  const Expr* value(const Json& json) {
    switch (json.kind) {
      case JsonKind::boolean:
        return build_.literal({}, Value::of(json.boolean));
      case JsonKind::integer:
        return build_.literal({}, Value::of(json.integer));
      case JsonKind::string:
        return build_.literal({}, Value::of(arena_.copy(json.text())));
      case JsonKind::null:
      case JsonKind::real:
        return fail_expr("no value of Cedar: " + std::string(name_of(json.kind)));
      case JsonKind::array: {
        std::vector<const Expr*> args;
        for (const Json& item : json.array()) {
          args.push_back(value(item));
          if (args.back() == nullptr) return nullptr;
        }
        return build_.node(ExprKind::set, {}, args);
      }
      case JsonKind::object:
        break;
    }
    if (json.find("__entity") != nullptr) {
      const EntityUid* const uid = entity(&json);
      return uid == nullptr ? nullptr : build_.literal({}, Value::of(uid));
    }
    if (const Json* const extension = json.find("__extn")) return constructed(*extension);
    std::vector<const Expr*> args;
    std::vector<Text> names;
    for (const JsonMember& member : json.object()) {
      names.push_back(copy(arena_, member.key.view()));
      args.push_back(value(member.value));
      if (args.back() == nullptr) return nullptr;
    }
    return build_.named(ExprKind::record, {}, args, names);
  }

  const Expr* constructed(const Json& json) {
    std::string_view name;
    if (!known(json, {"fn", "arg", "args"}) || !text(json.find("fn"), "fn", name)) return nullptr;
    const FunctionRow* const row = find_function(name);
    if (row == nullptr) return fail_expr("there is no function " + in_backticks(name));
    const Json* const one = json.find("arg");
    const Json* const many = json.find("args");
    if ((one == nullptr) == (many == nullptr)) return fail_expr("an extension value has `arg` or `args`");
    std::vector<const Expr*> args;
    for (const Json& item : many != nullptr ? many->array() : std::span<const Json>(one, 1)) {
      args.push_back(value(item));
      if (args.back() == nullptr) return nullptr;
    }
    Expr* const made = build_.node(ExprKind::call, {}, args);
    made->function = row->function;
    return made;
  }

  PolicySet& set_;
  Arena& arena_;
  Builder build_;
  std::string place_;
  std::string message_;
};

}  // namespace

core::Result<PolicySet> read_policies_json(std::string_view text) {
  Arena scratch;
  auto json = read_json(text, scratch, json_policy_depth_max);
  if (!json) return std::move(json).error();
  PolicySet set;
  PolicyReader reader(set);
  if (!reader.read(*json)) return reader.error();
  return set;
}

}  // namespace nova::cedar
