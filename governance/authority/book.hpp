// Who is who, in memory: what the gate and the gateway ask at every request. Fed from documents at start, by the node's
// own commits before they are answered, and by the log for those of other nodes.
#pragma once
#include "core/decision.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nova::authority {

struct TenantLine {
  std::string status;  ///< "active", "suspended" ...
  std::string tier;    ///< "free" ... "sovereign"
};

/// One exception to what a role may (S21): deny beats allow, both beat the role.
struct Override {
  std::string permission;  ///< platform permission or tenant capability
  bool allow = false;
  std::string tenant;          ///< empty: everywhere
  core::Timestamp expires_at;  ///< 0: never
};

struct UserLine {
  std::string status;  ///< "pending", "active", "suspended", "banned", "deactivated"
  std::string role;    ///< of the platform: "free" ... "support_agent"
  bool root_owner = false;
  std::string email_key;  ///< keyed hash of the address
  std::string password;   ///< "secret://path@version", empty: none
  core::Timestamp locked_until;
  core::Timestamp sessions_from;         ///< sessions that began before are over: the password was changed
  std::vector<std::string> permissions;  ///< given beside the role
  std::vector<Override> overrides;
  std::vector<std::string> places;  ///< keyed hashes of the networks that they came in from lately
};

struct MembershipLine {
  std::string role;    ///< "owner", "admin", "staff", "viewer"
  std::string status;  ///< "invited", "active", "removed"
};

struct SessionLine {
  std::string user;
  std::string status;  ///< "active", "ended", "expired", "revoked"
  core::Timestamp expires_at;
  core::Timestamp started_at;
};

/// A user's authenticator app.
struct FactorLine {
  std::string status;  ///< "pending", "verified", "removed"
  std::string secret;  ///< "secret://path@version"
  std::uint64_t last_step = 0;
  std::vector<std::string> recovery;  ///< keyed hashes of the codes that are left
};

/// A credential of a user's authenticator.
struct PasskeyLine {
  std::string user;
  std::string status;          ///< "active", "removed"
  std::string credential_key;  ///< keyed hash of the credential's id
  std::string credential_id;   ///< base64url
  std::string public_key;      ///< COSE, base64url
  std::uint64_t sign_count = 0;
  bool backup_eligible = false;
};

/// A way of coming in, closed by the owner or open again.
struct MethodLine {
  bool closed = false;
  std::string reason;
};

/// A program that asks to be signed in (RFC 8628).
struct DeviceLine {
  std::string status;  ///< "pending", "approved", "denied", "redeemed", "expired"
  std::string device;
  std::string code_hash;
  std::string user;  ///< who answered
  core::Timestamp started_at, expires_at;
};

struct KeyLine {
  std::string tenant, id, user;
  std::string status;  ///< "active", "suspended", "revoked", "expired"
  std::string hash;
  std::string previous_hash;  ///< valid until `grace_until`
  core::Timestamp grace_until;
  core::Timestamp expires_at;
  std::vector<std::string> scopes;
  std::uint32_t per_minute = 0, per_hour = 0, per_day = 0;  ///< requests; 0: any number
  std::string agent;                                        ///< the AI agent that it signs in; empty: none
  std::optional<std::int64_t> place;                        ///< of its tenant's that it holds
};

/// An AI agent, and what it works in.
struct AgentLine {
  std::string status;  ///< "pending", "active", "inactive", "removed"
  std::string layer;
};
struct LayerLine {
  std::string status;  ///< "active", "suspended", "disabled", "emergency_stopped", "deleted"
};

/// How many accounts there are, and what they hold beside their roles.
struct UserCounts {
  std::size_t users = 0, with_permissions = 0, with_overrides = 0, overrides = 0;
  std::map<std::string, std::size_t> by_status, by_role;
};

/// A node that has not heard of the others' commits for longer refuses whom it would have to judge by them (S20).
inline constexpr std::chrono::seconds stale_after{1};

/// So many sessions that are over are remembered, and as many device logins, so that an earlier version of one that
/// comes late does not open it again; older ones are forgotten, which is the same to whoever asks.
inline constexpr std::size_t over_max = 10'000;

/// Any thread; a question costs a shared lock and a look-up, some 100 ns. Later versions of a line replace earlier
/// ones; an earlier version that comes late is ignored.
class Book {
 public:
  // ---- what the feed tells; `version` is the entity's
  void put(const std::string& tenant, TenantLine line, std::uint64_t version);
  void put_user(const std::string& id, UserLine line, std::uint64_t version);
  void put_membership(const std::string& tenant, const std::string& user, MembershipLine line, std::uint64_t version);
  void put_session(const std::string& id, SessionLine line, std::uint64_t version);
  void put_factor(const std::string& user, FactorLine line, std::uint64_t version);
  void put_passkey(const std::string& id, PasskeyLine line, std::uint64_t version);
  void put_device(const std::string& id, DeviceLine line, std::uint64_t version);
  void put_key(KeyLine line, std::uint64_t version);
  void put_method(const std::string& name, MethodLine line, std::uint64_t version);
  void put_agent(const std::string& id, AgentLine line, std::uint64_t version);
  void put_layer(const std::string& id, LayerLine line, std::uint64_t version);

