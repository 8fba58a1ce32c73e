#include "actors/webhook_delivery/webhook_delivery.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <utility>

namespace nova::webhook_delivery {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view retry_timer = "retry";
constexpr std::string_view note_prefix = "note-";
constexpr std::size_t message_bytes_max = 300;
constexpr int gone = 410;

/// What an attempt needs to know of its endpoint, as it is now.
struct Receiver {
  std::string status;  ///< empty: there is none
  std::string url, secret, previous_secret;
  core::Timestamp grace_until;
  std::uint32_t retries = 0, retry_every_s = 1, straight_failures = 0;
};

core::EntityKey key_of(const core::Context& ctx, const std::string& endpoint) {
  return {ctx.self.tenant, "webhook_endpoint", endpoint};
}

Receiver receiver_of(const core::Context& ctx, const std::string& endpoint) {
  Receiver found;
  const auto& fact = ctx.fact(key_of(ctx, endpoint));
  if (!fact.exists) return found;
  const auto text = [&](const char* name) { return core::json_text(fact.document, name).value_or(""); };
  const auto number = [&](const char* name, std::int64_t fallback) {
    return std::uint32_t(std::clamp<std::int64_t>(core::json_int(fact.document, name).value_or(fallback), 0, 3600));
  };
  found.status = fact.status;
  found.url = text("url");
  found.secret = text("secret");
  found.previous_secret = text("previous_secret");
  found.grace_until = core::parse_rfc3339(text("grace_until")).value_or(core::Timestamp{});
  found.retries = number("retries", 3);
  found.retry_every_s = std::max(1u, number("retry_every_s", 60));
  found.straight_failures = number("straight_failures", 0);
  return found;
}

std::string attempt_payload(const State& s, const Receiver& to, const core::Context& ctx) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object()
      .field("method", "POST")
      .field("url", to.url)
      .key("headers")
      .object()
      .field("Content-Type", "application/json")
      .end()
      .field("body", s.payload)
      .field("deadline", "10s")
      .field("answer_bytes", answer_bytes_max)
      .key("sign")
      .object()
      .field("id", ctx.self.id)
      .key("secrets")
      .array()
      .value(to.secret);
  if (!to.previous_secret.empty() && ctx.now < to.grace_until) writer.value(to.previous_secret);
  writer.end().end().end();
  return out;
}

core::DoAsk tell_endpoint(const State& s, const core::Context& ctx, std::string_view verb, std::string_view code,
                          bool is_gone) {
  core::SendCommand command{ctx.self.tenant, "webhook_endpoint", s.endpoint, std::string(verb), {}};
  command.body.text.clear();
  core::JsonWriter writer(command.body.text);
  writer.object().field("delivery", ctx.self.id);
  if (verb == "note_failed") writer.field("code", code).field("gone", is_gone);
  writer.end();
  // Named by its attempt: each says once how it ended.
  return {std::string(note_prefix) + std::to_string(s.round) + "-" + std::to_string(s.attempts),
          "command",
          "send",
          core::to_json(command),
          {}};
}

/// What follows from what is known of the endpoint; `events` is what happened before in the same turn, `s` the state
/// after it.
Outcome proceed(const State& s, const core::Context& ctx, const Receiver& to, Events events) {
  if (to.status == "paused") {
    if (s.status == Status::held) return events;
    events.push_back(Held{ctx.now});
    return events;
  }
  if (to.status != "active") {
    events.push_back(Failed{"webhook.endpoint_" + (to.status.empty() ? "gone" : to.status),
                            "the endpoint takes nothing any more", ctx.now});
    return Outcome(std::move(events)).timer({std::string(retry_timer), std::nullopt});
  }
  Sending sending{s.attempts + 1, s.round, "attempt-" + std::to_string(s.round) + "-" + std::to_string(s.in_round + 1),
                  ctx.now};
  // One at a time to an endpoint, in order: a slow one takes one place, whatever waits for it.
  core::DoAsk ask{sending.work, "http", "send", attempt_payload(s, to, ctx), "webhook/" + s.endpoint};
  events.push_back(std::move(sending));
  return Outcome(std::move(events)).work(std::move(ask));
}

