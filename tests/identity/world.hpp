// The identity service on the real host and kinds, with a store in memory and a clock of its own.
#pragma once
#include "governance/identity/identity.hpp"

#include "actors/host/local_host.hpp"
#include "core/describe/codec.hpp"
#include "governance/authority/feed.hpp"
#include "governance/authority/rules.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/totp.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/testkit/catch.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace nova::testing {

inline const std::string password = "correct horse 9 Battery";

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
    identity = std::make_unique<identity::Identity>(identity_parts());
    identity->passkeys().serve_at({"node.example", {"https://node.example", "https://id.node.example"}});
  }
  identity::Parts identity_parts() {
    identity::Parts parts;
    parts.host = host.get();
    parts.vault = vault.get();
    parts.book = &book;
    parts.keys = keys.get();
    parts.bearer = bearer.get();
    parts.clock = &clock;
    parts.slowly = [](const std::function<void()>& step) { step(); };
    parts.cost = {10, 8, 1};  // the least that is allowed
    parts.enrolment_token = enrolment;
    parts.enrolment_until = clock.now() + std::chrono::hours(24);
    parts.enrolment_refused = [this](const core::Error& told) { enrolments_refused.push_back(told.code); };
    return parts;
  }
  ~World() {
    identity.reset();
    host.reset();
    run();
  }

  /// The one root owner; their id.
  std::string owner(const std::string& email) {
    std::string id;
    identity->enrol_owner(enrolment, {email, "olga", "", password, "en"}, [&](core::Result<std::string> made) {
      REQUIRE(made);
      id = *made;
    });
    run();
    REQUIRE_FALSE(id.empty());
    return id;
  }

  /// What comes of a function with a completion: `answer<T>([&](auto done) { f(..., done); })`.
  template <class T, class F>
  core::Result<T> answer(F&& f) {
    std::optional<core::Result<T>> given;
    f([&](core::Result<T> one) { given = std::move(one); });
    run();
    REQUIRE(given);
    return std::move(*given);
  }

  std::string status_of(const core::EntityKey& key) {
    const auto document = store->document(key);
    REQUIRE(document);
    REQUIRE(*document);
    return (*document)->status;
  }

  void run() { dynamic_cast<caf::scheduler::test_coordinator&>(system->scheduler()).run(); }

  /// An account that may come in; its id.
  std::string person(const std::string& email) {
    const auto id = register_only(email);
    tell(id, "verify", "{}");
    return id;
  }

  /// An account whose address is not verified; its id.
  std::string register_only(const std::string& email) {
    std::string id;
    identity->register_user({email, "amy", "", password, "en"}, [&](core::Result<std::string> made) {
      REQUIRE(made);
      id = *made;
    });
    run();
    REQUIRE_FALSE(id.empty());
    return id;
  }

  /// An authenticator app that is asked for from now on.
  void app_of(const std::string& user) {
    const auto shared = answer<identity::SecondFactor::Shared>(
        [&](auto done) { identity->second_factor().enrol(user, "a test", done); });
    REQUIRE(shared);
    const auto secret = credentials::from_base32(shared->secret);
    REQUIRE(secret);
    const auto code = credentials::hotp(*secret, credentials::totp_step(clock.now()));
    REQUIRE(answer<std::vector<std::string>>([&](auto done) { identity->second_factor().verify(user, code, done); }));
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

  const std::string enrolment = "nova_en_1";
  std::vector<std::string> enrolments_refused;  ///< codes
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

}  // namespace nova::testing
