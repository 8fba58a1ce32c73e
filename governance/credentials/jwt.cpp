#include "governance/credentials/jwt.hpp"

#include "core/describe/codec.hpp"
#include "governance/credentials/encoding.hpp"

#include <array>
#include <stdexcept>

namespace nova::credentials {
namespace wire {

constexpr std::int64_t second_max = 253402300799;  // the end of the year 9999

using Name = core::Text<1, 255>;
using Second = core::Bounded<0, second_max>;

struct Header {
  Name alg;
  core::Text<1, 64> kid;
  core::Text<0, 8> typ;
};

struct Claims {
  Name iss, sub, aud;
  Second exp, nbf, iat;
  core::Text<1, 128> jti;
  core::Text<0, 128> sid;
  std::map<std::string, core::Text<0, 255>> ext;
};

const core::Record& describe(const Header*) {
  static const auto record = core::record<Header>(
      "jwt_header", "The header of a token.",
      {core::field("alg", &Header::alg), core::field("kid", &Header::kid), core::optional_field("typ", &Header::typ)});
  return record;
}

const core::Record& describe(const Claims*) {
  static const auto record = core::record<Claims>(
      "jwt_claims", "The claims of a token.",
      {core::field("iss", &Claims::iss), core::field("sub", &Claims::sub), core::field("aud", &Claims::aud),
       core::field("exp", &Claims::exp), core::field("nbf", &Claims::nbf), core::field("iat", &Claims::iat),
       core::field("jti", &Claims::jti), core::optional_field("sid", &Claims::sid), core::field("ext", &Claims::ext)});
  return record;
}

}  // namespace wire
namespace {

constexpr std::string_view algorithm = "EdDSA";

core::Error refused(std::string code, std::string message) {
  auto error = core::refusal(std::move(code), std::move(message));
  error.status = 401;
  return error;
}
core::Error invalid(std::string message) { return refused("auth.token_invalid", std::move(message)); }

struct Parts {
  std::string_view signed_text;  // header and claims as they were signed
  std::string header, claims, signature;
};

core::Result<Parts> take_apart(std::string_view token) {
  if (token.size() > jwt_bytes_max) return invalid("the token is too long");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  // A third point is no letter of base64url.
  if (second == std::string_view::npos) return invalid("the token is not in three parts");
  auto header = from_base64url(token.substr(0, first));
  auto claims = from_base64url(token.substr(first + 1, second - first - 1));
  auto signature = from_base64url(token.substr(second + 1));
  if (!header || !claims || !signature) return invalid("the token is not in base64url");
  return Parts{token.substr(0, second), std::move(*header), std::move(*claims), std::move(*signature)};
}

core::Status check(const Claims& claims, const JwtExpectation& expected) {
  const auto skew_ms = std::chrono::milliseconds(expected.skew).count();
  const auto ms = [](std::int64_t seconds) { return seconds * 1000; };
  if (claims.iss != expected.issuer) return invalid("the token is of another issuer");
  if (claims.aud != expected.audience) return invalid("the token is for another audience");
  if (claims.exp <= claims.iat) return invalid("the token ends before it begins");
  if (expected.now.ms >= ms(claims.exp) + skew_ms) return refused("auth.token_expired", "the token has expired");
  if (expected.now.ms < ms(claims.nbf) - skew_ms || expected.now.ms < ms(claims.iat) - skew_ms)
    return invalid("the token is not valid yet");
  return core::ok();
}

}  // namespace

core::Result<JwtHeader> read_jwt_header(std::string_view json) {
  auto header = core::from_json<wire::Header>(json);
  if (!header) return invalid("the token's header is not as it must be");
  // Other ways of signing are not known here, so a sender cannot choose one.
  if (header->alg != algorithm) return invalid("the token is not signed with EdDSA");
  if (!header->typ.empty() && header->typ != "JWT") return invalid("the token is of another type");
  return JwtHeader{std::move(header->alg), std::move(header->kid), std::move(header->typ)};
}

core::Result<Claims> read_jwt_claims(std::string_view json) {
  auto read = core::from_json<wire::Claims>(json);
  if (!read || read->ext.size() > jwt_ext_max) return invalid("the token's claims are not as they must be");
  Claims claims{std::move(read->iss),
                std::move(read->sub),
                std::move(read->aud),
                read->exp,
                read->nbf,
                read->iat,
                std::move(read->jti),
                std::move(read->sid),
                {}};
  for (auto& [name, value] : read->ext) claims.ext.emplace(name, std::move(value));
  return claims;
}

std::string sign_jwt(const Claims& claims, const Ed25519Key& key) {
  wire::Claims written{claims.iss, claims.sub, claims.aud, claims.exp, claims.nbf,
                       claims.iat, claims.jti, claims.sid, {}};
  for (const auto& [name, value] : claims.ext) written.ext.emplace(name, value);
  const auto json = core::to_json(written);
  // What no node would accept is not signed.
  if (const auto again = read_jwt_claims(json); !again || *again != claims || claims.exp <= claims.iat)
    throw std::invalid_argument("a claim of a token is beyond its bounds");
  const auto header = core::to_json(wire::Header{std::string(algorithm), key.id(), "JWT"});
  auto token = to_base64url(header) + "." + to_base64url(json);
  token += "." + to_base64url(key.sign(token));
  if (token.size() > jwt_bytes_max) throw std::invalid_argument("a token is too long");
  return token;
}

core::Result<Claims> verify_jwt(std::string_view token, const KeyRing& keys, const JwtExpectation& expected) {
  const auto parts = take_apart(token);
  if (!parts) return parts.error();
  const auto header = read_jwt_header(parts->header);
  if (!header) return header.error();
  const auto* key = keys.find(header->kid, expected.now);
  if (!key) return invalid("the token's key is not known");
  if (!key->verify(parts->signed_text, parts->signature)) return invalid("the token's signature is wrong");
  auto claims = read_jwt_claims(parts->claims);
  if (!claims) return claims;
  if (auto fits = check(*claims, expected); !fits) return std::move(fits).error();
  return claims;
}

}  // namespace nova::credentials
