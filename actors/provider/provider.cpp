#include "actors/provider/provider.hpp"

#include "core/json.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <utility>

namespace nova::provider {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

bool exists(const State& s) { return s.status != Status::absent && s.status != Status::removed; }

core::Error not_there(const State& s) {
  return core::wrong_state(core::name_of(s.status), {"disconnected", "connected", "error"});
}

Outcome on(const State& s, const Add& c, const core::Context& ctx) {
  if (c.kind != "local")
    return core::refuse("infra_provider.unsupported", "`" + c.kind + "` is no kind of provider here")
        .fix("use `local`");
  if (!exists(s)) return Events{Added{c.kind, c.name, c.type, ctx.principal.id, ctx.now}};
  if (s.name == c.name && s.type == c.type) return Events{};
  return core::refuse("infra_provider.already_exists", "provider `" + ctx.self.id + "` exists already");
}

Outcome on(const State& s, const Verify&, const core::Context&) {
  if (!exists(s)) return not_there(s);
  if (!s.work.empty()) return Events{};  // its answer will be as fresh
  const auto work = "verify-" + std::to_string(s.works + 1);
  std::string payload;
  core::JsonWriter(payload).object().field("kind", s.kind).end();
  return Outcome(Events{VerifyAsked{work}}).work({work, "provider", "verify", payload, ""});
}

Outcome on(const State& s, const Enable&, const core::Context& ctx) {
  if (!exists(s)) return not_there(s);
  if (s.enabled) return Events{};
  if (s.status != Status::connected) return core::wrong_state(core::name_of(s.status), {"connected"});
  return Events{Enabled{ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Disable& c, const core::Context& ctx) {
  if (!exists(s)) return not_there(s);
  if (!s.enabled) return Events{};
  return Events{Disabled{c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Remove& c, const core::Context& ctx) {
  if (s.status == Status::removed) return Events{};
  if (!exists(s)) return not_there(s);
  if (s.enabled)
    return core::refuse("infra_provider.in_use", "platforms may run there while it is enabled").fix("disable it first");
  return Events{Removed{c.reason, ctx.principal.id, ctx.now}};
}

std::uint64_t number_at(const core::RawJson& json, std::string_view path) {
  return std::uint64_t(std::max<std::int64_t>(0, core::json_int(json.text, path).value_or(0)));
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  if (s.work.empty() || s.work != c.work_id) return Events{};
  if (c.outcome != core::Outcome::done)
    return Events{Failed{c.work_id, c.code, core::clean_text(c.message, message_size_max), ctx.now}};
  Connected event;
  event.work = c.work_id;
  event.health = std::int64_t(std::min<std::uint64_t>(100, number_at(c.result, "health")));
  event.cpus = std::uint32_t(std::min<std::uint64_t>(UINT32_MAX, number_at(c.result, "cpus")));
  event.memory_mb = number_at(c.result, "memory_mb");
  event.disk_free_mb = number_at(c.result, "disk_free_mb");
  event.message = core::clean_text(core::json_text(c.result.text, "message").value_or(""), message_size_max);
  event.at = ctx.now;
  Events events{event};
  // A provider that was just added and answers is there to be used; one that was disabled on purpose stays so.
  if (s.status == Status::disconnected && !s.enabled && s.works == 1)
    events.push_back(Enabled{ctx.principal.id, ctx.now});
  return events;
}

void apply(State& s, const Added& e) {
  const auto works = s.works;  // ids of works are never used again, not even after a removal
  s = {};
  s.works = works;
  s.status = Status::disconnected;
  s.kind = e.kind;
  s.name = e.name;
  s.type = e.type;
}
void apply(State& s, const VerifyAsked& e) {
  s.work = e.work;
  ++s.works;
}
void apply(State& s, const Connected& e) {
  s.work.clear();
  s.status = Status::connected;
  s.health = e.health;
  s.cpus = e.cpus;
  s.memory_mb = e.memory_mb;
  s.disk_free_mb = e.disk_free_mb;
  s.verified_at = e.at;
  s.reason = e.message;
}
void apply(State& s, const Failed& e) {
  s.work.clear();
  s.status = Status::error;
  s.health = 0;
  s.verified_at = e.at;
  s.reason = e.code + ": " + e.message;
}
void apply(State& s, const Enabled&) {
  s.enabled = true;
  s.reason.clear();
}
void apply(State& s, const Disabled& e) {
  s.enabled = false;
  s.reason = e.reason;
}
void apply(State& s, const Removed& e) {
  s.status = Status::removed;
  s.work.clear();
  s.reason = e.reason;
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::provider
