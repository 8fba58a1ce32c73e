// A batch that writes events and documents only, each entity once: what nearly all batches are. One call of
// `nova.append_plain`, a third of what `nova.append` costs. Writer's thread only.
#pragma once
#include "core/time.hpp"
#include "store/postgres/batch/writing.hpp"
#include "store/postgres/connection/session.hpp"
#include "store/queue.hpp"

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace nova::store::postgres {

class PlainBatch {
 public:
  /// False, and nothing is kept, when some append asks for more or two are of one entity. The jobs must outlive
  /// `append`.
  bool take(const std::vector<Job*>& appends);
  /// Where the log ended before it, when all was made under `id`. Nullopt: nothing was, for the session failed or an
  /// append is refused, which `nova.append` says of each by itself.
  std::optional<std::uint64_t> append(Session& session, const Writing& writing, const std::string& id,
                                      core::Timestamp now);

 private:
  bool fits(const Append& change);
  void add(const Append& change, std::int64_t number);

  using Of = Column::Of;
  Column a_text_{Of::text}, a_number_{Of::int8}, a_bytes_{Of::bytea};
  Column e_number_{Of::int8}, e_text_{Of::text}, e_bytes_{Of::bytea};
  Column i_text_{Of::text}, i_expires_{Of::int8}, i_answer_{Of::bytea};
  std::int64_t events_ = 0;
  std::unordered_set<core::EntityKey, core::EntityKeyHash> keys_;
  std::unordered_set<std::string_view> scopes_;
};

}  // namespace nova::store::postgres
