// The keys of bearer tokens while they rotate: one signs, older ones verify until their time. A value: whoever changes
// it publishes a new one. Any thread may read one at the same time.
#pragma once
#include "core/result.hpp"
#include "core/time.hpp"
#include "governance/credentials/ed25519.hpp"

#include <vector>

namespace nova::credentials {

inline constexpr std::size_t retired_keys_max = 8;

class KeyRing {
 public:
  /// `since`: when the key began to sign; 1970 when nobody knows.
  explicit KeyRing(Ed25519Key signing, core::Timestamp since = {}) : signing_(std::move(signing)), since_(since) {}

  /// From now on `next` signs. What the former key signed is accepted before `former_until`, which should be the latest
  /// expiry of a token of it, and skew. Its private half is forgotten. Of more than eight retired keys the one that
  /// ends first goes.
  void rotate(Ed25519Key next, core::Timestamp former_until, core::Timestamp since = {});
  void forget_expired(core::Timestamp now);

  const Ed25519Key& signing() const { return signing_; }
  core::Timestamp since() const { return since_; }
  /// The key that may have signed under this `kid`; null when there is none at this time.
  const Ed25519PublicKey* find(std::string_view id, core::Timestamp now) const;

  /// JWK Set (RFC 7517, section 5) of the public keys that verify now, the signing one first. For everybody.
  std::string to_jwk_set(core::Timestamp now) const;

  /// The whole ring with its private key as one line for the vault.
  SecretBytes serialise() const;
  /// `auth.keys_damaged` when it is no such line.
  static core::Result<KeyRing> parse(std::string_view text);

 private:
  struct Retired {
    Ed25519PublicKey key;
    core::Timestamp until;
  };
  void add(Retired retired);

  Ed25519Key signing_;
  core::Timestamp since_;
  std::vector<Retired> retired_;  // the newest first
};

}  // namespace nova::credentials
