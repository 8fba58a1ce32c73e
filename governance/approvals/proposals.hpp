// What entities lay before people (core/proposal.hpp): from the question to its approval, and from a yes to the
// remedy's command.
#pragma once
#include "core/proposal.hpp"
#include "governance/approvals/approvals.hpp"

namespace nova::approval {
struct Act;
}

namespace nova::approvals {

/// Carries out verb "ask": makes the approval in the asker's tenant, with the groups and the life of the gate that is
/// named. Idempotent by the approval's id. Ends failed with `approval.no_gate`, `entity.gone` (its time has passed), or
/// what the approval answers.
void ask(const Parts& parts, const host::Work& work, std::function<void(host::WorkEnd)> done);

/// Carries out verb "release" of an approval with remedies: the chosen command to the entity that asked, once, under
/// the intent version at which it asked. An internal command goes in the runtime's name; any other in the name of who
/// said yes last, with their rights, through the gate like any. `approval.stale`: what was agreed to is no longer what
/// there is.
void carry_out(const Parts& parts, const core::EntityKey& key, const std::string& cause, const approval::State& state,
               std::function<void(host::WorkEnd)> done);

/// Binds a yes: the asker's command under its intent version, all remedies byte for byte, what it may spend, what the
/// gate asks for, and until when.
std::string digest_of(const approval::Act& act, const std::vector<core::Remedy>& remedies, std::string_view gate_bytes,
                      core::Timestamp deadline);

}  // namespace nova::approvals
