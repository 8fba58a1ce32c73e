// Signing in and out (S20, S23): what lies between a request of a person and the commands that make it so.
//
// Whoever asks, one scrypt runs, and unknown addresses and wrong passwords get the same answer. scrypt runs where
// `Parts::slowly` says, at most `scrypts_at_once` at a time; what waits longer than its queue is refused.
#pragma once
#include "actors/host/host.hpp"
#include "governance/authority/judge.hpp"
#include "governance/credentials/password.hpp"
#include "governance/identity/bearer.hpp"
#include "governance/identity/by_mail.hpp"
#include "governance/identity/device_logins.hpp"
#include "governance/identity/keyring.hpp"
#include "governance/identity/outside/outside.hpp"
#include "governance/identity/passkeys.hpp"
#include "governance/identity/second_factor.hpp"
#include "store/store.hpp"
#include "store/vault.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace nova::identity {

inline constexpr std::size_t scrypts_at_once = 2;
inline constexpr std::size_t scrypts_waiting_max = 64;

struct Registration {
  std::string email, username, full_name, password, language;
};

struct Login {
  std::string email, password;
  std::string device;   ///< what it says of itself, for the list of sessions
  std::string address;  ///< of the client; stored as a keyed hash
};

/// What a client keeps after signing in.
struct Tokens {
  std::string user, session;
  std::string access_token;
  std::chrono::seconds expires_in{};
  std::string refresh_token;
};

/// All outlive the service.
struct Parts {
  host::Host* host = nullptr;
  store::Vault* vault = nullptr;
  const authority::Book* book = nullptr;
  Keyring* keys = nullptr;
  Bearer* bearer = nullptr;
  core::Clock* clock = nullptr;
  /// Runs a step that takes a core for a tenth of a second; from any thread, returns at once.
  std::function<void(std::function<void()>)> slowly;
  credentials::ScryptCost cost = {};
  store::EventStore* store = nullptr;
  Outside::Providers providers = {};  ///< outside ones, by name
  std::string public_url;             ///< where browsers reach the node
  bool sends_mail = false;            ///< there is a driver `mail`
  /// An account's mail address, out of the store; may take a database's time. Empty: it cannot be had.
  std::function<std::string(const std::string& user)> address_of;
  std::string enrolment_token;      ///< enrols the root owner; empty: there is one
  core::Timestamp enrolment_until;  ///< it is good before that; 0: always
  std::function<void()> enrolled;   ///< it has done its service
  /// Somebody tried to become the owner with what is no token, or none any more. Any thread; may be empty.
  std::function<void(const core::Error&)> enrolment_refused;
};

/// Any thread; each returns at once and answers once, on a thread that must not be blocked.
class Identity {
 public:
  template <class T>
  using Done = std::function<void(core::Result<T>)>;

  explicit Identity(Parts parts);

  /// A new account, which waits to be verified. The answer is the same whether the address was known or not; whoever
  /// owns it is told by mail. Errors: `input.invalid`, `auth.busy` (503).
  void register_user(Registration given, Done<std::string> done);
  /// The one root owner, with the token that the node's first start printed. `auth.enrolment_over` (409),
  /// `auth.enrolment_expired` (410), `auth.bad_credentials` (401).
  void enrol_owner(const std::string& token, Registration given, Done<std::string> done);
  /// `auth.bad_credentials` (401) whatever was wrong, also while the account is locked; with the right password
  /// `user.suspended` and the like (403), and `auth.mfa_required` (401) with the detail `flow`, which is shown with the
  /// code.
  void login(Login given, Done<Tokens> done);
  /// The second step: the flow that `login` named, and a code of the app or a recovery code. `auth.flow_expired` (410),
  /// `auth.mfa_failed` (401), `auth.too_many_attempts` (429).
  void login_with_code(const std::string& flow, const std::string& code, Login given, Done<Tokens> done);
  /// Who began it does not go on: the flow opens nothing any more. `auth.flow_expired` (410).
  void cancel_flow(const std::string& flow, Done<host::Answer> done);
  /// The same with a passkey: first what to ask of the authenticator, then its answer.
  core::Result<Passkeys::Begun> begin_passkey_step(const std::string& flow, const std::string& origin);
  void login_with_flow_passkey(const std::string& flow, const Passkeys::Assertion& answer, Login given,
                               Done<Tokens> done);
  /// A passkey alone, which says who it is: `Passkeys::begin_sign_in` came before. `auth.mfa_failed` (401).
  void login_with_passkey(const Passkeys::Assertion& answer, Login given, Done<Tokens> done);
  /// Where the owner closed a method, it begins nothing and ends nothing: `auth.method_disabled` (403).
  core::Status method_open(const std::string& method) const { return authority::method_open(*parts_.book, method); }
  /// A program that somebody let in; refusals as those of `DeviceLogins::redeem`, or what the person may not any more.
  void login_with_device(const std::string& device_code, Done<Tokens> done);
  /// A new pair for a refresh token, which is used up. One that comes twice ends the whole session.
  void refresh(const std::string& token, Done<Tokens> done);
  void end_session(const core::Principal& caller, const std::string& session, Done<host::Answer> done);
  /// Whether it is the caller's own; changes nothing. `auth.bad_credentials` (401).
  void check_password(const core::Principal& caller, std::string password, Done<bool> done);
  void change_password(const core::Principal& caller, std::string before, std::string after, Done<host::Answer> done);

