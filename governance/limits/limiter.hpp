// The table of who asked how often, and of who is heard no more (S24). Bounded: it holds `entries_max` counters and
// `blocks_max` blocks, whatever comes.
//
// When a part of the table is full, a newcomer takes the place of one of the next few in the ring: of one that counts
// nothing any more, else of the one among eight that has used the smallest share of its limit (of up to 64 while all
// are at their limits). So a flood of new addresses pushes out other addresses that asked once, and not those that are
// at their limits. Blocks lie in a table of their own and are never pushed out: when that is full, who would be blocked
// is only limited.
#pragma once
#include "governance/credentials/digest.hpp"
#include "governance/limits/policies.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nova::limits {

/// HMAC-SHA-256 of an address, a user in a tenant or a token (see subject.hpp).
using Subject = credentials::Sha256;

inline constexpr std::size_t entries_max = 65'536;  ///< of usually 200 bytes; at most 1.5 KiB
inline constexpr std::size_t blocks_max = 16'384;
inline constexpr std::size_t name_bytes_max = 96;  ///< kept of a user's or a token's name

/// One request as the limiter sees it.
struct Asked {
  const Subject& subject;
  PolicyId policy = 0;
  KeyedBy keyed_by = KeyedBy::ip;
  Tier tier = Tier::free;
  Allowance allowance;
  std::string_view name;  ///< of a user or token, for people; empty for addresses
};

struct Verdict {
  bool passes = true;
  bool blocked = false;      ///< it does not pass because of a block
  bool warned = false;       ///< the first beyond the warning share in this window
  bool began = false;        ///< the first that does not pass, after one that did
  std::uint32_t untold = 0;  ///< the first that does not pass in this window: how many did not since the last such one
  bool to_block = false;     ///< it was refused once too often: a block began with this request
  std::uint32_t limit = 0;
  std::uint32_t remaining = 0;
  Millis retry_after = 0;  ///< until the next one passes, if nothing else comes in between; 0 when this one passed
  Millis reset_after = 0;  ///< until nothing counts any more
};

/// A counter as lists show it.
struct Counter {
  Subject subject;
  PolicyId policy = 0;
  KeyedBy keyed_by = KeyedBy::ip;
  std::string name;
  std::uint32_t used = 0, limit = 0, refused = 0;
};

/// What one node has let pass of one counter since it last said so.
struct Spent {
  Subject subject;
  PolicyId policy = 0;
  KeyedBy keyed_by = KeyedBy::ip;
  Tier tier = Tier::free;
  std::uint32_t count = 0;
};

struct LimiterStats {
  std::uint64_t passed = 0, refused = 0, warned = 0, pushed_out = 0, blocks_refused = 0;
  std::size_t entries = 0, blocks = 0, bytes = 0;
};

/// Any thread; a question takes one of 64 locks and some 100 ns. Times are those of a clock that never goes back.
class Limiter {
 public:
  explicit Limiter(std::size_t entries = entries_max, std::size_t blocks = blocks_max);

  /// Counts the request if it passes. One that does not pass is not counted, so waiting always helps.
  Verdict take(const Asked& asked, Millis now);

  /// The request that `take` just let pass was refused elsewhere: as if it had been refused here.
  Verdict take_back(const Asked& asked, Millis now);

  /// The request that `take` just let pass was refused by another limit: it does not count, and nothing is held against
  /// who asked.
  void give_back(const Subject& subject, PolicyId policy);

  /// Nobody is blocked shorter than before. False when the table is full of other blocks.
  bool block(const Subject& subject, Millis until, Millis now);
  /// Ends a block and forgets what was counted, so that the next request passes.
  void unblock(const Subject& subject);

  /// What another node let pass counts from now on as if it had passed here.
  void add_remote(const Spent& spent, const Allowance& allowance, Millis now);
  /// What passed here since the last call, of callers that used a tenth of their limit and of which a hundredth was not
  /// told; at most `most`. All nodes together let pass that much more.
  std::vector<Spent> take_spent(std::size_t most, Millis now);

  /// Counters by the share of their limits that is used, largest first, after `skip`; under all locks in turn, some
  /// milliseconds for a full table.
  std::vector<Counter> top(std::size_t skip, std::size_t most, Millis now);
  LimiterStats stats() const;

 private:
  struct Key {
    Subject subject;
    PolicyId policy = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  // A keyed hash is as good as random, and nobody outside can choose it.
  struct Hash {
    std::size_t operator()(const Subject& subject) const;
    std::size_t operator()(const Key& key) const;
  };
  struct Entry {
    Key key;
    KeyedBy keyed_by = KeyedBy::ip;
    Tier tier = Tier::free;
    Allowance allowance;
    std::string name;
    Window main, burst;
    Millis refusing_since = 0;
    std::uint32_t refused = 0;  ///< since then
    std::uint32_t unsent = 0;   ///< passed here and not told to other nodes
    std::uint32_t untold = 0;   ///< refused since somebody was told last
    Millis warned_until = 0, told_until = 0;
    bool refusing = false;
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::vector<Entry> entries;
    std::unordered_map<Key, std::uint32_t, Hash> by_key;
    std::unordered_map<Subject, Millis, Hash> blocks;
    std::size_t hand = 0;
    LimiterStats stats;
  };
  static constexpr std::size_t shards = 64;

  Shard& shard_of(const Subject& subject) { return shards_[subject[31] % shards]; }
  Entry& entry_of(Shard& shard, const Asked& asked, Millis now);
  Entry& place_in(Shard& shard, Millis now);
  Verdict refuse(Shard& shard, Entry& entry, const Asked& asked, Millis now);
  bool block_in(Shard& shard, const Subject& subject, Millis until, Millis now);
  static Millis passes_at(Entry& entry, const Allowance& allowance, Millis now);
  static void forget_ended(Shard& shard, Millis now);

  const std::size_t entries_of_shard_, blocks_of_shard_;
  std::array<Shard, shards> shards_;
};

}  // namespace nova::limits
