#include "governance/cedar/syntax/expression_parser.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace nova::cedar {
namespace {

struct BuiltIn {
  std::string_view name;
  ExprKind kind;
  std::size_t arguments;  // without the receiver
};
constexpr BuiltIn built_ins[] = {
    {"contains", ExprKind::contains, 1},        {"containsAll", ExprKind::contains_all, 1},
    {"containsAny", ExprKind::contains_any, 1}, {"isEmpty", ExprKind::is_empty, 0},
    {"hasTag", ExprKind::has_tag, 1},           {"getTag", ExprKind::get_tag, 1},
};

struct Relation {
  std::string_view symbol;
  ExprKind kind;
};
constexpr Relation relations[] = {
    {"==", ExprKind::equal},  {"!=", ExprKind::not_equal},
    {"<", ExprKind::less},    {"<=", ExprKind::less_or_equal},
    {">", ExprKind::greater}, {">=", ExprKind::greater_or_equal},
    {"in", ExprKind::in},
};

constexpr std::string_view variables[] = {"principal", "action", "resource", "context"};
constexpr std::size_t signs_max = 4;

bool is_name_part(const Token& token) { return token.kind == TokenKind::identifier && !is_reserved(token.text); }

}  // namespace

const Expr* ExpressionParser::finish(Expr* made) {
  if (!build_.is_too_high()) return made;
  tokens_.fail_at(made->span, "the expression is deeper than " + std::to_string(expression_height_max) +
                                  " operators; split it into several conditions");
  return nullptr;
}

const Expr* ExpressionParser::nested(const Expr* (ExpressionParser::*rule)()) {
  if (depth_ >= nesting_max) {
    tokens_.fail("more than " + std::to_string(nesting_max) + " levels of nesting");
    return nullptr;
  }
  ++depth_;
  const Expr* const made = (this->*rule)();
  --depth_;
  return made;
}

const Expr* ExpressionParser::expression() {
  return nested(tokens_.is("if") ? &ExpressionParser::if_then_else : &ExpressionParser::or_else);
}

const Expr* ExpressionParser::if_then_else() {
  const Span begin = tokens_.take().span;
  const Expr* const condition = expression();
  if (condition == nullptr || !tokens_.expect("then")) return nullptr;
  const Expr* const yes = expression();
  if (yes == nullptr || !tokens_.expect("else")) return nullptr;
  const Expr* const no = expression();
  if (no == nullptr) return nullptr;
  return finish(build_.node(ExprKind::if_then_else, since(begin), {condition, yes, no}));
}

const Expr* ExpressionParser::or_else() {
  const Span begin = tokens_.peek().span;
  std::vector<const Expr*> operands;
  do {
    operands.push_back(and_then());
    if (operands.back() == nullptr) return nullptr;
  } while (tokens_.take_if("||"));
  return operands.size() == 1 ? operands[0]
                              : finish(build_.chain(ExprKind::or_else, since(begin), std::move(operands)));
}

const Expr* ExpressionParser::and_then() {
  const Span begin = tokens_.peek().span;
  std::vector<const Expr*> operands;
  do {
    operands.push_back(relation());
    if (operands.back() == nullptr) return nullptr;
  } while (tokens_.take_if("&&"));
  return operands.size() == 1 ? operands[0]
                              : finish(build_.chain(ExprKind::and_then, since(begin), std::move(operands)));
}

const Expr* ExpressionParser::relation() {
  const Expr* const left = sum();
  if (left == nullptr) return nullptr;
  if (tokens_.take_if("has")) return has(left);
  if (tokens_.take_if("like")) return like(left);
  if (tokens_.take_if("is")) return is(left);
  for (const Relation& relation : relations) {
    if (!tokens_.take_if(relation.symbol)) continue;
    const Expr* const right = sum();
    if (right == nullptr) return nullptr;
    return finish(build_.node(relation.kind, since(left->span), {left, right}));
  }
  return left;
}

