// Small files written whole, and what the machine allows HAProxy.
#pragma once
#include "core/result.hpp"
#include "drivers/edge/projection.hpp"

#include <filesystem>
#include <string>

namespace nova::edge {

/// Written and synced; not atomic by itself.
core::Status write_whole(const std::filesystem::path& file, const std::string& text);
/// Renames and syncs the folder: after a power cut there is the old file or the new one.
core::Status replace_file(const std::filesystem::path& from, const std::filesystem::path& to);
/// Empty when it cannot be read. At most 16 MiB.
std::string read_whole(const std::filesystem::path& file);

/// Where the node is root, the worker becomes `haproxy` or `nobody`.
void choose_user(Ground& ground);
/// Half the open files that this process may have, at most 4000: a connection takes two.
unsigned connections_for_limit();

}  // namespace nova::edge
