#include "actors/approval/approval.hpp"

#include "core/authority/approver.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <utility>

namespace nova::approval {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view expiry = "expiry", reminder = "reminder", escalation = "escalation";
constexpr std::string_view release = "release", erase = "erase", refusal = "refusal";
constexpr std::size_t message_bytes_max = 1000;

bool is_over(const State& s, const core::Context& ctx) {
  return s.status == Status::expired || (s.status == Status::pending && ctx.now >= s.expires_at);
}

core::Error gone() { return core::refuse("entity.gone", "nobody decided in time, and it is over").fix("ask again"); }

/// None: it still can be decided.
std::optional<core::Error> closed(const State& s, const core::Context& ctx) {
  if (is_over(s, ctx)) return gone();
  if (s.status == Status::pending) return std::nullopt;
  return core::refuse("approval.already_decided", "it is `" + std::string(core::name_of(s.status)) + "` already")
      .with("status", std::string(core::name_of(s.status)));
}

// Programs may ask, never decide (S04): an API key is one too, whoever made it.
std::optional<core::Error> no_person(const core::Context& ctx) {
  if (ctx.principal.type == "user") return std::nullopt;
  return core::refuse("access.denied", "only a person who is signed in may decide");
}

core::TimerAsk cancel(std::string_view id) { return {std::string(id), std::nullopt}; }

/// When the next level is called, if there is one.
std::optional<core::Timestamp> next_level_at(const State& s, std::int64_t level, core::Timestamp from) {
  std::optional<std::chrono::milliseconds> wait;
  for (const auto& one : s.escalation)
    if (one.level == level && (!wait || one.timeout < *wait)) wait = one.timeout;
  if (!wait) return std::nullopt;
  return from + *wait;
}

// Who proposed it hears that nobody said yes, or that the yes could not be carried out.
core::DoAsk tell_refusal(const State& s, const std::string& why) {
  core::SendCommand command{s.act.target.tenant, s.act.target.kind, s.act.target.id, s.refusal, {}};
  command.body.text.clear();
  core::JsonWriter(command.body.text).object().field("reason", why).end();
  return {std::string(refusal), "command", "send", core::to_json(command), {}};
}

// Nothing is left to wait for, and nobody needs the sealed body any more.
Outcome over(Events events, const core::Context& ctx) {
  std::string path;
  core::JsonWriter(path).object().field("path", core::to_string(ctx.self) + "/content").field("version", 0).end();
  return Outcome(std::move(events))
      .work({std::string(erase), "vault", "destroy", std::move(path), {}})
      .timer(cancel(expiry))
      .timer(cancel(reminder))
      .timer(cancel(escalation));
}

Outcome over_without_yes(const State& s, Events events, const core::Context& ctx, const std::string& why) {
  auto outcome = over(std::move(events), ctx);
  return s.refusal.empty() ? std::move(outcome) : std::move(outcome).work(tell_refusal(s, why));
}

Outcome on(const State& s, const Request& c, const core::Context& ctx) {
  if (ctx.version == 0) {
    State fresh;
    fresh.escalation = c.escalation;
    core::Asks asks;
    asks.timers.push_back({std::string(expiry), c.expires_at});
    if (c.reminder.count() > 0) asks.timers.push_back({std::string(reminder), ctx.now + c.reminder});
    if (const auto at = next_level_at(fresh, 1, ctx.now)) asks.timers.push_back({std::string(escalation), at});
    Events events{Requested{c.act, c.content, c.rules, c.groups, c.escalation, c.second_factor, c.reminder, ctx.now,
                            c.expires_at, c.remedies, c.refusal}};
    return Outcome(std::move(events)).ask(std::move(asks));
  }
  if (s.act.request_hash != c.act.request_hash)
    return core::refuse("idempotency.mismatch", "this idempotency key was used for another request")
        .fix("use a new key for a new request");
  if (!(ctx.now < s.requested_at + key_life))
    return core::refuse("idempotency.mismatch", "this idempotency key was used for an act that was held before")
        .fix("use a new key for a new request");
  return Events{};
}

bool has_voted(const State& s, const std::string& user) {
  return std::any_of(s.votes.begin(), s.votes.end(), [&](const Vote& vote) { return vote.user == user; });
}

core::Approvers approvers_of(const State& s, const Group& group) {
  core::Approvers who{group.roles, group.permissions};
  who.roles.insert(who.roles.end(), s.called.begin(), s.called.end());
  return who;
}

const Group* open_group_for(const State& s, const core::Caller& caller) {
  for (const auto& group : s.groups)
    if (missing(s, group) > 0 && core::may_decide(approvers_of(s, group), caller)) return &group;
  return nullptr;
}

std::int64_t missing_in_all(const State& s) {
  std::int64_t sum = 0;
  for (const auto& group : s.groups) sum += missing(s, group);
  return sum;
}

core::Error needs_factor(std::string message) {
  return core::refuse("auth.mfa_required", std::move(message))
      .fix("send a code of your authenticator app: `novactl approvals approve ID --code 123456`");
}

/// The root owner stands in for everybody who is not there: with a fresh second factor, after a wait, and on record.
std::optional<core::Error> may_not_confirm(const State& s, const Approve& c, const core::Context& ctx) {
  if (c.factor == Factor::none) return needs_factor("deciding this alone needs a fresh second factor");
  const auto waited = ctx.now - s.requested_at;
  if (waited >= owner_wait) return std::nullopt;
  return core::refuse("approval.too_early", "deciding this alone needs a wait of 60 seconds")
      .with("seconds_left", std::to_string((owner_wait - waited).count() / 1000 + 1));
}

/// What a yes chooses. The first one names the remedy, and the others agree to that one or say no.
core::Result<std::string> remedy_of(const State& s, const Approve& c) {
  if (s.remedies.empty()) {
    if (c.remedy.empty()) return std::string();
    return core::invalid_input("remedy", "there is nothing to choose here");
  }
  std::string all;
  bool known = false;
  for (const auto& one : s.remedies) {
    all.append(all.empty() ? "" : ", ").append(one.name);
    known = known || one.name == c.remedy;
  }
  if (c.remedy.empty() && s.remedies.size() == 1) return std::string(s.remedies.front().name);
  if (!known) return core::invalid_input("remedy", c.remedy.empty() ? "say which: " + all : "is none of these: " + all);
  if (s.remedy.empty() || s.remedy == c.remedy) return std::string(c.remedy);
  return core::refuse("approval.already_chosen", "somebody has agreed to `" + s.remedy + "` already")
      .with("remedy", s.remedy)
      .fix("agree to the same, or reject it");
}

Outcome on(const State& s, const Approve& c, const core::Context& ctx) {
  if (auto refused = no_person(ctx)) return std::move(*refused);
  if (auto refused = closed(s, ctx)) return std::move(*refused);
  const auto& user = ctx.principal.id;
  const bool self = user == s.act.person;
  const bool alone = ctx.caller.root_owner && std::int64_t(c.others) == 0;
  if (self && !alone) return core::refuse("approval.self", "nobody decides on what they asked for themselves");
  if (has_voted(s, user)) return core::refuse("approval.already_voted", "you have agreed already");
  const auto* group = open_group_for(s, ctx.caller);
  if (!group) return core::refuse("access.denied", "this waits for other people than you");
  auto remedy = remedy_of(s, c);
  if (!remedy) return std::move(remedy).error();
  const bool confirms = self || (alone && missing_in_all(s) > 1);
  if (confirms)
    if (auto refused = may_not_confirm(s, c, ctx)) return std::move(*refused);
  if (s.second_factor && c.factor == Factor::none) return needs_factor("agreeing to this needs a fresh second factor");
  Vote vote{user, confirms ? std::string() : group->name, c.reason, c.factor, confirms, ctx.now, *remedy};
  const bool last = confirms || missing_in_all(s) == 1;
  Events events{Voted{std::move(vote)}};
  if (!last) return events;
  events.push_back(Approved{user, c.reason, confirms, ctx.now, std::string(release), *remedy});
  return Outcome(std::move(events))
      .work({std::string(release), "approval", "release", "{}", {}})
      .timer(cancel(expiry))
      .timer(cancel(reminder))
      .timer(cancel(escalation));
}

// A no is a no, also of somebody who agreed before: it takes one, and it is always safe.
Outcome on(const State& s, const Reject& c, const core::Context& ctx) {
  if (auto refused = no_person(ctx)) return std::move(*refused);
  if (auto refused = closed(s, ctx)) return std::move(*refused);
  if (ctx.principal.id == s.act.person)
    return core::refuse("approval.self", "nobody decides on what they asked for themselves").fix("cancel it instead");
  const bool eligible = std::any_of(s.groups.begin(), s.groups.end(), [&](const Group& group) {
    return core::may_decide(approvers_of(s, group), ctx.caller);
  });
  if (!eligible) return core::refuse("access.denied", "this waits for other people than you");
  return over_without_yes(s, {Rejected{ctx.principal.id, c.reason, ctx.now}}, ctx, c.reason);
}

Outcome on(const State& s, const Cancel& c, const core::Context& ctx) {
  const bool own = ctx.principal == s.act.by || (ctx.principal.type == "user" && ctx.principal.id == s.act.person);
  if (!own) return core::refuse("access.denied", "only who asked for it may take it back");
  if (s.status == Status::cancelled) return Events{};
  if (auto refused = closed(s, ctx)) return std::move(*refused);
  return over_without_yes(s, {Cancelled{ctx.principal.id, c.reason, ctx.now}}, ctx, "who asked took it back");
}

// A yes that was given stands.
Outcome on(const State& s, const Withdraw& c, const core::Context& ctx) {
  if (s.status != Status::pending) return Events{};
  return over({Cancelled{ctx.principal.id, c.reason, ctx.now}}, ctx);
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  if (s.work.empty() || c.work_id != s.work) return Events{};
  if (c.outcome != core::Outcome::done) {
    const auto code = c.code.empty() ? std::string(core::name_of(c.outcome)) : c.code;
    const auto message = core::clean_text(c.message, message_bytes_max);
    return over_without_yes(s, {ExecutionFailed{code, message, ctx.now}}, ctx, code + ": " + message);
  }
  Executed executed;
  executed.version = std::uint64_t(core::json_int(c.result.text, "version").value_or(0));
  executed.position = std::uint64_t(core::json_int(c.result.text, "position").value_or(0));
  for (const auto& index : core::json_keys(c.result.text, "events"))
    if (auto type = core::json_text(c.result.text, "events" + index)) executed.events.push_back(std::move(*type));
  executed.at = ctx.now;
  return over({std::move(executed)}, ctx);
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (s.status != Status::pending) return Events{};
  if (ctx.now >= s.expires_at) return over_without_yes(s, {Expired{ctx.now}}, ctx, "nobody decided in time");
  if (c.timer_id == reminder) {
    const auto next = ctx.now + s.reminder;
    Outcome outcome(Events{Reminded{ctx.now}});
    return next < s.expires_at ? std::move(outcome).timer({std::string(reminder), next}) : std::move(outcome);
  }
  if (c.timer_id != escalation) return Events{};
  Escalated escalated{s.level + 1, {}, ctx.now};
  for (const auto& level : s.escalation)
    if (level.level == escalated.level) escalated.roles.push_back(level.role);
  if (escalated.roles.empty()) return Events{};
  const auto next = next_level_at(s, escalated.level + 1, ctx.now);
  Outcome outcome(Events{std::move(escalated)});
  return next ? std::move(outcome).timer({std::string(escalation), *next}) : std::move(outcome);
}

void decided(State& s, Status status, const std::string& by, const std::string& reason, core::Timestamp at) {
  s.status = status;
  s.decided_by = by;
  s.decision_reason = reason;
  s.decided_at = at;
}

void apply(State& s, const Requested& e) {
  s.act = e.act;
  s.content = e.content;
  s.rules = e.rules;
  s.groups = e.groups;
  s.escalation = e.escalation;
  s.second_factor = e.second_factor;
  s.reminder = e.reminder;
  s.requested_at = e.at;
  s.expires_at = e.expires_at;
  s.remedies = e.remedies;
  s.refusal = e.refusal;
}
void apply(State& s, const Voted& e) {
  s.remedy = e.vote.remedy;
  if (s.votes.size() < votes_max) s.votes.push_back(e.vote);
}
void apply(State& s, const Approved& e) {
  decided(s, Status::approved, e.by, e.reason, e.at);
  s.owner_confirmed = e.owner_confirmed;
  s.work = e.work;
}
void apply(State& s, const Rejected& e) { decided(s, Status::rejected, e.by, e.reason, e.at); }
void apply(State& s, const Expired& e) {
  s.status = Status::expired;
  s.ended_at = e.at;
}
void apply(State& s, const Cancelled& e) { decided(s, Status::cancelled, e.by, e.reason, e.at); }
void apply(State&, const Reminded&) {}
void apply(State& s, const Escalated& e) {
  s.level = e.level;
  for (const auto& role : e.roles)
    if (std::find(s.called.begin(), s.called.end(), role) == s.called.end()) s.called.push_back(role);
}
void apply(State& s, const Executed& e) {
  s.status = Status::executed;
  s.work.clear();
  s.outcome_version = e.version;
  s.outcome_position = e.position;
  s.ended_at = e.at;
}
void apply(State& s, const ExecutionFailed& e) {
  s.status = Status::execution_failed;
  s.work.clear();
  s.outcome_code = e.code;
  s.outcome_message = e.message;
  s.ended_at = e.at;
}

}  // namespace

