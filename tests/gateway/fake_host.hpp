// A host without actors: decides on the calling thread and appends to a store. Commands can be held back, to test what
// waits.
#pragma once
#include "actors/host/host.hpp"
#include "store/store.hpp"

#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace nova::test {

class FakeHost final : public host::Host {
 public:
  explicit FakeHost(store::EventStore& store) : store_(store) {}

  void submit(core::CommandEnvelope command, Done done) override;
  void snapshot(std::string tenant, std::size_t limit,
                std::function<void(std::vector<host::EntityLine>)> done) override;
  host::HostStats stats() const override { return {}; }
  void drain(core::Timestamp, std::function<void()> done) override { done(); }

  /// While held, commands wait for `release`; `held` tells how many do.
  void hold(bool on);
  std::size_t held() const;
  void release();
  std::vector<core::CommandEnvelope> seen() const;

 private:
  core::Result<host::Answer> run(const core::CommandEnvelope& command);

  store::EventStore& store_;
  mutable std::recursive_mutex mutex_;
  bool hold_ = false;
  std::vector<std::pair<core::CommandEnvelope, Done>> held_;
  std::vector<core::CommandEnvelope> seen_;
  std::map<std::string, std::pair<std::string, host::Answer>> remembered_;
};

}  // namespace nova::test
