#include "actors/user/user.hpp"

namespace nova::user {

using core::field;
using core::hidden;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent",    "pending", "active",
                                                      "suspended", "banned",  "deactivated"};
  return names;
}
const std::vector<std::string_view>& names_of(const Provider*) {
  static const std::vector<std::string_view> names = {"email", "google", "github", "apple", "replit", "microsoft"};
  return names;
}
const std::vector<std::string_view>& names_of(const Language*) {
  static const std::vector<std::string_view> names = {"ar", "en"};
  return names;
}
const std::vector<std::string_view>& names_of(const Grant*) {
  static const std::vector<std::string_view> names = {"allow", "deny"};
  return names;
}

const core::Record& describe(const Account*) {
  static const auto row = record<Account>(
      "account", "Who somebody is, and how the node finds them.",
      {field("email", &Account::email, "where they are reached"),
       hidden(field("email_key", &Account::email_key, "keyed hash of the normalised email, by which it is unique")),
       optional_field("username", &Account::username, "what they call themselves"),
       optional_field("full_name", &Account::full_name, "their name"),
       optional_field("provider", &Account::provider, "who vouches for them"),
       optional_field("language", &Account::language, "how they are spoken to")});
  return row;
}

// ---- commands

const core::Record& describe(const Register*) {
  static const auto row =
      record<Register>("register", "Make an account; it waits as pending until its email is verified.",
                       {field("account", &Register::account, "who it is"),
                        field("password", &Register::password, "its encoded hash; none with an outside provider"),
                        optional_field("verified", &Register::verified, "the provider vouches for the email")});
  return row;
}
const core::Record& describe(const EnrolOwner*) {
  static const auto row = record<EnrolOwner>("enrol_owner", "Make the account of the one root owner.",
                                             {field("account", &EnrolOwner::account, "who it is"),
                                              field("password", &EnrolOwner::password, "its encoded hash")});
  return row;
}
const core::Record& describe(const Verify*) {
  static const auto row = record<Verify>("verify", "The email was proved.", {});
  return row;
}
const core::Record& describe(const Suspend*) {
  static const auto row = record<Suspend>("suspend", "Stop somebody for a while.",
                                          {optional_field("reason", &Suspend::reason, "why; required")});
  return row;
}
const core::Record& describe(const Ban*) {
  static const auto row =
      record<Ban>("ban", "Stop somebody for good.", {optional_field("reason", &Ban::reason, "why; required")});
  return row;
}
const core::Record& describe(const Reactivate*) {
  static const auto row = record<Reactivate>("reactivate", "Let somebody in again; a banned one by the owner only.",
                                             {optional_field("reason", &Reactivate::reason, "why")});
  return row;
}
const core::Record& describe(const Deactivate*) {
  static const auto row = record<Deactivate>("deactivate", "Leave, or be let go by the owner.",
                                             {optional_field("reason", &Deactivate::reason, "why")});
  return row;
}
const core::Record& describe(const ChangeRole*) {
  static const auto row = record<ChangeRole>("change_role", "Give another platform role.",
                                             {field("role", &ChangeRole::role,
                                                    "free, basic, pro, enterprise, sovereign; by the owner also "
                                                    "admin, finance_admin, finance_manager, accountant, "
                                                    "support_agent"),
                                              optional_field("reason", &ChangeRole::reason, "why")});
  return row;
}
const core::Record& describe(const SetPermissions*) {
  static const auto row =
      record<SetPermissions>("set_permissions", "Give exactly these platform permissions beside the role's.",
                             {field("permissions", &SetPermissions::permissions, "names `area:verb`")});
  return row;
}
const core::Record& describe(const SetOverride*) {
  static const auto row = record<SetOverride>(
      "set_override", "Allow or deny one permission or tenant capability, whatever the role says.",
      {field("permission", &SetOverride::permission, "a platform permission, or a capability of a tenant"),
       field("grant", &SetOverride::grant, "deny beats allow"),
       optional_field("tenant", &SetOverride::tenant, "where; empty: everywhere"),
       field("expires_at", &SetOverride::expires_at, "when it ends; none: when it is cleared")});
  return row;
}
const core::Record& describe(const ClearOverride*) {
  static const auto row =
      record<ClearOverride>("clear_override", "Let the role speak again.",
                            {field("permission", &ClearOverride::permission, "of which permission"),
                             optional_field("tenant", &ClearOverride::tenant, "where; empty: everywhere")});
  return row;
}
const core::Record& describe(const UpdateProfile*) {
  static const auto row =
      record<UpdateProfile>("update_profile", "Change what is given, keep the rest.",
                            {field("username", &UpdateProfile::username, "what they call themselves"),
                             field("full_name", &UpdateProfile::full_name, "their name"),
                             field("language", &UpdateProfile::language, "how they are spoken to")});
  return row;
}
const core::Record& describe(const SetPassword*) {
  static const auto row =
      record<SetPassword>("set_password", "Replace the password; sessions that began before end.",
                          {field("password", &SetPassword::password, "its encoded hash"),
                           optional_field("reset", &SetPassword::reset, "by a link, without knowing the old one")});
  return row;
}
const core::Record& describe(const RevokeSessions*) {
  static const auto row = record<RevokeSessions>("revoke_sessions", "End all their sessions.",
                                                 {optional_field("reason", &RevokeSessions::reason, "why")});
  return row;
}
const core::Record& describe(const NoteLogin*) {
  static const auto row = record<NoteLogin>("note_login", "Somebody came in; forgets failed tries.",
                                            {field("method", &NoteLogin::method, "how"),
                                             optional_field("place", &NoteLogin::place, "from where, keyed hash")});
  return row;
}
const core::Record& describe(const NoteFailure*) {
  static const auto row = record<NoteFailure>("note_failure", "A login failed; the tenth in a row locks.",
                                              {optional_field("place", &NoteFailure::place, "from where, keyed hash")});
  return row;
}

