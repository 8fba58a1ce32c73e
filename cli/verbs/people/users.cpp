// users: accounts, their status, role and permissions.
#include "cli/exit.hpp"
#include "cli/identity/prompt.hpp"
#include "cli/json.hpp"
#include "cli/session_list.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/people/people.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* users_examples =
    "  novactl users list --status pending\n"
    "  novactl users show amy@example.org\n"
    "  novactl users register amy@example.org --username Amy\n"
    "  novactl users verify amy@example.org\n"
    "  novactl users role amy@example.org support_agent --reason 'joins support'\n"
    "  novactl users suspend amy@example.org --reason 'chargeback under review'\n"
    "  novactl users override amy@example.org data.export deny -t clinic --for 30d\n";

struct UserOptions {
  std::string user, reason, word, setting, until;
  std::string username, full_name, language;
  std::vector<std::string> permissions;
  std::string status;
  bool password_stdin = false;
  std::size_t limit = list_default;
};
using Options = std::shared_ptr<UserOptions>;

std::string joined(const Json& list) {
  std::string text;
  if (list.is_array())
    for (const auto& word : list)
      if (word.is_string()) text += (text.empty() ? "" : ", ") + word.get<std::string>();
  return text;
}

core::Result<int> list(Session& session, const UserOptions& options) {
  const KindInfo users{"user", "users", {}, {}};
  const auto all = session.list(users, people_tenant,
                                options.status.empty() ? "" : "status=" + url_part(options.status), options.limit);
  if (!all) return all.error();
  Json answer = {{"items", all->items}};
  if (!all->next.empty()) answer["next"] = all->next;
  Table table({"ID", "EMAIL", "USERNAME", "ROLE", "STATUS", "AGE", "REASON"});
  for (const auto& item : all->items)
    table.row({text_at(item, "id"), text_at(item, "state.account.email"), text_at(item, "state.account.username"),
               text_at(item, "state.role") + (flag_at(item, "state.root_owner") ? " (root)" : ""),
               text_at(item, "status"), age_of(text_at(item, "created_at")), text_at(item, "reason")});
  session.print(answer, all->items.empty() ? "no users\n" : table.text(session.paint(), 4));
  if (!all->next.empty() && session.format() == Format::table) session.note("there are more; raise --limit");
  return exit_ok;
}

std::string overrides_text(const Json& item) {
  std::string text;
  for (const auto& one : at(item, "state.overrides")) {
    const auto tenant = text_at(one, "tenant"), until = text_at(one, "expires_at");
    text += pad("", 13) + safe(text_at(one, "grant") + " " + text_at(one, "permission")) +
            (tenant.empty() ? "" : safe(" in " + tenant)) + (until.empty() ? "" : safe(" until " + until)) + "\n";
  }
  return text.empty() ? text : pad("Overrides:", 13) + text.substr(13);
}

core::Result<int> show(Session& session, const UserOptions& options) {
  const auto id = user_id(session, options.user);
  if (!id) return id.error();
  const auto item = session.get(user_path(*id));
  if (!item) return item.error();
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += pad(name, 13) + safe(value) + "\n";
  };
  line("Id:", text_at(*item, "id"));
  line("Email:", text_at(*item, "state.account.email"));
  line("Username:", text_at(*item, "state.account.username"));
  line("Name:", text_at(*item, "state.account.full_name"));
  line("Role:", text_at(*item, "state.role") + (flag_at(*item, "state.root_owner") ? " (the root owner)" : ""));
  line("Status:", text_at(*item, "status"));
  line("Reason:", text_at(*item, "reason"));
  line("Changed:", text_at(*item, "state.changed_at") + " by " + text_at(*item, "state.changed_by"));
  line("Permissions:", joined(at(*item, "state.permissions")));
  text += overrides_text(*item);
  line("Registered:", text_at(*item, "created_at"));
  if (number_at(*item, "state.failed_logins") > 0)
    line("Failed:", text_at(*item, "state.failed_logins") + " logins in a row");
  session.print(*item, text);
  return exit_ok;
}

core::Result<int> enlist(Session& session, const UserOptions& options) {
  auto password = options.password_stdin
                      ? read_line(session.terminal(), "password")
                      : ask_secret(session.terminal(), "Password of the new account", "in scripts: --password-stdin");
  if (!password) return std::move(password).error();
  Json body = {
      {"email", options.user},
      {"username", options.username.empty() ? options.user.substr(0, options.user.find('@')) : options.username},
      {"full_name", options.full_name},
      {"password", *password}};
  if (!options.language.empty()) body["language"] = options.language;
  const auto made = session.sign_in("/api/auth/register", body);
  if (!made) return made.error();
  const auto answer = parse_json(*made);
  if (!answer) return answer.error();
  session.print(*answer, "user " + safe(options.user) + " registered: " + safe(text_at(*answer, "user")) +
                             "; the address waits to be verified\n");
  return exit_ok;
}

