#include "supervisors/rule/rule.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace nova::supervision {
namespace {

core::Error no_child(std::string_view id) {
  return core::refusal("supervision.child_not_found", "no child `" + core::printable(id) + "` below this supervisor");
}

core::Error is_ending_error() {
  return core::refusal("supervision.wrong_state", "the supervisor is ending and takes no more orders");
}

}  // namespace

core::Result<Rule> Rule::make(SupervisorSpec spec) {
  if (auto status = check(spec); !status) return std::move(status).error();
  return Rule(std::move(spec));
}

Rule::Rule(SupervisorSpec spec) : spec_(std::move(spec)), intensity_(spec_.restart), group_backoff_(spec_.restart) {
  for (const auto& child : spec_.children) children_.push_back(make_child(child));
}

Child Rule::make_child(ChildSpec spec) const {
  Child child;
  child.spec = std::move(spec);
  child.backoff = Backoff(spec_.restart);
  child.intensity = Intensity(spec_.restart);
  return child;
}

const Child* Rule::find(std::string_view id) const {
  const auto at = std::find_if(children_.begin(), children_.end(), [&](const Child& c) { return c.spec.id == id; });
  return at == children_.end() ? nullptr : &*at;
}

Child* Rule::find_mutable(std::string_view id) { return const_cast<Child*>(std::as_const(*this).find(id)); }

bool Rule::is_up() const {
  return mode_ == Mode::steady && std::all_of(children_.begin(), children_.end(), [](const Child& c) {
           return !c.wanted || (c.phase == Phase::running && !c.must_stop);
         });
}

void Rule::enter(Child& child, Phase phase, Moment at, Instant due) {
  child.phase = phase;
  child.since = at.now;
  child.due = due;
  if (!is_alive(phase)) child.must_stop = false;
}

// ---- what happened --------------------------------------------------------------------------------------------------

Actions Rule::begin(Moment at) {
  if (mode_ != Mode::fresh) return {};
  mode_ = Mode::beginning;
  return step(at, true);
}

Actions Rule::started(std::string_view id, Moment at) {
  Child* child = find_mutable(id);
  if (!child || child->phase != Phase::starting) return {};
  enter(*child, Phase::running, at);
  child->ever_up = true;
  return step(at, true);
}

Actions Rule::start_failed(std::string_view id, std::string why, Moment at) {
  Child* child = find_mutable(id);
  if (!child || !is_alive(child->phase)) return {};
  child->last_error = why;
  child->last_exit = Exit::error;
  const bool was_asked = child->must_stop || child->phase != Phase::starting;
  Actions out;
  enter(*child, Phase::down, at);
  if (mode_ == Mode::beginning && !child->ever_up) {
    begin_end(Outcome::start_failed, "child `" + child->spec.id + "` did not start: " + why, at);
  } else if (mode_ == Mode::steady && !child->ever_up && !was_asked) {
    drop_row(*child, std::move(why), out);  // OTP's start_child: the caller hears the error, no spec stays behind.
  } else if (!is_ending()) {
    if (was_asked)
      settle_asked(*child, at, out);
    else
      fail(*child, at, out);
  }
  return step(at, false, std::move(out));
}

Actions Rule::died(std::string_view id, Exit exit, std::string why, Moment at) {
  Child* child = find_mutable(id);
  if (!child || (!is_alive(child->phase) && child->phase != Phase::stuck)) return {};
  const bool by_itself = (child->phase == Phase::running || child->phase == Phase::starting) && !child->must_stop;
  child->last_exit = exit;
  if (by_itself && !why.empty()) child->last_error = std::move(why);
  enter(*child, Phase::down, at);
  Actions out;
  if (is_ending()) return step(at, false);
  if (!by_itself) {
    settle_asked(*child, at, out);
  } else if (is_restarted(child->spec.lifetime, exit)) {
    fail(*child, at, out);
  } else {
    settle_done(*child, exit, at, out);
  }
  return step(at, false, std::move(out));
}

Actions Rule::wake(Moment at) { return mode_ == Mode::fresh || mode_ == Mode::ended ? Actions{} : step(at, true); }

Actions Rule::stop(Moment at) {
  if (is_ending()) return {};
  begin_end(Outcome::stopped, "stopped", at);
  return step(at, false);
}

// ---- what people ask for --------------------------------------------------------------------------------------------

core::Result<Actions> Rule::add(ChildSpec child, Moment at) {
  if (is_ending()) return is_ending_error();
  if (auto status = check(child, spec_.auto_shutdown); !status) return std::move(status).error();
  if (find(child.id)) return core::refusal("supervision.child_exists", "child `" + child.id + "` is already there");
  if (children_.size() >= children_max)
    return core::refusal("supervision.limit_reached", "1000 children are the limit");
  children_.push_back(make_child(std::move(child)));
  return mode_ == Mode::fresh ? Actions{} : step(at, true);
}

