#include "governance/cedar/syntax/print.hpp"

namespace nova::cedar {
namespace {

// How tightly an expression binds; an operand that binds less tightly than its place asks for gets parentheses.
enum Level { level_if, level_or, level_and, level_relation, level_sum, level_product, level_unary, level_member };

Level level_of(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::if_then_else:
      return level_if;
    case ExprKind::or_else:
      return level_or;
    case ExprKind::and_then:
      return level_and;
    case ExprKind::equal:
    case ExprKind::not_equal:
    case ExprKind::less:
    case ExprKind::less_or_equal:
    case ExprKind::greater:
    case ExprKind::greater_or_equal:
    case ExprKind::in:
    case ExprKind::has:
    case ExprKind::like:
    case ExprKind::is:
    case ExprKind::is_in:
      return level_relation;
    case ExprKind::add:
    case ExprKind::subtract:
      return level_sum;
    case ExprKind::multiply:
      return level_product;
    case ExprKind::negation:
    case ExprKind::minus:
      return level_unary;
    case ExprKind::literal:
      return expr.value.kind == Kind::integer && expr.value.integer < 0 ? level_unary : level_member;
    default:
      return level_member;
  }
}

std::string_view symbol_of(ExprKind kind) {
  switch (kind) {
    case ExprKind::equal:
      return " == ";
    case ExprKind::not_equal:
      return " != ";
    case ExprKind::less:
      return " < ";
    case ExprKind::less_or_equal:
      return " <= ";
    case ExprKind::greater:
      return " > ";
    case ExprKind::greater_or_equal:
      return " >= ";
    case ExprKind::in:
      return " in ";
    case ExprKind::add:
      return " + ";
    case ExprKind::subtract:
      return " - ";
    default:
      return " * ";
  }
}

std::string_view method_of(ExprKind kind) {
  switch (kind) {
    case ExprKind::contains:
      return ".contains(";
    case ExprKind::contains_all:
      return ".containsAll(";
    case ExprKind::contains_any:
      return ".containsAny(";
    case ExprKind::is_empty:
      return ".isEmpty(";
    case ExprKind::has_tag:
      return ".hasTag(";
    default:
      return ".getTag(";
  }
}

bool is_plain_name(std::string_view name) { return is_identifier(name) && !is_reserved(name); }

class Printer {
 public:
  explicit Printer(std::string& out) : out_(out) {}

  void expression(const Expr& expr, Level at_least = level_if) {
    const bool needs_parentheses = level_of(expr) < at_least;
    if (needs_parentheses) out_ += '(';
    bare(expr);
    if (needs_parentheses) out_ += ')';
  }

  void policy(const Policy& policy) {
    for (const Annotation& annotation : policy.annotations) {
      out_ += "@" + std::string(annotation.key);
      if (annotation.has_value) out_ += "(" + quoted(annotation.value) + ")";
      out_ += '\n';
    }
    out_ += policy.effect == Effect::permit ? "permit (" : "forbid (";
    part("principal", "?principal", policy.principal);
    out_ += ", ";
    action(policy.action);
    out_ += ", ";
    part("resource", "?resource", policy.resource);
    out_ += ')';
    for (const Condition& condition : policy.conditions) {
      out_ += condition.is_unless ? "\nunless { " : "\nwhen { ";
      expression(*condition.body);
      out_ += " }";
    }
    out_ += ';';
  }

 private:
  void bare(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::literal:
        out_ += to_text(expr.value, static_cast<std::size_t>(-1));
        return;
      case ExprKind::variable:
        out_ += name_of(expr.variable);
        return;
      case ExprKind::if_then_else:
        out_ += "if ";
        expression(*expr.args[0]);
        out_ += " then ";
        expression(*expr.args[1]);
        out_ += " else ";
        expression(*expr.args[2]);
        return;
      case ExprKind::or_else:
        return joined(expr, " || ", level_and);
      case ExprKind::and_then:
        return joined(expr, " && ", level_relation);
      case ExprKind::negation:
        return prefixed(expr, '!');
      case ExprKind::minus:
        return prefixed(expr, '-');
      case ExprKind::has:
        return has(expr);
      case ExprKind::like:
        expression(*expr.args[0], level_sum);
        out_ += " like ";
        return pattern(expr.pattern);
      case ExprKind::is:
      case ExprKind::is_in:
        expression(*expr.args[0], level_sum);
        out_ += " is " + expr.names[0].str();
        if (expr.kind == ExprKind::is) return;
        out_ += " in ";
        return expression(*expr.args[1], level_sum);
      case ExprKind::attribute:
        return attribute(expr);
      case ExprKind::set:
        out_ += '[';
        list(expr.args);
        out_ += ']';
        return;
      case ExprKind::record:
        return record(expr);
      case ExprKind::call:
        return call(expr);
      case ExprKind::contains:
      case ExprKind::contains_all:
      case ExprKind::contains_any:
      case ExprKind::is_empty:
      case ExprKind::has_tag:
      case ExprKind::get_tag:
        expression(*expr.args[0], level_member);
        out_ += method_of(expr.kind);
        list(expr.args.subspan(1));
        out_ += ')';
        return;
      default:
        return binary(expr);
    }
  }

