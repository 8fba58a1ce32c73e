// Rate limits at the door (S24), with a clock that stands unless a test moves it.
#include "core/json.hpp"
#include "gateway/rates.hpp"
#include "tests/gateway/house.hpp"
#include "tests/testkit/catch.hpp"

#include <chrono>

using namespace nova;
using namespace nova::test;
using namespace std::chrono_literals;

namespace {

class StandingClock final : public core::Clock {
 public:
  core::Timestamp now() const override { return {1'800'000'000'000 + at_.load()}; }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::milliseconds(1'000'000 + at_.load()); }
  void pass(std::chrono::milliseconds time) { at_ += time.count(); }

 private:
  std::atomic<std::int64_t> at_{0};
};

authority::UserLine person(std::string role = "free", bool root = false) {
  authority::UserLine line;
  line.status = "active";
  line.role = std::move(role);
  line.root_owner = root;
  return line;
}

// Tokens are named for whose they are: "root", "amy" (of the pro tenant `clinic`), "bob" (of none), "service".
struct Door {
  explicit Door(limits::Proxies proxies = {}) {
    book.put("clinic", {"active", "pro"}, 1);
    book.put("bakery", {"active", "sovereign"}, 1);
    book.put_user("root", person("owner", true), 1);
    book.put_user("amy", person(), 1);
    book.put_user("bob", person(), 1);
    book.put_user("ada", person("admin"), 1);
    book.put_membership("clinic", "amy", {"admin", "active"}, 1);
    limits::Options made;
    made.key = "a key of the node";
    made.proxies = std::move(proxies);
    made.clock = &clock;
    made.on_block = [this](const limits::NewBlock& block) { blocked.push_back(block); };
    made.on_notice = [this](const limits::Notice& notice) { notices.push_back(notice); };
    made.on_line = [this](const std::string& line) { lines.push_back(line); };
    limits = std::make_unique<limits::Limits>(std::move(made));
    auto options = usual_options();
    options.tokens = {{"operator-token", {"operator", "service"}}};
    for (const auto* name : {"root", "amy", "bob", "ada"}) options.tokens.push_back({name, {name, "user"}});
    options.tokens.push_back({"key", {"clinic/key-1", "api_key"}});
    options.identities.book = &book;
    options.limits = limits.get();
    house = std::make_unique<House>(std::move(options));
  }
  Answer get(std::string_view target, const std::string& token, std::vector<std::string> more = {}) {
    more.push_back(token.empty() ? "Authorization: none" : "Authorization: Bearer " + token);
    return house->get(target, more);
  }

  StandingClock clock;
  authority::Book book;
  std::vector<limits::NewBlock> blocked;
  std::vector<limits::Notice> notices;
  std::vector<std::string> lines;
  std::unique_ptr<limits::Limits> limits;
  std::unique_ptr<House> house;
};

std::string code_of(const Answer& answer) { return core::json_text(answer.body, "code").value_or(""); }
std::string detail(const Answer& answer, const std::string& name) {
  return core::json_text(answer.body, "details." + name).value_or("");
}

limits::Proxies loopback(limits::ForwardedBy header = limits::ForwardedBy::x_forwarded_for) {
  limits::Proxies proxies;
  proxies.header = header;
  proxies.trusted.push_back(*limits::parse_block("127.0.0.0/8"));
  return proxies;
}

}  // namespace

TEST_CASE("limits: an answer says where its caller stands, and the eleventh in a second waits") {
  Door door;
  for (int i = 0; i < 10; ++i) {
    const auto answer = door.get("/v1/whoami", "bob");
    REQUIRE(answer.status == 200);
    CHECK(answer.header("x-ratelimit-limit") == "100");
    CHECK(answer.header("x-ratelimit-remaining") == std::to_string(99 - i));
    CHECK(answer.header("x-ratelimit-reset") == "61");  // the slot's end
  }
  const auto answer = door.get("/v1/whoami", "bob");
  CHECK(answer.status == 429);
  CHECK(answer.header("content-type") == "application/problem+json");
  CHECK(code_of(answer) == "rate.limited");
  CHECK(answer.header("retry-after") == "1");
  CHECK(answer.header("x-ratelimit-remaining") == "90");
  CHECK(detail(answer, "route") == "/v1/whoami");
  CHECK(detail(answer, "seconds") == "1");
  CHECK(detail(answer, "policy") == "api");
  CHECK(door.get("/v1/whoami", "amy").status == 200);
  door.clock.pass(1s);
  CHECK(door.get("/v1/whoami", "bob").status == 200);
}

