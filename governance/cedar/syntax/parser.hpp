// Policy text to trees.
#pragma once
#include "core/result.hpp"
#include "governance/cedar/syntax/ast.hpp"

#include <string>
#include <string_view>

namespace nova::cedar {

/// The policies and templates of the text, numbered `policy0`, `policy1` ... in the order in which they stand.
/// Fails with `cedar.policy_syntax`: one problem a fault (at most 20), path "line:column"; after a fault reading goes
/// on behind the next `;`. Linear in the text.
core::Result<PolicySet> parse_policies(std::string text);

/// One expression alone, as between the braces of a condition; its tree lives in the arena.
core::Result<const Expr*> parse_expression(std::string_view text, Arena& arena);

/// Links a template: values for exactly its slots, under an id that nothing in the set has.
/// Fails with `cedar.link_invalid`.
core::Status link(PolicySet& set, std::string_view template_id, std::string new_id, const EntityUid* principal,
                  const EntityUid* resource);

}  // namespace nova::cedar
