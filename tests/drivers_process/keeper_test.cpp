// The keeper by itself, as another program would meet it.
#include "drivers/process/keeper_link.hpp"
#include "drivers/process/leftovers.hpp"
#include "tests/drivers_process/bench.hpp"
#include "tests/testkit/catch.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace nova::process::test {
namespace {

std::string answer_to(const std::string& order, const testkit::TempDir& dir) {
  replace_file(dir / "order", order);
  const std::string command = "'" NOVA_BIN_DIR "/nova-keeper' test < '" + (dir / "order").string() + "'";
  FILE* const keeper = ::popen(command.c_str(), "r");
  char line[512] = {};
  if (!std::fgets(line, sizeof line, keeper)) line[0] = '\0';
  ::pclose(keeper);
  return line;
}

std::string part(const std::string& tag, const std::string& value) {
  return tag + " " + std::to_string(value.size()) + "\n" + value + "\n";
}

std::string ask(const InstanceDir& dir, const std::string& question) {
  KeeperLink link(dir);
  if (!link.connected() || !link.say(question + "\n")) return "";
  pollfd ready{link.fd(), POLLIN, 0};
  ::poll(&ready, 1, 5000);
  char line[128] = {};
  const ssize_t size = ::recv(link.fd(), line, sizeof line - 1, 0);
  return std::string(line, size > 0 ? std::size_t(size) : 0);
}

// How many processes have the instance's lock file open.
std::size_t lock_holders(const InstanceDir& dir) {
  std::size_t holders = 0;
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    bool holds = false;
    std::error_code ended, not_a_file;  // a process may end while we look; a descriptor may be a socket
    for (std::filesystem::directory_iterator fd(process.path() / "fd", ended), end; !ended && fd != end;
         fd.increment(ended))
      holds = holds || std::filesystem::equivalent(fd->path(), dir.lock(), not_a_file);
    if (holds) ++holders;
  }
  return holders;
}

}  // namespace

TEST_CASE("an order that was cut off, or holds what the keeper does not know, starts nothing") {
  const testkit::TempDir dir;
  const std::string whole =
      part("dir", dir.path().string()) + part("cwd", "/") + part("arg", "sleep") + part("arg", "1000");
  REQUIRE(answer_to(whole, dir) == "error start.bad_order the order was cut off\n");
  REQUIRE(answer_to(whole + "env 100\nA=1\n", dir) == "error start.bad_order the order was cut off\n");
  REQUIRE(answer_to("rubbish", dir).rfind("error start.bad_order", 0) == 0);
  REQUIRE(answer_to("", dir).rfind("error start.bad_order", 0) == 0);
  REQUIRE(answer_to(whole + part("colour", "red") + "end 0\n\n", dir).rfind("error start.bad_order", 0) == 0);
  REQUIRE(answer_to(part("cwd", "/") + "end 0\n\n", dir) == "error start.bad_order the order lacks a part\n");
  REQUIRE_FALSE(std::filesystem::exists(dir / "state"));
}

TEST_CASE("a second keeper for the same folder is refused while any part of the first lives") {
  const testkit::TempDir dir;
  const InstanceDir instance(dir.path());
  const std::string order = part("dir", dir.path().string()) + part("cwd", "/") + part("arg", "sleep") +
                            part("arg", "1000") + part("env", "PATH=/usr/bin:/bin") + "end 0\n\n";
  REQUIRE(answer_to(order, dir).rfind("ok ", 0) == 0);
  const auto record = instance.record().value();
  REQUIRE(answer_to(order, dir).rfind("error start.still_running", 0) == 0);
  // The keeper gone, the service alone still holds the lock.
  ::kill(record.keeper, SIGKILL);
  REQUIRE(testkit::await([&] { return !lives(record.keeper); }));
  REQUIRE(lives(record.service));
  REQUIRE_FALSE(lock_is_free(instance));
  REQUIRE(answer_to(order, dir).rfind("error start.still_running", 0) == 0);
  // The refused keeper has answered but may still be on its way out.
  REQUIRE(testkit::await([&] { return lock_holders(instance) == 1; }));
  REQUIRE(end_leftovers(instance, record) == 1);
  REQUIRE(testkit::await([&] { return !lives(record.service); }));
  REQUIRE(testkit::await([&] { return lock_is_free(instance); }));
}

