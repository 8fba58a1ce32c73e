// The map of what shall run, and the one loop that makes it so. Not thread-safe: the driver's thread owns it.
#pragma once
#include "drivers/process/child.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nova::process {

class Engine {
 public:
  using Emit = std::function<void(const std::string& tenant, const core::EntityKey& report_to, const std::string& key,
                                  const Observation&)>;

  static constexpr std::size_t starts_max = 16;
  static constexpr std::size_t stopped_dirs_max = 64;  ///< logs of instances that are gone, newest first

  Engine(const Options& options, Emit emit);

  void adopt(std::vector<Wanted> all);
  void keep(Wanted wanted);
  void drop(const std::string& tenant, const std::string& key);
  /// Ends everything, those that others need after those that need them. Done when `empty`.
  void stop_all() { stopping_all_ = true; }
  bool empty() const { return children_.empty(); }

  /// One round in two parts, so that the caller need not hold its lock while nothing happens.
  void wait(int wake_fd);
  void act();

  struct Line {
    std::string tenant, key, phase;
    service::ProcessFacts facts;
  };
  std::vector<Line> snapshot() const;

 private:
  using Key = std::pair<std::string, std::string>;

  Child* add(Wanted wanted);
  void give_slots();
  void stop_next();
  void remove_gone();
  void prune();

  Surroundings around_;
  Emit emit_;
  std::map<Key, std::unique_ptr<Child>> children_;
  std::string last_tenant_;  ///< the round goes on behind it
  Instant next_start_{};     ///< not before
  bool stopping_all_ = false;
  std::vector<pollfd> polls_;
};

}  // namespace nova::process