TEST_CASE("limits: refusals of other sorts count and say so too") {
  Door door;
  const auto wrong = door.get("/v1/nothing", "bob");
  CHECK(wrong.status == 404);
  CHECK(wrong.header("x-ratelimit-remaining") == "199");
  CHECK(door.get("/v1/tenants/clinic/notes", "bob").status == 404);
  CHECK(door.get("/v1/nothing", "bob").header("x-ratelimit-remaining") == "198");
}

TEST_CASE("limits: a tier's multiplier applies to its members, the owner's to the owner") {
  Door door;
  const auto limit = [&](const std::string& target, const std::string& token) {
    return door.get(target, token).header("x-ratelimit-limit");
  };
  CHECK(limit("/v1/tenants/clinic/notes", "amy") == "500");
  CHECK(limit("/v1/whoami?tenant=clinic", "amy") == "500");
  CHECK(limit("/v1/whoami", "amy") == "100");
  CHECK(limit("/v1/tenants/clinic/notes", "bob") == "100");
  CHECK(limit("/v1/whoami", "key") == "500");
  CHECK(limit("/v1/whoami", "ada") == "2000");
  CHECK(limit("/v1/whoami", "root") == "10000");
  CHECK(limit("/v1/tenants/clinic/notes", "root") == "10000");
}

TEST_CASE("limits: naming tenants that are not one's own gives no new budget") {
  Door door;
  for (int i = 0; i < 10; ++i) {
    const auto answer = door.get("/v1/tenants/t" + std::to_string(i) + "/notes", "bob");
    CHECK(answer.header("x-ratelimit-remaining") == std::to_string(99 - i));
  }
  CHECK(door.get("/v1/tenants/bakery/notes", "bob").status == 429);
}

TEST_CASE("limits: the node's own token and open routes are not counted") {
  Door door;
  for (int i = 0; i < 50; ++i) {
    const auto answer = door.get("/v1/whoami", "operator-token");
    REQUIRE(answer.status == 200);
    CHECK(answer.header("x-ratelimit-limit").empty());
    REQUIRE(door.get("/healthz", "").status == 200);
  }
  CHECK(door.limits->stats().entries == 0);
}

TEST_CASE("limits: who guesses tokens is slowed, then blocked, and nobody with a good token is") {
  Door door;
  int limited = 0;
  for (int i = 0; door.blocked.empty() && i < 2000; ++i) {
    const auto answer = door.get("/v1/whoami", "guess-" + std::to_string(i));
    if (answer.status == 401) continue;
    REQUIRE(answer.status == 429);
    ++limited;
  }
  CHECK(limited == 100);
  REQUIRE(door.blocked.size() == 1);
  CHECK(door.blocked[0].keyed_by == limits::KeyedBy::ip);
  CHECK(door.blocked[0].policy == "api");
  CHECK(door.blocked[0].name.empty());
  CHECK(door.blocked[0].time == 15min);
  for (const auto& line : door.lines) CHECK(line.find("127.0.0.1") == std::string::npos);
  door.clock.pass(14min);
  const auto answer = door.get("/v1/whoami", "guess");
  CHECK(answer.status == 429);
  CHECK(answer.header("retry-after") == "60");
  CHECK(door.get("/v1/whoami", "bob").status == 200);
  door.clock.pass(1min);
  CHECK(door.get("/v1/whoami", "guess").status == 401);
}

