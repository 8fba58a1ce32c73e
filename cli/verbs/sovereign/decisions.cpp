// decisions: sovereign decisions in their phases, and the policies that bind them.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/people/people.hpp"
#include "cli/verbs/sovereign/sovereign.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* decision_examples =
    "  novactl decisions request 'Move the shop' --title-ar 'نقل المتجر' --type operational --platform acme/shop\n"
    "  novactl decisions analyze ID --analysis 'it can be done' --amount 1500 --data personal\n"
    "  novactl decisions propose ID --step 'copy the data|two minutes of stillness|copy it back'\n"
    "  novactl decisions approve ID --reason 'it is right' --code 123456\n"
    "  novactl decisions execute-step ID 1; novactl decisions finish-step ID 1\n"
    "  novactl decisions trace ID                     who did what in which phase, under one digest\n"
    "  novactl decisions policies create 'No new shops' --type deny --when 'target_resource starts_with shop' --says "
    "'not before spring'\n"
    "  novactl decisions policies approve ID\n";

const std::string base = "/api/sovereign/decisions", policies = "/api/sovereign/policies";

struct DecisionOptions {
  std::string id, title, title_ar, type = "operational", urgency, description, platform, resource, scope, data,
                                   analysis, reason, code, outcome = "completed", note, status, name, says, target,
                                   policy_type = "constraint", policy_scope = "global";
  std::vector<std::string> steps, whens;
  double amount = 0;
  std::int64_t users = 0, order = 1, priority = 50;
  bool irreversible = false;
};
using Options = std::shared_ptr<DecisionOptions>;

void put(Json& body, const char* name, const std::string& value) {
  if (!value.empty()) body[name] = value;
}

// The installation's own where no tenant was chosen.
std::string whose(Session& session) {
  const auto tenant = session.tenant_or("system");
  return !tenant || *tenant == "system" ? std::string() : "?tenant=" + url_part(*tenant);
}
std::string path_of(Session& session, const DecisionOptions& options, const std::string& verb) {
  return base + "/" + url_part(options.id) + (verb.empty() ? "" : "/" + verb) + whose(session);
}

Json facts_of(const DecisionOptions& options) {
  Json facts = Json::object();
  if (options.amount > 0) facts["amount_micros"] = std::int64_t(options.amount * 1e6 + 0.5);
  if (options.users > 0) facts["users_affected"] = options.users;
  put(facts, "scope", options.scope);
  put(facts, "data_class", options.data);
  if (options.irreversible) facts["reversible"] = false;
  return facts;
}

core::Result<int> list(Session& session, const DecisionOptions& options) {
  auto path = base + whose(session);
  if (!options.status.empty())
    path += (path.find('?') == std::string::npos ? "?status=" : "&status=") + url_part(options.status);
  const auto answer = session.get(path);
  if (!answer) return answer.error();
  Table table({"ID", "TITLE", "TYPE", "RISK", "NEEDS", "STATUS", "REASON"});
  for (const auto& item : at(*answer, "items"))
    table.row({text_at(item, "id"), text_at(item, "state.subject.title"), text_at(item, "state.subject.type"),
               text_at(item, "state.risk_level"), text_at(item, "state.required_approval"), text_at(item, "status"),
               text_at(item, "reason")});
  session.print(*answer,
                at(*answer, "items").empty() ? std::string("no decisions\n") : table.text(session.paint(), -1));
  if (!text_at(*answer, "next").empty() && session.format() == Format::table) session.note("there are more");
  return exit_ok;
}

core::Result<int> request(Session& session, const DecisionOptions& options) {
  Json subject = {{"type", options.type}, {"title", options.title}, {"title_ar", options.title_ar}};
  put(subject, "description", options.description);
  put(subject, "target_platform", options.platform);
  put(subject, "target_resource", options.resource);
  put(subject, "urgency", options.urgency);
  subject["facts"] = facts_of(options);
  const auto answer = session.mutate(base + whose(session), {{"subject", subject}});
  if (!answer) return answer.error();
  session.print(*answer, "decision asked for: " + safe(text_at(*answer, "id")) +
                             (session.globals().dry_run ? " (dry run)" : "") + "\n");
  return exit_ok;
}

core::Result<int> send(Session& session, const DecisionOptions& options, const char* verb, const Json& body,
                       const char* done) {
  return order(session, path_of(session, options, verb), body, "decision " + options.id, done);
}

core::Result<int> analyze(Session& session, const DecisionOptions& options) {
  return send(session, options, "analyze", {{"analysis", options.analysis}, {"facts", facts_of(options)}}, "analysed");
}

// "title|impact|rollback plan"; what is left out is empty.
core::Result<int> propose(Session& session, const DecisionOptions& options) {
  Json steps = Json::array();
  for (const auto& text : options.steps) {
    const auto first = text.find('|');
    const auto second = first == std::string::npos ? first : text.find('|', first + 1);
    Json step = {{"title", text.substr(0, first)}};
    if (first != std::string::npos) put(step, "impact", text.substr(first + 1, second - first - 1));
    if (second != std::string::npos) put(step, "rollback_plan", text.substr(second + 1));
    steps.push_back(std::move(step));
  }
  return send(session, options, "propose", {{"steps", steps}}, "proposed");
}

