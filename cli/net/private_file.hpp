// Files that only their owner may read: whole or not at all, and one writer at a time.
#pragma once
#include "core/result.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace nova::cli {

/// The text of a file that is its reader's own and closed to others; none when there is no file.
/// `config.readable_by_others` with the remedy, `config.not_readable`, `config.too_large`.
core::Result<std::optional<std::string>> read_private(const std::filesystem::path& path, std::size_t bytes_max);

/// Written beside with mode 0600, synced and renamed, so that a full disk or a kill leaves the old file. Makes the
/// folder above it, closed to others. `config.not_written`.
core::Status write_private(const std::filesystem::path& path, std::string_view text);

/// Held by one process at a time, until it is destroyed or its process ends. The file beside what it protects stays: to
/// remove it would let two hold locks on different files of one name.
class FileLock {
 public:
  /// `config.busy` when another holds it for longer than `limit`.
  static core::Result<FileLock> take(const std::filesystem::path& path, std::chrono::milliseconds limit);
  FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

}  // namespace nova::cli
