// Waiting for something that another process or thread does: polled, with a deadline, never a bare sleep.
#pragma once
#include <chrono>
#include <functional>

namespace nova::testkit {

/// True as soon as `done` answers true, asked every few milliseconds; false when `limit` has passed.
[[nodiscard]] bool await(const std::function<bool()>& done, std::chrono::milliseconds limit = std::chrono::seconds(10));

}  // namespace nova::testkit
