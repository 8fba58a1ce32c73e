#include "actors/constitution/constitution.hpp"

#include <charconv>

namespace nova::constitution::entity {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

bool is_the_one(const core::EntityKey& key) { return key.tenant == the_tenant && key.id == the_id; }

core::Error not_here() {
  return core::refuse("constitution.not_found", "there is one constitution: `system/constitution/platform`");
}

// No policy can change this, since it is what policies come from.
std::optional<core::Error> not_the_owner(const core::Context& ctx) {
  if (ctx.principal.type == "user" && ctx.caller.root_owner) return std::nullopt;
  return core::refuse("auth.owner_required", "only the owner of this installation may amend the constitution");
}

struct Numbers {
  int major = 1, minor = 0, patch = 0;
};
Numbers numbers_of(const std::string& version) {
  Numbers made;
  int* parts[] = {&made.major, &made.minor, &made.patch};
  const char *at = version.data(), *const end = at + version.size();
  for (int* part : parts) {
    const auto read = std::from_chars(at, end, *part);
    at = read.ptr == end ? end : read.ptr + 1;
  }
  return made;
}

// What loosens may break what people count on: that is a major step.
std::string next_version(const State& s, Step step) {
  if (s.status == Status::absent) return "1.0.0";
  const auto now = numbers_of(s.active.version);
  if (step == Step::tightening) return std::to_string(now.major) + "." + std::to_string(now.minor + 1) + ".0";
  return std::to_string(now.major + 1) + ".0.0";
}

Outcome on(const State& s, const Draft& c, const core::Context& ctx) {
  if (!is_the_one(ctx.self)) return not_here();
  const bool runtime = ctx.principal == core::system_principal();
  if (auto no = runtime ? std::nullopt : not_the_owner(ctx)) return *no;
  if (c.number > c.of) return core::refuse("input.invalid", "a draft has no part after its last");
  const bool goes_on = s.draft && s.draft->digest == c.digest && s.draft->of == std::uint32_t(c.of);
  if (goes_on && std::uint32_t(c.number) <= s.draft->have) return Events{};
  if (c.number != 1 && !(goes_on && std::uint32_t(c.number) == s.draft->have + 1))
    return core::refuse("constitution.draft_broken", "another part of the draft was expected")
        .fix("send the whole again");
  const auto first = c.number == 1 ? ctx.version + 1 : s.draft->first;
  return Events{
      Drafted{c.digest, std::uint32_t(c.number), std::uint32_t(c.of), c.text, ctx.principal.id, ctx.now, first}};
}

std::optional<core::Error> no_such_draft(const State& s, const std::string& digest) {
  if (s.draft && s.draft->digest == digest && s.draft->have == s.draft->of) return std::nullopt;
  return core::refuse("constitution.draft_gone", "this text is not the draft, or not all of it is there")
      .fix("send the whole text again");
}

std::optional<core::Error> not_amendable(const State& s, const std::string& digest, const std::string& from,
                                         const core::Context& ctx) {
  if (!is_the_one(ctx.self)) return not_here();
  if (auto no = not_the_owner(ctx)) return no;
  if (from != s.active.version)
    return core::refusal("constitution.already_amended", "the constitution is at version " + s.active.version + " now")
        .with("version", s.active.version)
        .fix("look at it, and plan the amendment again");
  return no_such_draft(s, digest);
}

Outcome amended(const State& s, Step step, const std::string& factor, const std::string& reason,
                const core::Context& ctx) {
  return Events{Amended{next_version(s, step), s.draft->digest, step, s.draft->first, s.draft->of, ctx.principal.id,
                        factor, reason, ctx.now}};
}

Outcome on(const State& s, const Amend& c, const core::Context& ctx) {
  if (s.active.digest == c.digest && s.status == Status::active) return Events{};
  if (auto no = not_amendable(s, c.digest, c.from, ctx)) return *no;
  return amended(s, Step::tightening, c.factor, c.reason, ctx);
}

Outcome on(const State& s, const AmendLoosening& c, const core::Context& ctx) {
  if (s.active.digest == c.digest && s.status == Status::active) return Events{};
  if (auto no = not_amendable(s, c.digest, c.from, ctx)) return *no;
  const auto not_before = s.draft->at + loosening_wait;
  if (ctx.now < not_before) {
    auto early =
        core::refusal("constitution.too_early", "a text that may allow more waits for 60 seconds after it was drafted")
            .with("not_before", core::to_rfc3339(not_before))
            .fix("look at its plan, and confirm it then: `novactl constitution confirm`");
    early.status = 409;
    early.retryable = true;
    return early;
  }
  return amended(s, Step::loosening, c.factor, c.reason, ctx);
}

Outcome on(const State& s, const Install& c, const core::Context& ctx) {
  if (!is_the_one(ctx.self)) return not_here();
  if (!c.recovery && s.status == Status::active) return Events{};
  if (auto no = no_such_draft(s, c.digest)) return *no;
  const auto step = c.recovery ? Step::recovery : Step::genesis;
  return Events{
      Installed{next_version(s, step), s.draft->digest, step, s.draft->first, s.draft->of, c.reason, ctx.now}};
}

void apply(State& s, const Drafted& e) { s.draft = OpenDraft{e.digest, e.of, e.number, e.first, e.by, e.at}; }

void activate(State& s, Version next) {
  if (s.status == Status::active) {
    s.superseded.push_back(std::move(s.active));
    ++s.amendments;
    if (s.superseded.size() > history_max) s.superseded.erase(s.superseded.begin());
  }
  s.status = Status::active;
  s.active = std::move(next);
  s.draft.reset();
}
void apply(State& s, const Amended& e) { activate(s, {e.version, e.digest, e.step, e.first, e.parts, e.by, e.at}); }
void apply(State& s, const Installed& e) {
  activate(s, {e.version, e.digest, e.step, e.first, e.parts, "system", e.at});
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
  return {std::string(core::name_of(s.status)), "", s.status == Status::active ? "version " + s.active.version : ""};
}

}  // namespace nova::constitution::entity
