#include "supervisors/rule/dynamic.hpp"

#include <vector>

namespace nova::supervision {
namespace {

bool has_due(Phase phase) { return phase == Phase::waiting || phase == Phase::stopping || phase == Phase::killing; }

core::Error no_child(std::string_view id) {
  return core::refusal("supervision.child_not_found", "no child `" + core::printable(id) + "` below this supervisor");
}

core::Error is_ending_error() {
  return core::refusal("supervision.wrong_state", "the supervisor is ending and takes no more orders");
}

}  // namespace

core::Result<DynamicRule> DynamicRule::make(DynamicSpec spec) {
  ChildSpec child{"each", spec.lifetime, spec.shutdown, false};
  if (auto status = check(child, AutoShutdown::never); !status) return std::move(status).error();
  return DynamicRule(std::move(spec));
}

void DynamicRule::enter(Row row, Phase phase, Moment at, Instant due) {
  DynamicChild& child = row->second;
  if (has_due(child.phase)) due_.erase({child.due, row->first});
  alive_ = alive_ + is_alive(phase) - is_alive(child.phase);
  child.phase = phase;
  child.since = at.now;
  child.due = due;
  if (has_due(phase)) due_.insert({due, row->first});
}

core::Result<Actions> DynamicRule::add(std::string id, Moment at) {
  if (ending_) return is_ending_error();
  if (children_.size() >= spec_.children_max)
    return core::refusal("supervision.limit_reached", std::to_string(spec_.children_max) + " children are the limit");
  const auto [row, fresh] = children_.try_emplace(std::move(id));
  if (!fresh)
    return core::refusal("supervision.child_exists", "child `" + core::printable(row->first) + "` is already there");
  row->second.backoff = Backoff(spec_.restart);
  row->second.intensity = Intensity(spec_.restart);
  enter(row, Phase::starting, at);
  return Actions{{Action::What::start, row->first, {}, {}}};
}

Actions DynamicRule::started(std::string_view id, Moment at) {
  const auto row = children_.find(id);
  if (row == children_.end() || row->second.phase != Phase::starting) return {};
  enter(row, Phase::running, at);
  row->second.ever_up = true;
  return {};
}

Actions DynamicRule::start_failed(std::string_view id, std::string why, Moment at) {
  const auto row = children_.find(id);
  if (row == children_.end() || !is_alive(row->second.phase)) return {};
  const bool was_asked = row->second.phase != Phase::starting;
  row->second.last_exit = Exit::error;
  row->second.last_error = why;
  enter(row, Phase::down, at);
  Actions out;
  if (ending_ || was_asked || !row->second.ever_up)
    drop_row(row, std::move(why), out);
  else
    fail(row, at, out);
  end_if_empty(out);
  return out;
}

Actions DynamicRule::died(std::string_view id, Exit exit, std::string why, Moment at) {
  const auto row = children_.find(id);
  if (row == children_.end()) return {};
  DynamicChild& child = row->second;
  if (!is_alive(child.phase) && child.phase != Phase::stuck) return {};
  const bool by_itself = child.phase == Phase::running || child.phase == Phase::starting;
  child.last_exit = exit;
  if (by_itself && !why.empty()) child.last_error = std::move(why);
  enter(row, Phase::down, at);
  Actions out;
  if (!ending_ && by_itself && is_restarted(spec_.lifetime, exit))
    fail(row, at, out);
  else
    drop_row(row, by_itself ? std::string(name_of(exit)) : "stopped", out);
  end_if_empty(out);
  return out;
}

void DynamicRule::fail(Row row, Moment at, Actions& out) {
  DynamicChild& child = row->second;
  const bool alone = spec_.on_excess == Excess::quarantine;
  if ((alone ? child.intensity : intensity_).allows(at.now)) {
    ++child.restarts;
    ++restarts_;
    return enter(row, Phase::waiting, at, child.backoff.next(at));
  }
  if (!alone)
    return begin_end(Outcome::gave_up, "too many restarts, the last of child `" + core::printable(row->first) + "`", at,
                     out);
  child.wanted = false;
  enter(row, Phase::quarantined, at);
  out.push_back({Action::What::quarantine, row->first, child.last_error, {}});
}

void DynamicRule::ask_to_stop(Row row, Moment at, Actions& out) {
  const bool at_once = spec_.shutdown == milliseconds(0);
  row->second.wanted = false;
  enter(row, at_once ? Phase::killing : Phase::stopping, at, at.now + (at_once ? kill_wait : spec_.shutdown));
  out.push_back({at_once ? Action::What::kill : Action::What::stop, row->first, {}, {}});
}

void DynamicRule::drop_row(Row row, std::string reason, Actions& out) {
  if (has_due(row->second.phase)) due_.erase({row->second.due, row->first});
  out.push_back({Action::What::forget, row->first, std::move(reason), {}});
  children_.erase(row);
}

Actions DynamicRule::wake(Moment at) {
  Actions out;
  while (!due_.empty() && due_.begin()->first <= at.now) pass_due(children_.find(due_.begin()->second), at, out);
  end_if_empty(out);
  return out;
}

void DynamicRule::pass_due(Row row, Moment at, Actions& out) {
  DynamicChild& child = row->second;
  if (child.phase == Phase::waiting) {
    enter(row, Phase::starting, at);
    out.push_back({Action::What::start, row->first, {}, {}});
    return;
  }
  if (child.phase == Phase::stopping) {
    enter(row, Phase::killing, at, at.now + kill_wait);
    out.push_back({Action::What::kill, row->first, {}, {}});
    return;
  }
  child.last_error = "did not end when it was killed";
  enter(row, Phase::stuck, at);
}

Actions DynamicRule::stop(Moment at) {
  Actions out;
  if (ending_) return out;
  begin_end(Outcome::stopped, "stopped", at, out);
  end_if_empty(out);
  return out;
}

void DynamicRule::begin_end(Outcome outcome, std::string reason, Moment at, Actions& out) {
  ending_ = true;
  outcome_ = outcome;
  reason_ = std::move(reason);
  for (auto row = children_.begin(); row != children_.end(); ++row) {
    const Phase phase = row->second.phase;
    row->second.wanted = false;
    if (phase == Phase::starting || phase == Phase::running)
      ask_to_stop(row, at, out);
    else if (phase == Phase::waiting)
      enter(row, Phase::down, at);
  }
}

void DynamicRule::end_if_empty(Actions& out) {
  if (!ending_ || ended_ || alive_ > 0) return;
  ended_ = true;
  out.push_back({Action::What::end, {}, reason_, outcome_});
}

core::Result<Actions> DynamicRule::stop_child(std::string_view id, Moment at) {
  const auto row = children_.find(id);
  if (row == children_.end()) return no_child(id);
  if (ending_) return is_ending_error();
  const Phase phase = row->second.phase;
  Actions out;
  if (phase == Phase::starting || phase == Phase::running)
    ask_to_stop(row, at, out);
  else if (!is_alive(phase) && phase != Phase::stuck)
    drop_row(row, "stopped", out);
  return out;
}

core::Result<Actions> DynamicRule::release(std::string_view id, Moment at) {
  const auto row = children_.find(id);
  if (row == children_.end()) return no_child(id);
  if (ending_) return is_ending_error();
  DynamicChild& child = row->second;
  if (child.phase != Phase::quarantined)
    return core::refusal("supervision.wrong_state", "child `" + core::printable(id) + "` is " +
                                                        std::string(name_of(child.phase)) + ", not quarantined");
  child.wanted = true;
  child.backoff.reset();
  child.intensity.reset();
  enter(row, Phase::waiting, at, at.now);
  return Actions{};
}

std::optional<Instant> DynamicRule::next_wake() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

}  // namespace nova::supervision
