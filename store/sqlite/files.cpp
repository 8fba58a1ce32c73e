// What the store asks of the file system beside SQLite: is there a file, how much room is left. Alone in its file, so
// that a simulation can link its own.
#include "store/sqlite/opening.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

namespace nova::store::sqlite {

// SQLite would take an empty file for a new database and open a text file without complaint until the first read.
core::Result<bool> exists_already(const std::string& file) {
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return core::unavailable("store.cannot_open", "`" + file + "` cannot be opened: " + std::strerror(errno))
        .fix("check the folder and its owner");
  struct stat info {};
  char head[16] = {};
  const auto size = pread(fd, head, sizeof head, 0);
  const bool known = fstat(fd, &info) == 0;
  close(fd);
  if (!known || size < 0)
    return core::unavailable("store.cannot_open", "`" + file + "` cannot be read: " + std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return not_a_database(file, "it is not a file");
  if (info.st_size == 0) return false;
  // A power cut in a checkpoint may have torn the first page; it stands whole in the write-ahead log then.
  std::error_code none;
  if (const auto log = std::filesystem::file_size(file + "-wal", none); !none && log > 0) return true;
  if (size != sizeof head || std::memcmp(head, "SQLite format 3", sizeof head) != 0)
    return not_a_database(file, "it does not begin as an SQLite database");
  return true;
}

bool free_reserve(const Place& place) { return unlink(place.reserve().c_str()) == 0; }

bool keep_reserve(const Place& place) {
  const auto path = place.reserve();
  if (place.reserve_bytes == 0) return true;
  struct stat info {};
  if (stat(path.c_str(), &info) == 0 && static_cast<std::uint64_t>(info.st_blocks) * 512 >= place.reserve_bytes)
    return true;
  // Never the last space: the reserve is for the store, not against it.
  if (free_bytes(place.file) < 4 * place.reserve_bytes) return false;
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool made = posix_fallocate(fd, 0, static_cast<off_t>(place.reserve_bytes)) == 0;
  close(fd);
  if (!made) unlink(path.c_str());
  return made;
}

void lengthen_log(const Place& place) {
  const int fd = open(place.log().c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  struct stat info {};
  const bool known = fstat(fd, &info) == 0;
  const auto size = known ? static_cast<std::uint64_t>(info.st_size) : place.log_room_bytes;
  // Never the last space, as with the reserve.
  if (size < place.log_room_bytes && free_bytes(place.file) >= 4 * place.log_room_bytes) {
    const std::vector<char> zeros(256 * 1024);
    auto at = size;
    while (at < place.log_room_bytes) {
      const auto wanted = std::min<std::uint64_t>(zeros.size(), place.log_room_bytes - at);
      const auto written = pwrite(fd, zeros.data(), wanted, static_cast<off_t>(at));
      if (written <= 0) break;
      at += static_cast<std::uint64_t>(written);
    }
    // Without the sync they are zeros all the same, and the commits that come sync them.
    fdatasync(fd);
  }
  close(fd);
}

std::uint64_t log_bytes(const Place& place) {
  struct stat info {};
  return stat(place.log().c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

std::uint64_t free_bytes(const std::string& file) {
  struct statvfs info {};
  const auto folder = std::filesystem::path(file).parent_path();
  if (statvfs(folder.empty() ? "." : folder.c_str(), &info) != 0) return 0;
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace nova::store::sqlite
