// What AI touches, in the words of the kill switches (S03): its layer, agent, provider and model, and whether it leaves
// for machines of others.
#pragma once
#include "core/effect/fence.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <map>
#include <shared_mutex>
#include <string>

namespace nova::killswitch {

/// As a request names it; empty: not named.
struct AiTask {
  std::string tenant, layer, agent, provider;
};

/// What is known of agents and layers. Any thread; a question costs a shared lock and two look-ups. Later versions
/// replace earlier ones; an earlier one that comes late is ignored.
class Reaches {
 public:
  /// Of an `ai_agent` or an `ai_layer`; of other kinds nothing is taken.
  void take(const store::Document& document);

  /// The names of the task, and what is known beside them: the agent's model, and the agent's own layer and provider
  /// where the task names none. It leaves for others when a provider answers it, or whoever is behind a layer that an
  /// outside provider manages.
  core::Reach of(const AiTask& task) const;

 private:
  struct Agent {
    std::string layer, provider, model;
    std::uint64_t version = 0;
  };
  struct Layer {
    bool external = false;
    std::uint64_t version = 0;
  };

  mutable std::shared_mutex mutex_;
  std::map<std::string, Agent> agents_;
  std::map<std::string, Layer> layers_;
};

}  // namespace nova::killswitch
