// Denials for the record (S05): equal ones are counted and written down together, so that whoever asks a thousand times
// a second for what they may not have fills a counter, not the log.
#pragma once
#include "core/envelope.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace nova::audit {

struct Denial {
  core::Principal who;
  std::string tenant;    ///< that it was asked of
  std::string act;       ///< "platform.suspend"; "GET /v1/users"
  std::string resource;  ///< may be empty
  std::string code;      ///< what they were told
  std::vector<std::string> rules;
  std::string constitution;
  std::string read = {};  ///< the attributes that the rules read, JSON by path; no part of what makes two of them equal
};

/// Different denials that wait to be written or may come again; further ones are counted as one, by `rules_overflow`.
inline constexpr std::size_t denials_max = 4096;
/// The first of its sort is written within a second; while it goes on, the gaps double from one second to this.
inline constexpr std::chrono::milliseconds gap_max = std::chrono::minutes(1);
/// Nothing for so long, and it is forgotten here; the next one begins anew with a gap of a second.
inline constexpr std::chrono::milliseconds memory = std::chrono::minutes(10);
inline constexpr std::size_t read_bytes_max = 8 * 1024;  ///< of the attributes; what is longer is left out
inline constexpr std::string_view rules_overflow = "audit.overflow";

struct Parts {
  core::Clock* clock = &core::system_clock();
  std::function<bool(const std::string& tenant)> tenant_exists;
  /// Carries the command out; answers once, later, from any thread.
  std::function<void(core::CommandEnvelope, std::function<void(core::Status)>)> submit;
};

/// Any thread; `note` takes about a microsecond and never blocks for longer than a lock.
class Denials {
 public:
  explicit Denials(Parts parts);
  Denials(const Denials&) = delete;
  Denials& operator=(const Denials&) = delete;

  void note(const Denial& denial);
  /// Writes what is due now; all of it when `at_once`. What could not be written is due again. Not by two at once.
  void flush(bool at_once = false);
  /// Writes all, and waits for at most `limit`.
  void finish(std::chrono::milliseconds limit);
  /// Denials that are not written yet.
  std::uint64_t waiting() const;

 private:
  struct Line {
    Denial denial;
    std::uint64_t count = 0;  ///< not written yet
    core::Timestamp first_at, last_at, due_at;
    std::chrono::milliseconds gap{1000};
    bool on_its_way = false;
  };
  /// What answers that come late still need.
  struct Book {
    std::mutex mutex;
    std::condition_variable changed;
    std::unordered_map<std::string, Line> lines;  ///< by the entity's id
    std::size_t on_its_way = 0;
    void written(const std::string& id, std::uint64_t count, core::Timestamp first_at, const core::Status& outcome);
  };

  const Parts parts_;
  const std::shared_ptr<Book> book_ = std::make_shared<Book>();
};

/// The entity's id: 32 digits of SHA-256 over who, what and the rules.
std::string denial_id(const Denial& denial);

}  // namespace nova::audit
