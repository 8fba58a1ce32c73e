// A file layer of SQLite over another one: each page of a database carries a checksum in bytes that SQLite leaves free
// ("reserved bytes", SQLite's file format 1.3.4), put there when the page is written to the file and compared whenever
// it is read. A page of the write-ahead log is compared with the checksum of its frame, which SQLite itself does at
// recovery only. What does not match is SQLITE_IOERR_DATA, never data.
//
// The checksum is 64 bits over the page and its number: damage within one word of 8 bytes is always found, other damage
// but for one case in 2^64, and so is a page that was written to another's place. A database that was made without
// reserved bytes is read and written as it is, unchecked. Pages are never mapped into memory.
//
// Whoever writes to a checked database must do it through this layer; it is enough to close a database after a crash,
// since SQLite then moves the log into it.
#pragma once
#include <optional>
#include <string>

struct sqlite3;

namespace nova::store::sqlite {

inline constexpr int checksum_bytes = 8;  ///< reserved in each page

/// SQLite's name of the layer over the layer called `base` (empty: the system's), registered at the first call. Any
/// thread; the names live as long as the process.
const char* checked_layer(const std::string& base);
/// Whether the pages of the main database carry checksums. Of an empty file: not yet.
bool is_checked(sqlite3* db);
/// What was wrong with the page for which SQLite last reported SQLITE_IOERR_DATA on this thread; asking takes it.
std::optional<std::string> take_page_fault();

}  // namespace nova::store::sqlite
