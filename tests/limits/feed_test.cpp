// Blocks and policies as the store has them: a restart forgives nobody, and what another node committed holds here.
#include "governance/limits/feed.hpp"

#include "actors/abuse_block/abuse_block.hpp"
#include "actors/rate_policy/rate_policy.hpp"
#include "core/describe/codec.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using namespace nova::limits;

namespace {

constexpr PolicyId login = 6;

class StandingClock final : public core::Clock {
 public:
  core::Timestamp now() const override { return at; }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::milliseconds(at.ms - 1'700'000'000'000); }
  core::Timestamp at{1'800'000'000'000};
};

struct Home {
  void put(const core::EntityKey& key, const std::string& status, std::string body) {
    store::Append change;
    change.key = key;
    change.at = clock.at;
    change.expected_version = version[key]++;
    change.events.push_back({core::new_uuid(clock.at), "x.happened", "{}", "{}"});
    change.document = {key, change.expected_version + 1, 1, 0, status, "", "", std::move(body), "", clock.at, clock.at};
    store->append(std::move(change), [](core::Result<store::Appended> done) { REQUIRE(done); });
  }
  void block(const Subject& subject, abuse_block::Status status, std::chrono::minutes time) {
    abuse_block::State state;
    state.status = status;
    state.subject = credentials::to_hex(subject);
    state.until = clock.at + time;
    put({"system", "abuse_block", state.subject.substr(0, 32)}, std::string(core::name_of(status)),
        core::to_json(state));
  }
  std::unique_ptr<Limits> limits() {
    Options options;
    options.key = "key";
    options.clock = &clock;
    return std::make_unique<Limits>(std::move(options));
  }
  static Verdict take(Limits& limits, const Subject& subject) {
    return limits.take(subject, KeyedBy::ip, login, Tier::free, {});
  }

  StandingClock clock;
  std::map<core::EntityKey, std::uint64_t> version;
  std::unique_ptr<store::EventStore> store = store::make_memory_store(core::system_clock());
};

Subject subject(int number) { return credentials::sha256(std::to_string(number)); }

}  // namespace

