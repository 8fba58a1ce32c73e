// A program that is let in from elsewhere (RFC 8628), from its codes to its session.
#include "core/json.hpp"
#include "tests/identity/world.hpp"

#include <set>

using namespace nova;
using namespace nova::testing;
using identity::DeviceLogins;
using std::chrono::seconds;

namespace {

struct Program : World {
  DeviceLogins::Started start() {
    auto started =
        answer<DeviceLogins::Started>([&](auto done) { identity->device_logins().start("novactl on a server", done); });
    REQUIRE(started);
    return *started;
  }
  core::Result<DeviceLogins::Waiting> say(const std::string& user, const std::string& code, bool yes) {
    return answer<DeviceLogins::Waiting>([&](auto done) { identity->device_logins().answer(user, code, yes, done); });
  }
  core::Result<identity::Tokens> poll(const std::string& device_code) {
    return answer<identity::Tokens>([&](auto done) { identity->login_with_device(device_code, done); });
  }
  /// The RFC's word.
  std::string word(const std::string& device_code) {
    const auto tokens = poll(device_code);
    REQUIRE_FALSE(tokens);
    CHECK(tokens.error().status == 400);
    for (const auto& [name, value] : tokens.error().details)
      if (name == "error") return value;
    return tokens.error().code;
  }
};

}  // namespace

TEST_CASE("device: a code is eight letters that nobody takes for others, however they are typed") {
  CHECK(identity::parse_user_code("WDJB-MJHT") == "WDJBMJHT");
  CHECK(identity::parse_user_code(" wdjb mjht ") == "WDJBMJHT");
  for (const auto* bad : {"", "WDJB-MJH", "WDJB-MJHTT", "WDJB-MJH0", "WDJB-MJHA", "WDJB_MJHT", "WDJB-MJH\xc3\xa9"})
    CHECK_FALSE(identity::parse_user_code(bad));
  Program program;
  std::set<std::string> codes;
  for (int i = 0; i < 50; ++i) {
    const auto started = program.start();
    CHECK(identity::parse_user_code(started.user_code));
    CHECK(started.expires_in == seconds(600));
    CHECK(started.interval == seconds(5));
    codes.insert(started.user_code);
  }
  CHECK(codes.size() == 50);
}

TEST_CASE("device: it waits until somebody lets it in, and gets one session, as that person") {
  Program program;
  const auto amy = program.person("amy@example.org");
  const auto started = program.start();
  CHECK(program.word(started.device_code) == "authorization_pending");
  const auto shown = program.identity->device_logins().look_up(started.user_code);
  REQUIRE(shown);
  CHECK(shown->device == "novactl on a server");
  REQUIRE(program.say(amy, started.user_code, true));
  program.clock.pass(seconds(5));
  const auto tokens = program.poll(started.device_code);
  REQUIRE(tokens);
  CHECK(tokens->user == amy);
  CHECK(program.bearer->caller(tokens->access_token, program.clock.now()));
  const auto session = program.store->document({"system", "session", tokens->session});
  REQUIRE((session && *session));
  CHECK(core::json_text((*session)->body, "method") == "device");
  CHECK(core::json_text((*session)->body, "device") == "novactl on a server");
  program.clock.pass(seconds(5));
  CHECK(program.word(started.device_code) == "invalid_grant");
  const auto again = program.say(amy, started.user_code, true);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "entity.wrong_state");
}

TEST_CASE("device: who asks too soon waits five seconds longer each time") {
  Program program;
  const auto started = program.start();
  CHECK(program.word(started.device_code) == "authorization_pending");
  program.clock.pass(seconds(4));
  CHECK(program.word(started.device_code) == "slow_down");
  program.clock.pass(seconds(9));
  CHECK(program.word(started.device_code) == "slow_down");
  program.clock.pass(seconds(15));
  CHECK(program.word(started.device_code) == "authorization_pending");
}

TEST_CASE("device: turned away, and too late, have words of their own") {
  Program program;
  const auto amy = program.person("amy@example.org");
  const auto denied = program.start(), late = program.start();
  REQUIRE(program.say(amy, denied.user_code, false));
  CHECK(program.word(denied.device_code) == "access_denied");
  program.clock.pass(seconds(600));
  CHECK(program.word(late.device_code) == "expired_token");
  const auto answered = program.say(amy, late.user_code, true);
  REQUIRE_FALSE(answered);
  CHECK(answered.error().code == "auth.code_expired");
}

TEST_CASE("device: a code that was never given opens nothing and slows nobody down") {
  Program program;
  const auto amy = program.person("amy@example.org");
  const auto started = program.start();
  auto wrong = started.device_code;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  for (const auto& code : {wrong, std::string("x"), std::string(), started.user_code})
    CHECK(program.word(code) == "invalid_grant");
  CHECK(program.word(started.device_code) == "authorization_pending");
  for (const auto* code : {"BBBB-BBBB", "nonsense"}) {
    const auto answered = program.say(amy, code, true);
    REQUIRE_FALSE(answered);
    CHECK(answered.error().code == "auth.code_not_found");
  }
}

TEST_CASE("device: who was suspended after saying yes lets nobody in") {
  Program program;
  const auto amy = program.person("amy@example.org");
  const auto started = program.start();
  REQUIRE(program.say(amy, started.user_code, true));
  program.tell(amy, "suspend", R"({"reason":"a test"})");
  const auto tokens = program.poll(started.device_code);
  REQUIRE_FALSE(tokens);
  CHECK(tokens.error().code == "user.suspended");
}

TEST_CASE("device: neither code stands in the store") {
  Program program;
  const auto started = program.start();
  const auto events = program.store->read_all(0, {}, 1000);
  REQUIRE(events);
  const auto secret = started.device_code.substr(started.device_code.find('.') + 1);
  for (const auto& event : events->events) {
    CHECK(event.body.find(secret) == std::string::npos);
    for (const auto& code : {started.user_code, *identity::parse_user_code(started.user_code)})
      CHECK(event.body.find(code) == std::string::npos);
  }
}