TEST_CASE("limits: who comes near a limit or over it is told of once a window, in the tenant they are counted for") {
  Door door;
  const auto flood = [&](const std::string& target, const std::string& token, int requests) {
    int refused = 0;
    for (int i = 0; i < requests; ++i) refused += door.get(target, token).status == 429;
    return refused;
  };
  CHECK(flood("/v1/whoami", "bob", 30) == 20);
  REQUIRE(door.notices.size() == 1);
  CHECK(door.notices[0].limited);
  CHECK(door.notices[0].policy == "api");
  CHECK(door.notices[0].name == "bob");
  CHECK(door.notices[0].tenant.empty());
  CHECK(door.notices[0].count == 1);
  CHECK(door.notices[0].limit == 100);
  CHECK(door.notices[0].window == 60s);
  // The refusals that nobody was told of come with the next notice.
  door.clock.pass(61s);
  CHECK(flood("/v1/whoami", "bob", 11) == 1);
  REQUIRE(door.notices.size() == 2);
  CHECK(door.notices[1].count == 20);
  // At four fifths of a limit, and in the tenant.
  for (int i = 0; i < 10; ++i) {
    CHECK(flood("/v1/tenants/clinic/notes", "amy", 50) == 0);
    door.clock.pass(1s);
  }
  REQUIRE(door.notices.size() == 3);
  CHECK_FALSE(door.notices[2].limited);
  CHECK(door.notices[2].tenant == "clinic");
  CHECK(door.notices[2].name == "amy");
  CHECK(door.notices[2].count == 400);
  CHECK(door.notices[2].limit == 500);
  CHECK(flood("/v1/whoami", "key", 51) == 1);
  REQUIRE(door.notices.size() == 4);
  CHECK(door.notices[3].tenant == "clinic");
  CHECK(door.notices[3].keyed_by == limits::KeyedBy::token);
  // However many addresses there are, so many a minute and no more.
  for (int i = 0; i < 200; ++i) {
    const limits::Subject one = credentials::sha256("address " + std::to_string(i));
    for (int n = 0; n < 11; ++n) door.limits->take(one, limits::KeyedBy::ip, 6, limits::Tier::free, {});
  }
  CHECK(door.notices.size() <= 2 * limits::notices_a_minute);
}

TEST_CASE("limits: a forged header changes nothing") {
  for (const std::string name : {"X-Forwarded-For: ", "Forwarded: for="}) {
    Door door;
    for (int i = 0; i < 10; ++i)
      CHECK(door.get("/v1/whoami", "guess", {name + "192.0.2." + std::to_string(i)}).status == 401);
    CHECK(door.get("/v1/whoami", "guess", {name + "192.0.2.99"}).status == 429);
  }
}

TEST_CASE("limits: behind a trusted proxy each client counts for itself, and what it forged does not") {
  Door door(loopback());
  for (int i = 0; i < 10; ++i)
    CHECK(door.get("/v1/whoami", "guess", {"X-Forwarded-For: 6.6.6." + std::to_string(i) + ", 192.0.2.1"}).status ==
          401);
  CHECK(door.get("/v1/whoami", "guess", {"X-Forwarded-For: 6.6.6.6, 192.0.2.1"}).status == 429);
  CHECK(door.get("/v1/whoami", "guess", {"X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 192.0.2.1"}).status == 429);
  CHECK(door.get("/v1/whoami", "guess", {"Forwarded: for=192.0.2.77", "X-Forwarded-For: 192.0.2.1"}).status == 429);
  CHECK(door.get("/v1/whoami", "guess", {"X-Forwarded-For: 192.0.2.2"}).status == 401);
}

TEST_CASE("limits: policies, the busiest callers and blocks are shown to who operates") {
  Door door;
  door.get("/v1/whoami", "bob");
  const auto all = door.get("/v1/limits", "operator-token");
  CHECK(all.status == 200);
  CHECK(core::json_keys(all.body, "policies").size() == 17);
  CHECK(core::json_text(all.body, "policies[6].route") == "auth/login");
  CHECK(core::json_keys(all.body, "tiers").size() == 6);
  const auto top = door.get("/v1/limits/top?limit=1", "operator-token");
  CHECK(top.status == 200);
  CHECK(core::json_text(top.body, "items[0].name") == "bob");
  CHECK(core::json_part(top.body, "items[0].used") == "1");
  CHECK(door.get("/v1/limits/blocks", "operator-token").status == 200);
  CHECK(door.get("/v1/limits", "bob").status == 403);
  const auto described = door.get("/v1/openapi.json", "operator-token");
  CHECK(core::json_part(described.body, "paths./v1/limits.get.responses.429").has_value());
}