const Expr* ExpressionParser::has(const Expr* left) {
  std::vector<Text> names;
  if (tokens_.peek().kind == TokenKind::string) {
    const auto key = string();
    if (!key) return nullptr;
    names.push_back(Text(*key));
  } else {
    do {
      if (!is_name_part(tokens_.peek())) return fail_expected("an attribute's name or a string");
      names.push_back(copy(build_.arena(), tokens_.take().text));
      if (names.size() > expression_height_max) return fail_expected("a shorter chain of names");
    } while (tokens_.take_if("."));
  }
  return finish(build_.named(ExprKind::has, since(left->span), {left}, names));
}

const Expr* ExpressionParser::like(const Expr* left) {
  if (tokens_.peek().kind != TokenKind::string) return fail_expected("a pattern in quotes");
  const auto pattern = unescape_pattern(tokens_.take(), tokens_.found());
  if (!pattern) return nullptr;
  Expr* const made = build_.node(ExprKind::like, since(left->span), {left});
  made->pattern = build_.arena().copy(*pattern);
  return finish(made);
}

const Expr* ExpressionParser::is(const Expr* left) {
  const auto type = name();
  if (!type) return nullptr;
  std::vector<const Expr*> operands{left};
  if (tokens_.take_if("in")) {
    operands.push_back(sum());
    if (operands.back() == nullptr) return nullptr;
  }
  const ExprKind kind = operands.size() == 2 ? ExprKind::is_in : ExprKind::is;
  return finish(build_.named(kind, since(left->span), operands, {copy(build_.arena(), *type)}));
}

const Expr* ExpressionParser::sum() {
  const Expr* left = product();
  while (left != nullptr && (tokens_.is("+") || tokens_.is("-"))) {
    const ExprKind kind = tokens_.take().text == "+" ? ExprKind::add : ExprKind::subtract;
    const Expr* const right = product();
    if (right == nullptr) return nullptr;
    left = finish(build_.node(kind, since(left->span), {left, right}));
  }
  return left;
}

const Expr* ExpressionParser::product() {
  const Expr* left = unary();
  while (left != nullptr && tokens_.take_if("*")) {
    const Expr* const right = unary();
    if (right == nullptr) return nullptr;
    left = finish(build_.node(ExprKind::multiply, since(left->span), {left, right}));
  }
  return left;
}

const Expr* ExpressionParser::unary() {
  const Span begin = tokens_.peek().span;
  const std::string_view sign = tokens_.is("!") ? "!" : "-";
  std::size_t count = 0;
  while (tokens_.take_if(sign)) ++count;
  if (count > signs_max) {
    tokens_.fail_at(begin, "more than four `" + std::string(sign) + "` in a row");
    return nullptr;
  }
  const Expr* operand = nullptr;
  const bool is_number = tokens_.peek().kind == TokenKind::integer;
  if (sign == "-" && count > 0 && is_number && !tokens_.peek(1).is(".") && !tokens_.peek(1).is("[")) {
    // The sign is part of the number, so that the smallest long can be written.
    operand = integer(true, {tokens_.previous().span.begin, tokens_.peek().span.end});
    --count;
  } else {
    operand = member();
  }
  for (; operand != nullptr && count > 0; --count) {
    operand = finish(build_.node(sign == "!" ? ExprKind::negation : ExprKind::minus, since(begin), {operand}));
  }
  return operand;
}

const Expr* ExpressionParser::integer(bool is_negative, Span span) {
  const Token& token = tokens_.take();
  std::int64_t number = 0;
  const std::string digits = (is_negative ? "-" : "") + std::string(token.text);
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc() || end != digits.data() + digits.size()) {
    tokens_.fail_at(token.span, "the number " + in_backticks(token.text) + " does not fit in 64 bits");
    return nullptr;
  }
  return build_.literal(span, Value::of(number));
}

