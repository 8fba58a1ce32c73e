// The store as one caller sees it: every read of a request goes through here, so that a store which keeps tenants apart
// by itself is told who asks (store/read_scope.hpp).
#pragma once
#include "core/decision.hpp"
#include "gateway/document_cache.hpp"
#include "store/store.hpp"

#include <memory>
#include <string>
#include <vector>

namespace nova::gateway {

struct Behind;

/// `behind` outlives it. What the caller may see is asked anew for each read that reaches the store. Any thread; blocks
/// as the store does.
class Reads {
 public:
  Reads(Behind& behind, core::Principal caller) : behind_(behind), caller_(std::move(caller)) {}

  core::Result<Seen> get(const core::EntityKey& key) const;  ///< through the cache
  core::Result<store::DocumentPage> documents(const store::DocumentQuery& query) const;
  core::Result<std::vector<core::StoredEvent>> read(const core::EntityKey& key, std::uint64_t after_version,
                                                    std::size_t limit) const;
  core::Result<store::EventStore::LogSlice> read_all(std::uint64_t position, const store::EventFilter& filter,
                                                     std::size_t limit) const;
  core::Result<std::vector<core::StoredEvent>> read_back(std::uint64_t position, const store::EventFilter& filter,
                                                         std::size_t limit) const;
  core::Result<std::vector<store::DeadLetter>> dead_letters(const std::string& status, const std::string& after,
                                                            std::size_t limit) const;

 private:
  Behind& behind_;
  core::Principal caller_;
};

}  // namespace nova::gateway
