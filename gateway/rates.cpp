#include "gateway/rates.hpp"

#include "core/authority/authority.hpp"
#include "governance/authority/book.hpp"
#include "governance/authority/judge.hpp"

#include <algorithm>
#include <string>

namespace nova::gateway {
namespace {

using limits::KeyedBy;
using limits::PolicyId;
using limits::Tier;

PolicyId id_of(std::string_view name) { return PolicyId(core::find_rate_default(name) - core::rate_defaults().data()); }

std::int64_t seconds(limits::Millis time) { return (time + 999) / 1000; }

bool is_service(const core::Principal& principal) { return principal.type == "service" || principal.type == "system"; }

// Repeated headers are one list, in order (RFC 9110, 5.3).
std::string joined(const Fields& headers, std::string_view name) {
  std::string all;
  for (const auto& [key, value] : headers)
    if (key == name) all.append(all.empty() ? "" : ",").append(value);
  return all;
}

std::string tenant_of(const Request& head, const Fields& params) {
  for (const auto& [name, value] : params)
    if (name == "tenant") return value;
  return std::string(head.query_value("tenant").value_or(head.header("x-tenant-id")));
}

// Routes with a limit of their own are named without the prefix of the API that serves them.
PolicyId find_policy(const Route& route) {
  for (const std::string_view prefix : {"/api/", "/v1/"}) {
    if (!std::string_view(route.pattern).starts_with(prefix)) continue;
    const auto path = std::string_view(route.pattern).substr(prefix.size());
    for (const auto& row : core::rate_defaults())
      if (!row.route.empty() && row.route == path) return PolicyId(&row - core::rate_defaults().data());
  }
  if (route.tag == "auth") return id_of("auth");
  // What asks AI for something, and what looks for people; what AI did is read, and its settings set, like all else.
  if (route.method == "POST" && route.pattern == "/api/nova/executions") return id_of("ai");
  if (route.pattern == "/v1/users") return id_of("search");
  if (route.body == Body::file) return id_of("upload");
  if (route.pattern.starts_with("/v1/") || route.pattern.starts_with("/api/")) return id_of("api");
  return id_of("default");
}

limits::OwnLimits own_limits(const authority::KeyLine& key) { return {key.per_minute, key.per_hour, key.per_day}; }

core::Error limited(const limits::Verdict& verdict, const Route* route, PolicyId policy) {
  auto error =
      http_error(429, "rate.limited",
                 verdict.blocked || verdict.to_block ? "this caller asked too often for too long and is blocked"
                                                     : "this caller asks too often");
  const auto wait = std::to_string(std::max<std::int64_t>(seconds(verdict.retry_after), 1));
  const std::string name(limits::policy_name(policy));
  return std::move(error)
      .with("route", route ? route->pattern : name)
      .with("policy", name)
      .with("limit", std::to_string(verdict.limit))
      .with("seconds", wait)
      .with("retry_after", wait)
      .fix("wait " + wait + " s");
}

}  // namespace

RateGuard::RateGuard(const Options& options)
    : options_(options), limits_(options.limits && options.limits->enforced() ? options.limits : nullptr) {
  if (limits_) subjects_.emplace(limits_->subjects());
}

void RateGuard::learn(const Router& router) {
  for (const auto& route : router.routes()) policies_.emplace(route.get(), find_policy(*route));
}

PolicyId RateGuard::policy_of(const Route* route) const {
  const auto found = policies_.find(route);
  return found == policies_.end() ? id_of("default") : found->second;
}

limits::Address RateGuard::client_of(const Request& head) const {
  const auto peer = limits::parse_address(head.peer).value_or(limits::Address{});
  if (!options_.limits) return peer;
  const auto& proxies = options_.limits->proxies();
  if (!proxies.trusts(peer)) return peer;
  return limits::client_address(peer, joined(head.headers, core::name_of(proxies.header)), proxies);
}

Tier RateGuard::tier_of_user(const std::string& id) const {
  const auto user = options_.identities.book->user(id);
  if (!user) return Tier::free;
  const auto role = core::platform_role(user->role);
  // The platform's own people work for all tenants, so they have the most that a tenant can have.
  return role && !core::is_subscriber(*role) && *role != core::PlatformRole::owner ? Tier::sovereign
                                                                                   : limits::tier_of(user->role);
}

RateGuard::Counted RateGuard::counted(const Request& head, const Router::Found& found, bool known) {
  const auto* book = options_.identities.book;
  const auto& principal = head.principal;
  if (known && book && authority::is_key(principal)) {
    const auto slash = principal.id.find('/');
    const auto tenant = book->tenant(principal.id.substr(0, slash));
    const auto key = book->key(principal.id.substr(0, slash), principal.id.substr(slash + 1));
    return {subjects_->of_token(principal.id),
            KeyedBy::token,
            limits::tier_of(tenant ? tenant->tier : ""),
            principal.id,
            key ? own_limits(*key) : limits::OwnLimits{},
            principal.id.substr(0, slash)};
  }
  if (known && principal.type == "user") {
    if (!book || book->root_owner() == principal.id)
      return {subjects_->of_user({}, principal.id), KeyedBy::tenant_user, Tier::owner, principal.id};
    // Only a member's request counts for the tenant it names: else each name would be a new budget.
    const auto tenant = tenant_of(head, found.params);
    const auto member = tenant.empty() ? std::nullopt : book->membership(tenant, principal.id);
    if (!member || member->status != "active")
      return {subjects_->of_user({}, principal.id), KeyedBy::tenant_user, tier_of_user(principal.id), principal.id};
    const auto line = book->tenant(tenant);
    return {subjects_->of_user(tenant, principal.id),
            KeyedBy::tenant_user,
            limits::tier_of(line ? line->tier : ""),
            principal.id,
            {},
            tenant};
  }
  return {subjects_->of_address(client_of(head)), KeyedBy::ip, Tier::free, {}};
}

core::Status RateGuard::take(Request& head, const Router::Found& found, bool known) {
  if (!limits_ || (found.route && found.route->open) || (known && is_service(head.principal))) return core::ok();
  const auto policy = policy_of(found.route);
  const bool by_address = core::rate_defaults()[policy].key == KeyedBy::ip;
  const auto who = counted(head, found, known && !by_address);
  const auto verdict = limits_->take(who.subject, who.keyed_by, policy, who.tier, who.name, who.tenant);
  head.rate = {verdict.limit, verdict.remaining, seconds(verdict.reset_after)};
  if (!verdict.passes) return limited(verdict, found.route, policy);
  if (!who.own.any()) return core::ok();
  const auto own = limits_->take_own(who.subject, who.name, who.own, policy);
  if (!own) return core::ok();
  head.rate = {own->verdict.limit, own->verdict.remaining, seconds(own->verdict.reset_after)};
  return limited(own->verdict, found.route, own->policy);
}

bool RateGuard::is_shared(const Request& request) const {
  return request.rate && request.route && limits_->is_shared(policy_of(request.route));
}

std::optional<core::Error> RateGuard::take_shared(Request& request) const {
  const auto policy = policy_of(request.route);
  const auto verdict = limits_->take_shared(limits_->subjects().of_address(client_of(request)), policy);
  if (!verdict) return {};
  request.rate = {verdict->limit, verdict->remaining, seconds(verdict->reset_after)};
  return limited(*verdict, request.route, policy);
}

void add_rate(Response& response, const std::optional<Rate>& rate) {
  if (!rate) return;
  response.headers.emplace_back("X-RateLimit-Limit", std::to_string(rate->limit));
  response.headers.emplace_back("X-RateLimit-Remaining", std::to_string(rate->remaining));
  response.headers.emplace_back("X-RateLimit-Reset", std::to_string(rate->reset));
}

}  // namespace nova::gateway
