#include "actors/verification/verification.hpp"

#include "core/json.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace nova::verification {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view end_timer = "end";
constexpr std::string_view again_timer = "again";
constexpr std::string_view secret_scheme = "secret://";
constexpr std::string_view deferred = "mail.deferred";  // what the driver says of a server that may take it later
constexpr std::size_t message_bytes_max = 300;
constexpr std::chrono::minutes look_again{1};

// One answer to all that is not good, so that nobody learns what was nearly right.
core::Error over() {
  auto error = core::refuse("auth.code_expired", "this link is over, was used, or never was good");
  error.status = 410;
  return std::move(error).fix("ask for another mail");
}

core::Error too_soon(core::Timestamp until, core::Timestamp now) {
  auto error = core::refuse("verification.limit_reached", "mails were asked for too often");
  return std::move(error).with("retry_after", std::to_string((until.ms - now.ms + 999) / 1000));
}

core::TimerAsk timer(std::string_view id, std::optional<core::Timestamp> at) { return {std::string(id), at}; }

core::EntityKey user_of(const core::EntityKey& self, const std::string& id) { return {self.tenant, "user", id}; }

std::string letter_of(const core::Context& ctx, const State& s) {
  std::string payload;
  core::JsonWriter(payload)
      .object()
      .field("template", core::name_of(s.purpose))
      .field("language", s.language)
      .field("letter", s.letter.ref)
      // Stays the same however often it is sent, so that a copy is known for one.
      .field("message", ctx.self.id + "." + std::to_string(s.issues))
      .field("at", core::to_rfc3339(s.issued_at))
      .end();
  return payload;
}

core::DoAsk send(const core::Context& ctx, const State& s) { return {s.work, "mail", "send", letter_of(ctx, s), {}}; }

// The vault has the address and the token as long as the mail may have to be sent, and no longer.
core::DoAsk forget(const State& s) {
  // "secret://path@version"; all versions, since only the last letter can be wanted.
  const std::string_view reference = s.letter.ref;
  const auto at = reference.rfind('@');
  std::string payload;
  core::JsonWriter(payload)
      .object()
      .field("path", at == reference.npos ? "" : reference.substr(secret_scheme.size(), at - secret_scheme.size()))
      .field("version", 0)
      .end();
  return {"forget-" + std::to_string(s.issues), "vault", "destroy", std::move(payload), {}};
}

bool opens_something(Purpose purpose) { return purpose == Purpose::email || purpose == Purpose::password; }

bool may_get(Purpose purpose, std::string_view status) {
  if (purpose == Purpose::email) return status == "pending";
  return status == "pending" || status == "active";
}

Outcome on(const State& s, const Issue& c, const core::Context& ctx) {
  const auto& user = ctx.fact(user_of(ctx.self, c.user));
  if (!user.exists) return core::refuse("user.not_found", "there is no such account");
  if (!may_get(c.purpose, user.status)) return core::wrong_state(user.status, {"pending"});
  if (s.status != Status::absent && (s.user != c.user || s.purpose != c.purpose))
    return core::invalid_input("user", "must stay the same");
  if (s.token_hash == c.token_hash) return Events{};
  if (s.issues > 0 && ctx.now < s.issued_at + between_mails) return too_soon(s.issued_at + between_mails, ctx.now);
  if (s.in_day >= mails_a_day_max && ctx.now < s.day_from + day) return too_soon(s.day_from + day, ctx.now);
  // What is on its way is good: it is neither overtaken nor taken from the vault under the driver's hands.
  if (s.letter_kept) return too_soon(ctx.now + between_mails, ctx.now);
  Issued event{c.user,
               c.purpose,
               c.token_hash,
               c.letter,
               core::json_text(user.document, "account.language").value_or("en"),
               "send-" + std::to_string(s.issues + 1) + "-0",
               ctx.now,
               ctx.now + life_of(c.purpose)};
  const auto next = evolve(s, event);
  return Outcome(Events{event}).work(send(ctx, next)).timer(timer(end_timer, event.expires_at));
}

