// What a service gets: environment, secrets, limits, ports; what it writes: logs. And as whom all this works.
#include "drivers/process/environment.hpp"
#include "drivers/process/logs.hpp"
#include "drivers/process/ports.hpp"
#include "tests/drivers_process/bench.hpp"
#include "tests/testkit/catch.hpp"

#include <grp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>

namespace nova::process::test {
namespace {

namespace fs = std::filesystem;

bool has(const std::vector<std::string>& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

std::vector<std::string> environment_of(Bench& bench, const service::Instance& web) {
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(testkit::await([&] {
    const auto lines = bench.lines(web, "environment");
    return !lines.empty() && lines.back().rfind("cwd ", 0) == 0;
  }));
  return bench.lines(web, "environment");
}

/// A listener on a free port of the range, as any other program of the machine may have one.
Fd listener_on(std::uint16_t port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // An earlier test's connections on this port may linger.
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(::listen(socket.get(), 1) == 0);
  return socket;
}

}  // namespace

TEST_CASE("a service gets what the runtime tells it, what the blueprint says, and nothing of the node's") {
  ::setenv("NODE_ONLY", "1", 1);
  Bench bench;
  auto web = bench.instance("web", {"environment", "pause"});
  web.spec.env["GREETING"] = "good day = yes";
  web.spec.env["PORT"] = "1";
  web.spec.env["PATH"] = "/opt/bin:/usr/bin:/bin";
  web.urls["NOVA_URL_API"] = "http://127.0.0.1:7482";
  web.spec.limits.open_files = 123;
  bench.adopt();
  const auto lines = environment_of(bench, web);
  const auto facts = facts_of(bench.reports.last("web/1/0", "ready"));
  REQUIRE(has(lines, "GREETING=good day = yes"));
  REQUIRE(has(lines, "PATH=/opt/bin:/usr/bin:/bin"));
  REQUIRE(has(lines, "NOVA_URL_API=http://127.0.0.1:7482"));
  REQUIRE(has(lines, "PORT=" + std::to_string(facts.port)));
  REQUIRE(has(lines, "NOVA_DATA=" + bench.data(web, "").parent_path().string()));
  REQUIRE(has(lines, "NOVA_SERVICE=web"));
  REQUIRE(has(lines, "NOVA_REVISION=1"));
  REQUIRE(has(lines, "limit core 0"));
  REQUIRE(has(lines, "limit files 123"));
  REQUIRE(has(lines, "nice " + std::to_string(::getpriority(PRIO_PROCESS, 0) + 10)));
  REQUIRE(has(lines, "cwd " + source_folder(bench.options, web).string()));
  for (const auto& line : lines) REQUIRE(line.rfind("NODE_ONLY", 0) != 0);
}

TEST_CASE("a secret reaches its service and stands in no argument list, no file, no report and no log") {
  const std::string plain = "plain-kept-from-eyes";
  std::string logged;
  Bench bench;
  bench.options.resolve_secret = [&](const std::string& ref) -> core::Result<std::string> {
    if (ref != "secret://db/password@3") return core::unavailable("secret.not_found", "no such secret");
    return plain;
  };
  bench.options.log = [&](std::string_view, std::string_view line) { logged += line; };
  auto web = bench.instance("web", {"environment", "pause"});
  web.spec.secrets["DB_PASSWORD"].ref = "secret://db/password@3";
  bench.adopt();
  const auto lines = environment_of(bench, web);
  REQUIRE(has(lines, "DB_PASSWORD=" + plain));
  for (const auto& entry : fs::directory_iterator("/proc")) {
    if (const auto words = read_small_file(entry.path() / "cmdline")) REQUIRE(words->find(plain) == words->npos);
  }
  for (const auto& entry : fs::recursive_directory_iterator(bench.dir.path())) {
    if (!entry.is_regular_file() || entry.path().filename() == "environment") continue;
    REQUIRE(read_small_file(entry.path()).value_or("").find(plain) == std::string::npos);
  }
  for (const auto& report : bench.reports.all())
    REQUIRE((report.message + report.data.text).find(plain) == std::string::npos);
  bench.end_driver();
  REQUIRE(logged.find("ready") != logged.npos);
  REQUIRE(logged.find(plain) == logged.npos);
}

TEST_CASE("a secret that cannot be opened keeps its service from starting, and is tried again within the intensity") {
  std::atomic<int> asked{0};
  Bench bench;
  bench.options.resolve_secret = [&](const std::string&) -> core::Result<std::string> {
    if (++asked < 3) return core::unavailable("vault.sealed", "the vault is sealed");
    return std::string("open");
  };
  auto web = bench.instance("web", {"pause"});
  web.spec.secrets["KEY"].ref = "secret://key@1";
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(bench.reports.phases("web/1/0") == "exited exited started ready");
  REQUIRE(bench.reports.last("web/1/0", "exited").code == "start.secret_unavailable");
  REQUIRE(testkit::await([&] { return bench.lines(web, "journal").size() == 1; }));
}

TEST_CASE("a port goes to the same key again, and never where somebody listens or a blueprint has its own") {
  const std::uint16_t first = 19000;
  Ports ports(first, first + 9, {first});
  const auto one = ports.take("one", 0);
  REQUIRE(one);
  REQUIRE(ports.take("one", *one) == one);
  std::set<std::uint16_t> given{*one};
  ports.reserve(first + 1);
  if (*one == first + 1) given.clear();
  while (const auto port = ports.take("key " + std::to_string(given.size()), 0)) {
    REQUIRE(*port > first + 1);
    REQUIRE(given.insert(*port).second);
  }
  REQUIRE(given.size() <= 8);
  ports.release("one");
  const auto again = ports.take("two", 0);
  REQUIRE(again == one);
  const Fd stranger = listener_on(*again);
  REQUIRE_FALSE(port_is_free(*again));
  REQUIRE_FALSE(ports.take("two", *again));
}

TEST_CASE("a restarted service whose port a stranger took gets another and says which") {
  Bench bench;
  auto web = bench.instance("web", {"exit-by-file"});
  web.spec.run = {"sh", "-c",
                  "echo $PORT >> $NOVA_DATA/ports; while test ! -e $NOVA_DATA/end; do sleep 0.01; done; exit 1"};
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  const auto before = facts_of(bench.reports.last("web/1/0", "ready"));
  const Fd stranger = listener_on(std::uint16_t(before.port));
  bench.write(web, "end", "");
  REQUIRE(bench.reports.await("web/1/0", "exited"));
  fs::remove(bench.data(web, "end"));
  REQUIRE(bench.reports.await("web/1/0", "ready", 2));
  const auto after = facts_of(bench.reports.last("web/1/0", "ready"));
  REQUIRE(after.port != before.port);
  REQUIRE(bench.lines(web, "ports").back() == std::to_string(after.port));
}

TEST_CASE("the log stays within its segments, and a follower reads every line once across rotation") {
  Bench bench;
  bench.options.log_segment_bytes = 16 * 1024;
  bench.options.log_segments = 4;
  auto web = bench.instance("web", {"lines=500", "pause"});
  bench.adopt();
  bench.keep(web);
  const LogReader reader(bench.options.run_dir);
  const std::string last = "line 00000499 of the log";
  const auto newest = [&] {
    const auto lines = reader.last("acme", "web/1/0", 1);
    return lines && !lines->lines.empty() ? lines->lines.back() : std::string();
  };
  REQUIRE(testkit::await([&] { return newest() == last; }));
  std::vector<std::string> all;
  std::uint64_t position = 0;
  for (;;) {
    const auto page = reader.from("acme", "web/1/0", position, 100).value();
    REQUIRE_FALSE(page.gap);
    if (page.lines.empty()) break;
    all.insert(all.end(), page.lines.begin(), page.lines.end());
    position = page.next;
  }
  REQUIRE(all.size() == 500);
  for (std::size_t i = 0; i < all.size(); ++i)
    REQUIRE(all[i].substr(5, 8) == ("00000000" + std::to_string(i)).substr(std::to_string(i).size()));
  REQUIRE(reader.last("acme", "web/1/0", 3)->lines ==
          std::vector<std::string>{"line 00000497 of the log", "line 00000498 of the log", last});

  // Ten times as much: the oldest goes, positions go on, and a follower that fell behind is told.
  web.spec.run = {TEST_SERVICE, "lines=9000", "say=end", "pause"};
  bench.keep(web);
  REQUIRE(testkit::await([&] { return newest() == "end"; }));
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  std::size_t files = 0;
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(facts_of(bench.reports.last("web/1/0", "ready")).log_path)) {
    ++files;
    bytes += entry.file_size();
    REQUIRE(entry.file_size() <= 16 * 1024);
  }
  REQUIRE(files == 4);
  REQUIRE(bytes > 3 * 8 * 1024);
  REQUIRE(reader.from("acme", "web/1/0", 0, 1)->gap);
  REQUIRE(reader.from("acme", "web/1/0", reader.last("acme", "web/1/0", 1)->next, 10)->lines.empty());
  REQUIRE(reader.last("acme", "web/1/0", 1'000'000)->lines.size() > 1000);
  REQUIRE(reader.last("acme", "web/1/0", 0)->lines.empty());
  REQUIRE(reader.last("acme", "nobody", 1).error().code == "log.not_found");
  REQUIRE(reader.last("other", "web/1/0", 1).error().code == "log.not_found");
}

TEST_CASE("log text cannot command a terminal") {
  REQUIRE(harmless("plain \xc3\xa9 text") == "plain \xc3\xa9 text");
  REQUIRE(harmless("\x1b[2Jgone\r\x07") == "\\u001b[2Jgone\\u000d\\u0007");
  REQUIRE(harmless("a\tb") == "a b");
  REQUIRE(harmless("\xc2\x9b"
                   "31m") == "\\u009b31m");                      // the one-byte form of ESC [
  REQUIRE(harmless("\x9b\xff\xc3") == "\\u009b\\u00ff\\u00c3");  // not UTF-8
  REQUIRE(harmless("\xed\xa0\x80") == "\\u00ed\\u00a0\\u0080");  // a surrogate
  REQUIRE(harmless("\xe2\x82\xac\xf0\x9f\x8c\x8d") == "\xe2\x82\xac\xf0\x9f\x8c\x8d");
}

TEST_CASE("limits become what the cgroup understands") {
  service::Limits limits;
  REQUIRE(cgroup_limits(limits).empty());
  limits.memory_mb = 64;
  limits.cpu_millis = 250;
  limits.processes = 20;
  REQUIRE(cgroup_limits(limits) ==
          std::vector<std::string>{"memory.max=67108864", "memory.oom.group=1", "cpu.max=25000 100000", "pids.max=20"});
}

TEST_CASE("without a cgroup the memory limit holds for each process") {
  Bench bench;
  auto web = bench.instance("web", {});
  web.spec.run = {"sh", "-c", "ulimit -d > $NOVA_DATA/limit; exec sleep 1000"};
  web.spec.limits.memory_mb = 64;
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  REQUIRE(testkit::await([&] { return bench.lines(web, "limit").size() == 1; }));
  REQUIRE(bench.lines(web, "limit").at(0) == "65536");
}

TEST_CASE("an ordinary user without a cgroup of its own keeps, restarts and stops services") {
  if (::geteuid() != 0) SUCCEED("the whole suite runs as an ordinary user");
  Bench bench;
  const pid_t other = ::fork();
  if (other == 0) {
    // What the user may not reach where it stands is copied to where it may.
    const fs::path bin = bench.dir / "bin";
    fs::create_directories(bin);
    fs::copy_file(bench.options.keeper, bin / "nova-keeper");
    fs::copy_file(TEST_SERVICE, bin / "service");
    bench.options.keeper = bin / "nova-keeper";
    auto web = bench.instance("web", {"orphan", "pause"});
    web.spec.run[0] = (bin / "service").string();
    if (::geteuid() == 0) {
      const uid_t nobody = 65534;
      for (const auto& entry : fs::recursive_directory_iterator(bench.dir.path())) {
        if (::chown(entry.path().c_str(), nobody, nobody) != 0) ::_exit(10);
      }
      if (::chown(bench.dir.path().c_str(), nobody, nobody) != 0 || ::setgroups(0, nullptr) != 0 ||
          ::setgid(nobody) != 0 || ::setuid(nobody) != 0) {
        ::_exit(11);
      }
    }
    bench.options.cgroup = "/sys/fs/cgroup/not-ours";
    bench.adopt();
    bench.keep(web);
    if (!bench.reports.await("web/1/0", "ready")) ::_exit(12);
    ::kill(pid_t(facts_of(bench.reports.last("web/1/0", "ready")).keeper_pid), SIGKILL);
    if (!bench.reports.await("web/1/0", "ready", 2)) ::_exit(13);
    if (!bench.lines(web, "doubles").empty()) ::_exit(14);
    bench.drop(web);
    if (!bench.reports.await("web/1/0", "stopped")) ::_exit(15);
    for (const auto& orphan : bench.lines(web, "orphan")) {
      if (lives(std::stoi(orphan))) ::_exit(16);
    }
    bench.end_driver();
    ::_exit(0);
  }
  int status = -1;
  REQUIRE(::waitpid(other, &status, 0) == other);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
}

TEST_CASE("a payload that cannot be read is answered, not dropped") {
  Bench bench;
  bench.adopt();
  auto kept = bench.kept(bench.instance("web", {"pause"}));
  kept.ask.payload = "{\"spec\": [";
  bench.driver().keep(kept);
  REQUIRE(bench.reports.await("web/1/0", "failed"));
  REQUIRE(bench.reports.last("web/1/0", "failed").code == "start.payload_invalid");
}

}  // namespace nova::process::test
