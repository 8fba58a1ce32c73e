// Policies in Cedar's JSON form, in and out.
#pragma once
#include "core/result.hpp"
#include "governance/cedar/syntax/ast.hpp"

#include <string>
#include <string_view>

namespace nova::cedar {

/// `{"staticPolicies": {id: policy}, "templates": {id: template}, "templateLinks": [{"templateId", "newId",
/// "values"}]}`, or one policy alone, which gets the id `policy0`. Fails with `cedar.json_invalid` or
/// `cedar.policy_invalid`, naming the place by its path. Spans of what is read are empty. Linear.
core::Result<PolicySet> read_policies_json(std::string_view text);

/// The set in the same form. What the JSON form cannot say is written out: a chain of `has` as its steps.
std::string to_json(const PolicySet& set);
std::string to_json(const Policy& policy);

}  // namespace nova::cedar