Outcome on(const State& s, const Use& c, const core::Context& ctx) {
  const bool open = s.status == Status::sending || s.status == Status::sent || s.status == Status::undelivered;
  if (!open || !opens_something(s.purpose) || s.token_hash != c.token_hash || ctx.now >= s.expires_at) return over();
  const auto& user = ctx.fact(user_of(ctx.self, s.user));
  if (!may_get(s.purpose, user.status)) return over();
  // Somebody who knew the password changed it since: what was asked for before is not wanted any more.
  const auto changed = core::parse_rfc3339(core::json_text(user.document, "password_at").value_or(""));
  if (s.purpose == Purpose::password && changed && *changed > s.issued_at) return over();
  return Events{Used{ctx.now}};
}

Outcome settle_mail(const State& s, const core::Settle& c, const core::Context& ctx) {
  if (c.outcome == core::Outcome::done) return Outcome(Events{Sent{ctx.now}}).work(forget(s));
  const auto message = core::clean_text(c.message, message_bytes_max);
  const bool wanted = s.status == Status::sending && c.code.starts_with(deferred) && s.rounds < std::size(later);
  if (wanted && ctx.now + later[s.rounds] < s.expires_at) {
    const auto at = ctx.now + later[s.rounds];
    return Outcome(Events{Deferred{c.code, message, ctx.now, at}}).timer(timer(again_timer, at));
  }
  return Outcome(Events{Undelivered{c.code, message, ctx.now}}).work(forget(s));
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  if (!s.work.empty() && c.work_id == s.work) return settle_mail(s, c, ctx);
  if (s.letter_kept && s.work.empty() && c.work_id == "forget-" + std::to_string(s.issues))
    return Events{Forgotten{ctx.now}};
  return Events{};
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (c.timer_id == again_timer) {
    if (s.rounds == 0 || !s.work.empty() || !s.letter_kept || s.status != Status::sending) return Events{};
    Retried event{"send-" + std::to_string(s.issues) + "-" + std::to_string(s.rounds), ctx.now};
    const auto next = evolve(s, event);
    return Outcome(Events{event}).work(send(ctx, next));
  }
  if (c.timer_id != end_timer || s.status == Status::absent || s.status == Status::expired || ctx.now < s.expires_at)
    return Events{};
  // An attempt is a matter of seconds, and its end is waited for.
  if (!s.work.empty()) return Outcome(Events{}).timer(timer(end_timer, ctx.now + look_again));
  const bool waits = s.letter_kept && s.status == Status::sending;
  if (s.status == Status::used && !waits) return Events{};
  Outcome outcome(Events{Expired{ctx.now}});
  if (waits) return std::move(outcome).work(forget(s)).timer(timer(again_timer, std::nullopt));
  return outcome;
}

void apply(State& s, const Issued& e) {
  if (s.issues == 0 || e.at >= s.day_from + day) {
    s.day_from = e.at;
    s.in_day = 0;
  }
  ++s.in_day;
  ++s.issues;
  s.status = Status::sending;
  s.user = e.user;
  s.purpose = e.purpose;
  s.token_hash = e.token_hash;
  s.letter = e.letter;
  s.language = e.language;
  s.work = e.work;
  s.letter_kept = true;
  s.rounds = 0;
  s.issued_at = e.at;
  s.expires_at = e.expires_at;
  s.ended_at = {};
  s.reason.clear();
}
void apply(State& s, const Sent& e) {
  s.work.clear();
  if (s.status != Status::sending) return;
  s.status = Status::sent;
  s.ended_at = e.at;
}
void apply(State& s, const Deferred& e) {
  s.work.clear();
  ++s.rounds;
  s.reason = e.code + ": " + e.message;
}
void apply(State& s, const Retried& e) { s.work = e.work; }
void apply(State& s, const Undelivered& e) {
  s.work.clear();
  s.reason = e.code + ": " + e.message;
  if (s.status != Status::sending) return;
  s.status = Status::undelivered;
  s.ended_at = e.at;
}
void apply(State& s, const Used& e) {
  s.status = Status::used;
  s.ended_at = e.at;
}
void apply(State& s, const Expired& e) {
  s.status = Status::expired;
  s.ended_at = e.at;
}
void apply(State& s, const Forgotten&) { s.letter_kept = false; }

}  // namespace

std::chrono::milliseconds life_of(Purpose purpose) { return purpose == Purpose::password ? password_life : email_life; }

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  return {std::string(core::name_of(s.status)), s.user.empty() ? "" : "user/" + s.user, s.reason};
}

}  // namespace nova::verification