// ---- events

const core::Record& describe(const Registered*) {
  static const auto row = record<Registered>(
      "registered", "An account was made.",
      {field("account", &Registered::account, "who it is"), field("role", &Registered::role, "its platform role"),
       hidden(field("password", &Registered::password, "its encoded hash, sealed; empty: none")),
       field("by", &Registered::by, "who made it"), field("at", &Registered::at, "when")});
  return row;
}
const core::Record& describe(const OwnerEnrolled*) {
  static const auto row =
      record<OwnerEnrolled>("owner_enrolled", "This is the root owner.", {field("at", &OwnerEnrolled::at, "when")});
  return row;
}
const core::Record& describe(const Verified*) {
  static const auto row = record<Verified>("verified", "The email is theirs, and they may come in.",
                                           {field("by", &Verified::by, "who"), field("at", &Verified::at, "when")});
  return row;
}

namespace {

template <class Event>
core::Record moved(std::string_view name, std::string_view doc) {
  return record<Event>(name, doc,
                       {field("from", &Event::from, "the status before"), field("reason", &Event::reason, "why"),
                        field("by", &Event::by, "who"), field("at", &Event::at, "when")});
}

}  // namespace

const core::Record& describe(const Suspended*) {
  static const auto row = moved<Suspended>("suspended", "They are stopped for a while.");
  return row;
}
const core::Record& describe(const Banned*) {
  static const auto row = moved<Banned>("banned", "They are stopped for good.");
  return row;
}
const core::Record& describe(const Reactivated*) {
  static const auto row = moved<Reactivated>("reactivated", "They may come in again.");
  return row;
}
const core::Record& describe(const Deactivated*) {
  static const auto row = moved<Deactivated>("deactivated", "They have left.");
  return row;
}
const core::Record& describe(const RoleChanged*) {
  static const auto row = record<RoleChanged>(
      "role_changed", "Their platform role is another.",
      {field("from", &RoleChanged::from, "the role before"), field("role", &RoleChanged::role, "the role now"),
       field("reason", &RoleChanged::reason, "why"), field("by", &RoleChanged::by, "who"),
       field("at", &RoleChanged::at, "when")});
  return row;
}
const core::Record& describe(const PermissionsSet*) {
  static const auto row =
      record<PermissionsSet>("permissions_set", "They hold exactly these permissions beside the role's.",
                             {field("permissions", &PermissionsSet::permissions, "names `area:verb`"),
                              field("by", &PermissionsSet::by, "who"), field("at", &PermissionsSet::at, "when")});
  return row;
}
const core::Record& describe(const ProfileUpdated*) {
  static const auto row =
      record<ProfileUpdated>("profile_updated", "What they say of themselves changed.",
                             {field("username", &ProfileUpdated::username, "what they call themselves"),
                              field("full_name", &ProfileUpdated::full_name, "their name"),
                              field("language", &ProfileUpdated::language, "how they are spoken to"),
                              field("by", &ProfileUpdated::by, "who")});
  return row;
}
const core::Record& describe(const PasswordChanged*) {
  static const auto row =
      record<PasswordChanged>("password_changed", "The password is another.",
                              {hidden(field("password", &PasswordChanged::password, "its encoded hash, sealed")),
                               field("reset", &PasswordChanged::reset, "by a link, without knowing the old one"),
                               field("at", &PasswordChanged::at, "when")});
  return row;
}
const core::Record& describe(const ProviderLinked*) {
  static const auto row = record<ProviderLinked>(
      "provider_linked", "They may come in by an outside identity too.",
      {field("provider", &ProviderLinked::provider, "whose identity"),
       hidden(field("subject_key", &ProviderLinked::subject_key, "keyed hash of the provider's id")),
       field("at", &ProviderLinked::at, "when")});
  return row;
}
const core::Record& describe(const OverrideSet*) {
  static const auto row = record<OverrideSet>(
      "override_set", "One permission is allowed or denied, whatever the role says.",
      {field("permission", &OverrideSet::permission, "which"), field("grant", &OverrideSet::grant, "allow or deny"),
       field("tenant", &OverrideSet::tenant, "where; empty: everywhere"),
       field("expires_at", &OverrideSet::expires_at, "when it ends"), field("by", &OverrideSet::by, "who"),
       field("at", &OverrideSet::at, "when")});
  return row;
}
const core::Record& describe(const OverrideCleared*) {
  static const auto row =
      record<OverrideCleared>("override_cleared", "The role speaks again.",
                              {field("permission", &OverrideCleared::permission, "of which permission"),
                               field("tenant", &OverrideCleared::tenant, "where; empty: everywhere"),
                               field("by", &OverrideCleared::by, "who")});
  return row;
}
const core::Record& describe(const LoggedIn*) {
  static const auto row = record<LoggedIn>(
      "logged_in", "They came in.",
      {field("method", &LoggedIn::method, "how"), field("place", &LoggedIn::place, "from where, keyed hash"),
       field("at", &LoggedIn::at, "when")});
  return row;
}
const core::Record& describe(const LoginFailed*) {
  static const auto row = record<LoginFailed>(
      "login_failed", "Somebody tried to come in and could not.",
      {field("failures", &LoginFailed::failures, "in a row"),
       field("place", &LoginFailed::place, "from where, keyed hash"), field("at", &LoginFailed::at, "when")});
  return row;
}
const core::Record& describe(const Locked*) {
  static const auto row = record<Locked>("locked", "Logins are refused for a while, whatever the password.",
                                         {field("until", &Locked::until, "until when")});
  return row;
}

