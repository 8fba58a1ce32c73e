// Security keys and passkeys: the relying party's part of Web Authentication (W3C WebAuthn Level 3, sections 7.1
// and 7.2).
//
//   register:  challenge --> browser --> verify_registration --> store the credential
//   sign in:   challenge --> browser --> find the credential by its id --> verify_assertion --> store the new counter
//
// What is left to the caller: challenges are random (`make_challenge`), kept for the length of the ceremony and used
// once; a credential's id is registered for one user only; the credential that is asserted belongs to the user who
// signs in (and to the user handle, when the browser sends one). Attestation is asked for as `none`: no maker's
// certificates are judged, so a model (aaguid) is a claim, not a fact. Pure but for challenges; any thread; one
// signature, about 100 us.
#pragma once
#include "core/result.hpp"
#include "governance/credentials/secret_bytes.hpp"
#include "governance/credentials/webauthn/credential_key.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nova::credentials {

inline constexpr std::size_t challenge_bytes = 32;
inline constexpr std::size_t challenge_bytes_min = 16;  // section 13.4.3
inline constexpr std::size_t client_data_bytes_max = 16 * 1024;

SecretBytes make_challenge();

struct RelyingParty {
  std::string id;  ///< a domain, "node.example"
  std::vector<std::string>
      origins;  ///< exactly as browsers write them: "https://node.example", "https://node.example:8443"
};

/// Whether a PIN, finger or face must have unlocked the key. The owner's must (S23).
enum class UserVerification : std::uint8_t { preferred, required };

/// The browser's answers, already out of base64url.
struct RegistrationAnswer {
  std::string_view client_data_json;
  std::string_view attestation_object;
};
struct AssertionAnswer {
  std::string_view client_data_json;
  std::string_view authenticator_data;
  std::string_view signature;
};

enum class Attestation : std::uint8_t {
  none,       ///< there was no statement
  self,       ///< the new key signed itself, and that was verified: it can sign
  unchecked,  ///< there was one by a maker's certificate or in another format, and it was not looked at
};

/// What to store of a credential.
struct RegisteredCredential {
  std::string id;          ///< bytes
  std::string public_key;  ///< COSE, as `CredentialKey::from` reads it
  CoseAlgorithm algorithm = CoseAlgorithm::es256;
  std::uint32_t sign_count = 0;
  std::string aaguid;            ///< 16 bytes; a claim
  bool user_verified = false;    ///< at the registration
  bool backup_eligible = false;  ///< false: the key never leaves its device
  bool backed_up = false;
  Attestation attestation = Attestation::none;
};

/// What counts of a stored credential.
struct StoredCredential {
  std::string_view public_key;
  std::uint32_t sign_count = 0;
  bool backup_eligible = false;
};

/// What to store after an assertion.
struct Asserted {
  std::uint32_t sign_count = 0;
  bool user_verified = false;
  bool backed_up = false;
};

/// All refusals are `auth.mfa_failed`, 401, with a detail `reason`: `client_data`, `type`, `challenge`, `origin`,
/// `cross_origin`, `malformed`, `rp_id`, `user_presence`, `user_verification`, `key`, `attestation`, `backup`,
/// `signature`, `sign_count`. Messages hold nothing of what was sent.
///
/// `challenge`: the bytes that were given out, at least 16 (std::invalid_argument otherwise).
core::Result<RegisteredCredential> verify_registration(const RelyingParty& party, UserVerification verification,
                                                       std::string_view challenge, const RegistrationAnswer& answer);

/// The counter must grow once either side has one; a smaller or equal one (`sign_count`) means that the key was cloned,
/// or an answer played again: refused, and worth an alarm.
core::Result<Asserted> verify_assertion(const RelyingParty& party, UserVerification verification,
                                        std::string_view challenge, const StoredCredential& credential,
                                        const AssertionAnswer& answer);

}  // namespace nova::credentials
