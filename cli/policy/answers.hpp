// Decisions and findings as JSON, and as text for people made from that JSON: both formats say the same.
#pragma once
#include "cli/policy/inputs.hpp"
#include "cli/text/table.hpp"
#include "governance/cedar/analyse/analyse.hpp"
#include "governance/cedar/eval/authorizer.hpp"
#include "governance/cedar/validate/validator.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace nova::cli::policy {

using Json = nlohmann::ordered_json;

/// {"decision", "reason": [{"policy","effect","place","name"?}], "errors": [{... ,"message"}]}. `name` is the policy's
/// annotation `@id`.
Json answer_json(const cedar::Authorizer& authorizer, const Policies& policies, const cedar::Answer& answer);
std::string answer_text(const Json& answer, const Paint& paint);

/// The same with "policies": each candidate with its scope, its conditions as far as they were evaluated, and what they
/// read.
Json explanation_json(const cedar::Authorizer& authorizer, const Policies& policies,
                      const cedar::Explanation& explanation);
std::string explanation_text(const Json& explanation, const Paint& paint);

/// {"ok", "errors": [{"policy","place","code","message"}], "warnings": [...]}
Json validation_json(const Policies& policies, const cedar::Validation& validation);
/// Adds the error of another input, such as entities that do not conform.
void add_error(Json& validation, const core::Error& error);
/// Adds policies without effect to the warnings, and says under "unused" how far they were looked for.
void add_unused(Json& validation, const Policies& policies, const cedar::Inspection& inspection);
std::string validation_text(const Json& validation, const Paint& paint);

/// {"change", "exact", "exhaustive", "worlds", "now_denied": {"request","explanation"}|null, "now_allowed": ...}
Json comparison_json(const cedar::Comparison& comparison);
std::string comparison_text(const Json& comparison, const Paint& paint);

}  // namespace nova::cli::policy
