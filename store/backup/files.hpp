// The files of a state folder: looked for, read, and put into a new folder. One thread.
#pragma once
#include "core/result.hpp"
#include "store/backup/format.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace nova::store::backup {

/// SHA-256, as bytes.
class FileDigest {
 public:
  FileDigest();
  ~FileDigest();
  void add(std::string_view bytes);
  std::string bytes() &&;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};
std::string hex(std::string_view bytes);

/// Files, folders and links below `names` of `root`, in order of path; links are not followed, and what is none of
/// these (sockets, pipes) is left out, as is what vanishes meanwhile. Digests of files are not yet there.
std::vector<FileEntry> list_files(const std::filesystem::path& root, const std::vector<std::string>& names);
/// As it is now; none when it is no file any more.
std::optional<FileEntry> entry_of(int descriptor, const std::string& path);

/// A folder that is being filled. Paths were checked when they were read; no link is made before `finish`, so that no
/// path leads elsewhere.
class NewFolder {
 public:
  explicit NewFolder(std::filesystem::path root) : root_(std::move(root)) {}
  ~NewFolder();

  core::Status begin_file(const std::string& path);
  core::Status add(std::string_view bytes);
  core::Status end_file();
  /// Makes the folder what the entries say, modes and times too; what they do not name goes. `backup.damaged` when a
  /// file is missing or another one. Synced.
  core::Status finish(const std::vector<FileEntry>& entries);

 private:
  core::Status failed(const std::string& path) const;

  std::filesystem::path root_;
  std::string path_;
  int descriptor_ = -1;
  std::unique_ptr<FileDigest> digest_;
  std::vector<std::pair<std::string, std::string>> written_;  ///< path and digest; the last one counts
};

}  // namespace nova::store::backup
