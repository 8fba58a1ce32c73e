// secret: values in the vault of a tenant. A value comes from a file or from standard input, never from an argument,
// which others on the machine can read; and none is ever shown.
#include "cli/exit.hpp"
#include "cli/identity/prompt.hpp"
#include "cli/json.hpp"
#include "cli/session_list.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/people/people.hpp"
#include "cli/verbs/verbs.hpp"
#include "core/text.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>

namespace nova::cli {
namespace {

constexpr const char* secret_examples =
    "  novactl secret create db -t clinic --type password < value\n"
    "  novactl secret create tls -t clinic --type certificate --from-file key.pem\n"
    "  novactl secret rotate db -t clinic                     asks for the new value\n"
    "  novactl secret show db -t clinic                       its versions, and how a blueprint names them\n"
    "  novactl secret destroy db -t clinic --version 1\n"
    "  novactl secret destroy db -t clinic --reason leaked\n";

constexpr std::size_t value_bytes_max = 64 * 1024;

struct SecretOptions {
  std::string id, file, name, path, type, status, reason;
  std::uint64_t version = 0;
  std::size_t limit = list_default;
};

core::Error bad_value(const std::string& why) {
  auto error = core::refusal("cli.bad_value", why);
  error.status = 400;
  return error;
}

core::Result<std::string> read_all(std::istream& in, const std::string& where) {
  std::string value(value_bytes_max + 2, '\0');
  in.read(value.data(), std::streamsize(value.size()));
  value.resize(std::size_t(in.gcount()));
  // The newline that editors and `echo` put at the end of a file is nobody's secret.
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  if (value.empty()) return bad_value(where + " is empty");
  if (value.size() > value_bytes_max) return bad_value(where + " holds more than 64 KiB");
  if (!core::is_utf8(value)) return bad_value(where + " is no UTF-8 text").fix("encode it, for example with base64");
  return value;
}

core::Result<std::string> read_value(Session& session, const SecretOptions& options) {
  auto& terminal = session.terminal();
  if (options.file.empty() && terminal.in_is_terminal)
    return ask_secret(terminal, "Value", "give it on standard input, or in a file with --from-file");
  if (options.file.empty()) return read_all(terminal.in, "standard input");
  std::ifstream file(options.file, std::ios::binary);
  if (!file) return bad_value("`" + options.file + "` cannot be read: " + std::strerror(errno));
  return read_all(file, "`" + options.file + "`");
}

core::Result<std::string> path_of(Session& session, const SecretOptions& options) {
  auto tenant = tenant_of(session);
  if (!tenant) return tenant;
  return "/v1/tenants/" + url_part(*tenant) + "/secrets/" + url_part(options.id);
}

std::string current(const Json& item) {
  const auto& versions = at(item, "state.versions");
  return versions.is_array() && !versions.empty() ? text_at(versions.back(), "value") : std::string();
}

core::Result<int> keep(Session& session, const SecretOptions& options, const char* command) {
  const auto path = path_of(session, options);
  if (!path) return path.error();
  auto value = read_value(session, options);
  if (!value) return std::move(value).error();
  Json body = {{"value", std::move(*value)}};
  for (const auto& [name, given] : {std::pair("name", &options.name), {"path", &options.path}, {"type", &options.type}})
    if (!given->empty()) body[name] = *given;
  const auto answer = session.mutate(*path + "/" + command, body);
  if (!answer) return answer.error();
  std::string text = "secret " + safe(options.id) + " kept\n";
  // The reference is what one came for; it stands in the document.
  if (const auto item = session.get(*path)) text += safe(current(*item)) + "\n";
  session.print(*answer, text);
  return exit_ok;
}

core::Result<int> list(Session& session, const SecretOptions& options) {
  const auto tenant = tenant_of(session);
  if (!tenant) return tenant.error();
  const auto all = session.list({"secret", "secrets", {}, {}}, *tenant,
                                options.status.empty() ? "" : "status=" + url_part(options.status), options.limit);
  if (!all) return all.error();
  Json answer = {{"items", all->items}};
  if (!all->next.empty()) answer["next"] = all->next;
  Table table({"ID", "PATH", "TYPE", "STATUS", "VERSION", "OWNER", "AGE", "NAME"});
  for (const auto& item : all->items)
    table.row({text_at(item, "id"), text_at(item, "state.path"), text_at(item, "state.type"), text_at(item, "status"),
               text_at(item, "state.version"), text_at(item, "state.owner"), age_of(text_at(item, "created_at")),
               text_at(item, "state.name")});
  session.print(answer, all->items.empty() ? "no secrets\n" : table.text(session.paint(), 3));
  if (!all->next.empty() && session.format() == Format::table) session.note("there are more; raise --limit");
  return exit_ok;
}

core::Result<int> show(Session& session, const SecretOptions& options) {
  const auto path = path_of(session, options);
  if (!path) return path.error();
  const auto item = session.get(*path);
  if (!item) return item.error();
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += pad(name, 12) + safe(value) + "\n";
  };
  line("Id:", text_at(*item, "id"));
  line("Tenant:", text_at(*item, "tenant"));
  line("Name:", text_at(*item, "state.name"));
  line("Path:", text_at(*item, "state.path"));
  line("Type:", text_at(*item, "state.type"));
  line("Status:", text_at(*item, "status"));
  line("Reason:", text_at(*item, "reason"));
  line("Owner:", text_at(*item, "state.owner"));
  if (const auto& versions = at(*item, "state.versions"); versions.is_array())
    for (const auto& version : versions)
      line("Version:", text_at(version, "number") + "  " + text_at(version, "at") + "  " + text_at(version, "value"));
  session.print(*item, text);
  return exit_ok;
}

core::Result<int> destroy(Session& session, const SecretOptions& options) {
  const auto path = path_of(session, options);
  if (!path) return path.error();
  const bool whole = options.version == 0;
  if (whole && options.reason.empty()) return bad_value("destroying a secret needs --reason").fix("say why");
  const auto what = whole ? "secret " + options.id : "version " + std::to_string(options.version) + " of " + options.id;
  if (auto sure =
          session.confirm("this erases " + what + " for good; what uses it cannot be started any more.", options.id);
      !sure)
    return std::move(sure).error();
  if (whole) return order(session, *path + "/destroy", {{"reason", options.reason}}, what, "destroyed");
  return order(session, *path + "/destroy_version", {{"version", options.version}}, what, "destroyed");
}

}  // namespace

