#include "cli/net/private_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace nova::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds look_again{20};

class Descriptor {
 public:
  explicit Descriptor(int file) : file_(file) {}
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return file_; }

 private:
  int file_;
};

core::Error not_readable(const fs::path& path) {
  return core::refusal("config.not_readable", "cannot read `" + path.string() + "`");
}

core::Error not_written(const fs::path& path) {
  auto failed = core::refusal("config.not_written", "cannot write `" + path.string() + "`");
  failed.status = 500;
  return failed;
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(std::size_t(written));
  }
  return true;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  if (folder.empty() || fs::exists(folder, error)) return;
  fs::create_directories(folder.parent_path(), error);
  ::mkdir(folder.c_str(), 0700);
}

}  // namespace

core::Result<std::optional<std::string>> read_private(const fs::path& path, std::size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.number() < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::optional<std::string>();
  // Asked of the open file: the name could mean another one a moment later.
  struct stat info {};
  if (file.number() < 0 || ::fstat(file.number(), &info) != 0 || !S_ISREG(info.st_mode)) return not_readable(path);
  if ((info.st_mode & 077) != 0 || info.st_uid != ::geteuid())
    return core::refusal("config.readable_by_others", "`" + path.string() + "` may be read by others")
        .fix("run: chmod 600 " + path.string());
  std::string text(bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(file.number(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return not_readable(path);
    if (got == 0) break;
    size += std::size_t(got);
  }
  if (size > bytes_max) return core::refusal("config.too_large", "`" + path.string() + "` is too large");
  text.resize(size);
  return std::optional<std::string>(std::move(text));
}

core::Status write_private(const fs::path& path, std::string_view text) {
  make_folder(path.parent_path());
  const std::string fresh = path.string() + ".new";
  {
    const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    const bool written = file.number() >= 0 && ::fchmod(file.number(), 0600) == 0 && write_all(file.number(), text) &&
                         ::fsync(file.number()) == 0;
    if (!written) {
      ::unlink(fresh.c_str());
      return not_written(path);
    }
  }
  if (::rename(fresh.c_str(), path.c_str()) == 0) return core::ok();
  ::unlink(fresh.c_str());
  return not_written(path);
}

core::Result<FileLock> FileLock::take(const fs::path& path, std::chrono::milliseconds limit) {
  make_folder(path.parent_path());
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return not_written(path);
  FileLock lock(file);
  for (auto waited = std::chrono::milliseconds(0); ::flock(file, LOCK_EX | LOCK_NB) != 0; waited += look_again) {
    if (waited >= limit || (errno != EWOULDBLOCK && errno != EINTR))
      return core::unavailable("config.busy", "another novactl holds `" + path.string() + "`");
    ::poll(nullptr, 0, int(look_again.count()));
  }
  return lock;
}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace nova::cli
