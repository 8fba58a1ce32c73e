// Who wants to hear of commits. Shared by the adapters.
#pragma once
#include "store/store.hpp"

#include <map>
#include <mutex>

namespace nova::store {

/// Calling and ending exclude each other: no call comes after a token is gone. A listener may end its own subscription.
class Listeners : public std::enable_shared_from_this<Listeners> {
 public:
  std::unique_ptr<EventStore::Subscription> add(std::function<void(std::uint64_t head)> call);
  void tell(std::uint64_t head);

 private:
  class Token;

  std::recursive_mutex mutex_;
  std::map<std::uint64_t, std::function<void(std::uint64_t)>> calls_;
  std::uint64_t last_id_ = 0;
};

}  // namespace nova::store
