#include "core/proposal.hpp"

#include "core/describe/codec.hpp"
#include "core/envelope.hpp"
#include "core/json.hpp"
#include "core/work.hpp"

namespace nova::core {

const Record& describe(const Remedy*) {
  static const auto row = record<Remedy>(
      "remedy", "One way out.",
      {field("name", &Remedy::name, "its name, with which a yes chooses it"),
       field("en", &Remedy::en, "what is done then"), field("ar", &Remedy::ar, "what is done then, in Arabic"),
       field("body", &Remedy::body, "the command's fields")});
  return row;
}
const Record& describe(const ProposalReason*) {
  static const auto row = record<ProposalReason>(
      "reason", "Why people are asked.",
      {field("id", &ProposalReason::id, "what asks for it"), field("en", &ProposalReason::en, "in words"),
       field("ar", &ProposalReason::ar, "in words, in Arabic")});
  return row;
}
const Record& describe(const Proposal*) {
  static const auto row = record<Proposal>(
      "proposal", "A choice that is laid before people.",
      {field("approval", &Proposal::approval, "id of the approval"), field("gate", &Proposal::gate, "who decides"),
       field("by", &Proposal::by, "who asked"), field("person", &Proposal::person, "the user behind it"),
       field("reasons", &Proposal::reasons, "why people are asked"), field("shown", &Proposal::shown, "what they see"),
       optional_field("budget", &Proposal::budget, "what it may spend at most"),
       field("command", &Proposal::command, "of the asker itself"), field("impact", &Proposal::impact, "power level"),
       field("remedies", &Proposal::remedies, "what can be chosen"), field("until", &Proposal::until, "how long"),
       field("refusal", &Proposal::refusal, "the asker's command for when nobody says yes")});
  return row;
}

namespace {

std::string line_of(const EntityKey& self) { return to_string(self) + "/approval"; }

}  // namespace

EntityId proposal_id(const EntityKey& self, std::uint64_t round) {
  const auto number = "." + std::to_string(round);
  return (self.kind + "." + self.id).substr(0, EntityId::size_max - number.size()) + number;
}

DoAsk ask_people(const EntityKey& self, std::string work_id, const Proposal& proposal) {
  return {std::move(work_id), "approval", "ask", to_json(proposal), line_of(self)};
}

DoAsk withdraw_question(const EntityKey& self, std::string work_id, const std::string& approval, std::string_view why) {
  SendCommand command{self.tenant, "approval", approval, "withdraw", {}};
  command.body.text.clear();
  JsonWriter(command.body.text).object().field("reason", why).end();
  return {std::move(work_id), "command", "send", to_json(command), line_of(self)};
}

}  // namespace nova::core
