// The node key on disk: 32 random bytes, readable by their owner only.
#pragma once
#include "core/result.hpp"
#include "store/vault/sealing.hpp"

#include <optional>
#include <string>

namespace nova::store::vault {

/// None when there is no such file. `vault.key_exposed` when others may read it or it is another's, `vault.damaged`
/// when it is not 32 bytes.
core::Result<std::optional<Key>> read_key(const std::string& path);
/// Made new, never over an existing file, and on disk when this returns. `vault.unavailable` when that cannot be.
core::Result<Key> make_key(const std::string& path);

}  // namespace nova::store::vault
