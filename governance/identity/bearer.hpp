// From a bearer secret to a principal: access tokens of people (S23) and API keys (S22), checked against the book at
// each request, so that a suspension or a revocation holds from the very next one.
#pragma once
#include "core/decision.hpp"
#include "core/result.hpp"
#include "governance/authority/book.hpp"
#include "governance/identity/keyring.hpp"

#include <array>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace nova::identity {

inline constexpr std::chrono::minutes access_life{15};
inline constexpr std::string_view audience = "webnova";

/// Any thread. A token seen lately costs some microseconds, a new one the verification of a signature (about 130).
class Bearer {
 public:
  Bearer(const Keyring& keys, const authority::Book& book, std::string issuer)
      : keys_(keys), book_(book), issuer_(std::move(issuer)) {}

  struct Caller {
    core::Principal principal;
    std::string session;  ///< of a person; empty: a key
  };
  /// `auth.required` (401) for what is unknown, over, ended or revoked, in words that tell nothing of the secret;
  /// `user.suspended` and the like (403) for who is known and may not act; `vault.sealed` (503) where no secret can be
  /// compared.
  core::Result<Caller> caller(std::string_view secret, core::Timestamp now);

  /// A token for the session, good until `access_life` has passed.
  std::string issue(const std::string& user, const std::string& session, core::Timestamp now) const;

 private:
  struct Known {
    std::string user, session;
    core::Timestamp until;
  };
  core::Result<Known> read(std::string_view token, core::Timestamp now);
  core::Result<Caller> key_caller(std::string_view secret, core::Timestamp now) const;

  const Keyring& keys_;
  const authority::Book& book_;
  const std::string issuer_;

  // Tokens whose signature was found right, by their digest. A shard that is full forgets all: verifying again costs
  // little, and what an attacker can fill it with are valid tokens only.
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Known> known;
  };
  std::array<Shard, 16> shards_;
};

}  // namespace nova::identity
