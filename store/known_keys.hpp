// Which entities may be in the store: of one that is not, nothing is read. In SQLite a commit makes the pages that
// readers hold worthless, so that even "there is none" costs a reader some pages of the log, and a new entity asks
// twice; PostgreSQL is asked over a connection. Where other nodes write too, it knows what this one wrote and what was
// there when the store opened.
//
// A Bloom filter of fixed size, one word for each key: exact about what was never written, with 2 % of wrong "maybe" at
// a million entities and half at ten million. Filled from the index when the store opens, beside what else happens;
// until that is done everything "may" be there.
#pragma once
#include "core/ids.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

namespace nova::store {

class KnownKeys {
 public:
  /// False: no row of this key was written by this process or before it, and none was begun when this was called. Any
  /// thread.
  bool may_hold(const core::EntityKey& key) const;
  /// From now on `key` may be there. What `may_hold` said before. Any thread; a writer calls it before its first write.
  bool add(const core::EntityKey& key);
  /// All that was written before this object was made has been added.
  void complete() { complete_ = true; }

 private:
  static constexpr std::size_t words = std::size_t{1} << 18;  // 2 MiB
  struct Place {
    std::size_t word;
    std::uint64_t bits;
  };
  static Place place_of(const core::EntityKey& key);

  std::vector<std::atomic<std::uint64_t>> words_ = std::vector<std::atomic<std::uint64_t>>(words);
  std::atomic<bool> complete_ = false;
};

}  // namespace nova::store
