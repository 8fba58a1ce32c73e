// Verification: a mail with a token that is good once, by which somebody proves that an address is theirs (S20, S23).
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::verification {

/// What the token does. Two do nothing: `notice` tells the owner of a known address that somebody gave it, `new_place`
/// that they came in from a network that they never came in from before.
enum class Purpose : std::uint8_t { email, password, notice, new_place };
enum class Status : std::uint8_t { absent, sending, sent, undelivered, used, expired };
const std::vector<std::string_view>& names_of(const Purpose*);
const std::vector<std::string_view>& names_of(const Status*);

inline constexpr std::chrono::hours email_life{24};
inline constexpr std::chrono::hours password_life{1};
/// Nobody's mailbox is filled through this node: one mail a minute, six a day, for each purpose and account.
inline constexpr std::chrono::minutes between_mails{1};
inline constexpr std::chrono::hours day{24};
inline constexpr std::uint32_t mails_a_day_max = 6;
/// The driver tries again for some seconds; after that a server that says "later" (RFC 5321, 4.5.4.1) is asked again
/// after these times.
inline constexpr std::chrono::minutes later[] = {std::chrono::minutes(1), std::chrono::minutes(5),
                                                 std::chrono::minutes(20), std::chrono::minutes(60),
                                                 std::chrono::minutes(180)};

std::chrono::milliseconds life_of(Purpose purpose);

struct User {
  static constexpr std::string_view kind = "user";
};

// ---- commands

/// Another token in place of the one before, and a mail with it.
struct Issue {
  core::EntityRef<User> user;
  Purpose purpose = Purpose::email;
  core::KeyedHash token_hash;
  core::Secret letter;  ///< what only the mail driver opens: address and token
};
struct Use {
  core::KeyedHash token_hash;
};
using Command = std::variant<Issue, Use, core::Settle, core::Fire>;

// ---- events: stored for ever

struct Issued {
  std::string user;
  Purpose purpose = Purpose::email;
  std::string token_hash;
  core::Secret letter;
  std::string language;
  std::string work;
  core::Timestamp at, expires_at;
};
struct Sent {
  core::Timestamp at;
};
struct Deferred {
  std::string code, message;
  core::Timestamp at, again_at;
};
struct Retried {
  std::string work;
  core::Timestamp at;
};
struct Undelivered {
  std::string code, message;
  core::Timestamp at;
};
struct Used {
  core::Timestamp at;
};
struct Expired {
  core::Timestamp at;
};
/// Address and token are in the vault no more.
struct Forgotten {
  core::Timestamp at;
};
using Event = std::variant<Issued, Sent, Deferred, Retried, Undelivered, Used, Expired, Forgotten>;

// ---- state

struct State {
  Status status = Status::absent;
  std::string user;
  Purpose purpose = Purpose::email;
  std::string token_hash;
  core::Secret letter;
  std::string language;
  std::string work;          ///< the mail on its way; empty: none
  bool letter_kept = false;  ///< the vault has it still
  std::uint32_t issues = 0;  ///< mails so far
  std::uint32_t rounds = 0;  ///< times that a server said "later", of this mail
  std::uint32_t in_day = 0;  ///< mails since `day_from`
  core::Timestamp day_from, issued_at, expires_at, ended_at;
  std::string reason;  ///< of the last failure
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Issue*);
const core::Record& describe(const Use*);
const core::Record& describe(const Issued*);
const core::Record& describe(const Sent*);
const core::Record& describe(const Deferred*);
const core::Record& describe(const Retried*);
const core::Record& describe(const Undelivered*);
const core::Record& describe(const Used*);
const core::Record& describe(const Expired*);
const core::Record& describe(const Forgotten*);
const core::Record& describe(const State*);

}  // namespace nova::verification
