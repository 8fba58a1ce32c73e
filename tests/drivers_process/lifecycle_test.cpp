// Real processes under real keepers: start, health, restart, quarantine, stop.
#include "tests/drivers_process/bench.hpp"
#include "tests/testkit/catch.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

namespace nova::process::test {

TEST_CASE("a kept service is started under a keeper and reported started, then ready after its passes") {
  Bench bench;
  auto web = bench.instance("web", {"serve"});
  web.spec.health.http = "/health";
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(bench.reports.phases("web/1/0") == "started ready");
  const auto facts = facts_of(bench.reports.last("web/1/0", "ready"));
  REQUIRE(bench.serves(facts.port));
  REQUIRE(lives(pid_t(facts.pid)));
  REQUIRE(lives(pid_t(facts.keeper_pid)));
  REQUIRE(::getsid(pid_t(facts.pid)) == facts.pid);
  REQUIRE(facts.port >= bench.options.port_first);
  REQUIRE(facts.port <= bench.options.port_last);
  // Two passes were asked for before the first `ready`.
  REQUIRE(bench.lines(web, "probes").size() >= 2);
}

TEST_CASE("a killed service is restarted at once on the same port, and one pass admits it") {
  Bench bench;
  auto web = bench.instance("web", {"serve"});
  web.spec.health.http = "/";
  web.passes_needed = 3;
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  const auto before = facts_of(bench.reports.last("web/1/0", "ready"));
  ::kill(pid_t(before.pid), SIGKILL);
  REQUIRE(bench.reports.await("web/1/0", "ready", 2));
  REQUIRE(bench.reports.phases("web/1/0") == "started ready exited started ready");
  const auto exited = bench.reports.last("web/1/0", "exited");
  REQUIRE(exited.code == "exit.signal");
  REQUIRE(exited.message == "ended by signal 9 (SIGKILL)");
  REQUIRE(facts_of(exited).exit_signal == SIGKILL);
  REQUIRE(facts_of(exited).next_start);
  const auto after = facts_of(bench.reports.last("web/1/0", "ready"));
  REQUIRE(after.port == before.port);
  REQUIRE(after.pid != before.pid);
  REQUIRE(after.restarts == 1);
  REQUIRE(bench.serves(after.port));
  REQUIRE(bench.lines(web, "doubles").empty());
}

TEST_CASE("a command that does not exist fails once, leaves no keeper, and a higher attempt tries again") {
  Bench bench;
  auto web = bench.instance("web", {"pause"});
  web.spec.run = {"no-such-command"};
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "failed"));
  REQUIRE(bench.reports.phases("web/1/0") == "failed");
  REQUIRE(bench.reports.last("web/1/0", "failed").code == "start.command_not_found");
  REQUIRE(bench.driver().snapshot().at(0).phase == "failed");
  web.spec.run = {TEST_SERVICE, "pause"};
  web.attempt = 1;
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(facts_of(bench.reports.last("web/1/0", "ready")).attempt == 1);
}

TEST_CASE("a missing source fails with its digest's folder not there") {
  Bench bench;
  auto web = bench.instance("web", {"pause"});
  web.spec.source.digest = "sha256:" + std::string(64, 'b');
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "failed"));
  REQUIRE(bench.reports.last("web/1/0", "failed").code == "start.source_missing");
}

TEST_CASE("a source digest cannot lead out of the sources' folder") {
  Bench bench;
  auto web = bench.instance("web", {"pause"});
  web.spec.source.digest = "sha256:../../..";
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "failed"));
  REQUIRE(bench.reports.last("web/1/0", "failed").code == "start.payload_invalid");
}

TEST_CASE("past its intensity a service is quarantined until a higher attempt") {
  Bench bench;
  auto web = bench.instance("web", {"exit=7"});
  web.spec.restart.intensity = 3;
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "quarantined"));
  REQUIRE(bench.reports.count("web/1/0", "exited") == 4);
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 4; }));
  const auto exited = bench.reports.last("web/1/0", "exited");
  REQUIRE(exited.code == "exit.code");
  REQUIRE(facts_of(exited).exit_code == 7);
  REQUIRE_FALSE(facts_of(exited).next_start);
  REQUIRE(bench.reports.last("web/1/0", "quarantined").code == "restart.intensity");

  // The same attempt again changes nothing: the next thing that happens to the key is what a higher attempt brings.
  bench.keep(web);
  web.attempt = 1;
  web.spec.run = {TEST_SERVICE, "pause"};
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 5; }));
  REQUIRE(facts_of(bench.reports.last("web/1/0", "ready")).restarts == 3);
}