core::Result<Actions> Rule::stop_child(std::string_view id, Moment at) {
  Child* child = find_mutable(id);
  if (!child) return no_child(id);
  if (is_ending()) return is_ending_error();
  child->wanted = false;
  if (is_alive(child->phase)) {
    child->must_stop = true;
    return step(at, false);
  }
  Actions out;
  if (child->spec.lifetime == Lifetime::temporary && child->phase != Phase::stuck)
    drop_row(*child, "stopped", out);
  else if (child->phase == Phase::waiting)
    enter(*child, Phase::down, at);
  return step(at, false, std::move(out));
}

core::Result<Actions> Rule::restart_child(std::string_view id, Moment at) {
  Child* child = find_mutable(id);
  if (!child) return no_child(id);
  if (is_ending()) return is_ending_error();
  if (child->phase == Phase::stuck)
    return core::refusal("supervision.child_stuck", "child `" + child->spec.id + "` did not end when it was killed");
  if (!is_alive(child->phase) && child->wanted && child->phase == Phase::down)
    return Actions{};  // about to start anyway
  child->wanted = true;
  child->backoff.reset();
  child->intensity.reset();
  if (is_alive(child->phase))
    child->must_stop = true;
  else
    enter(*child, Phase::waiting, at, at.now);
  return step(at, false);
}

core::Status Rule::remove(std::string_view id) {
  Child* child = find_mutable(id);
  if (!child) return no_child(id);
  const bool is_idle = !is_alive(child->phase) && child->phase != Phase::stuck && !child->wanted;
  if (!is_idle)
    return core::refusal("supervision.wrong_state",
                         "child `" + child->spec.id + "` is " + std::string(name_of(child->phase)) + "; stop it first");
  children_.erase(children_.begin() + std::ptrdiff_t(index_of(*child)));
  return core::ok();
}

// ---- the plan -------------------------------------------------------------------------------------------------------

// A child ended that should run, or could not be started again.
void Rule::fail(Child& child, Moment at, Actions& out) {
  if (spec_.on_excess == Excess::quarantine) return fail_alone(child, at, out);
  if (!intensity_.allows(at.now)) {
    begin_end(Outcome::gave_up,
              "more than " + std::to_string(spec_.restart.intensity) + " restarts within " +
                  core::to_text(spec_.restart.period) + ", the last of child `" + child.spec.id + "`" +
                  (child.last_error.empty() ? "" : ": " + child.last_error),
              at);
    return;
  }
  ++child.restarts;
  ++restarts_;
  if (spec_.strategy == Strategy::one_for_one) return enter(child, Phase::waiting, at, child.backoff.next(at));
  const std::size_t first = spec_.strategy == Strategy::one_for_all ? 0 : index_of(child);
  plan_group(first, group_backoff_.next(at), at);
}

void Rule::fail_alone(Child& child, Moment at, Actions& out) {
  if (child.intensity.allows(at.now)) {
    ++child.restarts;
    ++restarts_;
    return enter(child, Phase::waiting, at, child.backoff.next(at));
  }
  child.wanted = false;
  enter(child, Phase::quarantined, at);
  out.push_back({Action::What::quarantine, child.spec.id, child.last_error, {}});
}

// Those that run are stopped first. Like OTP, all that are not temporary start again, also those that had ended
// normally.
void Rule::plan_group(std::size_t first, Instant due, Moment at) {
  for (std::size_t i = first; i < children_.size(); ++i) {
    Child& child = children_[i];
    if (child.phase == Phase::stuck) continue;
    child.wanted = child.spec.lifetime != Lifetime::temporary;
    if (is_alive(child.phase))
      child.must_stop = true;
    else if (child.wanted)
      enter(child, Phase::waiting, at, due);
  }
  group_due_ = due;
}

// A child ended because the plan said so; the plan also says whether it comes back.
void Rule::settle_asked(Child& child, Moment at, Actions& out) {
  if (child.wanted) return enter(child, Phase::waiting, at, std::max(group_due_, at.now));
  if (child.spec.lifetime == Lifetime::temporary) drop_row(child, "stopped", out);
}

void Rule::settle_done(Child& child, Exit exit, Moment at, Actions& out) {
  const bool was_significant = child.spec.significant;
  const std::string id = child.spec.id;
  child.wanted = false;
  enter(child, Phase::done, at);
  if (child.spec.lifetime == Lifetime::temporary) drop_row(child, std::string(name_of(exit)), out);
  if (!was_significant || spec_.auto_shutdown == AutoShutdown::never) return;
  const bool others_live =
      std::any_of(children_.begin(), children_.end(), [](const Child& c) { return c.spec.significant && c.wanted; });
  if (spec_.auto_shutdown == AutoShutdown::all_significant && others_live) return;
  begin_end(Outcome::auto_shutdown, "significant child `" + id + "` is done", at);
}

