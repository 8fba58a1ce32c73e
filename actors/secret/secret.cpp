#include "actors/secret/secret.hpp"

#include "core/json.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace nova::secret {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view vault_driver = "vault";
constexpr std::string_view erase_all = "erase-all";
constexpr std::string_view erase_one = "erase-";

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

// Where the host seals the field `value` of this entity's commands.
std::string vault_path(const core::EntityKey& self) { return core::to_string(self) + "/value"; }

// The version that the vault gave a value. None when the reference is another's: then no value came with the command.
std::optional<std::uint64_t> version_of(const core::Secret& value, const core::EntityKey& self) {
  const std::string head = "secret://" + vault_path(self) + "@";
  std::uint64_t number = 0;
  if (!value.ref.starts_with(head)) return std::nullopt;
  const auto* begin = value.ref.data() + head.size();
  const auto* end = value.ref.data() + value.ref.size();
  const auto [stop, failed] = std::from_chars(begin, end, number);
  if (failed != std::errc() || stop != end || number > std::uint64_t(Number::max)) return std::nullopt;
  return number;
}

core::Error no_value() { return core::invalid_input("value", "must be the secret's value, not a reference"); }

bool is_path(std::string_view path) {
  return !path.empty() && std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '/' || c == '.';
  });
}

core::ClaimAsk claim(const core::Context& ctx, const std::string& path, bool release) {
  return {"secret-path/" + ctx.self.tenant + "/" + path, release, "secret.path_taken"};
}

// Whose it is, the tenant's owners and the platform's: an admin of the tenant has no power over others' secrets.
bool may_change(const State& s, const core::Context& ctx) {
  return ctx.principal.id == s.owner || core::caller_rank(ctx) >= core::rank_of(core::TenantRole::owner);
}
core::Error not_theirs() {
  return core::refuse("access.denied", "this secret is another's").fix("ask its owner, or an owner of the tenant");
}

// ---- what lies in the vault

core::DoAsk erase(const core::Context& ctx, std::uint64_t version) {
  core::DoAsk ask;
  ask.id = version == 0 ? std::string(erase_all) : std::string(erase_one) + std::to_string(version);
  ask.driver = vault_driver;
  ask.verb = "destroy";
  core::JsonWriter writer(ask.payload);
  writer.object().field("path", vault_path(ctx.self)).field("version", version).end();
  return ask;
}

std::optional<std::uint64_t> erased_version(const std::string& work) {
  if (work == erase_all) return 0;
  std::uint64_t version = 0;
  if (!work.starts_with(erase_one)) return std::nullopt;
  const auto* end = work.data() + work.size();
  const auto [stop, failed] = std::from_chars(work.data() + erase_one.size(), end, version);
  if (failed != std::errc() || stop != end) return std::nullopt;
  return version;
}

auto find_erasure(const State& s, std::uint64_t version) {
  return std::find_if(s.erasures.begin(), s.erasures.end(), [&](const Erasure& e) { return e.version == version; });
}

// ---- commands

Outcome on(const State& s, const Create& c, const core::Context& ctx) {
  const auto version = version_of(c.value, ctx.self);
  if (!version) return no_value();
  const auto path = c.path.empty() ? ctx.self.id : std::string(c.path);
  if (s.status != Status::absent) {
    const bool same = s.status == Status::active && s.version == *version && s.name == c.name && s.path == path &&
                      s.type == c.type && s.owner == ctx.principal.id;
    return same ? Outcome(Events{}) : Outcome(wrong_state(s, {"absent"}));
  }
  if (!is_path(path)) return core::invalid_input("path", "must be letters, digits and - _ / .");
  Events events{Created{c.value, *version, c.name, path, c.type, ctx.principal.id, ctx.now}};
  return Outcome(std::move(events)).claim(claim(ctx, path, false));
}

Outcome on(const State& s, const Rotate& c, const core::Context& ctx) {
  if (s.status != Status::active) return wrong_state(s, {"active"});
  if (!may_change(s, ctx)) return not_theirs();
  const auto version = version_of(c.value, ctx.self);
  if (!version) return no_value();
  if (*version == s.version) return Events{};
  // A dry run seals nothing and is told of version 0.
  if (*version != 0 && *version < s.version)
    return core::invalid_input("value", "names an earlier version of this secret");
  if (s.erasures.size() >= erasures_max)
    return core::refuse("secret.erasing", "too many earlier versions wait to be erased").fix("see `novactl doctor`");
  const auto dropped = s.versions.size() > previous_versions_max ? s.versions.front().number : 0;
  Outcome outcome(Events{Rotated{c.value, *version, dropped, ctx.principal.id, ctx.now}});
  if (dropped == 0) return outcome;
  return std::move(outcome).work(erase(ctx, dropped));
}

