#include "actors/blueprint/blueprint.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <utility>

namespace nova::blueprint {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

/// What the platform's command `provision` takes.
struct ProvisionBody {
  std::string blueprint;
  std::uint64_t blueprint_version = 0;
  std::string environment;
  Services services;
};

std::string provision_json(const ProvisionBody& body) {
  static const auto row = core::record<ProvisionBody>(
      "provision", "",
      {core::field("blueprint", &ProvisionBody::blueprint),
       core::field("blueprint_version", &ProvisionBody::blueprint_version),
       core::field("environment", &ProvisionBody::environment), core::field("services", &ProvisionBody::services)});
  static const core::Type type = [] {
    core::Type t;
    t.tag = core::Tag::record;
    t.record = []() -> const core::Record& { return row; };
    return t;
  }();
  return core::to_json(type, &body);
}

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

bool same(const Content& a, const Content& b) { return core::to_json(a) == core::to_json(b); }

bool is_frozen(const State& s) {
  return s.status == Status::approved || s.status == Status::generating || s.status == Status::completed;
}

core::EntityKey deployment_of(const core::EntityKey& self, const std::string& environment) {
  return {self.tenant, "deployment", self.id + "-" + environment};
}
core::EntityKey platform_of(const core::EntityKey& self) { return {self.tenant, "platform", self.id}; }

bool in_progress(const core::Fact& deployment) {
  static constexpr std::string_view busy[] = {"pending", "building", "deploying", "verifying", "deleting"};
  return deployment.exists && std::find(std::begin(busy), std::end(busy), deployment.status) != std::end(busy);
}

core::Error already_running(const core::EntityKey& deployment, const core::Fact& fact) {
  return core::refuse("deployment.already_running", "deployment `" + deployment.id + "` is " + fact.status)
      .with("deployment", deployment.id)
      .with("state", fact.status)
      .fix("wait for it, or cancel it");
}

// What was applied last may still be on its way through the platform: the deployment does not show it yet.
std::optional<core::Error> on_its_way(const State& s, const std::string& environment, const core::Context& ctx) {
  const auto deployment = deployment_of(ctx.self, environment);
  if (in_progress(ctx.fact(deployment))) return already_running(deployment, ctx.fact(deployment));
  const auto own = s.provisions.find(environment);
  bool asked = own != s.provisions.end() && !own->second.work.empty();
  const auto& platform = ctx.fact(platform_of(ctx.self)).document;
  if (!platform.empty())
    for (const auto& work : core::json_keys(platform, "works"))
      asked = asked || core::json_text(platform, "works." + work) == environment;
  if (!asked) return {};
  return already_running(deployment, {.exists = true, .version = 0, .status = "pending", .document = {}});
}

// The event of new content: the first draft, a change of a draft, or the next version of a frozen one.
Event drafted(const State& s, Content content, std::string environment, const core::Context& ctx) {
  Updated event;
  event.version = s.status == Status::absent || is_frozen(s) ? s.version + 1 : s.version;
  event.environment = std::move(environment);
  event.report = validate(content);
  event.content = std::move(content);
  event.by = ctx.principal.id;
  event.at = ctx.now;
  if (s.status == Status::absent) return Drafted(std::move(event));
  return event;
}

// Asks the platform to become this version in the environment.
Outcome with_provision(Events events, const State& s, std::uint64_t version, const std::string& environment,
                       const Services& services, const core::Context& ctx) {
  const auto work = "provision-" + std::to_string(s.works + 1);
  events.push_back(ProvisionAsked{work, version, environment});
  core::SendCommand send{ctx.self.tenant, "platform", ctx.self.id, "provision", {}};
  send.body.text = provision_json({ctx.self.id, version, environment, services});
  return Outcome(std::move(events)).work({work, "command", "send", core::to_json(send), ""});
}

std::optional<core::Error> too_many_environments(const State& s, const std::string& environment) {
  if (s.provisions.contains(environment) || s.provisions.size() < environments_max) return {};
  return core::refuse("blueprint.environment_limit",
                      "it is in " + std::to_string(environments_max) + " environments already");
}

Outcome on(const State& s, const Draft& c, const core::Context& ctx) {
  Content content{c.definition, c.services};
  if (s.status != Status::absent) {
    if (same(content, s.content) && s.environment == c.environment && s.status == Status::draft) return Events{};
    return core::refuse("blueprint.already_exists", "blueprint `" + ctx.self.id + "` exists already").fix("revise it");
  }
  auto problems = service_problems(ctx.self.id, c.environment, c.services);
  std::erase_if(problems,
                [](const core::Problem& p) { return p.path.starts_with("services"); });  // a draft may be unfinished
  if (!problems.empty()) return core::invalid_input(std::move(problems));
  if (auto broken = broken_rule(content)) return *broken;
  return Events{drafted(s, std::move(content), c.environment, ctx)};
}

Outcome on(const State& s, const Revise& c, const core::Context& ctx) {
  if (s.status == Status::absent || s.status == Status::archived || s.status == Status::generating)
    return wrong_state(s, {"draft", "rejected", "approved", "completed"});
  Content content = s.content;
  if (c.definition) content.definition = c.definition;
  if (c.services) content.services = *c.services;
  const std::string environment = c.environment ? std::string(*c.environment) : s.environment;
  const bool reopens = s.status == Status::rejected;
  if (same(content, s.content) && environment == s.environment && !reopens) return Events{};
  auto problems = service_problems(ctx.self.id, environment, {});
  std::erase_if(problems, [](const core::Problem& p) { return p.path.starts_with("services"); });
  if (!problems.empty()) return core::invalid_input(std::move(problems));
  if (auto broken = broken_rule(content)) return *broken;
  return Events{drafted(s, std::move(content), environment, ctx)};
}

core::Error invalid(const Report& report) {
  auto error = core::refuse("blueprint.invalid",
                            "it has " + std::to_string(report.errors.size()) + " errors: " + report.errors[0]);
  for (std::size_t i = 0; i < report.errors.size(); ++i) error.with("error_" + std::to_string(i + 1), report.errors[i]);
  return error;
}

Outcome on(const State& s, const Submit&, const core::Context& ctx) {
  if (s.status != Status::draft) return wrong_state(s, {"draft"});
  if (s.submitted) return Events{};
  if (!s.report.errors.empty()) return invalid(s.report);
  return Events{Submitted{ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Approve&, const core::Context& ctx) {
  if (s.status == Status::approved) return Events{};
  if (s.status != Status::draft) return wrong_state(s, {"draft"});
  if (!s.report.errors.empty()) return invalid(s.report);
  Events events{Approved{s.version, ctx.principal.id, ctx.now}};
  // Before services are named there is nothing to bring anywhere.
  if (s.content.services.empty()) return events;
  if (auto limit = too_many_environments(s, s.environment)) return *limit;
  if (auto running = on_its_way(s, s.environment, ctx)) return *running;
  return with_provision(std::move(events), s, s.version, s.environment, s.content.services, ctx);
}

Outcome on(const State& s, const Reject& c, const core::Context& ctx) {
  if (s.status == Status::rejected) return Events{};
  if (s.status != Status::draft) return wrong_state(s, {"draft"});
  return Events{Rejected{c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Archive& c, const core::Context& ctx) {
  if (s.status == Status::archived) return Events{};
  if (s.status != Status::draft && s.status != Status::rejected && s.status != Status::completed)
    return wrong_state(s, {"draft", "rejected", "completed"});
  return Events{Archived{c.reason, ctx.principal.id, ctx.now}};
}

// The blueprint's version of the revision that serves; none when the deployment does not tell.
std::optional<std::uint64_t> running_version(const core::Fact& deployment) {
  const auto current = core::json_int(deployment.document, "current");
  for (const auto& place : core::json_keys(deployment.document, "revisions"))
    if (core::json_int(deployment.document, "revisions" + place + ".number") == current)
      return std::uint64_t(core::json_int(deployment.document, "revisions" + place + ".blueprint_version").value_or(0));
  return {};
}

// True when the same content must be brought there again: what was asked last did not come to be.
bool needs_provision_again(const State& s, const std::string& environment, const core::Context& ctx) {
  const auto found = s.provisions.find(environment);
  if (found == s.provisions.end() || found->second.version != s.version) return true;
  if (!found->second.work.empty()) return false;  // under way
  if (!found->second.code.empty()) return true;
  const auto& deployment = ctx.fact(deployment_of(ctx.self, environment));
  if (deployment.exists && (deployment.status == "failed" || deployment.status == "deleted")) return true;
  // Rolled back by itself: what runs is an earlier version, and whoever applies this one again wants another try.
  if (deployment.status == "running" && running_version(deployment).value_or(s.version) != s.version) return true;
  const auto& platform = ctx.fact(platform_of(ctx.self));
  if (platform.exists && platform.status == "deleted") return true;
  const auto refused = core::json_text(platform.document, "environments." + environment + ".last_error");
  return refused && !refused->empty();
}

Outcome on(const State& s, const Apply& c, const core::Context& ctx) {
  if (s.status == Status::archived || s.status == Status::generating)
    return wrong_state(s, {"absent", "draft", "rejected", "approved", "completed"});
  Content content{c.definition, c.services};
  const bool changed = s.status == Status::absent || s.status == Status::rejected || !same(content, s.content);
  if (!changed && is_frozen(s) && !needs_provision_again(s, c.environment, ctx)) return Events{};

  auto problems = service_problems(ctx.self.id, c.environment, c.services);
  if (!problems.empty()) return core::invalid_input(std::move(problems));
  if (auto broken = broken_rule(content)) return *broken;
  if (auto report = validate(content); !report.errors.empty()) return invalid(report);
  if (auto limit = too_many_environments(s, c.environment)) return *limit;
  if (auto running = on_its_way(s, c.environment, ctx)) return *running;

  Events events;
  std::uint64_t version = s.version;
  if (changed) {
    events.push_back(drafted(s, content, c.environment, ctx));
    version = s.status == Status::absent || is_frozen(s) ? s.version + 1 : s.version;
  }
  if (changed || !is_frozen(s)) events.push_back(Approved{version, ctx.principal.id, ctx.now});
  return with_provision(std::move(events), s, version, c.environment, content.services, ctx);
}

Outcome on(const State& s, const core::Settle& c, const core::Context&) {
  for (const auto& [environment, provision] : s.provisions) {
    if (provision.work.empty() || provision.work != c.work_id) continue;
    return Events{
        ProvisionEnded{c.work_id, environment, c.outcome, c.code, core::clean_text(c.message, message_size_max)}};
  }
  return Events{};  // a late copy, or superseded by a newer version
}

void remember(State& s, Status status, const std::string& by, core::Timestamp at) {
  const auto line =
      std::find_if(s.versions.begin(), s.versions.end(), [&](const VersionLine& v) { return v.version == s.version; });
  if (line != s.versions.end())
    *line = {s.version, status, by, at};
  else
    s.versions.push_back({s.version, status, by, at});
  if (s.versions.size() > versions_max) s.versions.erase(s.versions.begin());
}

void enter(State& s, Status status, std::string reason, const std::string& by, core::Timestamp at) {
  s.status = status;
  s.reason = std::move(reason);
  s.submitted = false;
  remember(s, status, by, at);
}

void apply(State& s, const Drafted& e) {
  s.version = e.version;
  s.environment = e.environment;
  s.content = e.content;
  s.report = e.report;
  enter(s, Status::draft, "", e.by, e.at);
}
void apply(State& s, const Submitted&) { s.submitted = true; }
void apply(State& s, const Approved& e) { enter(s, Status::approved, "", e.by, e.at); }
void apply(State& s, const Rejected& e) { enter(s, Status::rejected, e.reason, e.by, e.at); }
void apply(State& s, const Archived& e) { enter(s, Status::archived, e.reason, e.by, e.at); }
void apply(State& s, const ProvisionAsked& e) {
  ++s.works;
  s.environment = e.environment;
  s.provisions[e.environment] = {e.version, e.work, "", ""};
}
void apply(State& s, const ProvisionEnded& e) {
  const auto found = s.provisions.find(e.environment);
  if (found == s.provisions.end() || found->second.work != e.work) return;
  found->second.work.clear();
  if (e.outcome == core::Outcome::done) return;
  found->second.code = e.code.empty() ? "upstream.failed" : e.code;
  found->second.message = e.message;
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
  const auto found = s.provisions.find(s.environment);
  const bool failed = s.reason.empty() && found != s.provisions.end() && !found->second.code.empty();
  return {std::string(core::name_of(s.status)), "",
          failed ? found->second.code + ": " + found->second.message : s.reason};
}

std::vector<core::FactNeed> facts_for_apply(const core::EntityKey& self, const void*, const void* command) {
  const auto& environment = static_cast<const Apply*>(command)->environment;
  return {{deployment_of(self, environment), true}, {platform_of(self), true}};
}

std::vector<core::FactNeed> facts_for_approve(const core::EntityKey& self, const void* state, const void*) {
  return {{deployment_of(self, static_cast<const State*>(state)->environment), true}, {platform_of(self), true}};
}

}  // namespace nova::blueprint
