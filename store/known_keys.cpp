#include "store/known_keys.hpp"

namespace nova::store {

KnownKeys::Place KnownKeys::place_of(const core::EntityKey& key) {
  // The table's own hash spreads badly over single bits; this is the finaliser of splitmix64 (Steele and others 2014).
  std::uint64_t x = core::EntityKeyHash{}(key) + 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  x ^= x >> 31;
  const auto bit = [x](int shift) { return std::uint64_t{1} << (x >> shift & 63); };
  return {static_cast<std::size_t>(x >> 32) % words, bit(0) | bit(6) | bit(12)};
}

bool KnownKeys::may_hold(const core::EntityKey& key) const {
  if (!complete_) return true;
  const auto place = place_of(key);
  return (words_[place.word] & place.bits) == place.bits;
}

bool KnownKeys::add(const core::EntityKey& key) {
  const auto place = place_of(key);
  return (words_[place.word].fetch_or(place.bits) & place.bits) == place.bits || !complete_;
}

}  // namespace nova::store
