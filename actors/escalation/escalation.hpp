// Escalation: what the runtime could not heal, as a question to a person. No answer never means act.
#pragma once
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::escalation {

enum class Status : std::uint8_t { open, answered, withdrawn };
enum class Choice : std::uint8_t { retry, rollback, stop };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Choice*);

// ---- commands
// --------------------------------------------------------------------------------------------------------
struct Open {
  core::Name subject_kind;  ///< who asks: "deployment"
  core::EntityId subject_id;
  core::Label service;
  core::Prose title;
  core::Label code;  ///< of the cause
  core::Prose message;
  std::vector<Choice> options;
};
struct Answer {
  Choice decision = Choice::retry;
  core::Prose reason;
};
struct Withdraw {
  core::Prose reason;
};
using Command = std::variant<Open, Answer, Withdraw, core::Settle>;

// ---- events: stored for ever
// -----------------------------------------------------------------------------------------
struct Opened {
  std::string subject_kind;
  std::string subject_id;
  std::string service;
  std::string title;
  std::string code;
  std::string message;
  std::vector<Choice> options;
  core::Timestamp at;
  std::string approval = {};  ///< id of the approval that asks people; empty: of before there were any
};
struct Answered {
  Choice decision = Choice::retry;
  std::string reason;
  std::string by;
  core::Timestamp at;
  std::string work;  ///< tells the subject
};
struct Accepted {};  ///< the subject took the answer
struct Reopened {    ///< it refused it
  std::string code;
  std::string message;
  std::string approval = {};  ///< that asks people anew
};
struct Withdrawn {
  std::string reason;
};
using Event = std::variant<Opened, Answered, Accepted, Reopened, Withdrawn>;

// ---- state
// -----------------------------------------------------------------------------------------------------------
struct State {
  Status status = Status::open;
  std::string subject_kind;
  std::string subject_id;
  std::string service;
  std::string title;
  std::string code;
  std::string message;
  std::vector<Choice> options;
  core::Timestamp opened_at;
  Choice decision = Choice::retry;  ///< counts when answered
  std::string reason;               ///< of the answer or the withdrawal
  std::string by;
  core::Timestamp answered_at;
  std::string refused;  ///< why the last answer could not be carried out
  std::string work;     ///< outstanding
  std::uint64_t answers = 0;
  std::string approval;  ///< id of the approval that asks people now, in the same tenant
};

const core::Record& describe(const Open*);
const core::Record& describe(const Answer*);
const core::Record& describe(const Withdraw*);
const core::Record& describe(const Opened*);
const core::Record& describe(const Answered*);
const core::Record& describe(const Accepted*);
const core::Record& describe(const Reopened*);
const core::Record& describe(const Withdrawn*);
const core::Record& describe(const State*);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

}  // namespace nova::escalation
