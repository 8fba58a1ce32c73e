// Which laws and standards a tenant is under: what the tenant itself says, and what its blueprints in use say. Packs of
// the constitution ask for them.
#pragma once
#include "core/result.hpp"
#include "store/store.hpp"

#include <map>
#include <memory>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

namespace nova::constitution {

/// Any thread; a question costs a shared lock and a look-up.
class Regimes {
 public:
  using Names = std::vector<std::string>;  ///< "HIPAA", "PCI-DSS": in order, none twice

  /// Reads the documents of all tenants and blueprints.
  core::Status load(const store::EventStore& store);
  /// What the log has beyond what was seen: the commits of other nodes. Not by two threads at once.
  core::Status follow(const store::EventStore& store);
  /// One document; of other kinds nothing is taken.
  void take(const store::Document& document);

  /// nullptr: none.
  std::shared_ptr<const Names> of(const std::string& tenant) const;

 private:
  struct Line {
    std::uint64_t version = 0;
    std::vector<std::string> regimes;
  };
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::map<std::string, Line>> lines_;  ///< by tenant, then by kind and id
  std::map<std::string, std::shared_ptr<const Names>> names_;
  std::uint64_t followed_ = 0;
};

}  // namespace nova::constitution
