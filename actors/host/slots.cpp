#include "actors/host/slots.hpp"

#include <algorithm>
#include <utility>

namespace nova::host {
namespace {

constexpr std::size_t offered_min = 16;  // of a shard, so that of few entities it is the very oldest that go

}  // namespace

Slots::Entered Slots::enter(const core::EntityKey& key, const core::Kind& kind,
                            const std::function<std::shared_ptr<Entity>(const std::shared_ptr<Slot>&)>& make) {
  auto& shard = this->shard(key);
  std::lock_guard lock(shard.mutex);
  auto& slot = shard.slots[key];
  if (!slot) {
    slot = std::make_shared<Slot>();
    slot->key = key;
    slot->kind = &kind;
    ++size_;
  }
  if (!slot->entity) slot->entity = make(slot);
  if (slot->listed) {
    shard.used.splice(shard.used.begin(), shard.used, slot->place);
  } else {
    slot->place = shard.used.insert(shard.used.begin(), slot);
    slot->listed = true;
  }
  ++slot->pending;
  slot->used_ms = parts.clock->now().ms;
  return {slot, slot->entity};
}

std::shared_ptr<Entity> Slots::retire(const std::shared_ptr<Slot>& slot) {
  auto& shard = this->shard(slot->key);
  std::lock_guard lock(shard.mutex);
  if (slot->pending.load() != 0 || !slot->entity) return nullptr;
  if (std::exchange(slot->listed, false)) shard.used.erase(slot->place);
  // A parked or failing entity keeps its slot, and with it the count of its failures.
  if (slot->failures.load() == 0) {
    shard.slots.erase(slot->key);
    --size_;
  }
  return std::exchange(slot->entity, nullptr);
}

std::shared_ptr<Entity> Slots::restart(const std::shared_ptr<Slot>& slot) {
  auto& shard = this->shard(slot->key);
  std::lock_guard lock(shard.mutex);
  if (std::exchange(slot->listed, false)) shard.used.erase(slot->place);
  return std::exchange(slot->entity, nullptr);
}

std::vector<std::shared_ptr<Slot>> Slots::idle(std::int64_t idle_since_ms, std::size_t surplus) {
  // Few do not fall evenly into the shards, so each offers twice its part and the oldest of all are taken; of many the
  // oldest of each shard are old enough.
  const std::size_t even = surplus / shards_.size() + 1;
  const std::size_t part = surplus == 0 ? 0 : even > offered_min / 2 ? even : 2 * even + offered_min;
  struct Offer {
    std::int64_t used_ms;
    std::shared_ptr<Slot> slot;
  };
  std::vector<Offer> offers;
  for (auto& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    std::size_t offered = 0;
    for (auto at = shard.used.rbegin(); at != shard.used.rend(); ++at) {
      const auto used_ms = (*at)->used_ms.load();
      if (used_ms > idle_since_ms && offered >= part) break;
      if ((*at)->pending.load() != 0) continue;
      offers.push_back({used_ms, *at});
      ++offered;
    }
  }
  std::stable_sort(offers.begin(), offers.end(), [](const auto& a, const auto& b) { return a.used_ms < b.used_ms; });
  std::vector<std::shared_ptr<Slot>> chosen;
  for (auto& offer : offers) {
    if (chosen.size() >= surplus && offer.used_ms > idle_since_ms) break;
    chosen.push_back(std::move(offer.slot));
  }
  return chosen;
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
