// How revisions come to be: deployed, repeated, started again, given up.
#include "actors/deployment/turn.hpp"
#include "core/describe/codec.hpp"
#include "core/service/check.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace nova::deployment {
namespace {

std::string number(std::uint64_t n) { return std::to_string(n); }

/// Everything that runs is bounded, so that the state stays a document.
Refused too_large(const Turn& turn, const Services& services, std::size_t bytes) {
  if (bytes > content_bytes_max)
    return core::refuse("deployment.too_large", "its services take " + number(bytes) + " bytes as JSON, at most " +
                                                    number(content_bytes_max) + " are kept for a revision")
        .fix("move long environment values into files of the source");
  std::size_t wanted = 0, existing = 0;
  for (const auto& [name, spec] : services) {
    const auto id = instance_id(turn.context.self.id, name, turn.now.last_revision + 1, 99);
    if (id.size() > core::EntityId::size_max)
      return core::invalid_input("services." + name,
                                 "with the platform's name it is too long for the names of instances");
    wanted += std::size_t(spec.scale) * (id.size() + instance_bytes);
  }
  if (wanted > instances_bytes_max / 2)
    return core::refuse("deployment.too_large", "it asks for more instances than one deployment can hold")
        .fix("lower `scale`, or split the platform");
  for (const auto& [id, instance] : turn.now.instances) existing += id.size() + instance_bytes;
  if (existing + wanted <= instances_bytes_max) return {};
  auto busy = core::refuse("deployment.still_stopping", "instances of earlier revisions have not ended yet");
  busy.status = 503;
  busy.retryable = true;
  return busy;
}

Refused check(const Turn& turn, const Services& services, std::size_t bytes) {
  if (auto problems = service::check(services); !problems.empty()) return core::invalid_input(std::move(problems));
  return too_large(turn, services, bytes);
}

/// A new revision on its way in.
Refused request(Turn& turn, Requested requested) {
  const auto bytes = core::to_json(requested.services).size();
  if (auto refused = check(turn, requested.services, bytes)) return refused;
  requested.revision = turn.now.last_revision + 1;
  requested.bytes = bytes;
  requested.at = turn.context.now;
  const bool asks = needs_slot(turn), waits = !requested.housed && awaits_slot(turn.now);
  turn.emit(requested);
  if (asks) ask_for_slot(turn);
  if (asks || waits) return {};
  turn.emit(Started{requested.revision, turn.fresh_id("fetch"), turn.in("rollout", build_time_max, 2)});
  return {};
}

/// In these states nothing can be deployed, but soon again.
Refused busy(const State& s) {
  if (s.status != Status::stopping && s.status != Status::deleting) return {};
  auto refused = core::wrong_state(core::name_of(s.status), {"running", "failed", "stopped", "deleted"});
  refused.retryable = true;
  return refused;
}

bool is_content(const Revision* revision, const Services& services) {
  return revision && core::to_json(revision->services) == core::to_json(services);
}

const Revision* newest_before_current(const State& s) {
  const Revision* newest = nullptr;
  for (const auto& revision : s.revisions)
    if (revision.ran && revision.number < s.current) newest = &revision;
  return newest;
}

std::string kept_revisions(const State& s) {
  std::string list;
  for (const auto& revision : s.revisions) list += (list.empty() ? "" : ", ") + number(revision.number);
  return list;
}

}  // namespace

Refused on(Turn& turn, const Deploy& c) {
  const auto& s = turn.now;
  if (c.platform + "-" + c.environment != turn.context.self.id)
    return core::invalid_input("platform", "`" + turn.context.self.id + "` is not the deployment of `" + c.platform +
                                               "` in `" + c.environment + "`");
  if (auto refused = busy(s)) return refused;
  if (s.candidate != 0) {
    if (is_content(find(s, s.candidate), c.services)) return {};
    return not_now(s);
  }
  if (s.serving && is_content(find(s, s.current), c.services)) return {};
  Requested requested;
  requested.platform = c.platform;
  requested.environment = c.environment;
  requested.blueprint_version = c.blueprint_version;
  requested.services = c.services;
  requested.by = turn.context.principal.id;
  // The runtime deploys for a platform, which has taken room before.
  requested.housed = turn.context.principal.type == "system";
  return request(turn, std::move(requested));
}

