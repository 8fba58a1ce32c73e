// Policy text to trees.
#pragma once
#include "core/result.hpp"
#include "governance/cedar/syntax/ast.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace nova::cedar {

/// The policies and templates of the text, numbered `policy0`, `policy1` ... in the order in which they stand.
/// Fails with `cedar.policy_syntax`: one problem a fault (at most 20), path "line:column"; after a fault reading goes
/// on behind the next `;`. Linear in the text.
core::Result<PolicySet> parse_policies(std::string text);

/// One expression alone, as between the braces of a condition; its tree lives in the arena.
core::Result<const Expr*> parse_expression(std::string_view text, Arena& arena);

/// Links the templates of one set, which must outlive it and gets no other links or policies meanwhile. Knows every id,
/// so that each link costs the same however many there are.
class Linker {
 public:
  explicit Linker(PolicySet& set);
  /// Values for exactly the template's slots (null where it has none), under an id that nothing in the set has. Copies
  /// what it keeps into the set's arena. Fails with `cedar.link_invalid`.
  core::Status add(std::string_view template_id, std::string new_id, const EntityUid* principal,
                   const EntityUid* resource);

 private:
  PolicySet& set_;
  std::unordered_map<std::string_view, std::size_t> policies_;  // by id
  std::unordered_set<std::string> links_;
};

/// One link alone, as Linker::add(). Linear in the set.
core::Status link(PolicySet& set, std::string_view template_id, std::string new_id, const EntityUid* principal,
                  const EntityUid* resource);

}  // namespace nova::cedar
