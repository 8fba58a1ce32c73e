// Finds the policies whose scope matches a request without looking at the others.
//
// A scope asks for a principal, an action and a resource, each by one key: being an entity (`==`), being below it
// (`in`), a type (`is`), or anything. A policy lies under its three keys (under several when it lists actions). A
// request has few keys that any policy uses: anything, its types, its entities and their ancestors; what matches is
// what lies under the combinations of these. Keys and combinations are compared in full, never by their hashes alone,
// so a policy that is found matches; only `is T in E` lies under `in E` and leaves the type to be checked.
#pragma once
#include "governance/cedar/data/entities.hpp"
#include "governance/cedar/syntax/ast.hpp"
#include "governance/cedar/values/hash_index.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace nova::cedar {

class PolicyIndex {
 public:
  /// A key that a request has. `actions` and `resources` say which keys stand beside it in any policy: a bit for each
  /// number modulo 64, so that a bit which is missing rules a combination out.
  struct Found {
    std::uint32_t number = 0;
    std::uint64_t actions = 0;
    std::uint64_t resources = 0;
  };
  /// Keys of one request; kept between requests for its memory.
  struct Lookup {
    std::vector<Found> principals, actions, resources;
  };

  PolicyIndex() = default;
  explicit PolicyIndex(const std::vector<Policy>& policies);

  /// The policies whose scope matches, ascending, none twice. Answers false when there were so many combinations that
  /// `out` is every policy instead, and all scopes must be checked.
  bool matching(const EntityUid& principal, const EntityView* principal_view, const EntityUid& action,
                const EntityView* action_view, const EntityUid& resource, const EntityView* resource_view,
                Lookup& lookup, std::vector<std::uint32_t>& out) const;

 private:
  static constexpr std::uint32_t anything = 0;
  enum class Asks : std::uint32_t { to_be, to_be_in, type };

  // Entities and types that scopes name, numbered from 1.
  class Keys {
   public:
    std::uint32_t add(Asks asks, const EntityUid& uid);
    Found& at(std::uint32_t number) { return number == anything ? anything_ : entries_[number - 1].found; }
    /// Numbers stay, places change: at() is of no use afterwards.
    void seal();
    void find(const EntityUid& uid, const EntityView* view, std::vector<Found>& out) const;

   private:
    // A cache line each: what is compared and what is wanted of it lie together.
    struct alignas(64) Entry {
      EntityUid uid;  // a type has an empty id
      Asks asks = Asks::to_be;
      Found found;
    };
    static std::uint64_t hash_of(Asks asks, const EntityUid& uid);
    void find(Asks asks, const EntityUid& uid, std::vector<Found>& out) const;
    std::vector<Entry> entries_;
    HashIndex index_;
    Found anything_;
    bool has_[3] = {};  // by what is asked
  };

  // A policy under one combination of its keys.
  struct Place {
    std::uint32_t principal = 0, action = 0, resource = 0;
    std::uint32_t policy = 0;
  };
  static std::uint64_t hash_of(std::uint32_t principal, std::uint32_t action, std::uint32_t resource);

  Arena arena_;  // of the keys' names
  Keys principals_, actions_, resources_;
  std::vector<Place> places_;  // by the hash of their keys, then by policy
  HashIndex index_;            // of places_
  std::size_t policy_count_ = 0;
};

}  // namespace nova::cedar
