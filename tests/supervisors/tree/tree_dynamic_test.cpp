#include "tests/supervisors/tree/tree_fixture.hpp"

#include <type_traits>

namespace nova::supervision {
namespace {

DynamicPlan entities(Fixture& f, std::uint32_t intensity = 5) {
  DynamicPlan plan;
  plan.name = "entities";
  plan.spec.restart.intensity = intensity;
  plan.start = [&f](caf::event_based_actor* parent, const std::string& id) {
    return f.make_worker(parent, id, Fixture::Manner::plain);
  };
  plan.gives_notes = true;
  plan.jitter_seed = 7;
  plan.watcher = [&f](const Notice& n) {
    if (n.what == Action::What::quarantine) f.notices.push_back("quarantine " + n.child + ": " + n.reason);
  };
  return plan;
}

// What a request was answered with: "ok" or the error's text.
template <class Answer = void, class Question>
std::string asked(Fixture& f, Question question) {
  std::string told = "no answer";
  f.system.spawn([&](caf::event_based_actor* self) {
    const auto failed = [&](caf::error& e) { told = f.system.render(e); };
    if constexpr (std::is_void_v<Answer>)
      self->request(f.root, 1s, question).then([&] { told = "ok"; }, failed);
    else
      self->request(f.root, 1s, question).then([&](const Answer&) { told = "ok"; }, failed);
  });
  f.time.run();
  return told;
}

TEST_CASE("tree: entities start on request, once, end by themselves without a trace, and stop together") {
  Fixture f;
  f.run(entities(f));
  for (const char* id : {"x", "y", "z"}) CHECK(asked<caf::actor>(f, StartChild{id}) == "ok");
  CHECK(asked<caf::actor>(f, StartChild{"x"}).find("supervision.child_exists") != std::string::npos);
  f.tell("y", Finish{0});
  CHECK(f.look().children_count == 2);
  CHECK(asked(f, StopChild{"z"}) == "ok");
  CHECK(asked(f, StopChild{"z"}).find("supervision.child_not_found") != std::string::npos);
  CHECK(f.look().children_count == 1);
  CHECK(asked<caf::actor>(f, StartChild{"y"}) == "ok");
  f.log.clear();
  caf::anon_send_exit(f.root, caf::exit_reason::user_shutdown);
  f.time.run();
  CHECK(f.log.size() == 2);
}

TEST_CASE("tree: an entity that cannot start is refused to its caller and leaves nothing behind") {
  Fixture f;
  f.run(entities(f));
  f.failures_to_come["x"] = 1;
  CHECK(asked<caf::actor>(f, StartChild{"x"}).find("supervision.start_failed") != std::string::npos);
  CHECK(f.look().children_count == 0);
  CHECK(asked<caf::actor>(f, StartChild{"x"}) == "ok");
}

TEST_CASE("tree: a broken entity is quarantined alone and shown first") {
  Fixture f;
  f.run(entities(f, 1));
  for (int i = 0; i < 150; ++i) CHECK(asked<caf::actor>(f, StartChild{"e" + std::to_string(i)}) == "ok");
  f.tell("e77", Die{"boom"});
  f.tell("e77", Die{"cannot read"});
  CHECK(f.notices == std::vector<std::string>{"quarantine e77: cannot read"});
  const auto tree = f.look();
  CHECK(tree.strategy == "dynamic");
  CHECK(tree.children_count == 150);
  CHECK(tree.children.size() == children_shown_max);
  CHECK(tree.children[0].name == "e77");
  CHECK(tree.children[0].state == "quarantined");
  CHECK(asked(f, RestartChild{"e77"}) == "ok");
  CHECK(f.starts["e77"] == 3);
  CHECK(f.look().children[0].name == "e0");
}

TEST_CASE("tree: thousands of entities come back from a common failure") {
  Fixture f;
  f.run(entities(f));
  constexpr int count = 5000;
  for (int i = 0; i < count; ++i) caf::anon_send(f.root, StartChild{std::to_string(i)});
  f.time.run();
  CHECK(f.now_alive.size() == count);
  for (const auto& [id, actor] : f.now_alive) caf::anon_send_exit(actor, caf::exit_reason::kill);
  f.time.run();
  CHECK(f.look().children_count == count);
  for (int i = 0; i < count; ++i) REQUIRE(f.starts[std::to_string(i)] == 2);
}

}  // namespace
}  // namespace nova::supervision
