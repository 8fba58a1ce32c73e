// What a request pays for being judged: whose the token is and whether they may act at all, how often they may ask,
// what they may read, what the gate says of their command, and whether the tenant's quota has room for it. 10,000
// users, sessions and memberships, 1,000 keys; one thread; the median and p99 of single questions in microseconds, as
// JSON lines.
//
//   auth_bench [--questions N]
#include "actors/tenant/tenant.hpp"
#include "core/authority/access.hpp"
#include "core/ids.hpp"
#include "gateway/access.hpp"
#include "gateway/rates.hpp"
#include "gateway/router.hpp"
#include "governance/authority/judge.hpp"
#include "governance/authority/rules.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/token.hpp"
#include "governance/identity/bearer.hpp"
#include "store/vault.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

using namespace nova;

namespace {

constexpr int people = 10'000, tenants = 100, keys = 1'000, tokens = 500;

struct Town {
  explicit Town(const identity::Keyring& keyring) : bearer(keyring, book, "webnova") {
    const auto now = core::system_clock().now();
    for (int i = 0; i < tenants; ++i) book.put(tenant(i), {"active", "pro"}, 1);
    for (int i = 0; i < people; ++i) {
      const auto user = "user-" + std::to_string(i);
      authority::UserLine line;
      line.status = "active";
      line.role = "free";
      book.put_user(user, line, 1);
      book.put_membership(tenant(i), user, {"staff", "active"}, 1);
      book.put_session("session-" + std::to_string(i), {user, "active", now + std::chrono::hours(1), now}, 1);
    }
    for (int i = 0; i < tokens; ++i)
      bearers.push_back(bearer.issue("user-" + std::to_string(i), "session-" + std::to_string(i), now));
    for (int i = 0; i < keys; ++i) {
      const auto made = credentials::make_api_key();
      authority::KeyLine line;
      line.tenant = tenant(i);
      line.id = "key-" + std::to_string(i);
      line.user = "user-" + std::to_string(i);
      line.status = "active";
      line.hash = credentials::keyed_hash(keyring.lookup(), made.text.view());
      line.scopes = {"platform.read", "platform.write"};
      book.put_key(line, 1);
      if (i < tokens) api_keys.emplace_back(made.text.view());
    }
  }
  static std::string tenant(int i) { return "tenant-" + std::to_string(i % tenants); }

  authority::Book book;
  identity::Bearer bearer;
  std::vector<std::string> bearers, api_keys;
};

// A quarter of a second between two requests: nobody asks too often.
struct Quarters final : core::Clock {
  core::Timestamp now() const override { return {quarters * 250}; }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::milliseconds(quarters * 250); }
  std::int64_t quarters = 1'000'000;
};

// The limits as they are shipped, behind a route as they find it.
struct Rates {
  explicit Rates(const authority::Book& book) {
    options.identities.book = &book;
    options.limits = &all;
    gateway::Route route;
    route.method = "POST";
    route.pattern = "/v1/tenants/{tenant}/deployments/{id}/deploy";
    router.add(std::move(route));
    guard.emplace(options);
    guard->learn(router);
  }
  bool pass(const core::Principal& principal, const std::string& tenant) {
    ++clock.quarters;
    gateway::Request head;
    head.principal = principal;
    head.peer = "192.0.2.7";
    auto found = router.find("POST", {"v1", "tenants", tenant, "deployments", "web", "deploy"});
    return guard->take(head, found, true).ok();
  }

  Quarters clock;
  limits::Limits all{
      {.key = std::string(32, 'k'), .proxies = {}, .clock = &clock, .on_block = {}, .on_notice = {}, .on_line = {}}};
  gateway::Options options;
  gateway::Router router;
  std::optional<gateway::RateGuard> guard;
};

// Tenants as their commands meet them: some work under way, some of the quota used.
tenant::State tenant_in_use() {
  tenant::State state;
  state.status = tenant::Status::active;
  state.tier = tenant::Tier::pro;
  for (int i = 0; i < 5; ++i)
    state.reservations.push_back({core::new_uuid(core::system_clock().now()), tenant::Resource::storage_mb, 10, {}});
  for (std::size_t i = 0; i < tenant::spent_max; ++i) state.spent.push_back(core::new_uuid(core::system_clock().now()));
  return state;
}

