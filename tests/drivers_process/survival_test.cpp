// Deaths of the keeper, of the driver, of the machine: nothing is started twice, nothing is orphaned, no exit is lost.
#include "tests/drivers_process/bench.hpp"
#include "tests/testkit/catch.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace nova::process::test {
namespace {

/// A driver in a process of its own, which can be killed as a node is.
class OtherNode {
 public:
  OtherNode(Bench& bench, const std::vector<service::Instance>& all) {
    pid_ = ::fork();
    if (pid_ != 0) return;
    bench.adopt(all);
    for (;;) ::pause();
  }
  ~OtherNode() { kill(); }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

 private:
  pid_t pid_ = 0;
};

bool runs(const Bench& bench, const service::Instance& instance) {
  const auto record = bench.record(instance);
  return record && record->phase == "running";
}

void replace_in_file(const std::filesystem::path& path, const std::string& from, const std::string& to) {
  std::string text = read_small_file(path).value();
  const auto at = text.find(from);
  REQUIRE(at != text.npos);
  replace_file(path, text.replace(at, from.size(), to));
}

}  // namespace

TEST_CASE("kill -9 of a keeper ends what it kept, and both start again") {
  Bench bench;
  auto web = bench.instance("web", {"orphan", "serve"});
  web.spec.health.http = "/";
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(testkit::await([&] { return bench.lines(web, "orphan").size() == 1; }));
  const pid_t orphan = std::stoi(bench.lines(web, "orphan").at(0));
  const auto before = facts_of(bench.reports.last("web/1/0", "ready"));
  ::kill(pid_t(before.keeper_pid), SIGKILL);
  REQUIRE(bench.reports.await("web/1/0", "ready", 2));
  REQUIRE(bench.reports.phases("web/1/0") == "started ready exited started ready");
  REQUIRE(bench.reports.last("web/1/0", "exited").code == "keeper.lost");
  const auto after = facts_of(bench.reports.last("web/1/0", "ready"));
  REQUIRE(after.keeper_pid != before.keeper_pid);
  REQUIRE(after.port == before.port);
  REQUIRE(after.restarts == 1);
  REQUIRE_FALSE(lives(pid_t(before.pid)));
  REQUIRE_FALSE(lives(orphan));
  REQUIRE(bench.serves(after.port));
  REQUIRE(bench.lines(web, "doubles").empty());
}

TEST_CASE("a new life that was noted but not begun when the node died is begun by the next one") {
  Bench bench;
  auto web = bench.instance("web", {"pause"});
  web.attempt = 1;
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  const auto before = facts_of(bench.reports.last("web/1/0", "ready"));
  bench.end_driver();
  // As it dies between the note and the end of the old life.
  const auto dirs = all_dirs(bench.options.run_dir);
  REQUIRE(dirs.size() == 1);
  auto memory = dirs.at(0).memory();
  REQUIRE(memory);
  memory->attempt = web.attempt = 2;
  REQUIRE(dirs.at(0).remember(*memory));
  bench.adopt({web});
  REQUIRE(testkit::await([&] { return facts_of(bench.reports.last("web/1/0", "ready")).attempt == 2; }));
  CHECK(facts_of(bench.reports.last("web/1/0", "ready")).pid != before.pid);
  CHECK_FALSE(lives(pid_t(before.pid)));
  // And no more than once.
  const auto after = facts_of(bench.reports.last("web/1/0", "ready"));
  bench.end_driver();
  bench.adopt({web});
  REQUIRE(bench.reports.await("web/1/0", "ready", 4));
  CHECK(facts_of(bench.reports.last("web/1/0", "ready")).pid == after.pid);
}

TEST_CASE("keeper and service killed together start again once") {
  Bench bench;
  auto web = bench.instance("web", {"pause"});
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  const auto before = facts_of(bench.reports.last("web/1/0", "ready"));
  ::kill(pid_t(before.keeper_pid), SIGKILL);
  ::kill(pid_t(before.pid), SIGKILL);
  REQUIRE(bench.reports.await("web/1/0", "ready", 2));
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 2; }));
  REQUIRE(bench.lines(web, "doubles").empty());
}

TEST_CASE("kill -9 of the node leaves services alone, and the next node adopts the same processes") {
  Bench bench;
  auto web = bench.instance("web", {"serve"});
  web.spec.health.http = "/";
  auto worker = bench.instance("api", {"polite", "pause"});
  OtherNode first(bench, {web, worker});
  REQUIRE(testkit::await([&] { return runs(bench, web) && runs(bench, worker); }));
  const auto record = *bench.record(web);
  first.kill();
  REQUIRE(lives(record.service));
  REQUIRE(lives(record.keeper));

  bench.adopt({web, worker});
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(bench.reports.await("api/1/0", "ready"));
  const auto facts = facts_of(bench.reports.last("web/1/0", "ready"));
  REQUIRE(facts.pid == record.service);
  REQUIRE(facts.keeper_pid == record.keeper);
  REQUIRE(bench.serves(facts.port));
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 1; }));
  REQUIRE(testkit::await([&] { return bench.lines(worker, "journal").size() == 1; }));

  // What was adopted is watched as closely as what was started.
  ::kill(record.service, SIGKILL);
  REQUIRE(bench.reports.await("web/1/0", "exited"));
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 2; }));
}

