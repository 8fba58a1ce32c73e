// What the world shall do, read off two states: the works, desired states, timers and claims of the later one that the
// earlier one had not asked for. No rule asks by itself, so nothing can be asked and forgotten.
#include "actors/deployment/turn.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/service/check.hpp"

#include <set>
#include <stdexcept>

namespace nova::deployment {
namespace {

service::Instance process_of(const State& s, const core::Context& ctx, const Instance& instance) {
  service::Instance process;
  process.tenant = ctx.self.tenant;
  process.platform = s.platform;
  process.environment = s.environment;
  process.service = instance.service;
  process.revision = instance.revision;
  process.index = instance.index;
  process.attempt = instance.attempt;
  const Revision* revision = find(s, instance.revision);
  if (!revision) return process;
  for (const auto& [name, spec] : revision->services)
    if (spec.port != 0)
      process.urls[service::url_variable(name)] = "http://127.0.0.1:" + std::to_string(std::int64_t(spec.port));
  process.spec = revision->services.at(instance.service);
  process.passes_needed = std::uint32_t(process.spec.health.healthy);
  return process;
}

service::Route route_of(const State& s, const std::string& service, const Route& route) {
  service::Route wanted;
  wanted.service = service;
  wanted.port = route.port;
  wanted.backends = route.backends;
  wanted.hold = route.hold;
  wanted.drain = drain_time;
  wanted.generation = route.generation;
  if (const Revision* revision = find(s, route.revision))
    if (const auto spec = revision->services.find(service); spec != revision->services.end())
      wanted.http = spec->second.health.http;
  return wanted;
}

const Instance* wanted(const State& s, const std::string& id) {
  const auto found = s.instances.find(id);
  return found == s.instances.end() || !found->second.wanted ? nullptr : &found->second;
}

const Route* kept(const State& s, const std::string& service) {
  const auto found = s.routes.find(service);
  return found == s.routes.end() || !found->second.kept ? nullptr : &found->second;
}

void ask_keeps(core::Asks& asks, const State& before, const State& after, const core::Context& ctx) {
  const auto& self = ctx.self;
  // What goes is told first: a port may move from one service to another.
  for (const auto& [service, route] : before.routes)
    if (route.kept && !kept(after, service)) asks.keeps.push_back({"edge", self.id + "." + service, {}, self});
  for (const auto& [service, route] : after.routes) {
    const Route* known = kept(before, service);
    if (route.kept && (!known || known->generation != route.generation))
      asks.keeps.push_back({"edge", self.id + "." + service, core::to_json(route_of(after, service, route)), self});
  }
  for (const auto& [id, instance] : before.instances)
    if (instance.wanted && !wanted(after, id)) asks.keeps.push_back({"process", id, {}, {self.tenant, "instance", id}});
  for (const auto& [id, instance] : after.instances) {
    const Instance* known = wanted(before, id);
    if (instance.wanted && (!known || known->attempt != instance.attempt))
      asks.keeps.push_back(
          {"process", id, core::to_json(process_of(after, ctx, instance)), {self.tenant, "instance", id}});
  }
}

std::string digests_of(const State& s, std::uint64_t revision) {
  std::set<std::string> digests;
  if (const Revision* found = find(s, revision))
    for (const auto& [name, spec] : found->services)
      if (!spec.source.digest.empty()) digests.insert(spec.source.digest);
  std::string payload;
  core::JsonWriter out(payload);
  out.object().key("digests").array();
  for (const auto& digest : digests) out.value(digest);
  out.end().end();
  return payload;
}

std::string send(const core::Context& ctx, std::string kind, std::string id, std::string name, std::string body) {
  core::SendCommand command;
  command.tenant = ctx.self.tenant;
  command.kind = std::move(kind);
  command.id = std::move(id);
  command.name = std::move(name);
  command.body.text = std::move(body);
  return core::to_json(command);
}

std::string opening(const State& s, const core::Context& ctx, const Work& work) {
  const Instance* cause = nullptr;
  for (const auto& [id, instance] : s.instances)
    if (!cause && instance.service == work.service && instance.revision == s.current && is_down(instance))
      cause = &instance;
  bool has_previous = false;
  for (const auto& revision : s.revisions) has_previous = has_previous || (revision.ran && revision.number < s.current);
  std::string body;
  core::JsonWriter out(body);
  out.object();
  out.field("subject_kind", "deployment").field("subject_id", ctx.self.id).field("service", work.service);
  out.field("title", "`" + work.service + "` of " + ctx.self.id + " is down and was not healed by restarts");
  out.field("code", cause ? cause->code : std::string()).field("message", cause ? cause->message : std::string());
  out.key("options").array().value("retry");
  if (has_previous) out.value("rollback");
  out.value("stop").end().end();
  return body;
}

// Checked and taken in one step by the tenant. One line for all, so that nothing is given back before it was taken.
core::DoAsk tenant_order(const core::Context& ctx, const std::string& id, const Work& work) {
  const bool confirmed = work.job == Job::give_back;
  std::string body;
  core::JsonWriter out(body);
  out.object().field("id", confirmed ? work.about + ".back" : work.about);
  if (work.job == Job::reserve || confirmed) out.field("resource", "deployments").field("amount", 1);
  out.end();
  const auto* name = work.job == Job::reserve   ? "reserve_quota"
                     : work.job == Job::confirm ? "confirm_quota"
                                                : "release_quota";
  return {id, "command", "send", send(ctx, "tenant", ctx.self.tenant, name, std::move(body)),
          core::to_string(ctx.self) + "/quota"};
}

core::DoAsk do_of(const State& s, const core::Context& ctx, const std::string& id, const Work& work) {
  // Each sort has a line of its own, so that a slow fetch holds up no question to a person.
  const auto line = core::to_string(ctx.self) + "/" + std::string(core::name_of(work.job));
  switch (work.job) {
    case Job::fetch:
      return {id, "sources", "fetch", digests_of(s, work.revision), line};
    case Job::purge: {
      std::string payload;
      core::JsonWriter(payload)
          .object()
          .field("tenant", ctx.self.tenant)
          .field("platform", s.platform)
          .field("environment", s.environment)
          .end();
      return {id, "data", "purge", payload, line};
    }
    case Job::escalate:
    case Job::withdraw: {
      // One line for both, or the withdrawal could overtake the question.
      const auto order = core::to_string(ctx.self) + "/escalation/" + work.service;
      const bool opens = work.job == Job::escalate;
      auto body = opens ? opening(s, ctx, work) : std::string(R"({"reason":"it healed"})");
      return {id, "command", "send", send(ctx, "escalation", work.about, opens ? "open" : "withdraw", std::move(body)),
              order};
    }
    case Job::reserve:
    case Job::confirm:
    case Job::release:
    case Job::give_back:
      return tenant_order(ctx, id, work);
    case Job::tell: {
      std::string body;
      core::JsonWriter(body).object().field("environment", s.environment).field("purged", s.purged).end();
      return {id, "command", "send", send(ctx, "platform", s.platform, "deployment_deleted", body), line};
    }
  }
  throw std::logic_error("a work without a job");
}

void ask_works(core::Asks& asks, const State& before, const State& after, const core::Context& ctx) {
  for (const auto& [id, work] : after.works)
    if (!before.works.contains(id)) asks.works.push_back(do_of(after, ctx, id, work));
}

void ask_timers(core::Asks& asks, const State& before, const State& after) {
  for (const auto& [id, timer] : before.timers)
    if (!after.timers.contains(id)) asks.timers.push_back({id, {}});
  for (const auto& [id, timer] : after.timers)
    if (!before.timers.contains(id)) asks.timers.push_back({id, timer.at});
}

/// The stable ports that a state needs: of what serves, of what comes in, and of routes that still drain.
std::set<std::int64_t> ports_of(const State& s) {
  std::set<std::int64_t> ports;
  for (const auto& revision : s.revisions)
    if (revision.number == s.current || revision.number == s.candidate)
      for (const auto& [name, spec] : revision.services)
        if (spec.port != 0) ports.insert(spec.port);
  for (const auto& [service, route] : s.routes) ports.insert(route.port);
  return ports;
}

void ask_claims(core::Asks& asks, const State& before, const State& after) {
  const auto had = ports_of(before), needs = ports_of(after);
  for (const auto port : had)
    if (!needs.contains(port)) asks.claims.push_back({"port/" + std::to_string(port), true, {}});
  for (const auto port : needs)
    if (!had.contains(port)) asks.claims.push_back({"port/" + std::to_string(port), false, "deployment.port_taken"});
}

}  // namespace

core::Asks asks_between(const State& before, const State& after, const core::Context& ctx) {
  core::Asks asks;
  ask_keeps(asks, before, after, ctx);
  ask_works(asks, before, after, ctx);
  ask_timers(asks, before, after);
  ask_claims(asks, before, after);
  return asks;
}

}  // namespace nova::deployment
