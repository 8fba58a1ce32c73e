#include "actors/passkey/passkey.hpp"

#include "core/json.hpp"

#include <utility>

namespace nova::passkey {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

core::ClaimAsk claim(const std::string& credential_key, bool release = false) {
  return {"passkey/" + credential_key, release, "passkey.exists"};
}

// Section 7.2 of WebAuthn: once either side counts, it must grow.
bool is_ahead(const State& s, std::int64_t count) {
  return (count == 0 && s.sign_count == 0) || std::uint64_t(count) > s.sign_count;
}

// Whoever holds the machine's own token may help an owner who lost every key; nobody else may.
bool is_of_the_house(const core::Context& ctx) {
  return ctx.principal.type == "service" || ctx.principal.type == "system";
}

Outcome on(const State& s, const Enrol& c, const core::Context& ctx) {
  if (s.status != Status::absent) return wrong_state(s, {"absent"});
  if (c.of_owner && c.credential.backup_eligible)
    return core::refuse("passkey.not_hardware", "this passkey may leave its device, and the owner's must not")
        .fix("use a security key, or a passkey that is kept on this device alone");
  return Outcome(Events{Enrolled{c.user, c.of_owner, c.name, c.credential_key, c.credential,
                                 std::uint64_t(std::int64_t(c.sign_count)), c.backed_up, ctx.now}})
      .claim(claim(c.credential_key));
}

Outcome on(const State& s, const Use& c, const core::Context& ctx) {
  if (s.status != Status::active) return wrong_state(s, {"active"});
  // Two answers with one count were verified at the same moment: one of them is not the authenticator's.
  if (!is_ahead(s, c.sign_count)) return core::refuse("auth.mfa_failed", "this passkey's answer was used before");
  return Events{Used{std::uint64_t(std::int64_t(c.sign_count)), c.backed_up, ctx.now}};
}

Outcome on(const State& s, const Alarm& c, const core::Context& ctx) {
  if (s.status != Status::active) return wrong_state(s, {"active"});
  const bool is_known = s.alarmed_at.ms != 0 && ctx.now - s.alarmed_at < alarm_interval;
  if (is_known || is_ahead(s, c.sign_count)) return Events{};
  return Events{Alarmed{s.sign_count, std::uint64_t(std::int64_t(c.sign_count)), ctx.now}};
}

Outcome on(const State& s, const Rename& c, const core::Context& ctx) {
  if (s.status != Status::active) return wrong_state(s, {"active"});
  if (s.name == c.name) return Events{};
  return Events{Renamed{c.name, ctx.now}};
}

Outcome on(const State& s, const Remove& c, const core::Context& ctx) {
  if (s.status == Status::removed) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  if (s.of_owner && !is_of_the_house(ctx)) {
    if (!ctx.caller.root_owner)
      return core::refuse("user.root_owner_immutable", "nobody takes the owner's keys away but the owner")
          .fix("ask the owner; a lost one is removed with the node's operator token");
    const auto& other = ctx.fact({ctx.self.tenant, "passkey", c.other});
    const bool is_left = c.other != ctx.self.id && other.exists && other.status == "active" &&
                         core::json_text(other.document, "user") == s.user;
    if (!is_left)
      return core::refuse("passkey.last_of_owner", "the owner keeps at least one passkey")
          .fix("enrol another one first; when this one is lost, remove it with the node's operator token");
  }
  return Outcome(Events{Removed{c.reason, ctx.principal.id, ctx.now}}).claim(claim(s.credential_key, true));
}

void apply(State& s, const Enrolled& e) {
  s.status = Status::active;
  s.user = e.user;
  s.of_owner = e.of_owner;
  s.name = e.name;
  s.credential_key = e.credential_key;
  s.credential = e.credential;
  s.sign_count = e.sign_count;
  s.backed_up = e.backed_up;
  s.enrolled_at = e.at;
}
void apply(State& s, const Used& e) {
  s.sign_count = e.sign_count;
  s.backed_up = e.backed_up;
  ++s.uses;
  s.used_at = e.at;
}
void apply(State& s, const Alarmed& e) { s.alarmed_at = e.at; }
void apply(State& s, const Renamed& e) { s.name = e.name; }
void apply(State& s, const Removed& e) {
  s.status = Status::removed;
  s.reason = e.reason;
  s.removed_at = e.at;
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
  return {std::string(core::name_of(s.status)), s.user.empty() ? "" : "user/" + s.user, s.reason};
}

}  // namespace nova::passkey
