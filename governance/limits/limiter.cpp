#include "governance/limits/limiter.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <tuple>
#include <utility>

namespace nova::limits {
namespace {

// Looked at for a newcomer's place; more only while all of them are at their limits.
constexpr std::size_t candidates = 8, candidates_max = 64;
constexpr std::int64_t whole = 1000;  // a share of the limit is told in thousandths

}  // namespace

std::size_t Limiter::Hash::operator()(const Subject& subject) const {
  std::size_t hash;
  std::memcpy(&hash, subject.data(), sizeof hash);
  return hash;
}

std::size_t Limiter::Hash::operator()(const Key& key) const {
  return (*this)(key.subject) ^ (std::size_t{key.policy} * 0x9e3779b97f4a7c15);
}

Limiter::Limiter(std::size_t entries, std::size_t blocks)
    : entries_of_shard_(std::max<std::size_t>(entries / shards, 1)),
      blocks_of_shard_(std::max<std::size_t>(blocks / shards, 1)) {}

Verdict Limiter::take(const Asked& asked, Millis now) {
  auto& shard = shard_of(asked.subject);
  std::lock_guard lock(shard.mutex);
  Verdict verdict;
  verdict.limit = asked.allowance.main.max;
  if (!shard.blocks.empty()) {
    const auto found = shard.blocks.find(asked.subject);
    if (found != shard.blocks.end() && found->second > now) {
      ++shard.stats.refused;
      verdict.passes = false;
      verdict.blocked = true;
      auto until = found->second;
      if (const auto counter = shard.by_key.find({asked.subject, asked.policy}); counter != shard.by_key.end())
        until = std::max(until, passes_at(shard.entries[counter->second], asked.allowance, now));
      verdict.retry_after = verdict.reset_after = until - now;
      return verdict;
    }
    if (found != shard.blocks.end()) shard.blocks.erase(found);
  }
  auto& entry = entry_of(shard, asked, now);
  const auto& [main, burst] = std::pair(asked.allowance.main, asked.allowance.burst);
  const bool bursts = burst.max < main.max;
  const auto used = entry.main.used(main, now);
  if (used >= main.max || (bursts && entry.burst.used(burst, now) >= burst.max))
    return refuse(shard, entry, asked, now);
  entry.main.add(main, now);
  if (bursts) entry.burst.add(burst, now);
  ++entry.unsent;
  entry.refusing = false;
  ++shard.stats.passed;
  verdict.remaining = main.max - used - 1;
  verdict.reset_after = entry.main.empty_at(main, now) - now;
  if (used + 1 >= asked.allowance.warns_at && now >= entry.warned_until) {
    entry.warned_until = now + main.window;
    verdict.warned = true;
    ++shard.stats.warned;
  }
  return verdict;
}

Millis Limiter::passes_at(Entry& entry, const Allowance& allowance, Millis now) {
  const auto at = entry.main.passes_at(allowance.main, now);
  return allowance.burst.max < allowance.main.max ? std::max(at, entry.burst.passes_at(allowance.burst, now)) : at;
}

Verdict Limiter::take_back(const Asked& asked, Millis now) {
  auto& shard = shard_of(asked.subject);
  std::lock_guard lock(shard.mutex);
  auto& entry = entry_of(shard, asked, now);
  entry.main.take_back();
  entry.burst.take_back();
  if (entry.unsent > 0) --entry.unsent;
  --shard.stats.passed;
  return refuse(shard, entry, asked, now);
}

Verdict Limiter::refuse(Shard& shard, Entry& entry, const Asked& asked, Millis now) {
  const auto& main = asked.allowance.main;
  Verdict verdict;
  verdict.passes = false;
  verdict.limit = main.max;
  const auto used = entry.main.used(main, now);
  verdict.remaining = main.max - std::min(main.max, used);
  verdict.retry_after = passes_at(entry, asked.allowance, now) - now;
  verdict.reset_after = entry.main.empty_at(main, now) - now;
  verdict.began = !std::exchange(entry.refusing, true);
  ++shard.stats.refused;
  ++entry.untold;
  if (now >= entry.told_until) {
    entry.told_until = now + main.window;
    verdict.untold = std::exchange(entry.untold, 0);
  }
  if (entry.refused == 0 || now - entry.refusing_since >= main.window) {
    entry.refusing_since = now;
    entry.refused = 0;
  }
  if (++entry.refused < asked.allowance.refusals) return verdict;
  entry.refused = 0;
  verdict.to_block = block_in(shard, asked.subject, now + asked.allowance.block, now);
  if (verdict.to_block) verdict.retry_after = std::max(verdict.retry_after, asked.allowance.block);
  return verdict;
}

void Limiter::give_back(const Subject& subject, PolicyId policy) {
  auto& shard = shard_of(subject);
  std::lock_guard lock(shard.mutex);
  const auto found = shard.by_key.find({subject, policy});
  if (found == shard.by_key.end()) return;
  auto& entry = shard.entries[found->second];
  entry.main.take_back();
  entry.burst.take_back();
  if (entry.unsent > 0) --entry.unsent;
  --shard.stats.passed;
}

Limiter::Entry& Limiter::entry_of(Shard& shard, const Asked& asked, Millis now) {
  const Key key{asked.subject, asked.policy};
  if (const auto found = shard.by_key.find(key); found != shard.by_key.end()) {
    auto& entry = shard.entries[found->second];
    entry.tier = asked.tier;
    entry.allowance = asked.allowance;
    return entry;
  }
  auto& entry = place_in(shard, now);
  entry.key = key;
  entry.keyed_by = asked.keyed_by;
  entry.tier = asked.tier;
  entry.allowance = asked.allowance;
  entry.name.assign(asked.name.substr(0, name_bytes_max));
  shard.by_key.emplace(key, std::uint32_t(&entry - shard.entries.data()));
  return entry;
}

Limiter::Entry& Limiter::place_in(Shard& shard, Millis now) {
  if (shard.entries.size() < entries_of_shard_) return shard.entries.emplace_back();
  // -1: it counts nothing any more.
  const auto share = [now](Entry& entry) -> std::int64_t {
    const auto used = entry.main.used(entry.allowance.main, now);
    return used == 0 ? -1 : std::int64_t{used} * whole / std::max(entry.allowance.main.max, 1U);
  };
  std::size_t chosen = shard.hand;
  std::int64_t smallest = INT64_MAX;
  for (std::size_t i = 0; i < candidates_max && smallest >= 0 && (i < candidates || smallest >= whole); ++i) {
    const auto at = shard.hand++ % shard.entries.size();
    if (const auto found = share(shard.entries[at]); found < smallest) {
      smallest = found;
      chosen = at;
    }
  }
  shard.hand %= shard.entries.size();
  auto& entry = shard.entries[chosen];
  if (smallest >= 0) ++shard.stats.pushed_out;
  shard.by_key.erase(entry.key);
  entry = Entry();
  return entry;
}

void Limiter::forget_ended(Shard& shard, Millis now) {
  // Any order: each is looked at for itself.
  for (auto at = shard.blocks.begin(); at != shard.blocks.end();)
    at = at->second <= now ? shard.blocks.erase(at) : std::next(at);
}

bool Limiter::block_in(Shard& shard, const Subject& subject, Millis until, Millis now) {
  const auto found = shard.blocks.find(subject);
  if (found != shard.blocks.end()) {
    found->second = std::max(found->second, until);
    return true;
  }
  if (shard.blocks.size() >= blocks_of_shard_) forget_ended(shard, now);
  if (shard.blocks.size() >= blocks_of_shard_) {
    ++shard.stats.blocks_refused;
    return false;
  }
  shard.blocks.emplace(subject, until);
  return true;
}

bool Limiter::block(const Subject& subject, Millis until, Millis now) {
  auto& shard = shard_of(subject);
  std::lock_guard lock(shard.mutex);
  return block_in(shard, subject, until, now);
}

void Limiter::unblock(const Subject& subject) {
  auto& shard = shard_of(subject);
  std::lock_guard lock(shard.mutex);
  shard.blocks.erase(subject);
  for (PolicyId id = 0; id < Policies::size() + own_policies; ++id) {
    const auto found = shard.by_key.find({subject, id});
    if (found == shard.by_key.end()) continue;
    auto& entry = shard.entries[found->second];
    entry.main.clear();
    entry.burst.clear();
    entry.refused = 0;
    entry.refusing = false;
    entry.warned_until = entry.told_until = 0;
  }
}

void Limiter::add_remote(const Spent& spent, const Allowance& allowance, Millis now) {
  auto& shard = shard_of(spent.subject);
  std::lock_guard lock(shard.mutex);
  auto& entry = entry_of(shard, {spent.subject, spent.policy, spent.keyed_by, spent.tier, allowance, {}}, now);
  entry.main.add(allowance.main, now, spent.count);
}

std::vector<Spent> Limiter::take_spent(std::size_t most, Millis now) {
  std::vector<Spent> taken;
  for (auto& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    for (auto& entry : shard.entries) {
      if (taken.size() >= most) return taken;
      const std::uint64_t max = entry.allowance.main.max;
      if (entry.unsent == 0 || std::uint64_t{entry.unsent} * 100 < max) continue;
      if (std::uint64_t{entry.main.used(entry.allowance.main, now)} * 10 < max) continue;
      taken.push_back(
          {entry.key.subject, entry.key.policy, entry.keyed_by, entry.tier, std::exchange(entry.unsent, 0)});
    }
  }
  return taken;
}

std::vector<Counter> Limiter::top(std::size_t skip, std::size_t most, Millis now) {
  std::vector<Counter> all;
  for (auto& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    for (auto& entry : shard.entries) {
      const auto used = entry.main.used(entry.allowance.main, now);
      if (used == 0) continue;
      all.push_back({entry.key.subject, entry.key.policy, entry.keyed_by, entry.name, used, entry.allowance.main.max,
                     entry.refusing ? entry.refused : 0});
    }
  }
  const auto before = [](const Counter& a, const Counter& b) {
    const auto left = std::uint64_t{a.used} * std::max(b.limit, 1U);
    const auto right = std::uint64_t{b.used} * std::max(a.limit, 1U);
    return std::tie(right, a.subject, a.policy) < std::tie(left, b.subject, b.policy);
  };
  const auto end = std::min(all.size(), skip + most);
  std::partial_sort(all.begin(), all.begin() + std::ptrdiff_t(end), all.end(), before);
  all.resize(end);
  all.erase(all.begin(), all.begin() + std::ptrdiff_t(std::min(skip, all.size())));
  return all;
}

LimiterStats Limiter::stats() const {
  LimiterStats sum;
  for (const auto& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    sum.passed += shard.stats.passed;
    sum.refused += shard.stats.refused;
    sum.warned += shard.stats.warned;
    sum.pushed_out += shard.stats.pushed_out;
    sum.blocks_refused += shard.stats.blocks_refused;
    sum.entries += shard.entries.size();
    sum.blocks += shard.blocks.size();
    for (const auto& entry : shard.entries)
      sum.bytes += sizeof entry + entry.main.bytes() + entry.burst.bytes() + entry.name.capacity();
    sum.bytes += shard.by_key.size() * (sizeof(Key) + 4 * sizeof(void*));
    sum.bytes += shard.blocks.size() * (sizeof(Subject) + 4 * sizeof(void*));
  }
  return sum;
}

}  // namespace nova::limits
