// The node's own secrets of identity, kept in the vault: what look-ups are keyed with, and what signs bearer tokens.
#pragma once
#include "core/result.hpp"
#include "core/time.hpp"
#include "governance/credentials/key_ring.hpp"
#include "store/vault.hpp"

#include <memory>
#include <shared_mutex>
#include <string_view>

namespace nova::identity {

/// Any thread. Without the node key nothing of it can be read: `vault.sealed`.
class Keyring {
 public:
  /// Makes what is missing. Errors: those of the vault, `auth.keys_damaged`.
  static core::Result<std::unique_ptr<Keyring>> open(store::Vault& vault);

  /// 32 bytes: keyed hashes of addresses and bearer secrets, so that a stolen store cannot be tried against guesses.
  std::string_view lookup() const { return lookup_.view(); }

  /// A copy costs a few reference counts.
  credentials::KeyRing signing() const;
  /// A new key signs from now on; what the former one signed is accepted until `former_until`. Durable when it returns.
  core::Status rotate(core::Timestamp now, core::Timestamp former_until);

 private:
  Keyring(store::Vault& vault, credentials::SecretBytes lookup, credentials::KeyRing signing)
      : vault_(vault), lookup_(std::move(lookup)), signing_(std::move(signing)) {}

  store::Vault& vault_;
  const credentials::SecretBytes lookup_;
  mutable std::shared_mutex mutex_;
  credentials::KeyRing signing_;
};

}  // namespace nova::identity