TEST_CASE("an answer of 500 never admits a new service, which fails at its start timeout and is ended") {
  Bench bench;
  auto web = bench.instance("web", {"serve"});
  web.spec.health.http = "/health";
  web.spec.health.start_timeout = milliseconds(400);
  bench.write(web, "status", "500");
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "failed"));
  REQUIRE(bench.reports.phases("web/1/0") == "started failed");
  REQUIRE(bench.reports.last("web/1/0", "failed").code == "health.http_status");
  REQUIRE_FALSE(lives(pid_t(facts_of(bench.reports.last("web/1/0", "started")).pid)));
  REQUIRE(bench.driver().snapshot().at(0).phase == "failed");
}

TEST_CASE("a service that says it is not well becomes unready, is left alone, and ready again when it is") {
  Bench bench;
  auto web = bench.instance("web", {"serve"});
  web.spec.health.http = "/health";
  web.spec.health.interval = milliseconds(50);
  web.spec.health.unhealthy = 2;
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  bench.write(web, "status", "503");
  REQUIRE(bench.reports.await("web/1/0", "unready"));
  REQUIRE(bench.reports.last("web/1/0", "unready").code == "health.http_status");
  // Far more failures than end a service that does not answer at all.
  const auto probes = bench.lines(web, "probes").size();
  REQUIRE(testkit::await([&] { return bench.lines(web, "probes").size() >= probes + 8; }));
  bench.write(web, "status", "204");
  REQUIRE(bench.reports.await("web/1/0", "ready", 2));
  REQUIRE(bench.reports.phases("web/1/0") == "started ready unready ready");
}

TEST_CASE("a service that hangs becomes unready and is started anew") {
  Bench bench;
  auto web = bench.instance("web", {"serve"});
  web.spec.health.http = "/health";
  web.spec.health.interval = milliseconds(50);
  web.spec.health.timeout = milliseconds(100);
  web.spec.health.unhealthy = 2;
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  bench.write(web, "status", "hang");
  REQUIRE(bench.reports.await("web/1/0", "exited"));
  bench.write(web, "status", "200");
  REQUIRE(bench.reports.await("web/1/0", "ready", 2));
  REQUIRE(bench.reports.phases("web/1/0") == "started ready unready exited started ready");
  REQUIRE(bench.reports.last("web/1/0", "unready").code == "health.timeout");
  REQUIRE(bench.reports.last("web/1/0", "exited").code == "health.timeout");
  REQUIRE(bench.lines(web, "doubles").empty());
}

TEST_CASE("a TCP check passes once a connection is accepted, a command check once it ends with 0") {
  Bench bench;
  auto tcp = bench.instance("tcp", {"serve"});
  tcp.spec.health.tcp = true;
  auto exec = bench.instance("exec", {"pause"});
  exec.spec.health.exec = {"sh", "-c", "test -n \"$PORT\" && test -e \"$NOVA_DATA/well\""};
  bench.adopt();
  bench.keep(tcp);
  bench.keep(exec);
  REQUIRE(bench.reports.await("tcp/1/0", "ready"));
  REQUIRE(bench.reports.await("exec/1/0", "started"));
  REQUIRE(bench.reports.count("exec/1/0", "ready") == 0);
  bench.write(exec, "well", "");
  REQUIRE(bench.reports.await("exec/1/0", "ready"));
}

TEST_CASE("a check command that hangs counts as a timeout and is ended") {
  Bench bench;
  auto exec = bench.instance("exec", {"pause"});
  exec.spec.health.exec = {"sh", "-c", "echo $$ >> \"$NOVA_DATA/checks\"; exec sleep 1000"};
  exec.spec.health.timeout = milliseconds(50);
  exec.spec.health.start_timeout = milliseconds(300);
  bench.adopt();
  bench.keep(exec);
  REQUIRE(bench.reports.await("exec/1/0", "failed"));
  REQUIRE(bench.reports.last("exec/1/0", "failed").code == "health.timeout");
  const auto checks = bench.lines(exec, "checks");
  REQUIRE_FALSE(checks.empty());
  for (const auto& pid : checks) {
    REQUIRE(testkit::await([&] { return !lives(std::stoi(pid)); }));
  }
}

