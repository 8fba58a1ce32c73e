// Reading and writing tar archives through libarchive, with every bound and refusal that hostile bytes need.
#pragma once
#include "core/result.hpp"
#include "drivers/sources/sources.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace nova::sources {

/// What one archive may hold; a smaller one than the default is for tests.
struct Bounds {
  std::uint64_t bytes = unpacked_bytes_max;
  std::size_t files = files_max;
  std::size_t folders = files_max;  ///< names alone can make many
};

/// Unpacks into `target`, which exists and is empty. On error what was written stays for the caller to remove.
core::Status unpack(const std::filesystem::path& archive, const std::filesystem::path& target, Bounds bounds = {});

/// True for a relative path without `..`, empty parts, backslashes or control characters.
bool is_safe_path(std::string_view path);

}  // namespace nova::sources
