// Entity references side by side in one arena, each type's name once: comparing them touches few cache lines.
#pragma once
#include "governance/cedar/values/text.hpp"

#include <string_view>
#include <unordered_map>

namespace nova::cedar {

/// Used while something that lives long is built; what it gave lives as long as the arena. One thread.
class UidCopies {
 public:
  explicit UidCopies(Arena& arena) : arena_(arena) {}

  EntityUid keep(const EntityUid& uid) {
    auto type = types_.find(uid.type.view());
    if (type == types_.end()) {
      const Text kept = copy(arena_, uid.type.view());
      type = types_.emplace(kept.view(), kept).first;
    }
    return {type->second, copy(arena_, uid.id.view())};
  }

 private:
  Arena& arena_;
  std::unordered_map<std::string_view, Text> types_;
};

}  // namespace nova::cedar