Outcome on(const State& s, const DestroyVersion& c, const core::Context& ctx) {
  if (s.status != Status::active) return wrong_state(s, {"active"});
  if (!may_change(s, ctx)) return not_theirs();
  const auto number = std::uint64_t(std::int64_t(c.version));
  if (number == s.version)
    return core::refuse("secret.version_current", "version " + std::to_string(number) + " is the current one")
        .fix("rotate the secret first, or destroy the whole");
  if (find_erasure(s, number) != s.erasures.end()) return Events{};
  const bool there =
      std::any_of(s.versions.begin(), s.versions.end(), [&](const Version& v) { return v.number == number; });
  if (!there) {
    auto gone = core::refuse("secret.version_gone", "there is no version " + std::to_string(number) + " any more");
    gone.status = 410;
    return gone;
  }
  if (s.erasures.size() >= erasures_max)
    return core::refuse("secret.erasing", "too many earlier versions wait to be erased").fix("see `novactl doctor`");
  return Outcome(Events{VersionDestroyed{number, ctx.principal.id, ctx.now}}).work(erase(ctx, number));
}

Outcome on(const State& s, const Destroy& c, const core::Context& ctx) {
  if (s.status == Status::destroyed) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  if (!may_change(s, ctx)) return not_theirs();
  if (!s.used_by.empty())
    return core::refuse("secret.in_use", "`" + s.used_by.front() + "` uses it")
        .with("used_by", s.used_by.front())
        .fix("remove it, or give it another secret, first");
  return Outcome(Events{Destroyed{c.reason, ctx.principal.id, ctx.now}})
      .work(erase(ctx, 0))
      .claim(claim(ctx, s.path, true));
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  const auto version = erased_version(c.work_id);
  if (!version) return Events{};
  const auto erasure = find_erasure(s, *version);
  if (erasure == s.erasures.end()) return Events{};
  if (c.outcome == core::Outcome::done) return Events{Erased{*version, ctx.now}};
  const auto message = c.message.empty() ? std::string(core::name_of(c.outcome)) : c.message;
  if (erasure->status == Erasing::failed && erasure->message == message) return Events{};
  return Events{EraseFailed{*version, c.code, message, ctx.now}};
}

bool is_used_by(const State& s, std::string_view by) {
  return std::find(s.used_by.begin(), s.used_by.end(), by) != s.used_by.end();
}

Outcome on(const State& s, const Attach& c, const core::Context& ctx) {
  if (s.status != Status::active) return core::refuse("secret.not_found", "there is no such secret");
  if (is_used_by(s, c.by)) return Events{};
  if (s.used_by.size() >= used_by_max) return core::refuse("secret.limit", "too much uses this secret");
  return Events{Attached{c.by, ctx.now}};
}
Outcome on(const State& s, const Detach& c, const core::Context& ctx) {
  if (!is_used_by(s, c.by)) return Events{};
  return Events{Detached{c.by, ctx.now}};
}

// ---- events

void apply(State& s, const Created& e) {
  s.status = Status::active;
  s.name = e.name;
  s.path = e.path;
  s.type = e.type;
  s.owner = e.owner;
  s.version = e.version;
  s.versions = {{e.version, e.value, e.owner, e.at}};
  s.created_at = s.changed_at = e.at;
  s.changed_by = e.owner;
}
void drop(State& s, std::uint64_t number) {
  std::erase_if(s.versions, [&](const Version& v) { return v.number == number; });
  s.erasures.push_back({number, Erasing::asked, {}});
}
void apply(State& s, const Rotated& e) {
  if (e.dropped != 0) drop(s, e.dropped);
  s.version = e.version;
  s.versions.push_back({e.version, e.value, e.by, e.at});
  s.changed_at = e.at;
  s.changed_by = e.by;
}
void apply(State& s, const VersionDestroyed& e) {
  drop(s, e.version);
  s.changed_at = e.at;
  s.changed_by = e.by;
}
void apply(State& s, const Destroyed& e) {
  s.status = Status::destroyed;
  s.reason = e.reason;
  s.version = 0;
  s.versions.clear();
  s.erasures = {{0, Erasing::asked, {}}};
  s.changed_at = e.at;
  s.changed_by = e.by;
}
void apply(State& s, const Attached& e) {
  if (!is_used_by(s, e.by) && s.used_by.size() < used_by_max) s.used_by.push_back(e.by);
}
void apply(State& s, const Detached& e) { std::erase(s.used_by, e.by); }
void apply(State& s, const Erased& e) {
  std::erase_if(s.erasures, [&](const Erasure& erasure) { return erasure.version == e.version; });
}
void apply(State& s, const EraseFailed& e) {
  for (auto& erasure : s.erasures)
    if (erasure.version == e.version) erasure = {e.version, Erasing::failed, e.message};
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
  for (const auto& erasure : s.erasures)
    if (erasure.status == Erasing::failed)
      return {std::string(core::name_of(s.status)), "", "a destroyed value is still in the vault: " + erasure.message};
  return {std::string(core::name_of(s.status)), "", s.reason};
}

}  // namespace nova::secret
