#include "actors/host/slots.hpp"

#include <algorithm>

namespace nova::host {

std::shared_ptr<Slot> Slots::enter(const core::EntityKey& key, const core::Kind& kind,
                                   const std::function<caf::actor(const std::shared_ptr<Slot>&)>& spawn) {
  auto& shard = this->shard(key);
  std::lock_guard lock(shard.mutex);
  auto& slot = shard.slots[key];
  if (!slot) {
    slot = std::make_shared<Slot>();
    slot->key = key;
    slot->kind = &kind;
    ++size_;
  }
  if (!slot->actor) slot->actor = spawn(slot);
  ++slot->pending;
  slot->used_ms = parts.clock->now().ms;
  return slot;
}

caf::actor Slots::actor_of(const Slot& slot) const {
  const auto& shard = this->shard(slot.key);
  std::lock_guard lock(shard.mutex);
  return slot.actor;
}

bool Slots::retire(const std::shared_ptr<Slot>& slot) {
  auto& shard = this->shard(slot->key);
  std::lock_guard lock(shard.mutex);
  if (slot->pending.load() != 0) return false;
  // A parked or failing entity keeps its slot, and with it the count of its failures.
  slot->actor = nullptr;
  if (slot->failures.load() == 0) {
    shard.slots.erase(slot->key);
    --size_;
  }
  return true;
}

void Slots::restart(const std::shared_ptr<Slot>& slot) {
  auto& shard = this->shard(slot->key);
  std::lock_guard lock(shard.mutex);
  slot->actor = nullptr;
}

std::vector<Slots::Idle> Slots::idle() const {
  std::vector<Idle> found;
  found.reserve(size());
  for (const auto& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    // Any order: who goes is chosen by time.
    for (const auto& [key, slot] : shard.slots)
      if (slot->actor && slot->pending.load() == 0) found.push_back({slot->used_ms.load(), slot->actor});
  }
  return found;
}

std::vector<std::shared_ptr<Slot>> Slots::all(const std::string& tenant, std::size_t limit) const {
  std::vector<std::shared_ptr<Slot>> found;
  for (const auto& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    // Any order: sorted below, so that two looks at one state are equal.
    for (const auto& [key, slot] : shard.slots)
      if (tenant.empty() || key.tenant == tenant) found.push_back(slot);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a->key < b->key; });
  if (found.size() > limit) found.resize(limit);
  return found;
}

}  // namespace nova::host
