// A secret of a tenant: its versions as metadata, whose values lie in the vault (S51).
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::secret {

enum class Status : std::uint8_t { absent, active, destroyed };
enum class Type : std::uint8_t { generic, api_key, password, certificate, token };
enum class Erasing : std::uint8_t { asked, failed };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Type*);
const std::vector<std::string_view>& names_of(const Erasing*);

/// Versions that stay beside the current one (S51); of more the oldest is destroyed.
inline constexpr std::size_t previous_versions_max = 5;
/// Versions that the vault was asked to erase and has not yet: beyond it nothing is rotated.
inline constexpr std::size_t erasures_max = 16;

using Title = core::Text<0, 255, core::Shape::line>;
using Path = core::Text<0, 500, core::Shape::line>;  ///< letters, digits, `-`, `_`, `/`, `.`
using Number = core::Bounded<1, 1'000'000'000>;
using Reference = core::Text<1, 160, core::Shape::line>;  ///< "external_ai/<id>"
/// How much may point at one secret.
inline constexpr std::size_t used_by_max = 64;

// ---- commands

struct Create {
  core::Secret value;
  Title name;
  Path path;  ///< empty: the id; unique in the tenant
  Type type = Type::generic;
};
struct Rotate {
  core::Secret value;
};
struct DestroyVersion {
  Number version;
};
struct Destroy {
  core::Reason reason;
};
struct Attach {
  Reference by;
};
struct Detach {
  Reference by;
};
using Command = std::variant<Create, Rotate, DestroyVersion, Destroy, core::Settle, Attach, Detach>;

// ---- events: stored for ever

struct Created {
  core::Secret value;
  std::uint64_t version = 0;
  std::string name;
  std::string path;
  Type type = Type::generic;
  std::string owner;
  core::Timestamp at;
};
struct Rotated {
  core::Secret value;
  std::uint64_t version = 0;
  std::uint64_t dropped = 0;  ///< the oldest version, destroyed with it; 0: none
  std::string by;
  core::Timestamp at;
};
struct VersionDestroyed {
  std::uint64_t version = 0;
  std::string by;
  core::Timestamp at;
};
struct Destroyed {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Erased {
  std::uint64_t version = 0;  ///< 0: all of them
  core::Timestamp at;
};
struct EraseFailed {
  std::uint64_t version = 0;
  std::string code;
  std::string message;
  core::Timestamp at;
};
struct Attached {
  std::string by;
  core::Timestamp at;
};
struct Detached {
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<Created, Rotated, VersionDestroyed, Destroyed, Erased, EraseFailed, Attached, Detached>;

// ---- state

struct Version {
  std::uint64_t number = 0;  ///< the vault's: gaps are values that were sealed and then refused
  core::Secret value;        ///< how others name it: "secret://tenant/secret/id/value@number"
  std::string by;
  core::Timestamp at;
};

/// What is destroyed, and still lies in the vault.
struct Erasure {
  std::uint64_t version = 0;  ///< 0: all
  Erasing status = Erasing::asked;
  std::string message;  ///< why it failed
};

struct State {
  Status status = Status::absent;
  std::string name;
  std::string path;
  Type type = Type::generic;
  std::string owner;
  std::uint64_t version = 0;      ///< the current one
  std::vector<Version> versions;  ///< in order, the current one last
  std::vector<Erasure> erasures;
  std::string reason;  ///< of being destroyed
  core::Timestamp created_at;
  core::Timestamp changed_at;
  std::string changed_by;
  std::vector<std::string> used_by;  ///< what points at it, kind/id: it is not destroyed before they are done with it
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Create*);
const core::Record& describe(const Rotate*);
const core::Record& describe(const DestroyVersion*);
const core::Record& describe(const Destroy*);
const core::Record& describe(const Attach*);
const core::Record& describe(const Detach*);
const core::Record& describe(const Created*);
const core::Record& describe(const Rotated*);
const core::Record& describe(const VersionDestroyed*);
const core::Record& describe(const Destroyed*);
const core::Record& describe(const Erased*);
const core::Record& describe(const EraseFailed*);
const core::Record& describe(const Attached*);
const core::Record& describe(const Detached*);
const core::Record& describe(const Version*);
const core::Record& describe(const Erasure*);
const core::Record& describe(const State*);

}  // namespace nova::secret
