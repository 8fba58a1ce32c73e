// Ends the requests to AI that a kill switch covers (S03): those under way when it was engaged, and those that began
// while word of it was on its way.
#include "actors/ai_execution/ai_execution.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "node/log.hpp"
#include "node/parts.hpp"

#include <optional>
#include <string>

namespace nova::node {
namespace {

/// The bound of S03 is a second: a new switch is seen within one look, and each further look is the whole of it again.
constexpr std::chrono::milliseconds pace{250};
constexpr unsigned looks_between = 4;
constexpr std::size_t page_documents = 500;
constexpr std::chrono::seconds command_limit{10};

/// Why it is stopped; none: no switch covers it. What is only not known ends nothing that was allowed.
std::optional<std::string> stopped(const Parts& parts, const store::Document& execution) {
  const auto text = [&](const char* path) { return core::json_text(execution.body, path).value_or(""); };
  for (const char* agent : {"request.agent", "request.requester.agent"}) {
    const auto verdict = parts.switches.judge(parts.switch_feed.reaches().of(
        {execution.key.tenant, text("request.layer"), text(agent), text("request.provider")}));
    if (verdict.answer == core::Fence::Answer::stop) return verdict.why.message.substr(0, core::Reason::size_max);
  }
  return std::nullopt;
}

void kill(Parts& parts, const core::EntityKey& execution, const std::string& why) {
  core::CommandEnvelope command;
  const auto now = core::system_clock().now();
  command.id = core::new_uuid(now);
  command.target = execution;
  command.name = "kill";
  command.body = "{\"reason\":" + core::json_escape(why) + "}";
  command.principal = core::system_principal();
  command.correlation = command.id;
  command.deadline = now + command_limit;
  parts.host->submit(std::move(command), [execution](const core::Result<host::Answer>& answer) {
    if (!answer) log(LogLevel::debug, core::to_string(execution) + ".kill: " + core::to_line(answer.error()));
  });
}

core::Status kill_covered(Parts& parts) {
  for (const char* status : {"requested", "held", "allowed", "running"}) {
    store::DocumentQuery query;
    query.kind = "ai_execution";
    query.status = status;
    query.limit = page_documents;
    do {
      auto page = parts.store->documents(query);
      if (!page) return std::move(page).error();
      for (const auto& execution : page->items)
        if (const auto why = stopped(parts, execution)) kill(parts, execution.key, *why);
      query.after = std::move(page->next);
    } while (!query.after.empty());
  }
  return core::ok();
}

}  // namespace

std::unique_ptr<Ticker> make_ai_stops(Parts& parts) {
  return std::make_unique<Ticker>(pace, [&parts, seen = std::uint64_t(0), looks = 0u]() mutable {
    const auto epoch = parts.switches.epoch();
    if (epoch == seen && ++looks % looks_between != 0) return;
    if (parts.switches.engaged().empty()) {
      seen = epoch;
      return;
    }
    // What the host could not take is looked for again.
    if (auto done = kill_covered(parts); !done)
      log(LogLevel::warn, "requests to AI that are switched off were not read: " + core::to_line(done.error()));
    else
      seen = epoch;
  });
}

}  // namespace nova::node