TEST_CASE("restart on_failure leaves a service that ended with 0, never leaves any") {
  Bench bench;
  auto good = bench.instance("good", {"exit=0"});
  good.spec.restart.mode = service::RestartMode::on_failure;
  auto bad = bench.instance("bad", {"exit-by-file"});
  bad.spec.restart.mode = service::RestartMode::on_failure;
  bench.write(bad, "exit", "3");
  auto once = bench.instance("once", {"exit=3"});
  once.spec.restart.mode = service::RestartMode::never;
  bench.adopt();
  for (const auto* one : {&good, &bad, &once}) bench.keep(*one);
  REQUIRE(bench.reports.await("bad/1/0", "exited"));
  bench.write(bad, "exit", "0");
  REQUIRE(testkit::await([&] {
    const auto lines = bench.driver().snapshot();
    return std::all_of(lines.begin(), lines.end(), [](const auto& line) { return line.phase == "completed"; });
  }));
  REQUIRE(bench.reports.await("bad/1/0", "exited", 2));
  for (const char* ended : {"good/1/0", "once/1/0"}) REQUIRE(bench.reports.await(ended, "exited"));
  REQUIRE(bench.reports.phases("good/1/0") == "exited");
  REQUIRE(bench.reports.phases("once/1/0") == "exited");
}

TEST_CASE("a worker runs at each interval, is ready after a good run, and a failing one is quarantined") {
  Bench bench;
  auto worker = bench.instance("worker", {"exit-by-file"});
  worker.spec.every = milliseconds(20);
  worker.spec.restart.intensity = 2;
  bench.write(worker, "exit", "0");
  bench.adopt();
  bench.keep(worker);
  REQUIRE(testkit::await([&] { return bench.lines(worker, "journal").size() >= 5; }));
  // Good runs are not news.
  REQUIRE(bench.reports.phases("worker/1/0") == "ready");
  bench.write(worker, "exit", "4");
  REQUIRE(bench.reports.await("worker/1/0", "quarantined"));
  REQUIRE(facts_of(bench.reports.last("worker/1/0", "quarantined")).exit_code == 4);
  REQUIRE(bench.lines(worker, "doubles").empty());
  REQUIRE(bench.lines(worker, "journal").at(0).back() == ' ');  // no PORT
}

TEST_CASE("another program under the same key replaces the running one, another health check does not") {
  Bench bench;
  auto web = bench.instance("web", {"pause"});
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  const auto before = facts_of(bench.reports.last("web/1/0", "ready"));
  web.spec.health.interval = milliseconds(77);
  bench.keep(web);
  web.spec.run.insert(web.spec.run.begin() + 1, "polite");
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready", 2));
  REQUIRE(bench.reports.phases("web/1/0") == "started ready started ready");
  const auto after = facts_of(bench.reports.last("web/1/0", "ready"));
  REQUIRE(after.pid != before.pid);
  REQUIRE_FALSE(lives(pid_t(before.pid)));
  REQUIRE(after.restarts == 0);
  REQUIRE(bench.lines(web, "doubles").empty());
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 2; }));
}

TEST_CASE("a dropped service gets SIGTERM, and a stubborn one SIGKILL after its time") {
  Bench bench;
  auto polite = bench.instance("polite", {"polite", "pause"});
  auto stubborn = bench.instance("stubborn", {"stubborn", "pause"});
  stubborn.spec.stop_timeout = milliseconds(200);
  bench.adopt();
  bench.keep(polite);
  bench.keep(stubborn);
  REQUIRE(bench.reports.await("polite/1/0", "ready"));
  REQUIRE(bench.reports.await("stubborn/1/0", "ready"));
  bench.drop(polite);
  bench.drop(stubborn);
  REQUIRE(bench.reports.await("polite/1/0", "stopped"));
  REQUIRE(bench.reports.await("stubborn/1/0", "stopped"));
  REQUIRE(bench.record(polite)->code == 0);
  REQUIRE(bench.record(stubborn)->signal == SIGKILL);
  REQUIRE(bench.reports.last("polite/1/0", "stopped").code == "stop.dropped");
  REQUIRE(bench.driver().snapshot().empty());
}

TEST_CASE("a daemon that left the service's session ends with the service") {
  Bench bench;
  auto web = bench.instance("web", {"orphan", "pause"});
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(testkit::await([&] { return bench.lines(web, "orphan").size() == 1; }));
  const pid_t orphan = std::stoi(bench.lines(web, "orphan").at(0));
  REQUIRE(lives(orphan));
  bench.drop(web);
  REQUIRE(bench.reports.await("web/1/0", "stopped"));
  REQUIRE_FALSE(lives(orphan));
  REQUIRE(bench.record(web)->leftovers >= 1);
}

TEST_CASE("a service wanted again while it stops starts anew, once") {
  Bench bench;
  auto web = bench.instance("web", {"stubborn", "pause"});
  web.spec.stop_timeout = milliseconds(200);
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  bench.drop(web);
  REQUIRE(testkit::await([&] { return bench.driver().snapshot().at(0).phase == "stopping"; }));
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready", 2));
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 2; }));
  REQUIRE(bench.lines(web, "doubles").empty());
}

}  // namespace nova::process::test
