#include "governance/identity/bearer.hpp"

#include "core/ids.hpp"
#include "governance/authority/judge.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/jwt.hpp"
#include "governance/credentials/token.hpp"

namespace nova::identity {
namespace {

constexpr std::size_t shard_tokens_max = 1024;

core::Error unknown() {
  return core::refusal("auth.required", "the token is not known here").fix("sign in again: `novactl login`");
}

}  // namespace

core::Result<Bearer::Caller> Bearer::caller(std::string_view secret, core::Timestamp now) {
  if (auto open = keys_.usable(); !open) return std::move(open).error();
  if (credentials::parse_api_key(secret)) return key_caller(secret, now);
  auto known = read(secret, now);
  if (!known) return std::move(known).error();
  if (auto open = authority::session_open(book_, known->session, known->user, now); !open)
    return std::move(open).error();
  Caller caller{{known->user, "user"}, known->session};
  if (auto may = authority::may_act(book_, caller.principal, now); !may) return std::move(may).error();
  return caller;
}

core::Result<Bearer::Known> Bearer::read(std::string_view token, core::Timestamp now) {
  if (token.empty() || token.size() > credentials::jwt_bytes_max) return unknown();
  const auto digest = credentials::sha256(token);
  const std::string name(credentials::view_of(digest));
  auto& shard = shards_[digest[0] % shards_.size()];
  {
    std::lock_guard lock(shard.mutex);
    const auto found = shard.known.find(name);
    if (found != shard.known.end() && now < found->second.until) return found->second;
  }
  auto claims = credentials::verify_jwt(token, keys_.signing(), {issuer_, audience, now});
  if (!claims) {
    if (claims.error().code == "auth.token_expired")
      return core::refusal("auth.required", "the token is over").fix("refresh it, or sign in again");
    return unknown();
  }
  Known known{claims->sub, claims->sid, {claims->exp * 1000}};
  std::lock_guard lock(shard.mutex);
  if (shard.known.size() >= shard_tokens_max) shard.known.clear();
  shard.known[name] = known;
  return known;
}

core::Result<Bearer::Caller> Bearer::key_caller(std::string_view secret, core::Timestamp now) const {
  const auto hash = credentials::keyed_hash(keys_.lookup(), secret);
  const auto key = book_.key_by_hash(hash);
  if (!key) return unknown();
  if (!credentials::same(hash, key->hash) && (!credentials::same(hash, key->previous_hash) || key->grace_until <= now))
    return unknown();
  Caller caller{{key->tenant + "/" + key->id, key->agent.empty() ? "api_key" : "ai"}, {}};
  if (auto may = authority::may_act(book_, caller.principal, now); !may) return std::move(may).error();
  return caller;
}

std::string Bearer::issue(const std::string& user, const std::string& session, core::Timestamp now) const {
  credentials::Claims claims;
  claims.iss = issuer_;
  claims.sub = user;
  claims.aud = audience;
  claims.iat = claims.nbf = now.ms / 1000;
  claims.exp = claims.iat + std::chrono::duration_cast<std::chrono::seconds>(access_life).count();
  claims.jti = core::new_uuid(now);
  claims.sid = session;
  return credentials::sign_jwt(claims, keys_.signing().signing());
}

}  // namespace nova::identity
