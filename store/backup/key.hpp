// The backup key: 32 random bytes in a file of its own, which is kept apart from the archives.
#pragma once
#include "core/result.hpp"
#include "store/vault/sealing.hpp"

#include <string>

namespace nova::store::backup {

/// `backup.no_key`, `backup.key_exposed` (others may read it, or it is another's), `backup.bad_key` (not 32 bytes).
core::Result<vault::Key> read_key(const std::string& file);
/// Never over an existing file (`backup.exists`); mode 0600; on disk when this returns.
core::Status make_key(const std::string& file);

}  // namespace nova::store::backup
