#include "cli/run.hpp"

#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/verbs/sovereign/sovereign.hpp"
#include "core/text.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace nova::cli {
namespace {

constexpr const char* overview =
    "Operate WebNova: describe platforms, watch them run, heal them.\n\n"
    "  novactl apply -f clinic.yaml --wait     make it so\n"
    "  novactl tree                            everything that runs\n"
    "  novactl get deployments                 a list\n"
    "  novactl describe deployment ID          one thing, with its story\n"
    "  novactl logs deployment/ID -f           what its services print\n"
    "  novactl rollback deployment/ID          back to the revision before\n";

void add_globals(CLI::App& app, Globals& globals) {
  auto* group = app.add_option_group("Every verb");
  group->add_option("--server", globals.wishes.server, "the node, for example http://127.0.0.1:7480 (NOVA_SERVER)")
      ->type_name("URL");
  group->add_option("--token-file", globals.wishes.token_file, "file that holds the token (NOVA_TOKEN_FILE)")
      ->type_name("FILE");
  group->add_option("--context", globals.wishes.context, "a node from the configuration file (NOVA_CONTEXT)")
      ->type_name("NAME");
  group->add_option("--config", globals.wishes.config_file, "the configuration file (NOVACTL_CONFIG)")
      ->type_name("FILE");
  group->add_option("-t,--tenant", globals.wishes.tenant, "the tenant; `-` means all (NOVA_TENANT)")
      ->type_name("TENANT");
  group->add_option("-o,--output", globals.format, "table, json or yaml")->type_name("FORMAT");
  group->add_flag("--dry-run", globals.dry_run, "decide, but change nothing");
  group->add_flag("-y,--yes", globals.yes, "do not ask");
  group->add_option("--idempotency-key", globals.idempotency_key, "repeating a key repeats no work")->type_name("KEY");
  group->add_option("--request-timeout", globals.request_timeout, "of one request")->type_name("SPAN");
  group->add_flag("--no-color", globals.no_color, "no colours (NO_COLOR)");
  group->add_flag("--allow-plain-http", globals.allow_plain_http, "send the token unencrypted to another machine");
}

// Examples come before options: most people need no more than them.
class HelpText : public CLI::Formatter {
 public:
  std::string make_description(const CLI::App* app) const override {
    const std::string text = CLI::Formatter::make_description(app);
    return app->get_parent() ? text + "\n" + app->get_footer() + "\n" : text;
  }
  std::string make_footer(const CLI::App* app) const override {
    return app->get_parent() ? "\nOptions of every verb: novactl --help\n" : CLI::Formatter::make_footer(app);
  }
};

// The first word that is neither an option nor the value of one.
std::vector<std::string>::const_iterator first_plain_word(const CLI::App& app,
                                                          const std::vector<std::string>& arguments) {
  for (auto word = arguments.begin(); word != arguments.end(); ++word) {
    if (!word->starts_with('-')) return word;
    if (takes_value(app, *word) && ++word == arguments.end()) break;
  }
  return arguments.end();
}

// What the parser could not understand, in the words of this program.
core::Error usage_error(const CLI::App& app, const CLI::ParseError& wrong, const std::vector<std::string>& arguments) {
  const auto used = app.get_subcommands();
  std::string message = wrong.what(),
              remedy = "see: novactl " + (used.empty() ? "" : used.front()->get_name() + " ") + "--help";
  const auto word = first_plain_word(app, arguments);
  if (used.empty() && word != arguments.end()) {
    std::vector<std::string> names;
    for (const auto* verb : app.get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(verb->get_name());
    const auto near = core::nearest(*word, std::vector<std::string_view>(names.begin(), names.end()));
    message = "there is no verb `" + core::printable(*word) + "`";
    if (!near.empty()) remedy = "did you mean " + std::string(near) + "?";
  }
  auto error = core::refusal("cli.usage", std::move(message));
  error.status = 400;
  return std::move(error).fix(std::move(remedy));
}

// `plan` sees to its own -o, which may be a file; everywhere else it is a format.
core::Status check_format(const CLI::App& app, const Globals& globals) {
  if (app.got_subcommand("plan") || is_format(globals.format)) return core::ok();
  return core::refusal("cli.bad_format", "`" + core::printable(globals.format) + "` is no output format")
      .fix("table, json or yaml");
}

}  // namespace

bool takes_value(const CLI::App& app, const std::string& word) {
  const CLI::Option* option = app.get_option_no_throw(word);
  for (const auto* group : app.get_subcommands([](const CLI::App* sub) { return sub->get_name().empty(); }))
    if (!option) option = group->get_option_no_throw(word);
  return option && option->get_items_expected_max() > 0;
}

CLI::App* add_verb(CLI::App& app, Chosen& chosen, const std::string& name, const std::string& summary,
                   const std::string& examples, Work work) {
  auto* verb = app.add_subcommand(name, summary);
  verb->fallthrough();
  verb->footer("Examples:\n" + examples);
  verb->callback([&chosen, work = std::move(work)] { chosen.work = work; });
  return verb;
}

int run(const std::vector<std::string>& arguments, Terminal& terminal) {
  CLI::App app(overview, "novactl");
  app.footer(std::string(exit_help()));
  app.require_subcommand(1);
  app.set_version_flag("--version", "novactl " NOVA_VERSION);
  auto help = std::make_shared<HelpText>();
  help->column_width(34);
  app.formatter(help);
  Globals globals;
  Chosen chosen;
  add_globals(app, globals);
  for (const auto add :
       {add_apply,    add_get,          add_tree,       add_streams, add_commands,  add_wait,      add_node,
        add_policy,   add_constitution, add_store,      add_backup,  add_login,     add_mfa,       add_users,
        add_passkeys, add_sessions,     add_keys,       add_secrets, add_roles,     add_approvals, add_limits,
        add_kill,     add_config,       add_completion, add_ai,      add_decisions, add_emergency})
    add(app, chosen);

  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // CLI11 takes them from the back.
    app.parse(std::move(reversed));
  } catch (const CLI::Success& asked_for_help) {
    app.exit(asked_for_help, terminal.out, terminal.err);
    return exit_ok;
  } catch (const CLI::ParseError& wrong) {
    return report(terminal, usage_error(app, wrong, arguments), Format::table);
  }
  if (auto status = check_format(app, globals); !status) return report(terminal, status.error(), Format::table);
  Session session(globals, terminal);
  try {
    auto done = chosen.work(session);
    return done ? *done : report(terminal, done.error(), session.format());
  } catch (const std::exception& broken) {
    auto error = core::refusal("internal.bug", broken.what());
    return report(terminal, std::move(error).fix("please report it with the command line"), session.format());
  }
}

}  // namespace nova::cli
