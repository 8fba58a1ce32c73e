// What the API shows of the node beside its own counts.
#include "actors/webhook_endpoint/event_types.hpp"
#include "core/json.hpp"
#include "drivers/process/logs.hpp"
#include "node/parts.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include <charconv>

namespace nova::node {
namespace {

using namespace std::chrono_literals;
using core::JsonWriter;
using JsonDone = gateway::Providers::JsonDone;

constexpr auto tree_limit = 500ms;  // a service that does not answer by then is shown as such

struct Line {
  std::string name, kind, status, reason, last_error, facts = "{}";
  std::uint64_t restarts = 0, mailbox = 0;
};

void write(JsonWriter& json, const Line& line) {
  json.object();
  json.field("name", line.name).field("kind", line.kind).field("status", line.status).field("reason", line.reason);
  json.field("restarts", line.restarts).field("mailbox", line.mailbox).field("last_error", line.last_error);
  json.raw_field("facts", line.facts).key("children").array().end();
  json.end();
}

Line line_of(const supervision::TreeNode& node) {
  Line line;
  line.name = node.name;
  line.kind = "actor";
  line.status = node.answers ? node.state : "no answer";
  line.restarts = node.restarts;
  line.mailbox = node.mailbox.value_or(0);
  line.last_error = node.last_error;
  return line;
}

Line store_line(const Parts& parts) {
  const auto health = parts.store->health();
  Line line{"store", "store", health.writable ? "running" : "read_only", health.reason, "", "{}", 0, health.queued};
  line.facts.clear();
  JsonWriter(line.facts)
      .object()
      .field("kind", core::name_of(parts.config.store.kind))
      .field("head", health.head)
      .field("commits", health.commits)
      .end();
  return line;
}

Line gate_line(const Parts& parts) {
  const auto now = parts.constitution->now();
  Line line{"governance", "gate", now->constitution ? "running" : "closed", "", "", "{}", 0, 0};
  if (now->unloadable) line.reason = "no constitution is in force: " + now->unloadable->message;
  return line;
}

Line gateway_line(const Parts& parts) {
  const auto stats = parts.gateway->stats();
  Line line{"gateway", "gateway", "running", "", "", "{}", 0, stats.work_waiting};
  line.facts.clear();
  JsonWriter(line.facts)
      .object()
      .field("port", int(parts.gateway->port()))
      .field("connections", stats.connections)
      .field("requests", stats.requests)
      .end();
  return line;
}

Line driver_line(const host::KeepDriver& driver) {
  const auto lines = driver.snapshot();
  Line line{std::string(driver.name()), "driver", "running", "", "", "{}", 0, 0};
  std::size_t unwell = 0;
  for (const auto& kept : lines)
    if (kept.phase == "failed" || kept.phase == "quarantined") ++unwell;
  if (unwell > 0) line.reason = std::to_string(unwell) + " of " + std::to_string(lines.size()) + " need attention";
  line.facts.clear();
  JsonWriter(line.facts).object().field("kept", lines.size()).field("unwell", unwell).end();
  return line;
}

Line effects_facts(const Parts& parts, Line line) {
  const auto stats = parts.effects->stats();
  line.facts.clear();
  JsonWriter(line.facts)
      .object()
      .field("waiting", stats.works_waiting)
      .field("running", stats.works_running)
      .field("done", stats.works_done)
      .field("failed", stats.works_failed)
      .field("retried", stats.works_retried)
      .field("timers", stats.timers_waiting)
      .field("reports_waiting", stats.reports_waiting)
      .end();
  return line;
}

void services(Parts& parts, JsonDone done) {
  parts.tree(tree_limit, [&parts, done](supervision::TreeNode root) {
    std::string out;
    JsonWriter json(out);
    json.array();
    write(json, store_line(parts));
    write(json, gate_line(parts));
    write(json, gateway_line(parts));
    for (const auto& child : root.children) {
      auto line = line_of(child);
      if (child.name == "effects") line = effects_facts(parts, std::move(line));
      write(json, line);
    }
    for (const auto& driver : parts.keep_drivers) write(json, driver_line(*driver));
    json.end();
    done(std::move(out));
  });
}

struct Check {
  std::string name, level, detail, remedy;
};

Check disk_check(const Parts& parts) {
  constexpr std::uint64_t amber = 1ull << 30, red = 64ull << 20;
  struct statvfs disk {};
  if (::statvfs(parts.state_dir().c_str(), &disk) != 0)
    return {"disk", "red", "the state folder cannot be read", "see the log"};
  const std::uint64_t free = std::uint64_t(disk.f_bavail) * disk.f_frsize;
  Check check{"disk", "green", std::to_string(free >> 20) + " MiB are free", ""};
  if (free < amber) check.level = free < red ? "red" : "amber";
  if (free < amber) check.remedy = "free space under `" + parts.state_dir().string() + "`";
  return check;
}

Check store_check(const Parts& parts) {
  const auto health = parts.store->health();
  if (!health.writable)
    return {"store", "red", health.reason,
            health.reason.starts_with("store.damaged") ? "restore the newest backup (docs/recovery.md)"
                                                       : "free space or repair the disk; the node goes on by itself"};
  if (!health.warnings.empty()) return {"store", "amber", health.warnings.front(), "the detail says what to do"};
  return {"store", "green", "writable at position " + std::to_string(health.head), ""};
}

// A clock that jumps makes timers and leases lie; compared with the monotonic clock since the node began.
Check clock_check(const Parts& parts) {
  static const auto first_monotonic = core::system_clock().monotonic();
  static const auto first_wall = core::system_clock().now();
  const auto wall = core::system_clock().now() - first_wall;
  const auto monotonic =
      std::chrono::duration_cast<std::chrono::milliseconds>(core::system_clock().monotonic() - first_monotonic);
  const auto skew = wall > monotonic ? wall - monotonic : monotonic - wall;
  Check check{"clock", "green", "no jump since the first look at it", ""};
  if (skew > 2s) {
    check.level = "amber";
    check.detail = "the clock jumped by " + core::to_text(skew);
    check.remedy = "keep the machine's time with NTP";
  }
  if (core::system_clock().now() < parts.started_at) check.level = "red";
  return check;
}

Check audit_check(const Parts& parts) {
  const auto now = parts.constitution->now();
  if (now->unloadable)
    return {"governance", "red", "no constitution is in force: " + core::to_line(*now->unloadable),
            "the owner amends it, or `novad recover`"};
  return {"governance", "green",
          "roles and constitution " + now->version + " decide, each decision is stored with its command", ""};
}

Check keeper_check(const Parts& parts) {
  const auto keeper = parts.program_dir / "nova-keeper";
  if (::access(keeper.c_str(), X_OK) != 0)
    return {"keeper", "red", "`" + keeper.string() + "` is not there: no service can start",
            "install the whole package"};
  return {"keeper", "green", "found beside novad", ""};
}

Check edge_check(const Parts& parts) {
  const std::string haproxy = parts.config.edge.haproxy;
  if (!parts.config.edge.enabled)
    return {"edge", "amber", "switched off: services have no stable ports", "set edge.enabled"};
  if (::access(haproxy.c_str(), X_OK) != 0) return {"edge", "red", "`" + haproxy + "` is not there", "install haproxy"};
  return {"edge", "green", haproxy, ""};
}

Check effects_check(const Parts& parts) {
  const auto stats = parts.effects->stats();
  Check check{"effects", "green",
              std::to_string(stats.works_waiting) + " wait, " + std::to_string(stats.works_running) + " run", ""};
  auto letters = parts.store->dead_letters("pending", "", 1);
  if (letters && !letters->empty()) {
    check.level = "amber";
    check.detail += "; dead letters wait for a person";
    check.remedy = "look at GET /v1/dead-letters";
  }
  if (const auto missing = parts.outcomes ? parts.outcomes->missing() : 0; missing > 0) {
    check.level = "amber";
    check.detail += "; " + std::to_string(missing) + " have no outcome although their time is over";
    check.remedy = "look at `novactl get effects`";
  }
  return check;
}

Check vault_check(const Parts& parts) {
  const auto usable = parts.vault->usable();
  if (usable) return {"vault", "ok", "opens what is sealed in it", ""};
  return {"vault", "error", usable.error().code + ": " + usable.error().message, usable.error().remedy};
}

void doctor(Parts& parts, JsonDone done) {
  std::string out;
  JsonWriter json(out);
  json.array();
  for (const auto& check : {store_check(parts), vault_check(parts), disk_check(parts), clock_check(parts),
                            audit_check(parts), keeper_check(parts), edge_check(parts), effects_check(parts)})
    json.object()
        .field("name", check.name)
        .field("level", check.level)
        .field("detail", check.detail)
        .field("remedy", check.remedy)
        .end();
  json.end();
  done(std::move(out));
}

void node_facts(Parts& parts, JsonDone done) {
  std::string out;
  JsonWriter json(out);
  json.object();
  json.field("pid", ::getpid()).field("started_at", core::to_rfc3339(parts.started_at));
  json.key("config").object();
  for (const auto& [path, origin] : parts.origins) json.field(path, origin);
  json.end();
  json.end();
  done(std::move(out));
}

void add_metric(std::string& out, std::string_view name, std::string_view type, std::string_view help,
                std::uint64_t value) {
  out.append("# HELP nova_").append(name).append(" ").append(help).append("\n# TYPE nova_").append(name).append(" ");
  out.append(type).append("\nnova_").append(name).append(" ").append(std::to_string(value)).append("\n");
}

std::string metrics(Parts& parts) {
  const auto stats = parts.effects->stats();
  std::string out;
  add_metric(out, "effects_works_done_total", "counter", "Works that ended well.", stats.works_done);
  add_metric(out, "effects_works_failed_total", "counter", "Works that failed for good.", stats.works_failed);
  add_metric(out, "effects_works_retried_total", "counter", "Attempts that are tried again.", stats.works_retried);
  add_metric(out, "effects_works_waiting", "gauge", "Works that wait.", stats.works_waiting);
  add_metric(out, "effects_works_running", "gauge", "Works that run.", stats.works_running);
  add_metric(out, "effects_timers_waiting", "gauge", "Timers that wait.", stats.timers_waiting);
  add_metric(out, "effects_reports_total", "counter", "Reports of drivers.", stats.reports);
  add_metric(out, "effects_reports_dropped_total", "counter", "Reports that newer ones replaced.",
             stats.reports_dropped);
  add_metric(out, "effects_outcomes_missing", "gauge", "Effects without an outcome although their time is over.",
             parts.outcomes ? parts.outcomes->missing() : 0);
  for (const auto& driver : parts.keep_drivers)
    add_metric(out, std::string(driver->name()) + "_kept", "gauge", "Things this driver keeps.",
               driver->snapshot().size());
  return out;
}

// The cursor is the position in the instance's log as a number.
core::Result<gateway::LogLines> read_log(const Parts& parts, const core::EntityKey& instance, const std::string& cursor,
                                         std::size_t lines) {
  const process::LogReader reader(std::filesystem::absolute(parts.state_dir()) / "run/process");
  std::uint64_t position = 0;
  if (!cursor.empty()) {
    const auto [end, failed] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), position);
    if (failed != std::errc() || end != cursor.data() + cursor.size())
      return core::invalid_input("cursor", "is none that this node gave");
  }
  auto read = cursor.empty() ? reader.last(instance.tenant, instance.id, lines)
                             : reader.from(instance.tenant, instance.id, position, lines);
  if (!read) return read.error();
  return gateway::LogLines{std::move(read->lines), std::to_string(read->next)};
}

}  // namespace

