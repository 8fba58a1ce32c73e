#include "core/describe/codec.hpp"
#include "supervisors/tree/supervisor.hpp"

#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"

#include <caf/actor_system_config.hpp>

#include <atomic>
#include <mutex>

namespace nova::supervision {
namespace {

using namespace std::chrono_literals;

TEST_CASE("snapshot: a tree has the JSON that console and CLI read") {
  TreeNode leaf;
  leaf.name = "writer";
  leaf.state = "running";
  leaf.lifetime = "permanent";
  leaf.restarts = 2;
  leaf.last_error = "disk";
  leaf.age = 1500ms;
  leaf.mailbox = 3;
  TreeNode root;
  root.name = "node";
  root.kind = NodeKind::supervisor;
  root.state = "running";
  root.strategy = "rest_for_one";
  root.children_count = 1;
  root.children.push_back(leaf);
  const std::string text = core::to_json(root);
  CHECK(text.find(R"("name":"writer","kind":"worker","state":"running","answers":true,"lifetime":"permanent")") !=
        std::string::npos);
  CHECK(text.find(R"("mailbox":3)") != std::string::npos);
  const auto back = core::from_json<TreeNode>(text, core::Reading::stored);
  REQUIRE(back.ok());
  CHECK(core::to_json(*back) == text);
}

// The same actors on real threads and a real clock: what the simulation cannot show is a data race.
TEST_CASE("tree on threads: children that keep dying come back, are seen, and end in order") {
  struct Config : caf::actor_system_config {
    Config() {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", 4u);
    }
  } config;
  std::atomic<int> starts{0}, alive{0};
  caf::actor_system system{config};
  SupervisorPlan plan;
  plan.name = "root";
  plan.restart = {1000, 60s, 1ms, 1ms};
  for (int i = 0; i < 8; ++i) {
    ChildPlan child;
    child.spec.id = "c" + std::to_string(i);
    child.gives_notes = true;
    child.start = [&](caf::event_based_actor* parent) -> core::Result<caf::actor> {
      return parent->spawn([&](caf::event_based_actor* self) -> caf::behavior {
        keep_exception_text(self);
        ++alive;
        self->attach_functor([&](const caf::error&) { --alive; });
        if (++starts < 200) self->send(self, Tick{});
        return {[](Tick) { throw std::runtime_error("again"); }, note_handler(self)};
      });
    };
    plan.children.push_back(std::move(child));
  }
  const auto root = spawn_supervisor(system, std::move(plan)).value();
  REQUIRE(testkit::await([&] { return starts >= 200 && alive == 8; }));

  std::mutex guard;
  std::optional<TreeNode> seen;
  snapshot_source(system, root)(5s, [&](TreeNode tree) {
    const std::lock_guard lock(guard);
    seen = std::move(tree);
  });
  REQUIRE(testkit::await([&] { return std::lock_guard(guard), seen.has_value(); }));
  CHECK(seen->children.size() == 8);

  std::atomic<bool> stopped{false};
  stop_tree(system, root, 30s, [&](core::Status status) { stopped = status.ok(); });
  REQUIRE(testkit::await([&] { return stopped.load(); }));
  CHECK(alive == 0);
}

}  // namespace
}  // namespace nova::supervision
