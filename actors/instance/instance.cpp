#include "actors/instance/instance.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

#include <charconv>
#include <utility>

namespace nova::instance {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

std::string shortened(const std::string& text) { return core::clean_text(text, message_bytes_max); }

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size() && !text.empty();
}

/// The phase that a report speaks of; none for words that mean nothing here.
std::optional<Phase> phase_of(const core::Report& report, const service::ProcessFacts& facts) {
  if (report.phase == "started") return Phase::starting;
  if (report.phase == "ready") return Phase::ready;
  if (report.phase == "unready") return Phase::unready;
  if (report.phase == "quarantined") return Phase::quarantined;
  if (report.phase == "failed") return Phase::failed;
  if (report.phase == "stopped") return Phase::stopped;
  if (report.phase != "exited") return std::nullopt;
  if (facts.next_start) return Phase::backoff;
  return facts.exit_code == 0 ? Phase::stopped : Phase::failed;
}

Event event_of(Phase phase, Seen seen) {
  switch (phase) {
    case Phase::starting:
      return Started{std::move(seen)};
    case Phase::ready:
      return Ready{std::move(seen)};
    case Phase::unready:
      return Unready{std::move(seen)};
    case Phase::backoff:
      return Exited{std::move(seen)};
    case Phase::quarantined:
      return Quarantined{std::move(seen)};
    case Phase::failed:
      return Failed{std::move(seen)};
    case Phase::stopped:
      return Stopped{std::move(seen)};
  }
  return Started{std::move(seen)};
}

/// A start that follows an exit is no news for the deployment: it waits for `ready`.
bool matters(const State& s, Phase phase, const Seen& seen) {
  if (s.sequence == 0 || seen.attempt != s.attempt || seen.port != s.port) return true;
  if (phase == Phase::starting) return s.phase != Phase::starting && s.phase != Phase::backoff;
  return phase != s.phase || seen.restarts != s.restarts;
}

core::DoAsk tell(const core::Context& ctx, const Parts& parts, Phase phase, const Seen& seen) {
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("instance", ctx.self.id)
      .field("service", parts.service)
      .field("revision", parts.revision)
      .field("index", parts.index)
      .field("phase", core::name_of(phase))
      .field("port", seen.port)
      .field("restarts", seen.restarts)
      .field("attempt", seen.attempt)
      .field("code", seen.code)
      .field("message", seen.message)
      .end();
  core::SendCommand command;
  command.tenant = ctx.self.tenant;
  command.kind = "deployment";
  command.id = parts.deployment;
  command.name = "instance_changed";
  command.body.text = std::move(body);
  return {seen.work, "command", "send", core::to_json(command), {}};
}

Seen seen_by(const core::Report& c, const service::ProcessFacts& facts, const Parts& parts) {
  Seen seen;
  seen.sequence = c.sequence;
  seen.attempt = facts.attempt;
  seen.at = c.at;
  seen.pid = facts.pid;
  seen.keeper_pid = facts.keeper_pid;
  seen.port = facts.port;
  seen.restarts = facts.restarts;
  seen.exit_code = facts.exit_code;
  seen.exit_signal = facts.exit_signal;
  seen.log_path = shortened(facts.log_path);
  seen.next_start = facts.next_start;
  seen.code = shortened(c.code);
  seen.message = shortened(c.message);
  seen.deployment = parts.deployment;
  seen.service = parts.service;
  seen.revision = parts.revision;
  seen.index = parts.index;
  return seen;
}

Outcome on(const State& s, const core::Report& c, const core::Context& ctx) {
  const auto parts = parts_of(ctx.self.id);
  if (!parts) return core::invalid_input("id", "`" + ctx.self.id + "` is not the name of an instance");
  if (c.driver != "process" || c.key != ctx.self.id || c.sequence <= s.sequence) return Events{};
  auto read = core::from_json<service::ProcessFacts>(c.data.text, core::Reading::stored);
  const auto facts = read ? std::move(read).value() : service::ProcessFacts{};
  const auto phase = phase_of(c, facts);
  if (!phase) return Events{};
  auto seen = seen_by(c, facts, *parts);
  if (!matters(s, *phase, seen)) return Events{event_of(*phase, std::move(seen))};
  seen.work = "tell-" + std::to_string(s.told + 1);
  auto work = tell(ctx, *parts, *phase, seen);
  return Outcome(Events{event_of(*phase, std::move(seen))}).work(std::move(work));
}

/// Nothing waits for what became of a message to the deployment: what it does not hear, its own timers make up for.
Outcome on(const State&, const core::Settle&, const core::Context&) { return Events{}; }

Condition condition_of(Phase phase, const Seen& seen) {
  switch (phase) {
    case Phase::starting:
    case Phase::backoff:
      return Condition::starting;
    case Phase::ready:
    case Phase::unready:
      return Condition::running;
    case Phase::quarantined:
    case Phase::failed:
      return Condition::error;
    case Phase::stopped:
      return seen.pid == 0 ? Condition::stopped : Condition::stopping;
  }
  return Condition::error;
}

void apply(State& s, Phase phase, const Seen& e) {
  const bool is_exit = phase == Phase::backoff || (e.code.rfind("exit.", 0) == 0 && phase != Phase::ready);
  if (is_exit) s.last_exit = LastExit{e.at, e.exit_code, e.exit_signal, e.code, e.message};
  if (phase != s.phase || s.sequence == 0) s.since = e.at;
  s.state = condition_of(phase, e);
  s.phase = phase;
  s.code = e.code;
  s.message = e.message;
  s.pid = e.pid;
  s.keeper_pid = e.keeper_pid;
  if (e.port != 0) s.port = e.port;
  s.restarts = e.restarts;
  s.attempt = e.attempt;
  s.sequence = e.sequence;
  if (!e.log_path.empty()) s.log_path = e.log_path;
  s.next_start = e.next_start;
  if (!e.work.empty()) ++s.told;
  s.deployment = e.deployment;
  s.service = e.service;
  s.revision = e.revision;
  s.index = e.index;
}

}  // namespace

std::optional<Parts> parts_of(std::string_view id) {
  Parts parts;
  const auto cut = [&]() -> std::optional<std::string_view> {
    const auto dot = id.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto part = id.substr(dot + 1);
    id = id.substr(0, dot);
    return part;
  };
  const auto index = cut(), revision = cut(), service = cut();
  if (!index || !revision || !service || !revision->starts_with('r') || service->empty() || id.empty())
    return std::nullopt;
  if (!read_number(*index, parts.index) || !read_number(revision->substr(1), parts.revision)) return std::nullopt;
  parts.service = *service;
  parts.deployment = id;
  return parts;
}

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  constexpr Phase phases[] = {Phase::starting,    Phase::ready,  Phase::unready, Phase::backoff,
                              Phase::quarantined, Phase::failed, Phase::stopped};
  std::visit([&](const Seen& e) { apply(s, phases[event.index()], e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  core::Summary summary;
  summary.status = core::name_of(s.state);
  summary.parent = s.deployment.empty() ? std::string() : "deployment/" + s.deployment;
  const bool well = s.phase == Phase::ready;
  summary.reason = well ? std::string() : s.message;
  return summary;
}

}  // namespace nova::instance