  // ---- what is asked
  std::optional<TenantLine> tenant(const std::string& id) const;
  std::optional<UserLine> user(const std::string& id) const;
  std::string user_by_email(const std::string& email_key) const;  ///< id, empty: none
  std::optional<MembershipLine> membership(const std::string& tenant, const std::string& user) const;
  std::optional<SessionLine> session(const std::string& id) const;
  std::optional<FactorLine> factor(const std::string& user) const;
  std::optional<PasskeyLine> passkey(const std::string& id) const;
  std::string passkey_by_credential(const std::string& credential_key) const;  ///< id of an active one, empty: none
  /// Active ones in order of their ids, so in that of their making.
  std::vector<std::pair<std::string, PasskeyLine>> passkeys(const std::string& user) const;
  /// Whether they can be asked for more than a password: an app that proved itself, or a passkey.
  bool has_second_factor(const std::string& user) const;
  std::optional<DeviceLine> device(const std::string& id) const;
  std::optional<KeyLine> key(const std::string& tenant, const std::string& id) const;
  std::optional<KeyLine> key_by_hash(const std::string& hash) const;
  std::optional<MethodLine> method(const std::string& name) const;  ///< none: it was never closed
  std::optional<AgentLine> agent(const std::string& id) const;
  std::optional<LayerLine> layer(const std::string& id) const;
  std::size_t keys_of(const std::string& tenant) const;  ///< active and suspended ones
  /// The places that another key of the tenant may take, in order, where there may be `most` keys. Keys without a
  /// place, and those on places that the tier no longer has, count too: then there are fewer.
  std::vector<std::int64_t> free_key_places(const std::string& tenant, std::int64_t most) const;
  /// Active memberships, in order of tenant, after `after`, at most `limit`.
  std::vector<std::pair<std::string, MembershipLine>> memberships(const std::string& user, const std::string& after,
                                                                  std::size_t limit) const;
  std::string root_owner() const;  ///< user id; empty: not enrolled yet
  /// Another active owner of the tenant than `user`, empty: none.
  std::string other_owner(const std::string& tenant, const std::string& user) const;
  UserCounts count_users() const;  ///< under the lock: a millisecond for 10,000
  /// Ids of active users, in any order, until `next` answers false. It is called without the lock, so it may ask the
  /// book; who comes or goes meanwhile may be missed. About 100 ns a user.
  void each_active_user(const std::function<bool(const std::string& id)>& next) const;
  std::uint64_t sequence() const;  ///< grows with each change

  /// Where other nodes write too: everything that was committed before `at` is in the book.
  void fresh_at(std::chrono::steady_clock::time_point at) { fresh_at_ = at.time_since_epoch().count(); }
  /// False where this node alone writes.
  bool stale(std::chrono::steady_clock::time_point now) const;

 private:
  template <class Line>
  struct Kept {
    Line line;
    std::uint64_t version = 0;
  };
  template <class Map, class Line>
  bool keep(Map& map, const std::string& key, Line line, std::uint64_t version);

  std::atomic<std::chrono::steady_clock::rep> fresh_at_{0};  ///< 0: nobody else writes
  mutable std::shared_mutex mutex_;
  std::uint64_t sequence_ = 0;
  std::unordered_map<std::string, Kept<TenantLine>> tenants_;
  std::unordered_map<std::string, Kept<UserLine>> users_;
  std::unordered_map<std::string, std::string> users_by_email_;
  std::unordered_map<std::string, std::map<std::string, Kept<MembershipLine>>> memberships_;  ///< user -> tenant
  std::unordered_map<std::string, std::set<std::string>> owners_;                             ///< tenant -> users
  std::unordered_map<std::string, Kept<SessionLine>> sessions_;
  std::deque<std::string> sessions_over_, devices_over_;       ///< remembered for a while, oldest first
  std::unordered_map<std::string, Kept<FactorLine>> factors_;  ///< by user
  std::unordered_map<std::string, Kept<PasskeyLine>> passkeys_;
  std::unordered_map<std::string, std::string> passkeys_by_credential_;      ///< active ones
  std::unordered_map<std::string, std::set<std::string>> passkeys_by_user_;  ///< active ones
  std::unordered_map<std::string, Kept<DeviceLine>> devices_;
  std::unordered_map<std::string, Kept<MethodLine>> methods_;
  std::unordered_map<std::string, Kept<KeyLine>> keys_;  ///< tenant/id
  std::unordered_map<std::string, std::string> keys_by_hash_;
  std::unordered_map<std::string, std::size_t> keys_of_;                ///< tenant -> active and suspended ones
  std::unordered_map<std::string, std::set<std::int64_t>> key_places_;  ///< tenant -> those of these keys
  std::unordered_map<std::string, Kept<AgentLine>> agents_;
  std::unordered_map<std::string, Kept<LayerLine>> layers_;
  std::string root_owner_;
};

}  // namespace nova::authority
