// Membership: one user's part in a tenant, with a role by rank (S21). Its id is the user's.
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::membership {

enum class Status : std::uint8_t { absent, invited, active, removed };
/// The roles as callers may write them: a document calls staff `member`.
enum class RoleWord : std::uint8_t { viewer, staff, admin, owner, member };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const RoleWord*);

using core::TenantRole;
using UserId = core::Text<0, 128, core::Shape::name>;  ///< may be empty
using Why = core::Text<0, 1000, core::Shape::any>;

// ---- commands

struct Invite {
  RoleWord role = RoleWord::viewer;
};
struct Enrol {
  RoleWord role = RoleWord::owner;
};
struct Accept {};
struct ChangeRole {
  RoleWord role = RoleWord::viewer;
  UserId other_owner;  ///< who stays owner when this one does not
};
struct Remove {
  Why reason;
  UserId other_owner;
};
struct TransferOwnership {
  core::EntityId to;  ///< an active member
};
struct ReceiveOwnership {
  core::EntityId from;
};
using Command =
    std::variant<Invite, Enrol, Accept, ChangeRole, Remove, TransferOwnership, ReceiveOwnership, core::Settle>;

// ---- events: stored for ever

struct Invited {
  TenantRole role = TenantRole::viewer;
  std::string by;
  core::Timestamp at;
};
struct Accepted {
  core::Timestamp at;
};
struct RoleChanged {
  TenantRole from = TenantRole::viewer;
  TenantRole role = TenantRole::viewer;
  std::string by;
  core::Timestamp at;
};
struct Removed {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct TransferAsked {
  std::string to;
  std::string by;
  std::string work;
};
struct TransferFailed {
  std::string to;
  std::string code;
  std::string message;
};
using Event = std::variant<Invited, Accepted, RoleChanged, Removed, TransferAsked, TransferFailed>;

// ---- state

struct State {
  Status status = Status::absent;
  TenantRole role = TenantRole::none;
  std::string invited_by;
  core::Timestamp invited_at;
  core::Timestamp joined_at;
  std::string reason;  ///< of the removal, or why a transfer failed
  std::string changed_by;
  core::Timestamp changed_at;
  std::string transfer_to;  ///< ownership is on its way there
  std::string transfer_by;
  std::string work;             ///< outstanding; empty: none
  std::uint64_t transfers = 0;  ///< last number used in ids of works
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

/// The membership that must still be an active owner's when this command is decided; empty: none is needed.
std::string needed_owner(const State&, const ChangeRole&);
std::string needed_owner(const State&, const Remove&);
std::string needed_owner(const State&, const core::Settle&);

const core::Record& describe(const Invite*);
const core::Record& describe(const Enrol*);
const core::Record& describe(const Accept*);
const core::Record& describe(const ChangeRole*);
const core::Record& describe(const Remove*);
const core::Record& describe(const TransferOwnership*);
const core::Record& describe(const ReceiveOwnership*);
const core::Record& describe(const Invited*);
const core::Record& describe(const Accepted*);
const core::Record& describe(const RoleChanged*);
const core::Record& describe(const Removed*);
const core::Record& describe(const TransferAsked*);
const core::Record& describe(const TransferFailed*);
const core::Record& describe(const State*);

}  // namespace nova::membership
