// constitution: the rules above every command, and the words that they may use.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* constitution_examples =
    "  novactl constitution show                      the rules, in words\n"
    "  novactl constitution show --language ar        the same in Arabic\n"
    "  novactl constitution show --text               the policies themselves\n"
    "  novactl constitution schema > words.json       what policies may speak of, for `novactl policy validate -s`\n";

core::Result<int> show(Session& session, const std::string& language, bool text) {
  const auto answer = session.get("/v1/constitution");
  if (!answer) return answer.error();
  if (text) {
    session.print(*answer, safe_lines(text_at(*answer, "text")));
    return exit_ok;
  }
  Table table({"RULE", "SAYS", ""});
  for (const auto& rule : at(*answer, "rules"))
    table.row({text_at(rule, "id"), text_at(rule, "effect"), text_at(rule, language)});
  session.print(*answer, "Constitution " + safe(text_at(*answer, "version")) + "\n" + table.text(session.paint()));
  return exit_ok;
}

core::Result<int> schema(Session& session) {
  const auto answer = session.get("/v1/constitution/schema");
  if (!answer) return answer.error();
  session.print(*answer, answer->dump(2) + "\n");
  return exit_ok;
}

}  // namespace

void add_constitution(CLI::App& app, Chosen& chosen) {
  auto* verb = app.add_subcommand("constitution", "The rules that stand above every command");
  verb->fallthrough();
  verb->require_subcommand(1);
  verb->footer(std::string("Examples:\n") + constitution_examples);
  struct Options {
    std::string language = "en";
    bool text = false;
  };
  auto options = std::make_shared<Options>();
  auto* shown = add_verb(*verb, chosen, "show", "Show the rules", constitution_examples,
                         [options](Session& session) { return show(session, options->language, options->text); });
  shown->add_option("--language", options->language, "en or ar")->check(CLI::IsMember({"en", "ar"}));
  shown->add_flag("--text", options->text, "the policies instead of the sentences");
  add_verb(*verb, chosen, "schema", "Show what policies may speak of", constitution_examples, schema);
}

}  // namespace nova::cli
