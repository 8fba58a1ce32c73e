// Makes nodes of expressions in an arena; used by everything that reads policies.
#pragma once
#include "governance/cedar/limits.hpp"
#include "governance/cedar/syntax/ast.hpp"

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace nova::cedar {

class Builder {
 public:
  explicit Builder(Arena& arena) : arena_(arena) {}

  /// True once a tree grew beyond `expression_height_max`; whoever built it must then report that.
  bool is_too_high() const { return is_too_high_; }
  Arena& arena() { return arena_; }

  Expr* node(ExprKind kind, Span span, const std::vector<const Expr*>& args) {
    Expr* const made = arena_.make<Expr>();
    made->kind = kind;
    made->span = span;
    made->args = arena_.copy(args);
    std::size_t height = 0;
    for (const Expr* arg : args) height = std::max<std::size_t>(height, arg->height);
    if (height >= expression_height_max) is_too_high_ = true;
    made->height = static_cast<std::uint16_t>(std::min(height + 1, expression_height_max));
    return made;
  }
  Expr* literal(Span span, Value value) {
    Expr* const made = node(ExprKind::literal, span, {});
    made->value = value;
    return made;
  }
  Expr* named(ExprKind kind, Span span, const std::vector<const Expr*>& args, const std::vector<Text>& names) {
    Expr* const made = node(kind, span, args);
    made->names = arena_.copy(names);
    return made;
  }
  /// `&&` or `||`. A first operand of the same kind is spread out: `(a && b) && c` is `a && b && c`.
  Expr* chain(ExprKind kind, Span span, std::vector<const Expr*> operands) {
    while (operands[0]->kind == kind) {
      const auto first = operands[0]->args;
      operands.erase(operands.begin());
      operands.insert(operands.begin(), first.begin(), first.end());
    }
    return node(kind, span, operands);
  }

 private:
  Arena& arena_;
  bool is_too_high_ = false;
};

}  // namespace nova::cedar
