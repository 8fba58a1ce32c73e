// A small file beside the store that remembers the newest commit. It is written after each one and never synced, so it
// costs no wait: it outlives the process but not a power cut, after which it is older or unreadable, and says nothing
// wrong. The head witness, which is synced, follows once a second.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace nova::store::sqlite {

class HeadMark {
 public:
  explicit HeadMark(std::string path) : path_(std::move(path)) {}
  ~HeadMark();
  HeadMark(const HeadMark&) = delete;
  HeadMark& operator=(const HeadMark&) = delete;

  /// One thread. About a microsecond; a disk that refuses keeps the older mark.
  void write(const std::string& store_id, std::uint64_t position, const std::string& event_id);

 private:
  const std::string path_;
  int file_ = -1;
};

struct Marked {
  std::uint64_t position = 0;
  std::uint64_t print = 0;  ///< `print_of` the event there
};
std::optional<Marked> read_mark(const std::string& path);  ///< none when it is not there or not whole
std::uint64_t print_of(const std::string& store_id, const std::string& event_id);

}  // namespace nova::store::sqlite
