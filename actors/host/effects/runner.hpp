// The one that carries effects out. Its supervisor replaces it when it fails; what must not be lost then lies outside
// it.
#pragma once
#include "actors/host/effects/attempts.hpp"
#include "actors/host/effects/counters.hpp"
#include "actors/host/effects/effects.hpp"

#include <caf/actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace caf {
class actor_system;
}

namespace nova::host {

/// What outlives a runner.
struct EffectMemory {
  std::shared_ptr<Counters> counters;
  std::shared_ptr<Attempts> attempts;
  std::shared_ptr<WaitingReports> reports;
};

/// Any thread, as `Effects` says of the functions of the same names.
class EffectRunner {
 public:
  virtual ~EffectRunner() = default;
  /// Once. The actor holds the runner while it lives; its first step takes up what the store holds, with `again` also
  /// the keeps, since their asks may have met nobody while there was no runner.
  virtual caf::actor run(bool again) = 0;
  virtual void report_through(KeepDriver::Sink sink) = 0;  ///< before `run`
  virtual core::Result<std::vector<store::KeepRow>> load_keeps() = 0;
  virtual void adopt_keeps(const std::vector<store::KeepRow>& kept) = 0;

  virtual void asked(const core::EntityKey& owner, const std::string& command_id, const std::string& correlation,
                     std::uint64_t position, const core::Asks& asks) = 0;
  virtual void look_again() = 0;
  virtual void reported(core::EntityKey to, core::Report report) = 0;
  virtual void retry(const store::DeadLetter& letter, std::function<void(core::Status)> done) = 0;
  virtual void outstanding(std::function<bool(const Reach&)> covers,
                           std::function<void(std::map<std::string, Outstanding>)> done) = 0;
  virtual void stop() = 0;
};

std::shared_ptr<EffectRunner> make_effect_runner(caf::actor_system& system, EffectParts parts, EffectMemory memory);

}  // namespace nova::host
