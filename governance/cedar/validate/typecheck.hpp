// Types of expressions in one request environment.
#pragma once
#include "governance/cedar/schema/schema.hpp"
#include "governance/cedar/syntax/ast.hpp"
#include "governance/cedar/validate/validator.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nova::cedar {

/// One way to fill principal, action, resource and, through the action, the context.
struct Environment {
  const Action* action = nullptr;
  Text principal;
  Text resource;
};

/// That `holder has name` (or hasTag) was found true, so that reading it is safe.
struct Capability {
  const Expr* holder = nullptr;
  bool is_tag = false;
  Text name;                  // of an attribute
  const Expr* tag = nullptr;  // the key's expression
};

/// What an expression that came out true has shown.
using Capabilities = std::vector<Capability>;

struct Typed {
  const Type* type = nullptr;  // nullptr: an error was reported
  Capabilities shown;
};

class TypeChecker {
 public:
  TypeChecker(const Schema& schema, ValidationMode mode, const Environment& environment, Arena& arena,
              std::vector<Finding>& errors)
      : schema_(schema), mode_(mode), environment_(environment), arena_(arena), errors_(errors) {}

  /// Types the expression while `known_` holds what earlier ones have shown.
  Typed check(const Expr& expr);
  /// A condition of a policy: must be boolean. Remembers what it showed for the next.
  const Type* condition(const Condition& condition);
  bool has_failed() const { return has_failed_; }

 private:
  Typed fail(const Expr& expr, std::string code, std::string message);
  const Type* expect(const Expr& expr, std::initializer_list<TypeKind> kinds, std::string_view what);
  Typed boolean_chain(const Expr& expr);
  Typed conditional(const Expr& expr);
  Typed equality(const Expr& expr);
  Typed membership(const Expr& expr);
  Typed arithmetic(const Expr& expr);
  Typed ordering(const Expr& expr);
  Typed set_operation(const Expr& expr);
  Typed tags(const Expr& expr);
  Typed attribute(const Expr& expr);
  Typed has(const Expr& expr);
  Typed is(const Expr& expr);
  Typed set(const Expr& expr);
  Typed record(const Expr& expr);
  Typed call(const Expr& expr);
  Typed literal(const Expr& expr);
  Typed variable(const Expr& expr);
  Typed simple(TypeKind kind) const { return {simple_type(kind), {}}; }
  Typed truth(std::optional<bool> known) const;

  std::optional<EntityUid> constant_entity(const Expr& expr) const;
  std::optional<bool> action_is_in(const Expr& left, const Expr& right) const;
  /// The type that holds values of both, or nullptr.
  const Type* unite(const Type* a, const Type* b);
  const Type* unite_records(const Type& a, const Type& b);
  bool knows(const Capability& wanted) const;
  const Type* attributes_of(const Type& type) const;

  const Schema& schema_;
  ValidationMode mode_;
  const Environment& environment_;
  Arena& arena_;
  std::vector<Finding>& errors_;
  std::vector<Capability> known_;
  bool has_failed_ = false;
};

}  // namespace nova::cedar
