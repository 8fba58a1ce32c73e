#include "governance/cedar/data/entities.hpp"

#include "governance/cedar/syntax/source.hpp"
#include "governance/cedar/values/uid_copies.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <string>

namespace nova::cedar {
namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

core::Error broken(std::string code, const EntityUid& uid, const std::string& what, std::string remedy) {
  core::Error error;
  error.code = std::move(code);
  error.status = 400;
  error.message = "the entity " + in_backticks(to_text(uid)) + " " + what;
  error.remedy = std::move(remedy);
  return error;
}

bool same_data(const EntityData& a, const EntityData& b) {
  const auto sorted = [](std::span<const EntityUid> uids) {
    std::vector<EntityUid> out(uids.begin(), uids.end());
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  };
  return equal(a.attributes, b.attributes) && equal(a.tags, b.tags) && sorted(a.parents) == sorted(b.parents);
}

}  // namespace

core::Result<EntityStore> EntityStore::make(std::shared_ptr<Arena> arena, const std::vector<EntityData>& entities) {
  EntityStore store;
  store.arena_ = std::move(arena);
  std::vector<const EntityData*> order;
  order.reserve(entities.size());
  for (const EntityData& entity : entities) order.push_back(&entity);
  std::sort(order.begin(), order.end(), [](const EntityData* a, const EntityData* b) {
    const auto x = a->uid.hash(), y = b->uid.hash();
    return x != y ? x < y : a->uid < b->uid;
  });

  UidCopies copies(*store.arena_);
  std::vector<EntityData> kept;
  std::vector<std::uint64_t> hashes;
  kept.reserve(order.size());
  for (const EntityData* entity : order) {
    if (!kept.empty() && kept.back().uid == entity->uid) {
      if (same_data(kept.back(), *entity)) continue;
      return broken("cedar.entity_duplicate", entity->uid, "is given twice with different content", "give it once");
    }
    kept.push_back(*entity);
    Item item;
    item.uid_ = copies.keep(entity->uid);
    item.attributes_ = *entity->attributes.record;
    store.items_.push_back(item);
    hashes.push_back(entity->uid.hash());
  }

  store.index_ = HashIndex(std::move(hashes));
  if (auto done = store.close(kept); !done) return std::move(done).error();
  return store;
}

std::size_t EntityStore::index_of(const EntityUid& uid) const {
  const auto [begin, end] = index_.near(uid.hash());
  if (end - begin <= HashIndex::few) {
    for (std::size_t i = begin; i < end; ++i) {
      if (items_[i].uid_ == uid) return i;
    }
    return none;
  }
  // Equal hashes lie side by side, sorted by uid.
  const auto last = items_.begin() + static_cast<std::ptrdiff_t>(end);
  const auto found = std::lower_bound(items_.begin() + static_cast<std::ptrdiff_t>(begin), last, uid,
                                      [](const Item& item, const EntityUid& u) { return item.uid_ < u; });
  return found != last && found->uid_ == uid ? static_cast<std::size_t>(found - items_.begin()) : none;
}

const EntityView* EntityStore::find(const EntityUid& uid) const {
  const std::size_t at = index_of(uid);
  return at == none ? nullptr : &items_[at];
}

const EntityStore::Item::More* EntityStore::keep(const Record* tags, const std::vector<EntityUid>& ancestors) {
  static_assert(sizeof(Item) == 64 && alignof(Item::More) >= alignof(EntityUid));
  const std::size_t bytes = sizeof(Item::More) + ancestors.size() * sizeof(EntityUid);
  auto* const made = new (arena_->take(bytes, alignof(Item::More))) Item::More{tags, ancestors.size()};
  std::uninitialized_copy(ancestors.begin(), ancestors.end(), reinterpret_cast<EntityUid*>(made + 1));
  return made;
}

// Ancestors of parents first, by a walk that keeps its own stack: an entity is finished when its parents are.
core::Status EntityStore::close(const std::vector<EntityData>& entities) {
  enum class Mark : std::uint8_t { fresh, open, finished };
  struct Step {
    std::size_t item;
    std::size_t next_parent;
  };
  std::vector<Mark> marks(entities.size(), Mark::fresh);
  std::vector<Step> stack;
  std::vector<EntityUid> gathered;
  std::size_t total = 0;
  for (std::size_t root = 0; root < entities.size(); ++root) {
    if (marks[root] == Mark::fresh) stack.push_back({root, 0});
    while (!stack.empty()) {
      Step& step = stack.back();
      const EntityData& entity = entities[step.item];
      marks[step.item] = Mark::open;
      if (step.next_parent < entity.parents.size()) {
        const std::size_t parent = index_of(entity.parents[step.next_parent++]);
        if (parent == none || marks[parent] == Mark::finished) continue;
        if (marks[parent] == Mark::open) {
          return broken("cedar.entity_cycle", entity.uid, "is an ancestor of itself", "remove one of the parents");
        }
        stack.push_back({parent, 0});
        continue;
      }
      gathered.clear();
      for (const EntityUid& parent : entity.parents) {
        const std::size_t at = index_of(parent);
        gathered.push_back(at == none ? parent : items_[at].uid_);
        if (at != none) {
          const auto further = items_[at].ancestors();
          gathered.insert(gathered.end(), further.begin(), further.end());
        }
        if (gathered.size() > ancestors_max) break;
      }
      std::sort(gathered.begin(), gathered.end());
      gathered.erase(std::unique(gathered.begin(), gathered.end()), gathered.end());
      total += gathered.size();
      if (total > ancestors_max) {
        return broken("cedar.entities_limit", entity.uid, "brings the number of ancestors beyond the limit",
                      "give fewer entities, or a flatter hierarchy");
      }
      items_[step.item].more_ = keep(entity.tags.record, gathered);
      marks[step.item] = Mark::finished;
      stack.pop_back();
    }
  }
  return core::ok();
}

}  // namespace nova::cedar
