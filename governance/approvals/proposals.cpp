#include "governance/approvals/proposals.hpp"

#include "actors/approval/approval.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "governance/approvals/shared.hpp"
#include "governance/authority/judge.hpp"
#include "governance/credentials/digest.hpp"

#include <algorithm>
#include <utility>

namespace nova::approvals {
namespace {

constexpr std::chrono::seconds command_limit{10};

host::WorkEnd failed(core::Error error, bool retry = false) {
  host::WorkEnd end;
  end.outcome = core::Outcome::failed;
  end.retry = retry;
  end.error = std::move(error);
  return end;
}

host::WorkEnd ended(core::Result<host::Answer> answer) {
  if (!answer) return failed(answer.error(), answer.error().retryable);
  host::WorkEnd end;
  end.result = core::to_json(*answer);
  return end;
}

const core::Remedy* find(const std::vector<core::Remedy>& remedies, const std::string& name) {
  const auto found =
      std::find_if(remedies.begin(), remedies.end(), [&](const core::Remedy& one) { return one.name == name; });
  return found == remedies.end() ? nullptr : &*found;
}

approval::Act act_of(const host::Work& work, const core::Proposal& proposal, const store::Document& asker) {
  approval::Act act;
  act.target = work.owner;
  act.command = proposal.command;
  act.impact = std::int64_t(proposal.impact);
  act.by = proposal.by;
  act.person = proposal.person;
  act.shown = proposal.shown;
  act.budget = proposal.budget;
  act.version = asker.version;
  act.intent_version = asker.intent_version;
  // The same question again is the same approval.
  act.request_hash = "proposal " + work.id;
  act.correlation = work.cause;
  return act;
}

core::Result<approval::Request> request_of(const Parts& parts, const host::Work& work, const core::Proposal& proposal,
                                           const store::Document& asker) {
  const auto gates = parts.gates();
  const auto* gate = gates ? gates->find(proposal.gate) : nullptr;
  if (!gate)
    return core::refusal("approval.no_gate", "there is no gate `" + proposal.gate + "`, so nobody can be asked")
        .fix("name it in the file that `governance.gates_file` names");
  const auto now = parts.clock->now();
  approval::Request request;
  request.act = act_of(work, proposal, asker);
  request.expires_at = now + gate->expiry;
  if (proposal.until) request.expires_at = std::min(request.expires_at, *proposal.until);
  if (request.expires_at <= now) return core::refusal("entity.gone", "it was over before people could be asked");
  request.content.ref = "{}";  // sealed like any, so that what erases it finds something
  for (const auto& reason : proposal.reasons) request.rules.push_back({reason.id, reason.en, reason.ar, proposal.gate});
  const auto together = gates::together(*gates, {proposal.gate});
  add_deciders(request, together);
  request.remedies = proposal.remedies;
  request.refusal = proposal.refusal;
  request.act.digest = digest_of(request.act, request.remedies, gates->bytes_of(proposal.gate), request.expires_at);
  return request;
}

core::Error stale(const core::EntityKey& key, const approval::State& state, std::string what) {
  return gate::stale({key, state.act.digest, state.expires_at}, std::move(what));
}

}  // namespace

std::string digest_of(const approval::Act& act, const std::vector<core::Remedy>& remedies, std::string_view gate_bytes,
                      core::Timestamp deadline) {
  core::CommandEnvelope command;
  command.target = act.target;
  command.name = act.command;
  command.principal = act.by;
  for (const auto& remedy : remedies) command.body += core::to_json(remedy) + "\n";
  const auto basis = "gate " + std::string(gate_bytes) + "\nbudget " + act.budget + "\n";
  return gate::digest_of(command, act.intent_version, basis, deadline);
}

void ask(const Parts& parts, const host::Work& work, std::function<void(host::WorkEnd)> done) {
  auto proposal = core::from_json<core::Proposal>(work.ask.payload, core::Reading::stored);
  if (!proposal) return done(failed(proposal.error()));
  parts.store->load(work.owner, [parts, work, proposal = std::move(*proposal),
                                 done = std::move(done)](core::Result<std::optional<store::Document>> found) mutable {
    if (!found) return done(failed(found.error(), true));
    if (!*found) return done(failed(core::refusal("entity.not_found", "who asks has gone")));
    auto request = request_of(parts, work, proposal, **found);
    if (!request) return done(failed(request.error()));
    core::CommandEnvelope command;
    const auto now = parts.clock->now();
    command.id = core::new_uuid(now);
    command.target = {work.owner.tenant, "approval", proposal.approval};
    command.name = "request";
    command.body = core::to_json(*request);
    command.principal = core::system_principal();
    command.cause = work.cause;
    command.correlation = work.cause;
    command.deadline = now + command_limit;
    parts.host->submit(std::move(command),
                       [done = std::move(done)](core::Result<host::Answer> answer) { done(ended(std::move(answer))); });
  });
}

void carry_out(const Parts& parts, const core::EntityKey& key, const std::string& cause, const approval::State& state,
               std::function<void(host::WorkEnd)> done) {
  const auto now = parts.clock->now();
  if (state.expires_at < now) return done(failed(stale(key, state, "its time has passed")));
  const auto* remedy = find(state.remedies, state.remedy);
  const auto gates = parts.gates();
  const auto gate = gates && !state.rules.empty() ? gates->bytes_of(state.rules.front().gate) : std::string();
  if (!remedy || digest_of(state.act, state.remedies, gate, state.expires_at) != state.act.digest)
    return done(failed(stale(key, state, "the choice or what its gate asks for was changed")));
  const auto* kind = core::find_kind(state.act.target.kind);
  const int row = kind ? kind->command_row(state.act.command) : -1;
  if (row < 0) return done(failed(stale(key, state, "there is no such command any more")));
  core::CommandEnvelope command;
  if (kind->commands[std::size_t(row)].door == core::Door::internal) {
    command.principal = core::system_principal();
  } else {
    command.principal = {state.decided_by, "user"};
    if (auto may = authority::may_act(*parts.book, command.principal, now); !may)
      return done(failed(may.error(), may.error().retryable));
  }
  command.id = released_id(key);
  command.target = state.act.target;
  command.name = state.act.command;
  command.body = remedy->body.text;
  command.idempotency_key = "approval/" + key.id;
  command.body_hash = state.act.digest;
  command.cause = cause;
  command.correlation = state.act.correlation;
  command.expected_intent_version = std::int64_t(state.act.intent_version);
  parts.host->submit(std::move(command), [key, state, done = std::move(done)](core::Result<host::Answer> answer) {
    if (!answer && answer.error().code == "entity.version_mismatch")
      return done(failed(stale(key, state, "something was decided about `" + state.act.target.id + "` since")));
    // A rule of the constitution wants other people for it: nothing was done yet.
    if (answer && !answer->held.empty())
      return done(failed(core::refusal("gate.held", "other people must agree to this first: " + answer->key.id)));
    done(ended(std::move(answer)));
  });
}

}  // namespace nova::approvals
