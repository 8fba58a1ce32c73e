// Blueprint: the single source of truth for what a platform is to be (S10): its intents, rules and services. An
// approved one is frozen; a change makes the next version, in draft.
#pragma once
#include "core/kind.hpp"
#include "core/service/service.hpp"
#include "core/work.hpp"

#include "actors/blueprint/definition.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nova::blueprint {

using Services = std::map<std::string, service::Service>;

// A state must fit a document of 64 KiB, and the ids made of these names 128 bytes.
inline constexpr std::size_t content_size_max = 40 * 1024;  ///< definition and services as JSON
inline constexpr std::size_t versions_max = 20;             ///< lines of history kept; all of it is in the events
inline constexpr std::size_t environments_max = 16;
inline constexpr std::size_t name_size_max = 40;
inline constexpr std::size_t environment_size_max = 20;
inline constexpr std::size_t message_size_max = 300;  ///< of what a platform answered

using EnvironmentName = core::Text<1, environment_size_max, core::Shape::slug>;

/// S10's states. `generating` and `completed` belong to code generation; no command leads there yet.
enum class Status : std::uint8_t { absent, draft, approved, rejected, generating, completed, archived };
const std::vector<std::string_view>& names_of(const Status*);

/// What a blueprint says.
struct Content {
  std::optional<Definition> definition;
  Services services;
};

// ---- commands
struct Draft {
  EnvironmentName environment{"development"};
  std::optional<Definition> definition;
  Services services;
};
/// What is not given stays as it is.
struct Revise {
  std::optional<EnvironmentName> environment;
  std::optional<Definition> definition;
  std::optional<Services> services;
};
struct Submit {};
struct Approve {};
struct Reject {
  core::Reason reason;
};
struct Archive {
  core::Prose reason;
};
/// Draft or revise, validate, approve and bring into an environment, all or nothing.
struct Apply {
  EnvironmentName environment{"development"};
  std::optional<Definition> definition;
  Services services;
};
using Command = std::variant<Draft, Revise, Submit, Approve, Reject, Archive, Apply, core::Settle>;

// ---- events: stored for ever
struct Drafted {
  std::uint64_t version = 0;
  std::string environment;
  Content content;
  Report report;
  std::string by;
  core::Timestamp at;
};
struct Updated : Drafted {};
struct Submitted {
  std::string by;
  core::Timestamp at;
};
struct Approved {
  std::uint64_t version = 0;
  std::string by;
  core::Timestamp at;
};
struct Rejected {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Archived {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
/// The platform was asked to become this version in an environment.
struct ProvisionAsked {
  std::string work;
  std::uint64_t version = 0;
  std::string environment;
};
struct ProvisionEnded {
  std::string work;
  std::string environment;
  core::Outcome outcome = core::Outcome::done;
  std::string code;
  std::string message;
};
using Event = std::variant<Drafted, Updated, Submitted, Approved, Rejected, Archived, ProvisionAsked, ProvisionEnded>;

// ---- state
struct VersionLine {
  std::uint64_t version = 0;
  Status status = Status::draft;
  std::string by;
  core::Timestamp at;
};
/// What became of the newest version that was brought into an environment.
struct Provision {
  std::uint64_t version = 0;
  std::string work;  ///< empty: it has ended
  std::string code;  ///< of the error; empty: none
  std::string message;
};
struct State {
  Status status = Status::absent;
  std::uint64_t version = 0;
  std::string environment;  ///< for which it was last drafted or applied
  Content content;
  Report report;
  bool submitted = false;
  std::string reason;  ///< of being rejected or archived
  std::vector<VersionLine> versions;
  std::map<std::string, Provision> provisions;  ///< by environment
  std::uint64_t works = 0;                      ///< last number used in ids of works
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

/// Rules of the content itself, each with its own code: no intents, duplicate intents, unknown dependencies, cycles,
/// too large.
std::optional<core::Error> broken_rule(const Content& content);
/// What else is wrong, doubtful or missing, with complexity and estimate.
Report validate(const Content& content);
/// Everything wrong with the services, by path.
std::vector<core::Problem> service_problems(const std::string& name, const std::string& environment,
                                            const Services& services);

/// Deployments that a command needs to know, and the platform that they belong to.
std::vector<core::FactNeed> facts_for_apply(const core::EntityKey& self, const void* state, const void* command);
std::vector<core::FactNeed> facts_for_approve(const core::EntityKey& self, const void* state, const void* command);

const core::Record& describe(const Content*);
const core::Record& describe(const Draft*);
const core::Record& describe(const Revise*);
const core::Record& describe(const Submit*);
const core::Record& describe(const Approve*);
const core::Record& describe(const Reject*);
const core::Record& describe(const Archive*);
const core::Record& describe(const Apply*);
const core::Record& describe(const Drafted*);
const core::Record& describe(const Updated*);
const core::Record& describe(const Submitted*);
const core::Record& describe(const Approved*);
const core::Record& describe(const Rejected*);
const core::Record& describe(const Archived*);
const core::Record& describe(const ProvisionAsked*);
const core::Record& describe(const ProvisionEnded*);
const core::Record& describe(const VersionLine*);
const core::Record& describe(const Provision*);
const core::Record& describe(const State*);

}  // namespace nova::blueprint
