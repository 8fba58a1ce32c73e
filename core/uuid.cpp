// The one place that draws from the kernel's randomness, alone in its file: a simulation links its own, which repeats.
#include "core/ids.hpp"

#include <sys/random.h>

#include <cstdint>
#include <mutex>
#include <stdexcept>

namespace nova::core {
namespace {

// Random bytes are drawn from the kernel in blocks: one system call for many identifiers.
class RandomBlock {
 public:
  std::uint64_t next() {
    if (used_ == std::size(words_)) {
      if (getrandom(words_, sizeof words_, 0) != ssize_t(sizeof words_)) throw std::runtime_error("getrandom failed");
      used_ = 0;
    }
    return words_[used_++];
  }

 private:
  std::uint64_t words_[32];
  std::size_t used_ = std::size(words_);
};

struct Sequence {
  std::mutex mutex;
  RandomBlock random;
  std::int64_t last_ms = -1;
  std::uint32_t counter = 0;
};

constexpr std::uint32_t counter_max = 0xfff;  // the 12 bits of rand_a (RFC 9562, method 1)

char hex(std::uint64_t nibble) { return "0123456789abcdef"[nibble & 15]; }

}  // namespace

std::string new_uuid(Timestamp now) {
  static Sequence sequence;
  std::uint64_t high, low;
  {
    std::lock_guard lock(sequence.mutex);
    const std::uint64_t random = sequence.random.next();
    if (now.ms > sequence.last_ms) {
      sequence.last_ms = now.ms;
      sequence.counter = std::uint32_t(random >> 53);  // start in the lower half, so that there is room to count
    } else if (++sequence.counter > counter_max) {
      ++sequence.last_ms;  // borrowed from the future rather than out of order
      sequence.counter = 0;
    }
    high = std::uint64_t(sequence.last_ms) << 16 | 0x7000 | sequence.counter;
    low = 0x8000'0000'0000'0000 | (sequence.random.next() & 0x3fff'ffff'ffff'ffff);
  }
  std::string text(36, '-');
  std::size_t at = 0;
  for (int i = 60; i >= 0; i -= 4) {
    if (at == 8 || at == 13) ++at;
    text[at++] = hex(high >> i);
  }
  ++at;
  for (int i = 60; i >= 0; i -= 4) {
    if (at == 23) ++at;
    text[at++] = hex(low >> i);
  }
  return text;
}

}  // namespace nova::core
