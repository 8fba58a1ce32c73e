// Passkeys of people (S23, WebAuthn Level 3): enrolling one, proving oneself with one, doing without it. The
// authenticator's user verification (PIN, finger, face) is always required, so a passkey alone is two factors.
//
//   begin_*: options --> browser --> authenticator --> enrol | prove: the challenge is used up, whatever it proves
#pragma once
#include "actors/host/host.hpp"
#include "core/result.hpp"
#include "governance/credentials/webauthn/webauthn.hpp"
#include "governance/identity/ceremonies.hpp"

#include <functional>
#include <string>

namespace nova::identity {

struct Parts;

inline constexpr std::size_t passkeys_max = 20;  ///< of one person

/// Any thread; each function with a completion returns at once and answers once, on a thread that must not be blocked.
class Passkeys {
 public:
  template <class T>
  using Done = std::function<void(core::Result<T>)>;

  explicit Passkeys(const Parts& parts) : parts_(parts) {}  ///< `parts` outlives it

  /// The domain and the pages that ask; before the first of the rest is called.
  void serve_at(credentials::RelyingParty party) { party_ = std::move(party); }
  const credentials::RelyingParty& party() const { return party_; }

  bool has_any(const std::string& user) const;
  /// The root owner's second factor is hardware, once there is one (S23): no code stands in for it.
  bool alone_counts_for(const std::string& user) const;

  struct Begun {
    std::string ceremony;  ///< comes back with the authenticator's answer
    std::string options;   ///< PublicKeyCredential{Creation,Request}OptionsJSON, sections 5.1.8 and 5.1.9
  };
  /// `label` is what authenticators show; `origin` the page that asks, as its browser says. `passkey.wrong_origin`
  /// (403), `passkey.limit` (409), `auth.busy` (503).
  core::Result<Begun> begin_enrol(const std::string& user, const std::string& label, const std::string& origin);
  core::Result<Begun> begin_sign_in(const std::string& origin);
  /// `flow`: the sign-in whose password was right.
  core::Result<Begun> begin_second_factor(const std::string& user, const std::string& flow, const std::string& origin);

  /// In base64url, as browsers give it.
  struct NewCredential {
    std::string ceremony, name, client_data_json, attestation_object;
  };
  struct Assertion {
    std::string ceremony, credential_id, client_data_json, authenticator_data, signature, user_handle;
  };
  /// Its entity's id. `auth.flow_expired` (410), `auth.mfa_failed` (401) with the detail `reason`, `passkey.exists`
  /// (409), `passkey.not_hardware` (403).
  void enrol(const std::string& user, const NewCredential& given, Done<std::string> done);
  /// Who it was. A counter that did not grow is refused and recorded.
  void prove_sign_in(const Assertion& given, Done<std::string> done);
  /// The same for a person whose password was right: `user` and `flow` are those of `begin_second_factor`.
  void prove_second_factor(const std::string& user, const std::string& flow, const Assertion& given,
                           Done<std::string> done);

  /// One's own, or with the right to change accounts anybody's. `passkey.last_of_owner` (403).
  void remove(const core::Principal& caller, const std::string& id, const std::string& reason, Done<host::Answer> done);
  void rename(const core::Principal& caller, const std::string& id, const std::string& name, Done<host::Answer> done);

 private:
  core::Status check_origin(const std::string& origin) const;
  credentials::RelyingParty party_at(const std::string& origin) const;
  void prove(const Ceremony& ceremony, const Assertion& given, Done<std::string> done);

  const Parts& parts_;
  credentials::RelyingParty party_{"localhost", {}};
  Ceremonies ceremonies_;
};

}  // namespace nova::identity
