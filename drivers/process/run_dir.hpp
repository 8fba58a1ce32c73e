// What is on disk about an instance: a folder of its own with the keeper's record and socket, the log, and the driver's
// memory. Plain files, read by one driver at a time.
#pragma once
#include "core/result.hpp"
#include "core/service/service.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::process {

/// What the keeper wrote (keeper/record.hpp).
struct KeeperRecord {
  std::string phase, boot, run, note;
  pid_t keeper = 0, service = 0;
  std::uint64_t keeper_start = 0, service_start = 0;
  std::int64_t started_ms = 0, ended_ms = 0;
  int code = -1, signal = 0;
  bool oom = false;
  int leftovers = 0;
  bool exited() const { return phase == "exited"; }
};

/// An observation, as it goes out and as it is kept to be given again.
struct Observation {
  std::uint64_t sequence = 0;
  std::string phase, code, message;
  core::Timestamp at;
  service::ProcessFacts facts;
};

/// What the driver must not forget about a key when the node dies.
struct Memory {
  std::string tenant, key;
  core::EntityKey report_to;
  std::uint64_t attempt = 0;
  std::string rest;       ///< why nothing runs although it is wanted: "quarantined", "failed", "completed"; or empty
  bool admitted = false;  ///< it was ready once in this attempt
  std::int64_t stop_ms = 10000;
  std::string fingerprint;   ///< of what was started last
  std::string run;           ///< id of the last start
  std::string reported_run;  ///< the last start whose end was dealt with
  Observation last;          ///< sequence 0: none yet
};

class InstanceDir {
 public:
  InstanceDir() = default;
  explicit InstanceDir(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::string name() const { return path_.filename().string(); }
  std::filesystem::path log() const { return path_ / "log"; }
  std::filesystem::path lock() const { return path_ / "lock"; }

  std::optional<KeeperRecord> record() const;
  std::optional<Memory> memory() const;
  /// False when the disk does not take it; the old one then still stands.
  bool remember(const Memory& memory) const;

 private:
  std::filesystem::path path_;
};

/// The folder of a key, made when it is missing and `create` is set. Names are short digests, so that any key fits.
std::optional<InstanceDir> find_dir(const std::filesystem::path& run_dir, std::string_view tenant, std::string_view key,
                                    bool create);

/// All folders of instances there are, running or not.
std::vector<InstanceDir> all_dirs(const std::filesystem::path& run_dir);

/// Lines of `name value` as both files hold them.
std::optional<std::string> read_small_file(const std::filesystem::path& path, std::size_t size_max = 64 * 1024);
bool replace_file(const std::filesystem::path& path, std::string_view text);

}  // namespace nova::process
