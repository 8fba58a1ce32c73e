#include "actors/platform/platform.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace nova::platform {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::size_t error_bytes_max = 500;

std::string deployment_of(const core::Context& ctx, const std::string& environment) {
  return ctx.self.id + "-" + environment;
}

/// 64 bits (FNV-1a) are enough to tell a repeat: the deployment compares the services themselves.
std::string hash_of(const std::string& text) {
  std::uint64_t hash = 14695981039346656037ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, hash, 16).ptr;
  return {digits, end};
}

core::DoAsk command_to(const core::Context& ctx, std::string work, const std::string& environment, std::string name,
                       std::string body) {
  core::SendCommand command;
  command.tenant = ctx.self.tenant;
  command.kind = "deployment";
  command.id = deployment_of(ctx, environment);
  command.name = std::move(name);
  command.body.text = std::move(body);
  // One line for each environment: a deploy never overtakes a delete, and environments do not wait for each other.
  return {std::move(work), "command", "send", core::to_json(command), core::to_string(ctx.self) + "/" + environment};
}

std::string deploy_body(const core::Context& ctx, const std::string& environment, std::uint64_t version,
                        const std::map<std::string, service::Service>& services) {
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("platform", ctx.self.id)
      .field("environment", environment)
      .field("blueprint_version", version)
      .raw_field("services", core::to_json(services))
      .end();
  return body;
}

// ---- quotas: taken at the tenant before anything is deployed, kept while it is there, given back when it has gone.

core::DoAsk tenant_command(const core::Context& ctx, std::string work, std::string name, std::string body) {
  core::SendCommand command{ctx.self.tenant, "tenant", ctx.self.tenant, std::move(name), {}};
  command.body.text = std::move(body);
  // One line, so that nothing is given back before it was taken.
  return {std::move(work), "command", "send", core::to_json(command), core::to_string(ctx.self) + "/quota"};
}

core::DoAsk reserve(const core::Context& ctx, std::string work, const std::string& reservation, Quota quota) {
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("id", reservation)
      .field("resource", core::name_of(quota))
      .field("amount", 1)
      .end();
  return tenant_command(ctx, std::move(work), "reserve_quota", std::move(body));
}

core::DoAsk confirm(const core::Context& ctx, const std::string& reservation) {
  std::string body;
  core::JsonWriter(body).object().field("id", reservation).end();
  return tenant_command(ctx, "confirm-" + reservation, "confirm_quota", std::move(body));
}

// What was confirmed is given back under a name of its own, what still waits under that of the reservation.
core::DoAsk release(const core::Context& ctx, const std::string& reservation, std::optional<Quota> confirmed) {
  std::string body;
  core::JsonWriter out(body);
  out.object().field("id", confirmed ? reservation + ".back" : reservation);
  if (confirmed) out.field("resource", core::name_of(*confirmed)).field("amount", 1);
  out.end();
  return tenant_command(ctx, "release-" + reservation, "release_quota", std::move(body));
}

void release_slot(core::Asks& asks, const Environment& environment, const core::Context& ctx) {
  if (environment.slot.empty()) return;
  asks.works.push_back(
      release(ctx, environment.slot, environment.settled ? std::optional(Quota::deployments) : std::nullopt));
}

void release_project(core::Asks& asks, const State& s, const core::Context& ctx) {
  if (!s.project.empty()) asks.works.push_back(release(ctx, s.project, Quota::projects));
}

core::Error busy(core::Error refused) {
  refused.retryable = true;
  return refused;
}

Outcome on(const State& s, const Provision& c, const core::Context& ctx) {
  if (s.status == Status::deleting) return busy(core::wrong_state("deleting", {"active", "deleted"}));
  const auto known = s.environments.find(c.environment);
  if (known == s.environments.end() && s.environments.size() >= environments_max)
    return core::refuse("platform.environments_limit",
                        "a platform has at most " + std::to_string(environments_max) + " environments");
  const auto hash = hash_of(core::to_json(c.services));
  const bool is_under_way =
      std::any_of(s.works.begin(), s.works.end(), [&](const auto& work) { return work.second == c.environment; });
  // Once the deployment has answered, a repeat is passed on: it knows whether what it runs is what is asked for.
  if (is_under_way && known != s.environments.end() && known->second.blueprint_version == c.blueprint_version &&
      known->second.services_hash == hash)
    return Events{};
  if (!s.waiting.work.empty()) return busy(core::wrong_state("reserving", {"active"}));
  // A platform from before quotas were taken has neither a project nor slots, and goes on without.
  const bool is_new = s.blueprint.empty() || s.status != Status::active;
  const bool needs_project = is_new && s.project.empty();
  const bool needs_slot = known == s.environments.end() || known->second.homeless;
  const auto number = std::to_string(s.serial + 1);
  Provisioned made{c.blueprint, c.blueprint_version, c.environment, deployment_of(ctx, c.environment), hash, {}};
  if (needs_project) made.project = ctx.self.id + "." + number + ".p";
  if (needs_slot) made.slot = ctx.self.id + "." + number + ".d";
  if (!needs_project && !needs_slot) {
    made.work = "deploy-" + number;
    auto deploy = command_to(ctx, made.work, c.environment, "deploy",
                             deploy_body(ctx, c.environment, c.blueprint_version, c.services));
    return Outcome(Events{std::move(made)}).work(std::move(deploy));
  }
  made.work = "reserve-" + number;
  made.services = c.services;
  auto first = needs_project ? reserve(ctx, made.work, made.project, Quota::projects)
                             : reserve(ctx, made.work, made.slot, Quota::deployments);
  return Outcome(Events{std::move(made)}).work(std::move(first));
}

