#include "governance/limits/limits.hpp"

#include "core/describe/describe.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

namespace nova::limits {
namespace {

constexpr int few_bits = 16;  // of a count within a period

}  // namespace

Limits::Limits(Options options)
    : options_(std::move(options)), subjects_(options_.key), limiter_(options_.entries, options_.blocks) {}

Millis Limits::now() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(options_.clock->monotonic()).count();
}

// True for the first `most` calls of each period.
bool Limits::few(std::atomic<std::uint64_t>& seen, Millis period, std::uint32_t most) const {
  const auto current = std::uint64_t(now() / period) << few_bits;
  auto before = seen.load();
  for (;;) {
    const auto count = before >> few_bits == current >> few_bits ? before & ((1U << few_bits) - 1) : 0;
    if (count >= most) return false;
    if (seen.compare_exchange_weak(before, current | (count + 1))) return true;
  }
}

void Limits::tell(std::string_view what, const Subject& subject, KeyedBy keyed_by, PolicyId policy,
                  std::string_view name) {
  if (!options_.on_line || !few(lines_, 1000, lines_a_second)) return;
  std::string line(what);
  line.append(": ").append(policy_name(policy)).append(" by ").append(core::name_of(keyed_by));
  line.append(" ").append(name.empty() ? credentials::to_hex(subject).substr(0, 16) : std::string(name));
  options_.on_line(line);
}

Allowance Limits::allowance(PolicyId policy, Tier tier) const {
  std::shared_lock lock(mutex_);
  return policies_.allowance(policy, tier);
}

Verdict Limits::take(const Subject& subject, KeyedBy keyed_by, PolicyId policy, Tier tier, std::string_view name,
                     std::string_view tenant) {
  const Asked asked{subject, policy, keyed_by, tier, allowance(policy, tier), name};
  return told(limiter_.take(asked, now()), asked, tenant);
}

std::optional<Limits::OwnRefusal> Limits::take_own(const Subject& key, std::string_view name, const OwnLimits& own,
                                                   PolicyId policy) {
  const std::uint32_t most[own_policies] = {own.per_minute, own.per_hour, own.per_day};
  for (std::size_t i = 0; i < own_policies; ++i) {
    if (most[i] == 0) continue;
    const auto id = own_policy(i);
    const Asked asked{key, id, KeyedBy::token, Tier::free, own_allowance(id, most[i]), name};
    // "clinic/key-1": a key belongs to the tenant that stands in its name.
    const auto verdict = told(limiter_.take(asked, now()), asked, name.substr(0, name.find('/')));
    if (verdict.passes) continue;
    for (std::size_t before = 0; before < i; ++before)
      if (most[before] != 0) limiter_.give_back(key, own_policy(before));
    limiter_.give_back(key, policy);
    return OwnRefusal{verdict, id};
  }
  return std::nullopt;
}

void Limits::notice(bool limited, std::uint32_t count, const Asked& asked, std::string_view tenant) {
  if (!options_.on_notice || !few(noticed_, 60'000, notices_a_minute)) return;
  options_.on_notice({asked.subject, asked.keyed_by, std::string(policy_name(asked.policy)), std::string(asked.name),
                      std::string(tenant), limited, asked.allowance.main.max, count,
                      std::chrono::seconds(asked.allowance.main.window / 1000)});
}

Verdict Limits::told(Verdict verdict, const Asked& asked, std::string_view tenant) {
  if (verdict.warned) {
    tell("rate.warned", asked.subject, asked.keyed_by, asked.policy, asked.name);
    notice(false, verdict.limit - verdict.remaining, asked, tenant);
  }
  if (verdict.untold > 0) notice(true, verdict.untold, asked, tenant);
  if (verdict.began) tell("rate.limited", asked.subject, asked.keyed_by, asked.policy, asked.name);
  if (!verdict.to_block) return verdict;
  tell("abuse.blocked", asked.subject, asked.keyed_by, asked.policy, asked.name);
  if (options_.on_block && few(noted_, 60'000, blocks_noted_a_minute))
    options_.on_block({asked.subject, asked.keyed_by, std::string(policy_name(asked.policy)), std::string(asked.name),
                       asked.allowance.refusals, std::chrono::seconds(asked.allowance.block / 1000)});
  return verdict;
}

bool Limits::is_shared(PolicyId policy) const {
  return shared_ && core::rate_defaults()[policy].key == KeyedBy::ip &&
         allowance(policy, Tier::free).main.max <= exact_max;
}

std::optional<Verdict> Limits::take_shared(const Subject& subject, PolicyId policy) {
  if (!is_shared(policy)) return {};
  const Asked asked{subject, policy, KeyedBy::ip, Tier::free, allowance(policy, Tier::free), {}};
  const auto passing = shared_->take(subject, policy, asked.allowance.main);
  if (!passing || passing->passes) return {};
  auto verdict = limiter_.take_back(asked, now());
  verdict.remaining = 0;
  verdict.retry_after = std::max(verdict.retry_after, passing->retry_after);
  verdict.reset_after = std::max(verdict.reset_after, passing->retry_after);
  return told(verdict, asked, {});
}

void Limits::add_remote(const Spent& spent) {
  if (spent.count == 0) return;
  // How much the key may is known when it asks here.
  if (is_own(spent.policy)) return limiter_.add_remote(spent, own_allowance(spent.policy, exact_max + 1), now());
  if (spent.policy >= Policies::size()) return;
  limiter_.add_remote(spent, allowance(spent.policy, spent.tier), now());
}

void Limits::block(const Subject& subject, core::Timestamp until) {
  const auto left = (until - options_.clock->now()).count();
  if (left > 0) limiter_.block(subject, now() + left, now());
}

void Limits::unblock(const Subject& subject) { limiter_.unblock(subject); }

void Limits::set(PolicyId policy, Policies::Line line) {
  std::unique_lock lock(mutex_);
  policies_.set(policy, line);
}

Policies Limits::policies() const {
  std::shared_lock lock(mutex_);
  return policies_;
}

std::vector<Counter> Limits::top(std::size_t skip, std::size_t most) { return limiter_.top(skip, most, now()); }

}  // namespace nova::limits
