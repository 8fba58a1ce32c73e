// Finds the policies whose scope can match a request without looking at the others.
//
// A scope asks for a principal, an action and a resource, each by one key: an entity (`==` or `in`), a type (`is`), or
// anything. A policy lies under its three keys (under several when it lists actions). A request has few keys that any
// policy uses: anything, its types, its entities and their ancestors; the candidates are what lies under the
// combinations of these. The index only narrows: scopes are checked again, so it may offer too much, never too little.
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
  /// Keys of one request; kept between requests for its memory.
  struct Lookup {
    std::vector<std::uint32_t> principals, actions, resources;
  };

  PolicyIndex() = default;
  explicit PolicyIndex(const std::vector<Policy>& policies);

  /// Ascending, none twice.
  void candidates(const EntityUid& principal, const EntityView* principal_view, const EntityUid& action,
                  const EntityView* action_view, const EntityUid& resource, const EntityView* resource_view,
                  Lookup& lookup, std::vector<std::uint32_t>& out) const;

 private:
  static constexpr std::uint32_t anything = 0;

  // Entities and types that scopes name, numbered from 1.
  class Keys {
   public:
    std::uint32_t add(const EntityUid& uid);
    std::uint32_t add_type(const Text& type);
    void seal();
    void find(const EntityUid& uid, const EntityView* view, std::vector<std::uint32_t>& out) const;

   private:
    struct Entry {
      std::uint64_t hash;
      EntityUid uid;  // a type has an empty id, and `is_type`
      bool is_type;
      std::uint32_t number;
    };
    std::uint32_t add(Entry entry);
    void find(const Entry& wanted, std::vector<std::uint32_t>& out) const;
    std::vector<Entry> entries_;
    HashIndex index_;
    bool has_types_ = false;
    bool has_entities_ = false;
  };

  static std::uint64_t pair_hash(std::uint32_t principal, std::uint32_t action);
  static std::uint64_t triple_hash(std::uint64_t pair, std::uint32_t resource);

  Keys principals_, actions_, resources_;
  HashIndex pairs_;                      // which principal and action keys stand together in any policy
  HashIndex triples_;                    // of policies_, in the same order
  std::vector<std::uint32_t> policies_;  // by the hash of their three keys
  std::size_t policy_count_ = 0;
};

}  // namespace nova::cedar
