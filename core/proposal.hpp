// What an entity lays before people: a choice among its own commands. The driver "approval" makes an approval of it
// (kind `approval`), which sends the chosen command once, when they have agreed. Pure values; any thread.
#pragma once
#include "core/decision.hpp"
#include "core/describe/describe.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nova::core {

/// One way out: the command's body that stands for it.
struct Remedy {
  Name name;     ///< "rollback"
  Label en, ar;  ///< for people: "Go back to the revision before."
  RawJson body;
  friend bool operator==(const Remedy& a, const Remedy& b) {
    return a.name == b.name && a.en == b.en && a.ar == b.ar && a.body.text == b.body.text;
  }
};

/// Why people are asked.
struct ProposalReason {
  Label id;
  Prose en, ar;
};

/// The payload of a DoAsk for the driver "approval", verb "ask".
struct Proposal {
  EntityId approval;   ///< id of the approval: `proposal_id`
  Name gate;           ///< in config/gates.yaml: who decides, how long it waits
  Principal by;        ///< who asked for it; the system: nobody did
  std::string person;  ///< the user behind it, who does not decide; empty: nobody
  std::vector<ProposalReason> reasons;
  RawJson shown;  ///< what people see of it
  Label budget;   ///< what it may spend at most, which a yes is bound to: "100 tokens of ai_layer/main"; empty: none
  Name command;   ///< of the asker itself
  Bounded<1, 10> impact{5};
  std::vector<Remedy> remedies;      ///< one at least; where there are several, a yes names one
  std::optional<Timestamp> until;    ///< it waits no longer, whatever the gate says
  Text<0, 63, Shape::name> refusal;  ///< a command {reason} of the asker, for when nobody says yes; empty: none
};
const Record& describe(const Remedy*);
const Record& describe(const ProposalReason*);
const Record& describe(const Proposal*);

/// The id of an entity's approval number `round`: "<kind>.<id>.<round>", cut to what an id may have.
EntityId proposal_id(const EntityKey& self, std::uint64_t round);

/// The work that asks people, and the one that takes the question back. One line for both, so that neither overtakes.
DoAsk ask_people(const EntityKey& self, std::string work_id, const Proposal& proposal);
DoAsk withdraw_question(const EntityKey& self, std::string work_id, const std::string& approval, std::string_view why);

}  // namespace nova::core
