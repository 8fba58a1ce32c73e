#include "store/sqlite/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace nova::store::sqlite {
namespace {

std::string holder_of(int fd) {
  char text[32] = {};
  const auto size = pread(fd, text, sizeof text - 1, 0);
  std::string pid(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "unknown" : core::printable(pid);
}

}  // namespace

core::Result<std::unique_ptr<LockFile>> LockFile::take(const std::string& path, const std::string& what) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return core::unavailable("store.cannot_open", "`" + path + "` cannot be made: " + std::strerror(errno))
        .fix("make the folder, owned by the user that runs the node");
  std::unique_ptr<LockFile> lock(new LockFile(fd));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const auto pid = holder_of(fd);
    return core::unavailable("store.locked", "`" + what + "` is in use by process " + pid)
        .fix("stop that process (`kill " + pid + "`), or give this one another file")
        .with("pid", pid);
  }
  const auto pid = std::to_string(getpid()) + "\n";
  // The text is for people; on a full disk the lock holds all the same.
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) return lock;
  return lock;
}

LockFile::~LockFile() { close(fd_); }

}  // namespace nova::store::sqlite
