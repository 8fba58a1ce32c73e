// Where a hash lies in a sorted list of hashes: buckets by leading bits, then binary search, so that hashes which an
// attacker made equal cost a logarithm and no more.
#pragma once
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace nova::cedar {

/// Reading is safe for any number of threads.
class HashIndex {
 public:
  HashIndex() = default;
  /// `sorted` ascending; four buckets a hash.
  explicit HashIndex(std::vector<std::uint64_t> sorted) : hashes_(std::move(sorted)) {
    unsigned bits = 1;
    while (bits < 24 && (std::size_t{1} << bits) < hashes_.size() * 4) ++bits;
    shift_ = 64 - bits;
    starts_.assign((std::size_t{1} << bits) + 1, 0);
    for (const std::uint64_t hash : hashes_) ++starts_[(hash >> shift_) + 1];
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    filter_shift_ = 64 - (bits + 2 > 6 ? bits + 2 : 6);
    filter_.assign((std::size_t{1} << (64 - filter_shift_)) / 64, 0);
    for (const std::uint64_t hash : hashes_)
      filter_[hash >> filter_shift_ >> 6] |= std::uint64_t{1} << (hash >> filter_shift_ & 63);
  }

  /// Places [first, second) among which every place of the hash is; mostly none or one. With more than `few` of them
  /// they are all of this hash. The caller compares what lies there anyway, which saves looking at the hash itself.
  std::pair<std::size_t, std::size_t> near(std::uint64_t hash) const {
    if (hashes_.empty()) return {0, 0};
    if ((filter_[hash >> filter_shift_ >> 6] >> (hash >> filter_shift_ & 63) & 1) == 0) return {0, 0};
    const std::size_t low = starts_[hash >> shift_];
    const std::size_t high = starts_[(hash >> shift_) + 1];
    if (high - low <= few) return {low, high};
    const auto [first, last] = std::equal_range(at(low), at(high), hash);
    return {static_cast<std::size_t>(first - hashes_.begin()), static_cast<std::size_t>(last - hashes_.begin())};
  }

  static constexpr std::size_t few = 8;

 private:
  std::vector<std::uint64_t>::const_iterator at(std::size_t i) const {
    return hashes_.begin() + static_cast<std::ptrdiff_t>(i);
  }
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint32_t> starts_;
  unsigned shift_ = 63;
  std::vector<std::uint64_t> filter_;  // a bit for each of sixteen places a hash: most of what is not there ends here
  unsigned filter_shift_ = 58;
};

}  // namespace nova::cedar
