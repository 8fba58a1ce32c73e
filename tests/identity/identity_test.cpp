// Signing in: what every path costs and says.
#include "core/json.hpp"
#include "governance/credentials/token.hpp"
#include "governance/identity/key_uses.hpp"
#include "tests/identity/world.hpp"

using namespace nova;
using namespace nova::testing;

TEST_CASE("signing in costs exactly one scrypt on every path, and says the same of all that is wrong") {
  World world;
  world.person("amy@example.org");
  const auto banned = world.person("ben@example.org");
  world.tell(banned, "ban", R"({"reason":"a test"})");
  world.tell(world.person("sue@example.org"), "suspend", R"({"reason":"a test"})");
  world.tell(world.person("dan@example.org"), "deactivate", "{}");
  world.register_only("pia@example.org");
  world.person("lou@example.org");
  for (int i = 0; i < 10; ++i) REQUIRE_FALSE(world.login("lou@example.org", "wrong"));
  world.app_of(world.person("tom@example.org"));
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
      // Who knows the password is told why it does not help; a guess is told nothing.
      {"banned, right", "ben@example.org", password, "user.banned"},
      {"banned, wrong", "ben@example.org", "wrong", "auth.bad_credentials"},
      {"suspended, right", "sue@example.org", password, "user.suspended"},
      {"suspended, wrong", "sue@example.org", "wrong", "auth.bad_credentials"},
      {"deactivated, right", "dan@example.org", password, "user.deactivated"},
      {"deactivated, wrong", "dan@example.org", "wrong", "auth.bad_credentials"},
      {"not verified, right", "pia@example.org", password, "user.not_verified"},
      {"not verified, wrong", "pia@example.org", "wrong", "auth.bad_credentials"},
      {"with a second factor, right", "tom@example.org", password, "auth.mfa_required"},
      {"with a second factor, wrong", "tom@example.org", "wrong", "auth.bad_credentials"},
      {"locked, right", "lou@example.org", password, "auth.bad_credentials"},
      {"locked, wrong", "lou@example.org", "wrong", "auth.bad_credentials"},
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

TEST_CASE("while the vault is away nobody is told that a password is wrong, known or not") {
  World world;
  world.person("amy@example.org");
  // As a shelf that cannot be reached answers.
  struct Away final : store::Vault {
    core::Error why = core::unavailable("store.unavailable", "away");
    core::Result<std::string> seal(const std::string&, std::string_view) override { return why; }
    core::Result<std::string> seal_first(const std::string&, std::string_view) override { return why; }
    core::Result<std::string> reveal(const std::string&) const override { return why; }
    core::Result<std::optional<std::string>> newest(const std::string&) const override { return why; }
    core::Status destroy(const std::string&) override { return why; }
    core::Status destroy_version(const std::string&) override { return why; }
    core::Result<std::shared_ptr<const core::FieldCipher>> subject(const std::string&) override { return why; }
    core::Status forget(const std::string&) override { return why; }
  } vault;
  auto parts = world.identity_parts();
  parts.vault = &vault;
  world.identity = std::make_unique<identity::Identity>(std::move(parts));
  for (const char* email : {"amy@example.org", "nobody@example.org"})
    for (const auto& given : {std::string(password), std::string("wrong")}) {
      const auto before = world.identity->passwords().runs();
      const auto answer = world.login(email, given);
      REQUIRE_FALSE(answer);
      CHECK(answer.error().code == "store.unavailable");
      CHECK(world.identity->passwords().runs() == before + 1);
    }
}

TEST_CASE("where the vault is sealed nobody signs in, and no token or key is known or refused") {
  World world;
  world.person("amy@example.org");
  const auto tokens = world.login("amy@example.org", password);
  REQUIRE(tokens);
  const auto sealed = store::make_sealed_vault(core::unavailable("vault.sealed", "no key"));
  auto keys = identity::Keyring::open(*sealed);
  REQUIRE(keys);
  CHECK((*keys)->usable().error().code == "vault.sealed");
  identity::Bearer bearer(**keys, world.book, "test");
  for (const auto& secret :
       {tokens->access_token, std::string(credentials::make_api_key().text.view()), std::string("x")})
    CHECK(bearer.caller(secret, world.clock.now()).error().code == "vault.sealed");
  auto parts = world.identity_parts();
  parts.vault = sealed.get();
  world.identity = std::make_unique<identity::Identity>(std::move(parts));
  CHECK(world.login("amy@example.org", password).error().code == "vault.sealed");
}

TEST_CASE("nodes on one vault have one set of keys, and follow when it is made anew") {
  World world;
  auto& vault = *world.vault;
  auto one = std::move(identity::Keyring::open(vault).value()), two = std::move(identity::Keyring::open(vault).value());
  CHECK(one->lookup() == two->lookup());
  world.person("amy@example.org");
  const auto tokens = world.login("amy@example.org", password);
  REQUIRE(tokens);
  identity::Bearer there(*two, world.book, "webnova");
  CHECK(there.caller(tokens->access_token, world.clock.now()));

  const auto now = world.clock.now();
  REQUIRE(world.keys->rotate(now, now + std::chrono::hours(1)));
  const auto later = world.login("amy@example.org", password);
  REQUIRE(later);
  // The other knows both once it has looked.
  CHECK(there.caller(later->access_token, world.clock.now()).error().code == "auth.required");
  CHECK(two->look_again(std::chrono::steady_clock::now()));
  CHECK(there.caller(later->access_token, world.clock.now()));
  CHECK(there.caller(tokens->access_token, world.clock.now()));
  // It asks at most once a second.
  const auto moment = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  REQUIRE(world.keys->rotate(now, now + std::chrono::hours(1)));
  CHECK(one->look_again(moment));
  REQUIRE(world.keys->rotate(now, now + std::chrono::hours(1)));
  CHECK_FALSE(one->look_again(moment + std::chrono::milliseconds(999)));
  CHECK(one->look_again(moment + std::chrono::milliseconds(1001)));
  CHECK_FALSE(one->look_again(moment + std::chrono::seconds(3)));  // nothing new
}

TEST_CASE("the key that signs tokens is another one after its life, and what it signed stays good for theirs") {
  World world;
  world.person("amy@example.org");
  const std::chrono::hours life(24 * 30);
  const auto first = world.keys->signing().signing().id();
  auto now = world.clock.now();
  // One that nobody knows the age of is old.
  REQUIRE(world.keys->rotate_when_due(now, life, now + std::chrono::minutes(16)).value());
  const auto second = world.keys->signing().signing().id();
  CHECK(second != first);
  const auto tokens = world.login("amy@example.org", password);
  REQUIRE(tokens);
  now = now + (life - std::chrono::seconds(1));
  CHECK_FALSE(world.keys->rotate_when_due(now, life, now + std::chrono::minutes(16)).value());
  now = now + std::chrono::seconds(1);
  REQUIRE(world.keys->rotate_when_due(now, life, now + std::chrono::minutes(16)).value());
  const auto ring = world.keys->signing();
  CHECK(ring.signing().id() != second);
  CHECK(ring.since() == now);
  CHECK(ring.find(second, now + std::chrono::minutes(15)));
  CHECK_FALSE(ring.find(second, now + std::chrono::minutes(16)));
  // Kept: a node that starts later has the same one, and its age.
  const auto again = identity::Keyring::open(*world.vault).value()->signing();
  CHECK(again.signing().id() == ring.signing().id());
  CHECK(again.since() == now);
}

TEST_CASE("a key's uses are told in sums, and what is not taken is told again") {
  struct Listening final : host::Host {
    void submit(core::CommandEnvelope command, Done done) override {
      told.push_back(core::json_text(command.body, "uses").value_or("") + " " + command.target.tenant + "/" +
                     command.target.id + "." + command.name + " " + command.principal.type);
      host::Answer answer;
      if (taken) answer.events = {"api_key.used"};
      done(answer);
    }
    void snapshot(std::string, std::size_t, std::function<void(std::vector<host::EntityLine>)>) override {}
    host::HostStats stats() const override { return {}; }
    void drain(core::Timestamp, std::function<void()>) override {}
    std::vector<std::string> told;
    bool taken = true;
  } listening;
  Clock clock;
  identity::KeyUses uses(listening, clock);
  int places = 0;
  const auto note = [&](const std::string& key) {
    uses.note(key, [&] {
      ++places;
      return std::string("p");
    });
  };
  for (int i = 0; i < 10; ++i) note("clinic/k1");
  CHECK(listening.told == std::vector<std::string>{"1 clinic/k1.note_used system"});
  CHECK(places == 1);
  clock.pass(identity::told_every);
  note("clinic/k1");
  REQUIRE(listening.told.size() == 2);
  CHECK(listening.told[1].starts_with("10 "));
  listening.taken = false;
  clock.pass(identity::told_every);
  note("clinic/k1");
  listening.taken = true;
  clock.pass(identity::told_every);
  note("clinic/k1");
  REQUIRE(listening.told.size() == 4);
  CHECK(listening.told[3].starts_with("2 "));
  // However many keys there are, so many are counted.
  for (std::size_t i = 0; i < identity::counted_keys_max * 2; ++i) note("clinic/many-" + std::to_string(i));
  CHECK(uses.counted() <= identity::counted_keys_max);
  clock.pass(identity::told_every);
  for (std::size_t i = 0; i < identity::counted_keys_max * 2; ++i) note("clinic/later-" + std::to_string(i));
  CHECK(uses.counted() <= identity::counted_keys_max);
  CHECK(listening.told.back().find("later-") != std::string::npos);  // those that rested made room
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

TEST_CASE("the enrolment token is good for a day, and each try with none is told") {
  World world;
  const auto enrol = [&](const std::string& token) {
    return world.answer<std::string>([&](auto done) {
      world.identity->enrol_owner(token, {"olga@example.org", "olga", "", password, "en"}, done);
    });
  };
  const auto refused = [&](const std::string& token) {
    const auto answer = enrol(token);
    REQUIRE_FALSE(answer);
    CHECK(world.enrolments_refused.back() == answer.error().code);
    return answer.error().code;
  };
  CHECK(refused("nova_en_2") == "auth.bad_credentials");
  CHECK(refused("") == "auth.bad_credentials");
  world.clock.pass(std::chrono::hours(24) - std::chrono::milliseconds(1));
  const auto before = world.enrolments_refused.size();
  // What is wrong with the account is no attempt on the token.
  CHECK_FALSE(world.answer<std::string>([&](auto done) {
    world.identity->enrol_owner(world.enrolment, {"olga", "olga", "", password, "en"}, done);
  }));
  CHECK(world.enrolments_refused.size() == before);
  world.clock.pass(std::chrono::milliseconds(1));
  CHECK(refused("nova_en_2") == "auth.bad_credentials");  // whoever does not hold it is not told that its day is over
  CHECK(refused(world.enrolment) == "auth.enrolment_expired");
  CHECK(world.book.root_owner().empty());
}

TEST_CASE("within its day the enrolment token makes one owner") {
  World world;
  world.clock.pass(std::chrono::hours(24) - std::chrono::milliseconds(1));
  world.owner("olga@example.org");
  const auto again = world.answer<std::string>([&](auto done) {
    world.identity->enrol_owner(world.enrolment, {"amy@example.org", "amy", "", password, "en"}, done);
  });
  REQUIRE_FALSE(again);
  CHECK(world.enrolments_refused == std::vector<std::string>{"auth.enrolment_over"});
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
