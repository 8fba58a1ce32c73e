// An archive and those that it goes on from.
#pragma once
#include "store/backup/summary.hpp"

#include <memory>
#include <vector>

namespace nova::store::backup {

inline constexpr std::size_t chain_max = 1000;

struct Link {
  std::unique_ptr<Reader> reader;
  Tail tail;
};

/// Oldest first, the last being `file`. Bases are looked for by their ids in the folder of `file`, whatever they are
/// called: `backup.missing_base`. Also `backup.broken_chain` (a part does not go on where its base ends), and whatever
/// a reader says.
core::Result<std::vector<Link>> open_chain(const std::string& file, const Key& key);

/// The newest archive of a folder that this key opens; empty when there is none.
std::string newest_in(const std::string& folder, const Key& key);

}  // namespace nova::store::backup
