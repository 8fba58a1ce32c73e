#include "governance/killswitch/reach.hpp"

#include "core/json.hpp"

#include <mutex>

namespace nova::killswitch {

void Reaches::take(const store::Document& document) {
  const auto text = [&](const char* path) { return core::json_text(document.body, path).value_or(""); };
  if (document.key.kind == "ai_agent") {
    Agent agent{text("settings.layer"), text("settings.provider"), text("settings.model"), document.version};
    std::lock_guard lock(mutex_);
    auto& kept = agents_[document.key.id];
    if (kept.version < document.version) kept = std::move(agent);
  }
  if (document.key.kind == "ai_layer") {
    const bool external = text("type") == "EXTERNAL_MANAGED";
    std::lock_guard lock(mutex_);
    auto& kept = layers_[document.key.id];
    if (kept.version < document.version) kept = {external, document.version};
  }
}

core::Reach Reaches::of(const AiTask& task) const {
  auto reach = core::local_reach();
  reach.ai = true;
  reach.tenant = task.tenant;
  reach.layer = task.layer;
  reach.agent = task.agent;
  reach.provider = task.provider;
  std::shared_lock lock(mutex_);
  if (const auto agent = agents_.find(task.agent); agent != agents_.end()) {
    reach.model = agent->second.model;
    if (reach.layer.empty()) reach.layer = agent->second.layer;
    if (reach.provider.empty()) reach.provider = agent->second.provider;
  }
  const auto layer = layers_.find(reach.layer);
  reach.external = !reach.provider.empty() || (layer != layers_.end() && layer->second.external);
  return reach;
}

}  // namespace nova::killswitch
