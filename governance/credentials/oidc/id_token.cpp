#include "governance/credentials/oidc/id_token.hpp"

#include "core/json.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"

#include <algorithm>
#include <array>

namespace nova::credentials {
namespace {

constexpr std::size_t jwk_set_bytes_max = 256 * 1024;
constexpr std::size_t coordinate_bytes = 32;
constexpr std::size_t subject_bytes_max = 255;  // Core 1.0, 2
constexpr std::size_t audiences_max = 16;

core::Error invalid(std::string what) {
  auto error = core::refusal("auth.provider_invalid", "the provider's answer cannot be trusted: " + what);
  error.status = 502;
  return error;
}

std::string bytes_of(std::string_view jwk, std::string_view name) {
  return from_base64url(core::json_text(jwk, name).value_or("")).value_or("");
}

// The one form in which keys are read here (RFC 9052, 7): what is no key of its sort is refused there.
std::string cose_of(std::string_view jwk) {
  const auto type = core::json_text(jwk, "kty").value_or(""), curve = core::json_text(jwk, "crv").value_or("");
  const auto x = bytes_of(jwk, "x"), y = bytes_of(jwk, "y"), n = bytes_of(jwk, "n"), e = bytes_of(jwk, "e");
  if (type == "EC" && curve == "P-256" && x.size() == coordinate_bytes && y.size() == coordinate_bytes)
    return std::string("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", 10) + x + std::string("\x22\x58\x20", 3) + y;
  if (type == "OKP" && curve == "Ed25519" && x.size() == coordinate_bytes)
    return std::string("\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", 10) + x;
  if (type == "RSA" && n.size() >= 256 && n.size() <= 512 && e == std::string("\x01\x00\x01", 3)) {
    const char size[] = {char(n.size() >> 8), char(n.size() & 0xff)};
    return std::string("\xa4\x01\x03\x03\x39\x01\x00\x20\x59", 9) + std::string(size, 2) + n +
           std::string("\x21\x43\x01\x00\x01", 5);
  }
  return {};
}

struct Named {
  std::string_view name;
  CoseAlgorithm algorithm;
};
constexpr std::array<Named, 4> algorithms = {{{"RS256", CoseAlgorithm::rs256},
                                              {"ES256", CoseAlgorithm::es256},
                                              {"EdDSA", CoseAlgorithm::eddsa},
                                              {"Ed25519", CoseAlgorithm::eddsa}}};

std::string der_integer(std::string_view number) {
  while (number.size() > 1 && number.front() == '\0') number.remove_prefix(1);
  std::string value((static_cast<unsigned char>(number.front()) & 0x80) != 0 ? 1 : 0, '\0');
  value += number;
  return std::string("\x02") + char(value.size()) + value;
}

// JOSE has the two numbers side by side (RFC 7518, 3.4), OpenSSL wants them in DER.
std::string signature_of(CoseAlgorithm algorithm, std::string signature) {
  if (algorithm != CoseAlgorithm::es256) return signature;
  if (signature.size() != 2 * coordinate_bytes) return {};
  const auto both = der_integer(std::string_view(signature).substr(0, coordinate_bytes)) +
                    der_integer(std::string_view(signature).substr(coordinate_bytes));
  return std::string("\x30") + char(both.size()) + both;
}

struct Parts {
  std::string header, claims, signature;
  std::string_view signed_text;
};

std::optional<Parts> split(std::string_view token) {
  if (token.size() > id_token_bytes_max) return std::nullopt;
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  auto header = from_base64url(token.substr(0, first));
  auto claims = from_base64url(token.substr(first + 1, second - first - 1));
  auto signature = from_base64url(token.substr(second + 1));
  if (!header || !claims || !signature || !core::json_valid(*header) || !core::json_valid(*claims)) return std::nullopt;
  return Parts{std::move(*header), std::move(*claims), std::move(*signature), token.substr(0, second)};
}

bool is_for(std::string_view claims, std::string_view client) {
  const auto aud = core::json_part(claims, "aud").value_or("");
  const auto azp = core::json_text(claims, "azp");
  if (azp && *azp != client) return false;
  if (aud.starts_with('"')) return core::json_text(claims, "aud") == client;
  if (!aud.starts_with('[')) return false;
  const auto count = core::json_keys(claims, "aud").size();
  // Who else may use it must be said not to be the one who asked (3.1.3.7, 3 to 5).
  if (count > audiences_max || (count > 1 && !azp)) return false;
  for (std::size_t i = 0; i < count; ++i)
    if (core::json_text(claims, "aud[" + std::to_string(i) + "]") == client) return true;
  return false;
}

core::Status check_claims(std::string_view claims, const IdTokenExpectation& expected) {
  const auto skew = expected.skew.count();
  const auto now = expected.now.ms / 1000;
  if (core::json_text(claims, "iss") != expected.issuer) return invalid("another issuer");
  if (!is_for(claims, expected.client_id)) return invalid("it is for somebody else");
  const auto exp = core::json_int(claims, "exp"), iat = core::json_int(claims, "iat"),
             nbf = core::json_int(claims, "nbf");
  if (!exp || now >= *exp + skew) return invalid("it is over");
  if (!iat || *iat > now + skew || now - *iat > std::chrono::seconds(expected.age_max).count())
    return invalid("it was not made now");
  if (nbf && *nbf > now + skew) return invalid("it has not begun");
  if (expected.nonce.empty() || !same(core::json_text(claims, "nonce").value_or(""), expected.nonce))
    return invalid("it answers another question");
  return core::ok();
}

}  // namespace

core::Result<std::vector<OutsideKey>> read_jwk_set(std::string_view json) {
  if (json.size() > jwk_set_bytes_max) return invalid("its key set is too long");
  std::vector<OutsideKey> keys;
  const auto list = core::json_part(json, "keys").value_or("");
  const auto count = list.starts_with('[') ? core::json_keys(list).size() : 0;
  for (std::size_t i = 0; i < count && keys.size() < outside_keys_max; ++i) {
    const auto jwk = core::json_part(list, "[" + std::to_string(i) + "]").value_or("");
    if (core::json_text(jwk, "use").value_or("sig") != "sig") continue;
    const auto cose = cose_of(jwk);
    if (cose.empty()) continue;
    if (auto key = CredentialKey::from(cose))
      keys.push_back({core::json_text(jwk, "kid").value_or(""), std::move(*key)});
  }
  if (keys.empty()) return invalid("it has no key that is accepted");
  return keys;
}

std::optional<std::string> id_token_key(std::string_view token) {
  const auto parts = split(token);
  if (!parts) return std::nullopt;
  return core::json_text(parts->header, "kid").value_or("");
}

core::Result<IdClaims> verify_id_token(std::string_view token, const std::vector<OutsideKey>& keys,
                                       const IdTokenExpectation& expected) {
  const auto parts = split(token);
  if (!parts) return invalid("it sent no token");
  if (core::json_part(parts->header, "crit")) return invalid("its token wants what is not known here");
  const auto name = core::json_text(parts->header, "alg").value_or("");
  const auto algorithm =
      std::find_if(algorithms.begin(), algorithms.end(), [&](const Named& one) { return one.name == name; });
  if (algorithm == algorithms.end()) return invalid("its token is signed in a way that is not accepted");
  const auto kid = core::json_text(parts->header, "kid").value_or("");
  const auto signature = signature_of(algorithm->algorithm, parts->signature);
  bool known = false, right = false;
  for (const auto& one : keys) {
    if (one.key.algorithm() != algorithm->algorithm || (!kid.empty() && one.id != kid)) continue;
    known = true;
    right = right || one.key.verify(parts->signed_text, signature);
  }
  if (!known) {
    auto error = invalid("its token is signed by no key of its own");
    error.code = "auth.provider_key_unknown";
    return error;
  }
  if (!right) return invalid("the signature is wrong");
  if (auto fine = check_claims(parts->claims, expected); !fine) return std::move(fine).error();
  IdClaims claims;
  claims.subject = core::json_text(parts->claims, "sub").value_or("");
  if (claims.subject.empty() || claims.subject.size() > subject_bytes_max) return invalid("it names nobody");
  claims.email = core::json_text(parts->claims, "email").value_or("");
  // Some send it as a text.
  claims.email_verified = core::json_text(parts->claims, "email_verified") == "true";
  if (expected.vouches_by_edov) {
    const auto edov = core::json_text(parts->claims, "xms_edov").value_or("");
    claims.email_verified = edov == "true" || edov == "1";
  }
  return claims;
}

}  // namespace nova::credentials
