// Missing outcomes for the record (S05): an intent stands in the log before its effect begins, its outcome after it
// ended. One whose outcome is not there in time is written down as an event, once, and so is that it came after all.
#pragma once
#include "core/envelope.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "store/store.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <unordered_map>

namespace nova::audit {

/// From the event that asked to its outcome, all attempts included. A driver's attempts are spent after about four
/// minutes; between entities they go on for an hour, and that is worth knowing before.
inline constexpr std::chrono::milliseconds outcome_due = std::chrono::minutes(10);
inline constexpr std::size_t outcomes_page = 500;      ///< rows read at once
inline constexpr std::size_t outcomes_at_once = 1000;  ///< written down at one look; the rest at the next

/// All of it outlives the rest.
struct OutcomeParts {
  core::Clock* clock = &core::system_clock();
  const store::EventStore* store = nullptr;
  std::function<bool(const std::string& tenant)> tenant_exists;
  std::function<void(core::CommandEnvelope)> submit;  ///< carries the command out; what fails is sent again
  std::chrono::milliseconds due = outcome_due;
};

/// The id of an effect's record: 32 digits of SHA-256 over who asked and their own id of it.
std::string effect_id(const core::EntityKey& owner, const std::string& work);

/// Compares what is outstanding in the store with the clock, and remembers nothing itself: a record is made once also
/// when nodes die, and when several look at one store.
class Outcomes {
 public:
  explicit Outcomes(OutcomeParts parts) : parts_(std::move(parts)) {}
  Outcomes(const Outcomes&) = delete;
  Outcomes& operator=(const Outcomes&) = delete;

  /// One look, which reads what is overdue and a page: what became overdue is written down, and what came after all.
  /// Not by two threads at once. The error is one of reading; the next look makes good for it.
  core::Status look();
  /// At the last look. Any thread.
  std::size_t missing() const { return missing_; }

 private:
  using Records = std::unordered_map<std::string, core::EntityKey>;  ///< that say "missing", by id

  core::Result<Records> records() const;
  core::Result<core::Timestamp> asked_at(const store::WorkRow& row) const;
  core::Status compare(Records& records, std::size_t& overdue) const;
  void miss(const store::WorkRow& row, const std::string& id, core::Timestamp asked) const;
  void send(core::EntityKey to, std::string name, std::string body, const std::string& cause) const;

  const OutcomeParts parts_;
  std::atomic<std::size_t> missing_{0};
};

}  // namespace nova::audit
