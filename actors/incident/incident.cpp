#include "actors/incident/incident.hpp"

#include <utility>

namespace nova::incident {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}
core::Error wrong_review(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.review), allowed);
}

bool is_open(const State& s) { return s.status == Status::open || s.status == Status::investigating; }
bool is_weighty(const State& s) { return s.severity >= Impact::high; }
bool is_signed(const State& s) { return s.review == Review::signed_ || s.review == Review::closed; }

Outcome on(const State& s, const Open& c, const core::Context& ctx) {
  if (s.status != Status::absent) {
    const bool same = s.opened_by == ctx.principal.id && s.title == c.title && s.severity == c.severity;
    return same ? Outcome(Events{}) : Outcome(wrong_state(s, {"absent"}));
  }
  if (c.down_since && *c.down_since > ctx.now) return core::invalid_input("down_since", "must not lie in the future");
  return Events{
      Opened{c.title, c.title_ar, c.severity, c.description, c.emergency, ctx.principal.id, c.down_since, ctx.now}};
}

Outcome on(const State& s, const Investigate& c, const core::Context& ctx) {
  if (s.status == Status::investigating && s.reason == c.note) return Events{};
  if (!is_open(s)) return wrong_state(s, {"open", "investigating"});
  return Events{Investigated{c.note, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Resolve& c, const core::Context& ctx) {
  if (s.status == Status::resolved) return Events{};
  if (s.status != Status::investigating) return wrong_state(s, {"investigating"});
  if (is_weighty(s) && !is_signed(s)) {
    auto owed =
        core::refuse("incident.post_mortem_required", "a weighty incident is over when its post-mortem is signed");
    owed.status = 409;
    return std::move(owed)
        .with("review", std::string(core::name_of(s.review)))
        .fix("write it, and have it signed by somebody else");
  }
  std::int64_t downtime = 0;
  if (s.down_since) {
    const auto back = c.back_at.value_or(ctx.now);
    if (back < *s.down_since || back > ctx.now)
      return core::invalid_input("back_at", "must lie between when it went down and now");
    downtime = (back - *s.down_since).count() / 1000;
  }
  return Events{Resolved{c.resolution, ctx.principal.id, downtime, ctx.now}};
}

Outcome on(const State& s, const Dismiss& c, const core::Context& ctx) {
  if (s.status == Status::false_positive) return Events{};
  if (!is_open(s)) return wrong_state(s, {"open", "investigating"});
  return Events{Dismissed{c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const WritePostMortem& c, const core::Context& ctx) {
  if (s.status != Status::investigating && s.status != Status::resolved)
    return wrong_state(s, {"investigating", "resolved"});
  if (s.review != Review::none && s.review != Review::draft) return wrong_review(s, {"none", "draft"});
  const auto& known = s.post_mortem;
  if (known.summary == c.summary && known.root_cause == c.root_cause && known.remedies == c.remedies &&
      known.written_by == ctx.principal.id)
    return Events{};
  return Events{Written{c.summary, c.root_cause, c.remedies, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const SubmitPostMortem&, const core::Context& ctx) {
  if (s.review == Review::pending_review) return Events{};
  if (s.review != Review::draft) return wrong_review(s, {"draft"});
  return Events{Submitted{ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const SignPostMortem&, const core::Context& ctx) {
  if (ctx.principal.type != "user") return core::refuse("access.denied", "only a person signs");
  if (is_signed(s) && s.post_mortem.signed_by == ctx.principal.id) return Events{};
  if (s.review != Review::pending_review) return wrong_review(s, {"pending_review"});
  if (s.post_mortem.written_by == ctx.principal.id && !ctx.caller.root_owner) {
    auto self = core::refuse("post_mortem.self", "nobody signs what they wrote");
    self.status = 403;
    return self;
  }
  return Events{Signed{ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const ReturnPostMortem& c, const core::Context& ctx) {
  if (s.review == Review::draft) return Events{};
  if (s.review != Review::pending_review) return wrong_review(s, {"pending_review"});
  return Events{Returned{c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const ClosePostMortem&, const core::Context& ctx) {
  if (s.review == Review::closed) return Events{};
  if (s.review != Review::signed_) return wrong_review(s, {"signed"});
  return Events{Closed{ctx.principal.id, ctx.now}};
}

void apply(State& s, const Opened& e) {
  s.status = Status::open;
  s.title = e.title;
  s.title_ar = e.title_ar;
  s.severity = e.severity;
  s.description = e.description;
  s.emergency = e.emergency;
  s.opened_by = e.by;
  s.down_since = e.down_since;
  s.opened_at = e.at;
  s.owes_post_mortem = is_weighty(s);
}
void apply(State& s, const Investigated& e) {
  s.status = Status::investigating;
  s.reason = e.note;
}
void apply(State& s, const Resolved& e) {
  s.status = Status::resolved;
  s.reason = e.resolution;
  s.downtime_seconds = e.downtime_seconds;
  s.ended_at = e.at;
}
void apply(State& s, const Dismissed& e) {
  s.status = Status::false_positive;
  s.reason = e.reason;
  s.ended_at = e.at;
  s.owes_post_mortem = false;
}
void apply(State& s, const Written& e) {
  s.review = Review::draft;
  s.post_mortem = {e.summary, e.root_cause, e.remedies, e.by, {}, e.at, {}};
}
void apply(State& s, const Submitted&) { s.review = Review::pending_review; }
void apply(State& s, const Signed& e) {
  s.review = Review::signed_;
  s.post_mortem.signed_by = e.by;
  s.post_mortem.signed_at = e.at;
  s.owes_post_mortem = false;
}
void apply(State& s, const Returned& e) {
  s.review = Review::draft;
  s.reason = e.reason;
}
void apply(State& s, const Closed&) { s.review = Review::closed; }

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), {}, s.reason}; }

}  // namespace nova::incident
