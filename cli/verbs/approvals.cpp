// approvals: acts that wait for people, and their yes or no.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/session_list.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/people/people.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* approval_examples =
    "  novactl approvals list                                  what waits, oldest first\n"
    "  novactl approvals list --to-decide                      what you could decide now\n"
    "  novactl approvals show APPROVAL                         the exact act, who must agree, who has\n"
    "  novactl approvals approve APPROVAL --code 123456 --reason 'planned for tonight'\n"
    "  novactl approvals approve APPROVAL --remedy rollback    where there are several ways out\n"
    "  novactl approvals reject APPROVAL --reason 'not during the day'\n"
    "  novactl approvals cancel APPROVAL                       take your own request back\n";

struct ApprovalOptions {
  std::string id, status = "pending", reason, code, remedy;
  bool mine = false, to_decide = false, all = false;
  std::size_t limit = list_default;
};

std::string act_of(const Json& item) {
  return text_at(item, "state.act.target.kind") + "." + text_at(item, "state.act.command");
}

core::Result<int> list(Session& session, const ApprovalOptions& options) {
  std::string path = "/v1/approvals?limit=" + std::to_string(options.limit);
  const auto tenant = session.tenant_or("");
  if (!tenant) return tenant.error();
  if (!tenant->empty() && *tenant != "-") path += "&tenant=" + url_part(*tenant);
  if (!options.all) path += "&status=" + url_part(options.status);
  if (options.mine) path += "&mine=true";
  if (options.to_decide) path += "&to_decide=true";
  const auto answer = session.get(path);
  if (!answer) return answer.error();
  Table table({"ID", "TENANT", "ACT", "TARGET", "BY", "STATUS", "UNTIL"});
  for (const auto& item : at(*answer, "items"))
    table.row({text_at(item, "id"), text_at(item, "tenant"), act_of(item), text_at(item, "state.act.target.id"),
               text_at(item, "state.act.by.id"), text_at(item, "status"), text_at(item, "state.expires_at")});
  session.print(*answer, at(*answer, "items").empty() ? "nothing waits\n" : table.text(session.paint(), 5));
  if (!text_at(*answer, "next").empty() && session.format() == Format::table)
    session.note("there are more; raise --limit");
  return exit_ok;
}

std::string words_of(const Json& list) {
  std::string out;
  for (const auto& word : list)
    if (word.is_string()) out += (out.empty() ? "" : ", ") + word.get<std::string>();
  return out;
}

std::string story_of(const Session& session, const Json& item) {
  const auto& state = at(item, "state");
  std::string out;
  const auto line = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) out += name + std::string(name.size() < 10 ? 10 - name.size() : 1, ' ') + safe(value) + "\n";
  };
  out += session.paint().bold(safe(act_of(item))) + " on " + safe(text_at(state, "act.target.id")) + " is " +
         session.paint().status(safe(text_at(item, "status"))) + "\n";
  line("asked by", text_at(state, "act.by.id") + " at " + text_at(state, "requested_at"));
  for (const auto& rule : at(state, "rules")) line("because", text_at(rule, "en") + " (" + text_at(rule, "id") + ")");
  line("fields", at(state, "act.shown").dump());
  line("budget", text_at(state, "act.budget"));
  line("digest", text_at(state, "act.digest"));
  const auto& remedies = at(state, "remedies");
  if (remedies.size() > 1)
    for (const auto& remedy : remedies)
      line("choose", text_at(remedy, "name") + ": " + text_at(remedy, "en") +
                         (text_at(remedy, "name") == text_at(state, "remedy") ? " (chosen)" : ""));
  for (const auto& group : at(state, "groups"))
    line("needs", text_at(group, "quorum") + " of " + text_at(group, "name") + ": " + words_of(at(group, "roles")) +
                      (at(group, "permissions").empty() ? "" : "; whoever may ") + words_of(at(group, "permissions")));
  if (!at(state, "called").empty()) line("also", words_of(at(state, "called")) + ", since an escalation");
  if (flag_at(state, "second_factor")) line("with", "a fresh second factor");
  for (const auto& vote : at(state, "votes"))
    line("yes of", text_at(vote, "user") + " (" + text_at(vote, "factor") + ") " + text_at(vote, "reason"));
  line("until", text_at(state, "expires_at"));
  line("decided", text_at(state, "decided_by"));
  line("why", text_at(state, "decision_reason"));
  line("failed", text_at(state, "outcome_code").empty()
                     ? ""
                     : text_at(state, "outcome_code") + ": " + text_at(state, "outcome_message"));
  return out;
}

core::Result<int> show(Session& session, const ApprovalOptions& options) {
  const auto address = session.address("approval", options.id);
  if (!address) return address.error();
  const auto answer = session.get(address->path());
  if (!answer) return answer.error();
  session.print(*answer, story_of(session, *answer));
  return exit_ok;
}

core::Result<int> decide(Session& session, const ApprovalOptions& options, const std::string& verb, Json body,
                         const std::string& done) {
  const auto address = session.address("approval", options.id);
  if (!address) return address.error();
  if (!options.reason.empty()) body["reason"] = options.reason;
  return order(session, address->path() + "/" + verb, body, "approval " + options.id, done);
}

core::Result<int> approve(Session& session, const ApprovalOptions& options) {
  Json body = Json::object();
  if (!options.code.empty()) body["code"] = options.code;
  if (!options.remedy.empty()) body["remedy"] = options.remedy;
  return decide(session, options, "approve", std::move(body), "agreed to");
}
core::Result<int> reject(Session& session, const ApprovalOptions& options) {
  return decide(session, options, "reject", Json::object(), "rejected");
}
core::Result<int> cancel(Session& session, const ApprovalOptions& options) {
  return decide(session, options, "cancel", Json::object(), "taken back");
}

}  // namespace

void add_approvals(CLI::App& app, Chosen& chosen) {
  auto* approvals = app.add_subcommand("approvals", "Acts that wait for people: list, show, approve, reject, cancel");
  approvals->fallthrough();
  approvals->require_subcommand(1);
  approvals->footer(std::string("Examples:\n") + approval_examples);
  const auto options = std::make_shared<ApprovalOptions>();
  const auto add = [&](const char* name, const char* summary,
                       core::Result<int> (*work)(Session&, const ApprovalOptions&)) {
    return add_verb(*approvals, chosen, name, summary, approval_examples,
                    [options, work](Session& session) { return work(session, *options); });
  };
  auto* verb = add("list", "What waits", list);
  verb->add_option("--status", options->status, "approved, rejected, expired, cancelled, executed, execution_failed")
      ->capture_default_str();
  verb->add_flag("--all", options->all, "in any status");
  verb->add_flag("--mine", options->mine, "only what you asked for");
  verb->add_flag("--to-decide", options->to_decide, "only what you could decide now");
  verb->add_option("--limit", options->limit, "how many")->capture_default_str();
  const auto one = [&](CLI::App* of) { of->add_option("APPROVAL", options->id, "its id")->required(); };
  one(add("show", "The exact act, who must agree, and who has", show));
  verb = add("approve", "Agree to it", approve);
  one(verb);
  verb->add_option("--reason", options->reason, "why");
  verb->add_option("--code", options->code, "of your authenticator app, where the gate asks for one");
  verb->add_option("--remedy", options->remedy, "which way out, where `show` names several");
  verb = add("reject", "Refuse it", reject);
  one(verb);
  verb->add_option("--reason", options->reason, "why")->required();
  verb = add("cancel", "Take your own request back", cancel);
  one(verb);
  verb->add_option("--reason", options->reason, "why");
}

}  // namespace nova::cli
