#include "drivers/sources/archive.hpp"

#include "drivers/sources/sources.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace nova::sources {
namespace {

struct Free {
  void operator()(archive* a) const { archive_read_free(a); }
};
using Reader = std::unique_ptr<archive, Free>;

core::Error refuse(std::string code, std::string message, int status) {
  auto error = core::refusal(std::move(code), std::move(message));
  error.status = status;
  return error;
}

core::Error damaged(archive* reader) {
  const char* why = archive_error_string(reader);
  return refuse("source.damaged",
                std::string("the archive cannot be read: ") + (why ? core::printable(why) : "it is no tar"), 422);
}

core::Error cannot_write(const std::filesystem::path& path) {
  return core::unavailable("source.cannot_write", "`" + path.string() + "`: " + std::strerror(errno));
}

core::Error unsafe(const char* path, const char* why) {
  return refuse("source.unsafe_path", "`" + core::printable(path ? path : "") + "` " + why, 422);
}

core::Error too_large(const std::string& what) { return refuse("source.too_large", what, 413); }

// One regular file. Opened new and without following anything, so that no entry can write through another.
core::Status write_file(archive* reader, archive_entry* entry, const std::filesystem::path& path,
                        std::uint64_t& bytes_left) {
  const bool executable = (archive_entry_perm(entry) & 0111) != 0;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, executable ? 0755 : 0644);
  if (fd < 0) {
    if (errno == EEXIST) return unsafe(archive_entry_pathname(entry), "occurs twice");
    if (errno == ENOTDIR) return unsafe(archive_entry_pathname(entry), "is a file and a folder at once");
    return cannot_write(path);
  }
  struct Close {
    int fd;
    ~Close() { ::close(fd); }
  } close{fd};
  char block[64 * 1024];
  for (;;) {
    const auto got = archive_read_data(reader, block, sizeof block);
    if (got == 0) break;
    if (got < 0) return damaged(reader);
    if (std::uint64_t(got) > bytes_left) return too_large("the archive unpacks to too many bytes");
    bytes_left -= std::uint64_t(got);
    for (ssize_t at = 0; at < got;) {
      const auto wrote = ::write(fd, block + at, std::size_t(got - at));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return cannot_write(path);
      at += wrote;
    }
  }
  return core::ok();
}

// Every folder of `path` below `target`. Links cannot be met: nothing here ever makes one.
core::Status make_folders(const std::filesystem::path& target, const std::string& path, Bounds& room) {
  for (std::size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const auto folder = target / path.substr(0, end);
    if (::mkdir(folder.c_str(), 0755) == 0) {
      if (room.folders-- == 0) return too_large("the archive makes too many folders");
    } else if (errno != EEXIST) {
      if (errno == ENOTDIR) return unsafe(path.c_str(), "is a file and a folder at once");
      return cannot_write(folder);
    }
  }
  return core::ok();
}

core::Status unpack_entry(archive* reader, archive_entry* entry, const std::filesystem::path& target, Bounds& room) {
  const char* name = archive_entry_pathname_utf8(entry);
  if (!name) name = archive_entry_pathname(entry);
  std::string path = name ? name : "";
  while (path.starts_with("./")) path.erase(0, 2);
  const auto type = archive_entry_filetype(entry);
  if (type == AE_IFDIR) {
    while (path.ends_with('/')) path.pop_back();
    if (path.empty() || path == ".") return core::ok();
  }
  if (!is_safe_path(path)) return unsafe(path.c_str(), "leads out of the source or is no plain path");
  if (archive_entry_hardlink(entry) || archive_entry_symlink(entry) || (type != AE_IFREG && type != AE_IFDIR))
    return unsafe(path.c_str(), "is neither a file nor a folder: links and devices are not taken");
  const auto parent = path.rfind('/');
  if (type == AE_IFDIR) {
    if (auto made = make_folders(target, path, room); !made) return made;
  } else if (parent != std::string::npos) {
    if (auto made = make_folders(target, path.substr(0, parent), room); !made) return made;
  }
  return type == AE_IFDIR ? core::ok() : write_file(reader, entry, target / path, room.bytes);
}

}  // namespace

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.size() > path_bytes_max || path.front() == '/') return false;
  for (std::size_t at = 0; at <= path.size();) {
    auto end = path.find('/', at);
    if (end == std::string_view::npos) end = path.size();
    const auto part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == ".." || part.size() > 255) return false;
    for (const char c : part)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\') return false;
    at = end + 1;
  }
  return true;
}

core::Status unpack(const std::filesystem::path& file, const std::filesystem::path& target, Bounds room) {
  Reader reader(archive_read_new());
  // Only what the client packs: tar, as it is. Filters and other formats are parsers that nobody needs here.
  archive_read_support_format_tar(reader.get());
  if (archive_read_open_filename(reader.get(), file.c_str(), 64 * 1024) != ARCHIVE_OK) return damaged(reader.get());
  std::size_t entries = 0;
  for (;;) {
    archive_entry* entry = nullptr;
    const int next = archive_read_next_header(reader.get(), &entry);
    if (next == ARCHIVE_EOF) break;
    if (next != ARCHIVE_OK) return damaged(reader.get());
    ++entries;
    if (room.files-- == 0) return too_large("the archive holds too many files");
    if (auto unpacked = unpack_entry(reader.get(), entry, target, room); !unpacked) return unpacked;
  }
  if (entries == 0) return refuse("source.damaged", "the archive is empty or no tar", 422);
  return core::ok();
}

}  // namespace nova::sources
