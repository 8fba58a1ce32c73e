#include "gateway/reads.hpp"

#include "gateway/routes/routes.hpp"
#include "governance/authority/readable.hpp"
#include "store/read_scope.hpp"

namespace nova::gateway {
namespace {

// Without a book there are only the node's own tokens.
store::Readable readable(const Behind& behind, const core::Principal& caller) {
  const auto* book = behind.options.identities.book;
  if (!book) return {true, {}, {}};
  return authority::readable_by(*book, caller, behind.clock.now());
}

}  // namespace

core::Result<Seen> Reads::get(const core::EntityKey& key) const {
  return behind_.cache.get(key, [this] { return readable(behind_, caller_); });
}

core::Result<store::DocumentPage> Reads::documents(const store::DocumentQuery& query) const {
  const auto limits = readable(behind_, caller_);
  const store::ReadScope scope(limits);
  return behind_.store.documents(query);
}

core::Result<std::vector<core::StoredEvent>> Reads::read(const core::EntityKey& key, std::uint64_t after_version,
                                                         std::size_t limit) const {
  const auto limits = readable(behind_, caller_);
  const store::ReadScope scope(limits);
  return behind_.store.read(key, after_version, limit);
}

core::Result<store::EventStore::LogSlice> Reads::read_all(std::uint64_t position, const store::EventFilter& filter,
                                                          std::size_t limit) const {
  const auto limits = readable(behind_, caller_);
  const store::ReadScope scope(limits);
  return behind_.store.read_all(position, filter, limit);
}

core::Result<std::vector<core::StoredEvent>> Reads::read_back(std::uint64_t position, const store::EventFilter& filter,
                                                              std::size_t limit) const {
  const auto limits = readable(behind_, caller_);
  const store::ReadScope scope(limits);
  return behind_.store.read_back(position, filter, limit);
}

core::Result<std::vector<store::DeadLetter>> Reads::dead_letters(const std::string& status, const std::string& after,
                                                                 std::size_t limit) const {
  const auto limits = readable(behind_, caller_);
  const store::ReadScope scope(limits);
  return behind_.store.dead_letters(status, after, limit);
}

}  // namespace nova::gateway
