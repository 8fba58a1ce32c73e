// What reads are answered from: the documents asked for lately, kept right by the log.
#pragma once
#include "core/result.hpp"
#include "store/read_scope.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace nova::gateway {

/// A document as of a position of the log.
struct Seen {
  std::shared_ptr<const store::Document> document;  ///< null: there is none
  std::uint64_t position = 0;                       ///< nothing up to here is missing
};

/// Bounded by bytes, the least used goes first. An entity that nobody asks for costs nothing. Each read first drops
/// what the commits since the last read have changed (`store.read_all`), so an answer is never older than the head at
/// the time of the call; a hit costs a lock and a look at the head. Any thread.
class DocumentCache {
 public:
  DocumentCache(const store::EventStore& store, std::size_t bytes_max);

  /// `readable` is asked when the store has to be: what is kept is for whoever was let through.
  core::Result<Seen> get(const core::EntityKey& key, const std::function<store::Readable()>& readable);

  struct Stats {
    std::uint64_t hits = 0, misses = 0;
    std::size_t bytes = 0, documents = 0;
  };
  Stats stats() const;

 private:
  struct Entry {
    core::EntityKey key;
    std::shared_ptr<const store::Document> document;
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  core::Status follow(std::uint64_t head);
  void forget(const core::EntityKey& key);
  void forget_all();
  void keep(const core::EntityKey& key, std::shared_ptr<const store::Document> document);

  const store::EventStore& store_;
  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  Entries entries_;  // most lately used first
  std::unordered_map<core::EntityKey, Entries::iterator, core::EntityKeyHash> by_key_;
  std::size_t bytes_ = 0;
  std::uint64_t followed_ = 0;
  // Reads under way; what changes meanwhile is marked, so that an old answer is never kept.
  struct Loading {
    std::size_t readers = 0;
    bool changed = false;
  };
  std::map<core::EntityKey, Loading> loading_;
  std::uint64_t hits_ = 0, misses_ = 0;
};

}  // namespace nova::gateway
