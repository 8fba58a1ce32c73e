#include "governance/cedar/eval/policy_index.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace nova::cedar {
namespace {

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 32)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 29)) * 0x94D049BB133111EBu;
  return x ^ (x >> 32);
}

}  // namespace

std::uint32_t PolicyIndex::Keys::add(Entry entry) {
  entry.number = static_cast<std::uint32_t>(entries_.size() + 1);
  entries_.push_back(entry);
  (entry.is_type ? has_types_ : has_entities_) = true;
  return entry.number;
}

std::uint32_t PolicyIndex::Keys::add(const EntityUid& uid) { return add(Entry{uid.hash(), uid, false, 0}); }

std::uint32_t PolicyIndex::Keys::add_type(const Text& type) {
  EntityUid uid(type, Text());
  return add(Entry{mixed(type.hash + 1u), uid, true, 0});
}

void PolicyIndex::Keys::seal() {
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
  std::vector<std::uint64_t> hashes;
  for (const Entry& entry : entries_) hashes.push_back(entry.hash);
  index_ = HashIndex(std::move(hashes));
}

void PolicyIndex::Keys::find(const Entry& wanted, std::vector<std::uint32_t>& out) const {
  const auto [begin, end] = index_.find(wanted.hash);
  for (std::size_t i = begin; i < end; ++i) {
    if (entries_[i].is_type == wanted.is_type && entries_[i].uid == wanted.uid) out.push_back(entries_[i].number);
  }
}

void PolicyIndex::Keys::find(const EntityUid& uid, const EntityView* view, std::vector<std::uint32_t>& out) const {
  out.clear();
  out.push_back(anything);
  if (has_types_) find(Entry{mixed(uid.type.hash + 1u), EntityUid(uid.type, Text()), true, 0}, out);
  if (!has_entities_) return;
  find(Entry{uid.hash(), uid, false, 0}, out);
  if (view == nullptr) return;
  for (const EntityUid& ancestor : view->ancestors()) find(Entry{ancestor.hash(), ancestor, false, 0}, out);
}

std::uint64_t PolicyIndex::pair_hash(std::uint32_t principal, std::uint32_t action) {
  return mixed(std::uint64_t{principal} << 32 | action);
}
std::uint64_t PolicyIndex::triple_hash(std::uint64_t pair, std::uint32_t resource) {
  return mixed(pair ^ (std::uint64_t{resource} * 0x9E3779B97F4A7C15u));
}

PolicyIndex::PolicyIndex(const std::vector<Policy>& policies) : policy_count_(policies.size()) {
  // Scopes name the same entities over and over: a number for each, not for each mention.
  struct Numbers {
    std::map<std::pair<bool, EntityUid>, std::uint32_t> of;
    std::uint32_t get(Keys& keys, bool is_type, const EntityUid& uid) {
      const auto [at, is_new] = of.try_emplace({is_type, uid}, 0);
      if (is_new) at->second = is_type ? keys.add_type(uid.type) : keys.add(uid);
      return at->second;
    }
    std::uint32_t get(Keys& keys, const ScopePart& part) {
      if (part.entity != nullptr) return get(keys, false, *part.entity);
      return part.op == ScopeOp::is ? get(keys, true, EntityUid(part.type, Text())) : anything;
    }
  };
  Numbers principals, actions, resources;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> triples;
  std::vector<std::uint64_t> pairs;
  for (std::uint32_t i = 0; i < policies.size(); ++i) {
    const Policy& policy = policies[i];
    const std::uint32_t principal = principals.get(principals_, policy.principal);
    const std::uint32_t resource = resources.get(resources_, policy.resource);
    const auto put = [&](std::uint32_t action) {
      const std::uint64_t pair = pair_hash(principal, action);
      pairs.push_back(pair);
      triples.emplace_back(triple_hash(pair, resource), i);
    };
    if (policy.action.op == ScopeOp::any) put(anything);
    // A policy for the empty list of actions never matches, and lies nowhere.
    for (const EntityUid& action : policy.action.entities) put(actions.get(actions_, false, action));
  }
  principals_.seal();
  actions_.seal();
  resources_.seal();
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  pairs_ = HashIndex(std::move(pairs));
  std::sort(triples.begin(), triples.end());
  triples.erase(std::unique(triples.begin(), triples.end()), triples.end());  // an action may be listed twice
  std::vector<std::uint64_t> hashes;
  for (const auto& [hash, policy] : triples) {
    hashes.push_back(hash);
    policies_.push_back(policy);
  }
  triples_ = HashIndex(std::move(hashes));
}

void PolicyIndex::candidates(const EntityUid& principal, const EntityView* principal_view, const EntityUid& action,
                             const EntityView* action_view, const EntityUid& resource, const EntityView* resource_view,
                             Lookup& lookup, std::vector<std::uint32_t>& out) const {
  out.clear();
  principals_.find(principal, principal_view, lookup.principals);
  actions_.find(action, action_view, lookup.actions);
  resources_.find(resource, resource_view, lookup.resources);
  const std::size_t combinations = lookup.principals.size() * lookup.actions.size() * lookup.resources.size();
  if (combinations > policy_count_ * 2 + 64) {
    // An entity with very many ancestors: looking at every policy is cheaper.
    out.resize(policy_count_);
    std::iota(out.begin(), out.end(), 0);
    return;
  }
  std::size_t lists = 0;
  for (const std::uint32_t p : lookup.principals) {
    for (const std::uint32_t a : lookup.actions) {
      const std::uint64_t pair = pair_hash(p, a);
      const auto known = pairs_.find(pair);
      if (known.first == known.second) continue;
      for (const std::uint32_t r : lookup.resources) {
        const auto [begin, end] = triples_.find(triple_hash(pair, r));
        if (begin == end) continue;
        ++lists;
        out.insert(out.end(), policies_.begin() + static_cast<std::ptrdiff_t>(begin),
                   policies_.begin() + static_cast<std::ptrdiff_t>(end));
      }
    }
  }
  if (lists <= 1) return;  // one list is sorted and has nothing twice
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

}  // namespace nova::cedar
