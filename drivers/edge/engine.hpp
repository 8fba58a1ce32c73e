// What the edge driver does, without its thread: brings HAProxy to what the routes want, step by step.
//
//   keep ──> planned ──(reload, slots)──> serving both ──(new ones pass HAProxy's check)──> applied ──> drained
//
// Old backends take no new request only once new ones take traffic, so a revision that HAProxy cannot reach never
// empties a port.
#pragma once
#include "drivers/edge/haproxy.hpp"
#include "drivers/edge/projection.hpp"

#include "core/service/service.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace nova::edge {

inline constexpr std::size_t routes_max = 1000;  // of one node: HAProxy's file and tables stay within megabytes
inline constexpr std::size_t backends_max = 32;  // of one route; the largest scale of a service
inline constexpr std::size_t slots_first = 8;    // doubled by a reload when more are needed
inline constexpr std::size_t slots_max = 2 * backends_max;  // old and new revision side by side

struct Wanted {
  std::string tenant, key;
  core::EntityKey report_to;
  service::Route route;
};

struct Observation {
  std::string phase, code, message;
  std::uint64_t generation = 0;
};

class Engine {
 public:
  using Instant = std::chrono::nanoseconds;
  using Emit = std::function<void(const core::EntityKey& report_to, const std::string& key, const Observation&)>;
  static constexpr Instant never = Instant::max();

  Engine(const Options& options, core::Clock& clock, Emit emit);

  /// Finds HAProxy where it runs; what it serves and nobody wants is ended by the next steps.
  void adopt(std::vector<Wanted> all);
  void keep(Wanted wanted);
  void drop(const std::string& tenant, const std::string& key);

  /// Does what is due. Blocks while HAProxy checks, starts or reloads: a tenth of a second, bounded by the timings.
  void step();
  Instant next_due() const { return due_; }
  int watch_fd() const { return haproxy_.watch_fd(); }

  void stop(std::chrono::milliseconds limit) { haproxy_.stop(limit); }
  std::vector<host::KeepDriver::Line> lines() const;

 private:
  enum class Step : std::uint8_t { pending, applied, drained };
  struct Entry {
    Wanted wanted;
    std::vector<Slot> slots;
    std::vector<Instant> leave_until;  // beside `slots`: when a leaving one is given up
    Step step = Step::pending;
    Instant confirm_until = never;
    std::string failed;    // code last reported for this generation
    bool blocked = false;  // cannot be in the file now: port taken, or a bad route
    Instant retry_at{0};
    bool dropped = false;
    Instant drop_until = never;

    std::uint16_t port() const { return std::uint16_t(std::int64_t(wanted.route.port)); }
    bool listed() const { return !dropped && !blocked; }
    bool wants(std::uint16_t backend) const;
    bool leaves() const;
  };
  using Key = std::pair<std::string, std::string>;

  void take_running(const std::vector<ServerState>& servers);
  void notice_death();
  void admit();
  core::Status admit(const Entry& entry) const;
  void plan(Entry& entry);
  core::Status write_config();
  void bring_up();
  void arrange();
  void confirm(Entry& entry, const std::vector<ServerState>& servers);
  void drain();
  std::vector<std::string> orders(const Entry& entry, const std::vector<ServerState>& servers) const;
  core::Status apply_slots();
  core::Result<std::vector<ServerState>> servers() const;

  std::vector<Front> fronts() const;
  void begin(Entry& entry, Wanted wanted);
  void fail(Entry& entry, const core::Error& error);
  void fail_pending(const core::Error& error);
  void report(const Entry& entry, std::string phase, std::string code = {}, std::string message = {});
  void wake_at(Instant when) { due_ = std::min(due_, when); }
  Instant now() const { return clock_.monotonic(); }
  void log(std::string_view level, const std::string& line) const;

  Options options_;
  core::Clock& clock_;
  Emit emit_;
  Ground ground_;
  Haproxy haproxy_;
  std::map<Key, Entry> entries_;
  std::string structure_;          // of the running HAProxy; empty: none runs
  std::set<std::uint16_t> bound_;  // stable ports that it listens on
  std::string written_;            // the config in place
  Instant start_at_{0};            // no attempt to start or reload before
  std::chrono::milliseconds backoff_{0};
  std::map<std::uint16_t, Instant> idle_since_;  // instances that leave: seen without a connection since
  Instant due_ = never;
};

}  // namespace nova::edge