const Expr* ExpressionParser::member() {
  const Expr* made = primary();
  while (made != nullptr) {
    if (tokens_.take_if(".")) {
      if (!is_name_part(tokens_.peek()))
        return fail_expected("a name behind `.` (write [\"name\"] for reserved words)");
      const Token& token = tokens_.take();
      made = tokens_.take_if("(") ? method(made, token)
                                  : finish(build_.named(ExprKind::attribute, since(made->span), {made},
                                                        {copy(build_.arena(), token.text)}));
    } else if (tokens_.take_if("[")) {
      if (tokens_.peek().kind != TokenKind::string) return fail_expected("an attribute's name in quotes");
      const auto key = string();
      if (!key || !tokens_.expect("]")) return nullptr;
      made = finish(build_.named(ExprKind::attribute, since(made->span), {made}, {Text(*key)}));
    } else {
      break;
    }
  }
  return made;
}

const Expr* ExpressionParser::method(const Expr* receiver, const Token& name_token) {
  std::vector<const Expr*> operands{receiver};
  if (!arguments(")", operands)) return nullptr;
  const std::string_view name = name_token.text;
  for (const BuiltIn& method : built_ins) {
    if (method.name != name) continue;
    if (operands.size() - 1 != method.arguments) {
      tokens_.fail_at(name_token.span,
                      "`" + std::string(name) + "` takes " + (method.arguments == 0 ? "no argument" : "one argument"));
      return nullptr;
    }
    return finish(build_.node(method.kind, since(receiver->span), operands));
  }
  const FunctionRow* const row = find_function(name);
  if (row == nullptr || row->is_constructor) {
    tokens_.fail_at(name_token.span, row == nullptr ? "there is no method " + in_backticks(name)
                                                    : in_backticks(name) + " is a function, not a method");
    return nullptr;
  }
  Expr* const made = build_.node(ExprKind::call, since(receiver->span), operands);
  made->function = row->function;
  return finish(made);
}

const Expr* ExpressionParser::primary() {
  const Token& token = tokens_.peek();
  switch (token.kind) {
    case TokenKind::integer:
      return integer(false, token.span);
    case TokenKind::string: {
      const auto text = string();
      return text ? build_.literal(token.span, Value::of(*text)) : nullptr;
    }
    case TokenKind::slot:
      tokens_.fail("a slot stands only in the scope of a template");
      return nullptr;
    case TokenKind::identifier:
      break;
    default:
      if (tokens_.is("[")) return set();
      if (tokens_.is("{")) return record();
      if (tokens_.take_if("(")) {
        const Expr* const inner = expression();
        return inner != nullptr && tokens_.expect(")") ? inner : nullptr;
      }
      return fail_expected("an expression");
  }
  if (token.text == "true" || token.text == "false") {
    tokens_.take();
    return build_.literal(token.span, Value::of(token.text == "true"));
  }
  if (token.text == "if") {
    tokens_.fail("`if` is no operand: put parentheses around it");
    return nullptr;
  }
  return named();
}

// A variable, an entity or a call, which all begin with an identifier.
const Expr* ExpressionParser::named() {
  const Token first = tokens_.peek();
  if (!tokens_.peek(1).is("::") && !tokens_.peek(1).is("(")) {
    const auto* const at = std::find(std::begin(variables), std::end(variables), first.text);
    if (at == std::end(variables)) return fail_expected("an expression");
    tokens_.take();
    Expr* const made = build_.node(ExprKind::variable, first.span, {});
    made->variable = static_cast<Variable>(at - std::begin(variables));
    return made;
  }
  const auto type = name();
  if (!type) return nullptr;
  if (tokens_.take_if("(")) return constructor(first, *type);
  if (!tokens_.take_if("::") || tokens_.peek().kind != TokenKind::string) {
    return fail_expected("`::` and an entity's id in quotes");
  }
  const auto id = string();
  if (!id) return nullptr;
  const auto* const uid = build_.arena().make<EntityUid>(copy(build_.arena(), *type), Text(*id));
  return build_.literal(since(first.span), Value::of(uid));
}

