#include "store/sqlite/disk/log_frames.hpp"

#include <sqlite3.h>

#include <cstring>
#include <utility>
#include <vector>

namespace nova::store::sqlite {
namespace {

constexpr std::uint32_t magic = 0x377f0682;  // the last bit: sums over big-endian words

std::uint32_t number_at(const unsigned char* at) {
  return std::uint32_t(at[0]) << 24 | std::uint32_t(at[1]) << 16 | std::uint32_t(at[2]) << 8 | std::uint32_t(at[3]);
}

template <bool swapped>
FrameSum add(FrameSum sum, const void* bytes, std::size_t size) {
  const auto* at = static_cast<const unsigned char*>(bytes);
  for (std::size_t i = 0; i < size; i += 8) {
    std::uint32_t pair[2];
    std::memcpy(pair, at + i, sizeof pair);
    if (swapped) pair[0] = __builtin_bswap32(pair[0]), pair[1] = __builtin_bswap32(pair[1]);
    sum.a += pair[0] + sum.b;
    sum.b += pair[1] + sum.a;
  }
  return sum;
}

FrameSum add(bool big_endian, FrameSum sum, const void* bytes, std::size_t size) {
  constexpr bool big_machine = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
  return big_endian == big_machine ? add<false>(sum, bytes, size) : add<true>(sum, bytes, size);
}

struct Frame {
  std::vector<unsigned char> bytes;
  const unsigned char* header() const { return bytes.data(); }
  const char* page() const { return reinterpret_cast<const char*>(bytes.data()) + frame_header_bytes; }
  bool commits() const { return number_at(header() + 4) != 0; }
  FrameSum sum() const { return sum_at(header() + 16); }
  bool has_salts(const unsigned char* salts) const { return std::memcmp(header() + 8, salts, 8) == 0; }
};

class Log {
 public:
  explicit Log(sqlite3_file* file) : file_(file) {}

  /// False: there is none that SQLite would read. A header that is no header may be one that was being written when
  /// the power went, and all behind it old; whether that is so, the witness and the mark know.
  bool open() {
    sqlite3_int64 size = 0;
    if (!file_ || !file_->pMethods || file_->pMethods->xFileSize(file_, &size) != SQLITE_OK) return false;
    if (size < log_header_bytes || file_->pMethods->xRead(file_, head_, log_header_bytes, 0) != SQLITE_OK) return false;
    big_endian_ = is_big_endian_log(head_);
    if ((number_at(head_) & ~1U) != magic || add(big_endian_, {}, head_, 24) != sum_at(head_ + 24)) return false;
    page_size_ = number_at(head_ + 8);
    if (page_size_ < 512 || page_size_ > 65536) return false;
    frames_ = (size - log_header_bytes) / (sqlite3_int64(page_size_) + frame_header_bytes);
    return true;
  }
  bool read(sqlite3_int64 number, Frame& frame) const {
    frame.bytes.resize(page_size_ + std::size_t(frame_header_bytes));
    const auto size = static_cast<int>(frame.bytes.size());
    return file_->pMethods->xRead(file_, frame.bytes.data(), size, log_header_bytes + number * size) == SQLITE_OK;
  }
  bool follows(const Frame& frame, FrameSum last) const {
    return frame_sum(big_endian_, last, frame.header(), frame.page(), page_size_) == frame.sum();
  }
  FrameSum begin() const { return sum_at(head_ + 24); }
  const unsigned char* salts() const { return head_ + 16; }
  sqlite3_int64 frames() const { return frames_; }

 private:
  sqlite3_file* file_;
  unsigned char head_[log_header_bytes] = {};
  bool big_endian_ = false;
  std::uint32_t page_size_ = 0;
  sqlite3_int64 frames_ = 0;
};

}  // namespace

FrameSum sum_at(const unsigned char* bytes) { return {number_at(bytes), number_at(bytes + 4)}; }

bool is_big_endian_log(const unsigned char* header) { return (header[3] & 1U) != 0; }

FrameSum frame_sum(bool big_endian, FrameSum last, const unsigned char* header, const char* page, std::size_t size) {
  return add(big_endian, add(big_endian, last, header, 8), page, size);
}

std::string damage_of_log(sqlite3* db) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&file));
  Log log(file);
  if (!log.open()) return {};
  Frame frame;
  sqlite3_int64 number = 0;
  for (auto last = log.begin(); number < log.frames(); ++number, last = frame.sum())
    if (!log.read(number, frame) || !frame.has_salts(log.salts()) || !log.follows(frame, last)) break;
  // From here on each frame is only asked whether it was written behind a commit.
  const auto bad = number + 1;
  Frame before;
  if (number == log.frames() || !log.read(number, before)) return {};
  for (++number; number < log.frames() && log.read(number, frame); ++number, std::swap(before, frame))
    if (before.commits() && frame.has_salts(log.salts()) && log.follows(frame, before.sum()))
      return "frame " + std::to_string(bad) + " of its write-ahead log is damaged, and commits stand behind it";
  return {};
}

}  // namespace nova::store::sqlite
