// Any bytes as the header of a backup archive, the head of a record, an entry of its list of files, or a row of a
// table.
#include "store/backup/format.hpp"

#include <cstdlib>

using namespace nova::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto header = backup::read_header(text);
      header && backup::write_header(*header) != text.substr(0, backup::header_bytes))
    std::abort();
  if (const auto head = backup::read_record_head(text); head && head->second > backup::record_bytes_max) std::abort();
  if (const auto entry = backup::read_entry(text);
      entry && (!backup::is_inside(entry->path) || !backup::read_entry(backup::write_entry(*entry))))
    std::abort();
  // A row is its bytes, and its bytes are the row: nothing may be hidden in between.
  for (const auto& table : transfer::tables())
    if (const auto row = transfer::decode(table, text); row && transfer::encode(*row) != text) std::abort();
  return 0;
}
