// Effects whose outcome is missing: what the node looks for, and how often.
#include "node/log.hpp"
#include "node/parts.hpp"

#include <algorithm>

namespace nova::node {
namespace {

constexpr std::chrono::milliseconds look_every_max = std::chrono::seconds(10);

audit::OutcomeParts outcome_parts(Parts& parts) {
  audit::OutcomeParts made;
  made.store = parts.store.get();
  made.tenant_exists = [&parts](const std::string& tenant) { return parts.book.tenant(tenant).has_value(); };
  made.submit = [&parts](core::CommandEnvelope command) {
    auto what = core::to_string(command.target) + "." + command.name;
    parts.host->submit(std::move(command), [what = std::move(what)](const core::Result<host::Answer>& answer) {
      if (!answer) log(LogLevel::debug, what + ": " + core::to_line(answer.error()));
    });
  };
  made.due = parts.config.governance.outcome_due;
  return made;
}

}  // namespace

void watch_outcomes(Parts& parts) {
  parts.outcomes = std::make_unique<audit::Outcomes>(outcome_parts(parts));
  const auto every = std::min(look_every_max, parts.config.governance.outcome_due);
  parts.outcomes_ticker = std::make_unique<Ticker>(every, [&parts, told = std::size_t(0)]() mutable {
    if (auto looked = parts.outcomes->look(); !looked)
      return log(LogLevel::debug, "missing outcomes were not looked for: " + core::to_line(looked.error()));
    const auto missing = parts.outcomes->missing();
    if (missing > told)
      log(LogLevel::warn, "effects have no outcome although their time is over",
          {{"effects", std::to_string(missing)}, {"see", "novactl get effects"}});
    told = missing;
  });
}

}  // namespace nova::node