TEST_CASE("ten deaths of the node in a row start nothing twice") {
  Bench bench;
  auto web = bench.instance("web", {"serve"});
  for (int round = 0; round < 10; ++round) {
    // Killed at whatever moment of a start or an adoption it has come to.
    OtherNode node(bench, {web});
    (void)testkit::await([&] { return bench.record(web).has_value(); });
    node.kill();
  }
  bench.adopt({web});
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 1; }));
  REQUIRE(bench.lines(web, "doubles").empty());
}

TEST_CASE("an exit while no node runs is read from the record, reported and healed") {
  Bench bench;
  auto web = bench.instance("web", {"exit-by-file"});
  web.spec.run = {
      "sh", "-c",
      "echo x >> $NOVA_DATA/journal; while test ! -e $NOVA_DATA/end; do sleep 0.01; done; rm $NOVA_DATA/end; exit 9"};
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  bench.end_driver();
  bench.write(web, "end", "");
  REQUIRE(testkit::await([&] { return bench.record(web)->exited(); }));
  bench.adopt({web});
  REQUIRE(bench.reports.await("web/1/0", "exited"));
  REQUIRE(facts_of(bench.reports.last("web/1/0", "exited")).exit_code == 9);
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 2; }));
  // Told once, and not again by the next node.
  bench.end_driver();
  bench.adopt({web});
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 2; }));
}

TEST_CASE("a keeper that dies while no node runs: what it left is ended before the next start") {
  Bench bench;
  auto web = bench.instance("web", {"orphan", "pause"});
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(testkit::await([&] { return bench.lines(web, "orphan").size() == 1; }));
  const pid_t orphan = std::stoi(bench.lines(web, "orphan").at(0));
  bench.end_driver();
  const auto record = *bench.record(web);
  ::kill(record.keeper, SIGKILL);
  REQUIRE(testkit::await([&] { return !lives(record.keeper); }));
  REQUIRE(lives(record.service));
  bench.adopt({web});
  REQUIRE(bench.reports.await("web/1/0", "exited"));
  REQUIRE(bench.reports.last("web/1/0", "exited").code == "keeper.lost");
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 2; }));
  REQUIRE_FALSE(lives(record.service));
  REQUIRE_FALSE(lives(orphan));
  REQUIRE(bench.lines(web, "doubles").empty());
}

TEST_CASE("what runs and is no longer wanted at adoption is stopped and reported") {
  Bench bench;
  auto web = bench.instance("web", {"polite", "pause"});
  auto api = bench.instance("api", {"pause"});
  bench.adopt();
  bench.keep(web);
  bench.keep(api);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(bench.reports.await("api/1/0", "ready"));
  bench.end_driver();
  const auto gone = *bench.record(web);
  bench.adopt({api});
  REQUIRE(bench.reports.await("web/1/0", "stopped"));
  REQUIRE_FALSE(lives(gone.service));
  REQUIRE_FALSE(lives(gone.keeper));
  REQUIRE(lives(bench.record(api)->service));
}

TEST_CASE("a drop that comes after the thing has stopped, or after the node died, is answered all the same") {
  Bench bench;
  auto web = bench.instance("web", {"pause"});
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  bench.drop(web);
  REQUIRE(bench.reports.await("web/1/0", "stopped"));
  bench.end_driver();
  bench.adopt();
  bench.drop(web);
  REQUIRE(bench.reports.await("web/1/0", "stopped", 2));
}

TEST_CASE("after a reboot recorded processes mean nothing: the service starts and nobody is killed") {
  Bench bench;
  auto web = bench.instance("web", {"pause"});
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  bench.drop(web);
  REQUIRE(bench.reports.await("web/1/0", "stopped"));
  bench.end_driver();
  // As the machine's end would have left it, and with numbers that now belong to this test.
  const auto dir = find_dir(bench.options.run_dir, web.tenant, Bench::key(web), false).value();
  const auto record = *bench.record(web);
  replace_in_file(dir.path() / "state", "phase exited", "phase running");
  replace_in_file(dir.path() / "state", "boot " + record.boot, "boot 00000000-0000-0000-0000-000000000000");
  replace_in_file(dir.path() / "state", "service " + std::to_string(record.service),
                  "service " + std::to_string(::getpid()));
  replace_in_file(dir.path() / "memory", "reported_run " + record.run, "reported_run -");
  replace_in_file(dir.path() / "memory", "phase stopped", "phase ready");
  bench.adopt({web});
  REQUIRE(bench.reports.await("web/1/0", "exited"));
  REQUIRE(bench.reports.last("web/1/0", "exited").code == "node.rebooted");
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 2; }));
}

