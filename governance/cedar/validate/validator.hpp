// Checks policies against a schema before they run: what passes cannot meet a type error, whatever the request.
#pragma once
#include "governance/cedar/schema/schema.hpp"
#include "governance/cedar/syntax/ast.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nova::cedar {

/// `strict`: as the reference's default; both sides of `==`, elements of a set and branches of `if` must have one type.
/// `permissive`: types may differ where no value can go wrong.
enum class ValidationMode : std::uint8_t { strict, permissive };

struct Finding {
  std::string policy;  ///< its id
  std::string code;    ///< stable: "unknown_entity_type", "type", "unguarded_attribute" ...
  std::string message;
  Span span;
};

struct Validation {
  std::vector<Finding> errors;
  std::vector<Finding> warnings;  ///< policies that never apply
  bool ok() const { return errors.empty(); }
};

/// Types every policy once for each request environment: each action with each principal and resource type it applies
/// to, and for templates each type that can fill a slot. At most `findings_max` findings a policy. Cost: policies times
/// environments that the scope allows. Pure; any thread.
Validation validate(const PolicySet& set, const Schema& schema, ValidationMode mode = ValidationMode::strict);

constexpr std::size_t findings_max = 10;

}  // namespace nova::cedar
