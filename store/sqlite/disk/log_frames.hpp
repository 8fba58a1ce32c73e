// SQLite's write-ahead log as bytes (SQLite's file format, 4): a header, then frames of 24 bytes and a page. Each frame
// has a sum that goes on from the frame before, so it tells also after which frame it was written.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

struct sqlite3;

namespace nova::store::sqlite {

inline constexpr int log_header_bytes = 32, frame_header_bytes = 24;

struct FrameSum {
  std::uint32_t a = 0, b = 0;
  bool operator==(const FrameSum&) const = default;
};

FrameSum sum_at(const unsigned char* bytes);
bool is_big_endian_log(const unsigned char* header);
/// Of the frame with this header and page, written after one with the sum `last`. About 2 microseconds for 8 KiB.
FrameSum frame_sum(bool big_endian, FrameSum last, const unsigned char* header, const char* page, std::size_t size);

/// What of the log is damaged; empty: nothing that can be seen. SQLite ends a log at its first bad frame, which is
/// right for a commit that a power cut tore. But a commit is begun only when the one before is synced: frames that were
/// written behind a whole commit, after the first bad one, prove that what stands there was acknowledged. Asked before
/// anything is written; reads the log once (5 ms for 17 MiB). Not seen is damage in the newest commit alone, which
/// looks as if it was torn, and in the log's header, which looks as if the log was just begun anew; the head witness
/// and the mark beside it know of those.
std::string damage_of_log(sqlite3* db);

}  // namespace nova::store::sqlite