void tell(const char* what, std::vector<double> microseconds, std::size_t refused) {
  std::sort(microseconds.begin(), microseconds.end());
  const auto at = [&](double share) { return microseconds[std::size_t(double(microseconds.size() - 1) * share)]; };
  std::printf("{\"what\":\"%s\",\"p50_us\":%.2f,\"p99_us\":%.2f,\"questions\":%zu,\"refused\":%zu}\n", what, at(0.5),
              at(0.99), microseconds.size(), refused);
}

void measure(const char* what, int questions, const std::function<bool(int)>& ask) {
  std::vector<double> microseconds;
  std::size_t refused = 0;
  for (int i = 0; i < questions; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    refused += !ask(i);
    microseconds.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begun).count());
  }
  tell(what, std::move(microseconds), refused);
}

}  // namespace

int main(int count, char** words) {
  int questions = 100'000;
  for (int i = 1; i + 1 < count; i += 2)
    if (std::strcmp(words[i], "--questions") == 0)
      std::from_chars(words[i + 1], words[i + 1] + std::strlen(words[i + 1]), questions);
  const auto vault = store::make_memory_vault();
  auto keyring = identity::Keyring::open(*vault);
  if (!keyring) return 1;
  Town town(**keyring);
  const auto rules = authority::make_role_rules(town.book);
  gateway::Options options;
  options.identities.book = &town.book;
  const gateway::ReadGuard guard(options, core::system_clock());
  Rates rates(town.book);
  const auto used = tenant_in_use();
  const core::CommandRow row{.name = "deploy", .access = core::access::deploying};
  core::Kind kind;
  kind.name = "deployment";

  const auto judged = [&](const std::string& secret, const std::string& tenant) {
    const auto now = core::system_clock().now();
    const auto caller = town.bearer.caller(secret, now);
    if (!caller || !guard.may_read(caller->principal, core::access::reading, tenant)) return false;
    const core::EntityKey resource{tenant, "deployment", "web"};
    const auto line = town.book.tenant(tenant);
    const gate::Request request{caller->principal, kind, row, resource, line ? line->status : "", {}, now};
    return gate::decide(rules, request).answer == core::DecisionRecord::Answer::allow;
  };
  const auto has_room = [&](const std::string& tenant, int i) {
    core::Context context;
    context.self = {tenant, "tenant", tenant};
    context.now = core::system_clock().now();
    tenant::ReserveQuota wanted{"deploy-" + std::to_string(i), tenant::Resource::storage_mb, 10};
    return tenant::decide(used, std::move(wanted), context).refused() == std::nullopt;
  };
  measure("a person's first request: its token's signature", tokens,
          [&](int i) { return judged(town.bearers[std::size_t(i)], Town::tenant(i)); });
  measure("a person's request: token, status, session, role, gate", questions, [&](int i) {
    const auto who = i * 7 % tokens;
    return judged(town.bearers[std::size_t(who)], Town::tenant(who));
  });
  measure("a key's request: hash, status, scope, its maker's role, gate", questions, [&](int i) {
    const auto who = i * 7 % tokens;
    return judged(town.api_keys[std::size_t(who)], Town::tenant(who));
  });
  measure("a person's request: limit alone", questions, [&](int i) {
    const auto who = i * 7 % tokens;
    return rates.pass({"user-" + std::to_string(who), "user"}, Town::tenant(who));
  });
  measure("a person's request: quota alone", questions, [&](int i) { return has_room(Town::tenant(i), i); });
  measure("a person's request, whole: token, status, session, limit, role, gate, quota", questions, [&](int i) {
    const auto who = i * 7 % tokens;
    const auto tenant = Town::tenant(who);
    return rates.pass({"user-" + std::to_string(who), "user"}, tenant) &&
           judged(town.bearers[std::size_t(who)], tenant) && has_room(tenant, i);
  });
  measure("a stranger's request, which is refused", questions, [&](int i) {
    const auto who = i * 7 % tokens;
    return judged(town.bearers[std::size_t(who)], Town::tenant(who + 1));
  });
  return 0;
}
