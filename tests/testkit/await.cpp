#include "tests/testkit/await.hpp"

#include <poll.h>

namespace nova::testkit {

bool await(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (done()) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    ::poll(nullptr, 0, 5);
  }
}

}  // namespace nova::testkit
