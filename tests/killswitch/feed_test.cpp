// Where the switches come from: the store at start, the log later; one that cannot be read counts as engaged.
#include "governance/killswitch/feed.hpp"

#include "core/describe/codec.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using namespace nova::killswitch;
using kill_switch::Scope;

namespace {

struct Home {
  std::unique_ptr<store::EventStore> store = store::make_memory_store(core::system_clock());
  std::map<core::EntityKey, std::uint64_t> version;
  Truth truth{core::system_clock()};
  Feed feed{truth};

  void put(const core::EntityKey& key, std::string body) {
    store::Append change;
    change.key = key;
    change.at = core::system_clock().now();
    change.expected_version = version[key]++;
    change.events.push_back({core::new_uuid(change.at), "x.happened", "{}", "{}"});
    change.document = {key, version[key], 1, 0, "", "", "", std::move(body), "", change.at, change.at};
    store->append(std::move(change), [](core::Result<store::Appended> done) { REQUIRE(done); });
  }
  void set(Scope scope, const std::string& target, bool engaged) {
    kill_switch::State state;
    state.status = engaged ? kill_switch::Status::engaged : kill_switch::Status::armed;
    state.scope = scope;
    state.target = target;
    state.epoch = ++epoch;
    put({"system", "kill_switch", kill_switch::id_of(scope, target)}, core::to_json(state));
  }
  bool stops(const core::Reach& reach) const { return truth.judge(reach).answer == core::Fence::Answer::stop; }
  std::uint64_t epoch = 0;
};

core::Reach of_tenant(const std::string& tenant) {
  core::Reach reach;
  reach.tenant = tenant;
  return reach;
}

}  // namespace

TEST_CASE("feed: a restart finds what was engaged") {
  Home home;
  home.set(Scope::tenant, "acme", true);
  home.set(Scope::tenant, "other", true);
  home.set(Scope::tenant, "other", false);
  home.truth.alone();
  CHECK_FALSE(home.stops(of_tenant("acme")));  // nothing was loaded: unknown, not free
  CHECK_FALSE(home.truth.is_known());
  REQUIRE(home.feed.load(*home.store).ok());
  CHECK(home.stops(of_tenant("acme")));
  CHECK_FALSE(home.stops(of_tenant("other")));
  CHECK(home.truth.is_known());
}

TEST_CASE("feed: what another node committed is followed") {
  Home home;
  REQUIRE(home.feed.load(*home.store).ok());
  home.truth.alone();
  home.set(Scope::global, "", true);
  CHECK_FALSE(home.stops(of_tenant("acme")));
  REQUIRE(home.feed.follow(*home.store).ok());
  CHECK(home.stops(of_tenant("acme")));
  home.set(Scope::global, "", false);
  home.put({"acme", "kill_switch", "global"}, "{}");  // no tenant has switches of its own
  REQUIRE(home.feed.follow(*home.store).ok());
  CHECK_FALSE(home.stops(of_tenant("acme")));
}

TEST_CASE("feed: a switch that cannot be read counts as engaged") {
  Home home;
  home.put({"system", "kill_switch", "tenant.acme"}, R"({"status":"what is this"})");
  REQUIRE(home.feed.load(*home.store).ok());
  home.truth.alone();
  CHECK(home.stops(of_tenant("acme")));
  CHECK_FALSE(home.stops(of_tenant("other")));
  home.put({"system", "kill_switch", "of-another-version"}, "[]");
  REQUIRE(home.feed.follow(*home.store).ok());
  CHECK(home.stops(of_tenant("other")));
  CHECK(home.truth.find("platform.x") == std::nullopt);
}

TEST_CASE("feed: agents and layers are known at the start and when another node changes them") {
  Home home;
  home.put({"system", "ai_agent", "writer"}, R"({"settings":{"layer":"helpers","model":"old"}})");
  home.put({"system", "ai_layer", "helpers"}, R"({"type":"HYBRID"})");
  REQUIRE(home.feed.load(*home.store).ok());
  const auto reach = [&] { return home.feed.reaches().of({"acme", "", "writer", ""}); };
  CHECK(reach().model == "old");
  CHECK_FALSE(reach().external);
  home.put({"system", "ai_agent", "writer"}, R"({"settings":{"layer":"helpers","model":"new"}})");
  home.put({"system", "ai_layer", "helpers"}, R"({"type":"EXTERNAL_MANAGED"})");
  REQUIRE(home.feed.follow(*home.store).ok());
  CHECK(reach().model == "new");
  CHECK(reach().external);
}
