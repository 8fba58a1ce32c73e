// Makes one archive of a store and a state folder.
#pragma once
#include "store/backup/summary.hpp"
#include "store/backup/writer.hpp"
#include "store/transfer/copy.hpp"

#include <filesystem>
#include <optional>

namespace nova::store::backup {

struct Contents {
  transfer::Snapshot* store = nullptr;  ///< opened before this: what events speak of is there, then; ended by it
  std::string store_kind;
  std::string node;
  std::filesystem::path state_dir;
  std::vector<std::string> names;    ///< of the state folder, with all that is below them
  std::string vault = "vault.db";    ///< a SQLite file there, read in one state; may be missing
  std::filesystem::path vault_file;  ///< where it lies instead; empty: in `state_dir`
  std::string config_file;           ///< kept as `config_name`; empty: none
};
inline constexpr auto config_name = "novad.yaml.backup";

struct Created {
  Header header;
  Summary summary;
  std::uint64_t bytes = 0;  ///< of the archive
};

/// `base`: the tail of the archive to go on from; `backup.base_diverged` when its last event is not in this store.
core::Result<Created> create(const Contents& contents, const std::string& file, const Key& key, bool force,
                             const std::optional<Tail>& base, core::Clock& clock, const transfer::Progress& progress);

}  // namespace nova::store::backup
