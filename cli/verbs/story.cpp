#include "cli/verbs/story.hpp"

#include "cli/json.hpp"
#include "cli/text/safe.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace nova::cli {
namespace {

// Beside a reason, the facts that tell one event of a type from the next.
constexpr std::array<const char*, 12> facts = {"revision", "service",  "instance", "step",  "phase",    "health",
                                               "port",     "restarts", "to",       "count", "decision", "code"};

std::string short_time(const std::string& rfc3339) {
  return rfc3339.size() >= 23 ? rfc3339.substr(0, 10) + " " + rfc3339.substr(11, 12) : rfc3339;
}

}  // namespace

std::string actor_of(const Json& event) {
  const Json& principal = at(event, "meta.principal");
  return principal.is_object() ? text_at(principal, "id") : text_at(event, "meta.principal");
}

std::string reason_of(const Json& event) {
  std::string text;
  for (const char* name : facts) {
    const auto value = text_at(event, std::string("data.") + name);
    if (!value.empty() && value != "0") text += (text.empty() ? "" : " ") + std::string(name) + "=" + value;
  }
  for (const char* name : {"reason", "message", "title"}) {
    const auto value = text_at(event, std::string("data.") + name);
    if (!value.empty()) text += (text.empty() ? "" : ": ") + value;
  }
  return text;
}

namespace {

std::string revisions_text(const Session& session, const Json& state) {
  Table table({"REVISION", "STATE", "SERVES", "BLUEPRINT", "BY", "AT", "REASON"});
  for (const auto& revision : at(state, "revisions")) {
    const auto number = number_at(revision, "number");
    const std::string serves = number == number_at(state, "current")     ? "yes"
                               : number == number_at(state, "candidate") ? "soon"
                                                                         : "";
    table.row({std::to_string(number), text_at(revision, "state"), serves, text_at(revision, "blueprint_version"),
               text_at(revision, "by"), short_time(text_at(revision, "at")), text_at(revision, "reason")});
  }
  return table.text(session.paint(), 1);
}

const Json& shown_revision(const Json& state) {
  static const Json none;
  const auto wanted = number_at(state, "current") ? number_at(state, "current") : number_at(state, "last_revision");
  for (const auto& revision : at(state, "revisions"))
    if (number_at(revision, "number") == wanted) return revision;
  return none;
}

std::string words_of(const Json& list, const char* between) {
  std::string text;
  for (const auto& word : list)
    if (word.is_string()) text += (text.empty() ? "" : between) + word.get<std::string>();
  return text;
}

std::string services_text(const Session& session, const Json& state) {
  Table table({"SERVICE", "SCALE", "PORT", "NEEDS", "RUN", "SOURCE"});
  for (const auto& [name, service] : at(shown_revision(state), "services").items()) {
    const auto changed = at(state, "scales").is_object() && at(state, "scales").contains(name)
                             ? at(state, "scales").at(name).dump()
                             : "";
    const auto port = number_at(service, "port");
    table.row({name, changed.empty() ? text_at(service, "scale") : changed, port ? std::to_string(port) : "",
               words_of(at(service, "needs"), ","), words_of(at(service, "run"), " "),
               text_at(service, "source.path") + " " + text_at(service, "source.digest").substr(0, 19)});
  }
  return table.empty() ? std::string() : "\nServices:\n" + table.text(session.paint());
}

}  // namespace

std::string deployment_text(const Session& session, const Json& item) {
  const Json& state = at(item, "state");
  const auto reason = safe(text_at(state, "health_reason"));
  std::string text = "Health:     " + session.paint().status(safe(text_at(state, "health"))) +
                     (reason.empty() ? "" : " (" + reason + ")") + "\n";
  for (const auto& [service, escalation] : at(state, "escalations").items())
    text += "Escalation: " + safe(escalation.is_string() ? escalation.get<std::string>() : "") + " (service " +
            safe(service) + ")\n";
  return text + "\nRevisions:\n" + revisions_text(session, state) + services_text(session, state);
}

std::string events_text(const Session& session, const Json& events) {
  if (events.empty()) return "none\n";
  Table table({"TIME", "EVENT", "BY", "WHAT"});
  for (const auto& event : events)
    table.row({short_time(text_at(event, "time")), text_at(event, "type"), actor_of(event), reason_of(event)});
  return table.text(session.paint());
}

std::string event_line(const Session& session, const Json& event) {
  const auto what = safe(reason_of(event));
  return session.paint().dim(safe(short_time(text_at(event, "time")))) + "  " + safe(text_at(event, "subject")) + "  " +
         session.paint().bold(safe(text_at(event, "type"))) + (what.empty() ? "" : "  " + what);
}

}  // namespace nova::cli
