#include "store/listeners.hpp"

namespace nova::store {

class Listeners::Token final : public EventStore::Subscription {
 public:
  Token(std::shared_ptr<Listeners> listeners, std::uint64_t id) : listeners_(std::move(listeners)), id_(id) {}
  ~Token() override {
    std::lock_guard lock(listeners_->mutex_);
    listeners_->calls_.erase(id_);
  }

 private:
  std::shared_ptr<Listeners> listeners_;
  std::uint64_t id_;
};

std::unique_ptr<EventStore::Subscription> Listeners::add(std::function<void(std::uint64_t head)> call) {
  std::lock_guard lock(mutex_);
  const auto id = ++last_id_;
  calls_.emplace(id, std::move(call));
  return std::make_unique<Token>(shared_from_this(), id);
}

void Listeners::tell(std::uint64_t head) {
  std::lock_guard lock(mutex_);
  // The list may change under the calls, so it is walked by id; the function is copied, since it may erase itself.
  for (auto at = calls_.begin(); at != calls_.end();) {
    const auto id = at->first;
    const auto call = at->second;
    call(head);
    at = calls_.upper_bound(id);
  }
}

}  // namespace nova::store