void add_secrets(CLI::App& app, Chosen& chosen) {
  auto* secrets = app.add_subcommand("secret", "Values in the vault of a tenant");
  secrets->fallthrough();
  secrets->require_subcommand(1);
  secrets->footer(std::string("Examples:\n") + secret_examples);
  const auto verb = [&](const char* name, const char* summary,
                        std::function<core::Result<int>(Session&, const SecretOptions&)> work, bool one = true) {
    auto options = std::make_shared<SecretOptions>();
    auto* made = add_verb(*secrets, chosen, name, summary, secret_examples,
                          [options, work = std::move(work)](Session& session) { return work(session, *options); });
    if (one) made->add_option("SECRET", options->id, "its id")->required();
    return std::pair(made, options);
  };
  const auto keeping = [](const char* command) {
    return [command](Session& session, const SecretOptions& options) { return keep(session, options, command); };
  };
  constexpr const char* from_file = "read the value from this file; left out: from standard input";

  const auto [creates, given] = verb("create", "Keep a value", keeping("create"));
  creates->add_option("--from-file", given->file, from_file)->type_name("FILE");
  creates->add_option("--name", given->name, "its name for people");
  creates->add_option("--path", given->path, "letters, digits and - _ / . ; left out: its id");
  creates->add_option("--type", given->type, "generic, api-key, password, certificate or token");
  const auto [rotates, turned] = verb("rotate", "Keep another value, as the next version", keeping("rotate"));
  rotates->add_option("--from-file", turned->file, from_file)->type_name("FILE");
  const auto [lists, filter] = verb("list", "List secrets, without values", list, false);
  lists->add_option("--status", filter->status, "active or destroyed");
  lists->add_option("--limit", filter->limit, "at most this many")->check(CLI::Range(1, 100'000));
  verb("show", "Show one secret and its versions, without values", show);
  const auto [destroys, ended] = verb("destroy", "Erase a secret, or one of its versions, for good", destroy);
  destroys->add_option("--version", ended->version, "this version alone")->check(CLI::Range(1, 1'000'000'000));
  destroys->add_option("--reason", ended->reason, "why");
}

}  // namespace nova::cli
