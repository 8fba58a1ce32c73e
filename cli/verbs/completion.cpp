// completion: shell scripts that ask novactl itself what may come next, so that they never grow old.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/session_list.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <ostream>
#include <set>

namespace nova::cli {
namespace {

constexpr const char* completion_examples =
    "  source <(novactl completion bash)                               # in ~/.bashrc\n"
    "  novactl completion zsh > \"${fpath[1]}/_novactl\"\n"
    "  novactl completion fish > ~/.config/fish/completions/novactl.fish\n";

constexpr const char* bash_script = R"(_novactl() {
  local IFS=$'\n'
  COMPREPLY=($(novactl __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace
  [[ ${#COMPREPLY[@]} -eq 0 ]] && compopt -o default
}
complete -F _novactl novactl
)";
constexpr const char* zsh_script = R"(#compdef novactl
_novactl() {
  local -a found
  found=("${(@f)$(novactl __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[1]}" ]]; then compadd -- "${found[@]}"; else _files; fi
}
compdef _novactl novactl
)";
constexpr const char* fish_script = R"(function __novactl_complete
  set -l words (commandline -opc) (commandline -ct)
  novactl __complete -- $words[2..-1] 2>/dev/null
end
complete -c novactl -a '(__novactl_complete)'
)";

// A person presses Tab and waits: ids are a help, not a list.
constexpr std::size_t ids_max = 200;

// Verbs whose first words name a thing, and the kind that may be left out.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> about_things = {{{"get", ""},
                                                                                         {"describe", ""},
                                                                                         {"events", ""},
                                                                                         {"logs", "deployment"},
                                                                                         {"why", ""},
                                                                                         {"wait", ""},
                                                                                         {"rollback", "deployment"},
                                                                                         {"scale", "deployment"},
                                                                                         {"restart", "deployment"},
                                                                                         {"stop", "deployment"},
                                                                                         {"start", "deployment"},
                                                                                         {"delete", ""},
                                                                                         {"answer", "escalation"}}};

// A group such as `config` or `policy`.
bool has_verbs(const CLI::App* app) {
  return !app->get_subcommands([](const CLI::App* sub) { return !sub->get_name().empty(); }).empty();
}

void add_verbs(const CLI::App* app, std::set<std::string>& found) {
  for (const auto* verb : app->get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); }))
    if (!verb->get_name().empty()) found.insert(verb->get_name());
}

void add_options(const CLI::App* app, std::set<std::string>& found) {
  for (const auto* option : app->get_options())
    for (const auto& name : option->get_lnames()) found.insert("--" + name);
  for (const auto* group : app->get_subcommands([](const CLI::App* sub) { return sub->get_name().empty(); }))
    for (const auto* option : group->get_options())
      for (const auto& name : option->get_lnames()) found.insert("--" + name);
}

core::Status add_ids(Session& session, std::string_view kind_word, const std::string& lead,
                     std::set<std::string>& found) {
  const auto kind = session.kind(kind_word);
  if (!kind) return kind.error();
  const auto tenant = session.tenant_or("-");
  if (!tenant) return tenant.error();
  const auto all = session.list(*kind, *tenant, "", ids_max);
  if (!all) return all.error();
  for (const auto& item : all->items) found.insert(safe(lead + text_at(item, "id")));
  return core::ok();
}

core::Status add_things(Session& session, std::string_view default_kind, const std::vector<std::string>& words,
                        const std::string& begun, std::set<std::string>& found) {
  if (const auto slash = begun.find('/'); slash != std::string::npos)
    return add_ids(session, begun.substr(0, slash), begun.substr(0, slash + 1), found);
  if (!words.empty()) return add_ids(session, words.back(), "", found);
  const auto kinds = session.kinds();
  if (!kinds) return kinds.error();
  for (const auto& kind : *kinds) found.insert({kind.name + "/", kind.plural});
  return default_kind.empty() ? core::ok() : add_ids(session, default_kind, "", found);
}

// `words` is the command line so far, the last one being typed. Silent when the node does not answer.
core::Result<int> complete(Session& session, const CLI::App& app, std::vector<std::string> words) {
  const std::string begun = words.empty() ? "" : words.back();
  if (!words.empty()) words.pop_back();
  const CLI::App* here = &app;
  std::vector<std::string> plain;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (takes_value(app, word) || takes_value(*here, word)) {
      ++i;
      continue;
    }
    const auto named =
        here->get_subcommands([&](const CLI::App* sub) { return !word.empty() && sub->get_name() == word; });
    if (!named.empty() && plain.empty()) {
      here = named.front();
      continue;
    }
    if (!word.starts_with('-')) plain.push_back(word);
  }
  std::set<std::string> found;
  if (begun.starts_with('-') || here == &app || has_verbs(here)) {
    add_verbs(here, found);
    add_options(here, found);
    if (here != &app) add_options(&app, found);
  }
  if (!begun.starts_with('-'))
    for (const auto& [verb, default_kind] : about_things)
      if (here->get_name() == verb && !add_things(session, default_kind, plain, begun, found)) return exit_ok;
  if (here->get_name() == "completion") found = {"bash", "zsh", "fish"};
  for (const auto& candidate : found)
    if (candidate.starts_with(begun) && (begun.starts_with('-') || !candidate.starts_with('-')))
      session.terminal().out << candidate << '\n';
  return exit_ok;
}

}  // namespace

void add_completion(CLI::App& app, Chosen& chosen) {
  auto shell = std::make_shared<std::string>();
  auto* verb = add_verb(
      app, chosen, "completion", "Print a completion script for bash, zsh or fish", completion_examples,
      [shell](Session& session) -> core::Result<int> {
        session.terminal().out << (*shell == "bash" ? bash_script : *shell == "zsh" ? zsh_script : fish_script);
        return exit_ok;
      });
  verb->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));

  auto words = std::make_shared<std::vector<std::string>>();
  verb = add_verb(app, chosen, "__complete", "", "",
                  [words, &app](Session& session) { return complete(session, app, *words); });
  verb->group("");  // Not shown in help.
  verb->add_option("WORDS", *words);
}

}  // namespace nova::cli
