#include "gateway/document_cache.hpp"

#include <utility>

namespace nova::gateway {
namespace {

constexpr std::size_t slice = 500;
// After so many unseen events it is cheaper to begin again than to look at each.
constexpr std::uint64_t follow_max = 5000;
// Of an entry beside its texts: list and hash nodes, the shared block.
constexpr std::size_t entry_overhead = 400;

std::size_t bytes_of(const store::Document& d) {
  return entry_overhead + 2 * (d.key.tenant.size() + d.key.kind.size() + d.key.id.size()) + d.body.size() +
         d.reason.size() + d.parent.size();
}

}  // namespace

DocumentCache::DocumentCache(const store::EventStore& store, std::size_t bytes_max)
    : store_(store), bytes_max_(bytes_max), followed_(store.head()) {}

core::Result<Seen> DocumentCache::get(const core::EntityKey& key, const std::function<store::Readable()>& readable) {
  const std::uint64_t head = store_.head();
  {
    std::lock_guard lock(mutex_);
    if (auto followed = follow(head); !followed) return std::move(followed).error();
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
      ++hits_;
      entries_.splice(entries_.begin(), entries_, found->second);
      return Seen{found->second->document, head};
    }
    ++misses_;
    ++loading_[key].readers;
  }
  const auto limits = readable();
  auto read = [&] {
    const store::ReadScope scope(limits);
    return store_.document(key);
  }();
  std::lock_guard lock(mutex_);
  const auto loading = loading_.find(key);
  const bool changed = loading->second.changed;
  if (--loading->second.readers == 0) loading_.erase(loading);
  if (!read) return std::move(read).error();
  if (!read->has_value()) return Seen{nullptr, head};
  auto document = std::make_shared<const store::Document>(std::move(**read));
  if (!changed) keep(key, document);
  return Seen{std::move(document), head};
}

core::Status DocumentCache::follow(std::uint64_t head) {
  if (head > followed_ && head - followed_ > follow_max) {
    forget_all();
    followed_ = head;
  }
  while (followed_ < head) {
    auto read = store_.read_all(followed_, {}, slice);
    if (!read) return std::move(read).error();
    for (const auto& event : read->events) forget(event.entity);
    if (read->scanned_to <= followed_) break;
    followed_ = read->scanned_to;
  }
  return core::ok();
}

void DocumentCache::forget(const core::EntityKey& key) {
  if (const auto loading = loading_.find(key); loading != loading_.end()) loading->second.changed = true;
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  bytes_ -= found->second->bytes;
  entries_.erase(found->second);
  by_key_.erase(found);
}

void DocumentCache::forget_all() {
  for (auto& [key, loading] : loading_) loading.changed = true;
  entries_.clear();
  by_key_.clear();
  bytes_ = 0;
}

void DocumentCache::keep(const core::EntityKey& key, std::shared_ptr<const store::Document> document) {
  const std::size_t bytes = bytes_of(*document);
  if (bytes > bytes_max_ || by_key_.contains(key)) return;
  entries_.push_front({key, std::move(document), bytes});
  by_key_.emplace(key, entries_.begin());
  bytes_ += bytes;
  while (bytes_ > bytes_max_) forget(core::EntityKey(entries_.back().key));
}

DocumentCache::Stats DocumentCache::stats() const {
  std::lock_guard lock(mutex_);
  return {hits_, misses_, bytes_, entries_.size()};
}

}  // namespace nova::gateway