  /// Another verification mail. Any address gets the same answer at the same cost.
  void resend_verification(const std::string& email);
  /// A mail with which another password can be set. Any address gets the same answer at the same cost.
  void forgot_password(const std::string& email);
  /// Sets another password with the token of such a mail, and ends every session. `auth.code_expired` (410).
  void reset_password(std::string token, std::string password, Done<host::Answer> done);

  /// An account for an address that a provider vouches for, without a password. `user.email_taken` (409).
  void register_outside(const std::string& email, const std::string& provider, Done<std::string> done);
  /// As after a right password, for who was proved otherwise.
  void came_in(const std::string& user, const Login& given, const std::string& method, Done<Tokens> done);

  /// Keyed hash by which accounts are found; any case and surrounding blanks of the address count as the same.
  std::string email_key(const std::string& email) const;
  const credentials::Passwords& passwords() const { return *passwords_; }
  SecondFactor& second_factor() { return second_factor_; }
  Passkeys& passkeys() { return passkeys_; }
  DeviceLogins& device_logins() { return device_logins_; }
  ByMail& by_mail() { return by_mail_; }
  Outside& outside() { return outside_; }
  const Outside& outside() const { return outside_; }
  const std::string& public_url() const { return parts_.public_url; }

 private:
  using Step = std::function<void()>;
  /// False when too many wait.
  bool slowly(Step step);
  void run_next();
  core::Result<std::optional<std::string>> stored_password(const std::string& reference) const;
  void start_flow(const std::string& user, const Login& given, Done<Tokens> done);
  /// How the second factor was proved, or a refusal.
  using Prove = std::function<void(const SecondFactor::Flow&, Done<std::string>)>;
  void finish_flow(const std::string& flow, Login given, Prove prove, Done<Tokens> done);
  /// `auth.locked` (403) beside what their status says.
  core::Status may_sign_in(const std::string& user) const;
  void start_session_if_may(const std::string& user, const Login& given, const std::string& method, Done<Tokens> done);
  void start_session(const std::string& user, const Login& given, const std::string& method, Done<Tokens> done);
  std::string place_of(const Login& given) const;  ///< keyed hash; empty: not known
  void note_failure(const std::string& user, const Login& given);
  void tell_if_new(const std::string& user, const std::string& place);
  core::Status check_enrolment(const std::string& token) const;
  void create(core::EntityKey key, std::string name, Registration given, Done<std::string> done);

  Parts parts_;
  SecondFactor second_factor_{parts_};
  Passkeys passkeys_{parts_};
  DeviceLogins device_logins_{parts_};
  ByMail by_mail_{parts_};
  Outside outside_{parts_, *this};
  std::shared_ptr<credentials::Passwords> passwords_;
  std::mutex mutex_;
  std::deque<Step> waiting_;
  std::size_t running_ = 0;
};

}  // namespace nova::identity
