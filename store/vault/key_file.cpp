#include "store/vault/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace nova::store::vault {
namespace {

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

core::Error unusable(const std::string& path, const char* what) {
  return core::unavailable("vault.unavailable",
                           "the key file `" + path + "` cannot be " + what + ": " + std::strerror(errno))
      .fix("check the folder and its owner");
}

// A new name is on disk only when its folder is.
bool sync_folder(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const File opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.fd() >= 0 && fsync(opened.fd()) == 0;
}

}  // namespace

core::Result<std::optional<Key>> read_key(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.fd() < 0 && errno == ENOENT) return std::optional<Key>();
  if (file.fd() < 0) return unusable(path, "opened");
  struct stat info {};
  if (fstat(file.fd(), &info) != 0) return unusable(path, "examined");
  if (!S_ISREG(info.st_mode) || (info.st_mode & 077) != 0 || (info.st_uid != geteuid() && info.st_uid != 0))
    return core::unavailable("vault.key_exposed", "others may read the key file `" + path + "`")
        .fix("make it yours alone: `chmod 600 " + path + "`, and think about who may have read it");
  std::string bytes(key_bytes + 1, '\0');
  const auto size = read(file.fd(), bytes.data(), bytes.size());
  bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  auto key = Key::from(bytes);
  if (key) return std::optional<Key>(std::move(key));
  return core::unavailable("vault.damaged", "the key file `" + path + "` does not hold 32 bytes")
      .fix("put the right file back");
}

core::Result<Key> make_key(const std::string& path) {
  auto key = Key::random();
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.fd() < 0) return unusable(path, "made");
  const bool whole = write(file.fd(), key.data(), key_bytes) == static_cast<ssize_t>(key_bytes);
  if (whole && fsync(file.fd()) == 0 && sync_folder(path)) return key;
  const auto error = unusable(path, "written");
  // A torn key must not be taken for the key at the next start; nothing was sealed under it.
  unlink(path.c_str());
  return error;
}

}  // namespace nova::store::vault
