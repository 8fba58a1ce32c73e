#include "store/sqlite/disk/head_mark.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string_view>

namespace nova::store::sqlite {
namespace {

struct Record {
  char magic[8] = {'n', 'o', 'v', 'a', 'm', 'r', 'k', '1'};
  std::uint64_t position = 0, print = 0, sum = 0;
};

// FNV-1a, as of the witness.
std::uint64_t add(std::uint64_t sum, std::string_view bytes) {
  for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return sum;
}
constexpr std::uint64_t none = 0xcbf29ce484222325;

std::uint64_t sum_of(const Record& record) {
  char bytes[sizeof record];
  std::memcpy(bytes, &record, sizeof record);
  return add(none, {bytes, offsetof(Record, sum)});
}

}  // namespace

std::uint64_t print_of(const std::string& store_id, const std::string& event_id) {
  return add(add(add(none, store_id), " "), event_id);
}

HeadMark::~HeadMark() {
  if (file_ >= 0) close(file_);
}

void HeadMark::write(const std::string& store_id, std::uint64_t position, const std::string& event_id) {
  if (file_ < 0) file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) return;
  Record record;
  record.position = position;
  record.print = print_of(store_id, event_id);
  record.sum = sum_of(record);
  if (pwrite(file_, &record, sizeof record, 0) == sizeof record) return;
  close(file_);  // another try with the next commit
  file_ = -1;
}

std::optional<Marked> read_mark(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  Record record;
  const bool whole = pread(fd, &record, sizeof record, 0) == sizeof record;
  close(fd);
  if (!whole || std::memcmp(record.magic, Record().magic, sizeof record.magic) != 0 || record.sum != sum_of(record))
    return std::nullopt;
  return Marked{record.position, record.print};
}

}  // namespace nova::store::sqlite