// The tenant has answered: on to the next thing to take, to the deployment, or to an end.
Outcome reserved(const State& s, const core::Settle& c, const core::Context& ctx) {
  const auto& waiting = s.waiting;
  const auto quota = waiting.project.empty() ? Quota::deployments : Quota::projects;
  const auto& reservation = quota == Quota::projects ? waiting.project : waiting.slot;
  core::Asks asks;
  if (c.outcome != core::Outcome::done) {
    // A refusal took nothing; after any other end nobody knows.
    if (c.code != "quota.exceeded") asks.works.push_back(release(ctx, reservation, std::nullopt));
    return Outcome(Events{QuotaRefused{c.work_id, waiting.environment, quota,
                                       core::clean_text(c.code + ": " + c.message, error_bytes_max)}})
        .ask(std::move(asks));
  }
  const auto environment = s.environments.find(waiting.environment);
  if (s.status != Status::active || environment == s.environments.end()) {
    asks.works.push_back(release(ctx, reservation, std::nullopt));
    return Outcome(Events{QuotaTaken{c.work_id, waiting.environment, quota, {}}}).ask(std::move(asks));
  }
  const auto number = std::to_string(s.serial + 1);
  QuotaTaken taken{c.work_id, waiting.environment, quota, {}};
  if (quota == Quota::projects) asks.works.push_back(confirm(ctx, reservation));  // the platform is there
  if (quota == Quota::projects && !waiting.slot.empty()) {
    taken.next = "reserve-" + number;
    asks.works.push_back(reserve(ctx, taken.next, waiting.slot, Quota::deployments));
  } else {
    taken.next = "deploy-" + number;
    asks.works.push_back(
        command_to(ctx, taken.next, waiting.environment, "deploy",
                   deploy_body(ctx, waiting.environment, environment->second.blueprint_version, waiting.services)));
  }
  return Outcome(Events{std::move(taken)}).ask(std::move(asks));
}

Outcome on(const State& s, const Delete& c, const core::Context& ctx) {
  if (s.status == Status::deleted) return Events{};
  // What a deployment refused to delete is asked for again.
  const bool refused = std::any_of(s.environments.begin(), s.environments.end(),
                                   [](const auto& entry) { return !entry.second.last_error.empty(); });
  if (s.status == Status::deleting && (s.purge || !c.purge) && !refused) return Events{};
  Deleting deleting{c.purge, ctx.principal.id, c.reason, {}, {}};
  core::Asks asks;
  auto serial = s.serial;
  for (const auto& [environment, known] : s.environments) {
    deleting.environments.push_back(environment);
    deleting.works.push_back("delete-" + std::to_string(++serial));
    std::string body;
    core::JsonWriter(body).object().field("purge", c.purge).field("reason", c.reason).end();
    asks.works.push_back(command_to(ctx, deleting.works.back(), environment, "delete", std::move(body)));
  }
  Events events{std::move(deleting)};
  if (s.environments.empty()) {
    events.push_back(Deleted{});
    release_project(asks, s, ctx);
  }
  return Outcome(std::move(events)).ask(std::move(asks));
}

// The environment has gone, and with the last of them the platform that was to go.
void environment_gone(Events& events, core::Asks& asks, const State& s, const std::string& environment,
                      const core::Context& ctx) {
  events.push_back(EnvironmentDeleted{environment});
  release_slot(asks, s.environments.at(environment), ctx);
  if (s.status != Status::deleting || s.environments.size() != 1) return;
  events.push_back(Deleted{});
  release_project(asks, s, ctx);
}

