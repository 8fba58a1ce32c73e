// constitution: the rules above every command: what they say, what they were, and how they are amended.
#include "cli/exit.hpp"
#include "cli/identity/prompt.hpp"
#include "cli/json.hpp"
#include "cli/policy/inputs.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* constitution_examples =
    "  novactl constitution show                      the rules, in words\n"
    "  novactl constitution show --language ar        the same in Arabic\n"
    "  novactl constitution show --text > mine.cedar  the policies themselves\n"
    "  novactl constitution show --version 1.0.0      what was in force before\n"
    "  novactl constitution history                   every version, and the draft that waits\n"
    "  novactl constitution schema > words.json       what policies may speak of, for `novactl policy validate -s`\n"
    "  novactl constitution plan mine.cedar           what it would change, and which of the last decisions\n"
    "  novactl constitution amend mine.cedar          the owner, with a second factor: at once, if it only forbids "
    "more\n"
    "  novactl constitution confirm sha256:...        else a minute later, with another code\n";

struct Options {
  std::string language = "en", version, file, code, reason, digest, from;
  bool text = false, exit_code = false;
  std::uint64_t replay = 1000;
};

core::Result<int> show(Session& session, const Options& options) {
  const auto answer = session.get("/v1/constitution" +
                                  (options.version.empty() ? std::string() : "?version=" + url_part(options.version)));
  if (!answer) return answer.error();
  if (options.text) {
    session.print(*answer, safe_lines(text_at(*answer, "text")));
    return exit_ok;
  }
  Table table({"RULE", "SAYS", ""});
  for (const auto& rule : at(*answer, "rules"))
    table.row({text_at(rule, "id"), text_at(rule, "effect"), text_at(rule, options.language)});
  std::string head = "Constitution " + safe(text_at(*answer, "version"));
  if (const auto state = text_at(*answer, "state"); !state.empty() && state != "active")
    head += " (" + safe(state) + ")";
  if (const auto reason = text_at(*answer, "reason"); !reason.empty()) head += "\n" + safe(reason);
  session.print(*answer, head + "\n" + table.text(session.paint()));
  return exit_ok;
}

core::Result<int> schema(Session& session) {
  const auto answer = session.get("/v1/constitution/schema");
  if (!answer) return answer.error();
  session.print(*answer, answer->dump(2) + "\n");
  return exit_ok;
}

core::Result<int> history(Session& session) {
  const auto answer = session.get("/v1/constitution/history");
  if (!answer) return answer.error();
  Table table({"VERSION", "STATE", "STEP", "AT", "BY", "DIGEST"});
  for (const auto& one : at(*answer, "items"))
    table.row({text_at(one, "version"), text_at(one, "state"), text_at(one, "step"), text_at(one, "at"),
               text_at(one, "by"), text_at(one, "digest").substr(0, 19)});
  std::string text = table.text(session.paint());
  if (const auto draft = at(*answer, "draft"); draft.is_object())
    text += "\nA draft waits: `novactl constitution confirm " + safe(text_at(draft, "digest")) + "`, not before " +
            safe(text_at(draft, "not_before")) + "\n";
  session.print(*answer, text);
  return exit_ok;
}

// Sent once: a code works once, so a repeated request would only count as a wrong one.
core::Result<Json> post(Session& session, const std::string& path, const Json& body) {
  auto node = session.client();
  if (!node) return node.error();
  Ask ask;
  ask.method = "POST";
  ask.path = path;
  ask.body = body.dump();
  auto answer = (*node)->send(ask);
  if (!answer) return std::move(answer).error();
  return Json::parse(answer->body, nullptr, false);
}

// The words of the answer, the problems of a text with its file in front.
core::Result<Json> with_text(Session& session, const Options& options, const std::string& path, Json body) {
  policy::Files files(session.terminal().in);
  auto source = files.read(options.file);
  if (!source) return std::move(source).error();
  body["text"] = source->text;
  auto answer = post(session, path, body);
  if (!answer && answer.error().code == "constitution.invalid")
    return policy::in_file(std::move(answer).error(), options.file);
  return answer;
}

std::string list_of(const Json& answer, const char* title, const char* name) {
  std::string out;
  for (const auto& one : at(answer, name))
    if (one.is_string()) out += (out.empty() ? std::string("  ") + title + ": " : ", ") + safe(one.get<std::string>());
  return out.empty() ? out : out + "\n";
}

std::string example_text(const Json& analysis, const char* name, const char* title) {
  const auto example = at(analysis, name);
  if (!example.is_object()) return {};
  return std::string(title) + "\n" + safe_lines(text_at(example, "request")) + "\n  " +
         safe(text_at(example, "because")) + "\n";
}

