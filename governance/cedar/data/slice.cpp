#include "governance/cedar/data/slice.hpp"

#include "governance/cedar/data/entity_json.hpp"
#include "governance/cedar/syntax/source.hpp"

#include <algorithm>

namespace nova::cedar {
namespace {

core::Error refused(std::string code, std::string message) {
  core::Error error;
  error.code = std::move(code);
  error.status = 400;
  error.message = std::move(message);
  return error;
}

}  // namespace

core::Status EntitySlice::read(const Json& json, Arena& arena) {
  items_.clear();
  data_.clear();
  if (json.array().size() > entities_max) {
    return refused("cedar.entities_limit", "more than " + std::to_string(entities_max) + " entities in one slice");
  }
  if (auto done = read_entity_list(json, nullptr, arena, data_); !done) return done;
  for (const EntityData& entity : data_) {
    if (const Item* const other = look_for(entity.uid)) {
      const bool is_same = equal(Value::of(other->attributes), entity.attributes) &&
                           equal(Value::of(other->tags), entity.tags) &&
                           std::is_permutation(other->parents.begin(), other->parents.end(), entity.parents.begin(),
                                               entity.parents.end());
      if (is_same) continue;
      return refused("cedar.entity_duplicate",
                     "the entity " + in_backticks(to_text(entity.uid)) + " is given twice with different content");
    }
    Item& item = items_.emplace_back();
    item.uid = entity.uid;
    item.attributes = entity.attributes.record;
    item.tags = entity.tags.record;
    item.parents = entity.parents;
  }
  for (Item& item : items_) {
    if (auto done = close(item, arena); !done) return done;
  }
  return core::ok();
}

EntitySlice::Item* EntitySlice::look_for(const EntityUid& uid) {
  for (Item& item : items_) {
    if (item.uid == uid) return &item;
  }
  return nullptr;
}

const EntityView* EntitySlice::find(const EntityUid& uid) const {
  return const_cast<EntitySlice*>(this)->look_for(uid);
}

// At most as deep as there are entities.
core::Status EntitySlice::close(Item& item, Arena& arena) {
  if (item.mark == Item::Mark::finished) return core::ok();
  if (item.mark == Item::Mark::open) {
    return refused("cedar.entity_cycle", "the entity " + in_backticks(to_text(item.uid)) + " is an ancestor of itself");
  }
  item.mark = Item::Mark::open;
  for (const EntityUid& uid : item.parents) {
    if (Item* const parent = look_for(uid)) {
      if (auto done = close(*parent, arena); !done) return done;
    }
  }
  gathered_.assign(item.parents.begin(), item.parents.end());
  for (const EntityUid& uid : item.parents) {
    if (const Item* const parent = look_for(uid))
      gathered_.insert(gathered_.end(), parent->closed.begin(), parent->closed.end());
  }
  std::sort(gathered_.begin(), gathered_.end());
  gathered_.erase(std::unique(gathered_.begin(), gathered_.end()), gathered_.end());
  item.closed = arena.copy(gathered_);
  item.mark = Item::Mark::finished;
  return core::ok();
}

}  // namespace nova::cedar
