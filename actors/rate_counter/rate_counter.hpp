// Rate counter: what is on record of the callers that come near a limit or over it (S24). One for each policy in each
// tenant; requests themselves are counted in memory (governance/limits), and nothing here is written for each.
#pragma once
#include "core/authority/authority.hpp"
#include "core/authority/rates.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::rate_counter {

enum class Status : std::uint8_t { quiet, warned, limited };
enum class Told : std::uint8_t { warned, limited };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Told*);

/// Callers of whom it is remembered that they were told of in this window; of more, two nodes may each tell.
inline constexpr std::size_t remembered_max = 64;

using Count = core::Bounded<0, 4'294'967'295>;
using Window = core::Bounded<1, 31'536'000>;

/// Who it is about, and the limit that holds for them.
struct About {
  core::KeyedHash subject;  ///< of the address, user or token
  core::RateKey keyed_by = core::RateKey::ip;
  core::Text<0, 255> name;  ///< of a user or token; an address stands nowhere
  Count limit;              ///< requests
  Window window_s{60};
};

// ---- commands

struct NoteWarned {
  About about;
  Count used;  ///< in the window
};
struct NoteLimited {
  About about;
  Count refused;  ///< since the note before
};
using Command = std::variant<NoteWarned, NoteLimited>;

// ---- events: stored for ever

struct Warned {
  About about;
  std::string policy;
  std::uint64_t used = 0;
  core::Timestamp at;
};
struct Limited {
  About about;
  std::string policy;
  std::uint64_t refused = 0;
  core::Timestamp at;
};
using Event = std::variant<Warned, Limited>;

// ---- state

struct Remembered {
  std::string subject;
  Told told = Told::warned;
  core::Timestamp until;  ///< the end of the window in which it is not told again
};
struct State {
  Status status = Status::quiet;
  std::uint64_t warnings = 0;  ///< events
  std::uint64_t limited = 0;   ///< events
  std::uint64_t refused = 0;   ///< requests
  core::Timestamp at;          ///< of the last event
  std::vector<Remembered> remembered;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const About*);
const core::Record& describe(const NoteWarned*);
const core::Record& describe(const NoteLimited*);
const core::Record& describe(const Warned*);
const core::Record& describe(const Limited*);
const core::Record& describe(const Remembered*);
const core::Record& describe(const State*);

}  // namespace nova::rate_counter