TEST_CASE("a quarantine outlives the node") {
  Bench bench;
  auto web = bench.instance("web", {"exit=1"});
  web.spec.restart.intensity = 1;
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "quarantined"));
  bench.end_driver();
  bench.adopt({web});
  REQUIRE(bench.reports.await("web/1/0", "quarantined", 2));
  REQUIRE(bench.driver().snapshot().at(0).phase == "quarantined");
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 2; }));
}

TEST_CASE("sequences grow per key across nodes, and the last report is given again after adoption") {
  Bench bench;
  auto web = bench.instance("web", {"pause"});
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  bench.end_driver();
  bench.adopt({web});
  REQUIRE(bench.reports.await("web/1/0", "ready", 2));
  const auto ready = bench.reports.of("web/1/0");
  REQUIRE(ready.back().sequence == ready[ready.size() - 2].sequence);
  ::kill(pid_t(facts_of(ready.back()).pid), SIGKILL);
  REQUIRE(bench.reports.await("web/1/0", "ready", 3));
  std::uint64_t last = 0;
  for (const auto& report : bench.reports.of("web/1/0")) {
    REQUIRE(report.sequence >= last);
    last = report.sequence;
  }
}

TEST_CASE("an ordered end stops what needs others before what they need") {
  Bench bench;
  auto web = bench.instance("web", {"polite", "pause"});
  auto api = bench.instance("api", {"polite", "pause"});
  auto db = bench.instance("db", {"polite", "pause"});
  web.spec.needs = {"api"};
  api.spec.needs = {"db"};
  bench.adopt({db, web, api});
  for (const auto* one : {&web, &api, &db}) REQUIRE(bench.reports.await(Bench::key(*one), "ready"));
  bench.driver().shut_down(true);
  std::string order;
  for (const auto& report : bench.reports.all()) {
    if (report.phase == "stopped") order += report.key + " ";
  }
  REQUIRE(order == "web/1/0 api/1/0 db/1/0 ");
  REQUIRE(bench.reports.last("db/1/0", "stopped").code == "stop.node");
  REQUIRE(bench.record(db)->exited());
}

TEST_CASE("after an ordered end a worker runs at once and is reported ready; after a plain end it keeps its interval") {
  Bench bench;
  auto worker = bench.instance("worker", {"exit-by-file"});
  worker.spec.every = std::chrono::hours(1);
  bench.write(worker, "exit", "0");
  bench.adopt({worker});
  REQUIRE(bench.reports.await("worker/1/0", "ready"));
  bench.end_driver();
  bench.adopt({worker});
  bench.driver().shut_down(true);
  REQUIRE(bench.reports.count("worker/1/0", "stopped") == 1);
  REQUIRE(bench.lines(worker, "journal").size() == 1);
  bench.end_driver();
  const auto ready_before = bench.reports.count("worker/1/0", "ready");
  bench.adopt({worker});
  REQUIRE(bench.reports.await("worker/1/0", "ready", ready_before + 1));
  REQUIRE(bench.lines(worker, "journal").size() == 2);
}

TEST_CASE("a signal to the node's process group or to all its children does not reach a service") {
  Bench bench;
  auto web = bench.instance("web", {"pause"});
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  const auto facts = facts_of(bench.reports.last("web/1/0", "ready"));
  REQUIRE(::getpgid(pid_t(facts.keeper_pid)) != ::getpgid(0));
  REQUIRE(::getsid(pid_t(facts.keeper_pid)) == facts.keeper_pid);
  const auto parent = read_small_file("/proc/" + std::to_string(facts.keeper_pid) + "/status").value();
  REQUIRE(parent.find("PPid:\t" + std::to_string(::getpid())) == parent.npos);
  // Nothing of the node's own is held open: standard descriptors lead nowhere.
  for (const char* standard : {"0", "1", "2"}) {
    REQUIRE(std::filesystem::read_symlink("/proc/" + std::to_string(facts.keeper_pid) + "/fd/" + standard) ==
            "/dev/null");
  }
}

TEST_CASE("a check command under way when the node is killed ends by itself") {
  Bench bench;
  auto web = bench.instance("web", {"pause"});
  web.spec.health.exec = {"sh", "-c", "echo $$ >> \"$NOVA_DATA/checks\"; exec sleep 1000"};
  web.spec.health.timeout = milliseconds(500);
  OtherNode node(bench, {web});
  REQUIRE(testkit::await([&] { return bench.lines(web, "checks").size() == 1; }));
  node.kill();
  const pid_t check = std::stoi(bench.lines(web, "checks").at(0));
  REQUIRE(testkit::await([&] { return !lives(check); }));
}

}  // namespace nova::process::test
