// Sources of services, kept by content: a packed folder is named by the SHA-256 of its archive, so that a rollback runs
// exactly what ran.
#pragma once
#include "actors/host/driver.hpp"
#include "core/result.hpp"

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace nova::sources {

inline constexpr std::uint64_t archive_bytes_max = 64ull << 20;
inline constexpr std::uint64_t unpacked_bytes_max = 256ull << 20;
inline constexpr std::size_t files_max = 20000;
inline constexpr std::size_t path_bytes_max = 1024;

/// Unpacked sources below one folder: <hex of the digest>/. Any thread; unpacking is done by the caller's thread, one
/// at a time. Archives are hostile until they are unpacked: links, devices, absolute paths and `..` are refused.
class SourceStore {
 public:
  /// Makes the folder; removes what a crash left half unpacked. `source.cannot_write`.
  static core::Result<std::unique_ptr<SourceStore>> open(std::filesystem::path dir);
  virtual ~SourceStore() = default;

  /// Takes the archive in `file` (left where it is). True when it is new, false when it was there already. Nothing is
  /// kept unless everything is right: `source.digest_mismatch` (422), `source.unsafe_path`, `source.too_large` (413),
  /// `source.damaged`, `source.cannot_write`.
  virtual core::Result<bool> put(const std::string& digest, const std::filesystem::path& file) = 0;
  virtual bool has(const std::string& digest) const = 0;
  /// Where it lies; `source.not_found`.
  virtual core::Result<std::filesystem::path> path_of(const std::string& digest) const = 0;
  /// Removes all that is not in use; how many went.
  virtual core::Result<std::size_t> collect(const std::set<std::string>& digests_in_use) = 0;
};

/// "sha256:<hex>" of a file, or `source.damaged` when it cannot be read.
core::Result<std::string> digest_of_file(const std::filesystem::path& file);

struct Packed {
  std::string digest;
  std::string bytes;  ///< a tar archive
  std::size_t files = 0;
};
/// Packs a folder so that the same content has the same digest everywhere: sorted, no times, no owners, modes 0644 or
/// 0755. Leaves out .git and __pycache__; links are refused, as the node would refuse them. `source.not_a_folder`,
/// `source.unsafe_path`, `source.too_large`.
core::Result<Packed> pack_folder(const std::filesystem::path& folder);

/// The driver "sources", verb "fetch", payload {"digests":[...]}: done when all are there, else `source.not_found`
/// naming the first that is not. Idempotent. The store outlives it.
std::unique_ptr<host::WorkDriver> make_sources_driver(SourceStore& store);

}  // namespace nova::sources
