#include "governance/identity/ceremonies.hpp"

#include "governance/credentials/encoding.hpp"
#include "governance/credentials/webauthn/webauthn.hpp"

namespace nova::identity {

void Ceremonies::forget_over(core::Timestamp now) {
  for (auto at = kept_.begin(); at != kept_.end();) {
    if (now < at->second.until) {
      ++at;
      continue;
    }
    --counts_[at->second.ceremony.purpose];
    at = kept_.erase(at);
  }
}

core::Result<std::string> Ceremonies::begin(Ceremony ceremony, core::Timestamp now) {
  const auto name = credentials::to_base64url(credentials::make_challenge().view());
  std::lock_guard lock(mutex_);
  auto& count = counts_[ceremony.purpose];
  if (count >= ceremonies_max) forget_over(now);
  if (count >= ceremonies_max)
    return core::unavailable("auth.busy", "too many people are signing in at the same moment")
        .fix("try again in some minutes");
  ++count;
  kept_.emplace(name, Kept{std::move(ceremony), now + ceremony_life});
  return name;
}

core::Result<Ceremony> Ceremonies::take(const std::string& name, Purpose purpose, core::Timestamp now) {
  std::lock_guard lock(mutex_);
  if (const auto found = kept_.find(name); found != kept_.end()) {
    auto kept = std::move(found->second);
    --counts_[kept.ceremony.purpose];
    kept_.erase(found);
    if (kept.ceremony.purpose == purpose && now < kept.until) return std::move(kept.ceremony);
  }
  return core::refusal("auth.flow_expired", "what was asked of the authenticator is over").fix("begin again");
}

}  // namespace nova::identity