const Expr* ExpressionParser::constructor(const Token& first, std::string_view name) {
  std::vector<const Expr*> operands;
  if (!arguments(")", operands)) return nullptr;
  const FunctionRow* const row = find_function(name);
  if (row == nullptr || !row->is_constructor) {
    tokens_.fail_at(first.span, row == nullptr ? "there is no function " + in_backticks(name)
                                               : in_backticks(name) + " is a method: write it behind a point");
    return nullptr;
  }
  Expr* const made = build_.node(ExprKind::call, since(first.span), operands);
  made->function = row->function;
  return finish(made);
}

bool ExpressionParser::arguments(std::string_view close, std::vector<const Expr*>& out) {
  while (!tokens_.is(close)) {
    out.push_back(expression());
    if (out.back() == nullptr) return false;
    if (!tokens_.take_if(",")) break;
  }
  return tokens_.take_if(close) || tokens_.fail_expected("`,` or `" + std::string(close) + "`");
}

const Expr* ExpressionParser::set() {
  const Span begin = tokens_.take().span;
  std::vector<const Expr*> items;
  if (!arguments("]", items)) return nullptr;
  return finish(build_.node(ExprKind::set, since(begin), items));
}

std::optional<Text> ExpressionParser::key() {
  if (tokens_.peek().kind == TokenKind::string) {
    const auto text = string();
    return text ? std::optional(Text(*text)) : std::nullopt;
  }
  if (!is_name_part(tokens_.peek())) {
    tokens_.fail_expected("a key (a name, or a string)");
    return std::nullopt;
  }
  return copy(build_.arena(), tokens_.take().text);
}

const Expr* ExpressionParser::record() {
  const Span begin = tokens_.take().span;
  std::vector<Text> keys;
  std::vector<const Expr*> values;
  while (!tokens_.is("}")) {
    const Span place = tokens_.peek().span;
    const auto name = key();
    if (!name || !tokens_.expect(":")) return nullptr;
    keys.push_back(*name);
    values.push_back(expression());
    if (values.back() == nullptr) return nullptr;
    std::vector<Text>::iterator end = keys.end() - 1;
    if (keys.size() < 16 && std::find(keys.begin(), end, *name) != end) {
      tokens_.fail_at(place, "the key " + in_backticks(name->view()) + " stands twice in this record");
      return nullptr;
    }
    if (!tokens_.take_if(",")) break;
  }
  if (!tokens_.is("}")) return fail_expected("`,` or `}`");
  tokens_.take();
  // Large records are checked by sorting: comparing each key with each would be quadratic.
  std::vector<Text> sorted = keys;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    tokens_.fail_at(begin, "a key stands twice in this record");
    return nullptr;
  }
  return finish(build_.named(ExprKind::record, since(begin), values, keys));
}

std::optional<std::string> ExpressionParser::name() {
  std::string out;
  do {
    if (!is_name_part(tokens_.peek())) {
      tokens_.fail_expected("a name");
      return std::nullopt;
    }
    if (!out.empty()) out += "::";
    out += tokens_.take().text;
    // In front of a string the separator belongs to the entity, not to its type.
    if (tokens_.is("::") && tokens_.peek(1).kind == TokenKind::string) break;
  } while (tokens_.take_if("::"));
  return out;
}

const EntityUid* ExpressionParser::entity() {
  std::size_t parentheses = 0;
  while (tokens_.take_if("(")) ++parentheses;
  if (tokens_.peek().kind != TokenKind::identifier)
    return tokens_.fail_expected("an entity such as User::\"amy\""), nullptr;
  const auto type = name();
  if (!type || !tokens_.expect("::")) return nullptr;
  const auto id = string();
  if (!id) return nullptr;
  for (; parentheses > 0; --parentheses) {
    if (!tokens_.expect(")")) return nullptr;
  }
  return build_.arena().make<EntityUid>(copy(build_.arena(), *type), Text(*id));
}

std::optional<std::string_view> ExpressionParser::string() {
  if (tokens_.peek().kind != TokenKind::string) {
    tokens_.fail_expected("a string in quotes");
    return std::nullopt;
  }
  const auto text = unescape(tokens_.take(), tokens_.found());
  if (!text) return std::nullopt;
  return build_.arena().copy(*text);
}

}  // namespace nova::cedar
