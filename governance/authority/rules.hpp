// The gate's rules of a node without a constitution of its own: roles, capabilities and key scopes, as the book has
// them.
#pragma once
#include "governance/authority/book.hpp"
#include "governance/gate/gate.hpp"

#include <set>
#include <string>

namespace nova::authority {

/// What the node's own service principal (the operator's token) may touch. Empty: everything.
struct ServiceLimits {
  std::set<std::string, std::less<>> tenants;
  /// Of what stands in an environment, or is to be brought into one.
  std::set<std::string, std::less<>> environments;
};

/// `book` outlives the rules. Any thread.
std::shared_ptr<const gate::Rules> make_role_rules(const Book& book, ServiceLimits limits = {});

}  // namespace nova::authority
