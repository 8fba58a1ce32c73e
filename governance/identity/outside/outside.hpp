// Signing in by an outside provider (S23).
//
//   browser ── begin ──> cookie + redirect to the provider ──> its answer ── finish ──> code for the page ── redeem
//
// The cookie holds the flow's name, provider, end and (when linking) user, under the node's keyed hash; state, nonce
// and PKCE verifier are derived from the name under the same key. So an answer fits the browser that asked for it
// alone, and a flow that nobody finishes costs nothing. The entity `oidc_flow` lets each answer and each code work
// once.
//
// Who comes in: an outside identity that is linked opens its account. One that is not makes a new account, if the
// provider vouches for an address that no account has. An account that has the address is never taken over: its owner
// signs in and links it (`auth.link_required`).
#pragma once
#include "governance/identity/outside/provider.hpp"

#include <map>
#include <optional>
#include <string>

namespace nova::identity {

class Identity;
struct Parts;
struct Tokens;
struct Login;

inline constexpr std::chrono::minutes outside_life{10};  ///< of the cookie: to sign in over there
inline constexpr std::string_view outside_cookie = "nova_signin";

/// Any thread; each function with a completion returns at once and answers once.
class Outside {
 public:
  template <class T>
  using Done = std::function<void(core::Result<T>)>;
  using Providers = std::map<std::string, std::shared_ptr<Provider>>;

  Outside(const Parts& parts, Identity& identity) : parts_(parts), identity_(identity) {}

  const Providers& providers() const;

  struct Begun {
    std::string location;  ///< where the browser goes
    std::string cookie;    ///< what it keeps
  };
  /// `user`: who signed in and links the identity to their account; empty: somebody signs in.
  /// `auth.provider_not_found`.
  void begin(const std::string& provider, const std::string& user, Done<Begun> done);

  /// What the provider sent the browser back with.
  struct Return {
    std::string provider, cookie, state, code, issuer, error;
  };
  /// A code that `redeem` takes once, within two minutes, from the same browser. `auth.flow_expired` (410) for what was
  /// not asked for here, `auth.link_required` (409), `auth.email_not_verified` (403), `auth.provider_*`.
  void finish(Return given, Done<std::string> done);
  /// As after a right password: tokens, or `auth.mfa_required` with a flow.
  void redeem(const std::string& code, const std::string& cookie, const Login& given, Done<Tokens> done);

 private:
  struct Ticket {
    std::string flow, provider, user;
    core::Timestamp until;
  };
  std::string derived(std::string_view what, const std::string& flow) const;
  std::string cookie_of(const Ticket& ticket) const;
  std::optional<Ticket> read_cookie(const std::string& cookie) const;
  std::string redirect_uri(const std::string& provider) const;
  std::string link_id(const Provider& provider, const std::string& subject) const;
  void ask(const Ticket& ticket, std::shared_ptr<Provider> provider, const Return& given, Done<std::string> user);
  void account(const Ticket& ticket, const Provider& provider, const OutsidePerson& person, Done<std::string> user);
  void link(const std::string& id, const std::string& user, const std::string& provider, bool by_user,
            Done<std::string> done);
  void join(const std::string& link, const Provider& provider, const OutsidePerson& person, Done<std::string> user);

  const Parts& parts_;
  Identity& identity_;
};

}  // namespace nova::identity
