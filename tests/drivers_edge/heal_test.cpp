// What dies while the edge serves: instances, HAProxy's processes, the driver itself.
#include "core/json.hpp"
#include "tests/drivers_edge/world.hpp"
#include "tests/testkit/catch.hpp"

#include <signal.h>

#include <chrono>
#include <future>

using namespace nova;
using namespace nova::edge::world;

TEST_CASE("a dead backend is left out and no client notices") {
  testkit::TempDir folder;
  Web one("one"), two("two");
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {one.port(), two.port()}, 1));
  REQUIRE(edge.await_report("web", "applied", 1));
  Poller poller(port);
  REQUIRE(poller.more(20));
  one.stop();
  REQUIRE(poller.more(100));
  poller.finish();
  CHECK(poller.failures() == std::vector<std::string>{});
  CHECK(get(port).body == "two");
}

TEST_CASE("a request to a service whose only instance restarts waits for it") {
  testkit::TempDir folder;
  auto web = std::make_unique<Web>("before");
  const auto own = web->port();
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {own}, 1));
  REQUIRE(edge.await_report("web", "applied", 1));
  Poller poller(port);
  REQUIRE(poller.more(5));
  web->stop();
  // Long enough for the edge to have seen that nobody is there: the poller's request hangs meanwhile.
  const int before = poller.count();
  CHECK_FALSE(testkit::await([&] { return poller.count() > before + 2; }, std::chrono::milliseconds(800)));
  web = std::make_unique<Web>("after", own);
  REQUIRE(poller.more(5));
  poller.finish();
  CHECK(poller.failures() == std::vector<std::string>{});
  CHECK(get(port).body == "after");
}

TEST_CASE("an only backend is taken out, finishes and comes back, and requests wait meanwhile") {
  testkit::TempDir folder;
  auto web = std::make_unique<Web>("before");
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {web->port()}, 1));
  REQUIRE(edge.await_report("web", "drained", 1));
  Poller poller(port);
  REQUIRE(poller.more(5));
  auto slow = std::async(std::launch::async, [&] { return get(port, "/slow"); });
  REQUIRE(testkit::await([&] { return web->slow_waiting() == 1; }));
  auto empty = route("web", port, {}, 2);
  empty.hold = true;
  edge.keep(empty);
  REQUIRE(edge.await_report("web", "applied", 2));
  const int before = poller.count();
  CHECK_FALSE(testkit::await([&] { return poller.count() > before + 2; }, std::chrono::milliseconds(400)));
  for (const auto& report : edge.reports("web"))
    CHECK_FALSE((report.phase == "drained" && core::json_int(report.data.text, "generation") == 2));
  web->release();
  CHECK(slow.get().body == "before");
  REQUIRE(edge.await_report("web", "drained", 2));
  web->stop();
  web = std::make_unique<Web>("after");
  edge.keep(route("web", port, {web->port()}, 3));
  REQUIRE(edge.await_report("web", "applied", 3));
  REQUIRE(poller.more(5));
  poller.finish();
  CHECK(poller.failures() == std::vector<std::string>{});
  CHECK(get(port).body == "after");
  // Not for ever: what nobody comes back to is refused again.
  edge.keep(route("web", port, {}, 4));
  REQUIRE(edge.await_report("web", "applied", 4));
  CHECK(get(port, "/", 5000).status == 503);
}

TEST_CASE("without any backend a request is refused at once") {
  testkit::TempDir folder;
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {}, 1));
  REQUIRE(edge.await_report("web", "applied", 1));
  CHECK(get(port, "/", 5000).status == 503);
}