TEST_CASE("the keeper answers on its socket, passes signals on and stops its service when asked to end") {
  const testkit::TempDir dir;
  const InstanceDir instance(dir.path());
  const std::string order = part("dir", dir.path().string()) + part("cwd", "/") + part("arg", "sh") +
                            part("arg", "-c") +
                            part("arg", "trap 'echo heard' USR1; echo up; while :; do sleep 0.01; done") +
                            part("env", "PATH=/usr/bin:/bin") + part("log_bytes", "4096") + "end 0\n\n";
  REQUIRE(answer_to(order, dir).rfind("ok ", 0) == 0);
  const auto record = instance.record().value();
  REQUIRE(ask(instance, "status") ==
          "running " + std::to_string(record.service) + " " + std::to_string(record.service_start) + "\n");
  REQUIRE(ask(instance, "dance") == "unknown\n");
  REQUIRE(ask(instance, "signal 99999") == "refused\n");
  REQUIRE(ask(instance, std::string(500, 'x')).empty());  // a line without end is hung up on
  const auto log = [&] { return read_small_file(instance.log() / "00000000000000000000").value_or(""); };
  // Before its trap stands, the signal would end the shell.
  REQUIRE(testkit::await([&] { return log() == "up\n"; }));
  REQUIRE(ask(instance, "signal " + std::to_string(SIGUSR1)) == "ok\n");
  REQUIRE(testkit::await([&] { return log() == "up\nheard\n"; }));
  ::kill(record.keeper, SIGTERM);
  REQUIRE(testkit::await([&] { return !lives(record.keeper); }));
  REQUIRE_FALSE(lives(record.service));
  REQUIRE(instance.record()->signal == SIGTERM);
  REQUIRE(lock_is_free(instance));
}

TEST_CASE("a keeper that is attended starts its service again at an order alone, and leaves with its guest") {
  const testkit::TempDir dir;
  const InstanceDir instance(dir.path());
  const auto sleep = [&](const std::string& run) {
    return OrderParts{{"dir", dir.path().string()}, {"run", run}, {"cwd", "/"}, {"arg", "sleep"}, {"arg", "1000"},
                      {"env", "PATH=/usr/bin:/bin"}};
  };
  std::string order;
  for (const auto& [tag, value] : sleep("one")) order += part(std::string(tag), value);
  REQUIRE(answer_to(order + "end 0\n\n", dir).rfind("ok ", 0) == 0);
  const auto first = instance.record().value();
  KeeperLink guest(instance);
  REQUIRE(guest.say("attend\n"));
  const auto heard = [&] {
    auto what = KeeperLink::Heard::nothing;
    REQUIRE(testkit::await([&] { return (what = guest.listen()) != KeeperLink::Heard::nothing; }));
    return what;
  };
  // While the service runs there is nothing to start.
  auto early = Launch::again(guest, sleep("two"));
  REQUIRE(early);
  std::optional<core::Result<Launch::Started>> answer;
  REQUIRE(testkit::await([&] { return (answer = early->step()).has_value(); }));
  REQUIRE_FALSE(*answer);
  REQUIRE(lives(first.service));

  ::kill(first.service, SIGKILL);
  REQUIRE(heard() == KeeperLink::Heard::exited);
  REQUIRE(instance.record()->exited());
  REQUIRE_FALSE(lock_is_free(instance));
  REQUIRE(ask(instance, "stop 0") == "refused\n");
  REQUIRE(ask(instance, "signal 9") == "refused\n");
  REQUIRE(guest.say("start\n"));  // without an order
  auto again = Launch::again(guest, sleep("two"));
  REQUIRE(again);
  REQUIRE(testkit::await([&] { return (answer = again->step()).has_value(); }));
  REQUIRE(*answer);
  const auto second = instance.record().value();
  REQUIRE(second.run == "two");
  REQUIRE(second.phase == "running");
  REQUIRE(second.keeper == first.keeper);
  REQUIRE((*answer)->service == second.service);
  REQUIRE(lives(second.service));

  // Nobody attends: it leaves with its service.
  ::kill(second.service, SIGKILL);
  REQUIRE(heard() == KeeperLink::Heard::exited);
  guest.close();
  REQUIRE(testkit::await([&] { return !lives(first.keeper); }));
  REQUIRE(lock_is_free(instance));
}

TEST_CASE("a full log disk loses output and not the service") {
  const testkit::TempDir dir;
  const InstanceDir instance(dir.path());
  // A segment that cannot be written stands for a disk that takes nothing.
  std::filesystem::create_directories(instance.log());
  std::filesystem::create_symlink("/dev/full", instance.log() / "00000000000000000000");
  const std::string order = part("dir", dir.path().string()) + part("cwd", "/") + part("arg", "sh") +
                            part("arg", "-c") +
                            part("arg",
                                 "i=0; while test $i -lt 3000; do echo 0123456789012345678901234567890123456789; "
                                 "i=$((i+1)); done; exit 5") +
                            part("env", "PATH=/usr/bin:/bin") + "end 0\n\n";
  REQUIRE(answer_to(order, dir).rfind("ok ", 0) == 0);
  REQUIRE(testkit::await([&] { return instance.record()->exited(); }));
  REQUIRE(instance.record()->code == 5);
}

}  // namespace nova::process::test