  void joined(const Expr& expr, std::string_view symbol, Level operand) {
    for (std::size_t i = 0; i < expr.args.size(); ++i) {
      if (i > 0) out_ += symbol;
      expression(*expr.args[i], operand);
    }
  }

  // Sums and products lean to the left, relations to neither side.
  void binary(const Expr& expr) {
    const Level level = level_of(expr);
    const Level left = level == level_relation ? level_sum : level;
    expression(*expr.args[0], left);
    out_ += symbol_of(expr.kind);
    expression(*expr.args[1], static_cast<Level>(level + 1));
  }

  // Parentheses behind each sign: no more than four may stand in a row, and `-5` is a number of its own.
  void prefixed(const Expr& expr, char sign) {
    out_ += sign;
    const Expr& operand = *expr.args[0];
    const bool is_number = operand.kind == ExprKind::literal && operand.value.kind == Kind::integer;
    if (!is_number) return expression(operand, level_member);
    out_ += '(';
    bare(operand);
    out_ += ')';
  }

  void has(const Expr& expr) {
    expression(*expr.args[0], level_sum);
    out_ += " has ";
    if (expr.names.size() == 1 && !is_plain_name(expr.names[0].view())) {
      out_ += quoted(expr.names[0].view());
      return;
    }
    for (std::size_t i = 0; i < expr.names.size(); ++i) out_ += (i > 0 ? "." : "") + expr.names[i].str();
  }

  void attribute(const Expr& expr) {
    expression(*expr.args[0], level_member);
    const std::string_view name = expr.names[0].view();
    out_ += is_plain_name(name) ? "." + std::string(name) : "[" + quoted(name) + "]";
  }

  void list(std::span<const Expr* const> items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += ", ";
      expression(*items[i]);
    }
  }

  void record(const Expr& expr) {
    out_ += '{';
    for (std::size_t i = 0; i < expr.args.size(); ++i) {
      const std::string_view name = expr.names[i].view();
      out_ += (i > 0 ? ", " : "") + (is_plain_name(name) ? std::string(name) : quoted(name)) + ": ";
      expression(*expr.args[i]);
    }
    out_ += '}';
  }

  void call(const Expr& expr) {
    const FunctionRow& row = row_of(expr.function);
    std::span<const Expr* const> arguments = expr.args;
    if (!row.is_constructor) {
      expression(*arguments[0], level_member);
      out_ += '.';
      arguments = arguments.subspan(1);
    }
    out_ += std::string(row.name) + "(";
    list(arguments);
    out_ += ')';
  }

  void pattern(Pattern pattern) {
    out_ += '"';
    for (const PatternElement& element : pattern) {
      if (element.is_wildcard) {
        out_ += '*';
      } else if (element.code_point == U'*') {
        out_ += "\\*";
      } else {
        std::string text;
        append_utf8(text, element.code_point);
        const std::string escaped = quoted(text);
        out_.append(escaped, 1, escaped.size() - 2);
      }
    }
    out_ += '"';
  }

  void part(std::string_view variable, std::string_view slot, const ScopePart& part) {
    out_ += variable;
    const std::string entity = part.is_slot ? std::string(slot) : part.entity != nullptr ? to_text(*part.entity) : "";
    if (part.op == ScopeOp::is || part.op == ScopeOp::is_in) out_ += " is " + part.type.str();
    if (part.op == ScopeOp::equal) out_ += " == " + entity;
    if (part.op == ScopeOp::in || part.op == ScopeOp::is_in) out_ += " in " + entity;
  }

  void action(const ActionPart& part) {
    out_ += "action";
    if (part.op == ScopeOp::any) return;
    out_ += part.op == ScopeOp::equal ? " == " : " in ";
    if (part.is_list) out_ += '[';
    for (std::size_t i = 0; i < part.entities.size(); ++i) out_ += (i > 0 ? ", " : "") + to_text(part.entities[i]);
    if (part.is_list) out_ += ']';
  }

  std::string& out_;
};

}  // namespace

std::string to_text(const Expr& expr) {
  std::string out;
  Printer(out).expression(expr);
  return out;
}

std::string to_text(const Policy& policy) {
  std::string out;
  Printer(out).policy(policy);
  return out;
}

std::string to_text(const PolicySet& set) {
  std::string out;
  for (const Policy& policy : set.policies) {
    if (!out.empty()) out += "\n\n";
    Printer(out).policy(policy);
  }
  if (!out.empty()) out += '\n';
  return out;
}

}  // namespace nova::cedar
