#include "actors/webhook_endpoint/webhook_endpoint.hpp"

#include "actors/webhook_endpoint/event_types.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"

#include <utility>

namespace nova::webhook_endpoint {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;
using Refusal = std::optional<core::Error>;

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

bool exists(const State& s) { return s.status != Status::absent && s.status != Status::deleted; }

// The rest of a URL is judged where the configuration is known, and again when a socket is opened.
Refusal refuse_url(std::string_view url) {
  if (url.starts_with("https://") || url.starts_with("http://")) return std::nullopt;
  return core::invalid_input("url", "must begin with https:// or http://");
}

Refusal refuse_events(const std::set<EventName>& events) {
  for (const auto& event : events)
    if (!is_event_type(event))
      return core::refuse("webhook.unknown_event", "`" + event + "` is no type of event that webhooks are for")
          .with("event", event);
  return std::nullopt;
}

// All versions, those of rotations too: nothing is signed for it any more.
core::DoAsk erase_secrets(const core::Context& ctx) {
  core::DoAsk ask;
  ask.id = "erase";
  ask.driver = "vault";
  ask.verb = "destroy";
  core::JsonWriter(ask.payload).object().field("path", core::to_string(ctx.self) + "/secret").field("version", 0).end();
  return ask;
}

Outcome on(const State& s, const Create& c, const core::Context& ctx) {
  if (s.status != Status::absent) return wrong_state(s, {"absent"});
  if (auto no = refuse_url(c.url)) return *no;
  if (c.events.empty()) return core::invalid_input("events", "must name at least one");
  if (auto no = refuse_events(c.events)) return *no;
  if (c.secret.ref.empty()) return core::invalid_input("secret", "is missing");
  return Events{Created{c.url,
                        c.secret,
                        {c.events.begin(), c.events.end()},
                        c.description,
                        std::uint32_t(c.retries),
                        std::uint32_t(c.retry_every_s),
                        ctx.principal.id,
                        ctx.now}};
}

Outcome on(const State& s, const Update& c, const core::Context& ctx) {
  if (!exists(s)) return wrong_state(s, {"active", "paused", "disabled"});
  if (!c.url && c.events.empty() && !c.description && !c.retries && !c.retry_every_s)
    return core::refuse("input.nothing_to_change", "nothing was given that could change");
  if (auto no = c.url ? refuse_url(*c.url) : std::nullopt) return *no;
  if (auto no = refuse_events(c.events)) return *no;
  Updated after{c.url ? std::string(*c.url) : s.url,
                c.events.empty() ? s.events : std::vector<std::string>(c.events.begin(), c.events.end()),
                c.description ? std::string(*c.description) : s.description,
                c.retries ? std::uint32_t(*c.retries) : s.retries,
                c.retry_every_s ? std::uint32_t(*c.retry_every_s) : s.retry_every_s,
                ctx.principal.id,
                ctx.now};
  if (after.url == s.url && after.events == s.events && after.description == s.description &&
      after.retries == s.retries && after.retry_every_s == s.retry_every_s)
    return Events{};
  return Events{std::move(after)};
}

Outcome on(const State& s, const Rotate& c, const core::Context& ctx) {
  if (!exists(s)) return wrong_state(s, {"active", "paused", "disabled"});
  if (c.secret.ref.empty()) return core::invalid_input("secret", "is missing");
  if (c.secret == s.secret) return Events{};
  return Events{Rotated{c.secret, ctx.now + std::chrono::seconds(std::int64_t(c.grace_s)), ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Pause& c, const core::Context& ctx) {
  if (s.status == Status::paused) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  return Events{Paused{c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Resume&, const core::Context& ctx) {
  if (s.status == Status::active) return Events{};
  if (s.status != Status::paused && s.status != Status::disabled) return wrong_state(s, {"paused", "disabled"});
  return Events{Resumed{ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Delete& c, const core::Context& ctx) {
  if (s.status == Status::deleted) return Events{};
  if (!exists(s)) return wrong_state(s, {"active", "paused", "disabled"});
  return Outcome(Events{Deleted{c.reason, ctx.principal.id, ctx.now}}).work(erase_secrets(ctx));
}

// The delivery's id is the command's, which is unique and begins with the time, as those of other deliveries do.
Outcome on(const State& s, const Test&, const core::Context& ctx) {
  if (s.status != Status::active) return wrong_state(s, {"active"});
  std::string payload;
  core::JsonWriter(payload)
      .object()
      .field("type", test_type)
      .field("timestamp", core::to_rfc3339(ctx.now))
      .key("data")
      .object()
      .field("tenant", ctx.self.tenant)
      .field("endpoint", ctx.self.id)
      .field("by", ctx.principal.id)
      .end()
      .end();
  core::SendCommand command{ctx.self.tenant, "webhook_delivery", ctx.command_id, "create", {}};
  command.body.text.clear();
  core::JsonWriter(command.body.text)
      .object()
      .field("endpoint", ctx.self.id)
      .field("event_type", test_type)
      .field("event", ctx.command_id)
      .field("payload", payload)
      .end();
  Tested tested{ctx.command_id, "test-" + ctx.command_id, ctx.principal.id, ctx.now};
  core::DoAsk ask{tested.work, "command", "send", core::to_json(command), {}};
  return Outcome(Events{std::move(tested)}).work(std::move(ask));
}

Outcome on(const State& s, const NoteDelivered&, const core::Context& ctx) {
  if (s.straight_failures == 0) return Events{};
  return Events{Recovered{ctx.now}};
}

Outcome on(const State& s, const NoteFailed& c, const core::Context& ctx) {
  if (!exists(s)) return Events{};
  Events events{DeliveryFailed{c.delivery, c.code, ctx.now}};
  if (s.status != Status::active && s.status != Status::paused) return events;
  if (c.gone)
    events.push_back(Disabled{"the receiver answered 410: it wants nothing more", ctx.now});
  else if (s.straight_failures + 1 >= straight_failures_max)
    events.push_back(
        Disabled{std::to_string(straight_failures_max) + " deliveries failed one after the other", ctx.now});
  return events;
}

// The delivery of a test was made, or is there already, or the secrets of a deleted one were erased: nothing is left to
// do.
Outcome on(const State&, const core::Settle&, const core::Context&) { return Events{}; }

void enter(State& s, Status status, std::string reason, const std::string& by, core::Timestamp at) {
  s.status = status;
  s.reason = std::move(reason);
  s.changed_by = by;
  s.changed_at = at;
}

void apply(State& s, const Created& e) {
  s.url = e.url;
  s.secret = e.secret;
  s.events = e.events;
  s.description = e.description;
  s.retries = e.retries;
  s.retry_every_s = e.retry_every_s;
  s.created_by = e.by;
  s.created_at = s.rotated_at = e.at;
  enter(s, Status::active, "", e.by, e.at);
}
void apply(State& s, const Updated& e) {
  s.url = e.url;
  s.events = e.events;
  s.description = e.description;
  s.retries = e.retries;
  s.retry_every_s = e.retry_every_s;
  s.changed_by = e.by;
  s.changed_at = e.at;
}
void apply(State& s, const Rotated& e) {
  s.previous_secret = s.secret;
  s.grace_until = e.grace_until;
  s.secret = e.secret;
  s.rotated_at = e.at;
}
void apply(State& s, const Paused& e) { enter(s, Status::paused, e.reason, e.by, e.at); }
void apply(State& s, const Resumed& e) {
  s.straight_failures = 0;
  enter(s, Status::active, "", e.by, e.at);
}
void apply(State& s, const Deleted& e) { enter(s, Status::deleted, e.reason, e.by, e.at); }
void apply(State&, const Tested&) {}
void apply(State& s, const Recovered&) { s.straight_failures = 0; }
void apply(State& s, const DeliveryFailed& e) {
  ++s.straight_failures;
  s.last_failure = e.code;
  s.last_failed_at = e.at;
}
void apply(State& s, const Disabled& e) { enter(s, Status::disabled, e.reason, "system", e.at); }

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::webhook_endpoint