std::int64_t missing(const State& s, const Group& group) {
  std::int64_t agreed = 0;
  for (const auto& vote : s.votes) {
    if (vote.owner_confirmed) return 0;
    agreed += vote.group == group.name;
  }
  return std::max<std::int64_t>(0, group.quorum - agreed);
}

bool may_help(const State& s, const core::Caller& caller) {
  return s.status == Status::pending && open_group_for(s, caller) != nullptr;
}

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  core::Summary summary;
  summary.status = core::name_of(s.status);
  if (!s.act.target.id.empty()) summary.parent = s.act.target.kind + "/" + s.act.target.id;
  const auto act = s.act.target.kind + "." + s.act.command + " on " + s.act.target.id;
  const auto chosen = s.remedy.empty() || s.remedies.size() < 2 ? std::string() : " (" + s.remedy + ")";
  if (s.status == Status::execution_failed)
    summary.reason = s.outcome_code + ": " + s.outcome_message;
  else if (s.status == Status::pending || s.status == Status::expired)
    summary.reason = s.act.by.id + " asks for " + act;
  else
    summary.reason = act + chosen + (s.owner_confirmed ? ", owner_confirmed by " : ", by ") + s.decided_by +
                     (s.decision_reason.empty() ? "" : ": " + s.decision_reason);
  return summary;
}

}  // namespace nova::approval