Refused roll_back(Turn& turn, std::uint64_t wanted, const std::string& by, const std::string& reason) {
  const auto& s = turn.now;
  if (auto refused = busy(s)) return refused;
  const Revision* to = wanted != 0 ? find(s, wanted) : newest_before_current(s);
  const auto equals = !to ? 0 : to->equals != 0 ? to->equals : to->number;
  if (s.candidate != 0) {
    const Revision* candidate = find(s, s.candidate);
    if (to && candidate && candidate->equals == equals) return {};
    return not_now(s);
  }
  if (!to && wanted != 0)
    return core::refuse("deployment.revision_not_found", "revision " + number(wanted) + " is not kept")
        .fix("kept: " + kept_revisions(s));
  if (!to) return core::refuse("deployment.no_previous", "no earlier revision that ran is kept");
  if (s.serving && to->number == s.current) return {};
  Requested requested;
  requested.platform = s.platform;
  requested.environment = s.environment;
  requested.blueprint_version = to->blueprint_version;
  requested.services = to->services;
  requested.equals = equals;
  requested.by = by;
  requested.reason = reason;
  return request(turn, std::move(requested));
}

Refused on(Turn& turn, const Rollback& c) {
  return roll_back(turn, c.revision, turn.context.principal.id, core::clean_text(c.reason, reason_bytes_max));
}

void cancel(Turn& turn, const std::string& by, const std::string& reason) {
  turn.emit(Cancelled{turn.now.candidate, by, core::clean_text(reason, reason_bytes_max)});
}

Refused on(Turn& turn, const Cancel& c) {
  const auto& s = turn.now;
  const bool was_cancelled = !s.revisions.empty() && s.revisions.back().state == RevisionState::cancelled;
  if (s.candidate == 0 && was_cancelled) return {};
  if (s.candidate == 0) return core::wrong_state(core::name_of(s.status), {"building", "deploying", "verifying"});
  cancel(turn, turn.context.principal.id, c.reason);
  return {};
}

Refused on(Turn& turn, const Start&) {
  const auto& s = turn.now;
  if (s.status == Status::deleted) return core::wrong_state("deleted", {"stopped", "failed"});
  if (auto refused = busy(s)) return refused;
  const auto revision = s.current != 0 ? s.current : s.last_revision;
  if (s.serving || s.candidate == revision) return {};
  if (s.candidate != 0) return not_now(s);
  if (!find(s, revision)) return core::refuse("deployment.no_previous", "no revision is kept that could start");
  if (s.homeless || awaits_slot(s))
    return core::wrong_state("without room at its tenant", {"stopped", "failed"})
        .fix("deploy it: that asks its tenant for room");
  turn.emit(
      StartedAgain{revision, turn.fresh_id("fetch"), turn.in("rollout", build_time_max, 2), turn.context.principal.id});
  return {};
}

// ---- room at the tenant (S19): a platform takes it before it deploys; what is deployed by hand takes its own

bool needs_slot(const Turn& turn) {
  const auto& s = turn.now;
  if (turn.context.principal.type == "system" || !s.slot.empty() || s.housed) return false;
  // One from before there were reservations goes on without.
  return s.last_revision == 0 || s.status == Status::deleted || s.homeless;
}

bool awaits_slot(const State& s) { return !s.slot.empty() && !s.slot_taken; }

void ask_for_slot(Turn& turn) {
  const auto number = std::to_string(turn.fresh());
  turn.emit(SlotAsked{turn.context.self.id + "." + number + ".h", "reserve-" + number});
}

void slot_answered(Turn& turn, const core::Settle& c) {
  const auto slot = turn.now.works.at(c.work_id).about;
  const auto message = core::clean_text(c.message, reason_bytes_max);
  turn.emit(WorkSettled{c.work_id, c.outcome, c.code, message});
  const bool is_pending = turn.now.candidate != 0 && turn.now.status == Status::pending;
  if (c.outcome != core::Outcome::done) {
    // A refusal took nothing; after any other end nobody knows.
    const bool unknown = c.code != "quota.exceeded";
    turn.emit(SlotRefused{slot, core::clean_text(c.code, message_bytes_max),
                          unknown ? turn.fresh_id("release") : std::string()});
    if (is_pending) fail(turn, c.code.empty() ? "quota.exceeded" : c.code, c.code + ": " + message);
    return;
  }
  // Nobody needs it any more.
  if (turn.now.status == Status::deleted || turn.now.housed)
    return turn.emit(SlotReturned{slot, false, turn.fresh_id("release")});
  turn.emit(SlotTaken{slot, turn.fresh_id("confirm")});
  if (is_pending) turn.emit(Started{turn.now.candidate, turn.fresh_id("fetch"), turn.in("rollout", build_time_max, 2)});
}

void return_slot(Turn& turn) {
  const auto& s = turn.now;
  if (!s.slot_taken || (s.status != Status::deleted && !s.housed)) return;
  turn.emit(SlotReturned{s.slot, true, turn.fresh_id("release")});
}

}  // namespace nova::deployment
