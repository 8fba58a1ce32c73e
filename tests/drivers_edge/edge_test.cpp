// The edge against the real HAProxy: ports that serve on through replaced backends, deaths and restarts.
#include "tests/drivers_edge/world.hpp"
#include "tests/testkit/catch.hpp"

#include <signal.h>

#include <fstream>

using namespace nova;
using namespace nova::edge::world;

TEST_CASE("a route serves on its stable port and says so") {
  testkit::TempDir folder;
  Web web("one");
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {web.port()}, 7));
  REQUIRE(edge.await_report("web", "applied", 7));
  const auto answer = get(port);
  CHECK(answer.status == 200);
  CHECK(answer.body == "one");
  CHECK(edge.await_report("web", "drained", 7));
}

TEST_CASE("replacing the backends under a polling client loses no request") {
  testkit::TempDir folder;
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  auto old = std::make_unique<Web>("r0");
  edge.keep(route("web", port, {old->port()}, 1));
  REQUIRE(edge.await_report("web", "applied", 1));
  Poller poller(port);
  REQUIRE(poller.more(20));
  for (std::uint64_t generation = 2; generation < 8; ++generation) {
    auto fresh = std::make_unique<Web>("r" + std::to_string(generation));
    edge.keep(route("web", port, {fresh->port()}, generation));
    REQUIRE(edge.await_report("web", "drained", generation));
    old = std::move(fresh);
    REQUIRE(poller.more(20));
    CHECK(get(port).body == "r" + std::to_string(generation));
  }
  poller.finish();
  CHECK(poller.failures() == std::vector<std::string>{});
}

TEST_CASE("new routes come by reload without a failed request on the others") {
  testkit::TempDir folder;
  Web web("one");
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {web.port()}, 1));
  REQUIRE(edge.await_report("web", "applied", 1));
  const auto pid = edge.haproxy_pid();
  Poller poller(port);
  for (int i = 0; i < 4; ++i) {
    const auto name = "more" + std::to_string(i);
    const auto other = free_port();
    edge.keep(route(name, other, {web.port()}, 1));
    REQUIRE(edge.await_report(name, "applied", 1));
    CHECK(get(other).status == 200);
  }
  edge.drop("more0");
  REQUIRE(edge.await_report("more0", "stopped", 1));
  REQUIRE(poller.more(20));
  poller.finish();
  CHECK(poller.failures() == std::vector<std::string>{});
  CHECK(edge.haproxy_pid() == pid);
}
