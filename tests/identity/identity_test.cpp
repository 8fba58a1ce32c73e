// Signing in, on the real host and kinds with a store in memory and a clock of its own: what every path costs and says.
#include "governance/identity/identity.hpp"

#include "actors/host/local_host.hpp"
#include "core/describe/codec.hpp"
#include "governance/authority/feed.hpp"
#include "governance/authority/rules.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/testkit/catch.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

using namespace nova;

namespace {

const std::string password = "correct horse 9 Battery";

class Clock final : public core::Clock {
 public:
  core::Timestamp now() const override { return now_; }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::milliseconds(now_.ms); }
  void pass(std::chrono::milliseconds time) { now_ = now_ + time; }

 private:
  core::Timestamp now_{1769850000000};
};

struct World {
  World() {
    config.set("scheduler.policy", caf::atom("testing"));
    system = std::make_unique<caf::actor_system>(config);
    host::HostParts made;
    made.store = store.get();
    made.vault = vault.get();
    made.clock = &clock;
    made.rules = [this] { return rules; };
    made.tenant_status = [](const std::string&) { return "active"; };
    made.caller = [this](const core::Principal& principal, const std::string& tenant) {
      return authority::caller_of(book, principal, tenant);
    };
    made.on_authority = [this](const store::Document& document) { feed.take(document); };
    host = host::make_local_host(*system, std::move(made));
    keys = std::move(identity::Keyring::open(*vault).value());
    bearer = std::make_unique<identity::Bearer>(*keys, book, "webnova");
    identity::Parts parts;
    parts.host = host.get();
    parts.vault = vault.get();
    parts.book = &book;
    parts.keys = keys.get();
    parts.bearer = bearer.get();
    parts.clock = &clock;
    parts.slowly = [](const std::function<void()>& step) { step(); };
    parts.cost = {10, 8, 1};  // the least that is allowed
    identity = std::make_unique<identity::Identity>(std::move(parts));
  }
  ~World() {
    identity.reset();
    host.reset();
    run();
  }

  void run() { dynamic_cast<caf::scheduler::test_coordinator&>(system->scheduler()).run(); }

  /// An account that may come in; its id.
  std::string person(const std::string& email) {
    std::string id;
    identity->register_user({email, "amy", "", password, "en"}, [&](core::Result<std::string> made) {
      REQUIRE(made);
      id = *made;
    });
    run();
    REQUIRE_FALSE(id.empty());
    tell(id, "verify", "{}");
    return id;
  }

  void tell(const std::string& user, const std::string& name, const std::string& body) {
    core::CommandEnvelope command;
    command.id = core::new_uuid(clock.now());
    command.target = {"system", "user", user};
    command.name = name;
    command.body = body;
    command.principal = core::system_principal();
    bool made = false;
    host->submit(std::move(command), [&](const core::Result<host::Answer>& answer) { made = answer.ok(); });
    run();
    REQUIRE(made);
  }

  core::Result<identity::Tokens> login(const std::string& email, const std::string& given) {
    std::optional<core::Result<identity::Tokens>> answer;
    identity->login({email, given, "test", {}}, [&](core::Result<identity::Tokens> tokens) { answer = tokens; });
    run();
    REQUIRE(answer);
    return *answer;
  }

  Clock clock;
  std::unique_ptr<store::EventStore> store = store::make_memory_store(clock);
  std::unique_ptr<store::Vault> vault = store::make_memory_vault();
  authority::Book book;
  authority::Feed feed{book};
  std::shared_ptr<const gate::Rules> rules = authority::make_role_rules(book);
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<host::LocalHost> host;
  std::unique_ptr<identity::Keyring> keys;
  std::unique_ptr<identity::Bearer> bearer;
  std::unique_ptr<identity::Identity> identity;
};

}  // namespace

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
  const auto wrong = world.login("amy@example.org", "guess");
  REQUIRE_FALSE(wrong);
  for (int i = 1; i < 10; ++i) CHECK_FALSE(world.login("amy@example.org", "guess " + std::to_string(i)));
  // Nothing tells a right guess from a wrong one while it is locked.
  const auto before = world.identity->passwords().runs();
  const auto locked = world.login("amy@example.org", password);
  CHECK(world.identity->passwords().runs() == before + 1);
  REQUIRE_FALSE(locked);
  CHECK(core::to_line(locked.error()) == core::to_line(wrong.error()));
  CHECK(locked.error().status == 401);
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
