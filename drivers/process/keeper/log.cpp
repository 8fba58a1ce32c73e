#include "drivers/process/keeper/log.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace nova::keeper {
namespace {

constexpr long segment_bytes_min = 4096;

void name_of(unsigned long long start, char (&name)[40]) { std::snprintf(name, sizeof name, "log/%020llu", start); }

/// Calls `see` with the start of each segment.
template <class See>
void each_segment(See see) {
  DIR* const folder = opendir("log");
  if (!folder) return;
  while (const dirent* entry = readdir(folder)) {
    char* end = nullptr;
    const unsigned long long start = std::strtoull(entry->d_name, &end, 10);
    if (end != entry->d_name && *end == '\0') see(start);
  }
  closedir(folder);
}

}  // namespace

void Log::open(long segment_bytes, long segment_count) {
  segment_bytes_ = segment_bytes < segment_bytes_min ? segment_bytes_min : segment_bytes;
  segment_count_ = segment_count < 1 ? 1 : segment_count;
  mkdir("log", 0700);
  each_segment([&](unsigned long long start) { start_ = start > start_ ? start : start_; });
  start_segment();
}

void Log::start_segment() {
  char name[40];
  name_of(start_, name);
  if (file_ >= 0) close(file_);
  file_ = ::open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  struct stat found {};
  size_ = file_ >= 0 && fstat(file_, &found) == 0 ? (unsigned long long)found.st_size : 0;
  drop_oldest();
}

void Log::drop_oldest() {
  for (;;) {
    long count = 0;
    unsigned long long oldest = start_;
    each_segment([&](unsigned long long start) {
      ++count;
      oldest = start < oldest ? start : oldest;
    });
    if (count <= segment_count_ || oldest == start_) return;
    char name[40];
    name_of(oldest, name);
    if (unlink(name) != 0) return;
  }
}

void Log::write(const char* bytes, std::size_t size) {
  if (size_ > 0 && size_ + size > (unsigned long long)segment_bytes_) {
    start_ += size_;
    start_segment();
  }
  while (size > 0 && file_ >= 0) {
    const ssize_t done = ::write(file_, bytes, size);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return;
    bytes += done;
    size -= std::size_t(done);
    size_ += (unsigned long long)done;
  }
}

}  // namespace nova::keeper
