// The checksum in the last 8 bytes of a page.
#pragma once
#include <cstdint>
#include <cstring>

namespace nova::store::sqlite {

/// Over all but the last 8 bytes and the page's number. Eight lanes, so that a processor works on several words at once
/// (about 15 GB/s); each step can be undone, so that what changes one word changes the result. `size`: a power of 2,
/// from 512.
inline std::uint64_t page_sum(const char* page, std::size_t size, std::uint64_t number) {
  constexpr std::size_t lanes = 8;
  constexpr std::uint64_t odd = 0x9fb21c651e98df25, other = 0xd6e8feb86659fd93;
  const auto turned = [](std::uint64_t value, int by) { return (value << by) | (value >> (64 - by)); };
  std::uint64_t sums[lanes], words[lanes];
  for (std::size_t i = 0; i < lanes; ++i) sums[i] = (number + 1) * odd + i * other;
  for (std::size_t at = 0; at < size; at += sizeof words) {
    std::memcpy(words, page + at, sizeof words);
    if (at + sizeof words == size) words[lanes - 1] = 0;  // where the sum itself stands
    for (std::size_t i = 0; i < lanes; ++i) sums[i] = turned((sums[i] ^ words[i]) * odd, 29);
  }
  std::uint64_t all = size;
  for (const auto sum : sums) all = turned((all ^ sum) * other, 31);
  all = (all ^ (all >> 29)) * odd;
  return all ^ (all >> 32);
}

inline bool page_sum_matches(const char* page, std::size_t size, std::uint64_t number) {
  const auto sum = page_sum(page, size, number);
  return std::memcmp(page + size - sizeof sum, &sum, sizeof sum) == 0;
}
inline void put_page_sum(char* page, std::size_t size, std::uint64_t number) {
  const auto sum = page_sum(page, size, number);
  std::memcpy(page + size - sizeof sum, &sum, sizeof sum);
}

}  // namespace nova::store::sqlite
