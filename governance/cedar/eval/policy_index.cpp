#include "governance/cedar/eval/policy_index.hpp"

#include "governance/cedar/values/uid_copies.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace nova::cedar {
namespace {

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 32)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 29)) * 0x94D049BB133111EBu;
  return x ^ (x >> 32);
}

std::uint64_t bit(std::uint32_t number) { return std::uint64_t{1} << (number & 63); }

}  // namespace

inline std::uint64_t PolicyIndex::Keys::hash_of(Asks asks, const EntityUid& uid) {
  if (asks == Asks::type) return mixed(uid.type.hash);  // alone it would leave the leading bits alike
  return uid.hash() ^ (static_cast<std::uint64_t>(asks) << 61);
}

std::uint32_t PolicyIndex::Keys::add(Asks asks, const EntityUid& uid) {
  Entry entry;
  entry.uid = uid;
  entry.asks = asks;
  entry.found.number = static_cast<std::uint32_t>(entries_.size() + 1);
  entries_.push_back(entry);
  has_[static_cast<std::size_t>(asks)] = true;
  return entry.found.number;
}

void PolicyIndex::Keys::seal() {
  const auto hash = [](const Entry& entry) { return hash_of(entry.asks, entry.uid); };
  std::sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) { return hash(a) < hash(b); });
  std::vector<std::uint64_t> hashes;
  hashes.reserve(entries_.size());
  for (const Entry& entry : entries_) hashes.push_back(hash(entry));
  index_ = HashIndex(std::move(hashes));
}

inline void PolicyIndex::Keys::find(Asks asks, const EntityUid& uid, std::vector<Found>& out) const {
  const auto [begin, end] = index_.near(hash_of(asks, uid));
  for (std::size_t i = begin; i < end; ++i) {
    const Entry& entry = entries_[i];
    if (entry.asks == asks && entry.uid == uid) out.push_back(entry.found);
  }
}

void PolicyIndex::Keys::find(const EntityUid& uid, const EntityView* view, std::vector<Found>& out) const {
  const auto has = [&](Asks asks) { return has_[static_cast<std::size_t>(asks)]; };
  out.clear();
  out.push_back(anything_);
  if (has(Asks::type)) find(Asks::type, EntityUid(uid.type, Text()), out);
  if (has(Asks::to_be)) find(Asks::to_be, uid, out);
  if (!has(Asks::to_be_in)) return;
  find(Asks::to_be_in, uid, out);
  if (view == nullptr) return;
  for (const EntityUid& ancestor : view->ancestors()) find(Asks::to_be_in, ancestor, out);
}

inline std::uint64_t PolicyIndex::hash_of(std::uint32_t principal, std::uint32_t action, std::uint32_t resource) {
  return mixed((std::uint64_t{principal} << 32 | action) ^ (std::uint64_t{resource} * 0x9E3779B97F4A7C15u));
}

PolicyIndex::PolicyIndex(const std::vector<Policy>& policies) : policy_count_(policies.size()) {
  // Scopes name the same entities over and over: a number for each, not for each mention.
  UidCopies copies(arena_);
  struct Numbers {
    UidCopies& copies;
    std::map<std::pair<Asks, EntityUid>, std::uint32_t> of;
    std::uint32_t get(Keys& keys, Asks asks, const EntityUid& uid) {
      const auto [at, is_new] = of.try_emplace({asks, uid}, 0);
      if (is_new) at->second = keys.add(asks, copies.keep(uid));
      return at->second;
    }
    std::uint32_t get(Keys& keys, const ScopePart& part) {
      if (part.op == ScopeOp::any) return anything;
      if (part.op == ScopeOp::is) return get(keys, Asks::type, EntityUid(part.type, Text()));
      return get(keys, part.op == ScopeOp::equal ? Asks::to_be : Asks::to_be_in, *part.entity);
    }
  };
  Numbers principals{copies, {}}, actions{copies, {}}, resources{copies, {}};
  for (std::uint32_t i = 0; i < policies.size(); ++i) {
    const Policy& policy = policies[i];
    const std::uint32_t principal = principals.get(principals_, policy.principal);
    const std::uint32_t resource = resources.get(resources_, policy.resource);
    const auto put = [&](std::uint32_t action) {
      places_.push_back({principal, action, resource, i});
      Found& key = principals_.at(principal);
      key.actions |= bit(action);
      key.resources |= bit(resource);
      actions_.at(action).resources |= bit(resource);
    };
    if (policy.action.op == ScopeOp::any) put(anything);
    // A policy for the empty list of actions never matches, and lies nowhere.
    const Asks asks = policy.action.op == ScopeOp::equal ? Asks::to_be : Asks::to_be_in;
    for (const EntityUid& action : policy.action.entities) put(actions.get(actions_, asks, action));
  }
  principals_.seal();
  actions_.seal();
  resources_.seal();

  const auto order = [](const Place& place) {
    return std::tuple(hash_of(place.principal, place.action, place.resource), place.policy, place.principal,
                      place.action, place.resource);
  };
  std::sort(places_.begin(), places_.end(), [&](const Place& a, const Place& b) { return order(a) < order(b); });
  const auto same = [&](const Place& a, const Place& b) { return order(a) == order(b); };
  places_.erase(std::unique(places_.begin(), places_.end(), same), places_.end());  // an action may be listed twice
  std::vector<std::uint64_t> hashes;
  hashes.reserve(places_.size());
  for (const Place& place : places_) hashes.push_back(hash_of(place.principal, place.action, place.resource));
  index_ = HashIndex(std::move(hashes));
}

bool PolicyIndex::matching(const EntityUid& principal, const EntityView* principal_view, const EntityUid& action,
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
    return false;
  }
  bool is_ascending = true;
  for (const Found& p : lookup.principals) {
    for (const Found& a : lookup.actions) {
      if ((p.actions & bit(a.number)) == 0) continue;
      const std::uint64_t beside = p.resources & a.resources;
      for (const Found& r : lookup.resources) {
        if ((beside & bit(r.number)) == 0) continue;
        const auto [begin, end] = index_.near(hash_of(p.number, a.number, r.number));
        for (std::size_t i = begin; i < end; ++i) {
          const Place& place = places_[i];
          if (place.principal != p.number || place.action != a.number || place.resource != r.number) continue;
          is_ascending = is_ascending && (out.empty() || out.back() < place.policy);
          out.push_back(place.policy);
        }
      }
    }
  }
  if (is_ascending) return true;
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return true;
}

}  // namespace nova::cedar
