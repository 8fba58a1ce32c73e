// Which tenants there are and how they stand, in memory: asked at every command, changed by the commits of tenants.
#pragma once
#include "core/ids.hpp"
#include "core/result.hpp"
#include "store/store.hpp"

#include <shared_mutex>
#include <string>
#include <unordered_map>

namespace nova::node {

class TenantBook {
 public:
  /// Reads all tenants from their documents; about 2 microseconds each.
  core::Status load(const store::EventStore& store);
  /// To be called at each commit, before its answer is given. Any thread.
  void committed(const core::EntityKey& key, const std::string& status);
  /// "active", "suspended" ..., "" when there is none. Any thread; about 50 ns.
  std::string status_of(const std::string& tenant) const;

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, std::string> statuses_;
};

}  // namespace nova::node
