// Identifiers: UUIDv7 for what is counted in millions, entity keys for what lives.
#pragma once
#include "core/time.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace nova::core {

/// A UUID version 7 (RFC 9562) in its 36-character text form: sorts by time of creation, and within a millisecond by
/// order of creation in this process. Any thread; about 100 ns; random bits from the kernel.
std::string new_uuid(Timestamp now);

/// True for the 36-character text form of any UUID, lower case.
bool is_uuid(std::string_view text);

/// The address of everything that lives: tenant/kind/id. Parts are slugs of at most 128 bytes.
struct EntityKey {
  std::string tenant;
  std::string kind;
  std::string id;

  // NOLINTNEXTLINE(modernize-use-nullptr): it takes the 0 that the compiler writes for one of ours.
  friend auto operator<=>(const EntityKey&, const EntityKey&) = default;
};

std::string to_string(const EntityKey& key);

/// [a-z0-9] with inner [a-z0-9._-], 1 to `size_max` bytes: what may stand in an entity id, a path and a label.
bool is_name(std::string_view text, std::size_t size_max = 128);

struct EntityKeyHash {
  std::size_t operator()(const EntityKey& key) const {
    const std::hash<std::string_view> hash;
    return hash(key.tenant) * 31 * 31 + hash(key.kind) * 31 + hash(key.id);
  }
};

}  // namespace nova::core
