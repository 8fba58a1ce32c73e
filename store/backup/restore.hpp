// A chain of archives becomes a store and a folder.
#pragma once
#include "store/backup/chain.hpp"
#include "store/transfer/copy.hpp"

#include <filesystem>

namespace nova::store::backup {

struct Restored {
  EventStore::Digests digests;                ///< of what was restored; the same as were recorded
  std::map<std::string, std::uint64_t> rows;  ///< by table, read from all parts
  std::uint64_t files = 0;
};

/// Fills `into` and `folder` (which is there and empty), compares digests of log and documents with those recorded in
/// the last archive (`transfer.differs`), and does not finish `into`: the caller does, when all else is in place.
core::Result<Restored> restore(std::vector<Link>& chain, transfer::Import& into, const std::filesystem::path& folder,
                               const transfer::Progress& progress);

}  // namespace nova::store::backup
