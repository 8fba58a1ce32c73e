#include "core/json.hpp"
#include "governance/cedar/json/expression_table.hpp"
#include "governance/cedar/json/policy_json.hpp"

#include <algorithm>

namespace nova::cedar {
namespace {

class PolicyWriter {
 public:
  explicit PolicyWriter(core::JsonWriter& out) : out_(out) {}

  void policy(const Policy& policy) {
    out_.object().field("effect", policy.effect == Effect::permit ? "permit" : "forbid");
    out_.key("principal");
    part(policy.principal, "?principal");
    out_.key("action");
    action(policy.action);
    out_.key("resource");
    part(policy.resource, "?resource");
    out_.key("conditions").array();
    for (const Condition& condition : policy.conditions) {
      out_.object().field("kind", condition.is_unless ? "unless" : "when").key("body");
      expression(*condition.body);
      out_.end();
    }
    out_.end();
    if (!policy.annotations.empty()) {
      out_.key("annotations").object();
      for (const Annotation& annotation : policy.annotations) {
        out_.key(annotation.key);
        if (annotation.has_value) {
          out_.value(annotation.value);
        } else {
          out_.null();
        }
      }
      out_.end();
    }
    out_.end();
  }

  void entity(const EntityUid& uid) { out_.object().field("type", uid.type.view()).field("id", uid.id.view()).end(); }

 private:
  void slot_or_entity(const ScopePart& part, std::string_view slot) {
    if (part.is_slot) {
      out_.field("slot", slot);
      return;
    }
    out_.key("entity");
    entity(*part.entity);
  }

  void part(const ScopePart& part, std::string_view slot) {
    out_.object();
    switch (part.op) {
      case ScopeOp::any:
        out_.field("op", "All");
        break;
      case ScopeOp::equal:
      case ScopeOp::in:
        out_.field("op", part.op == ScopeOp::in ? "in" : "==");
        slot_or_entity(part, slot);
        break;
      case ScopeOp::is:
      case ScopeOp::is_in:
        out_.field("op", "is").field("entity_type", part.type.view());
        if (part.op == ScopeOp::is) break;
        out_.key("in").object();
        slot_or_entity(part, slot);
        out_.end();
        break;
    }
    out_.end();
  }

  void action(const ActionPart& part) {
    out_.object().field("op", part.op == ScopeOp::any ? "All" : part.op == ScopeOp::in ? "in" : "==");
    if (part.is_list) {
      out_.key("entities").array();
      for (const EntityUid& uid : part.entities) entity(uid);
      out_.end();
    } else if (part.op != ScopeOp::any) {
      out_.key("entity");
      entity(part.entities[0]);
    }
    out_.end();
  }

  // {name: {...}} around what `body` writes.
  template <class Body>
  void wrapped(std::string_view name, Body body) {
    out_.object().key(name).object();
    body();
    out_.end().end();
  }

  // The first `count` operands of a chain, nested to the left; recursion is for the operands alone.
  void chain(const Expr& expr, std::string_view name) {
    for (std::size_t i = 1; i < expr.args.size(); ++i) out_.object().key(name).object().key("left");
    expression(*expr.args[0]);
    for (std::size_t i = 1; i < expr.args.size(); ++i) {
      out_.key("right");
      expression(*expr.args[i]);
      out_.end().end();
    }
  }

  void list(std::string_view name, std::span<const Expr* const> items) {
    out_.object().key(name).array();
    for (const Expr* item : items) expression(*item);
    out_.end().end();
  }

  void expression(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::literal:
        return literal(expr);
      case ExprKind::variable:
        out_.object().field("Var", name_of(expr.variable)).end();
        return;
      case ExprKind::if_then_else:
        return wrapped("if-then-else", [&] {
          static constexpr std::string_view keys[] = {"if", "then", "else"};
          for (std::size_t i = 0; i < 3; ++i) {
            out_.key(keys[i]);
            expression(*expr.args[i]);
          }
        });
      case ExprKind::attribute:
        return wrapped(".", [&] {
          out_.key("left");
          expression(*expr.args[0]);
          out_.field("attr", expr.names[0].view());
        });
      case ExprKind::has:
        return has(expr);
      case ExprKind::like:
        return like(expr);
      case ExprKind::is:
      case ExprKind::is_in:
        return wrapped("is", [&] {
          out_.key("left");
          expression(*expr.args[0]);
          out_.field("entity_type", expr.names[0].view());
          if (expr.kind == ExprKind::is) return;
          out_.key("in");
          expression(*expr.args[1]);
        });
      case ExprKind::set:
        return list("Set", expr.args);
      case ExprKind::record:
        return wrapped("Record", [&] {
          for (std::size_t i = 0; i < expr.args.size(); ++i) {
            out_.key(expr.names[i].view());
            expression(*expr.args[i]);
          }
        });
      case ExprKind::call:
        return list(row_of(expr.function).name, expr.args);
      default:
        return operation(expr);
    }
  }

