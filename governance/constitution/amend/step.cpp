#include "governance/constitution/amend/step.hpp"

#include <algorithm>

namespace nova::constitution {
namespace {

// What decides: sentences for people do not, a gate does, for what it holds was forbidden before.
cedar::Policy bare(cedar::Policy policy, std::vector<cedar::Annotation>& gate) {
  gate.clear();
  for (const auto& one : policy.annotations)
    if (one.key == "gate") gate.push_back(one);
  policy.annotations = {};
  return policy;
}

bool same_law(const cedar::Policy& a, const cedar::Policy& b) {
  std::vector<cedar::Annotation> gate_a, gate_b;
  const auto bare_a = bare(a, gate_a), bare_b = bare(b, gate_b);
  if (gate_a.size() != gate_b.size()) return false;
  for (std::size_t i = 0; i < gate_a.size(); ++i)
    if (gate_a[i].value != gate_b[i].value) return false;
  return cedar::same(bare_a, bare_b);
}

std::string id_of(const cedar::Policy& policy) {
  for (const auto& one : policy.annotations)
    if (one.key == "id") return std::string(one.value);
  return policy.id;
}

// Of `a`, what `b` has not; each of `b` answers for one of `a`.
void missing(const cedar::PolicySet& a, const cedar::PolicySet& b, std::vector<std::string>& permits,
             std::vector<std::string>& forbids) {
  std::vector<bool> used(b.policies.size());
  for (std::size_t i = 0; i < a.policies.size(); ++i) {
    const auto& policy = a.policies[i];
    std::size_t found = b.policies.size();
    // Most stand where they stood.
    if (i < b.policies.size() && !used[i] && same_law(policy, b.policies[i])) found = i;
    for (std::size_t j = 0; found == b.policies.size() && j < b.policies.size(); ++j)
      if (!used[j] && same_law(policy, b.policies[j])) found = j;
    if (found < b.policies.size())
      used[found] = true;
    else
      (policy.effect == cedar::Effect::permit ? permits : forbids).push_back(id_of(policy));
  }
}

}  // namespace

Difference difference(const cedar::PolicySet& before, const cedar::PolicySet& after) {
  Difference made;
  missing(before, after, made.permits_removed, made.forbids_removed);
  missing(after, before, made.permits_added, made.forbids_added);
  return made;
}

}  // namespace nova::constitution