// A command of an account; `danger` asks before.
core::Result<int> tell(Session& session, const UserOptions& options, const std::string& command, const Json& body,
                       const std::string& done, const std::string& danger = {}) {
  const auto id = user_id(session, options.user);
  if (!id) return id.error();
  const std::string what = "user " + options.user;
  if (!danger.empty())
    if (auto sure = session.confirm("`" + command + "` of " + what + " " + danger + ".", options.user); !sure)
      return std::move(sure).error();
  return order(session, user_path(*id) + "/" + command, body, what, done);
}

core::Result<int> override_one(Session& session, const UserOptions& options) {
  // The tenant must be said: a context's would limit it unseen.
  Json body = {{"permission", options.word}, {"tenant", session.globals().wishes.tenant}};
  if (options.setting == "clear") return tell(session, options, "clear_override", body, "override cleared");
  body["grant"] = options.setting;
  if (!options.until.empty()) {
    const auto until = moment_of(options.until);
    if (!until) return until.error();
    body["expires_at"] = *until;
  }
  return tell(session, options, "set_override", body, "override set");
}

struct Move {
  const char* name;
  const char* summary;
  const char* done;
  const char* danger;
  bool has_reason = true;
};
constexpr Move moves[] = {
    {"verify", "Vouch for somebody's address", "verified", "", false},
    {"suspend", "Stop somebody for a while", "suspended", "ends their sessions and stops their keys"},
    {"ban", "Stop somebody for good", "banned", "ends their sessions and stops their keys"},
    {"reactivate", "Let somebody in again", "reactivated", ""},
    {"deactivate", "Leave, or let somebody go", "deactivated", "ends their sessions and stops their keys"},
};

}  // namespace

void add_users(CLI::App& app, Chosen& chosen) {
  auto* users = app.add_subcommand("users", "People: accounts, status, roles");
  users->fallthrough();
  users->require_subcommand(1);
  users->footer(std::string("Examples:\n") + users_examples);
  const auto verb = [&](const char* name, const char* summary,
                        std::function<core::Result<int>(Session&, const UserOptions&)> work, bool names_user = true) {
    auto options = std::make_shared<UserOptions>();
    auto* made = add_verb(*users, chosen, name, summary, users_examples,
                          [options, work = std::move(work)](Session& session) { return work(session, *options); });
    if (names_user) made->add_option("USER", options->user, "an address, an id, or `me`")->required();
    return std::pair(made, options);
  };
  const auto add_reason = [](CLI::App* made, const Options& options) {
    made->add_option("--reason", options->reason, "why; the person and the audit will see it");
  };

  const auto [lists, filter] = verb("list", "List accounts", list, false);
  lists->add_option("--status", filter->status, "pending, active, suspended, banned or deactivated");
  lists->add_option("--limit", filter->limit, "at most this many")->check(CLI::Range(1, 100'000));
  verb("show", "Show one account", show);

  const auto [enlists, given] = verb("register", "Make an account, which waits to be verified", enlist, false);
  enlists->add_option("EMAIL", given->user, "the address")->required();
  enlists->add_option("--username", given->username, "what they are called");
  enlists->add_option("--full-name", given->full_name, "their name");
  enlists->add_option("--language", given->language, "ar or en")->check(CLI::IsMember({"ar", "en"}));
  enlists->add_flag("--password-stdin", given->password_stdin, "read the password from standard input");

  for (const auto& move : moves) {
    const auto [made, options] = verb(move.name, move.summary, [&move](Session& session, const UserOptions& said) {
      Json body = Json::object();
      if (!said.reason.empty()) body["reason"] = said.reason;
      return tell(session, said, move.name, body, move.done, move.danger);
    });
    if (move.has_reason) add_reason(made, options);
  }

  const auto [role, to] = verb("role", "Give another platform role", [](Session& session, const UserOptions& said) {
    return tell(session, said, "change_role", {{"role", said.word}, {"reason", said.reason}}, "is now " + said.word);
  });
  role->add_option("ROLE", to->word, "see: novactl roles list")->required();
  add_reason(role, to);

  const auto [permissions, exactly] = verb(
      "permissions", "Give exactly these permissions beside the role", [](Session& session, const UserOptions& said) {
        return tell(session, said, "set_permissions", {{"permissions", said.permissions}}, "permissions set");
      });
  permissions->add_option("PERMISSION", exactly->permissions, "area:verb ...; none takes all away");

  const auto [exception, one] = verb("override", "Allow or deny one permission whatever the role says", override_one);
  exception->add_option("PERMISSION", one->word, "area:verb, or a capability area.verb of a tenant")->required();
  exception->add_option("SETTING", one->setting, "allow, deny, or clear")
      ->required()
      ->check(CLI::IsMember({"allow", "deny", "clear"}));
  exception->add_option("--for", one->until, "until when: 30d, or a time")->type_name("SPAN");
}

}  // namespace nova::cli
