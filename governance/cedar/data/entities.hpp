// What the evaluator asks about entities, and a store that answers from memory. The caller may answer from its own
// data.
#pragma once
#include "core/result.hpp"
#include "governance/cedar/values/hash_index.hpp"
#include "governance/cedar/values/value.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace nova::cedar {

/// One entity as its owner shows it. What it returns must stay valid until the evaluation ends; values that are made on
/// the way belong into `scratch`. Called by any number of threads at once.
class EntityView {
 public:
  virtual ~EntityView() = default;
  /// False when there is none; then `out` stays as it is.
  virtual bool attribute(const Text& name, Arena& scratch, Value& out) const = 0;
  virtual bool tag(const Text& name, Arena& scratch, Value& out) const = 0;
  /// All transitive parents, sorted, without the entity itself.
  virtual std::span<const EntityUid> ancestors() const = 0;
};

class Entities {
 public:
  virtual ~Entities() = default;
  /// The entity, or nullptr when there is none. A decision asks once for principal, action and resource, and for each
  /// entity that a condition walks to; what it costs is the owner's.
  virtual const EntityView* find(const EntityUid& uid) const = 0;
};

/// An entity as data: `attributes` and `tags` are records.
struct EntityData {
  EntityUid uid;
  Value attributes;
  Value tags;
  std::span<const EntityUid> parents;
};

/// Entities in memory with the closure of their parents. Never changes once made; any thread may read.
class EntityStore final : public Entities {
 public:
  EntityStore() = default;
  EntityStore(EntityStore&&) noexcept = default;
  EntityStore& operator=(EntityStore&&) noexcept = default;

  /// Takes over the arena that holds the data; names of entities are copied, side by side. Fails with
  /// `cedar.entity_cycle`, `cedar.entity_duplicate` (unless the two are identical) or `cedar.entities_limit` (more than
  /// `ancestors_max` ancestors in all).
  /// Costs a sort of the entities and one of each one's ancestors.
  static core::Result<EntityStore> make(std::shared_ptr<Arena> arena, const std::vector<EntityData>& entities);

  /// Constant time; logarithmic where names were made to collide.
  const EntityView* find(const EntityUid& uid) const override;
  std::size_t size() const { return items_.size(); }

  // One cache line: a decision that meets the entity finds its name, its attributes and the way to its ancestors there.
  class alignas(64) Item final : public EntityView {
   public:
    bool attribute(const Text& name, Arena&, Value& out) const override { return look_up(attributes_, name, out); }
    bool tag(const Text& name, Arena&, Value& out) const override { return look_up(tags(), name, out); }
    std::span<const EntityUid> ancestors() const override {
      return {reinterpret_cast<const EntityUid*>(more_ + 1), more_->ancestor_count};
    }
    const EntityUid& uid() const { return uid_; }
    const Record& attributes() const { return attributes_; }
    const Record& tags() const { return *more_->tags; }

   private:
    friend class EntityStore;
    static bool look_up(const Record& record, const Text& name, Value& out) {
      const Value* const found = record.find(name);
      if (found != nullptr) out = *found;
      return found != nullptr;
    }
    // The ancestors lie behind it.
    struct More {
      const Record* tags = nullptr;
      std::size_t ancestor_count = 0;
    };
    EntityUid uid_;
    Record attributes_;
    const More* more_ = nullptr;
  };
  /// In the order of their hashes.
  std::span<const Item> items() const { return items_; }

  static constexpr std::size_t ancestors_max = 4'000'000;

 private:
  std::size_t index_of(const EntityUid& uid) const;
  const Item::More* keep(const Record* tags, const std::vector<EntityUid>& ancestors);
  core::Status close(const std::vector<EntityData>& entities);

  std::shared_ptr<Arena> arena_;
  std::vector<Item> items_;  // sorted by hash, then by uid
  HashIndex index_;          // of items_
};

}  // namespace nova::cedar
