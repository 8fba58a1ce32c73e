// emergency, incidents: what halts the installation, and what went wrong.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/people/people.hpp"
#include "cli/verbs/sovereign/sovereign.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* emergency_examples =
    "  novactl emergency status                                     what is halted, and by which switches\n"
    "  novactl emergency activate HALT_ALL_PLATFORMS --reason 'it leaks' --reason-ar '...'\n"
    "  novactl emergency activate platform_lockdown --scope plan --target free --for 60 --reason ... --reason-ar ...\n"
    "  novactl emergency lift control-1 --reason repaired --code 123456\n"
    "  novactl emergency restore --reason repaired --code 123456    lifts all, starts again what was halted\n";
constexpr const char* incident_examples =
    "  novactl incidents open 'The shop is down' --title-ar '...' --severity high\n"
    "  novactl incidents investigate ID --note 'a disk is full'\n"
    "  novactl incidents post-mortem ID --summary ... --root-cause ... --remedies ...\n"
    "  novactl incidents submit ID; novactl incidents sign ID\n"
    "  novactl incidents resolve ID --reason 'a bigger disk'\n";

const std::string emergency_path = "/api/sovereign/emergency", incidents_path = "/api/sovereign/incidents";

struct EmergencyOptions {
  std::string action, scope, target, reason, reason_ar, incident, id, code, title, title_ar,
      severity = "medium", note, summary, root_cause, remedies;
  std::int64_t minutes = 0;
};
using Options = std::shared_ptr<EmergencyOptions>;

void put(Json& body, const char* name, const std::string& value) {
  if (!value.empty()) body[name] = value;
}

core::Result<int> status(Session& session) {
  const auto answer = session.get(emergency_path);
  if (!answer) return answer.error();
  std::string text = at(*answer, "active").empty() ? "Nothing is halted.\n" : "";
  if (text.empty()) {
    Table table({"ID", "ACTION", "SCOPE", "TARGET", "SINCE", "UNTIL", "BY", "REASON"});
    for (const auto& line : at(*answer, "active"))
      table.row({text_at(line, "id"), text_at(line, "action"), text_at(line, "scope"), text_at(line, "target"),
                 text_at(line, "at"), text_at(line, "until").empty() ? "lifted by hand" : text_at(line, "until"),
                 text_at(line, "by"), text_at(line, "reason")});
    text = table.text(session.paint(), -1);
  }
  for (const auto& problem : at(*answer, "problems"))
    text += "could not be done: " + safe(problem.get<std::string>()) + "\n";
  session.print(*answer, text);
  return exit_ok;
}

core::Result<int> activate(Session& session, const EmergencyOptions& options) {
  Json body = {{"action", options.action}, {"reason", options.reason}, {"reason_ar", options.reason_ar}};
  put(body, "scope", options.scope);
  put(body, "target", options.target);
  put(body, "incident_id", options.incident);
  if (options.minutes > 0) body["auto_deactivate_minutes"] = options.minutes;
  // Nothing is asked first: halting is what must not wait.
  return order(session, emergency_path + "/activate", body, options.action, "activated");
}

core::Result<int> let_go(Session& session, const EmergencyOptions& options, bool all) {
  Json body = {{"reason", options.reason}};
  put(body, "code", options.code);
  if (!all) body["id"] = options.id;
  return order(session, emergency_path + (all ? "/restore" : "/lift"), body, all ? "emergency" : options.id, "lifted");
}

// ---- incidents

std::string whose(Session& session) {
  const auto tenant = session.tenant_or("system");
  return !tenant || *tenant == "system" ? std::string() : "?tenant=" + url_part(*tenant);
}

core::Result<int> list_incidents(Session& session) {
  const auto answer = session.get(incidents_path + whose(session));
  if (!answer) return answer.error();
  Table table({"ID", "TITLE", "SEVERITY", "STATUS", "POST-MORTEM", "DOWN (S)"});
  for (const auto& item : at(*answer, "items"))
    table.row({text_at(item, "id"), text_at(item, "state.title"), text_at(item, "state.severity"),
               text_at(item, "status"), text_at(item, "state.review"),
               at(item, "state.downtime_seconds").is_number() ? at(item, "state.downtime_seconds").dump() : "0"});
  session.print(*answer,
                at(*answer, "items").empty() ? std::string("no incidents\n") : table.text(session.paint(), -1));
  return exit_ok;
}

core::Result<int> open_incident(Session& session, const EmergencyOptions& options) {
  Json body = {{"title", options.title}, {"title_ar", options.title_ar}, {"severity", options.severity}};
  put(body, "description", options.note);
  put(body, "emergency", options.id);
  const auto answer = session.mutate(incidents_path + whose(session), body);
  if (!answer) return answer.error();
  session.print(*answer, "incident opened: " + safe(text_at(*answer, "id")) + "\n");
  return exit_ok;
}

