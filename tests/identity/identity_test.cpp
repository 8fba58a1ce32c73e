// Signing in: what every path costs and says.
#include "tests/identity/world.hpp"

using namespace nova;
using namespace nova::testing;

TEST_CASE("signing in costs exactly one scrypt on every path, and says the same of all that is wrong") {
  World world;
  world.person("amy@example.org");
  const auto banned = world.person("ben@example.org");
  world.tell(banned, "ban", R"({"reason":"a test"})");
  const auto unreadable = world.person("eve@example.org");
  REQUIRE(world.vault->destroy("system/user/" + unreadable + "/password"));

  struct Row {
    const char* what;
    std::string email, given, code;
  };
  const Row rows[] = {
      {"right", "amy@example.org", password, ""},
      {"right, as people write addresses", "  AMY@Example.org ", password, ""},
      {"wrong", "amy@example.org", "wrong", "auth.bad_credentials"},
      {"empty", "amy@example.org", "", "auth.bad_credentials"},
      {"too long to be one", "amy@example.org", std::string(5000, 'x'), "auth.bad_credentials"},
      {"nobody", "nobody@example.org", password, "auth.bad_credentials"},
      {"no address", "", password, "auth.bad_credentials"},
      {"banned, right", "ben@example.org", password, "user.banned"},
      {"banned, wrong", "ben@example.org", "wrong", "auth.bad_credentials"},
      {"its hash is gone", "eve@example.org", password, "auth.bad_credentials"},
  };
  std::string wrong;
  for (const auto& row : rows) {
    INFO(row.what);
    const auto before = world.identity->passwords().runs();
    const auto answer = world.login(row.email, row.given);
    CHECK(world.identity->passwords().runs() == before + 1);
    if (row.code.empty()) {
      CHECK(answer.ok());
      continue;
    }
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == row.code);
    if (row.code != "auth.bad_credentials") continue;
    const auto line = core::to_line(answer.error());
    if (wrong.empty()) wrong = line;
    CHECK(line == wrong);
  }
}

TEST_CASE("guessing locks an account for a quarter of an hour, and is on record") {
  World world;
  const auto amy = world.person("amy@example.org");
  for (int i = 0; i < 10; ++i) CHECK_FALSE(world.login("amy@example.org", "guess " + std::to_string(i)));
  const auto locked = world.login("amy@example.org", password);
  REQUIRE_FALSE(locked);
  CHECK(locked.error().code == "auth.locked");
  world.clock.pass(std::chrono::minutes(15));
  CHECK(world.login("amy@example.org", password));

  const auto events = world.store->read({"system", "user", amy}, 0, 100);
  REQUIRE(events);
  const auto count = [&](std::string_view type) {
    return std::count_if(events->begin(), events->end(), [&](const auto& event) { return event.type == type; });
  };
  CHECK(count("auth.failed") == 10);
  CHECK(count("auth.locked") == 1);
}

TEST_CASE("more people at once than there is room for are told to come again") {
  World world;
  world.person("amy@example.org");
  std::vector<std::function<void()>> steps;
  identity::Parts parts;
  parts.host = world.host.get();
  parts.vault = world.vault.get();
  parts.book = &world.book;
  parts.keys = world.keys.get();
  parts.bearer = world.bearer.get();
  parts.clock = &world.clock;
  parts.cost = {10, 8, 1};
  parts.slowly = [&](std::function<void()> step) { steps.push_back(std::move(step)); };
  identity::Identity busy(std::move(parts));
  std::size_t refused = 0, came = 0;
  const auto room = identity::scrypts_at_once + identity::scrypts_waiting_max;
  for (std::size_t i = 0; i < room + 3; ++i)
    busy.login({"amy@example.org", password, "", {}}, [&](const core::Result<identity::Tokens>& tokens) {
      if (tokens)
        ++came;
      else if (tokens.error().code == "auth.busy" && tokens.error().status == 503)
        ++refused;
    });
  CHECK(refused == 3);
  CHECK(steps.size() == identity::scrypts_at_once);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto step = steps[i];  // it brings the next one
    step();
    world.run();
  }
  CHECK(came == room);
}
