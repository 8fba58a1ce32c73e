#include "governance/credentials/webauthn/webauthn.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/random.hpp"
#include "governance/credentials/webauthn/authenticator_data.hpp"
#include "governance/credentials/webauthn/cbor.hpp"

#include <algorithm>
#include <stdexcept>

namespace nova::credentials {
namespace wire {

// Section 5.8.1. Browsers may add members, which are not read.
struct ClientData {
  std::string type;
  std::string challenge;
  std::string origin;
  bool cross_origin = false;
};

const core::Record& describe(const ClientData*) {
  static const auto record = core::record<ClientData>(
      "client_data", "What the browser saw.",
      {core::field("type", &ClientData::type), core::field("challenge", &ClientData::challenge),
       core::field("origin", &ClientData::origin), core::field("crossOrigin", &ClientData::cross_origin)});
  return record;
}

}  // namespace wire
namespace {

using Kind = cbor::Value::Kind;

core::Error failed(std::string reason, std::string message) {
  auto error = core::refusal("auth.mfa_failed", std::move(message)).with("reason", std::move(reason));
  error.status = 401;
  return error;
}

// Of two members with one name, different readers believe different ones.
bool names_are_unique(std::string_view json) {
  auto names = core::json_keys(json);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

core::Status check_client_data(std::string_view json, std::string_view type, std::string_view challenge,
                               const RelyingParty& party) {
  if (challenge.size() < challenge_bytes_min) throw std::invalid_argument("a challenge has at least 16 bytes");
  if (json.size() > client_data_bytes_max) return failed("client_data", "the client data is too long");
  const auto data = core::from_json<wire::ClientData>(json, core::Reading::stored);
  if (!data || !names_are_unique(json)) return failed("client_data", "the client data is not as it must be");
  if (data->type != type) return failed("type", "the client data is of another ceremony");
  const auto given = from_base64url(data->challenge);
  if (!given || !same(*given, challenge)) return failed("challenge", "the challenge is another");
  if (std::find(party.origins.begin(), party.origins.end(), data->origin) == party.origins.end())
    return failed("origin", "the origin is another");
  if (data->cross_origin) return failed("cross_origin", "the ceremony took place inside another site");
  return core::ok();
}

core::Status check_authenticator(const AuthenticatorData& data, const RelyingParty& party,
                                 UserVerification verification) {
  if (!same(data.rp_id_hash, view_of(sha256(party.id)))) return failed("rp_id", "the relying party is another");
  if (!data.user_present) return failed("user_presence", "nobody touched the authenticator");
  if (verification == UserVerification::required && !data.user_verified)
    return failed("user_verification", "the authenticator did not verify who touched it");
  return core::ok();
}

std::string signed_bytes(std::string_view authenticator_data, std::string_view client_data_json) {
  std::string bytes(authenticator_data);
  return bytes.append(view_of(sha256(client_data_json)));
}

// Sections 8.2 and 8.7.
core::Result<Attestation> check_attestation(std::string_view format, const cbor::Value& statement,
                                            const CredentialKey& key, const std::string& signed_text) {
  if (format == "none") {
    if (!statement.keys.empty()) return failed("attestation", "a statement where there should be none");
    return Attestation::none;
  }
  if (format != "packed" || statement.find("x5c")) return Attestation::unchecked;
  const auto* algorithm = statement.find("alg");
  const auto* signature = statement.find("sig");
  if (statement.keys.size() != 2 || !algorithm || !algorithm->is(Kind::integer) || !signature ||
      !signature->is(Kind::bytes) || algorithm->integer != static_cast<std::int64_t>(key.algorithm()) ||
      !key.verify(signed_text, signature->view))
    return failed("attestation", "the new key did not sign itself");
  return Attestation::self;
}

}  // namespace

SecretBytes make_challenge() { return random_bytes(challenge_bytes); }

core::Result<RegisteredCredential> verify_registration(const RelyingParty& party, UserVerification verification,
                                                       std::string_view challenge, const RegistrationAnswer& answer) {
  if (auto fits = check_client_data(answer.client_data_json, "webauthn.create", challenge, party); !fits)
    return std::move(fits).error();
  const auto object = cbor::read(answer.attestation_object);
  if (!object) return failed("malformed", "the attestation object is not canonical CBOR");
  const auto *format = object->find("fmt"), *statement = object->find("attStmt"), *bytes = object->find("authData");
  if (object->keys.size() != 3 || !format || !format->is(Kind::text) || !statement || !statement->is(Kind::map) ||
      !bytes || !bytes->is(Kind::bytes))
    return failed("malformed", "the attestation object has other parts than it must have");
  const auto data = read_authenticator_data(bytes->view);
  if (!data || !data->credential) return failed("malformed", "the authenticator data is malformed");
  if (auto fits = check_authenticator(*data, party, verification); !fits) return std::move(fits).error();
  const auto key = CredentialKey::from(data->credential->public_key);
  if (!key) return failed("key", key.error().message);
  const auto attestation =
      check_attestation(format->view, *statement, *key, signed_bytes(bytes->view, answer.client_data_json));
  if (!attestation) return attestation.error();
  RegisteredCredential credential;
  credential.id = data->credential->id;
  credential.public_key = data->credential->public_key;
  credential.algorithm = key->algorithm();
  credential.sign_count = data->sign_count;
  credential.aaguid = data->credential->aaguid;
  credential.user_verified = data->user_verified;
  credential.backup_eligible = data->backup_eligible;
  credential.backed_up = data->backed_up;
  credential.attestation = *attestation;
  return credential;
}

core::Result<Asserted> verify_assertion(const RelyingParty& party, UserVerification verification,
                                        std::string_view challenge, const StoredCredential& credential,
                                        const AssertionAnswer& answer) {
  if (auto fits = check_client_data(answer.client_data_json, "webauthn.get", challenge, party); !fits)
    return std::move(fits).error();
  const auto data = read_authenticator_data(answer.authenticator_data);
  if (!data) return failed("malformed", "the authenticator data is malformed");
  if (auto fits = check_authenticator(*data, party, verification); !fits) return std::move(fits).error();
  const auto key = CredentialKey::from(credential.public_key);
  if (!key) return failed("key", "the stored key is damaged");
  if (!key->verify(signed_bytes(answer.authenticator_data, answer.client_data_json), answer.signature))
    return failed("signature", "the signature is wrong");
  // What follows is the authenticator's word, since it signed it.
  if (data->backup_eligible != credential.backup_eligible)
    return failed("backup", "the credential is no longer of the kind that was registered");
  if ((data->sign_count != 0 || credential.sign_count != 0) && data->sign_count <= credential.sign_count)
    return failed("sign_count", "the signature counter did not grow");
  return Asserted{data->sign_count, data->user_verified, data->backed_up};
}

}  // namespace nova::credentials