namespace {

std::string webhook_events() {
  std::string out;
  core::JsonWriter writer(out);
  writer.array();
  for (const auto& type : webhook_endpoint::event_types()) {
    writer.object().field("name", type.name).key("sources").array();
    for (const auto source : type.sources) writer.value(source);
    writer.end().end();
  }
  writer.end();
  return out;
}

}  // namespace

gateway::Providers make_providers(Parts& parts) {
  gateway::Providers made;
  made.services = [&parts](JsonDone done) { services(parts, std::move(done)); };
  made.doctor = [&parts](JsonDone done) { doctor(parts, std::move(done)); };
  made.node = [&parts](JsonDone done) { node_facts(parts, std::move(done)); };
  made.metrics = [&parts] { return metrics(parts); };
  made.not_ready = [&parts] {
    const auto now = parts.constitution->now();
    return now->constitution ? std::vector<std::string>()
                             : std::vector<std::string>{"no constitution is in force: " + now->unloadable->code};
  };
  made.is_secret = [&parts](const std::string& reference, const std::string& value) {
    auto held = parts.vault->reveal(reference);
    return held && *held == value;
  };
  made.has_source = [&parts](const std::string& digest) -> core::Result<bool> { return parts.sources->has(digest); };
  made.put_source = [&parts](const std::string& digest, const std::string& file) {
    return parts.sources->put(digest, file);
  };
  made.retry_dead_letter = [&parts](const store::DeadLetter& letter, std::function<void(core::Status)> done) {
    parts.effects->retry(letter, std::move(done));
  };
  made.webhook_events = webhook_events();
  made.judge_url = [&parts](const std::string& url) { return http::check_url(url, {allowed_of(parts.config.http)}); };
  made.read_log = [&parts](const core::EntityKey& instance, const std::string& cursor, std::size_t lines) {
    return read_log(parts, instance, cursor, lines);
  };
  return made;
}

}  // namespace nova::node
