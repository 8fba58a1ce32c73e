// The one place that draws from the kernel's randomness, alone in its file: a simulation links its own, which repeats.
#include "core/ids.hpp"

#include <sys/random.h>

#include <cstdint>
#include <cstring>
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
  std::uint64_t words_[256];
  std::size_t used_ = std::size(words_);
};

struct Sequence {
  std::mutex mutex;
  RandomBlock random;
  std::int64_t last_ms = -1;
  std::uint32_t counter = 0;
};

constexpr std::uint32_t counter_max = 0xfff;  // the 12 bits of rand_a (RFC 9562, method 1)

// Both digits of every byte.
struct Digits {
  constexpr Digits() {
    for (unsigned byte = 0; byte < 256; ++byte) {
      pairs[2 * byte] = "0123456789abcdef"[byte >> 4];
      pairs[2 * byte + 1] = "0123456789abcdef"[byte & 15];
    }
  }
  char pairs[512] = {};
};
constexpr Digits digits;

// The last `bytes` bytes of a number, the highest first.
char* put(char* at, std::uint64_t number, int bytes) {
  for (int shift = 8 * bytes - 8; shift >= 0; shift -= 8, at += 2)
    std::memcpy(at, digits.pairs + 2 * (number >> shift & 0xff), 2);
  return at;
}

}  // namespace

std::string new_uuid(Timestamp now) {
  static Sequence sequence;
  std::uint64_t high, low;
  {
    std::lock_guard lock(sequence.mutex);
    if (now.ms > sequence.last_ms) {
      sequence.last_ms = now.ms;
      // It starts in the lower half, so that there is room to count.
      sequence.counter = std::uint32_t(sequence.random.next() >> 53);
    } else if (++sequence.counter > counter_max) {
      ++sequence.last_ms;  // borrowed from the future rather than out of order
      sequence.counter = 0;
    }
    high = std::uint64_t(sequence.last_ms) << 16 | 0x7000 | sequence.counter;
    low = 0x8000'0000'0000'0000 | (sequence.random.next() & 0x3fff'ffff'ffff'ffff);
  }
  std::string text(36, '-');
  char* at = put(text.data(), high >> 32, 4);
  at = put(at + 1, high >> 16, 2);
  at = put(at + 1, high, 2);
  at = put(at + 1, low >> 48, 2);
  put(at + 1, low, 6);
  return text;
}

}  // namespace nova::core