TEST_CASE("limits: blocks are there again after a restart, for as long as they have left") {
  Home home;
  for (int i = 0; i < 2500; ++i) home.block(subject(i), abuse_block::Status::active, std::chrono::minutes(15));
  home.block(subject(1), abuse_block::Status::lifted, {});
  home.block(subject(2), abuse_block::Status::expired, {});
  home.clock.at = home.clock.at + std::chrono::minutes(5);
  const auto limits = home.limits();
  Feed feed(*limits);
  REQUIRE(feed.load(*home.store));
  CHECK(limits->stats().blocks == 2498);
  CHECK(home.take(*limits, subject(0)).retry_after == 10 * 60'000);
  CHECK(home.take(*limits, subject(1)).passes);
  CHECK(home.take(*limits, subject(2)).passes);
  home.clock.at = home.clock.at + std::chrono::minutes(10);
  CHECK(home.take(*limits, subject(0)).passes);
}

TEST_CASE("limits: a node takes over what another one committed") {
  Home home;
  const auto limits = home.limits();
  Feed feed(*limits);
  REQUIRE(feed.load(*home.store));
  home.block(subject(1), abuse_block::Status::active, std::chrono::minutes(15));
  rate_policy::State policy{rate_policy::Status::set, 60, 3, 10, 80, 900, "olivia", home.clock.at};
  home.put({"system", "rate_policy", "auth.login"}, "set", core::to_json(policy));
  home.put({"clinic", "rate_policy", "api"}, "set", core::to_json(policy));
  CHECK(home.take(*limits, subject(1)).passes);
  REQUIRE(feed.follow(*home.store));
  CHECK(home.take(*limits, subject(1)).blocked);
  CHECK(home.take(*limits, subject(2)).limit == 3);
  CHECK(limits->policies().line(1).max == 100);  // a tenant sets none
  home.block(subject(1), abuse_block::Status::lifted, {});
  REQUIRE(feed.follow(*home.store));
  CHECK(home.take(*limits, subject(1)).passes);
  REQUIRE(feed.follow(*home.store));
}

TEST_CASE("limits: what cannot be read changes nothing") {
  Home home;
  home.put({"system", "abuse_block", "x"}, "active", R"({"subject":"no hash","status":"active"})");
  home.put({"system", "abuse_block", "y"}, "active", "rubbish");
  home.put({"system", "rate_policy", "no.such"}, "set", R"({"status":"set","max":1})");
  const auto limits = home.limits();
  Feed feed(*limits);
  REQUIRE(feed.load(*home.store));
  CHECK(limits->stats().blocks == 0);
}

namespace {

struct Elsewhere final : Shared {
  std::optional<Passing> take(const Subject&, PolicyId policy, Span span) override {
    asked.push_back(policy);
    CHECK(span.max == 10);
    return answer;
  }
  std::vector<PolicyId> asked;
  std::optional<Passing> answer = Passing{true, 1, 0};
};

}  // namespace

TEST_CASE("limits: small limits by address are counted together with the other nodes") {
  Home home;
  const auto limits = home.limits();
  Elsewhere others;
  CHECK_FALSE(limits->is_shared(login));
  limits->share(&others);
  CHECK(limits->is_shared(login));
  CHECK_FALSE(limits->is_shared(1));
  REQUIRE(home.take(*limits, subject(1)).passes);
  CHECK_FALSE(limits->take_shared(subject(1), login));
  others.answer = Shared::Passing{false, 10, 123'000};
  REQUIRE(home.take(*limits, subject(1)).passes);
  const auto refused = limits->take_shared(subject(1), login);
  REQUIRE(refused);
  CHECK(refused->retry_after == 123'000);
  CHECK(refused->remaining == 0);
  CHECK(limits->top(0, 10).at(0).used == 1);  // the refused one does not count here
  others.answer.reset();                      // nobody answers: this node counts alone
  REQUIRE(home.take(*limits, subject(1)).passes);
  CHECK_FALSE(limits->take_shared(subject(1), login));
  CHECK_FALSE(limits->take_shared(subject(1), 1));
  CHECK(others.asked.size() == 3);
}

TEST_CASE("limits: a key's own limits hold beside its tenant's, and count only what all let pass") {
  constexpr PolicyId api = 1;
  Home home;
  const auto limits = home.limits();
  const OwnLimits own{3, 5, 100};
  const auto ask = [&](const Subject& key, const OwnLimits& may) {
    CHECK(limits->take(key, KeyedBy::token, api, Tier::owner, "clinic/k").passes);
    return limits->take_own(key, "clinic/k", may, api);
  };
  const auto used = [&](std::string_view name) {
    for (const auto& counter : limits->top(0, 100))
      if (counter.subject == subject(1) && policy_name(counter.policy) == name) return counter.used;
    return 0U;
  };
  for (int i = 0; i < 3; ++i) CHECK_FALSE(ask(subject(1), own));
  for (int i = 0; i < 5; ++i) {
    const auto refused = ask(subject(1), own);
    REQUIRE(refused);
    CHECK(policy_name(refused->policy) == "key.minute");
    CHECK(refused->verdict.limit == 3);
    CHECK(refused->verdict.retry_after == 60'000);
  }
  // Who waits as told passes, until the next one says no.
  home.clock.at = home.clock.at + std::chrono::minutes(1);
  for (int i = 0; i < 2; ++i) CHECK_FALSE(ask(subject(1), own));
  const auto refused = ask(subject(1), own);
  REQUIRE(refused);
  CHECK(policy_name(refused->policy) == "key.hour");
  CHECK(refused->verdict.retry_after == 59 * 60'000);
  CHECK(used("key.minute") == 2);
  CHECK(used("key.hour") == 5);
  CHECK(used(core::rate_defaults()[api].id) == 5);
  // No limit of its own is none, and nobody is blocked for overrunning one.
  for (int i = 0; i < 300; ++i) CHECK_FALSE(ask(subject(2), {0, 0, 0}));
  for (int i = 0; i < 300; ++i) REQUIRE(ask(subject(1), own));
  CHECK(limits->stats().blocks == 0);
}

TEST_CASE("limits: what a key asked of another node counts here") {
  Home home;
  const auto limits = home.limits();
  limits->add_remote({subject(1), own_policy(0), KeyedBy::token, Tier::free, 9});
  limits->add_remote({subject(1), PolicyId(own_policy(own_policies)), KeyedBy::token, Tier::free, 9});
  CHECK_FALSE(limits->take_own(subject(1), "k", {10, 0, 0}, 1));
  CHECK(limits->take_own(subject(1), "k", {10, 0, 0}, 1));
}

TEST_CASE("limits: a flood of blocks and lines is told in parts") {
  Home home;
  int blocks = 0, lines = 0;
  Options options;
  options.key = "key";
  options.clock = &home.clock;
  options.on_block = [&](const NewBlock&) { ++blocks; };
  options.on_line = [&](const std::string&) { ++lines; };
  Limits limits(std::move(options));
  for (int i = 0; i < 200; ++i)
    for (int n = 0; n < 20; ++n) home.take(limits, subject(i));
  CHECK(blocks == 60);
  CHECK(lines == 10);
  CHECK(limits.stats().blocks == 200);
  home.clock.at = home.clock.at + std::chrono::minutes(1);
  for (int n = 0; n < 20; ++n) home.take(limits, subject(1000));
  CHECK(blocks == 61);
}
