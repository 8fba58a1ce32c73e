// Rate limits of several nodes on one database: small ones are counted there, for the others nodes tell each other what
// they let pass.
#pragma once
#include "governance/limits/limits.hpp"
#include "store/postgres/postgres_store.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace nova::store {

struct SharedRatesOptions {
  PostgresOptions database;  ///< url, password file, node and limits of time
  /// How often nodes tell each other. Twice this, times what one node lets pass in that time, is how far all nodes
  /// together may be above a limit.
  std::chrono::milliseconds interval{100};
  /// Called after each exchange, on its thread; may read the store.
  std::function<void()> after;
};

/// One thread and two connections of its own. While the database is away nodes count alone, and go on together by
/// themselves. Ends its thread when destroyed.
class SharedRates : public limits::Shared {
 public:
  /// `limits` outlives it. The schema is there: the store was opened before.
  static std::unique_ptr<SharedRates> start(limits::Limits& limits, SharedRatesOptions options);
};

}  // namespace nova::store