core::Result<int> approve(Session& session, const DecisionOptions& options) {
  Json body = Json::object();
  put(body, "reason", options.reason);
  put(body, "code", options.code);
  return send(session, options, "approve", body, "approved");
}

core::Result<int> step(Session& session, const DecisionOptions& options, const char* verb, const char* done) {
  Json body = {{"order", options.order}};
  put(body, "code", options.code);
  return send(session, options, verb, body, done);
}

core::Result<int> finish(Session& session, const DecisionOptions& options) {
  Json body = {{"order", options.order}, {"outcome", options.outcome}};
  put(body, "note", options.note);
  return send(session, options, "finish-step", body, "step finished");
}

core::Result<int> trace(Session& session, const DecisionOptions& options) {
  const auto answer = session.get(path_of(session, options, "trace"));
  if (!answer) return answer.error();
  Table table({"AT", "PHASE", "BY", "EVENT", "LED TO"});
  for (const auto& line : at(*answer, "steps"))
    table.row({text_at(line, "at"), text_at(line, "phase"), text_at(line, "by"), text_at(line, "type"),
               text_at(line, "status")});
  auto text = table.text(session.paint(), -1);
  text += "digest " + safe(text_at(*answer, "digest")) + "\n";
  if (at(*answer, "replays") != true) text += "The events do not lead to what is stored.\n";
  session.print(*answer, text);
  return exit_ok;
}

// ---- policies

core::Result<int> list_policies(Session& session, const DecisionOptions&) {
  const auto answer = session.get(policies);
  if (!answer) return answer.error();
  Table table({"ID", "NAME", "TYPE", "SCOPE", "TARGET", "PRIORITY", "STATUS"});
  for (const auto& item : at(*answer, "items"))
    table.row({text_at(item, "id"), text_at(item, "state.terms.name"), text_at(item, "state.terms.type"),
               text_at(item, "state.terms.scope"), text_at(item, "state.terms.scope_target"),
               at(at(at(item, "state"), "terms"), "priority").dump(), text_at(item, "status")});
  session.print(*answer, at(*answer, "items").empty() ? std::string("no policies\n") : table.text(session.paint(), -1));
  return exit_ok;
}

// "target condition value": "amount_micros at_most 1000000".
core::Result<Json> constraint_of(const std::string& text, const std::string& says) {
  const auto first = text.find(' ');
  const auto second = first == std::string::npos ? first : text.find(' ', first + 1);
  if (first == std::string::npos) {
    auto error = core::refusal("cli.bad_constraint", "`" + core::printable(text) + "` is no comparison");
    error.status = 400;
    return std::move(error).fix("write 'TARGET CONDITION VALUE', for example 'amount_micros at_most 1000000'");
  }
  Json made = {{"target", text.substr(0, first)},
               {"condition", text.substr(first + 1, second == std::string::npos ? second : second - first - 1)},
               {"message", says}};
  if (second != std::string::npos) made["value"] = text.substr(second + 1);
  return made;
}

core::Result<int> create_policy(Session& session, const DecisionOptions& options) {
  Json constraints = Json::array();
  for (const auto& when : options.whens) {
    auto constraint = constraint_of(when, options.says);
    if (!constraint) return constraint.error();
    constraints.push_back(std::move(*constraint));
  }
  Json terms = {{"name", options.name},
                {"type", options.policy_type},
                {"scope", options.policy_scope},
                {"constraints", constraints},
                {"priority", options.priority}};
  put(terms, "scope_target", options.target);
  const auto answer = session.mutate(policies, {{"terms", terms}});
  if (!answer) return answer.error();
  session.print(*answer, "policy written: " + safe(text_at(*answer, "id")) + "\n");
  return exit_ok;
}

core::Result<int> to_policy(Session& session, const DecisionOptions& options, const char* verb, const Json& body,
                            const char* done) {
  return order(session, policies + "/" + url_part(options.id) + "/" + verb, body, "policy " + options.id, done);
}

core::Result<int> remove_policy(Session& session, const DecisionOptions& options) {
  return order(session, "/v1/tenants/system/policies/" + url_part(options.id) + "/delete",
               {{"reason", options.reason.empty() ? "by the command line" : options.reason}}, "policy " + options.id,
               "deleted");
}

struct Verbs {
  CLI::App& app;
  Chosen& chosen;
  const Options& options;

  CLI::App* add(const char* name, const char* summary,
                std::function<core::Result<int>(Session&, const DecisionOptions&)> work, bool with_id = true) const {
    auto* verb =
        add_verb(app, chosen, name, summary, decision_examples,
                 [options = options, work = std::move(work)](Session& session) { return work(session, *options); });
    if (with_id) verb->add_option("ID", options->id, "as `list` shows it")->required();
    return verb;
  }
};

