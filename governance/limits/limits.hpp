// The rate limits of a node: policies, counters and blocks together, and who is told of what happens (S24).
#pragma once
#include "core/time.hpp"
#include "governance/limits/limiter.hpp"
#include "governance/limits/shared.hpp"
#include "governance/limits/subject.hpp"

#include <atomic>
#include <functional>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace nova::limits {

/// Somebody who is heard no more from now on, for the record.
struct NewBlock {
  Subject subject;
  KeyedBy keyed_by = KeyedBy::ip;
  std::string policy;  ///< id of what was overrun
  std::string name;    ///< of a user or token
  std::uint32_t refusals = 0;
  std::chrono::seconds time{};
};

/// Somebody who comes near a limit, or over it, for the record: once a window of each caller.
struct Notice {
  Subject subject;
  KeyedBy keyed_by = KeyedBy::ip;
  std::string policy;
  std::string name;    ///< of a user or token
  std::string tenant;  ///< that they are counted for; empty: none
  bool limited = false;
  std::uint32_t limit = 0;
  std::uint32_t count = 0;  ///< warned: used in the window; limited: refused since the notice before
  std::chrono::seconds window{};
};

/// Blocks a minute that are written down; further ones hold in memory alone, so that a flood fills no log.
inline constexpr std::uint32_t blocks_noted_a_minute = 60;
/// Notices a minute that are written down; further ones are counted only.
inline constexpr std::uint32_t notices_a_minute = 60;
/// Lines a second that are logged; further ones are counted only.
inline constexpr std::uint32_t lines_a_second = 10;

struct Options {
  std::string key;  ///< secret; the same on all nodes of an installation
  Proxies proxies;
  bool enforced = true;  ///< otherwise nothing is counted and everything passes
  std::size_t entries = entries_max, blocks = blocks_max;
  core::Clock* clock = &core::system_clock();
  std::function<void(const NewBlock&)> on_block;         ///< called under no lock; must not block
  std::function<void(const Notice&)> on_notice;          ///< likewise
  std::function<void(const std::string& line)> on_line;  ///< "rate.limited: ..."; must not block
};

/// Any thread.
class Limits {
 public:
  explicit Limits(Options options);

  bool enforced() const { return options_.enforced; }
  const Proxies& proxies() const { return options_.proxies; }
  const Subjects& subjects() const { return subjects_; }

  /// Counts a request; tells of warnings, first refusals and blocks. `tenant`: that it is counted for; empty: none.
  Verdict take(const Subject& subject, KeyedBy keyed_by, PolicyId policy, Tier tier, std::string_view name,
               std::string_view tenant = {});

  /// Counts a request of a key by the key's own limits, for all of them or for none. None: they all let it pass. What
  /// it was counted by before (`policy`, by `take`) is given back when one does not.
  struct OwnRefusal {
    Verdict verdict;
    PolicyId policy = 0;
  };
  std::optional<OwnRefusal> take_own(const Subject& key, std::string_view name, const OwnLimits& own, PolicyId policy);

  /// Counts with the other nodes what `take` let pass, where that is worth a round trip: small limits by address.
  /// Nothing when it passes. Blocks: not for the I/O thread.
  std::optional<Verdict> take_shared(const Subject& subject, PolicyId policy);
  /// Whether `take_shared` has a say.
  bool is_shared(PolicyId policy) const;
  /// Before the first request; outlives this.
  void share(Shared* shared) { shared_ = shared; }
  /// What passed here and is to be told to other nodes, and what passed there.
  std::vector<Spent> take_spent(std::size_t most) { return limiter_.take_spent(most, now()); }
  void add_remote(const Spent& spent);

  void block(const Subject& subject, core::Timestamp until);
  void unblock(const Subject& subject);
  void set(PolicyId policy, Policies::Line line);
  Policies policies() const;

  std::vector<Counter> top(std::size_t skip, std::size_t most);
  LimiterStats stats() const { return limiter_.stats(); }

 private:
  Millis now() const;
  bool few(std::atomic<std::uint64_t>& seen, Millis period, std::uint32_t most) const;
  Allowance allowance(PolicyId policy, Tier tier) const;
  Verdict told(Verdict verdict, const Asked& asked, std::string_view tenant);
  void notice(bool limited, std::uint32_t count, const Asked& asked, std::string_view tenant);
  void tell(std::string_view what, const Subject& subject, KeyedBy keyed_by, PolicyId policy, std::string_view name);

  const Options options_;
  const Subjects subjects_;
  Limiter limiter_;
  Shared* shared_ = nullptr;
  mutable std::shared_mutex mutex_;
  Policies policies_;
  std::atomic<std::uint64_t> lines_{0}, noted_{0}, noticed_{0};
};

}  // namespace nova::limits
