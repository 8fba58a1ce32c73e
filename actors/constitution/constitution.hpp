// Constitution: the text that stands above every command, as a thing with versions and a history (S02).
#pragma once
#include "core/kind.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nova::constitution::entity {

enum class Status : std::uint8_t { absent, active };
enum class Step : std::uint8_t { genesis, tightening, loosening, recovery };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Step*);

/// There is one, of the platform itself.
inline constexpr std::string_view the_tenant = "system", the_id = "platform";
/// What loosens is thought over at least so long, from the moment when its text was complete.
inline constexpr std::chrono::seconds loosening_wait{60};
/// Superseded versions that the state names; older ones are found in the stream.
inline constexpr std::size_t history_max = 100;
/// Of one part; an event holds it escaped, and takes 64 KiB.
inline constexpr std::size_t part_bytes_max = 48 * 1024;
inline constexpr std::size_t parts_max = 64;

// ---- commands

/// A text of up to 1 MiB comes in parts, since no event holds it whole.
struct Draft {
  core::Digest digest;  ///< of the whole text
  core::Bounded<1, parts_max> number{1};
  core::Bounded<1, parts_max> of{1};
  core::Text<1, part_bytes_max, core::Shape::any> text;
};
/// The draft takes the active text's place. Who sends it has found that it only forbids more.
struct Amend {
  core::Digest digest;
  core::Text<1, 32> from;    ///< the version that it was compared with
  core::Text<1, 32> factor;  ///< how the second factor was proved, a moment ago
  core::Text<0, 1000, core::Shape::any> reason;
};
/// The same for any other draft. Policies and gates can tell the two apart.
struct AmendLoosening {
  core::Digest digest;
  core::Text<1, 32> from;
  core::Text<1, 32> factor;
  core::Text<0, 1000, core::Shape::any> reason;
};
/// The runtime's: genesis into a new store, and again at `novad recover`.
struct Install {
  core::Digest digest;
  bool recovery = false;
  core::Text<0, 1000, core::Shape::any> reason;
};
using Command = std::variant<Draft, Amend, AmendLoosening, Install>;

// ---- events: stored for ever

struct Drafted {
  std::string digest;
  std::uint32_t number = 1, of = 1;
  std::string text;
  std::string by;
  core::Timestamp at;
  std::uint64_t first = 0;  ///< version of the stream at the draft's first part
};
struct Amended {
  std::string version, digest;
  Step step = Step::tightening;
  std::uint64_t first = 0;
  std::uint32_t parts = 0;
  std::string by, factor, reason;
  core::Timestamp at;
};
struct Installed {
  std::string version, digest;
  Step step = Step::genesis;
  std::uint64_t first = 0;
  std::uint32_t parts = 0;
  std::string reason;
  core::Timestamp at;
};
using Event = std::variant<Drafted, Amended, Installed>;

// ---- state: names texts and holds none

struct Version {
  std::string version, digest;
  Step step = Step::genesis;
  std::uint64_t first = 0;  ///< the text's parts are `drafted` events of this digest from here on
  std::uint32_t parts = 0;
  std::string by;
  core::Timestamp at;
};
struct OpenDraft {
  std::string digest;
  std::uint32_t of = 1, have = 0;
  std::uint64_t first = 0;
  std::string by;
  core::Timestamp at;  ///< of the last part
};
struct State {
  Status status = Status::absent;
  Version active;
  std::optional<OpenDraft> draft;
  std::vector<Version> superseded;  ///< newest last
  std::uint64_t amendments = 0;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);

const core::Record& describe(const Draft*);
const core::Record& describe(const Amend*);
const core::Record& describe(const AmendLoosening*);
const core::Record& describe(const Install*);
const core::Record& describe(const Drafted*);
const core::Record& describe(const Amended*);
const core::Record& describe(const Installed*);
const core::Record& describe(const Version*);
const core::Record& describe(const OpenDraft*);
const core::Record& describe(const State*);

}  // namespace nova::constitution::entity

namespace nova::constitution {
const core::Kind& kind();
}