void add_facts(CLI::App& verb, const Options& options) {
  verb.add_option("--amount", options->amount, "what it costs, in US dollars");
  verb.add_option("--users", options->users, "how many people feel it");
  verb.add_option("--reach", options->scope, "resource, platform, tenant or installation");
  verb.add_option("--data", options->data, "public, internal, personal or sensitive");
  verb.add_flag("--irreversible", options->irreversible, "it cannot be taken back");
}

void add_phases(const Verbs& verbs) {
  const auto& options = verbs.options;
  verbs.add("list", "List decisions", list, false)->add_option("--status", options->status, "only those in this phase");
  auto* verb = verbs.add("request", "Ask for a decision", request, false);
  verb->add_option("TITLE", options->title, "in English")->required();
  verb->add_option("--title-ar", options->title_ar, "in Arabic")->required();
  verb->add_option("--type", options->type,
                   "governance, policy, resource, security, financial, operational, strategic or emergency")
      ->capture_default_str();
  verb->add_option("--urgency", options->urgency, "normal, urgent or critical");
  verb->add_option("--description", options->description, "more of it");
  verb->add_option("--platform", options->platform, "TENANT/ID that it is about");
  verb->add_option("--resource", options->resource, "what it is about there");
  add_facts(*verb, options);
  verb = verbs.add("analyze", "Say what it means", analyze);
  verb->add_option("--analysis", options->analysis, "in words")->required();
  add_facts(*verb, options);
  verbs.add("propose", "Say by which steps it would be done", propose)
      ->add_option("--step", options->steps, "TITLE|IMPACT|ROLLBACK PLAN; again for each")
      ->required();
  verb = verbs.add("approve", "Decide for it", approve);
  verb->add_option("--reason", options->reason, "why");
  verb->add_option("--code", options->code, "of your authenticator app, or a recovery code");
  for (const auto& [name, summary, done] :
       {std::tuple{"reject", "Decide against it", "rejected"}, {"kill", "Stop it for good", "killed"}}) {
    verb = verbs.add(name, summary, [name = name, done = done](Session& session, const DecisionOptions& given) {
      return send(session, given, name, {{"reason", given.reason}}, done);
    });
    verb->add_option("--reason", options->reason, "why")->required();
  }
  for (const auto& [name, summary, done] :
       {std::tuple{"approve-step", "Agree to a step that asks for it", "step approved"},
        {"execute-step", "Begin a step", "step begun"}}) {
    verb = verbs.add(name, summary, [name = name, done = done](Session& session, const DecisionOptions& given) {
      return step(session, given, name, done);
    });
    verb->add_option("STEP", options->order, "its number, from 1")->required();
    verb->add_option("--code", options->code, "of your authenticator app, or a recovery code");
  }
  verb = verbs.add("finish-step", "Say how a step ended", finish);
  verb->add_option("STEP", options->order, "its number, from 1")->required();
  verb->add_option("--outcome", options->outcome, "completed or failed")->capture_default_str();
  verb->add_option("--note", options->note, "in words");
  verbs.add("trace", "Who did what in which phase", trace);
}

void add_policies(const Verbs& verbs) {
  const auto& options = verbs.options;
  verbs.add("list", "List policies", list_policies, false);
  auto* verb = verbs.add("create", "Write a policy; it binds nobody before it is approved", create_policy, false);
  verb->add_option("NAME", options->name, "for people")->required();
  verb->add_option("--type", options->policy_type, "constraint, limit, require, deny or conditional")
      ->capture_default_str();
  verb->add_option("--scope", options->policy_scope, "global, platform, resource or user")->capture_default_str();
  verb->add_option("--target", options->target, "which one, of a scope that has one");
  verb->add_option("--when", options->whens, "TARGET CONDITION VALUE; again for each")->required();
  verb->add_option("--says", options->says, "what who breaks it is told")->required();
  verb->add_option("--priority", options->priority, "1 to 100; higher is named first")->capture_default_str();
  verbs.add("approve", "Put it in force", [](Session& session, const DecisionOptions& given) {
    Json body = Json::object();
    put(body, "reason", given.reason);
    return to_policy(session, given, "approve", body, "in force");
  });
  for (const auto& [name, active, done] : {std::tuple{"enable", true, "in force"}, {"disable", false, "out of force"}})
    verbs.add(name, active ? "Put it in force again" : "Put it out of force",
              [active = active, done = done](Session& session, const DecisionOptions& given) {
                return to_policy(session, given, "toggle", {{"active", active}}, done);
              });
  verbs.add("delete", "Remove one that is not in force", remove_policy)->add_option("--reason", options->reason, "why");
}

}  // namespace

void add_decisions(CLI::App& app, Chosen& chosen) {
  auto* verb = app.add_subcommand("decisions", "Sovereign decisions, and the policies that bind them");
  verb->fallthrough();
  verb->require_subcommand(1);
  verb->footer(std::string("Examples:\n") + decision_examples);
  const auto options = std::make_shared<DecisionOptions>();
  add_phases({*verb, chosen, options});
  auto* group = verb->add_subcommand("policies", "What binds decisions; the owner");
  group->fallthrough();
  group->require_subcommand(1);
  group->footer(std::string("Examples:\n") + decision_examples);
  add_policies({*group, chosen, options});
}

}  // namespace nova::cli
