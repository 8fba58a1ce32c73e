// The driver against servers that are not there or say nothing; a real one is in tests/e2e/test_mail.py.
#include "drivers/mail/mail.hpp"
#include "store/vault.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

using namespace nova;

namespace {

// Listens and says nothing; none is taken off the queue of the kernel.
struct Mute {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t port = 0;
  Mute() {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    socklen_t size = sizeof at;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
  }
  void listen() { REQUIRE(::listen(fd, 8) == 0); }
  ~Mute() { ::close(fd); }
};

struct World {
  std::unique_ptr<store::Vault> vault = store::make_memory_vault();
  mail::Options options;
  World() {
    options.server.host = "127.0.0.1";
    options.server.tls = mail::Tls::none;
    options.server.limit = std::chrono::milliseconds(1500);
    options.from = "nova@example.org";
    options.place = "http://127.0.0.1";
    options.reveal = [this](const std::string& reference) { return vault->reveal(reference); };
  }
  std::string letter(const std::string& to = "amy@example.org") {
    return *vault->seal("system/verification/email.amy/letter", R"({"to":")" + to + R"(","token":"t-o-k"})");
  }
};

host::Work work(const std::string& verb, const std::string& letter, std::uint32_t attempt = 1) {
  host::Work made;
  made.ask.verb = verb;
  made.attempt = attempt;
  made.ask.payload = R"({"template":"email","language":"en","letter":")" + letter +
                     R"(","message":"email.amy.1","at":"2026-01-31T09:00:00.000Z"})";
  return made;
}

host::WorkEnd run(host::WorkDriver& driver, host::Work todo) {
  std::atomic<bool> done{false};
  host::WorkEnd end;
  driver.start(std::move(todo), [&](host::WorkEnd given) {
    end = std::move(given);
    done = true;
  });
  REQUIRE(testkit::await([&] { return done.load(); }));
  return end;
}

}  // namespace

TEST_CASE("mail: a server that is not there is asked again, soon and then not so soon") {
  Mute closed;
  World world;
  world.options.server.port = closed.port;
  auto driver = mail::make_mail_driver(world.options);
  const auto letter = world.letter();
  const auto first = run(*driver, work("send", letter));
  CHECK(first.error.code == "mail.deferred_unreachable");
  CHECK(first.retry);
  CHECK_FALSE(run(*driver, work("send", letter, mail::quick_attempts)).retry);
}

TEST_CASE("mail: a server that says nothing holds a sender for its time only") {
  Mute mute;
  mute.listen();
  World world;
  world.options.server.port = mute.port;
  auto driver = mail::make_mail_driver(world.options);
  const auto end = run(*driver, work("send", world.letter()));
  CHECK(end.error.code == "mail.deferred_slow");
  CHECK_FALSE(end.retry);
}

TEST_CASE("mail: the end of the driver does not wait for a mute server") {
  Mute mute;
  mute.listen();
  World world;
  world.options.server.port = mute.port;
  world.options.server.limit = std::chrono::minutes(5);
  std::atomic<bool> told{false};
  auto driver = mail::make_mail_driver(world.options);
  driver->start(work("send", world.letter()), [&](host::WorkEnd) { told = true; });
  const auto before = std::chrono::steady_clock::now();
  driver.reset();
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(20));
  CHECK_FALSE(told);  // the next start takes it up
}

TEST_CASE("mail: what was erased can be sent no more") {
  World world;
  auto driver = mail::make_mail_driver(world.options);
  const auto letter = world.letter();
  REQUIRE(world.vault->destroy(letter.substr(9, letter.rfind('@') - 9)));
  const auto end = run(*driver, work("send", letter));
  CHECK(end.error.code == "mail.letter_gone");
  CHECK_FALSE(end.retry);
  CHECK(run(*driver, work("forget", letter)).error.code == "mail.invalid_message");
}

TEST_CASE("mail: an address that is none never reaches a server") {
  World world;
  auto driver = mail::make_mail_driver(world.options);
  const auto end = run(*driver, work("send", world.letter("amy@example.org> SIZE=9")));
  CHECK(end.error.code == "mail.invalid_address");
  CHECK_FALSE(end.retry);
  CHECK(end.error.message.find("amy") == std::string::npos);
}
