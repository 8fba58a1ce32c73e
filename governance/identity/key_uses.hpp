// How often API keys are used, told to their entities in sums: a busy key must not write an event a request (S22).
#pragma once
#include "actors/host/host.hpp"
#include "core/time.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace nova::identity {

/// At most so many keys are counted at once, some 300 bytes each; uses of further ones are not told.
inline constexpr std::size_t counted_keys_max = 16'384;
inline constexpr std::chrono::minutes told_every{1};

/// Any thread. A use costs a look-up under a lock of one sixteenth of the keys; once a minute and key it also sends a
/// command, which nobody waits for. Uses of the last minute before a key rests, or the node ends, may go untold.
class KeyUses {
 public:
  /// `host` and what is behind `clock` outlive it and every command that it sent.
  KeyUses(host::Host& host, core::Clock& clock) : counts_(std::make_shared<Counts>()), host_(host), clock_(clock) {}

  /// `key` is "tenant/id"; `place` makes a keyed hash of the client's address, and is asked for it when that is told.
  void note(const std::string& key, const std::function<std::string()>& place);
  std::size_t counted() const;

 private:
  struct Count {
    std::uint32_t uses = 0;
    core::Timestamp told_at;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, Count> counts;
  };
  struct Counts {
    std::array<Shard, 16> shards;
    Shard& of(const std::string& key) { return shards[std::hash<std::string>{}(key) % shards.size()]; }
  };
  static void make_room(Shard& shard, core::Timestamp now);

  const std::shared_ptr<Counts> counts_;
  host::Host& host_;
  core::Clock& clock_;
};

}  // namespace nova::identity