Outcome on(const State& s, const DeploymentDeleted& c, const core::Context& ctx) {
  if (!s.environments.contains(c.environment)) return Events{};
  Events events;
  core::Asks asks;
  environment_gone(events, asks, s, c.environment, ctx);
  return Outcome(std::move(events)).ask(std::move(asks));
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  const auto found = s.works.find(c.work_id);
  if (found == s.works.end()) return Events{};
  if (c.work_id == s.waiting.work) return reserved(s, c, ctx);
  std::string error;
  if (c.outcome != core::Outcome::done) error = core::clean_text(c.code + ": " + c.message, error_bytes_max);
  Events events{WorkSettled{c.work_id, found->second, c.outcome, error}};
  // A deployment that never came to be has nothing to delete.
  const bool was_never_there = s.status == Status::deleting && c.outcome == core::Outcome::failed &&
                               c.work_id.rfind("delete-", 0) == 0 && core::status_of(c.code) == 404;
  core::Asks asks;
  const auto environment = s.environments.find(found->second);
  if (environment == s.environments.end()) return events;
  const bool is_first_deploy =
      c.work_id.rfind("deploy-", 0) == 0 && !environment->second.slot.empty() && !environment->second.settled;
  if (was_never_there) {
    environment_gone(events, asks, s, found->second, ctx);
  } else if (is_first_deploy && c.outcome == core::Outcome::done) {
    asks.works.push_back(confirm(ctx, environment->second.slot));
  } else if (is_first_deploy && c.outcome == core::Outcome::failed) {
    release_slot(asks, environment->second, ctx);
    events.push_back(SlotReturned{found->second});
  }
  return Outcome(std::move(events)).ask(std::move(asks));
}

void note_work(State& s, const std::string& work, const std::string& environment) {
  s.works[work] = environment;
  std::uint64_t number = 0;
  const auto digits = work.find('-') + 1;
  std::from_chars(work.data() + digits, work.data() + work.size(), number);
  s.serial = std::max(s.serial, number);
}

void apply(State& s, const Provisioned& e) {
  s.status = Status::active;
  s.reason.clear();
  s.purge = false;
  s.blueprint = e.blueprint;
  auto& environment = s.environments[e.environment];
  environment.deployment = e.deployment;
  environment.blueprint_version = e.blueprint_version;
  environment.services_hash = e.services_hash;
  environment.last_error.clear();
  if (!e.slot.empty()) environment.homeless = true;
  if (!e.project.empty() || !e.slot.empty()) s.waiting = {e.work, e.environment, e.project, e.slot, e.services};
  note_work(s, e.work, e.environment);
}

void apply(State& s, const QuotaTaken& e) {
  s.works.erase(e.work);
  if (e.next.empty()) {
    s.waiting = {};
    return;
  }
  if (e.quota == Quota::projects) {
    s.project = std::exchange(s.waiting.project, {});
  } else if (const auto found = s.environments.find(e.environment); found != s.environments.end()) {
    found->second.slot = std::exchange(s.waiting.slot, {});
    found->second.homeless = found->second.settled = false;
  }
  note_work(s, e.next, e.environment);
  s.waiting.work = e.next;
  if (s.waiting.project.empty() && s.waiting.slot.empty()) s.waiting = {};
}

void apply(State& s, const QuotaRefused& e) {
  s.works.erase(e.work);
  s.waiting = {};
  const auto found = s.environments.find(e.environment);
  if (found != s.environments.end()) found->second.last_error = e.error;
  // A platform that is on its way out is none that could be refused.
  if (e.quota == Quota::projects && s.status == Status::active) s.status = Status::refused;
}

void apply(State& s, const SlotReturned& e) {
  const auto found = s.environments.find(e.environment);
  if (found == s.environments.end()) return;
  found->second.slot.clear();
  found->second.homeless = true;
}

void apply(State& s, const Deleting& e) {
  s.status = Status::deleting;
  s.reason = e.reason;
  s.purge = s.purge || e.purge;
  for (auto& [name, environment] : s.environments) environment.last_error.clear();
  for (std::size_t i = 0; i < e.works.size() && i < e.environments.size(); ++i)
    note_work(s, e.works[i], e.environments[i]);
}

void apply(State& s, const EnvironmentDeleted& e) { s.environments.erase(e.environment); }

void apply(State& s, const Deleted&) {
  s.status = Status::deleted;
  s.purge = false;
  s.project.clear();
}

void apply(State& s, const WorkSettled& e) {
  s.works.erase(e.work);
  const auto found = s.environments.find(e.environment);
  if (found == s.environments.end()) return;
  found->second.last_error = e.error;
  if (e.outcome == core::Outcome::done && !found->second.slot.empty() && e.work.rfind("deploy-", 0) == 0)
    found->second.settled = true;
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  core::Summary summary{std::string(core::name_of(s.status)), {}, s.reason};
  for (const auto& [name, environment] : s.environments)
    if (!environment.last_error.empty() && summary.reason.empty())
      summary.reason = name + ": " + environment.last_error;
  return summary;
}

}  // namespace nova::platform
