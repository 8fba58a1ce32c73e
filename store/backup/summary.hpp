// What an archive says of itself at its end, and what files there were.
#pragma once
#include "store/backup/reader.hpp"
#include "store/transfer/port.hpp"

#include <map>
#include <string>

namespace nova::store::backup {

struct Summary {
  std::string version;  ///< of the program
  std::string node;
  std::string store;  ///< "sqlite", "postgres"
  std::string base_file;
  transfer::Head head;
  std::uint64_t base_position = 0;            ///< events after it are in this archive
  EventStore::Digests digests;                ///< of the whole store, not of this archive alone
  std::map<std::string, std::uint64_t> rows;  ///< by table, in this archive
  /// SHA-256 of each table that is kept whole; one that is the same as the base's is left out of the archive.
  std::map<std::string, std::string> tables;
  std::uint64_t files = 0;               ///< whose bytes are in this archive
  std::uint64_t changed_while_read = 0;  ///< files that a service went on writing; kept as they were found
};
std::string to_json(const Summary& summary);
std::optional<Summary> read_summary(std::string_view json);

struct Tail {
  std::string file;
  Header header;
  Summary summary;
  std::map<std::string, FileEntry> entries;
};
/// Reads the tail alone, however long the archive is.
core::Result<Tail> read_tail(Reader& reader);

}  // namespace nova::store::backup
