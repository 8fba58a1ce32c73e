// User: an account with five statuses, its role and permissions, and its lock after failed logins (S20, S23).
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace nova::user {

enum class Status : std::uint8_t { absent, pending, active, suspended, banned, deactivated };
enum class Provider : std::uint8_t { email, google, github, apple, replit, microsoft };
enum class Language : std::uint8_t { ar, en };
enum class Grant : std::uint8_t { allow, deny };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Provider*);
const std::vector<std::string_view>& names_of(const Language*);
const std::vector<std::string_view>& names_of(const Grant*);

inline constexpr std::uint32_t failures_until_locked = 10;
inline constexpr std::chrono::minutes lock_life{15};
inline constexpr std::size_t overrides_max = 64;
inline constexpr std::size_t name_bytes_max = 255;
inline constexpr std::size_t email_bytes_max = 254;  // RFC 5321, 4.5.3.1.3, without the brackets

using Word = core::Text<1, 64, core::Shape::line>;  ///< a role, a permission: unknown ones have refusals of their own
using Why = core::Text<0, 1000, core::Shape::any>;  ///< may be empty here, so that the refusal can name what is missing

struct Account {
  core::Personal email;
  core::KeyedHash email_key;  ///< of the normalised email, under the node's look-up key
  core::Personal username;
  core::Personal full_name;
  Provider provider = Provider::email;
  Language language = Language::ar;
};

// ---- commands

struct Register {
  Account account;
  std::optional<core::Secret> password;  ///< its encoded hash
  bool verified = false;                 ///< the provider vouches for the email
};
struct EnrolOwner {
  Account account;
  std::optional<core::Secret> password;
};
struct Verify {};
struct Suspend {
  Why reason;
};
struct Ban {
  Why reason;
};
struct Reactivate {
  Why reason;
};
struct Deactivate {
  Why reason;
};
struct ChangeRole {
  Word role;
  Why reason;
};
struct SetPermissions {
  std::set<Word> permissions;
};
struct SetOverride {
  Word permission;
  Grant grant = Grant::deny;
  core::Text<0, 63, core::Shape::name> tenant;  ///< empty: everywhere
  std::optional<core::Timestamp> expires_at;
};
struct ClearOverride {
  Word permission;
  core::Text<0, 63, core::Shape::name> tenant;
};
struct UpdateProfile {
  std::optional<core::Personal> username;
  std::optional<core::Personal> full_name;
  std::optional<Language> language;
};
struct SetPassword {
  core::Secret password;
  bool reset = false;  ///< by a link, not by somebody who knew the old one
};
struct RevokeSessions {
  Why reason;
};
struct NoteLogin {
  core::Label method;
  core::Label place;  ///< keyed hash
};
struct NoteFailure {
  core::Label place;
};
using Command =
    std::variant<Register, EnrolOwner, Verify, Suspend, Ban, Reactivate, Deactivate, ChangeRole, SetPermissions,
                 SetOverride, ClearOverride, UpdateProfile, SetPassword, RevokeSessions, NoteLogin, NoteFailure>;

// ---- events: stored for ever

