#include "supervisors/tree/supervisor.hpp"

#include "core/ids.hpp"

#include <caf/response_promise.hpp>
#include <caf/sec.hpp>
#include <caf/stateful_actor.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <variant>

#include "supervisors/tree/reasons.hpp"

namespace nova::supervision {
namespace {

// Callers that wait for a tree to come up: a handful at start. More than this is a caller that asks in a loop.
constexpr std::size_t waiters_max = 64;
// A nested supervisor answers before its own asker gives up, also when one of its children is stuck.
constexpr auto inner_deadline(milliseconds outer) { return std::max(milliseconds(1), outer * 3 / 4); }

using Living = std::map<std::string, caf::actor, std::less<>>;

/// All that a supervisor needs to begin; moved into its state once.
struct Setup {
  std::string name;
  std::variant<Rule, DynamicRule> rule;
  std::map<std::string, ChildPlan, std::less<>> plans;  ///< of a written table
  DynamicFactory each;                                  ///< of a dynamic one
  bool each_gives_notes = false;
  Watcher watcher;
  std::uint32_t jitter_seed = 0;
};

struct State;
using Self = caf::stateful_actor<State>;

struct Row {
  Phase phase;
  std::uint32_t restarts;
  const std::string& last_error;
  Instant since;
};

struct State {
  explicit State(Self* owner) : self(owner) {}

  void begin(std::shared_ptr<Setup> setup);
  Moment at();
  void apply(const Actions& actions);
  void carry_out(const Action& action);
  void start(const std::string& id);
  core::Result<caf::actor> make(const std::string& id);
  void await_start(const std::string& id, const caf::actor& child, milliseconds limit);
  void child_down(const caf::down_msg& down);
  void wake();
  void schedule_wake();
  void answer_waiters();
  void end(const Action& action);
  std::optional<Row> row_of(std::string_view id) const;
  void notify(const Action& action) const;

  caf::result<TreeNode> snapshot(milliseconds deadline);
  TreeNode own_node() const;
  TreeNode node_of(const std::string& id, const Row& row) const;

  template <class F>
  auto with_rule(F&& f) {
    return std::visit(std::forward<F>(f), setup->rule);
  }
  template <class F>
  auto with_rule(F&& f) const {
    return std::visit(std::forward<F>(f), std::as_const(setup->rule));
  }
  DynamicRule* dynamic() { return std::get_if<DynamicRule>(&setup->rule); }
  const ChildPlan* plan_of(std::string_view id) const {
    const auto found = setup->plans.find(id);
    return found == setup->plans.end() ? nullptr : &found->second;
  }

