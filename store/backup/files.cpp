#include "store/backup/files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <stdexcept>

namespace nova::store::backup {
namespace {

namespace fs = std::filesystem;

FileEntry entry_from(const struct stat& info, std::string path) {
  FileEntry entry;
  entry.path = std::move(path);
  entry.mode = info.st_mode & 07777;
  entry.size = S_ISREG(info.st_mode) ? static_cast<std::uint64_t>(info.st_size) : 0;
  entry.changed_ns = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  entry.type = S_ISDIR(info.st_mode) ? FileType::folder : S_ISLNK(info.st_mode) ? FileType::link : FileType::file;
  return entry;
}

void list_into(std::vector<FileEntry>& found, const fs::path& root, const std::string& path) {
  struct stat info {};
  if (::lstat((root / path).c_str(), &info) != 0) return;
  if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode) && !S_ISLNK(info.st_mode)) return;
  auto entry = entry_from(info, path);
  std::error_code ignored;
  if (entry.type == FileType::link) entry.digest = fs::read_symlink(root / path, ignored).string();
  const bool is_folder = entry.type == FileType::folder;
  found.push_back(std::move(entry));
  if (!is_folder) return;
  std::vector<std::string> names;
  for (fs::directory_iterator it(root / path, ignored), end; !ignored && it != end; it.increment(ignored))
    names.push_back(it->path().filename().string());
  std::sort(names.begin(), names.end());
  for (const auto& name : names) list_into(found, root, path + "/" + name);
}

bool sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  return synced;
}

timespec time_of(std::int64_t ns) { return {time_t(ns / 1'000'000'000), long(ns % 1'000'000'000)}; }

}  // namespace

struct FileDigest::Impl {
  Impl() {
    if (!context || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) throw std::runtime_error("SHA-256 failed");
  }
  ~Impl() { EVP_MD_CTX_free(context); }
  EVP_MD_CTX* context = EVP_MD_CTX_new();
};
FileDigest::FileDigest() : impl_(std::make_unique<Impl>()) {}
FileDigest::~FileDigest() = default;
void FileDigest::add(std::string_view bytes) { EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size()); }
std::string FileDigest::bytes() && {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned size = 0;
  if (EVP_DigestFinal_ex(impl_->context, bytes.data(), &size) != 1) throw std::runtime_error("SHA-256 failed");
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::vector<FileEntry> list_files(const fs::path& root, const std::vector<std::string>& names) {
  std::vector<FileEntry> found;
  for (const auto& name : names) list_into(found, root, name);
  return found;
}

std::optional<FileEntry> entry_of(int descriptor, const std::string& path) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return entry_from(info, path);
}

NewFolder::~NewFolder() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

core::Status NewFolder::failed(const std::string& path) const {
  const auto place = "`" + (root_ / path).string() + "`";
  if (errno == ENOSPC || errno == EDQUOT)
    return core::unavailable("backup.disk_full", "the disk of " + place + " is full").fix("free space there");
  return core::unavailable("backup.cannot_write", place + " cannot be written: " + std::strerror(errno))
      .fix("check the disk and who owns the folder");
}

core::Status NewFolder::begin_file(const std::string& path) {
  if (auto ended = end_file(); !ended) return ended;
  std::error_code error;
  // A folder may have become a file since the base, or a file a folder.
  for (auto parent = fs::path(path).parent_path(); !parent.empty(); parent = parent.parent_path())
    if (fs::is_regular_file(root_ / parent, error)) fs::remove(root_ / parent, error);
  if (fs::is_directory(root_ / path, error)) fs::remove_all(root_ / path, error);
  fs::create_directories((root_ / path).parent_path(), error);
  descriptor_ = ::open((root_ / path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor_ < 0) return failed(path);
  path_ = path;
  digest_ = std::make_unique<FileDigest>();
  return core::ok();
}

core::Status NewFolder::add(std::string_view bytes) {
  digest_->add(bytes);
  while (!bytes.empty()) {
    const auto size = ::write(descriptor_, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failed(path_);
    bytes.remove_prefix(std::size_t(size));
  }
  return core::ok();
}

core::Status NewFolder::end_file() {
  if (descriptor_ < 0) return core::ok();
  const bool synced = ::fsync(descriptor_) == 0;
  ::close(std::exchange(descriptor_, -1));
  if (!synced) return failed(path_);
  written_.emplace_back(path_, std::move(*digest_).bytes());
  return core::ok();
}

core::Status NewFolder::finish(const std::vector<FileEntry>& entries) {
  if (auto ended = end_file(); !ended) return ended;
  std::map<std::string, std::string> digests;
  for (auto& [path, digest] : written_) digests[path] = std::move(digest);
  std::set<std::string> wanted;
  for (const auto& entry : entries)
    if (entry.type == FileType::file) wanted.insert(entry.path);
  std::error_code error;
  for (const auto& [path, digest] : digests)
    if (!wanted.contains(path)) fs::remove(root_ / path, error);
  for (const auto& entry : entries) {
    const auto place = root_ / entry.path;
    if (entry.type == FileType::file) {
      const auto found = digests.find(entry.path);
      if (found == digests.end() || found->second != entry.digest)
        return core::refusal("backup.damaged", "the archives do not hold `" + core::printable(entry.path) +
                                                   "` as their list of files has it");
      continue;
    }
    fs::create_directories(entry.type == FileType::folder ? place : place.parent_path(), error);
    // It was a folder in an older part of the chain; what lay in it is gone by now.
    if (entry.type == FileType::link) fs::remove_all(place, error);
    if (entry.type == FileType::link && ::symlink(entry.digest.c_str(), place.c_str()) != 0) return failed(entry.path);
  }
  // From the leaves to the root: a folder that may not be written, or whose time is set, must be complete.
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const auto place = root_ / entry->path;
    const timespec times[2] = {time_of(entry->changed_ns), time_of(entry->changed_ns)};
    if (entry->type == FileType::folder && !sync_folder(place)) return failed(entry->path);
    const bool set = (entry->type == FileType::link || ::chmod(place.c_str(), entry->mode) == 0) &&
                     ::utimensat(AT_FDCWD, place.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0;
    if (!set) return failed(entry->path);
  }
  return sync_folder(root_) ? core::ok() : failed("");
}

}  // namespace nova::store::backup
