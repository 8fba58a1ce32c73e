// How the JSON form names the operators; read by what reads it and by what writes it.
#pragma once
#include "governance/cedar/syntax/ast.hpp"

#include <string_view>

namespace nova::cedar {

struct OperatorRow {
  std::string_view name;
  ExprKind kind;
  bool is_binary;  ///< {"left", "right"}, else {"arg"}
};

inline constexpr OperatorRow operator_rows[] = {
    {"!", ExprKind::negation, false},
    {"neg", ExprKind::minus, false},
    {"isEmpty", ExprKind::is_empty, false},
    {"==", ExprKind::equal, true},
    {"!=", ExprKind::not_equal, true},
    {"in", ExprKind::in, true},
    {"<", ExprKind::less, true},
    {"<=", ExprKind::less_or_equal, true},
    {">", ExprKind::greater, true},
    {">=", ExprKind::greater_or_equal, true},
    {"&&", ExprKind::and_then, true},
    {"||", ExprKind::or_else, true},
    {"+", ExprKind::add, true},
    {"-", ExprKind::subtract, true},
    {"*", ExprKind::multiply, true},
    {"contains", ExprKind::contains, true},
    {"containsAll", ExprKind::contains_all, true},
    {"containsAny", ExprKind::contains_any, true},
    {"hasTag", ExprKind::has_tag, true},
    {"getTag", ExprKind::get_tag, true},
};

}  // namespace nova::cedar
