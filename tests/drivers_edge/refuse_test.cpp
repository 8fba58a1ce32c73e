// What cannot be done: ports of others, configs that HAProxy refuses, backends that do not answer; and draining.
#include "core/json.hpp"
#include "tests/drivers_edge/world.hpp"
#include "tests/testkit/catch.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

using namespace nova;
using namespace nova::edge::world;

TEST_CASE("a taken port is refused with its holder, and taken as soon as it is free") {
  testkit::TempDir folder;
  Web web("one");
  auto squatter = std::make_unique<Web>("squatter");
  const auto port = squatter->port();
  Edge edge(folder);
  edge.adopt();
  edge.keep(route("web", port, {web.port()}, 1));
  const auto other = free_port();
  edge.keep(route("other", other, {web.port()}, 1));
  REQUIRE(edge.await_report("web", "failed", 1));
  const auto report = edge.reports("web").front();
  CHECK(report.code == "edge.port_taken");
  CHECK(report.message.find("(pid " + std::to_string(::getpid()) + ")") != std::string::npos);
  REQUIRE(edge.await_report("other", "applied", 1));
  CHECK(get(other).body == "one");
  squatter->stop();
  REQUIRE(edge.await_report("web", "applied", 1));
  CHECK(get(port).body == "one");
  int failures = 0;
  for (const auto& one : edge.reports("web")) failures += one.phase == "failed";
  CHECK(failures == 1);
}

TEST_CASE("two routes on one port: the first keeps it, the second is told") {
  testkit::TempDir folder;
  Web web("one");
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("a", port, {web.port()}, 1));
  REQUIRE(edge.await_report("a", "applied", 1));
  edge.keep(route("b", port, {web.port()}, 1));
  REQUIRE(edge.await_report("b", "failed", 1));
  CHECK(edge.reports("b").front().code == "edge.port_taken");
  CHECK(get(port).status == 200);
}

TEST_CASE("a configuration that HAProxy refuses leaves the old one in place and at work") {
  testkit::TempDir folder;
  // HAProxy as it is, but for checks while the file `broken` exists.
  const auto wrapper = folder / "haproxy";
  std::ofstream(wrapper) << "#!/bin/sh\nif [ \"$1\" = -c ] && [ -e '" << (folder / "broken").string()
                         << "' ]; then echo '[ALERT]    (1) : config : no such word'; exit 1; fi\n"
                            "exec /usr/sbin/haproxy \"$@\"\n";
  std::filesystem::permissions(wrapper, std::filesystem::perms::owner_all);
  Web web("one");
  Edge edge(folder, wrapper);
  const auto port = free_port(), other = free_port();
  edge.adopt();
  edge.keep(route("web", port, {web.port()}, 1));
  REQUIRE(edge.await_report("web", "drained", 1));
  const auto before = edge.config();
  std::ofstream(folder / "broken") << "";
  edge.keep(route("other", other, {web.port()}, 1));
  REQUIRE(edge.await_report("other", "failed", 1));
  CHECK(edge.reports("other").front().code == "edge.config_refused");
  CHECK(edge.reports("other").front().message.find("no such word") != std::string::npos);
  CHECK(edge.config() == before);
  CHECK(get(port).body == "one");
  std::filesystem::remove(folder / "broken");
  REQUIRE(edge.await_report("other", "applied", 1));
  CHECK(get(other).body == "one");
}

TEST_CASE("without HAProxy on the machine the report names the remedy") {
  testkit::TempDir folder;
  Edge edge(folder, folder / "nothing-here");
  edge.adopt();
  edge.keep(route("web", free_port(), {free_port()}, 1));
  REQUIRE(edge.await_report("web", "failed", 1));
  CHECK(edge.reports("web").front().code == "edge.haproxy_missing");
  CHECK(edge.reports("web").front().message.find("install the package haproxy") != std::string::npos);
}

