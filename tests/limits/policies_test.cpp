#include "governance/limits/policies.hpp"

#include "core/describe/describe.hpp"
#include "core/json.hpp"
#include "tests/testkit/catch.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace nova;
using namespace nova::limits;

namespace {

std::string shipped() {
  std::ifstream in(std::string(NOVA_SOURCE_DIR) + "/config/tiers.json");
  std::stringstream text;
  text << in.rdbuf();
  REQUIRE(core::json_valid(text.str()));
  return text.str();
}

PolicyId id_of(std::string_view name) {
  const auto& rows = core::rate_defaults();
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.id == name; });
  REQUIRE(found != rows.end());
  return PolicyId(found - rows.begin());
}

}  // namespace

TEST_CASE("policies: groups, routes and tiers are those of the shipped data") {
  const auto data = shipped();
  const auto groups = core::json_keys(data, "endpoint_rate_limits").size();
  const auto routes = core::json_keys(data, "route_rate_limits").size();
  const auto& rows = core::rate_defaults();
  REQUIRE(rows.size() == groups + routes);
  REQUIRE(rows.size() <= core::rate_policies_max);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool group = i < groups;
    const auto at = group ? "endpoint_rate_limits[" + std::to_string(i) + "]"
                          : "route_rate_limits[" + std::to_string(i - groups) + "]";
    INFO(at);
    CHECK(core::json_int(data, at + ".window_s") == rows[i].window_s);
    CHECK(core::json_int(data, at + ".max") == rows[i].max);
    CHECK(rows[i].route.empty() == group);
    if (group) {
      CHECK(core::json_text(data, at + ".group") == std::string(rows[i].id));
      continue;
    }
    CHECK(core::json_text(data, at + ".route") == std::string(rows[i].route));
    CHECK(core::json_text(data, at + ".key") == std::string(core::name_of(rows[i].key)));
    auto id = std::string(rows[i].route);
    std::replace(id.begin(), id.end(), '/', '.');
    CHECK(id == rows[i].id);
  }
  for (int i = 0; i < 6; ++i) {
    const auto at = "tiers[" + std::to_string(i) + "]";
    CHECK(tier_of(core::json_text(data, at + ".code").value_or("")) == Tier(i));
    CHECK(core::json_int(data, at + ".rate_limit.multiplier") == multiplier_of(Tier(i)));
    CHECK(core::json_int(data, at + ".rate_limit.absolute_per_minute") == absolute_per_minute(Tier(i)));
  }
}

TEST_CASE("policies: a tier's multiplier applies up to its cap") {
  const Policies policies;
  const auto max = [&](std::string_view policy, Tier tier) { return policies.allowance(id_of(policy), tier).main.max; };
  CHECK(max("api", Tier::free) == 100);
  CHECK(max("api", Tier::basic) == 200);
  CHECK(max("api", Tier::pro) == 500);
  CHECK(max("api", Tier::enterprise) == 1000);
  CHECK(max("api", Tier::sovereign) == 2000);
  CHECK(max("api", Tier::owner) == 10'000);
  CHECK(max("default", Tier::basic) == 400);
  CHECK(max("default", Tier::pro) == 1000);
  CHECK(max("default", Tier::sovereign) == 4000);
  CHECK(max("default", Tier::owner) == 10'000);  // 20,000 but for the cap
  CHECK(max("upload", Tier::sovereign) == 1000);
  CHECK(tier_of("no such tier") == Tier::free);
}

TEST_CASE("policies: burst, warning, block and refusals") {
  const Policies policies;
  const auto login = policies.allowance(id_of("auth.login"), Tier::free);
  CHECK(login.main.window == 300'000);
  CHECK(login.main.max == 10);
  CHECK(login.burst.max == 10);
  CHECK(login.burst.window == 1000);
  CHECK(login.warns_at == 8);
  CHECK(login.block == 900'000);
  CHECK(login.refusals == 10);
  CHECK(policies.allowance(id_of("api"), Tier::owner).burst.max == 1000);
  CHECK(policies.allowance(id_of("api"), Tier::owner).refusals == 200);
}

TEST_CASE("policies: the owner sets and resets one") {
  Policies policies;
  const auto id = id_of("auth.login");
  policies.set(id, {60, 3, 2, 50, 120});
  const auto set = policies.allowance(id, Tier::free);
  CHECK(set.main.window == 60'000);
  CHECK(set.main.max == 3);
  CHECK(set.burst.max == 2);
  CHECK(set.warns_at == 2);
  CHECK(set.block == 120'000);
  policies.set(id, {1, 1'000'000, 10, 80, 900});
  CHECK(policies.allowance(id, Tier::free).main.max == 3);  // 200 a minute at most
  policies.reset(id);
  CHECK(policies.allowance(id, Tier::free).main.max == 10);
}
