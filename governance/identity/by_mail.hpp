// What is proved by mail (S20, S23): that an address is somebody's, and that they may set another password. A token is
// 256 random bits; its keyed hash is stored, itself only sealed for the driver that sends it.
#pragma once
#include "actors/host/host.hpp"
#include "core/result.hpp"

#include <functional>
#include <string>

namespace nova::identity {

struct Parts;

/// Any thread; each function with a completion returns at once and answers once, on a thread that must not be blocked.
class ByMail {
 public:
  template <class T>
  using Done = std::function<void(core::Result<T>)>;

  explicit ByMail(const Parts& parts) : parts_(parts) {}  ///< `parts` outlives it

  bool enabled() const;
  /// `auth.method_disabled` (409) where the node sends no mail.
  core::Status check_enabled() const;

  /// After a registration: a link to verify, or a word to the owner of an address that is known. `done` comes when the
  /// mail is sure to be sent, or will not be; the caller of the node is not told which.
  void welcome(const std::string& user, const std::string& address, std::function<void()> done);
  /// Returns before anything was looked up, so that a known and an unknown address cost the caller the same.
  void resend(const std::string& address, const std::string& user);
  void forgot(const std::string& address, const std::string& user);
  /// They came in from a network that they never came in from before.
  void tell_new_place(const std::string& address, const std::string& user);

  /// Uses the token up. `auth.code_expired` (410) for whatever is not good, in the same words.
  void use(const std::string& token, std::string_view purpose, Done<std::string> user);
  /// The account is verified.
  void verify(const std::string& token, Done<host::Answer> done);

 private:
  void issue(const std::string& user, std::string_view purpose, const std::string& address, std::function<void()> done);
  bool is_pending(const std::string& user) const;

  const Parts& parts_;
};

}  // namespace nova::identity
