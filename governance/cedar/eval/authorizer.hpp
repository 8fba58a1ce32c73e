// Decisions: which policies are satisfied by a request, and what follows from them.
#pragma once
#include "core/result.hpp"
#include "governance/cedar/eval/policy_index.hpp"
#include "governance/cedar/eval/program.hpp"
#include "governance/cedar/syntax/ast.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nova::cedar {

enum class Decision : std::uint8_t { deny, allow };

/// Policies are named by their place in the set: Authorizer::policy_id() gives the id.
struct PolicyFailure {
  std::uint32_t policy = 0;
  Failure failure;
};

/// `reasons`: every satisfied forbid, or, when there is none, every satisfied permit. `failures`: every policy that has
/// no value for this request; it was skipped. Both ascend.
struct Answer {
  Decision decision = Decision::deny;
  std::vector<std::uint32_t> reasons;
  std::vector<PolicyFailure> failures;
};

/// Memory of one thread for many decisions. What a failure names may lie in it, until the next decision.
struct Scratch {
  Arena arena;
  std::vector<std::uint32_t> candidates;
  PolicyIndex::Lookup lookup;
};

struct ConditionOutcome {
  std::uint32_t policy = 0;
  std::uint32_t condition = 0;  ///< its place in the policy; `scope` for the scope
  enum class Result : std::uint8_t { held, did_not_hold, failed } result = Result::held;
  Failure failure;
  std::vector<Read> reads;
  static constexpr std::uint32_t scope = 0xFFFFFFFF;
};

/// An answer with what was evaluated on the way to it: for each candidate, its scope and its conditions up to the first
/// that did not hold.
struct Explanation {
  Answer answer;
  std::vector<ConditionOutcome> outcomes;
};

/// Compiled policies: static ones and links, never bare templates. Never changes once made; any thread may read.
class Authorizer {
 public:
  /// Compiles and indexes: about linear in the text of the policies (names are sorted). Every set is accepted; what
  /// fails, fails when it is evaluated. Throws nothing but std::bad_alloc, as all of this library.
  explicit Authorizer(PolicySet set);

  /// The whole decision; always has one, for a policy without a value is skipped and listed. Cost follows the policies
  /// whose scope can match, not all of them; after the first calls with the same `scratch` and `out` nothing is
  /// allocated unless policies build sets or records larger than before.
  void decide(const Request& request, const Entities& entities, Scratch& scratch, Answer& out) const;
  /// The same with memory of its own, for the odd call; failures name neither attribute nor entity.
  Answer decide(const Request& request, const Entities& entities) const;

  /// Decides, then evaluates each candidate again with a note of what is read: at least twice a decision, and it
  /// allocates. At most a thousand reads a condition; names and values lie in `scratch`, the policies or the entities.
  Explanation explain(const Request& request, const Entities& entities, Scratch& scratch) const;

  /// Policies that can apply: static ones in the order of their text, then links in the order of linking.
  std::size_t size() const { return policies_.size(); }
  const std::string& policy_id(std::uint32_t policy) const { return policies_[policy].id; }
  const Policy& policy(std::uint32_t policy) const { return policies_[policy]; }
  const PolicySet& policies() const { return set_; }

 private:
  // What a decision needs of a policy, apart from the tree that it was made from: sixteen bytes, four in a cache line.
  struct Compiled {
    std::uint32_t first_condition = 0;
    std::uint32_t condition_count = 0;
    bool is_forbid = false;
    bool has_type_and_group = false;  // `is T in E`: the index knows of E only
  };
  struct CompiledCondition {
    Program::NodeId body = 0;
    bool is_unless = false;
  };
  bool find_candidates(const Request& request, Evaluator& evaluator, Scratch& scratch) const;
  void settle(Answer& answer) const;
  bool scope_holds(const Policy& policy, const Request& request, Evaluator& evaluator) const;

  PolicySet set_;
  std::vector<Policy> policies_;  // links filled in
  std::vector<Compiled> compiled_;
  std::vector<CompiledCondition> conditions_;
  Program program_;
  PolicyIndex index_;
};

}  // namespace nova::cedar
