// Denial: somebody asked for what the rules do not allow. Equal denials are one entity that counts them, so that a
// flood is one line (S05; ARCHITECTURE.md, "Governance in seven rules", 5).
#pragma once
#include "core/kind.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::denial {

/// Of every event, as audits look for it.
inline constexpr std::string_view audit_type = "ACCESS_DENIED";

// ---- commands

struct Note {
  core::Text<1, 255> who;       ///< the principal's id
  core::Text<1, 32> who_type;   ///< "user", "api_key" ...
  core::Text<1, 255> act;       ///< "platform.suspend", or "GET /v1/users" of a read
  core::Text<0, 255> resource;  ///< "clinic/platform/front" of the latest one; empty: none
  core::Text<0, 64> code;       ///< what they were told
  std::vector<core::Text<1, 128>> rules;
  core::Text<0, 64> constitution;
  core::Bounded<1, 1'000'000'000> count{1};  ///< equal ones since the note before
  core::Timestamp first_at, last_at;
  core::Text<1, 64> batch;  ///< its own; one that comes again is known by it
  core::RawJson read = {};  ///< the attributes that the rules read the latest time, by path
};
using Command = std::variant<Note>;

// ---- events: stored for ever

struct Noted {
  std::string type;
  std::string who, who_type, act, resource, code;
  std::vector<std::string> rules;
  std::string constitution;
  std::uint64_t count = 0;
  core::Timestamp first_at, last_at;
  std::string batch;
  core::RawJson read = {};
};
using Event = std::variant<Noted>;

// ---- state

struct State {
  std::string who, who_type, act, resource, code;
  std::vector<std::string> rules;
  std::string constitution;
  std::uint64_t count = 0;  ///< in all
  core::Timestamp first_at, last_at;
  std::vector<std::string> batches;  ///< the latest, at most `batches_max`
  core::RawJson read = {};           ///< of the latest
};
inline constexpr std::size_t batches_max = 16;

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Note*);
const core::Record& describe(const Noted*);
const core::Record& describe(const State*);

}  // namespace nova::denial
