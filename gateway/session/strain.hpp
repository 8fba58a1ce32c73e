// Whether the I/O thread is the narrow place of a node.
#pragma once
#include <chrono>

namespace nova::gateway::session {

/// Routes that wait for nothing run on the I/O thread: that spares a hand-over, and on a machine whose cores are all in
/// use nothing else counts. Where there are cores to spare, a thread that is busy all the time had better hand on what
/// others can do. Looked at some times a second; handing on relieves the thread, so a share of the requests settles.
class Strain {
 public:
  explicit Strain(unsigned cores) : spare_(cores > cores_in_use) {}

  /// `spent` is the thread's processor time so far.
  bool look(std::chrono::steady_clock::time_point now, std::chrono::nanoseconds spent) {
    const auto passed = now - at_;
    const bool busy = spent - spent_ > passed * busy_percent / 100;
    const bool first = at_ == std::chrono::steady_clock::time_point();
    at_ = now;
    spent_ = spent;
    return spare_ && busy && !first;
  }

 private:
  static constexpr unsigned cores_in_use = 2;  ///< the I/O thread's and the store writer's
  static constexpr int busy_percent = 85;

  const bool spare_;
  std::chrono::steady_clock::time_point at_;
  std::chrono::nanoseconds spent_{};
};

}  // namespace nova::gateway::session
