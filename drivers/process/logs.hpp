// Reading what a service wrote, across rotated segments and restarts, while it goes on writing.
#pragma once
#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace nova::process {

/// Lines fit for a log, terminal or stream: valid UTF-8, control characters escaped (a tab becomes a space).
struct LogLines {
  std::vector<std::string> lines;
  std::uint64_t next =
      0;             ///< where to go on: the position after the last line, counted since the instance's first start
  bool gap = false;  ///< what was asked for is partly gone with its segment
};

/// Any thread; each call opens the files anew and keeps nothing. Instances that are gone can be read until their folder
/// makes room for newer ones.
class LogReader {
 public:
  static constexpr std::size_t lines_max = 10000;           ///< in one answer
  static constexpr std::size_t bytes_max = 1024 * 1024;     ///< of one answer, as read
  static constexpr std::size_t line_bytes_max = 16 * 1024;  ///< longer ones come in pieces

  /// `run_dir` as in `Options`.
  explicit LogReader(std::filesystem::path run_dir) : run_dir_(std::move(run_dir)) {}

  /// The newest lines, at most `lines`, a last one without its end included. Errors: `log.not_found`.
  core::Result<LogLines> last(std::string_view tenant, std::string_view key, std::size_t lines) const;
  /// Whole lines from a position on, at most `lines`; none when there is nothing new. A line that is not ended yet
  /// comes later; so a follower asks again with `next`. A position that is gone goes on at the oldest byte, with `gap`.
  core::Result<LogLines> from(std::string_view tenant, std::string_view key, std::uint64_t position,
                              std::size_t lines) const;

 private:
  std::filesystem::path run_dir_;
};

/// One line made harmless, as above.
std::string harmless(std::string_view line);

}  // namespace nova::process