TEST_CASE("backends that do not answer never take over from those that do") {
  testkit::TempDir folder;
  Web web("one");
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {web.port()}, 1));
  REQUIRE(edge.await_report("web", "drained", 1));
  Poller poller(port);
  const auto silent = free_port();
  edge.keep(route("web", port, {silent}, 2));
  REQUIRE(edge.await_report("web", "failed", 2));
  CHECK(edge.reports("web").back().code == "edge.backends_unreachable");
  REQUIRE(poller.more(20));
  Web late("late", silent);
  REQUIRE(edge.await_report("web", "applied", 2));
  REQUIRE(edge.await_report("web", "drained", 2));
  poller.finish();
  CHECK(poller.failures() == std::vector<std::string>{});
  CHECK(get(port).body == "late");
}

TEST_CASE("a health path that could break out of the configuration is refused") {
  testkit::TempDir folder;
  Edge edge(folder);
  edge.adopt();
  auto bad = route("web", free_port(), {free_port()}, 4);
  bad.http = "/x' hdr Evil 1";
  edge.keep(bad);
  REQUIRE(edge.await_report("web", "failed", 4));
  CHECK(edge.reports("web").front().code == "edge.bad_route");
}

TEST_CASE("a long request on a backend that left is finished before `drained`") {
  testkit::TempDir folder;
  Web old("old"), fresh("fresh");
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {old.port()}, 1));
  REQUIRE(edge.await_report("web", "drained", 1));
  auto slow = std::async(std::launch::async, [&] { return get(port, "/slow"); });
  REQUIRE(testkit::await([&] { return old.slow_waiting() == 1; }));
  edge.keep(route("web", port, {fresh.port()}, 2));
  REQUIRE(edge.await_report("web", "applied", 2));
  CHECK(get(port).body == "fresh");
  // A reload in the middle, for another route: the old worker's request still counts.
  edge.keep(route("other", free_port(), {fresh.port()}, 1));
  REQUIRE(edge.await_report("other", "drained", 1));
  for (const auto& report : edge.reports("web"))
    CHECK_FALSE((report.phase == "drained" && core::json_int(report.data.text, "generation") == 2));
  old.release();
  CHECK(slow.get().body == "old");
  CHECK(edge.await_report("web", "drained", 2));
}

TEST_CASE("draining ends after its time, whatever still runs") {
  testkit::TempDir folder;
  Web old("old"), fresh("fresh");
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {old.port()}, 1));
  REQUIRE(edge.await_report("web", "drained", 1));
  auto slow = std::async(std::launch::async, [&] { return get(port, "/slow"); });
  REQUIRE(testkit::await([&] { return old.slow_waiting() == 1; }));
  auto second = route("web", port, {fresh.port()}, 2);
  second.drain = std::chrono::milliseconds(300);
  edge.keep(second);
  CHECK(edge.await_report("web", "drained", 2));
  CHECK(old.slow_waiting() == 1);
  old.release();
  CHECK(slow.get().body == "old");
}

TEST_CASE("a route without a health path carries plain TCP") {
  testkit::TempDir folder;
  auto web = std::make_unique<Web>("tcp");
  const auto own = web->port();
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  auto plain = route("web", port, {own}, 1);
  plain.http = "";
  edge.keep(plain);
  REQUIRE(edge.await_report("web", "applied", 1));
  CHECK(get(port).body == "tcp");
  web->stop();
  auto waiting = std::async(std::launch::async, [&] { return get(port); });
  CHECK(waiting.wait_for(std::chrono::milliseconds(700)) == std::future_status::timeout);
  web = std::make_unique<Web>("back", own);
  CHECK(waiting.get().body == "back");
}

TEST_CASE("more backends than slots come by a reload") {
  testkit::TempDir folder;
  std::vector<std::unique_ptr<Web>> webs;
  std::vector<std::uint16_t> ports;
  for (int i = 0; i < 10; ++i) {
    webs.push_back(std::make_unique<Web>("w" + std::to_string(i)));
    ports.push_back(webs.back()->port());
  }
  Edge edge(folder);
  const auto port = free_port();
  edge.adopt();
  edge.keep(route("web", port, {ports[0]}, 1));
  REQUIRE(edge.await_report("web", "drained", 1));
  Poller poller(port);
  edge.keep(route("web", port, ports, 2));
  REQUIRE(edge.await_report("web", "drained", 2));
  std::set<std::string> seen;
  REQUIRE(testkit::await([&] {
    seen.insert(get(port).body);
    return seen.size() == 10;
  }));
  poller.finish();
  CHECK(poller.failures() == std::vector<std::string>{});
}
