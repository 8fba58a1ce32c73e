// The runner's memory: which work may run next, which timer is next, which report waits. Plain values; one actor owns
// them.
#pragma once
#include "actors/host/driver.hpp"
#include "store/store.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nova::host {

inline constexpr std::size_t works_per_tenant_max = 4;  ///< running at once: one tenant's storm leaves room for others
inline constexpr std::size_t works_running_max = 32;
inline constexpr std::size_t far_works_running_max = 64;  ///< of drivers that wait for others: sockets, no threads
inline constexpr std::uint32_t attempts_max = 12;         ///< about four minutes with the backoff below
inline constexpr std::uint32_t send_attempts_max = 120;   ///< commands between entities: about an hour
inline constexpr std::chrono::milliseconds retry_delay{200};
inline constexpr std::chrono::milliseconds retry_delay_max{30000};

/// Backoff before attempt n+1: doubles from retry_delay to retry_delay_max.
std::chrono::milliseconds retry_backoff(std::uint32_t attempts);

/// A time further away than any backoff was written while the clock was wrong, and holds nothing back.
inline bool must_wait(core::Timestamp due_at, core::Timestamp now) {
  return due_at > now && due_at - now <= retry_delay_max;
}

/// Works in order per key, round-robin between tenants and between a tenant's keys, bounded per tenant.
class WorkQueue {
 public:
  explicit WorkQueue(std::size_t running_at_most = works_running_max) : running_max_(running_at_most) {}

  struct Item {
    store::WorkRow row;
    std::string order_key;
    bool running = false;
  };

  void add(store::WorkRow row);  ///< known ones are left as they are
  /// The next work that may start now, marked running; none when all wait. Cost: tenants times their keys that wait.
  std::optional<store::WorkRow> next(core::Timestamp now);
  /// When the earliest waiting work becomes due; none when nothing waits for time.
  std::optional<core::Timestamp> next_due(core::Timestamp now) const;
  /// The end of a running attempt: removed, or back in its place to be tried again at `due_at`.
  void finish(const store::WorkRow& row);
  void again(const store::WorkRow& row);

  template <class F>
  void each(F what) const {
    for (const auto& [name, tenant] : tenants_)
      for (const auto& [key, queue] : tenant.keys)
        for (const auto& item : queue) what(item);
  }

  std::size_t waiting() const { return size_ - running_; }
  std::size_t running() const { return running_; }

 private:
  using Keys = std::map<std::string, std::deque<Item>>;  // by order key; only the front of each may run
  struct Tenant {
    Keys keys;
    std::string last_key;
    std::size_t running = 0;
  };
  Item* find(const store::WorkRow& row);

  std::size_t running_max_;
  std::map<std::string, Tenant> tenants_;
  std::string last_tenant_;
  std::size_t size_ = 0, running_ = 0;
};

/// Two queues that know nothing of each other: works that wait for other people's machines, and all others.
class WorkQueues {
 public:
  using IsFar = std::function<bool(const std::string& driver)>;
  explicit WorkQueues(IsFar is_far) : is_far_(std::move(is_far)) {}

  void add(store::WorkRow row) { queue_of(row).add(std::move(row)); }
  std::optional<store::WorkRow> next(core::Timestamp now) {
    auto row = near_.next(now);
    return row ? row : far_.next(now);
  }
  std::optional<core::Timestamp> next_due(core::Timestamp now) const {
    const auto near = near_.next_due(now), far = far_.next_due(now);
    return near && far ? std::min(near, far) : near ? near : far;
  }
  void finish(const store::WorkRow& row) { queue_of(row).finish(row); }
  void again(const store::WorkRow& row) { queue_of(row).again(row); }
  template <class F>
  void each(F what) const {
    near_.each(what);
    far_.each(what);
  }
  std::size_t waiting() const { return near_.waiting() + far_.waiting(); }
  std::size_t running() const { return near_.running() + far_.running(); }

 private:
  WorkQueue& queue_of(const store::WorkRow& row) { return is_far_(row.ask.driver) ? far_ : near_; }

  IsFar is_far_;
  WorkQueue near_, far_{far_works_running_max};
};

/// Timers by time; one per owner and id.
class TimerQueue {
 public:
  void set(const core::EntityKey& owner, const std::string& id, std::optional<core::Timestamp> at, std::string cause);
  std::vector<store::TimerRow> due(core::Timestamp now);  ///< removed from the queue
  std::optional<core::Timestamp> next() const;
  std::size_t size() const { return by_id_.size(); }

 private:
  using Id = std::pair<core::EntityKey, std::string>;
  std::map<Id, store::TimerRow> by_id_;
  std::set<std::pair<core::Timestamp, Id>> by_time_;
};

/// Reports in order per entity, bounded: when a key has too many, the oldest goes, since the newer ones supersede it.
class ReportQueue {
 public:
  static constexpr std::size_t per_entity_max = 64;
  bool add(core::EntityKey to, core::Report report);  ///< false when an older one had to go
  const core::Report* front(const core::EntityKey& to) const;
  std::vector<core::EntityKey> waiting() const;  ///< for whom
  void pop(const core::EntityKey& to);
  std::size_t size() const { return size_; }

 private:
  std::map<core::EntityKey, std::deque<core::Report>> waiting_;
  std::size_t size_ = 0;
};

}  // namespace nova::host
