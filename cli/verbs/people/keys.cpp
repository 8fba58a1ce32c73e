// keys: API keys of a tenant. A secret is shown once, when it is made.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/session_list.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/people/people.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <ostream>

namespace nova::cli {
namespace {

constexpr const char* keys_examples =
    "  novactl keys create 'ci deploys' -t clinic --scope platform.read --scope platform.write --expires 90d\n"
    "  novactl keys create ci -t clinic --scope platform.read -q > key    the secret alone, for scripts\n"
    "  novactl keys list -t clinic\n"
    "  novactl keys rotate KEY -t clinic                                  the secret before stays good for 24 hours\n"
    "  novactl keys revoke KEY -t clinic --reason 'leaked'\n";

constexpr const char* shown_once = "this secret is shown now and never again: keep it where secrets are kept";

struct KeyOptions {
  std::string id, name, user, expires, reason, status, rate_tier;
  std::vector<std::string> scopes;
  bool quiet = false;
  std::size_t limit = list_default;
};
using Options = std::shared_ptr<KeyOptions>;

core::Result<std::string> keys_path(Session& session) {
  auto tenant = tenant_of(session);
  if (!tenant) return tenant;
  return "/v1/tenants/" + url_part(*tenant) + "/api_keys";
}

core::Result<std::string> key_path(Session& session, const KeyOptions& options) {
  auto path = keys_path(session);
  if (!path) return path;
  return *path + "/" + url_part(options.id);
}

std::string joined(const Json& list) {
  std::string text;
  if (list.is_array())
    for (const auto& word : list)
      if (word.is_string()) text += (text.empty() ? "" : ",") + word.get<std::string>();
  return text;
}

void show_secret(Session& session, const KeyOptions& options, const Json& answer, const std::string& done) {
  const auto secret = safe(text_at(answer, "key"));
  if (!secret.empty()) session.note(shown_once);
  if (options.quiet && !secret.empty()) {
    session.terminal().out << secret << '\n' << std::flush;
    return;
  }
  const std::string what = "key " + safe(text_at(answer, "id")) + " " + done;
  session.print(answer, secret.empty() ? what + " (dry run)\n" : what + "\n" + secret + "\n");
}

core::Result<int> create(Session& session, const KeyOptions& options) {
  const auto path = keys_path(session);
  if (!path) return path.error();
  Json body = {{"name", options.name}, {"scopes", options.scopes}};
  if (!options.rate_tier.empty()) body["rate_tier"] = options.rate_tier;
  if (!options.user.empty()) {
    const auto user = user_id(session, options.user);
    if (!user) return user.error();
    body["user"] = *user;
  }
  if (!options.expires.empty()) {
    const auto expires = moment_of(options.expires);
    if (!expires) return expires.error();
    body["expires_at"] = *expires;
  }
  const auto answer = session.mutate(*path, body);
  if (!answer) return answer.error();
  show_secret(session, options, *answer, "created");
  return exit_ok;
}

core::Result<int> rotate(Session& session, const KeyOptions& options) {
  const auto path = key_path(session, options);
  if (!path) return path.error();
  const auto answer = session.mutate(*path + "/rotate", Json::object());
  if (!answer) return answer.error();
  show_secret(session, options, *answer, "rotated; the secret before stays good for 24 hours");
  return exit_ok;
}

core::Result<int> list(Session& session, const KeyOptions& options) {
  const auto tenant = tenant_of(session);
  if (!tenant) return tenant.error();
  const auto all = session.list({"api_key", "api_keys", {}, {}}, *tenant,
                                options.status.empty() ? "" : "status=" + url_part(options.status), options.limit);
  if (!all) return all.error();
  Json answer = {{"items", all->items}};
  if (!all->next.empty()) answer["next"] = all->next;
  Table table({"ID", "NAME", "KEY", "STATUS", "SCOPES", "USER", "AGE", "EXPIRES"});
  for (const auto& item : all->items)
    table.row({text_at(item, "id"), text_at(item, "state.name"),
               text_at(item, "state.mark.prefix") + "..." + text_at(item, "state.mark.last_four"),
               text_at(item, "status"), joined(at(item, "state.scopes")), text_at(item, "state.user"),
               age_of(text_at(item, "created_at")), text_at(item, "state.expires_at")});
  session.print(answer, all->items.empty() ? "no keys\n" : table.text(session.paint(), 3));
  if (!all->next.empty() && session.format() == Format::table) session.note("there are more; raise --limit");
  return exit_ok;
}

core::Result<int> show(Session& session, const KeyOptions& options) {
  const auto path = key_path(session, options);
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
  line("Key:", text_at(*item, "state.mark.prefix") + "..." + text_at(*item, "state.mark.last_four"));
  line("Status:", text_at(*item, "status"));
  line("Reason:", text_at(*item, "reason"));
  line("Scopes:", joined(at(*item, "state.scopes")));
  line("User:", text_at(*item, "state.user"));
  line("Rate tier:", text_at(*item, "state.rate_tier"));
  line("Created:", text_at(*item, "created_at"));
  line("Expires:", text_at(*item, "state.expires_at"));
  line("Uses:", text_at(*item, "state.uses"));
  // The store's zero is a key that was never used.
  if (const auto used = text_at(*item, "state.last_used_at"); !used.starts_with("1970")) line("Last used:", used);
  session.print(*item, text);
  return exit_ok;
}

struct Move {
  const char* name;
  const char* summary;
  const char* done;
  const char* danger;
  bool needs_reason = false, has_reason = true;
};
constexpr Move moves[] = {
    {"revoke", "End a key for good", "revoked", "ends it for good", true},
    {"suspend", "Stop a key for a while", "suspended", "stops who uses it"},
    {"activate", "Let a suspended key in again", "activated", "", false, false},
};

core::Result<int> tell(Session& session, const KeyOptions& options, const Move& move) {
  const auto path = key_path(session, options);
  if (!path) return path.error();
  if (*move.danger)
    if (auto sure = session.confirm("`" + std::string(move.name) + "` of key " + options.id + " " + move.danger + ".",
                                    options.id);
        !sure)
      return std::move(sure).error();
  Json body = Json::object();
  if (!options.reason.empty()) body["reason"] = options.reason;
  return order(session, *path + "/" + move.name, body, "key " + options.id, move.done);
}

}  // namespace

void add_keys(CLI::App& app, Chosen& chosen) {
  auto* keys = app.add_subcommand("keys", "API keys of a tenant");
  keys->fallthrough();
  keys->require_subcommand(1);
  keys->footer(std::string("Examples:\n") + keys_examples);
  const auto verb = [&](const char* name, const char* summary,
                        std::function<core::Result<int>(Session&, const KeyOptions&)> work) {
    auto options = std::make_shared<KeyOptions>();
    auto* made = add_verb(*keys, chosen, name, summary, keys_examples,
                          [options, work = std::move(work)](Session& session) { return work(session, *options); });
    return std::pair(made, options);
  };
  const auto add_quiet = [](CLI::App* made, const Options& options) {
    made->add_flag("-q,--quiet", options->quiet, "print the secret alone");
  };
  const auto add_id = [](CLI::App* made, const Options& options) {
    made->add_option("KEY", options->id, "its id")->required();
  };

  const auto [creates, given] = verb("create", "Make a key and show its secret, once", create);
  creates->add_option("NAME", given->name, "its name for people")->required();
  creates->add_option("--scope", given->scopes, "what it is for, area.verb; may be repeated")->required()->take_all();
  creates->add_option("--expires", given->expires, "when it ends: 90d, or a time")->type_name("SPAN");
  creates->add_option("--user", given->user, "whose rights bound it; left out: your own")->type_name("USER");
  creates->add_option("--rate-tier", given->rate_tier, "standard, premium or unlimited");
  add_quiet(creates, given);

  const auto [lists, filter] = verb("list", "List keys, without secrets", list);
  lists->add_option("--status", filter->status, "active, suspended, revoked or expired");
  lists->add_option("--limit", filter->limit, "at most this many")->check(CLI::Range(1, 100'000));
  const auto [shows, shown] = verb("show", "Show one key, without its secret", show);
  add_id(shows, shown);
  const auto [rotates, turned] = verb("rotate", "Give a key another secret and show it, once", rotate);
  add_id(rotates, turned);
  add_quiet(rotates, turned);
  for (const auto& move : moves) {
    const auto [made, options] = verb(move.name, move.summary, [&move](Session& session, const KeyOptions& said) {
      return tell(session, said, move);
    });
    add_id(made, options);
    if (!move.has_reason) continue;
    auto* reason = made->add_option("--reason", options->reason, "why");
    if (move.needs_reason) reason->required();
  }
}

}  // namespace nova::cli
