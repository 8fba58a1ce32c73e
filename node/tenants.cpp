#include "node/tenants.hpp"

#include <mutex>

namespace nova::node {

core::Status TenantBook::load(const store::EventStore& store) {
  store::DocumentQuery query;
  query.kind = "tenant";
  query.limit = 1000;
  for (;;) {
    auto page = store.documents(query);
    if (!page) return page.error();
    std::unique_lock lock(mutex_);
    for (const auto& document : page->items) statuses_[document.key.tenant] = document.status;
    lock.unlock();
    if (page->next.empty()) return core::ok();
    query.after = page->next;
  }
}

void TenantBook::committed(const core::EntityKey& key, const std::string& status) {
  if (key.kind != "tenant") return;
  std::unique_lock lock(mutex_);
  statuses_[key.tenant] = status;
}

std::string TenantBook::status_of(const std::string& tenant) const {
  std::shared_lock lock(mutex_);
  const auto found = statuses_.find(tenant);
  return found == statuses_.end() ? std::string() : found->second;
}

}  // namespace nova::node
