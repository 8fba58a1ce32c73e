#include "core/governor/policy.hpp"

#include <algorithm>
#include <charconv>

namespace nova::core {

const std::vector<std::string_view>& names_of(const PolicyType*) {
  static const std::vector<std::string_view> names = {"constraint", "limit", "require", "deny", "conditional"};
  return names;
}
const std::vector<std::string_view>& names_of(const PolicyScope*) {
  static const std::vector<std::string_view> names = {"global", "platform", "resource", "user"};
  return names;
}
const std::vector<std::string_view>& names_of(const Condition*) {
  static const std::vector<std::string_view> names = {"equals", "not_equals",  "at_most", "at_least",
                                                      "one_of", "starts_with", "present"};
  return names;
}

const Record& describe(const Constraint*) {
  static const auto row = record<Constraint>(
      "constraint", "One comparison.",
      {field("target", &Constraint::target, "what of the decision is looked at: amount_micros, target_platform"),
       field("condition", &Constraint::condition, "how it is compared"),
       optional_field("value", &Constraint::value, "with what"),
       field("message", &Constraint::message, "what who breaks it is told")});
  return row;
}
const Record& describe(const PolicyTerms*) {
  static const auto row = record<PolicyTerms>(
      "policy_terms", "What a policy asks of decisions.",
      {field("name", &PolicyTerms::name, "its name for people"),
       field("type", &PolicyTerms::type, "how its constraints are read"),
       optional_field("scope", &PolicyTerms::scope, "which decisions it speaks of"),
       optional_field("scope_target", &PolicyTerms::scope_target, "the one that it speaks of, where its scope has one"),
       field("constraints", &PolicyTerms::constraints, "one to eight"),
       optional_field("priority", &PolicyTerms::priority, "higher is looked at, and named, first")});
  return row;
}

const std::vector<std::string_view>& policy_targets() {
  static const std::vector<std::string_view> names = {"type",
                                                      "urgency",
                                                      "risk_level",
                                                      "tenant",
                                                      "requested_by",
                                                      "amount_micros",
                                                      "scope",
                                                      "data_class",
                                                      "users_affected",
                                                      "reversible",
                                                      "target_platform",
                                                      "target_resource",
                                                      "steps",
                                                      "steps_without_rollback"};
  return names;
}

bool is_number_target(std::string_view target) {
  return target == "amount_micros" || target == "users_affected" || target == "steps" ||
         target == "steps_without_rollback";
}

namespace {

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool is_numeric(Condition condition) { return condition == Condition::at_most || condition == Condition::at_least; }

bool is_one_of(std::string_view words, std::string_view word) {
  while (true) {
    const auto comma = words.find(',');
    auto part = words.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (part == word) return true;
    if (comma == std::string_view::npos) return false;
    words.remove_prefix(comma + 1);
  }
}

/// None: it cannot be compared.
std::optional<bool> holds(const Constraint& constraint, const PolicyAttributes& decision) {
  const auto found = decision.find(constraint.target);
  if (found == decision.end()) return std::nullopt;
  const std::string_view is = found->second, wanted = constraint.value;
  switch (constraint.condition) {
    case Condition::equals:
      return is == wanted;
    case Condition::not_equals:
      return is != wanted;
    case Condition::one_of:
      return is_one_of(wanted, is);
    case Condition::starts_with:
      return is.starts_with(wanted);
    case Condition::present:
      return !is.empty();
    case Condition::at_most:
    case Condition::at_least:
      break;
  }
  const auto a = number_of(is), b = number_of(wanted);
  if (!a || !b) return std::nullopt;
  return constraint.condition == Condition::at_most ? *a <= *b : *a >= *b;
}

std::string_view at(const PolicyAttributes& decision, std::string_view name) {
  const auto found = decision.find(name);
  return found == decision.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

std::optional<std::string> problem_of(const PolicyTerms& terms) {
  if (terms.constraints.empty() || terms.constraints.size() > constraints_max) return "must be one to eight";
  if (terms.type == PolicyType::conditional && terms.constraints.size() < 2)
    return "of a conditional policy must be the condition and at least one that then holds";
  for (const auto& constraint : terms.constraints) {
    const auto& known = policy_targets();
    if (std::find(known.begin(), known.end(), constraint.target) == known.end())
      return "name `" + std::string(constraint.target) + "`, which decisions say nothing of";
    const bool numeric = is_numeric(constraint.condition);
    if (numeric && !is_number_target(constraint.target))
      return "compare `" + std::string(constraint.target) + "` as a number, which it is not";
    if (numeric && !number_of(constraint.value)) return "compare a number with what is none";
    if (terms.type == PolicyType::limit && !numeric) return "of a limit must be `at_most` or `at_least`";
  }
  return std::nullopt;
}

bool applies(const PolicyTerms& terms, const PolicyAttributes& decision) {
  switch (terms.scope) {
    case PolicyScope::global:
      return true;
    case PolicyScope::platform:
      return at(decision, "target_platform") == terms.scope_target;
    case PolicyScope::resource:
      return at(decision, "target_resource") == terms.scope_target;
    case PolicyScope::user:
      return at(decision, "requested_by") == terms.scope_target;
  }
  return true;
}

std::optional<std::string> objection(const PolicyTerms& terms, const PolicyAttributes& decision, bool proposed) {
  if (!applies(terms, decision)) return std::nullopt;
  const auto& all = terms.constraints;
  if (all.empty()) return "it has no constraint that could be looked at";
  switch (terms.type) {
    case PolicyType::deny: {
      // What cannot be compared may be what is forbidden.
      const bool fits = std::all_of(all.begin(), all.end(), [&](const auto& c) { return holds(c, decision) != false; });
      return fits ? std::optional<std::string>(all.front().message) : std::nullopt;
    }
    case PolicyType::require:
      if (!proposed) return std::nullopt;
      break;
    case PolicyType::conditional:
      if (holds(all.front(), decision) == false) return std::nullopt;
      break;
    case PolicyType::constraint:
    case PolicyType::limit:
      break;
  }
  for (std::size_t i = terms.type == PolicyType::conditional ? 1 : 0; i < all.size(); ++i)
    if (holds(all[i], decision) != true) return std::string(all[i].message);
  return std::nullopt;
}

}  // namespace nova::core
