// On whose behalf a thread reads the store. It stands beside the port because it follows from who asks and holds
// whatever is asked for: a store that keeps rows apart by itself (PostgreSQL, docs/postgres.md) needs no word of the
// question.
#pragma once
#include <string>
#include <vector>

namespace nova::store {

/// What a caller may see at most, by who they are; what they may do with it is judged elsewhere.
struct Readable {
  bool everything = false;           ///< the node itself, its operator, the platform's people
  std::vector<std::string> tenants;  ///< all rows of these
  std::string user;                  ///< the account whose own rows are seen wherever they are; empty: none
};

/// While one lives, reads of its thread show no more than `readable`; without one they are the node's own. The
/// innermost counts. Lives on the stack, around calls of the store; `readable` outlives it.
class ReadScope {
 public:
  explicit ReadScope(const Readable& readable);
  ~ReadScope();
  ReadScope(const ReadScope&) = delete;
  ReadScope& operator=(const ReadScope&) = delete;

  /// Of the calling thread; null: all may be shown.
  static const Readable* limits();

 private:
  const Readable* before_;
};

}  // namespace nova::store
