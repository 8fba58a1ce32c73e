// Policies as trees. Everything hangs in the arena of its PolicySet.
#pragma once
#include "governance/cedar/extensions/extensions.hpp"
#include "governance/cedar/syntax/lexer.hpp"
#include "governance/cedar/syntax/source.hpp"
#include "governance/cedar/values/value.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nova::cedar {

enum class ExprKind : std::uint8_t {
  literal,   // value: boolean, long, string or entity
  variable,  // variable
  and_then,  // args: two or more
  or_else,   // args: two or more
  negation,  // !
  minus,
  if_then_else,  // args: condition, then, else
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  in,
  add,
  subtract,
  multiply,
  contains,
  contains_all,
  contains_any,
  is_empty,
  has_tag,
  get_tag,
  attribute,  // args[0].names[0]
  has,        // args[0] has names[0].names[1]...
  like,       // args[0] like pattern
  is,         // args[0] is names[0]
  is_in,      // args[0] is names[0] in args[1]
  set,        // args
  record,     // names[i]: args[i]
  call,       // function(args)
};

enum class Variable : std::uint8_t { principal, action, resource, context };
std::string_view name_of(Variable variable);

using Pattern = std::span<const PatternElement>;

struct Expr {
  ExprKind kind = ExprKind::literal;
  Variable variable = Variable::principal;
  Function function = Function::decimal;
  std::uint16_t height = 1;
  Span span;
  Value value;
  std::span<const Expr* const> args;
  std::span<const Text> names;
  Pattern pattern;
};

/// Structural equality; spans do not count.
bool same(const Expr& a, const Expr& b);

enum class Effect : std::uint8_t { permit, forbid };
enum class ScopeOp : std::uint8_t { any, equal, in, is, is_in };

/// What a scope asks of the principal or the resource.
struct ScopePart {
  ScopeOp op = ScopeOp::any;
  bool is_slot = false;               ///< `?principal` or `?resource` stands where the entity would
  const EntityUid* entity = nullptr;  ///< of equal, in and is_in without a slot
  Text type;                          ///< of is and is_in
  Span span;
};

/// What a scope asks of the action; `in` has any number of entities.
struct ActionPart {
  ScopeOp op = ScopeOp::any;
  bool is_list = false;  ///< written with brackets
  std::span<const EntityUid> entities;
  Span span;
};

struct Annotation {
  std::string_view key;
  std::string_view value;
  bool has_value = false;
};

struct Condition {
  bool is_unless = false;
  const Expr* body = nullptr;
};

struct Policy {
  std::string id;
  Effect effect = Effect::permit;
  std::span<const Annotation> annotations;
  ScopePart principal;
  ActionPart action;
  ScopePart resource;
  std::span<const Condition> conditions;
  Span span;

  bool is_template() const { return principal.is_slot || resource.is_slot; }
};

/// A template with its slots filled. A slot that the template does not have is null.
struct Link {
  std::string id;
  std::size_t policy = 0;  ///< the template's place in PolicySet::policies
  const EntityUid* principal = nullptr;
  const EntityUid* resource = nullptr;
};

/// Equality of all but ids and spans.
bool same(const Policy& a, const Policy& b);

/// Parsed policies and links. Copies share the trees, which never change; any thread may read.
struct PolicySet {
  std::shared_ptr<Arena> arena = std::make_shared<Arena>();
  std::string source;  ///< what the spans refer to; empty for policies that came as JSON
  std::vector<Policy> policies;
  std::vector<Link> links;

  const Policy* find(std::string_view id) const;
};

/// The policy with the link's entities in place of its slots.
Policy instantiate(const PolicySet& set, const Link& link);

}  // namespace nova::cedar