TEST_CASE("limits: a node that does not enforce them counts nothing") {
  auto options = usual_options();
  limits::Options off;
  off.enforced = false;
  limits::Limits limits(std::move(off));
  options.limits = &limits;
  House house(std::move(options));
  for (int i = 0; i < 50; ++i) REQUIRE(house.get("/v1/whoami").status == 200);
  CHECK(limits.stats().entries == 0);
}

namespace {

gateway::Route route(std::string pattern, std::string tag = "things", std::string method = "POST") {
  gateway::Route made;
  made.method = std::move(method);
  made.pattern = std::move(pattern);
  made.tag = std::move(tag);
  return made;
}

}  // namespace

TEST_CASE("limits: each route has its own policy or its group's; sign-in counts by address whoever asks") {
  Door door;
  gateway::Options options;
  options.identities.book = &door.book;
  options.limits = door.limits.get();
  gateway::Router router;
  auto upload = route("/v1/sources/{digest}");
  upload.body = gateway::Body::file;
  router.add(std::move(upload));
  router.add(route("/api/auth/login", "auth"));
  router.add(route("/api/auth/register", "auth"));
  router.add(route("/api/auth/refresh", "auth"));
  router.add(route("/v1/things"));
  router.add(route("/elsewhere"));
  router.add(route("/api/nova/executions", "ai"));
  router.add(route("/api/nova/executions", "ai", "GET"));
  router.add(route("/api/nova/executions/{id}", "ai", "GET"));
  router.add(route("/api/nova/executions/{id}/cancel", "ai"));
  router.add(route("/api/nova/permissions", "ai"));
  router.add(route("/v1/users"));
  gateway::RateGuard guard(options);
  guard.learn(router);
  const auto ask = [&](const std::string& target, const std::string& user, const std::string& peer = "192.0.2.7",
                       const std::string& method = "POST") {
    gateway::Request request;
    request.peer = peer;
    if (!user.empty()) request.principal = {user, "user"};
    const auto found = router.find(method, gateway::pattern_segments(target));
    REQUIRE(found.route);
    const auto taken = guard.take(request, found, !user.empty());
    return taken ? std::to_string(request.rate->limit) : taken.error().code;
  };
  CHECK(ask("/v1/sources/x", "bob") == "50");
  CHECK(ask("/api/auth/register", "") == "5");
  CHECK(ask("/api/auth/refresh", "") == "10");
  CHECK(ask("/v1/things", "bob") == "100");
  CHECK(ask("/elsewhere", "bob") == "200");
  CHECK(ask("/api/nova/executions", "bob") == "20");
  for (const char* reads : {"/api/nova/executions", "/api/nova/executions/one"})
    CHECK(ask(reads, "bob", "192.0.2.7", "GET") == "100");
  CHECK(ask("/api/nova/executions/one/cancel", "bob") == "100");
  CHECK(ask("/api/nova/permissions", "bob") == "100");
  CHECK(ask("/v1/users", "bob") == "30");
  const char* askers[] = {"", "bob", "root"};
  for (int i = 0; i < 10; ++i) {
    CHECK(ask("/api/auth/login", askers[i % 3]) == "10");
    door.clock.pass(10s);
  }
  CHECK(ask("/api/auth/login", "root") == "rate.limited");
  CHECK(ask("/api/auth/login", "", "192.0.2.8") == "10");
  CHECK(ask("/api/auth/login", "", "2001:db8::1") == "10");
  door.clock.pass(200s);
  CHECK(ask("/api/auth/login", "") == "10");
}

TEST_CASE("limits: a caller within its limits is never told to wait") {
  Door door;
  gateway::Options options;
  options.identities.book = &door.book;
  options.limits = door.limits.get();
  gateway::Router router;
  router.add(route("/v1/tenants/{tenant}/things"));
  gateway::RateGuard guard(options);
  guard.learn(router);
  gateway::Request request;
  request.peer = "192.0.2.7";
  request.principal = {"amy", "user"};
  const auto found = router.find("POST", {"v1", "tenants", "clinic", "things"});
  constexpr int requests = 20'000;
  int passed = 0;
  for (int i = 0; i < requests; ++i) {
    passed += guard.take(request, found, true).ok();
    if (i % 16 == 0) door.clock.pass(2s);
  }
  CHECK(passed == requests);
}
