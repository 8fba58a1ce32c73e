// The format of a backup archive, as bytes. Pure; any thread.
//
//   header (160 bytes, plain)   magic, version, chunk size, salt, key id, id, base id, time, checksum
//   chunk 0, 1, ... n-1         each 64 KiB of the content and a tag of 16 bytes; the last one may be shorter
//
// Chunks are AES-256-GCM under a key of this archive alone: HKDF-SHA256 (RFC 5869) of the backup key, with the salt and
// the whole header. Number and "is the last" stand in nonce and associated data, so that a chunk that is missing,
// moved, doubled or cut off does not open (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizar 2015).
//
// The content is a row of records, and then 8 bytes: where the tail begins.
//   T table       its rows follow; all of them, or of a table by position those since the base
//   R row         as in store/transfer
//   F file        its bytes follow; files that did not change since the base have none
//   D bytes       of that file
//   I file entry  the tail: what files there are, changed or not
//   S summary     JSON; the last record
#pragma once
#include "core/result.hpp"
#include "store/transfer/tables.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nova::store::backup {

/// Of the names of archives in a folder of them.
inline constexpr auto suffix = ".novabackup";

inline constexpr std::size_t header_bytes = 160;
inline constexpr std::size_t chunk_bytes = 64 * 1024;  ///< of content
inline constexpr std::size_t tag_bytes = 16;
inline constexpr std::size_t salt_bytes = 32;
inline constexpr std::size_t key_id_bytes = 16;
inline constexpr std::size_t id_bytes = 36;
inline constexpr std::size_t end_bytes = 8;  ///< after the last record
inline constexpr int format_version = 1;

struct Header {
  std::string salt;
  std::string key_id;
  std::string id;    ///< UUIDv7
  std::string base;  ///< the archive that this one goes on from; empty: it is whole
  std::int64_t created_ms = 0;
};
std::string write_header(const Header& header);
/// `backup.not_an_archive`, `backup.newer_format`, `backup.damaged`; the place is the caller's to add.
core::Result<Header> read_header(std::string_view bytes);

struct Record {
  char type = 0;
  std::string body;
};
/// Longest body: a row, or the summary.
inline constexpr std::size_t record_bytes_max = transfer::row_bytes_max;
inline constexpr std::size_t record_head_bytes = 5;
std::string record_head(char type, std::size_t size);
/// The length of the body; none when it is no head of a record.
std::optional<std::pair<char, std::size_t>> read_record_head(std::string_view bytes);

enum class FileType : std::uint8_t { file, folder, link };
struct FileEntry {
  std::string path;  ///< below the state folder, without `..`
  FileType type = FileType::file;
  std::uint32_t mode = 0;
  std::uint64_t size = 0;
  std::int64_t changed_ns = 0;
  std::string digest;  ///< SHA-256 of a file, target of a link
};
std::string write_entry(const FileEntry& entry);
/// None when it is none, or its path leaves the folder.
std::optional<FileEntry> read_entry(std::string_view bytes);
bool is_inside(std::string_view path);

/// 8 bytes, the lowest first.
std::string number_bytes(std::uint64_t value);
std::uint64_t number_of(std::string_view bytes);

}  // namespace nova::store::backup
