// config: which nodes novactl knows, and which settings hold now.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/verbs/verbs.hpp"
#include "core/ids.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <istream>

namespace nova::cli {
namespace {

constexpr const char* config_examples =
    "  novactl config set-context prod --server https://nova.example:7480 --token-file ~/.nova-token\n"
    "  novactl config use-context prod\n"
    "  novactl config get-contexts\n"
    "  novactl config show --origin               what holds now, and where it comes from\n";

// Names become keys of the file and words of the command line.
core::Status check_name(const std::string& name) {
  if (core::is_name(name, 63)) return core::ok();
  auto error = core::refusal("config.bad_name", "`" + core::printable(name) + "` is no name of a context");
  return std::move(error).fix("lower-case letters, digits, and inner dots, dashes and underscores");
}

struct Open {
  std::filesystem::path path;
  Contexts contexts;
};

core::Result<Open> open(const Session& session) {
  const auto path = config_path(session.globals().wishes);
  auto contexts = read_contexts(path);
  if (!contexts) return std::move(contexts).error();
  return Open{path, std::move(*contexts)};
}

core::Error no_context(const std::string& name) {
  auto error = core::refusal("config.context_not_found", "no context `" + core::printable(name) + "`");
  return std::move(error).fix("see: novactl config get-contexts");
}

core::Result<int> show(Session& session, bool with_origin) {
  const auto target = session.target();
  if (!target) return target.error();
  const bool has_token = !(*target)->token.value.empty();
  // A secret is never shown, not even in part.
  const std::vector<std::tuple<std::string, std::string, std::string>> rows = {
      {"server", (*target)->server.value, (*target)->server.origin},
      {"token", has_token ? "(set)" : "(none)", (*target)->token.origin},
      {"tenant", (*target)->tenant.value, (*target)->tenant.origin},
      {"config", config_path(session.globals().wishes).string(), ""}};
  Json json = Json::object();
  Table table(with_origin ? std::vector<std::string>{"SETTING", "VALUE", "ORIGIN"}
                          : std::vector<std::string>{"SETTING", "VALUE"});
  for (const auto& [name, value, origin] : rows) {
    json[name] = with_origin ? Json{{"value", value}, {"origin", origin}} : Json(value);
    table.row(with_origin ? std::vector<std::string>{name, value, origin} : std::vector<std::string>{name, value});
  }
  session.print(json, table.text(session.paint()));
  return exit_ok;
}

core::Result<int> get_contexts(Session& session) {
  const auto file = open(session);
  if (!file) return file.error();
  Json items = Json::array();
  Table table({"CURRENT", "NAME", "SERVER", "TENANT"});
  for (const auto& [name, named] : file->contexts.named) {
    const bool is_current = name == file->contexts.current;
    items.push_back({{"name", name}, {"server", named.server}, {"tenant", named.tenant}, {"current", is_current}});
    table.row({is_current ? "*" : "", name, named.server, named.tenant});
  }
  session.print(Json{{"items", items}}, items.empty() ? "no contexts\n" : table.text(session.paint()));
  return exit_ok;
}

core::Result<int> set_context(Session& session, const std::string& name, bool token_from_stdin) {
  if (auto fine = check_name(name); !fine) return std::move(fine).error();
  auto file = open(session);
  if (!file) return std::move(file).error();
  const auto& wishes = session.globals().wishes;
  Named& named = file->contexts.named[name];
  if (!wishes.server.empty()) {
    auto server = check_server(wishes.server);
    if (!server) return std::move(server).error();
    // A token is for the address it was entered for.
    if (named.server != *server) named.token.clear(), named.token_file.clear();
    named.server = std::move(*server);
  }
  if (named.server.empty()) return core::refusal("config.no_server", "a context needs --server");
  if (!wishes.token_file.empty()) named.token_file = std::filesystem::absolute(wishes.token_file).string();
  if (!wishes.tenant.empty()) named.tenant = wishes.tenant;
  if (token_from_stdin) {
    std::getline(session.terminal().in, named.token);
    if (named.token.empty() || named.token.size() > 4096)
      return core::refusal("config.bad_token", "standard input holds no token");
  }
  if (file->contexts.current.empty()) file->contexts.current = name;
  if (auto written = write_contexts(file->path, file->contexts); !written) return std::move(written).error();
  session.print(Json{{"context", name}}, "context " + name + " set\n");
  return exit_ok;
}

core::Result<int> use_context(Session& session, const std::string& name) {
  auto file = open(session);
  if (!file) return std::move(file).error();
  if (!file->contexts.named.count(name)) return no_context(name);
  file->contexts.current = name;
  if (auto written = write_contexts(file->path, file->contexts); !written) return std::move(written).error();
  session.print(Json{{"context", name}}, "now using " + name + "\n");
  return exit_ok;
}

core::Result<int> delete_context(Session& session, const std::string& name) {
  auto file = open(session);
  if (!file) return std::move(file).error();
  if (file->contexts.named.erase(name) == 0) return no_context(name);
  if (file->contexts.current == name) file->contexts.current.clear();
  if (auto written = write_contexts(file->path, file->contexts); !written) return std::move(written).error();
  session.print(Json{{"context", name}}, "context " + name + " deleted\n");
  return exit_ok;
}

}  // namespace

void add_config(CLI::App& app, Chosen& chosen) {
  auto* config = app.add_subcommand("config", "Nodes that novactl knows, and the settings that hold");
  config->fallthrough();
  config->require_subcommand(1);
  config->footer(std::string("Examples:\n") + config_examples);
  const auto named_verb = [&](const std::string& name, const std::string& summary,
                              core::Result<int> (*work)(Session&, const std::string&)) {
    auto word = std::make_shared<std::string>();
    auto* verb = add_verb(*config, chosen, name, summary, config_examples,
                          [word, work](Session& session) { return work(session, *word); });
    verb->add_option("NAME", *word, "the context")->required();
  };
  auto with_origin = std::make_shared<bool>(false);
  auto* verb = add_verb(*config, chosen, "show", "Show the settings that hold now", config_examples,
                        [with_origin](Session& session) { return show(session, *with_origin); });
  verb->add_flag("--origin", *with_origin, "and where each comes from");
  add_verb(*config, chosen, "get-contexts", "List the contexts", config_examples, get_contexts);
  named_verb("use-context", "Choose the context for the next commands", use_context);
  named_verb("delete-context", "Forget a context", delete_context);
  auto name = std::make_shared<std::string>();
  auto from_stdin = std::make_shared<bool>(false);
  verb = add_verb(*config, chosen, "set-context", "Add or change a context (with --server, --token-file, --tenant)",
                  config_examples,
                  [name, from_stdin](Session& session) { return set_context(session, *name, *from_stdin); });
  verb->add_option("NAME", *name, "the context")->required();
  verb->add_flag("--token-stdin", *from_stdin, "read the token from standard input and keep it in the file");
}

}  // namespace nova::cli