Outcome on(const State& s, const Create& c, const core::Context& ctx) {
  // Whoever reads the log a second time asks a second time.
  if (s.status != Status::absent) return Events{};
  const auto to = receiver_of(ctx, c.endpoint);
  if (to.status.empty() || to.status == "deleted") return Events{};
  Events events{Created{c.endpoint, c.event_type, c.event, c.payload, ctx.now}};
  if (c.overflow) {
    events.push_back(Failed{"webhook.queue_full", "too many deliveries wait for this endpoint", ctx.now});
    return events;
  }
  const auto after = evolve({}, events.back());
  return proceed(after, ctx, to, std::move(events));
}

Outcome on(const State& s, const Wake&, const core::Context& ctx) {
  const bool waits = s.status == Status::held || (s.status == Status::pending && s.work.empty());
  const auto to = receiver_of(ctx, s.endpoint);
  if (!waits || (s.status == Status::pending && to.status == "active")) return Events{};
  return proceed(s, ctx, to, {});
}

Outcome on(const State& s, const Redeliver&, const core::Context& ctx) {
  if (s.status == Status::pending || s.status == Status::held) return Events{};
  if (s.status == Status::absent) return core::wrong_state(core::name_of(s.status), {"delivered", "failed"});
  const auto to = receiver_of(ctx, s.endpoint);
  if (to.status != "active" && to.status != "paused")
    return core::refuse("webhook.endpoint_inactive", "the endpoint takes nothing now")
        .with("status", to.status)
        .fix("resume it first");
  Events events{Redelivered{s.round + 1, ctx.principal.id, ctx.now}};
  const auto after = evolve(s, events.back());
  return proceed(after, ctx, to, std::move(events));
}

// A text that differs from call to call and is the same when the turn is taken again: FNV-1a.
std::uint64_t chance(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const unsigned char c : text) hash = (hash ^ c) * 1099511628211u;
  return hash;
}

milliseconds delay_before(std::uint32_t retry, const Receiver& to, std::int64_t wanted_s, const core::Context& ctx) {
  const auto doublings = retry > even_retries ? std::min(retry - even_retries, 12u) : 0u;
  milliseconds delay = seconds(to.retry_every_s) * (1 << doublings);
  delay = std::min<milliseconds>(std::max<milliseconds>(delay, seconds(wanted_s)), retry_delay_max);
  return delay + milliseconds(std::int64_t(chance(ctx.command_id) % std::uint64_t(delay.count() / 4 + 1)));
}

Attempted attempt_of(const State& s, const core::Settle& c, const core::Context& ctx) {
  Attempted attempt;
  attempt.attempt = s.attempts;
  attempt.at = ctx.now;
  if (c.outcome != core::Outcome::done) {
    attempt.code = c.code == "http.private_address" ? "webhook.private_address"
                   : c.code.empty()                 ? "http.failed"
                                                    : c.code;
    attempt.message = core::clean_text(c.message, message_bytes_max);
    return attempt;
  }
  attempt.status = std::int32_t(std::clamp<std::int64_t>(core::json_int(c.result.text, "status").value_or(0), 0, 999));
  attempt.took_ms = std::uint64_t(std::max<std::int64_t>(core::json_int(c.result.text, "took_ms").value_or(0), 0));
  attempt.answer = core::clean_text(core::json_text(c.result.text, "body").value_or(""), answer_bytes_max);
  if (attempt.status < 200 || attempt.status > 299) {
    attempt.code = "webhook.answered_otherwise";
    attempt.message = "the receiver answered " + std::to_string(attempt.status);
  }
  return attempt;
}

