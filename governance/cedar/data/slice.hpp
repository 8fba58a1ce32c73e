// The few entities that one request needs, read anew for each call: no closure is computed before it is asked for, and
// memory is kept between calls.
#pragma once
#include "governance/cedar/data/entities.hpp"
#include "governance/cedar/json/reader.hpp"

#include <string_view>
#include <vector>

namespace nova::cedar {

/// Like an EntityStore without a schema, for at most `entities_max` entities. One thread at a time.
class EntitySlice final : public Entities {
 public:
  /// Reads an array of entities; everything lives in `arena`, and the JSON's text must outlive the slice's use. Fails
  /// as read_entities() does, and with `cedar.entities_limit`.
  core::Status read(const Json& json, Arena& arena);

  const EntityView* find(const EntityUid& uid) const override;

  static constexpr std::size_t entities_max = 64;

 private:
  class Item final : public EntityView {
   public:
    bool attribute(const Text& name, Arena&, Value& out) const override { return look_up(*attributes, name, out); }
    bool tag(const Text& name, Arena&, Value& out) const override { return look_up(*tags, name, out); }
    std::span<const EntityUid> ancestors() const override { return closed; }
    static bool look_up(const Record& record, const Text& name, Value& out) {
      const Value* const found = record.find(name);
      if (found != nullptr) out = *found;
      return found != nullptr;
    }
    EntityUid uid;
    const Record* attributes = nullptr;
    const Record* tags = nullptr;
    std::span<const EntityUid> parents;
    std::span<const EntityUid> closed;
    enum class Mark : std::uint8_t { fresh, open, finished } mark = Mark::fresh;
  };

  Item* look_for(const EntityUid& uid);
  core::Status close(Item& item, Arena& arena);

  std::vector<Item> items_;
  std::vector<EntityUid> gathered_;
  std::vector<EntityData> data_;
};

}  // namespace nova::cedar
