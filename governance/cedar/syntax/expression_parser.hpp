// The grammar of expressions: one member function a rule, named after it.
//
//   Expr    = "if" Expr "then" Expr "else" Expr | Or
//   Or      = And ( "||" And )*
//   And     = Rel ( "&&" Rel )*
//   Rel     = Add | Add ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" ) Add | Add "has" ( Ident ( "." Ident )* |
//   String )
//           | Add "like" Pattern | Add "is" Name ( "in" Add )?
//   Add     = Mul ( ( "+" | "-" ) Mul )*
//   Mul     = Unary ( "*" Unary )*
//   Unary   = ( "!"{1,4} | "-"{1,4} )? Member
//   Member  = Primary ( "." Ident | "." Ident "(" list(Expr) ")" | "[" String "]" )*
//   Primary = "true" | "false" | Int | String | Entity | Variable | Name "(" list(Expr) ")"
//           | "(" Expr ")" | "[" list(Expr) "]" | "{" list(Key ":" Expr) "}"
#pragma once
#include "governance/cedar/syntax/builder.hpp"
#include "governance/cedar/syntax/token_stream.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::cedar {

/// A rule that fails has reported why, and gives nullptr.
class ExpressionParser {
 public:
  ExpressionParser(TokenStream& tokens, Arena& arena) : tokens_(tokens), build_(arena) {}

  const Expr* expression();
  /// Ident ("::" Ident)*, blanks allowed; none after a report.
  std::optional<std::string> name();
  /// Name "::" String, parentheses around it allowed.
  const EntityUid* entity();
  std::optional<std::string_view> string();

 private:
  const Expr* nested(const Expr* (ExpressionParser::*rule)());
  const Expr* if_then_else();
  const Expr* or_else();
  const Expr* and_then();
  const Expr* relation();
  const Expr* has(const Expr* left);
  const Expr* like(const Expr* left);
  const Expr* is(const Expr* left);
  const Expr* sum();
  const Expr* product();
  const Expr* unary();
  const Expr* member();
  const Expr* method(const Expr* receiver, const Token& name_token);
  const Expr* primary();
  const Expr* named();
  const Expr* constructor(const Token& first, std::string_view name);
  const Expr* set();
  const Expr* record();
  const Expr* integer(bool is_negative, Span span);
  bool arguments(std::string_view close, std::vector<const Expr*>& out);
  std::optional<Text> key();
  const Expr* finish(Expr* made);
  Span since(Span begin) const { return {begin.begin, tokens_.previous().span.end}; }
  const Expr* fail_expected(const std::string& what) { return tokens_.fail_expected(what), nullptr; }

  TokenStream& tokens_;
  Builder build_;
  std::size_t depth_ = 0;
};

}  // namespace nova::cedar
