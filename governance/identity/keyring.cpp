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

// What the vault has at `path`, or what `make` makes and the vault then has.
core::Result<SecretBytes> kept(store::Vault& vault, const char* path, const std::function<SecretBytes()>& make) {
  auto reference = vault.newest(path);
  if (!reference) return std::move(reference).error();
  if (*reference) {
    auto value = vault.reveal(**reference);
    if (!value) return std::move(value).error();
    return SecretBytes(std::move(*value));
  }
  auto made = make();
  auto sealed = vault.seal(path, made.view());
  if (!sealed) return std::move(sealed).error();
  return made;
}

}  // namespace

core::Result<std::unique_ptr<Keyring>> Keyring::open(store::Vault& vault) {
  auto lookup = kept(vault, lookup_path, [] { return credentials::random_bytes(lookup_bytes); });
  if (!lookup) return std::move(lookup).error();
  auto line =
      kept(vault, signing_path, [] { return credentials::KeyRing(credentials::Ed25519Key::generate()).serialise(); });
  if (!line) return std::move(line).error();
  auto signing = credentials::KeyRing::parse(line->view());
  if (!signing) return std::move(signing).error();
  return std::unique_ptr<Keyring>(new Keyring(vault, std::move(*lookup), std::move(*signing)));
}

credentials::KeyRing Keyring::signing() const {
  std::shared_lock lock(mutex_);
  return signing_;
}

core::Status Keyring::rotate(core::Timestamp now, core::Timestamp former_until) {
  std::unique_lock lock(mutex_);
  auto next = signing_;
  next.forget_expired(now);
  next.rotate(credentials::Ed25519Key::generate(), former_until);
  auto sealed = vault_.seal(signing_path, next.serialise().view());
  if (!sealed) return std::move(sealed).error();
  signing_ = std::move(next);
  return core::ok();
}

}  // namespace nova::identity