struct Registered {
  Account account;
  std::string role;
  core::Secret password;
  std::string by;
  core::Timestamp at;
};
struct OwnerEnrolled {
  core::Timestamp at;
};
struct Verified {
  std::string by;
  core::Timestamp at;
};
/// Another status, with the one before and the reason, as the audit shows it.
template <Status To>
struct Moved {
  Status from = Status::active;
  std::string reason;
  std::string by;
  core::Timestamp at;
};
using Suspended = Moved<Status::suspended>;
using Banned = Moved<Status::banned>;
using Reactivated = Moved<Status::active>;
using Deactivated = Moved<Status::deactivated>;
struct RoleChanged {
  std::string from, role;
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct PermissionsSet {
  std::vector<std::string> permissions;
  std::string by;
  core::Timestamp at;
};
struct ProfileUpdated {
  core::Personal username, full_name;
  Language language = Language::ar;
  std::string by;
};
struct PasswordChanged {
  core::Secret password;
  bool reset = false;
  core::Timestamp at;
};
/// Of the past: outside identities are entities of their own (identity_link).
struct ProviderLinked {
  Provider provider = Provider::google;
  std::string subject_key;
  core::Timestamp at;
};
struct SessionsRevoked {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct OverrideSet {
  std::string permission;
  Grant grant = Grant::deny;
  std::string tenant;
  std::optional<core::Timestamp> expires_at;
  std::string by;
  core::Timestamp at;
};
struct OverrideCleared {
  std::string permission;
  std::string tenant;
  std::string by;
};
struct LoggedIn {
  std::string method;
  std::string place;
  core::Timestamp at;
};
struct LoginFailed {
  std::uint32_t failures = 0;  ///< in a row
  std::string place;
  core::Timestamp at;
};
struct Locked {
  core::Timestamp until;
};
using Event = std::variant<Registered, OwnerEnrolled, Verified, Suspended, Banned, Reactivated, Deactivated,
                           RoleChanged, PermissionsSet, ProfileUpdated, PasswordChanged, ProviderLinked, OverrideSet,
                           OverrideCleared, LoggedIn, LoginFailed, Locked, SessionsRevoked>;

// ---- state

struct Override {
  std::string permission;
  Grant grant = Grant::deny;
  std::string tenant;
  std::optional<core::Timestamp> expires_at;
  std::string by;
};
struct Link {
  Provider provider = Provider::google;
  std::string subject_key;
};

/// From elsewhere it is a new place, of which the person is told (S23).
inline constexpr std::size_t places_max = 16;

/// Whether somebody may come in is `status` alone: there is no second flag that could contradict it.
struct State {
  Status status = Status::absent;
  Account account;
  bool root_owner = false;
  bool email_verified = false;
  std::string role;
  std::vector<std::string> permissions;
  std::vector<Override> overrides;  ///< expired ones go when the next is set
  std::vector<Link> links;          ///< of the past, one a provider
  core::Secret password;
  core::Timestamp password_at;  ///< sessions that began before do not count
  std::string reason;           ///< of the status
  std::string created_by;
  core::Timestamp created_at;
  std::string changed_by;  ///< who gave it this status
  core::Timestamp changed_at;
  core::Timestamp stopped_at;  ///< last time that it was suspended, banned or deactivated: no session of before counts
  core::Timestamp sessions_revoked_at;  ///< no session of before counts
  core::Timestamp last_login_at;
  std::string last_login_method;
  std::vector<std::string> places;  ///< keyed hashes of the latest `places_max` that they came in from, newest last
  std::uint32_t failed_logins = 0;  ///< in a row, since the last lock
  core::Timestamp locked_until;
};

/// True while logins are refused whatever the password.
inline bool is_locked(const State& s, core::Timestamp now) { return now < s.locked_until; }

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Account*);
const core::Record& describe(const Register*);
const core::Record& describe(const EnrolOwner*);
const core::Record& describe(const Verify*);
const core::Record& describe(const Suspend*);
const core::Record& describe(const Ban*);
const core::Record& describe(const Reactivate*);
const core::Record& describe(const Deactivate*);
const core::Record& describe(const ChangeRole*);
const core::Record& describe(const SetPermissions*);
const core::Record& describe(const SetOverride*);
const core::Record& describe(const ClearOverride*);
const core::Record& describe(const UpdateProfile*);
const core::Record& describe(const SetPassword*);
const core::Record& describe(const RevokeSessions*);
const core::Record& describe(const NoteLogin*);
const core::Record& describe(const NoteFailure*);
const core::Record& describe(const Registered*);
const core::Record& describe(const OwnerEnrolled*);
const core::Record& describe(const Verified*);
const core::Record& describe(const Suspended*);
const core::Record& describe(const Banned*);
const core::Record& describe(const Reactivated*);
const core::Record& describe(const Deactivated*);
const core::Record& describe(const RoleChanged*);
const core::Record& describe(const PermissionsSet*);
const core::Record& describe(const ProfileUpdated*);
const core::Record& describe(const PasswordChanged*);
const core::Record& describe(const ProviderLinked*);
const core::Record& describe(const OverrideSet*);
const core::Record& describe(const OverrideCleared*);
const core::Record& describe(const LoggedIn*);
const core::Record& describe(const LoginFailed*);
const core::Record& describe(const Locked*);
const core::Record& describe(const SessionsRevoked*);
const core::Record& describe(const Override*);
const core::Record& describe(const Link*);
const core::Record& describe(const State*);

}  // namespace nova::user