  void operation(const Expr& expr) {
    const auto& row = *std::find_if(std::begin(operator_rows), std::end(operator_rows),
                                    [&](const OperatorRow& r) { return r.kind == expr.kind; });
    if (row.kind == ExprKind::and_then || row.kind == ExprKind::or_else) return chain(expr, row.name);
    wrapped(row.name, [&] {
      out_.key(row.is_binary ? "left" : "arg");
      expression(*expr.args[0]);
      if (!row.is_binary) return;
      out_.key("right");
      expression(*expr.args[1]);
    });
  }

  void literal(const Expr& expr) {
    out_.object().key("Value");
    switch (expr.value.kind) {
      case Kind::boolean:
        out_.value(expr.value.boolean);
        break;
      case Kind::integer:
        out_.value(expr.value.integer);
        break;
      case Kind::string:
        out_.value(expr.value.text());
        break;
      default:
        out_.object().key("__entity");
        entity(*expr.value.entity);
        out_.end();
    }
    out_.end();
  }

  // `e has a.b.c` is `e has a && e.a has b && e.a.b has c`.
  void has(const Expr& expr) {
    const std::size_t steps = expr.names.size();
    for (std::size_t i = 1; i < steps; ++i) out_.object().key("&&").object().key("left");
    for (std::size_t i = 0; i < steps; ++i) {
      if (i > 0) out_.key("right");
      wrapped("has", [&] {
        out_.key("left");
        for (std::size_t k = 0; k < i; ++k) out_.object().key(".").object().key("left");
        expression(*expr.args[0]);
        for (std::size_t k = 0; k < i; ++k) out_.field("attr", expr.names[k].view()).end().end();
        out_.field("attr", expr.names[i].view());
      });
      if (i > 0) out_.end().end();
    }
  }

  void like(const Expr& expr) {
    wrapped("like", [&] {
      out_.key("left");
      expression(*expr.args[0]);
      out_.key("pattern").array();
      std::string literal;
      const auto flush = [&] {
        if (!literal.empty()) out_.object().field("Literal", literal).end();
        literal.clear();
      };
      for (const PatternElement& element : expr.pattern) {
        if (!element.is_wildcard) {
          append_utf8(literal, element.code_point);
          continue;
        }
        flush();
        out_.value("Wildcard");
      }
      flush();
      out_.end();
    });
  }

  core::JsonWriter& out_;
};

}  // namespace

std::string to_json(const Policy& policy) {
  std::string out;
  core::JsonWriter writer(out);
  PolicyWriter(writer).policy(policy);
  return out;
}

std::string to_json(const PolicySet& set) {
  std::string out;
  core::JsonWriter writer(out);
  PolicyWriter policies(writer);
  writer.object();
  for (const bool is_template : {false, true}) {
    writer.key(is_template ? "templates" : "staticPolicies").object();
    for (const Policy& policy : set.policies) {
      if (policy.is_template() != is_template) continue;
      writer.key(policy.id);
      policies.policy(policy);
    }
    writer.end();
  }
  writer.key("templateLinks").array();
  for (const Link& link : set.links) {
    writer.object().field("templateId", set.policies[link.policy].id).field("newId", link.id).key("values").object();
    if (link.principal != nullptr) {
      writer.key("?principal");
      policies.entity(*link.principal);
    }
    if (link.resource != nullptr) {
      writer.key("?resource");
      policies.entity(*link.resource);
    }
    writer.end().end();
  }
  writer.end().end();
  return out;
}

}  // namespace nova::cedar
