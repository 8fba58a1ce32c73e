// Where several nodes count together; behind it PostgreSQL (store/postgres/shared_rates.hpp). A node alone has none.
#pragma once
#include "governance/limits/limiter.hpp"

#include <optional>

namespace nova::limits {

class Shared {
 public:
  virtual ~Shared() = default;

  struct Passing {
    bool passes = true;
    std::uint32_t used = 0;
    Millis retry_after = 0;
  };
  /// Counts one more if it passes, in the eyes of all nodes together. Blocks for a round trip, a second at most;
  /// nothing when nobody answers, and then a node's own count is all there is. Any thread.
  virtual std::optional<Passing> take(const Subject& subject, PolicyId policy, Span span) = 0;
};

}  // namespace nova::limits