TEST_CASE("after kill -9 of HAProxy's worker or master its ports serve again within a second") {
  testkit::TempDir folder;
  Web web("one"), other("other");
  Edge edge(folder);
  const auto port = free_port(), second = free_port();
  edge.adopt();
  edge.keep(route("web", port, {web.port()}, 1));
  edge.keep(route("other", second, {other.port()}, 1));
  REQUIRE(edge.await_report("web", "drained", 1));
  REQUIRE(edge.await_report("other", "drained", 1));
  for (const bool master : {false, true}) {
    const auto pid = edge.haproxy_pid();
    const auto workers = children_of(pid);
    REQUIRE(workers.size() == 1);
    ::kill(pid_t(master ? pid : workers.front()), SIGKILL);
    const auto killed = std::chrono::steady_clock::now();
    REQUIRE(testkit::await([&] {
      const auto now = edge.haproxy_pid();
      return now != 0 && now != pid && get(port).status == 200;
    }));
    const auto took = std::chrono::steady_clock::now() - killed;
    // The promise is one second; a machine that runs other tests beside this one gets more.
    CHECK(took < std::chrono::seconds(4));
    CHECK(get(port).body == "one");
    CHECK(get(second).body == "other");
    CHECK(children_of(edge.haproxy_pid()).size() == 1);
    for (const auto* name : {"web", "other"})
      for (const auto& report : edge.reports(name)) CHECK(report.phase != "failed");
  }
}

TEST_CASE("traffic flows on while the driver is away, and the next one takes the same HAProxy over") {
  testkit::TempDir folder;
  Web web("one");
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {web.port()}, 3));
  REQUIRE(edge.await_report("web", "drained", 3));
  const auto pid = edge.haproxy_pid();
  Poller poller(port);
  REQUIRE(poller.more(10));
  edge.leave();
  REQUIRE(poller.more(50));

  Edge next(folder);
  next.adopt({route("web", port, {web.port()}, 3)});
  REQUIRE(next.await_report("web", "applied", 3));
  REQUIRE(next.await_report("web", "drained", 3));
  CHECK(next.haproxy_pid() == pid);
  CHECK(next.reports("web").front().sequence > edge.reports("web").back().sequence);
  REQUIRE(poller.more(20));
  poller.finish();
  CHECK(poller.failures() == std::vector<std::string>{});
}

TEST_CASE("what changed while the driver was away is repaired without a failed request") {
  testkit::TempDir folder;
  Web old("old"), fresh("fresh");
  Edge edge(folder);
  const auto port = free_port(), closed = free_port(), opened = free_port();
  edge.adopt();
  edge.keep(route("web", port, {old.port()}, 1));
  edge.keep(route("closed", closed, {old.port()}, 1));
  REQUIRE(edge.await_report("web", "drained", 1));
  REQUIRE(edge.await_report("closed", "drained", 1));
  Poller poller(port);
  edge.leave();
  Edge next(folder);
  next.adopt({route("web", port, {fresh.port()}, 2), route("opened", opened, {fresh.port()}, 1)});
  REQUIRE(next.await_report("web", "drained", 2));
  REQUIRE(next.await_report("opened", "drained", 1));
  CHECK(get(port).body == "fresh");
  CHECK(get(opened).body == "fresh");
  CHECK(get(closed, "/", 1000).status == 0);
  REQUIRE(poller.more(20));
  poller.finish();
  CHECK(poller.failures() == std::vector<std::string>{});
}

TEST_CASE("a HAProxy that died while the driver was away is started again with the same servers") {
  testkit::TempDir folder;
  Web web("one");
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {web.port()}, 1));
  REQUIRE(edge.await_report("web", "drained", 1));
  const auto pid = edge.haproxy_pid();
  edge.leave();
  ::kill(pid_t(pid), SIGKILL);
  Edge next(folder);
  next.adopt({route("web", port, {web.port()}, 1)});
  REQUIRE(next.await_report("web", "applied", 1));
  CHECK(get(port).body == "one");
}

TEST_CASE("shut down with everything leaves no process of HAProxy") {
  testkit::TempDir folder;
  Web web("one");
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {web.port()}, 1));
  REQUIRE(edge.await_report("web", "applied", 1));
  REQUIRE(testkit::await([&] { return edge.haproxy_pid() != 0; }));
  const auto pid = edge.haproxy_pid();
  edge.driver().shut_down(true);
  CHECK(children_of(pid).empty());
  CHECK(get(port, "/", 1000).status == 0);
}
