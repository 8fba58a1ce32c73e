#include "actors/host/effects/queues.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace nova::host {

std::chrono::milliseconds retry_backoff(std::uint32_t attempts) {
  auto delay = retry_delay;
  for (std::uint32_t i = 1; i < attempts && delay < retry_delay_max; ++i) delay *= 2;
  return std::min(delay, retry_delay_max);
}

namespace {

bool comes_before(const store::WorkRow& a, const store::WorkRow& b) {
  return std::tie(a.sequence, a.ask.id) < std::tie(b.sequence, b.ask.id);
}

}  // namespace

void WorkQueue::add(store::WorkRow row) {
  Item item;
  item.order_key = row.ask.order_key.empty() ? core::to_string(row.owner) : row.ask.order_key;
  auto& queue = tenants_[row.owner.tenant].keys[item.order_key];
  // A runner that has just taken up the store may be told of the same work by its commit.
  for (const auto& known : queue)
    if (known.row.ask.id == row.ask.id && known.row.owner == row.owner) return;
  item.row = std::move(row);
  // A commit may tell of its works before those of earlier ones were read from the store.
  auto place = queue.end();
  while (place != queue.begin() && !std::prev(place)->running && comes_before(item.row, std::prev(place)->row)) --place;
  queue.insert(place, std::move(item));
  ++size_;
}

std::optional<store::WorkRow> WorkQueue::next(core::Timestamp now) {
  if (running_ >= running_max_ || tenants_.empty()) return {};
  auto tenant = tenants_.upper_bound(last_tenant_);
  for (std::size_t looked = 0; looked < tenants_.size(); ++looked, ++tenant) {
    if (tenant == tenants_.end()) tenant = tenants_.begin();
    if (tenant->second.running >= works_per_tenant_max) continue;
    // Else a key whose works fail slowly and follow each other would keep its place before all that sort behind it.
    auto& keys = tenant->second.keys;
    auto key = keys.upper_bound(tenant->second.last_key);
    for (std::size_t seen = 0; seen < keys.size(); ++seen, ++key) {
      if (key == keys.end()) key = keys.begin();
      auto& item = key->second.front();
      if (item.running || must_wait(item.row.due_at, now)) continue;
      item.running = true;
      tenant->second.last_key = key->first;
      ++tenant->second.running;
      ++running_;
      last_tenant_ = tenant->first;
      return item.row;
    }
  }
  return {};
}

std::optional<core::Timestamp> WorkQueue::next_due(core::Timestamp now) const {
  std::optional<core::Timestamp> earliest;
  for (const auto& [name, tenant] : tenants_)
    for (const auto& [key, queue] : tenant.keys) {
      const auto& item = queue.front();
      if (item.running || !must_wait(item.row.due_at, now)) continue;
      if (!earliest || item.row.due_at < *earliest) earliest = item.row.due_at;
    }
  return earliest;
}

WorkQueue::Item* WorkQueue::find(const store::WorkRow& row) {
  const auto tenant = tenants_.find(row.owner.tenant);
  if (tenant == tenants_.end()) return nullptr;
  const auto queue =
      tenant->second.keys.find(row.ask.order_key.empty() ? core::to_string(row.owner) : row.ask.order_key);
  if (queue == tenant->second.keys.end()) return nullptr;
  auto& item = queue->second.front();
  return item.row.ask.id == row.ask.id && item.row.owner == row.owner ? &item : nullptr;
}

void WorkQueue::finish(const store::WorkRow& row) {
  auto* item = find(row);
  if (!item || !item->running) return;
  auto& tenant = tenants_[row.owner.tenant];
  --tenant.running;
  --running_;
  --size_;
  const auto key = item->order_key;
  auto queue = tenant.keys.find(key);
  queue->second.pop_front();
  if (queue->second.empty()) tenant.keys.erase(queue);
  if (tenant.keys.empty()) tenants_.erase(row.owner.tenant);
}

void WorkQueue::again(const store::WorkRow& row) {
  auto* item = find(row);
  if (!item || !item->running) return;
  item->row = row;
  item->running = false;
  --tenants_[row.owner.tenant].running;
  --running_;
}

void TimerQueue::set(const core::EntityKey& owner, const std::string& id, std::optional<core::Timestamp> at,
                     std::string cause) {
  const Id key{owner, id};
  if (const auto old = by_id_.find(key); old != by_id_.end()) {
    by_time_.erase({old->second.at, key});
    by_id_.erase(old);
  }
  if (!at) return;
  by_id_[key] = {owner, id, *at, std::move(cause)};
  by_time_.insert({*at, key});
}

std::vector<store::TimerRow> TimerQueue::due(core::Timestamp now) {
  std::vector<store::TimerRow> fired;
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    const auto key = by_time_.begin()->second;
    by_time_.erase(by_time_.begin());
    fired.push_back(std::move(by_id_.at(key)));
    by_id_.erase(key);
  }
  return fired;
}

std::optional<core::Timestamp> TimerQueue::next() const {
  if (by_time_.empty()) return {};
  return by_time_.begin()->first;
}

bool ReportQueue::add(core::EntityKey to, core::Report report) {
  auto& queue = waiting_[std::move(to)];
  bool kept_all = true;
  if (queue.size() >= per_entity_max) {
    // The front may be under way already; the one behind it is the oldest that can go.
    queue.erase(queue.begin() + 1);
    --size_;
    kept_all = false;
  }
  queue.push_back(std::move(report));
  ++size_;
  return kept_all;
}

const core::Report* ReportQueue::front(const core::EntityKey& to) const {
  const auto queue = waiting_.find(to);
  return queue == waiting_.end() ? nullptr : &queue->second.front();
}

std::vector<core::EntityKey> ReportQueue::waiting() const {
  std::vector<core::EntityKey> keys;
  for (const auto& [key, queue] : waiting_) keys.push_back(key);
  return keys;
}

void ReportQueue::pop(const core::EntityKey& to) {
  const auto queue = waiting_.find(to);
  if (queue == waiting_.end()) return;
  queue->second.pop_front();
  --size_;
  if (queue->second.empty()) waiting_.erase(queue);
}

}  // namespace nova::host