// Trying these again changes nothing.
bool is_final(const Attempted& attempt) {
  return attempt.status == gone || attempt.code == "webhook.private_address" || attempt.code == "http.url_invalid" ||
         attempt.code == "http.url_credentials" || attempt.code == "http.request_invalid" ||
         attempt.code.starts_with("secret.");
}

Outcome ended(const State& s, Attempted attempt, const core::Settle& c, const core::Context& ctx) {
  const auto to = receiver_of(ctx, s.endpoint);
  if (attempt.code.empty()) {
    Outcome done(Events{std::move(attempt), Delivered{ctx.now}});
    if (to.straight_failures == 0) return done;
    return std::move(done).work(tell_endpoint(s, ctx, "note_delivered", "", false));
  }
  // While it was under way the endpoint may have been paused, or have gone.
  const bool ends_with_endpoint = to.status != "active" && to.status != "paused";
  // What a switch stopped is no fault of the endpoint, and is sent again by a person, with `redeliver`.
  if (c.outcome == core::Outcome::killed) {
    Failed killed{attempt.code, attempt.message, ctx.now};
    return Outcome(Events{std::move(attempt), std::move(killed)});
  }
  if (is_final(attempt) || ends_with_endpoint || s.in_round > to.retries) {
    Failed failed{attempt.code, attempt.message, ctx.now};
    auto note = tell_endpoint(s, ctx, "note_failed", attempt.code, attempt.status == gone);
    return Outcome(Events{std::move(attempt), std::move(failed)}).work(std::move(note));
  }
  const auto wanted_s = core::json_int(c.result.text, "retry_after_s").value_or(0);
  attempt.next_at = ctx.now + delay_before(s.in_round, to, wanted_s, ctx);
  core::TimerAsk timer{std::string(retry_timer), attempt.next_at};
  return Outcome(Events{std::move(attempt)}).timer(std::move(timer));
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  if (s.work.empty() || c.work_id != s.work) return Events{};  // a note was taken
  return ended(s, attempt_of(s, c, ctx), c, ctx);
}

// Not measured by the clock again: one that was set back would leave a delivery without a timer.
Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (c.timer_id != retry_timer || s.status != Status::pending || !s.work.empty()) return Events{};
  return proceed(s, ctx, receiver_of(ctx, s.endpoint), {});
}

void apply(State& s, const Created& e) {
  s.status = Status::pending;
  s.endpoint = e.endpoint;
  s.event_type = e.event_type;
  s.event = e.event;
  s.payload = e.payload;
  s.created_at = e.at;
}
void apply(State& s, const Sending& e) {
  s.status = Status::pending;
  s.attempts = e.attempt;
  s.in_round = e.round == s.round ? s.in_round + 1 : 1;
  s.round = e.round;
  s.work = e.work;
  s.next_at = {};
}
void apply(State& s, const Attempted& e) {
  s.work.clear();
  s.next_at = e.next_at;
  if (s.log.size() >= attempts_kept) s.log.erase(s.log.begin());
  s.log.push_back({e.attempt, e.status, e.code, e.message, e.answer, e.took_ms, e.at});
}
void apply(State& s, const Held&) {
  s.status = Status::held;
  s.next_at = {};
}
void apply(State& s, const Redelivered& e) {
  s.status = Status::pending;
  s.round = e.round;
  s.in_round = 0;
  s.code.clear();
  s.message.clear();
  s.ended_at = {};
}
void apply(State& s, const Delivered& e) {
  s.status = Status::delivered;
  s.ended_at = e.at;
}
void apply(State& s, const Failed& e) {
  s.status = Status::failed;
  s.code = e.code;
  s.message = e.message;
  s.ended_at = e.at;
  s.next_at = {};
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
  return {std::string(core::name_of(s.status)), s.endpoint.empty() ? "" : "webhook_endpoint/" + s.endpoint,
          s.message.empty() ? s.code : s.code + ": " + s.message};
}

}  // namespace nova::webhook_delivery
