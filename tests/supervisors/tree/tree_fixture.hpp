// Supervisors as actors, on CAF's deterministic coordinator: one thread, virtual time, nothing sleeps.
#pragma once
#include "supervisors/tree/supervisor.hpp"

#include "tests/testkit/catch.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nova::supervision {

using namespace std::chrono_literals;

struct Die {
  std::string why;
};  ///< throws
struct Finish {
  int how = 0;
};  ///< 0 normal, 1 shutdown

}  // namespace nova::supervision

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::supervision::Die)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::supervision::Finish)

namespace nova::supervision {

struct TestingConfig : caf::actor_system_config {
  TestingConfig() { set("scheduler.policy", caf::atom("testing")); }
};

struct Fixture {
  TestingConfig config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& time = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());

  std::vector<std::string> log;
  std::map<std::string, caf::actor> now_alive;
  std::map<std::string, int> failures_to_come;
  std::map<std::string, int> starts;
  std::vector<std::string> notices;
  caf::actor root;

  // CAF waits for every actor when the system ends: those that a test left are ended first.
  ~Fixture() {
    if (root) caf::anon_send_exit(root, caf::exit_reason::kill);
    root = nullptr;
    time.run();
    for (auto& [name, actor] : now_alive) caf::anon_send_exit(actor, caf::exit_reason::kill);
    now_alive.clear();
    time.run();
  }

  enum class Manner { plain, deaf };

  Factory worker(const std::string& name, Manner manner = Manner::plain) {
    return [this, name, manner](caf::event_based_actor* parent) { return make_worker(parent, name, manner); };
  }

  core::Result<caf::actor> make_worker(caf::event_based_actor* parent, const std::string& name, Manner manner) {
    if (failures_to_come[name] > 0) {
      --failures_to_come[name];
      throw std::runtime_error("no port for " + name);
    }
    ++starts[name];
    log.push_back("start " + name);
    caf::actor made = parent->spawn([this, name, manner](caf::event_based_actor* self) -> caf::behavior {
      keep_exception_text(self);
      self->attach_functor([this, name](const caf::error&) { log.push_back("end " + name); });
      if (manner == Manner::deaf) self->set_exit_handler([](caf::exit_msg&) {});
      return {[](const Die& die) { throw std::runtime_error(die.why); },
              [self](const Finish& finish) {
                self->quit(finish.how == 0 ? caf::exit_reason::normal : caf::exit_reason::user_shutdown);
              },
              note_handler(self)};
    });
    now_alive[name] = made;
    return made;
  }

  ChildPlan child(const std::string& name, Lifetime lifetime = Lifetime::permanent, Manner manner = Manner::plain) {
    ChildPlan plan;
    plan.spec = {name, lifetime, shutdown_default, false};
    plan.start = worker(name, manner);
    plan.gives_notes = true;
    return plan;
  }

  SupervisorPlan plan(std::vector<ChildPlan> children, Strategy strategy = Strategy::one_for_one) {
    SupervisorPlan made;
    made.name = "root";
    made.strategy = strategy;
    made.children = std::move(children);
    made.jitter_seed = 7;
    made.watcher = [this](const Notice& n) {
      if (n.what == Action::What::quarantine) notices.push_back("quarantine " + n.child + ": " + n.reason);
      if (n.what == Action::What::end) notices.push_back("end " + n.supervisor + ": " + n.reason);
    };
    return made;
  }

  template <class Plan>
  void run(Plan made) {
    root = spawn_supervisor(system, std::move(made)).value();
    time.run();
    log.clear();
  }

  template <class Message>
  void tell(const std::string& name, Message message) {
    caf::anon_send(now_alive.at(name), std::move(message));
    time.run();
  }

  void pass(std::chrono::nanoseconds span) {
    time.advance_time(span);
    time.run();
  }

  TreeNode look(milliseconds deadline = 1s) {
    std::optional<TreeNode> seen;
    snapshot_source(system, root)(deadline, [&](TreeNode tree) { seen = std::move(tree); });
    time.run();
    for (int step = 0; !seen && step < 100; ++step) pass(deadline / 100);
    REQUIRE(seen);
    return *seen;
  }

  std::string told() const {
    std::string all;
    for (const auto& line : log) all += (all.empty() ? "" : ", ") + line;
    return all;
  }
};

inline const TreeNode& below(const TreeNode& tree, const std::string& name) {
  for (const auto& node : tree.children)
    if (node.name == name) return node;
  FAIL("no node " << name);
  return tree;
}

}  // namespace nova::supervision
