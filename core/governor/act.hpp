// What a sovereign decision weighs (S07): its type and the facts of the act say how great the risk is, the risk says
// who must agree, and somebody's standing says whether they are that. Pure; any thread.
#pragma once
#include "core/decision.hpp"
#include "core/describe/describe.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace nova::core {

enum class DecisionType : std::uint8_t {
  governance,
  policy,
  resource,
  security,
  financial,
  operational,
  strategic,
  emergency
};
enum class Urgency : std::uint8_t { normal, urgent, critical };
enum class RiskLevel : std::uint8_t { low, medium, high, critical, sovereign };
/// Who must agree, from nobody to the root owner; each level includes those above it.
enum class ApprovalLevel : std::uint8_t { automatic, standard, elevated, sovereign, owner_only };
/// How far the act reaches.
enum class ActScope : std::uint8_t { resource, platform, tenant, installation };
/// The most delicate data that it touches.
enum class DataClass : std::uint8_t { open, internal, personal, sensitive };
const std::vector<std::string_view>& names_of(const DecisionType*);
const std::vector<std::string_view>& names_of(const Urgency*);
const std::vector<std::string_view>& names_of(const RiskLevel*);
const std::vector<std::string_view>& names_of(const ApprovalLevel*);
const std::vector<std::string_view>& names_of(const ActScope*);
const std::vector<std::string_view>& names_of(const DataClass*);

/// Stored inside decisions.
struct ActFacts {
  Bounded<0, 1'000'000'000'000'000> amount_micros{0};  ///< millionths of a US dollar
  ActScope scope = ActScope::resource;
  Bounded<0, 1'000'000'000> users_affected{0};
  DataClass data_class = DataClass::open;
  bool reversible = true;
  friend bool operator==(const ActFacts&, const ActFacts&) = default;
};
const Record& describe(const ActFacts*);

// From these on an act is of at least this risk. The documents know types and urgency alone; the figures are ours.
inline constexpr std::int64_t amount_high = 1'000'000'000, amount_critical = 10'000'000'000,
                              amount_sovereign = 100'000'000'000;  ///< 1,000, 10,000 and 100,000 dollars
inline constexpr std::int64_t users_high = 1'000, users_critical = 100'000;

/// By type and urgency as the documents say, raised and never lowered by the facts.
RiskLevel risk_of(DecisionType type, Urgency urgency, const ActFacts& facts);
ApprovalLevel approval_for(RiskLevel risk);
/// The worse of both, fact by fact.
ActFacts worse(const ActFacts& a, const ActFacts& b);

/// What a person of this standing may agree to; `automatic`: to nothing.
ApprovalLevel level_of(const Caller& caller);
/// The roles of which somebody must hold one to agree on this level, as `Approvers` names them.
std::vector<std::string> roles_for(ApprovalLevel level);

inline constexpr int feasibility_clear = 85, feasibility_violated = 40;

}  // namespace nova::core