core::Result<int> of_incident(Session& session, const EmergencyOptions& options, const std::string& path, Json body,
                              const char* done) {
  return order(session, incidents_path + "/" + url_part(options.id) + "/" + path + whose(session), body,
               "incident " + options.id, done);
}

CLI::App* group(CLI::App& app, const char* name, const char* summary, const char* examples) {
  auto* made = app.add_subcommand(name, summary);
  made->fallthrough();
  made->require_subcommand(1);
  made->footer(std::string("Examples:\n") + examples);
  return made;
}

void add_incidents(CLI::App& app, Chosen& chosen) {
  auto* verb = group(app, "incidents", "What went wrong, and what was learnt", incident_examples);
  const auto options = std::make_shared<EmergencyOptions>();
  add_verb(*verb, chosen, "list", "List incidents", incident_examples, list_incidents);
  auto* opened = add_verb(*verb, chosen, "open", "Tell of an incident", incident_examples,
                          [options](Session& session) { return open_incident(session, *options); });
  opened->add_option("TITLE", options->title, "in English")->required();
  opened->add_option("--title-ar", options->title_ar, "in Arabic")->required();
  opened->add_option("--severity", options->severity, "low, medium, high or critical")->capture_default_str();
  opened->add_option("--note", options->note, "more of it");
  opened->add_option("--emergency", options->id, "the control that it led to");
  const auto add = [&](const char* name, const char* summary, const char* path, const char* field, const char* done) {
    auto* made =
        add_verb(*verb, chosen, name, summary, incident_examples, [options, path, field, done](Session& session) {
          Json body = Json::object();
          if (field) put(body, field, options->reason);
          return of_incident(session, *options, path, body, done);
        });
    made->add_option("ID", options->id, "as `list` shows it")->required();
    if (field) made->add_option("--reason,--note", options->reason, "in words");
  };
  add("investigate", "Look into it", "investigate", "note", "being investigated");
  add("resolve", "It is over", "resolve", "resolution", "resolved");
  add("dismiss", "It was none", "dismiss", "reason", "dismissed");
  add("submit", "Ask for a signature of its post-mortem", "post-mortem/submit", nullptr, "waits for a signature");
  add("sign", "Sign its post-mortem", "post-mortem/sign", nullptr, "signed");
  add("return", "Ask for a better post-mortem", "post-mortem/return", "reason", "returned");
  add("close", "Its remedies are in place", "post-mortem/close", nullptr, "closed");
  auto* written =
      add_verb(*verb, chosen, "post-mortem", "Write what was learnt", incident_examples, [options](Session& session) {
        return of_incident(
            session, *options, "post-mortem",
            {{"summary", options->summary}, {"root_cause", options->root_cause}, {"remedies", options->remedies}},
            "written");
      });
  written->add_option("ID", options->id, "as `list` shows it")->required();
  written->add_option("--summary", options->summary, "what happened")->required();
  written->add_option("--root-cause", options->root_cause, "why")->required();
  written->add_option("--remedies", options->remedies, "so that it does not happen again")->required();
}

}  // namespace

void add_emergency(CLI::App& app, Chosen& chosen) {
  auto* verb =
      group(app, "emergency", "Halt the installation, wholly or in part, and let it go on", emergency_examples);
  const auto options = std::make_shared<EmergencyOptions>();
  add_verb(*verb, chosen, "status", "What is halted", emergency_examples, status);
  auto* made = add_verb(*verb, chosen, "activate", "Halt it now", emergency_examples,
                        [options](Session& session) { return activate(session, *options); });
  made->add_option("ACTION", options->action,
                   "ai_suspension, platform_lockdown, feature_disable, HALT_ALL_PLATFORMS, FREEZE_ALL_SUBSCRIPTIONS, "
                   "STOP_ALL_OPERATIONS or LOCKDOWN_SYSTEM")
      ->required();
  made->add_option("--scope", options->scope, "global when left out; feature, plan or user");
  made->add_option("--target", options->target, "of a scope that has one: a kind, a platform role, a user's id");
  made->add_option("--reason", options->reason, "why, in English")->required();
  made->add_option("--reason-ar", options->reason_ar, "why, in Arabic")->required();
  made->add_option("--for", options->minutes, "ends by itself after so many minutes")->check(CLI::Range(1, 43200));
  made->add_option("--incident", options->incident, "the incident that it belongs to");
  for (const bool all : {false, true}) {
    made = add_verb(*verb, chosen, all ? "restore" : "lift",
                    all ? "Lift all, and start again what was halted" : "Lift one control", emergency_examples,
                    [options, all](Session& session) { return let_go(session, *options, all); });
    if (!all) made->add_option("ID", options->id, "as `status` shows it")->required();
    made->add_option("--reason", options->reason, "why")->required();
    made->add_option("--code", options->code, "of your authenticator app, or a recovery code");
  }
  add_incidents(app, chosen);
}

}  // namespace nova::cli
