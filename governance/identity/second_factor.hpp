// The second factor of people (S23): an authenticator app and recovery codes. Codes are compared here; what was right
// is told to the entity `mfa_enrolment`, which lets each one work once and locks after ten that were wrong.
#pragma once
#include "core/result.hpp"

#include <functional>
#include <string>
#include <vector>

namespace nova::identity {

struct Parts;

/// Any thread; each function with a completion returns at once and answers once, on a thread that must not be blocked.
class SecondFactor {
 public:
  template <class T>
  using Done = std::function<void(core::Result<T>)>;

  explicit SecondFactor(const Parts& parts) : parts_(parts) {}  ///< `parts` outlives it

  /// For the app: by hand, or as a QR code. Shown once.
  struct Shared {
    std::string secret;  ///< base32
    std::string uri;     ///< otpauth://
  };

  bool asked_of(const std::string& user) const;
  /// A new app that must prove itself. `label` is what the app shows. `mfa.already_enrolled` (409).
  void enrol(const std::string& user, const std::string& label, Done<Shared> done);
  /// The app's first code; answers the recovery codes, shown once. `auth.mfa_failed` (401), `auth.too_many_attempts`
  /// (429), `entity.wrong_state` (409).
  void verify(const std::string& user, const std::string& code, Done<std::vector<std::string>> done);
  /// How it was proved: "2fa" or "recovery". Errors: as with `verify`.
  void check(const std::string& user, const std::string& code, Done<std::string> done);
  /// Other recovery codes in place of all that there are, shown once. Needs a right code.
  void renew_recovery(const std::string& user, const std::string& code, Done<std::vector<std::string>> done);
  /// Needs a right code.
  void remove(const std::string& user, const std::string& code, Done<std::string> done);

  /// What who gave the right password shows with the code.
  std::string flow_token(const std::string& flow, const std::string& user) const;
  struct Flow {
    std::string id, user;
  };
  /// `auth.flow_expired` (410) for what this node never gave.
  core::Result<Flow> parse_flow(const std::string& token) const;

 private:
  void compare(const std::string& user, const std::string& code, Done<std::string> done);

  const Parts& parts_;
};

}  // namespace nova::identity