  Self* self;
  std::shared_ptr<Setup> setup;
  std::shared_ptr<Living> living = std::make_shared<Living>();
  std::map<caf::actor_addr, std::string> ids;
  std::map<std::string, std::string, std::less<>> start_errors;  ///< why a child that is being killed did not come up
  std::deque<Action> queue;
  bool busy = false;
  std::optional<Instant> tick_at;
  std::vector<caf::response_promise> waiters;
  std::minstd_rand jitter;
  Instant born{};
  const char* caf_name = "nova.supervisor";
};

void State::begin(std::shared_ptr<Setup> given) {
  setup = std::move(given);
  // Any number that differs between supervisors and runs will do: jitter only spreads what failed together.
  const auto fresh = std::hash<std::string>()(core::new_uuid({}));
  jitter.seed(setup->jitter_seed ? setup->jitter_seed : std::uint32_t(fresh));
  born = at().now;
  self->set_down_handler([this](caf::down_msg& down) { child_down(down); });
  // `kill` never arrives here: CAF ends the actor at once, and the functor below sees to the children.
  self->set_exit_handler([this](caf::exit_msg&) { apply(with_rule([&](auto& rule) { return rule.stop(at()); })); });
  self->attach_functor([below = living](const caf::error&) {
    for (const auto& [id, child] : *below) caf::anon_send_exit(child, caf::exit_reason::kill);
  });
  if (auto* rule = std::get_if<Rule>(&setup->rule)) apply(rule->begin(at()));
}

Moment State::at() {
  const double random = double(jitter() - jitter.min()) / (double(jitter.max() - jitter.min()) + 1);
  return {self->clock().now().time_since_epoch(), random};
}

// ---- carrying out
// ----------------------------------------------------------------------------------------------------

void State::apply(const Actions& actions) {
  queue.insert(queue.end(), actions.begin(), actions.end());
  if (std::exchange(busy, true)) return;
  for (; !queue.empty(); queue.pop_front()) carry_out(queue.front());
  busy = false;
  answer_waiters();
  schedule_wake();
}

void State::carry_out(const Action& action) {
  notify(action);
  const auto child = living->find(action.child);
  switch (action.what) {
    case Action::What::start:
      return start(std::string(action.child));
    case Action::What::stop:
      if (child != living->end()) self->send_exit(child->second, caf::exit_reason::user_shutdown);
      return;
    case Action::What::kill:
      if (child != living->end()) self->send_exit(child->second, caf::exit_reason::kill);
      return;
    case Action::What::end:
      return end(action);
    case Action::What::forget:
    case Action::What::quarantine:
      return;
  }
}

void State::notify(const Action& action) const {
  if (!setup->watcher) return;
  const auto row = row_of(action.child);
  setup->watcher({action.what, setup->name, action.child, action.reason, row && row->restarts > 0});
}

core::Result<caf::actor> State::make(const std::string& id) {
  try {
    const ChildPlan* plan = plan_of(id);
    auto made = plan ? plan->start(self) : setup->each(self, id);
    if (made && !*made) return core::refusal("supervision.no_actor", "the factory of `" + id + "` made nothing");
    return made;
  } catch (const std::exception& e) {
    return core::refusal("supervision.start_failed", core::printable(e.what()));
  }
}

void State::start(const std::string& id) {
  auto made = make(id);
  if (!made) {
    const std::string why = core::to_line(made.error());
    return apply(with_rule([&](auto& rule) { return rule.start_failed(id, why, at()); }));
  }
  const caf::actor child = *made;
  (*living)[id] = child;
  ids[child.address()] = id;
  self->monitor(child);
  const ChildPlan* plan = plan_of(id);
  if (plan && (plan->says_when_up || plan->kind == NodeKind::supervisor))
    return await_start(id, child, plan->start_timeout);
  apply(with_rule([&](auto& rule) { return rule.started(id, at()); }));
}

void State::await_start(const std::string& id, const caf::actor& child, milliseconds limit) {
  const auto is_current = [this, id, addr = child.address()] {
    const auto found = living->find(id);
    return found != living->end() && found->second.address() == addr;
  };
  self->request(child, limit, AwaitUp{})
      .then(
          [this, id, is_current] {
            if (is_current()) apply(with_rule([&](auto& rule) { return rule.started(id, at()); }));
          },
          [this, id, is_current, child, limit](caf::error& error) {
            if (!is_current()) return;  // Its end arrived first and said why.
            start_errors[id] =
                error == caf::sec::request_timeout ? "did not come up within " + core::to_text(limit) : text_of(error);
            self->send_exit(child, caf::exit_reason::kill);
          });
}

void State::child_down(const caf::down_msg& down) {
  const auto known = ids.find(down.source);
  if (known == ids.end()) return;
  const std::string id = std::move(known->second);
  ids.erase(known);
  living->erase(id);
  const auto row = row_of(id);
  std::string why = text_of(down.reason);
  if (row && row->phase == Phase::starting) {
    if (auto error = start_errors.extract(id)) why = std::move(error.mapped());
    if (why.empty()) why = "ended before it was up";
    return apply(with_rule([&](auto& rule) { return rule.start_failed(id, why, at()); }));
  }
  start_errors.erase(id);
  apply(with_rule([&](auto& rule) { return rule.died(id, exit_of(down.reason), why, at()); }));
}

// One tick is under way at most, unless an earlier one is needed; a late tick does no harm.
void State::schedule_wake() {
  const auto due = with_rule([](auto& rule) { return rule.next_wake(); });
  if (!due || (tick_at && *tick_at <= *due)) return;
  tick_at = due;
  const caf::actor me = self;
  if (*due <= at().now)
    self->send(me, Tick{});
  else
    self->scheduled_send(me, caf::actor_clock::time_point(*due), Tick{});
}

void State::wake() {
  const Moment moment = at();
  if (tick_at && *tick_at <= moment.now) tick_at.reset();
  apply(with_rule([&](auto& rule) { return rule.wake(moment); }));
}

void State::answer_waiters() {
  const auto* rule = std::get_if<Rule>(&setup->rule);
  if (waiters.empty() || (rule && !rule->is_up())) return;
  for (auto& waiter : std::exchange(waiters, {})) waiter.deliver(caf::make_message());
}

void State::end(const Action& action) {
  const auto reason = reason_of(action.outcome, action.reason);
  for (auto& waiter : std::exchange(waiters, {}))
    waiter.deliver(caf::make_error(caf::sec::runtime_error, action.reason));
  self->quit(reason);
}

std::optional<Row> State::row_of(std::string_view id) const {
  if (const auto* rule = std::get_if<Rule>(&setup->rule)) {
    const Child* child = rule->find(id);
    if (!child) return std::nullopt;
    return Row{child->phase, child->restarts, child->last_error, child->since};
  }
  const auto& children = std::get<DynamicRule>(setup->rule).children();
  const auto found = children.find(id);
  if (found == children.end()) return std::nullopt;
  const DynamicChild& child = found->second;
  return Row{child.phase, child.restarts, child.last_error, child.since};
}

// ---- snapshot
// --------------------------------------------------------------------------------------------------------

TreeNode State::own_node() const {
  TreeNode node;
  node.name = setup->name;
  node.kind = NodeKind::supervisor;
  const bool ending = with_rule([](const auto& rule) { return rule.is_ending(); });
  node.state = name_of(ending ? Phase::stopping : Phase::running);
  const auto* rule = std::get_if<Rule>(&setup->rule);
  node.strategy = rule ? name_of(rule->spec().strategy) : "dynamic";
  node.children_count = with_rule([](const auto& r) { return r.children().size(); });
  node.mailbox = self->mailbox().size();
  node.age = std::chrono::duration_cast<milliseconds>(self->clock().now().time_since_epoch() - born);
  return node;
}

TreeNode State::node_of(const std::string& id, const Row& row) const {
  TreeNode node;
  node.name = id;
  node.state = name_of(row.phase);
  node.restarts = row.restarts;
  node.last_error = row.last_error;
  node.age = std::chrono::duration_cast<milliseconds>(self->clock().now().time_since_epoch() - row.since);
  const ChildPlan* plan = plan_of(id);
  if (plan) node.kind = plan->kind;
  node.lifetime = name_of(plan ? plan->spec.lifetime : std::get<DynamicRule>(setup->rule).spec().lifetime);
  return node;
}

// The ids to show: all of a written table; of a dynamic one a page, the unwell first.
std::vector<std::string> shown_ids(const Rule& rule) {
  std::vector<std::string> ids;
  for (const auto& child : rule.children()) ids.push_back(child.spec.id);
  return ids;
}

std::vector<std::string> shown_ids(const DynamicRule& rule) {
  std::vector<std::string> unwell, well;
  for (const auto& [id, child] : rule.children()) {
    auto& group = child.phase == Phase::running ? well : unwell;
    if (group.size() < children_shown_max) group.push_back(id);
  }
  const std::size_t room = children_shown_max - unwell.size();
  unwell.insert(unwell.end(), well.begin(), well.begin() + std::ptrdiff_t(std::min(room, well.size())));
  return unwell;
}

/// A snapshot whose children are still being asked.
struct Gathering {
  TreeNode tree;
  std::size_t missing = 0;
  caf::response_promise promise;

