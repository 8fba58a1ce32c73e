// The words that policies may use, generated from the described kinds: a policy that names something else, or reads
// what is not there, does not load.
//
//   entities   User, ApiKey, Service, Runtime, Anonymous, Ai, Peer: who acts. One type for each kind, in CamelCase
//   (`Provider`):
//              what is acted on, with `tenant`, `id`, `status`, `exists`, `environments` (the names of those in which
//              it is at work) and `state`, the kind's own fields.
//   actions    "provider.register": kind and command, in the groups "kind.provider", "impact.low" (1-3),
//   "impact.medium"
//              (4-6), "impact.high" (7-8), "impact.critical" (9-10), "destructive" and "creating".
//   context    `now`, `tenant_status`, `impact`, `compliance` (what the tenant is under: "HIPAA"),
//   `caller.{id,role,tenant_role,root_owner}`, and `input`: the command's fields.
#pragma once
#include "core/kind.hpp"
#include "governance/cedar/schema/schema.hpp"
#include "governance/gates/gates.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nova::constitution {

/// An action with the groups it is in, ready for the engine.
struct ActionWords {
  std::string name;                ///< "provider.register"
  std::vector<std::string> names;  ///< of its groups
  cedar::EntityUid uid;
  std::vector<cedar::EntityUid> groups;  ///< sorted
};

/// Of one set of kinds; never changes once made. Any thread.
class Words {
 public:
  /// `gates`: what `@gate` may name; nullptr: nothing.
  explicit Words(const std::vector<const core::Kind*>& kinds, std::shared_ptr<const gates::Gates> gates = nullptr);
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  const cedar::Schema& schema() const { return schema_; }
  /// In Cedar's JSON format, for tools outside.
  const std::string& schema_text() const { return text_; }
  const std::shared_ptr<const gates::Gates>& gates() const { return gates_; }
  const ActionWords& of(const core::CommandRow& row) const { return actions_.at(&row); }
  const std::unordered_map<const core::CommandRow*, ActionWords>& actions() const { return actions_; }
  const cedar::Text& type_of(const core::Kind& kind) const { return types_.at(&kind).text; }
  /// The entity type of a principal's type; nullptr when policies have no word for it.
  static const cedar::Text* principal_type(std::string_view type);
  /// All that there are: "User", "ApiKey" ...
  static std::span<const cedar::Text> principal_types();

 private:
  struct TypeName {
    std::string name;
    cedar::Text text;
  };
  const std::shared_ptr<const gates::Gates> gates_;
  std::unordered_map<const core::CommandRow*, ActionWords> actions_;
  std::unordered_map<const core::Kind*, TypeName> types_;
  std::string text_;
  cedar::Schema schema_;
};

/// "mfa_enrolment" to "MfaEnrolment".
std::string camel_case(std::string_view name);

}  // namespace nova::constitution
