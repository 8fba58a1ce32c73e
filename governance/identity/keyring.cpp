#include "governance/identity/keyring.hpp"

#include "governance/credentials/random.hpp"

#include <functional>
#include <mutex>

namespace nova::identity {
namespace {

constexpr const char* lookup_path = "system/identity/lookup";
constexpr const char* signing_path = "system/identity/signing";
constexpr std::size_t lookup_bytes = 32;

using credentials::SecretBytes;

struct Kept {
  SecretBytes value;
  std::string reference;
};

core::Result<Kept> read(const store::Vault& vault, std::string reference) {
  auto value = vault.reveal(reference);
  if (!value) return std::move(value).error();
  return Kept{SecretBytes(std::move(*value)), std::move(reference)};
}

// What the vault has at `path`, or what `make` makes and the vault then has; of several nodes that start at the same
// moment the first one's.
core::Result<Kept> kept(store::Vault& vault, const char* path, const std::function<SecretBytes()>& make) {
  auto reference = vault.newest(path);
  if (!reference) return std::move(reference).error();
  if (*reference) return read(vault, std::move(**reference));
  auto sealed = vault.seal_first(path, make().view());
  if (!sealed) return std::move(sealed).error();
  return read(vault, std::move(*sealed));
}

core::Result<credentials::KeyRing> ring_of(const Kept& line) { return credentials::KeyRing::parse(line.value.view()); }

}  // namespace

core::Result<std::unique_ptr<Keyring>> Keyring::open(store::Vault& vault, core::Timestamp now) {
  if (!vault.usable())
    return std::unique_ptr<Keyring>(new Keyring(vault, credentials::random_bytes(lookup_bytes),
                                                credentials::KeyRing(credentials::Ed25519Key::generate()), {}));
  auto lookup = kept(vault, lookup_path, [] { return credentials::random_bytes(lookup_bytes); });
  if (!lookup) return std::move(lookup).error();
  auto line = kept(vault, signing_path,
                   [&] { return credentials::KeyRing(credentials::Ed25519Key::generate(), now).serialise(); });
  if (!line) return std::move(line).error();
  auto signing = ring_of(*line);
  if (!signing) return std::move(signing).error();
  return std::unique_ptr<Keyring>(
      new Keyring(vault, std::move(lookup->value), std::move(*signing), std::move(line->reference)));
}

credentials::KeyRing Keyring::signing() const {
  std::shared_lock lock(mutex_);
  return signing_;
}

core::Status Keyring::rotate(core::Timestamp now, core::Timestamp former_until) {
  std::unique_lock lock(mutex_);
  // What another node made of it meanwhile is what the next one stands on.
  auto line = kept(vault_, signing_path, [this] { return signing_.serialise(); });
  if (!line) return std::move(line).error();
  auto next = ring_of(*line);
  if (!next) return std::move(next).error();
  next->forget_expired(now);
  next->rotate(credentials::Ed25519Key::generate(), former_until, now);
  auto sealed = vault_.seal(signing_path, next->serialise().view());
  if (!sealed) return std::move(sealed).error();
  signing_ = std::move(*next);
  reference_ = std::move(*sealed);
  return core::ok();
}

core::Result<bool> Keyring::rotate_when_due(core::Timestamp now, std::chrono::hours life,
                                            core::Timestamp former_until) {
  if (!vault_.usable()) return false;
  const auto due = [&] {
    std::shared_lock lock(mutex_);
    return signing_.since() + life <= now;
  };
  if (!due()) return false;
  look_again(std::chrono::steady_clock::now());
  if (!due()) return false;
  if (auto rotated = rotate(now, former_until); !rotated) return std::move(rotated).error();
  return true;
}

bool Keyring::look_again(std::chrono::steady_clock::time_point now) {
  constexpr std::chrono::seconds at_most_every{1};
  auto looked_at = looked_at_.load();
  const auto elapsed = now.time_since_epoch() - std::chrono::steady_clock::duration(looked_at);
  if (looked_at != 0 && elapsed < at_most_every) return false;
  if (!looked_at_.compare_exchange_strong(looked_at, now.time_since_epoch().count())) return false;
  const auto reference = vault_.newest(signing_path);
  std::unique_lock lock(mutex_);
  if (!reference || !*reference || **reference == reference_) return false;
  const auto line = read(vault_, **reference);
  auto ring = line ? ring_of(*line) : core::Result<credentials::KeyRing>(line.error());
  if (!ring) return false;
  signing_ = std::move(*ring);
  reference_ = line->reference;
  return true;
}

}  // namespace nova::identity
