// Policies as constraints on decisions (S07): what a decision says of itself, compared with what the owner allows. What
// cannot be compared counts against the decision. Pure; any thread.
#pragma once
#include "core/describe/describe.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::core {

/// `deny` is broken by what fits all its constraints; `constraint` and `limit` by what fails one; `require` too, though
/// only once steps are proposed; `conditional` when what fits its first constraint fails one of the others.
enum class PolicyType : std::uint8_t { constraint, limit, require, deny, conditional };
enum class PolicyScope : std::uint8_t { global, platform, resource, user };
enum class Condition : std::uint8_t {
  equals,
  not_equals,
  at_most,
  at_least,
  one_of,  ///< the value is words with commas between them
  starts_with,
  present
};
const std::vector<std::string_view>& names_of(const PolicyType*);
const std::vector<std::string_view>& names_of(const PolicyScope*);
const std::vector<std::string_view>& names_of(const Condition*);

struct Constraint {
  Text<1, 40, Shape::name> target;  ///< one of `policy_targets`
  Condition condition = Condition::equals;
  Text<0, 200> value;
  Text<1, 300> message;  ///< what who breaks it is told
  friend bool operator==(const Constraint&, const Constraint&) = default;
};
/// Stored inside policies.
struct PolicyTerms {
  Text<1, 120> name;
  PolicyType type = PolicyType::constraint;
  PolicyScope scope = PolicyScope::global;
  Text<0, 160> scope_target;  ///< `tenant/id` of a platform, the resource's name, the user's id; of `global`: empty
  std::vector<Constraint> constraints;
  Bounded<1, 100> priority{50};
  friend bool operator==(const PolicyTerms&, const PolicyTerms&) = default;
};
const Record& describe(const Constraint*);
const Record& describe(const PolicyTerms*);

inline constexpr std::size_t constraints_max = 8;
/// How many may be active at a time: all that apply are looked at by each decision.
inline constexpr std::size_t policies_max = 256;

/// What a decision says of itself, by target; numbers as decimal digits, yes and no as "true" and "false".
using PolicyAttributes = std::map<std::string, std::string, std::less<>>;
/// The targets that constraints may name; those of them that are numbers.
const std::vector<std::string_view>& policy_targets();
bool is_number_target(std::string_view target);

/// None: the terms can be evaluated.
std::optional<std::string> problem_of(const PolicyTerms& terms);

/// Whether its scope takes the decision in.
bool applies(const PolicyTerms& terms, const PolicyAttributes& decision);
/// The message of what it objects to; none: nothing. `proposed`: the steps are known.
std::optional<std::string> objection(const PolicyTerms& terms, const PolicyAttributes& decision, bool proposed);

}  // namespace nova::core
