// What the policy bench decides about: roles and attributes over a hierarchy, from a fixed seed.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace nova::bench {

struct Mix {
  std::string policies;  ///< Cedar text
  std::string entities;  ///< JSON of all entities
  std::vector<std::string>
      requests;  ///< JSON: {"principal", "action", "resource", "context", "entities": [those it needs]}
  std::string description;
};

/// `policy_count` policies over 1,000 users and 1,000 documents. Of each ten: six grant a role's group an action in a
/// folder, two compare attributes, one is for owners, one forbids. A request can match a handful of them at any size.
Mix make_mix(std::size_t policy_count, std::size_t request_count);

}  // namespace nova::bench