// ---- state

const core::Record& describe(const SessionsRevoked*) {
  static const auto row =
      record<SessionsRevoked>("sessions_revoked", "All their sessions were ended.",
                              {field("reason", &SessionsRevoked::reason, "why"),
                               field("by", &SessionsRevoked::by, "who"), field("at", &SessionsRevoked::at, "when")});
  return row;
}
const core::Record& describe(const Override*) {
  static const auto row = record<Override>(
      "override", "What is allowed or denied whatever the role says.",
      {field("permission", &Override::permission, "which"), field("grant", &Override::grant, "allow or deny"),
       field("tenant", &Override::tenant, "where; empty: everywhere"),
       field("expires_at", &Override::expires_at, "when it ends"), field("by", &Override::by, "who set it")});
  return row;
}
const core::Record& describe(const Link*) {
  static const auto row =
      record<Link>("link", "An outside identity.",
                   {field("provider", &Link::provider, "whose"),
                    hidden(field("subject_key", &Link::subject_key, "keyed hash of the provider's id"))});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "user", "An account.",
      {field("status", &State::status, "where it stands"),
       field("account", &State::account, "who it is"),
       field("root_owner", &State::root_owner, "the one owner"),
       field("email_verified", &State::email_verified, "the email was proved"),
       field("role", &State::role, "its platform role"),
       field("permissions", &State::permissions, "held beside the role's"),
       field("overrides", &State::overrides, "allowed or denied whatever the role says"),
       field("links", &State::links, "outside identities"),
       hidden(field("password", &State::password, "its encoded hash, sealed; empty: none")),
       field("password_at", &State::password_at, "since when it is this one"),
       field("reason", &State::reason, "why it has this status"),
       field("created_by", &State::created_by, "who made it"),
       field("created_at", &State::created_at, "when"),
       field("changed_by", &State::changed_by, "who gave it this status"),
       field("changed_at", &State::changed_at, "when"),
       field("stopped_at", &State::stopped_at, "when it was last suspended, banned or deactivated"),
       field("sessions_revoked_at", &State::sessions_revoked_at, "when all their sessions were last ended"),
       field("last_login_at", &State::last_login_at, "when they last came in"),
       field("last_login_method", &State::last_login_method, "how"),
       field("places", &State::places, "keyed hashes of the networks that they came in from, newest last"),
       field("failed_logins", &State::failed_logins, "in a row"),
       field("locked_until", &State::locked_until, "until when logins are refused")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "user",
      .plural = "users",
      .doc = "An account of a person.",
      .short_names = {"usr"},
      .commands =
          {{.name = "register",
            .doc = "Make an account.",
            .door = assisted,
            .impact = 2,
            .creates = true,
            .access = {.anyone = true}},
           {.name = "enrol_owner", .doc = "Make the root owner.", .door = internal, .impact = 10, .creates = true},
           {.name = "verify", .doc = "The email was proved.", .impact = 2, .access = {.permission = "users:update"}},
           {.name = "suspend",
            .doc = "Stop somebody for a while.",
            .impact = 7,
            .destructive = true,
            .access = {.permission = "users:ban"}},
           {.name = "ban", .doc = "Stop somebody for good.", .impact = 8, .destructive = true},
           {.name = "reactivate", .doc = "Let somebody in again.", .impact = 6},
           {.name = "deactivate",
            .doc = "Leave, or be let go by the owner.",
            .impact = 6,
            .destructive = true,
            .access = {.own = true}},
           {.name = "change_role", .doc = "Give another platform role.", .impact = 8},
           {.name = "set_permissions", .doc = "Give exactly these permissions.", .impact = 8},
           {.name = "set_override", .doc = "Allow or deny one permission.", .impact = 8},
           {.name = "clear_override", .doc = "Let the role speak again.", .impact = 8},
           {.name = "update_profile",
            .doc = "Change names or language.",
            .impact = 1,
            .access = {.permission = "users:update", .own = true}},
           {.name = "set_password",
            .doc = "Replace the password.",
            .door = assisted,
            .impact = 5,
            .access = {.own = true}},
           {.name = "revoke_sessions",
            .doc = "End all their sessions.",
            .impact = 6,
            .access = {.permission = "users:update", .own = true}},
           {.name = "note_login", .doc = "Somebody came in.", .door = internal},
           {.name = "note_failure", .doc = "A login failed.", .door = internal}},
      .events = {{.name = "user.registered", .doc = "An account was made."},
                 {.name = "user.owner_enrolled", .doc = "This is the root owner."},
                 {.name = "user.verified", .doc = "The email is theirs."},
                 {.name = "user.suspended", .doc = "They are stopped for a while."},
                 {.name = "user.banned", .doc = "They are stopped for good."},
                 {.name = "user.reactivated", .doc = "They may come in again."},
                 {.name = "user.deactivated", .doc = "They have left."},
                 {.name = "user.role_changed", .doc = "Their platform role is another."},
                 {.name = "user.permissions_set", .doc = "They hold exactly these permissions."},
                 {.name = "user.profile_updated", .doc = "What they say of themselves changed."},
                 {.name = "password.changed", .doc = "The password is another."},
                 {.name = "user.provider_linked", .doc = "They may come in by an outside identity."},
                 {.name = "override.set", .doc = "One permission is allowed or denied."},
                 {.name = "override.cleared", .doc = "The role speaks again."},
                 {.name = "user.logged_in", .doc = "They came in.", .observation = true},
                 {.name = "auth.failed", .doc = "Somebody tried to come in.", .observation = true},
                 {.name = "auth.locked", .doc = "Logins are refused for a while.", .observation = true},
                 {.name = "user.sessions_revoked", .doc = "All their sessions were ended."}},
      .authority = true,
      .read = {.permission = "users:read", .own = true},
  });
  return made;
}

}  // namespace nova::user
