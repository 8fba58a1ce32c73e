// A small file beside the store (with PostgreSQL: in the node's state folder) that remembers where the log ended, so
// that an old copy put in its place is noticed. It is written behind the commits (about once a second), never ahead of
// them.
#pragma once
#include "core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace nova::store {

struct Witness {
  std::string store_id;
  std::uint64_t position = 0;
  std::string event_id;  ///< of the event at `position`
};

/// None when there is no file; `store.damaged` when it is not readable as one.
core::Result<std::optional<Witness>> read_witness(const std::string& path);
/// Replaces the file whole. False when the disk refused; the old one stays then.
bool write_witness(const std::string& path, const Witness& witness);

}  // namespace nova::store
