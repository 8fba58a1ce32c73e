// The kill switches of a node: what it knows of them, and what they stop here.
#include "core/json.hpp"
#include "node/log.hpp"
#include "node/parts.hpp"

namespace nova::node {
namespace {

void write_reach(core::JsonWriter& writer, const core::Reach& reach) {
  writer.key("reach").object().field("external", reach.external).field("ai", reach.ai);
  for (const auto& [name, value] : {std::pair{"tenant", &reach.tenant},
                                    {"platform", &reach.platform},
                                    {"provider", &reach.provider},
                                    {"layer", &reach.layer},
                                    {"agent", &reach.agent},
                                    {"model", &reach.model}})
    if (!value->empty()) writer.field(name, *value);
  writer.end();
}

std::string in_doubt_json(const Parts& parts) {
  std::string out;
  core::JsonWriter writer(out);
  writer.array();
  for (const auto& line : parts.effects->in_doubt()) {
    writer.object().field("work", line.work).field("driver", line.driver).field("why", line.why);
    write_reach(writer, line.reach);
    writer.field("at", core::to_rfc3339(line.at)).end();
  }
  writer.end();
  return out;
}

std::string outstanding_json(const std::map<std::string, host::Outstanding>& found) {
  std::string out;
  core::JsonWriter writer(out);
  writer.array();
  for (const auto& [driver, count] : found)
    writer.object().field("driver", driver).field("waiting", count.waiting).field("running", count.running).end();
  writer.end();
  return out;
}

}  // namespace

core::Status load_switches(Parts& parts) {
  if (auto loaded = parts.switch_feed.load(*parts.store); !loaded) return loaded;
  // Nobody else can write to a file that this process holds, or to its memory.
  if (parts.config.store.kind != StoreKind::postgres) parts.switches.alone();
  for (const auto& line : parts.switches.engaged())
    log(LogLevel::warn, "a kill switch is engaged", {{"switch", line.id}, {"by", line.by}, {"reason", line.reason}});
  return core::ok();
}

Followed follow_switches(Parts& parts) {
  Followed made;
  made.follow = [&parts] { return parts.switch_feed.follow(*parts.store); };
  made.skip_to = [&parts](std::uint64_t position) { parts.switch_feed.skip_to(position); };
  made.heard = [&parts](std::chrono::nanoseconds at) { parts.switches.fresh_at(at); };
  return made;
}

void add_switch_providers(Parts& parts, gateway::Providers& providers) {
  providers.in_doubt = [&parts] { return in_doubt_json(parts); };
  providers.stopped_by = [&parts](const gateway::AiTarget& asked) {
    const auto verdict =
        parts.switches.judge(parts.switch_feed.reaches().of({asked.tenant, asked.layer, asked.agent, asked.provider}));
    return verdict.answer == core::Fence::Answer::go ? std::string() : verdict.why.message;
  };
  providers.would_stop = [&parts](kill_switch::Scope scope, std::string target, gateway::Providers::JsonDone done) {
    parts.effects->outstanding([scope, target = std::move(target)](
                                   const core::Reach& reach) { return killswitch::covers(scope, target, reach); },
                               [done = std::move(done)](const std::map<std::string, host::Outstanding>& found) {
                                 done(outstanding_json(found));
                               });
  };
}

}  // namespace nova::node