  void one_more() {
    if (--missing == 0) promise.deliver(std::move(tree));
  }
};

// What only the child knows; the rest of the row is its supervisor's knowledge.
void merge(TreeNode& row, TreeNode&& told) {
  row.strategy = std::move(told.strategy);
  row.mailbox = told.mailbox;
  row.children_count = told.children_count;
  row.children = std::move(told.children);
}

template <class Told, class... Question>
void ask(Self* self, const std::shared_ptr<Gathering>& all, std::size_t i, const caf::actor& child, milliseconds limit,
         Told told, Question... question) {
  ++all->missing;
  self->request(child, limit, question...).then(told, [all, i](caf::error& error) {
    if (error == caf::sec::request_timeout) all->tree.children[i].answers = false;
    all->one_more();
  });
}

caf::result<TreeNode> State::snapshot(milliseconds deadline) {
  auto all = std::make_shared<Gathering>();
  all->promise = self->make_response_promise();
  all->missing = 1;  // This function itself, until every child has been asked.
  all->tree = own_node();
  for (const auto& id : with_rule([](const auto& rule) { return shown_ids(rule); }))
    all->tree.children.push_back(node_of(id, *row_of(id)));
  const milliseconds limit = inner_deadline(deadline);
  for (std::size_t i = 0; i < all->tree.children.size(); ++i) {
    const TreeNode& node = all->tree.children[i];
    const auto child = living->find(node.name);
    if (child == living->end()) continue;
    const ChildPlan* plan = plan_of(node.name);
    if (node.kind == NodeKind::supervisor) {
      const auto told = [all, i](TreeNode& below) { merge(all->tree.children[i], std::move(below)), all->one_more(); };
      ask(self, all, i, child->second, limit, told, AskSnapshot{limit});
    } else if (plan ? plan->gives_notes : setup->each_gives_notes) {
      const auto told = [all, i](const Note& note) { all->tree.children[i].mailbox = note.mailbox, all->one_more(); };
      ask(self, all, i, child->second, limit, told, AskNote{});
    } else {
      // Every event-based actor of CAF answers this question itself, so it tells a live child from a stuck one.
      const auto told = [all](caf::ok_atom, const std::string&, const caf::strong_actor_ptr&, const std::string&) {
        all->one_more();
      };
      ask(self, all, i, child->second, limit, told, caf::sys_atom::value, caf::get_atom::value, std::string("info"));
    }
  }
  auto promise = all->promise;
  all->one_more();
  return promise;
}

// ---- the actor
// -------------------------------------------------------------------------------------------------------

caf::behavior supervisor_body(Self* self, std::shared_ptr<Setup> setup) {
  keep_exception_text(self);
  auto* state = &self->state;
  state->begin(std::move(setup));
  const auto fail = [](const core::Error& error) {
    return caf::make_error(caf::sec::runtime_error, core::to_line(error));
  };
  return {
      [state](Tick) { state->wake(); },
      [state, self](AwaitUp) -> caf::result<void> {
        if (state->waiters.size() >= waiters_max)
          return caf::make_error(caf::sec::runtime_error, "too many wait already");
        auto promise = self->make_response_promise();
        state->waiters.push_back(promise);
        state->answer_waiters();
        return promise;
      },
      [state](const AskSnapshot& ask) { return state->snapshot(ask.deadline); },
      [state, fail](const StartChild& order) -> caf::result<caf::actor> {
        if (!state->dynamic())
          return fail(core::refusal("supervision.not_dynamic", "children are a written table here"));
        auto actions = state->dynamic()->add(order.id, state->at());
        if (!actions) return fail(actions.error());
        state->apply(*actions);
        const auto child = state->living->find(order.id);
        if (child == state->living->end())
          return fail(core::refusal("supervision.start_failed", "child `" + order.id + "` did not start"));
        return child->second;
      },
      [state, fail](const StopChild& order) -> caf::result<void> {
        auto actions = state->with_rule([&](auto& rule) { return rule.stop_child(order.id, state->at()); });
        if (!actions) return fail(actions.error());
        state->apply(*actions);
        return caf::unit;
      },
      [state, fail](const RestartChild& order) -> caf::result<void> {
        auto* dynamic = state->dynamic();
        auto actions = dynamic ? dynamic->release(order.id, state->at())
                               : std::get<Rule>(state->setup->rule).restart_child(order.id, state->at());
        if (!actions) return fail(actions.error());
        state->apply(*actions);
        return caf::unit;
      },
  };
}

core::Result<std::shared_ptr<Setup>> make_setup(SupervisorPlan plan) {
  SupervisorSpec spec{plan.strategy, plan.restart, plan.on_excess, plan.auto_shutdown, {}};
  for (const auto& child : plan.children) spec.children.push_back(child.spec);
  auto rule = Rule::make(std::move(spec));
  if (!rule) return std::move(rule).error();
  auto setup = std::make_shared<Setup>(
      Setup{std::move(plan.name), std::move(*rule), {}, {}, false, std::move(plan.watcher), plan.jitter_seed});
  for (auto& child : plan.children) {
    const std::string id = child.spec.id;
    setup->plans.emplace(id, std::move(child));
  }
  return setup;
}

core::Result<std::shared_ptr<Setup>> make_setup(DynamicPlan plan) {
  auto rule = DynamicRule::make(plan.spec);
  if (!rule) return std::move(rule).error();
  return std::make_shared<Setup>(Setup{std::move(plan.name),
                                       std::move(*rule),
                                       {},
                                       std::move(plan.start),
                                       plan.gives_notes,
                                       std::move(plan.watcher),
                                       plan.jitter_seed});
}

template <class Spawner, class Plan>
core::Result<caf::actor> spawn_from(Spawner& spawner, Plan plan) {
  auto setup = make_setup(std::move(plan));
  if (!setup) return std::move(setup).error();
  return spawner.spawn(supervisor_body, std::move(*setup));
}

template <class Plan>
ChildPlan as_child(Plan plan, Lifetime lifetime) {
  ChildPlan child;
  child.spec = {plan.name, lifetime, shutdown_of_supervisors, false};
  child.kind = NodeKind::supervisor;
  child.start = [plan = std::move(plan)](caf::event_based_actor* parent) { return spawn_from(*parent, plan); };
  return child;
}

}  // namespace

ChildPlan supervisor_child(SupervisorPlan plan, Lifetime lifetime) { return as_child(std::move(plan), lifetime); }
ChildPlan supervisor_child(DynamicPlan plan, Lifetime lifetime) { return as_child(std::move(plan), lifetime); }

core::Result<caf::actor> spawn_supervisor(caf::actor_system& system, SupervisorPlan plan) {
  return spawn_from(system, std::move(plan));
}

core::Result<caf::actor> spawn_supervisor(caf::actor_system& system, DynamicPlan plan) {
  return spawn_from(system, std::move(plan));
}

}  // namespace nova::supervision
