#include "node/follower.hpp"

#include "core/time.hpp"

#include <algorithm>
#include <chrono>

namespace nova::node {

Follower::Follower(authority::Book& book, authority::Feed& feed, store::EventStore& store, std::string node_name,
                   std::function<void()> each_time, Followed also)
    : book_(book),
      feed_(feed),
      store_(store),
      node_name_(std::move(node_name)),
      each_time_(std::move(each_time)),
      also_(std::move(also)) {
  book_.fresh_at(std::chrono::steady_clock::now());
  subscription_ = store_.subscribe([this](std::uint64_t) {
    std::lock_guard lock(mutex_);
    behind_ = true;
    wake_.notify_one();
  });
  thread_ = std::thread([this] { run(); });
}

Follower::~Follower() {
  subscription_.reset();
  {
    std::lock_guard lock(mutex_);
    end_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

// A node is registered by its first commit. What was in the log at the look before was written by this node, if it is
// alone now: that look found nobody else either, or all was read.
core::Status Follower::look() {
  // Who may not write may have lost its name to another process, whose commits look like its own.
  if (!store_.health().writable) return core::unavailable("store.read_only", "the store cannot be written to");
  const auto head = store_.head();
  auto nobody = alone();
  if (!nobody) return std::move(nobody).error();
  if (*nobody) {
    feed_.skip_to(head_before_);
    if (also_.skip_to) also_.skip_to(head_before_);
  } else {
    if (auto followed = feed_.follow(store_); !followed) return followed;
    if (also_.follow)
      if (auto followed = also_.follow(); !followed) return followed;
  }
  head_before_ = head;
  return core::ok();
}

core::Result<bool> Follower::alone() const {
  store::DocumentQuery query;
  query.tenant = "system";
  query.kind = "node";
  query.limit = 1000;
  auto page = store_.documents(query);
  if (!page) return std::move(page).error();
  if (!page->next.empty()) return false;
  return std::all_of(page->items.begin(), page->items.end(), [&](const store::Document& node) {
    // One that came and left since is no stranger to the log.
    return node.key.id == node_name_ || (node.status == "left" && node.position <= head_before_);
  });
}

void Follower::run() {
  constexpr std::chrono::milliseconds at_most{200}, at_least{250};
  std::unique_lock lock(mutex_);
  while (!end_) {
    wake_.wait_for(lock, at_least, [this] { return behind_ || end_; });
    behind_ = false;
    if (end_) return;
    lock.unlock();
    const auto begun = std::chrono::steady_clock::now();
    const auto begun_monotonic = core::system_clock().monotonic();
    if (look()) {
      book_.fresh_at(begun);
      if (also_.heard) also_.heard(begun_monotonic);
      if (each_time_) each_time_();
    }
    lock.lock();
    // Own commits wake it too: a busy log is read in steps.
    wake_.wait_for(lock, at_most, [this] { return end_; });
  }
}

}  // namespace nova::node