core::Result<int> plan(Session& session, const Options& options) {
  const auto answer = with_text(session, options, "/v1/constitution/plan", {{"replay", options.replay}});
  if (!answer) return answer.error();
  const auto analysis = at(*answer, "analysis"), replay = at(*answer, "replay"), policies = at(*answer, "policies");
  std::string text = safe_lines(text_at(*answer, "diff"));
  text += list_of(policies, "permits added", "permits_added") +
          list_of(policies, "permits removed", "permits_removed") +
          list_of(policies, "forbids added", "forbids_added") + list_of(policies, "forbids removed", "forbids_removed");
  text += "\nIt is " + safe(text_at(analysis, "change")) + (flag_at(analysis, "exact") ? "" : ", as far as was tried") +
          ". " +
          (text_at(*answer, "step") == "tightening" ? "An amendment takes effect at once.\n"
                                                    : "An amendment waits and is confirmed.\n") +
          "This and nothing else: novactl constitution amend --from " + safe(text_at(*answer, "from")) + " FILE\n";
  text += example_text(analysis, "now_denied", "For example, no more allowed:") +
          example_text(analysis, "now_allowed", "For example, allowed then:");
  text += "\nOf the last " + at(replay, "decisions").dump() + " decisions " + at(replay, "same").dump() +
          " would be the same, " + at(replay, "now_denied").dump() + " denied, " + at(replay, "now_held").dump() +
          " held, " + at(replay, "now_allowed").dump() + " allowed; " + at(replay, "lacking").dump() +
          " cannot be told, since what it reads was not recorded.\n";
  Table table({"AT", "WHO", "ACT", "RESOURCE", "WAS", "WOULD BE", "BY"});
  for (const auto& one : at(replay, "examples"))
    table.row({text_at(one, "at"), text_at(one, "who"), text_at(one, "act"), text_at(one, "resource"),
               text_at(one, "before"), text_at(one, "after"), at(one, "rules_after").dump()});
  if (!at(replay, "examples").empty()) text += table.text(session.paint());
  session.print(*answer, text);
  return options.exit_code && text_at(*answer, "diff") != "" ? exit_changes : exit_ok;
}

core::Result<std::string> code_of(Session& session, const Options& options) {
  if (!options.code.empty()) return options.code;
  if (!session.terminal().in_is_terminal) return std::string();
  return ask_line(session.terminal(), "Code of your app, or a recovery code (empty with a passkey): ", "give --code");
}

core::Result<int> amend(Session& session, const Options& options) {
  const bool dry_run = session.globals().dry_run;
  auto code = dry_run ? core::Result<std::string>(std::string()) : code_of(session, options);
  if (!code) return std::move(code).error();
  Json body{{"reason", options.reason}};
  if (!code->empty()) body["code"] = *code;
  if (!options.from.empty()) body["from"] = options.from;
  const auto answer = with_text(
      session, options, std::string("/v1/constitution/amend") + (dry_run ? "?dry_run=true" : ""), std::move(body));
  if (!answer) return answer.error();
  const auto digest = safe(text_at(*answer, "digest"));
  if (text_at(*answer, "status") == "drafted") {
    session.print(*answer, "It may allow more than " + safe(text_at(*answer, "from")) +
                               " does, so it is a draft until you confirm it, not before " +
                               safe(text_at(*answer, "not_before")) + ":\n  novactl constitution confirm " + digest +
                               "\n");
    return exit_held;
  }
  session.print(*answer, dry_run ? "It would be " + safe(text_at(*answer, "step")) + " of " +
                                       safe(text_at(*answer, "from")) + "\n"
                                 : "in force: " + safe(text_at(*answer, "reason")) + "\n");
  return exit_ok;
}

core::Result<int> confirm(Session& session, const Options& options) {
  auto code = code_of(session, options);
  if (!code) return std::move(code).error();
  Json body{{"digest", options.digest}, {"reason", options.reason}};
  if (!code->empty()) body["code"] = *code;
  const auto answer = post(session, "/v1/constitution/confirm", body);
  if (!answer) return answer.error();
  session.print(*answer, "in force: " + safe(text_at(*answer, "reason")) + "\n");
  return exit_ok;
}

}  // namespace

void add_constitution(CLI::App& app, Chosen& chosen) {
  auto* verb = app.add_subcommand("constitution", "The rules that stand above every command");
  verb->fallthrough();
  verb->require_subcommand(1);
  verb->footer(std::string("Examples:\n") + constitution_examples);
  auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* summary, core::Result<int> (*work)(Session&, const Options&)) {
    return add_verb(*verb, chosen, name, summary, constitution_examples,
                    [options, work](Session& session) { return work(session, *options); });
  };
  auto* shown = add("show", "Show the rules", show);
  shown->add_option("--language", options->language, "en or ar")->check(CLI::IsMember({"en", "ar"}));
  shown->add_option("--version", options->version, "an earlier one")->type_name("VERSION");
  shown->add_flag("--text", options->text, "the policies instead of the sentences");
  add_verb(*verb, chosen, "schema", "Show what policies may speak of", constitution_examples, schema);
  add_verb(*verb, chosen, "history", "Show the versions that there were", constitution_examples, history);
  auto* planned = add("plan", "Show what a text would change", plan);
  planned->add_option("FILE", options->file, "the policies; - is standard input")->required();
  planned->add_option("--replay", options->replay, "how many of the last decisions are asked again, up to 10000");
  planned->add_flag("--exit-code", options->exit_code, "10 when the text is another");
  auto* amended = add("amend", "Put a text in force; the root owner", amend);
  amended->add_option("FILE", options->file, "the policies; - is standard input")->required();
  amended->add_option("--from", options->from, "only if this version is still in force: the one that `plan` named");
  auto* confirmed = add("confirm", "Put a draft in force that may allow more; the root owner", confirm);
  confirmed->add_option("DIGEST", options->digest, "of the draft, as `amend` and `history` say it")->required();
  for (auto* one : {amended, confirmed}) {
    one->add_option("--code", options->code, "of your app, or a recovery code; asked for when left out");
    one->add_option("--reason", options->reason, "why, for the log");
  }
}

}  // namespace nova::cli
