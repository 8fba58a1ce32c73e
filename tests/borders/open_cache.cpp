// In the place of gateway/document_cache.cpp: every read is one of the store.
#include "gateway/document_cache.hpp"

namespace nova::gateway {

DocumentCache::DocumentCache(const store::EventStore& store, std::size_t bytes_max)
    : store_(store), bytes_max_(bytes_max) {}

core::Result<Seen> DocumentCache::get(const core::EntityKey& key, const std::function<store::Readable()>& readable) {
  const auto limits = readable();
  const store::ReadScope scope(limits);
  const auto head = store_.head();
  auto read = store_.document(key);
  if (!read) return std::move(read).error();
  if (!read->has_value()) return Seen{nullptr, head};
  return Seen{std::make_shared<const store::Document>(std::move(**read)), head};
}

DocumentCache::Stats DocumentCache::stats() const { return {0, 0, 0, 0}; }

}  // namespace nova::gateway
