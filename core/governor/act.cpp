#include "core/governor/act.hpp"

#include <algorithm>

namespace nova::core {

const std::vector<std::string_view>& names_of(const DecisionType*) {
  static const std::vector<std::string_view> names = {"governance", "policy",      "resource",  "security",
                                                      "financial",  "operational", "strategic", "emergency"};
  return names;
}
const std::vector<std::string_view>& names_of(const Urgency*) {
  static const std::vector<std::string_view> names = {"normal", "urgent", "critical"};
  return names;
}
const std::vector<std::string_view>& names_of(const RiskLevel*) {
  static const std::vector<std::string_view> names = {"low", "medium", "high", "critical", "sovereign"};
  return names;
}
const std::vector<std::string_view>& names_of(const ApprovalLevel*) {
  static const std::vector<std::string_view> names = {"automatic", "standard", "elevated", "sovereign", "owner_only"};
  return names;
}
const std::vector<std::string_view>& names_of(const ActScope*) {
  static const std::vector<std::string_view> names = {"resource", "platform", "tenant", "installation"};
  return names;
}
const std::vector<std::string_view>& names_of(const DataClass*) {
  static const std::vector<std::string_view> names = {"public", "internal", "personal", "sensitive"};
  return names;
}

const Record& describe(const ActFacts*) {
  static const auto row = record<ActFacts>(
      "act_facts", "What the act is, beyond its type.",
      {optional_field("amount_micros", &ActFacts::amount_micros, "what it costs, millionths of a US dollar"),
       optional_field("scope", &ActFacts::scope, "how far it reaches"),
       optional_field("users_affected", &ActFacts::users_affected, "how many people feel it"),
       optional_field("data_class", &ActFacts::data_class, "the most delicate data that it touches"),
       optional_field("reversible", &ActFacts::reversible, "it can be taken back")});
  return row;
}

namespace {

RiskLevel by_type(DecisionType type, Urgency urgency) {
  switch (type) {
    case DecisionType::security:
    case DecisionType::emergency:
      return RiskLevel::critical;
    case DecisionType::financial:
    case DecisionType::strategic:
      return RiskLevel::high;
    case DecisionType::governance:
    case DecisionType::policy:
      return RiskLevel::sovereign;
    case DecisionType::resource:
    case DecisionType::operational:
      break;
  }
  return urgency == Urgency::critical ? RiskLevel::high : RiskLevel::medium;
}

RiskLevel by_amount(std::int64_t micros) {
  if (micros >= amount_sovereign) return RiskLevel::sovereign;
  if (micros >= amount_critical) return RiskLevel::critical;
  return micros >= amount_high ? RiskLevel::high : RiskLevel::low;
}

RiskLevel by_reach(ActScope scope, std::int64_t users) {
  if (scope == ActScope::installation || users >= users_critical) return RiskLevel::critical;
  return scope == ActScope::tenant || users >= users_high ? RiskLevel::high : RiskLevel::low;
}

RiskLevel by_data(DataClass data, bool reversible) {
  if (data == DataClass::sensitive) return RiskLevel::critical;
  return data == DataClass::personal || !reversible ? RiskLevel::high : RiskLevel::low;
}

}  // namespace

RiskLevel risk_of(DecisionType type, Urgency urgency, const ActFacts& facts) {
  return std::max({by_type(type, urgency), by_amount(facts.amount_micros), by_reach(facts.scope, facts.users_affected),
                   by_data(facts.data_class, facts.reversible)});
}

ApprovalLevel approval_for(RiskLevel risk) {
  switch (risk) {
    case RiskLevel::sovereign:
      return ApprovalLevel::owner_only;
    case RiskLevel::critical:
      return ApprovalLevel::sovereign;
    case RiskLevel::high:
      return ApprovalLevel::elevated;
    case RiskLevel::medium:
    case RiskLevel::low:
      break;
  }
  return ApprovalLevel::standard;
}

ActFacts worse(const ActFacts& a, const ActFacts& b) {
  return {std::max<std::int64_t>(a.amount_micros, b.amount_micros), std::max(a.scope, b.scope),
          std::max<std::int64_t>(a.users_affected, b.users_affected), std::max(a.data_class, b.data_class),
          a.reversible && b.reversible};
}

ApprovalLevel level_of(const Caller& caller) {
  if (caller.root_owner) return ApprovalLevel::owner_only;
  if (caller.platform_role == "owner" || caller.platform_role == "sovereign") return ApprovalLevel::sovereign;
  if (caller.platform_role == "admin" || caller.tenant_role == "owner") return ApprovalLevel::elevated;
  return caller.tenant_role == "admin" ? ApprovalLevel::standard : ApprovalLevel::automatic;
}

std::vector<std::string> roles_for(ApprovalLevel level) {
  std::vector<std::string> roles{"root_owner"};
  if (level == ApprovalLevel::owner_only) return roles;
  roles.insert(roles.end(), {"platform:owner", "platform:sovereign"});
  if (level == ApprovalLevel::sovereign) return roles;
  roles.insert(roles.end(), {"platform:admin", "tenant:owner"});
  if (level != ApprovalLevel::elevated) roles.push_back("tenant:admin");
  return roles;
}

}  // namespace nova::core
