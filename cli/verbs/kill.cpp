// kill: what stops AI and effects on the outside, and what lets them go on.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/people/people.hpp"
#include "cli/verbs/verbs.hpp"
#include "core/text.hpp"
#include "core/time.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* kill_examples =
    "  novactl kill status                                             what is stopped, and what is in doubt\n"
    "  novactl kill engage --reason 'it leaks' --reason-ar '...'       all AI and everything that leaves\n"
    "  novactl kill engage --scope platform --target acme/shop --for 2h --reason ... --reason-ar ...\n"
    "  novactl kill engage --scope external_only --preview             what would be stopped; stops nothing\n"
    "  novactl kill release --scope platform --target acme/shop --reason repaired --code 123456\n"
    "  novactl kill history                                            who stopped what, the newest first\n";

struct KillOptions {
  std::string scope = "global", target, reason, reason_ar, span, incident, code;
  bool preview = false;
  std::size_t limit = 20;
};
using Options = std::shared_ptr<KillOptions>;

constexpr const char* base = "/v1/kill-switch";

std::string what_of(const KillOptions& options) {
  return "kill switch " + options.scope + (options.target.empty() ? "" : " of " + options.target);
}

std::string number(const Json& item, const char* name) {
  const auto& value = at(item, name);
  return value.is_number() ? value.dump() : std::string("0");
}

core::Result<int> status(Session& session) {
  const auto answer = session.get(base);
  if (!answer) return answer.error();
  std::string text;
  if (at(*answer, "known") != true)
    text += "This node does not know what is switched off: AI and what leaves for the outside wait.\n";
  if (at(*answer, "engaged").empty()) {
    text += "Nothing is stopped.\n";
  } else {
    Table table({"STOPPED", "TARGET", "SINCE", "UNTIL", "BY", "REASON"});
    for (const auto& line : at(*answer, "engaged"))
      table.row({text_at(line, "scope"), text_at(line, "target"), text_at(line, "at"),
                 text_at(line, "until").empty() ? "released by hand" : text_at(line, "until"), text_at(line, "by"),
                 text_at(line, "reason")});
    text += table.text(session.paint(), -1);
  }
  if (!at(*answer, "in_doubt").empty()) {
    Table table({"IN DOUBT", "DRIVER", "STOPPED AT"});
    for (const auto& line : at(*answer, "in_doubt"))
      table.row({text_at(line, "work"), text_at(line, "driver"), text_at(line, "at")});
    text += "\nThese had begun when they were stopped; what the other side got of them is not known.\n" +
            table.text(session.paint(), -1);
  }
  session.print(*answer, text);
  return exit_ok;
}

core::Result<Json> look_ahead(Session& session, const KillOptions& options) {
  auto path = std::string(base) + "/preview?scope=" + url_part(options.scope);
  if (!options.target.empty()) path += "&target=" + url_part(options.target);
  return session.get(path);
}

std::string preview_text(Session& session, const Json& ahead) {
  if (at(ahead, "works").empty()) return "No effect of this node waits or runs that it would stop.\n";
  Table table({"DRIVER", "WAITING", "RUNNING"});
  for (const auto& line : at(ahead, "works"))
    table.row({text_at(line, "driver"), number(line, "waiting"), number(line, "running")});
  return "Of this node, these effects would be stopped:\n" + table.text(session.paint(), -1);
}

core::Result<std::int64_t> minutes_of(const std::string& text) {
  const auto span = core::parse_duration(text);
  const auto minutes = span ? span->count() / 60'000 : 0;
  if (span && minutes >= 1 && minutes <= 43'200 && span->count() % 60'000 == 0) return minutes;
  auto error = core::refusal("cli.bad_time", "`" + core::printable(text) + "` is no span of 1 to 43200 whole minutes");
  error.status = 400;
  return std::move(error).fix("write 30m, 2h or 7d");
}

core::Result<int> engage(Session& session, const KillOptions& options) {
  if (options.preview) {
    const auto ahead = look_ahead(session, options);
    if (!ahead) return ahead.error();
    session.print(*ahead, preview_text(session, *ahead));
    return exit_ok;
  }
  Json body{{"scope", options.scope}, {"reason", options.reason}, {"reason_ar", options.reason_ar}};
  if (!options.target.empty()) body["target"] = options.target;
  if (!options.incident.empty()) body["incident_id"] = options.incident;
  if (!options.span.empty()) {
    const auto minutes = minutes_of(options.span);
    if (!minutes) return minutes.error();
    body["auto_reactivate_minutes"] = *minutes;
  }
  // Nothing is asked first: stopping is what must not wait.
  return order(session, std::string(base) + "/activate", body, what_of(options), "engage");
}

core::Result<int> release(Session& session, const KillOptions& options) {
  Json body{{"scope", options.scope}, {"reason", options.reason}};
  if (!options.target.empty()) body["target"] = options.target;
  if (!options.code.empty()) body["code"] = options.code;
  return order(session, std::string(base) + "/deactivate", body, what_of(options), "release");
}

core::Result<int> history(Session& session, const KillOptions& options) {
  const auto answer = session.get(std::string(base) + "/history?limit=" + std::to_string(options.limit));
  if (!answer) return answer.error();
  Table table({"AT", "SWITCH", "EVENT"});
  for (const auto& event : at(*answer, "items"))
    table.row({text_at(event, "time"), text_at(event, "subject"), text_at(event, "type")});
  session.print(*answer, table.text(session.paint(), -1));
  return exit_ok;
}

void add_target(CLI::App& verb, const Options& options) {
  verb.add_option("--scope", options->scope, "what: global when left out")
      ->check(CLI::IsMember({"global", "external_only", "layer", "platform", "provider", "agent", "model", "tenant"}));
  verb.add_option("--target", options->target, "whose; TENANT/ID for what lives in a tenant")->type_name("TARGET");
}

}  // namespace

void add_kill(CLI::App& app, Chosen& chosen) {
  auto* verb = app.add_subcommand("kill", "Stop AI and effects on the outside, and let them go on");
  verb->fallthrough();
  verb->require_subcommand(1);
  verb->footer(std::string("Examples:\n") + kill_examples);
  const auto options = std::make_shared<KillOptions>();
  add_verb(*verb, chosen, "status", "What is stopped", kill_examples, status);
  auto* engaged = add_verb(*verb, chosen, "engage", "Stop it now", kill_examples,
                           [options](Session& session) { return engage(session, *options); });
  add_target(*engaged, options);
  engaged->add_option("--reason", options->reason, "why, in English");
  engaged->add_option("--reason-ar", options->reason_ar, "why, in Arabic");
  engaged->add_option("--for", options->span, "releases itself after this; by hand when left out")->type_name("SPAN");
  engaged->add_option("--incident", options->incident, "the incident that it belongs to")->type_name("ID");
  engaged->add_flag("--preview", options->preview, "show what would be stopped, and stop nothing");
  auto* released = add_verb(*verb, chosen, "release", "Let it go on", kill_examples,
                            [options](Session& session) { return release(session, *options); });
  add_target(*released, options);
  released->add_option("--reason", options->reason, "why");
  released->add_option("--code", options->code, "of the owner's authenticator app, or a recovery code");
  auto* told = add_verb(*verb, chosen, "history", "Who stopped what", kill_examples,
                        [options](Session& session) { return history(session, *options); });
  told->add_option("--limit", options->limit, "how many")->check(CLI::Range(1, 1000));
}

}  // namespace nova::cli
