#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace nova::store::postgres {

/// Who writes, as the database knows it.
struct Writing {
  std::string node;
  std::uint64_t epoch = 0;
  std::chrono::milliseconds lease{0};
  std::uint64_t seen = 0;  ///< the log may not end before this
};

}  // namespace nova::store::postgres
