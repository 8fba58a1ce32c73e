#include "store/postgres/loader.hpp"

#include "store/postgres/reads.hpp"
#include "store/quiet_thread.hpp"
#include "store/rules.hpp"

#include <algorithm>
#include <unordered_map>

namespace nova::store::postgres {
namespace {

constexpr std::size_t waiting_max = 20'000;  ///< as many as appends may wait
constexpr std::size_t batch_max = 256;       ///< documents of one answer: at most 16 MiB

}  // namespace

Loader::~Loader() { stop(); }

void Loader::start() {
  thread_ = quiet_thread([this] { run(); });
}

void Loader::load(const core::EntityKey& key, Done done) {
  std::unique_lock lock(mutex_);
  if (closed_ || waiting_.size() >= waiting_max) {
    const bool closed = closed_;
    lock.unlock();
    return done(closed ? core::unavailable("store.unavailable", "the store is closed") : overloaded());
  }
  waiting_.push_back({key, std::move(done)});
  if (waiting_.size() == 1) arrived_.notify_one();
}

void Loader::stop() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  arrived_.notify_all();
  if (thread_.joinable() && thread_.get_id() != std::this_thread::get_id()) thread_.join();
}

void Loader::run() {
  std::vector<Ask> asks;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      asks.swap(waiting_);
    }
    answer(asks);
    asks.clear();
  }
}

void Loader::answer(std::vector<Ask>& asks) {
  for (std::size_t from = 0; from < asks.size(); from += batch_max) {
    const auto end = std::min(asks.size(), from + batch_max);
    std::unordered_map<core::EntityKey, std::optional<Document>, core::EntityKeyHash> found;
    std::vector<core::EntityKey> keys;
    for (auto i = from; i < end; ++i)
      if (found.try_emplace(asks[i].key).second) keys.push_back(asks[i].key);
    auto documents = readers_.read([&](Session& reader) { return load_documents(reader, keys); });
    if (documents)
      for (auto& document : *documents) {
        auto key = document.key;
        known_.add(key);
        found[key] = std::move(document);
      }
    for (auto i = from; i < end; ++i) {
      if (documents)
        asks[i].done(found[asks[i].key]);
      else
        asks[i].done(documents.error());
    }
  }
}

}  // namespace nova::store::postgres
