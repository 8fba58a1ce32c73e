#include "store/backup/writer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>

namespace nova::store::backup {
namespace {

namespace fs = std::filesystem;

constexpr time_t stale_seconds = 3600;

core::Error exists(const std::string& file) {
  auto error = core::refusal("backup.exists", "`" + file + "` is there already, and was not changed");
  error.status = 409;
  return std::move(error).fix("name another file, or give --force to write over it");
}

}  // namespace

Writer::Writer(std::string file, int descriptor, const Key& key, Header header, bool force)
    : file_(std::move(file)),
      part_(file_ + ".part"),
      descriptor_(descriptor),
      header_(std::move(header)),
      force_(force),
      chunks_(key, header_) {}

Writer::~Writer() {
  if (descriptor_ < 0) return;
  ::unlink(part_.c_str());
  ::close(descriptor_);
}

core::Result<std::unique_ptr<Writer>> Writer::open(const std::string& file, const Key& key, Header header, bool force) {
  std::error_code ignored;
  if (!force && fs::exists(fs::symlink_status(file, ignored))) return exists(file);
  const auto part = file + ".part";
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return core::unavailable("backup.cannot_write", "`" + part + "` cannot be made: " + std::strerror(errno))
        .fix("check the folder and its owner");
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return core::unavailable("backup.busy", "another process writes `" + file + "` at this moment")
        .fix("wait for it to end");
  }
  std::unique_ptr<Writer> writer(new Writer(file, fd, key, std::move(header), force));
  // Left by one that was killed.
  if (::ftruncate(fd, 0) != 0 || ::fchmod(fd, 0600) != 0) return writer->failed(errno);
  if (auto begun = writer->write(write_header(writer->header_)); !begun) return std::move(begun).error();
  return writer;
}

core::Status Writer::put(char type, std::string_view body) {
  if (body.size() > record_bytes_max) return core::refusal("internal.bug", "a record of a backup is too long");
  if (auto added = add(record_head(type, body.size())); !added) return added;
  return add(body);
}

core::Status Writer::add(std::string_view bytes) {
  content_ += bytes.size();
  waiting_ += bytes;
  std::size_t from = 0;
  // The last chunk is never empty, so one is written only when more is there.
  for (; waiting_.size() - from > chunk_bytes; from += chunk_bytes)
    if (auto written = write_chunk(std::string_view(waiting_).substr(from, chunk_bytes), false); !written)
      return written;
  waiting_.erase(0, from);
  return core::ok();
}

core::Status Writer::write_chunk(std::string_view content, bool last) {
  return write(chunks_.seal(content, number_++, last));
}

core::Status Writer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = ::write(descriptor_, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failed(errno);
    bytes.remove_prefix(std::size_t(size));
    written_ += std::uint64_t(size);
  }
  return core::ok();
}

core::Error Writer::failed(int error) const {
  if (error == ENOSPC || error == EDQUOT)
    return core::unavailable("backup.disk_full", "the disk of `" + file_ + "` is full, and no archive was made")
        .fix("free space there, or name another folder");
  return core::unavailable("backup.cannot_write", "`" + part_ + "` cannot be written: " + std::strerror(error))
      .fix("check the disk; no archive was made");
}

core::Status Writer::finish() {
  if (auto added = add(number_bytes(tail_at_)); !added) return added;
  if (auto written = write_chunk(waiting_, true); !written) return written;
  if (::fsync(descriptor_) != 0) return failed(errno);
  if (!force_) {
    if (::renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, file_.c_str(), RENAME_NOREPLACE) != 0) {
      if (errno == EEXIST) return exists(file_);
      // Some file systems have no such rename; then the look beforehand must do.
      if (errno != EINVAL || ::access(file_.c_str(), F_OK) == 0 || ::rename(part_.c_str(), file_.c_str()) != 0)
        return failed(errno);
    }
  } else if (::rename(part_.c_str(), file_.c_str()) != 0) {
    return failed(errno);
  }
  ::close(std::exchange(descriptor_, -1));
  const auto folder = fs::path(file_).parent_path();
  const int opened = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = opened >= 0 && ::fsync(opened) == 0;
  const int error = errno;
  if (opened >= 0) ::close(opened);
  if (!synced) return failed(error);
  return core::ok();
}

void remove_stale_parts(const std::string& folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const auto path = it->path();
    if (path.extension() != ".part" || path.stem().extension() != suffix) continue;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat info {};
    const bool stale = fd >= 0 && ::fstat(fd, &info) == 0 && ::time(nullptr) - info.st_mtim.tv_sec > stale_seconds &&
                       ::flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (stale) ::unlink(path.c_str());
    if (fd >= 0) ::close(fd);
  }
}

}  // namespace nova::store::backup
