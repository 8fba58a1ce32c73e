// From a path to a checked, migrated database, or the one clear error why not.
#pragma once
#include "core/time.hpp"
#include "store/migration.hpp"
#include "store/sqlite/database.hpp"

#include <memory>
#include <string>
#include <vector>

namespace nova::store::sqlite {

/// In order of their numbers, from 1; the build reads them from migrations/.
const std::vector<Migration>& migrations();

struct Place {
  std::string file;
  std::string vfs;
  std::uint64_t reserve_bytes = 0;
  std::uint64_t log_room_bytes = 0;

  std::string witness() const { return file + ".head"; }
  std::string lock() const { return file + ".lock"; }
  std::string reserve() const { return file + ".reserve"; }
  std::string mark() const { return file + ".mark"; }
  std::string log() const { return file + "-wal"; }
};

/// Opens or creates, checks, migrates forward. The caller holds the lock.
core::Result<std::unique_ptr<Connection>> open_database(const Place& place, core::Timestamp now);
/// The writer's way of working: WAL, every commit synced, no checkpoint inside a commit.
bool configure_writer(Connection& db);
/// `store.went_back` when the log ends before, or differs at, what the witness or the mark has seen.
core::Status check_witness(Connection& db, const Place& place);
std::string store_id(Connection& db);
/// `store.moved`, `store.unfinished`: a store that no node may start on.
core::Status check_marks(Connection& db, const std::string& file);
/// What is ours by its header, of a schema that this version knows: `store.not_a_database`, `store.newer_schema`.
core::Status check_kind(Connection& db, const std::string& file);
int schema_of(Connection& db);

core::Error not_a_database(const std::string& file, const std::string& why);

// ---- asked of the file system itself (files.cpp) ----
/// Makes an empty file when there is none. False: it is empty; `store.not_a_database` when it cannot be one.
core::Result<bool> exists_already(const std::string& file);
/// Makes the reserve file when the disk has room for it; false when it has not.
bool keep_reserve(const Place& place);
/// Lengthens the write-ahead log with zeros, which SQLite reads as its end, where the disk has room for it. Written and
/// synced, not only reserved: the first write to a reserved block is a change of the file system too. Only while nobody
/// commits.
void lengthen_log(const Place& place);
std::uint64_t log_bytes(const Place& place);  ///< of the write-ahead log's file
bool free_reserve(const Place& place);        ///< false when there is none
/// Bytes that an ordinary user may still write beside the file.
std::uint64_t free_bytes(const std::string& file);

}  // namespace nova::store::sqlite