void Rule::begin_end(Outcome outcome, std::string reason, Moment at) {
  mode_ = Mode::ending;
  outcome_ = outcome;
  reason_ = std::move(reason);
  for (auto& child : children_) {
    child.wanted = false;
    child.must_stop = is_alive(child.phase);
    if (child.phase == Phase::waiting) enter(child, Phase::down, at);
  }
}

void Rule::drop_row(Child& child, std::string reason, Actions& out) {
  out.push_back({Action::What::forget, child.spec.id, std::move(reason), {}});
  children_.erase(children_.begin() + std::ptrdiff_t(index_of(child)));
}

Actions Rule::step(Moment at, bool with_starts, Actions out) {
  pass_deadlines(at, out);
  stop_next(at, out);
  if (with_starts && !is_ending()) start_due(at, out);
  if (mode_ == Mode::beginning) {
    const bool all_up = std::all_of(children_.begin(), children_.end(),
                                    [](const Child& c) { return !c.wanted || c.phase == Phase::running; });
    if (all_up) mode_ = Mode::steady;
  }
  if (mode_ == Mode::ending &&
      std::none_of(children_.begin(), children_.end(), [](const Child& c) { return is_alive(c.phase); })) {
    mode_ = Mode::ended;
    out.push_back({Action::What::end, {}, reason_, outcome_});
  }
  return out;
}

void Rule::pass_deadlines(Moment at, Actions& out) {
  for (auto& child : children_) {
    if (child.phase == Phase::stopping && child.due <= at.now) {
      enter(child, Phase::killing, at, at.now + kill_wait);
      child.must_stop = true;
      out.push_back({Action::What::kill, child.spec.id, {}, {}});
      continue;
    }
    if (child.phase != Phase::killing || child.due > at.now) continue;
    enter(child, Phase::stuck, at);
    child.last_error = "did not end when it was killed";
    if (!child.wanted) continue;
    child.wanted = false;
    // Starting a second one beside it would double the child. Nothing else can be done down here.
    if (spec_.on_excess == Excess::quarantine)
      out.push_back({Action::What::quarantine, child.spec.id, child.last_error, {}});
    else
      begin_end(Outcome::gave_up, "child `" + child.spec.id + "` " + child.last_error, at);
  }
}

// One at a time, the last one first.
void Rule::stop_next(Moment at, Actions& out) {
  const auto leaves = [](const Child& c) { return c.phase == Phase::stopping || c.phase == Phase::killing; };
  if (std::any_of(children_.begin(), children_.end(), leaves)) return;
  const auto last = std::find_if(children_.rbegin(), children_.rend(), [](const Child& c) { return c.must_stop; });
  if (last == children_.rend()) return;
  const bool at_once = last->spec.shutdown == milliseconds(0);
  enter(*last, at_once ? Phase::killing : Phase::stopping, at, at.now + (at_once ? kill_wait : last->spec.shutdown));
  out.push_back({at_once ? Action::What::kill : Action::What::stop, last->spec.id, {}, {}});
}

// Which children may start as soon as their time has come. Where order matters, that is the first that is missing, and
// only once nobody has to be stopped any more.
std::vector<std::size_t> Rule::startable() const {
  std::vector<std::size_t> ready;
  if (mode_ != Mode::beginning && mode_ != Mode::steady) return ready;
  const bool in_order = starts_in_order();
  const bool stops_first = std::any_of(children_.begin(), children_.end(), [](const Child& c) { return c.must_stop; });
  if (in_order && stops_first) return ready;
  for (std::size_t i = 0; i < children_.size(); ++i) {
    const Child& child = children_[i];
    if (!child.wanted || child.phase == Phase::running) continue;
    const bool is_missing = child.phase == Phase::down || child.phase == Phase::waiting;
    if (is_missing) ready.push_back(i);
    if (in_order) break;
  }
  return ready;
}

void Rule::start_due(Moment at, Actions& out) {
  for (const auto i : startable()) {
    Child& child = children_[i];
    if (child.due > at.now) continue;
    enter(child, Phase::starting, at);
    out.push_back({Action::What::start, child.spec.id, {}, {}});
  }
}

std::optional<Instant> Rule::next_wake() const {
  std::optional<Instant> earliest;
  const auto consider = [&](Instant due) { earliest = earliest ? std::min(*earliest, due) : due; };
  for (const auto& child : children_)
    if (child.phase == Phase::stopping || child.phase == Phase::killing) consider(child.due);
  for (const auto i : startable()) consider(children_[i].due);
  return earliest;
}

}  // namespace nova::supervision
