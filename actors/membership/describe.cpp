#include "actors/membership/membership.hpp"

namespace nova::membership {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "invited", "active", "removed"};
  return names;
}
const std::vector<std::string_view>& names_of(const RoleWord*) {
  static const std::vector<std::string_view> names = {"viewer", "staff", "admin", "owner", "member"};
  return names;
}

const core::Record& describe(const Invite*) {
  static const auto row =
      record<Invite>("invite", "Ask a user into the tenant.", {field("role", &Invite::role, "member reads as staff")});
  return row;
}
const core::Record& describe(const Enrol*) {
  static const auto row = record<Enrol>("enrol", "Take a user into the tenant at once.",
                                        {optional_field("role", &Enrol::role, "owner for a tenant's first")});
  return row;
}
const core::Record& describe(const Accept*) {
  static const auto row = record<Accept>("accept", "Take the invitation.", {});
  return row;
}
const core::Record& describe(const ChangeRole*) {
  static const auto row = record<ChangeRole>(
      "change_role", "Give another role.",
      {field("role", &ChangeRole::role, "member reads as staff"),
       optional_field("other_owner", &ChangeRole::other_owner, "who stays owner when this one does not")});
  return row;
}
const core::Record& describe(const Remove*) {
  static const auto row =
      record<Remove>("remove", "End somebody's part in the tenant, or leave.",
                     {optional_field("reason", &Remove::reason, "why"),
                      optional_field("other_owner", &Remove::other_owner, "who stays owner when an owner goes")});
  return row;
}
const core::Record& describe(const TransferOwnership*) {
  static const auto row = record<TransferOwnership>("transfer_ownership", "Make another member owner in one's place.",
                                                    {field("to", &TransferOwnership::to, "an active member")});
  return row;
}
const core::Record& describe(const ReceiveOwnership*) {
  static const auto row = record<ReceiveOwnership>("receive_ownership", "An owner hands over.",
                                                   {field("from", &ReceiveOwnership::from, "who")});
  return row;
}

const core::Record& describe(const Invited*) {
  static const auto row = record<Invited>(
      "invited", "They were asked into the tenant.",
      {field("role", &Invited::role, "as what"), field("by", &Invited::by, "who"), field("at", &Invited::at, "when")});
  return row;
}
const core::Record& describe(const Accepted*) {
  static const auto row = record<Accepted>("accepted", "They are a member.", {field("at", &Accepted::at, "when")});
  return row;
}
const core::Record& describe(const RoleChanged*) {
  static const auto row = record<RoleChanged>(
      "role_changed", "Their role is another.",
      {field("from", &RoleChanged::from, "the role before"), field("role", &RoleChanged::role, "the role now"),
       field("by", &RoleChanged::by, "who"), field("at", &RoleChanged::at, "when")});
  return row;
}
const core::Record& describe(const Removed*) {
  static const auto row = record<Removed>(
      "removed", "They have no part in the tenant any more.",
      {field("reason", &Removed::reason, "why"), field("by", &Removed::by, "who"), field("at", &Removed::at, "when")});
  return row;
}
const core::Record& describe(const TransferAsked*) {
  static const auto row =
      record<TransferAsked>("transfer_asked", "The ownership is on its way to another member.",
                            {field("to", &TransferAsked::to, "to whom"), field("by", &TransferAsked::by, "who"),
                             field("work", &TransferAsked::work, "id of the work")});
  return row;
}
const core::Record& describe(const TransferFailed*) {
  static const auto row = record<TransferFailed>(
      "transfer_failed", "They stay owner.",
      {field("to", &TransferFailed::to, "who did not become owner"), field("code", &TransferFailed::code, "why"),
       field("message", &TransferFailed::message, "why, for people")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "membership", "One user's part in a tenant.",
      {field("status", &State::status, "where it stands"), field("role", &State::role, "what they are here"),
       field("invited_by", &State::invited_by, "who asked them"), field("invited_at", &State::invited_at, "when"),
       field("joined_at", &State::joined_at, "since when they are a member"),
       field("reason", &State::reason, "why it is over, or why a transfer failed"),
       field("changed_by", &State::changed_by, "who changed it last"), field("changed_at", &State::changed_at, "when"),
       field("transfer_to", &State::transfer_to, "who becomes owner in their place"),
       field("transfer_by", &State::transfer_by, "who asked for that"),
       field("work", &State::work, "under way; empty: none"),
       field("transfers", &State::transfers, "last number used in ids of works")});
  return row;
}

namespace {

// An owner who must stay one is a strict fact: a commit that would leave the tenant without any fails instead.
template <class Command>
std::vector<core::FactNeed> other_owner(const core::EntityKey& self, const void* state, const void* command) {
  const auto other = needed_owner(*static_cast<const State*>(state), *static_cast<const Command*>(command));
  if (other.empty() || other == self.id) return {};
  return {{{self.tenant, "membership", other}, true}};
}

std::vector<core::FactNeed> the_user(const core::EntityKey& self, const void*, const void*) {
  return {{{"system", "user", self.id}, false}};
}

std::vector<core::FactNeed> the_next(const core::EntityKey& self, const void*, const void* command) {
  return {{{self.tenant, "membership", static_cast<const TransferOwnership*>(command)->to}, false}};
}

}  // namespace

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "membership",
      .plural = "memberships",
      .doc = "One user's part in a tenant; its id is the user's.",
      .short_names = {"member"},
      .commands = {{.name = "invite",
                    .doc = "Ask a user into the tenant.",
                    .impact = 4,
                    .creates = true,
                    .access = {.capability = "users.manage", .permission = "users:update", .scope = "users.manage"},
                    .facts = the_user},
                   {.name = "enrol", .doc = "Take a user into the tenant at once.", .door = internal, .creates = true},
                   {.name = "accept", .doc = "Take the invitation.", .impact = 2, .access = {.own = true}},
                   {.name = "change_role",
                    .doc = "Give another role.",
                    .impact = 6,
                    .access = {.capability = "users.manage", .permission = "users:update", .scope = "users.manage"},
                    .facts = other_owner<ChangeRole>},
                   {.name = "remove",
                    .doc = "End somebody's part in the tenant, or leave.",
                    .impact = 6,
                    .destructive = true,
                    .access = {.capability = "users.manage",
                               .permission = "users:update",
                               .scope = "users.manage",
                               .own = true},
                    .facts = other_owner<Remove>},
                   {.name = "transfer_ownership",
                    .doc = "Make another member owner in one's place.",
                    .impact = 8,
                    .destructive = true,
                    .access = {.own = true},
                    .facts = the_next},
                   {.name = "receive_ownership", .doc = "An owner hands over.", .door = internal},
                   {.name = "settle",
                    .doc = "The other one has answered.",
                    .door = internal,
                    .facts = other_owner<core::Settle>}},
      .events = {{.name = "membership.invited", .doc = "They were asked into the tenant."},
                 {.name = "membership.accepted", .doc = "They are a member."},
                 {.name = "membership.role_changed", .doc = "Their role is another."},
                 {.name = "membership.removed", .doc = "They have no part in the tenant any more."},
                 {.name = "membership.transfer_asked", .doc = "The ownership is on its way."},
                 {.name = "membership.transfer_failed", .doc = "They stay owner."}},
      .authority = true,
      .read = {.capability = "users.manage", .permission = "users:read", .scope = "users.read", .own = true},
  });
  return made;
}

}  // namespace nova::membership
