// The node's own secrets of identity, kept in the vault: what look-ups are keyed with, and what signs bearer tokens.
#pragma once
#include "core/result.hpp"
#include "core/time.hpp"
#include "governance/credentials/key_ring.hpp"
#include "store/vault.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace nova::identity {

/// Any thread. Nodes that share a vault share it.
class Keyring {
 public:
  /// Makes what is missing, as of `now`. Errors: those of the vault, `auth.keys_damaged`. Where the vault is sealed,
  /// keys that nothing was ever made with: `usable` then says `vault.sealed`, and nobody is known by them.
  static core::Result<std::unique_ptr<Keyring>> open(store::Vault& vault, core::Timestamp now = {});
  core::Status usable() const { return vault_.usable(); }

  /// Of `lookup` in the vault, which is never another.
  static constexpr auto lookup_reference = "secret://system/identity/lookup@1";
  /// 32 bytes: keyed hashes of addresses and bearer secrets, so that a stolen store cannot be tried against guesses.
  std::string_view lookup() const { return lookup_.view(); }

  /// A copy costs a few reference counts.
  credentials::KeyRing signing() const;
  /// A new key signs from now on; what the former one signed is accepted until `former_until`. Durable when it returns.
  core::Status rotate(core::Timestamp now, core::Timestamp former_until);
  /// The same when the key has signed for `life`, or nobody knows since when. True when it was done. Nodes that share a
  /// vault should not ask in the same moment: of two keys made at once the former's tokens are refused elsewhere.
  core::Result<bool> rotate_when_due(core::Timestamp now, std::chrono::hours life, core::Timestamp former_until);
  /// Takes over what another node made of the ring; asks the vault, and waits for it, at most once a second. True when
  /// it is another now.
  bool look_again(std::chrono::steady_clock::time_point now);

 private:
  Keyring(store::Vault& vault, credentials::SecretBytes lookup, credentials::KeyRing signing, std::string reference)
      : vault_(vault), lookup_(std::move(lookup)), signing_(std::move(signing)), reference_(std::move(reference)) {}

  store::Vault& vault_;
  const credentials::SecretBytes lookup_;
  mutable std::shared_mutex mutex_;
  credentials::KeyRing signing_;
  std::string reference_;  ///< of `signing_` in the vault
  std::atomic<std::chrono::steady_clock::rep> looked_at_{0};
};

}  // namespace nova::identity
