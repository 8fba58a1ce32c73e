#include "actors/platform/platform.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <charconv>
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

std::string deploy_body(const core::Context& ctx, const Provision& c) {
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("platform", ctx.self.id)
      .field("environment", c.environment)
      .field("blueprint_version", c.blueprint_version)
      .raw_field("services", core::to_json(c.services))
      .end();
  return body;
}

Outcome on(const State& s, const Provision& c, const core::Context& ctx) {
  if (s.status == Status::deleting) {
    auto refused = core::wrong_state("deleting", {"active", "deleted"});
    refused.retryable = true;
    return refused;
  }
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
  auto work = "deploy-" + std::to_string(s.serial + 1);
  Events events{
      Provisioned{c.blueprint, c.blueprint_version, c.environment, deployment_of(ctx, c.environment), hash, work}};
  return Outcome(std::move(events)).work(command_to(ctx, work, c.environment, "deploy", deploy_body(ctx, c)));
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
  if (s.environments.empty()) events.push_back(Deleted{});
  return Outcome(std::move(events)).ask(std::move(asks));
}

Outcome on(const State& s, const DeploymentDeleted& c, const core::Context&) {
  if (!s.environments.contains(c.environment)) return Events{};
  Events events{EnvironmentDeleted{c.environment}};
  if (s.status == Status::deleting && s.environments.size() == 1) events.push_back(Deleted{});
  return events;
}

Outcome on(const State& s, const core::Settle& c, const core::Context&) {
  const auto found = s.works.find(c.work_id);
  if (found == s.works.end()) return Events{};
  std::string error;
  if (c.outcome != core::Outcome::done) error = core::clean_text(c.code + ": " + c.message, error_bytes_max);
  Events events{WorkSettled{c.work_id, found->second, c.outcome, error}};
  // A deployment that never came to be has nothing to delete.
  const bool was_never_there = s.status == Status::deleting && c.outcome == core::Outcome::failed &&
                               c.work_id.rfind("delete-", 0) == 0 && core::status_of(c.code) == 404;
  if (was_never_there && s.environments.contains(found->second)) {
    events.push_back(EnvironmentDeleted{found->second});
    if (s.environments.size() == 1) events.push_back(Deleted{});
  }
  return events;
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
  s.environments[e.environment] = {e.deployment, e.blueprint_version, e.services_hash, {}};
  note_work(s, e.work, e.environment);
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
}

void apply(State& s, const WorkSettled& e) {
  s.works.erase(e.work);
  if (const auto found = s.environments.find(e.environment); found != s.environments.end())
    found->second.last_error = e.error;
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
