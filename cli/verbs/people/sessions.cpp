// sessions: on which devices somebody is signed in, and ending that.
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

constexpr const char* sessions_examples =
    "  novactl sessions list                             your own, * is this one\n"
    "  novactl sessions list --user amy@example.org      somebody else's\n"
    "  novactl sessions revoke SESSION\n"
    "  novactl sessions revoke --others                  all of yours but this one\n"
    "  novactl sessions revoke --user amy@example.org --all --reason 'lost laptop'\n";

struct SessionOptions {
  std::string user, reason;
  std::vector<std::string> ids;
  bool all = false, others = false;
};

constexpr std::size_t sessions_max = 10'000;  // of one person; more are ended in several goes

// All pages. {"current": id of this one, "items": [...]}
core::Result<Json> own_sessions(Session& session, const std::string& filter) {
  Json all{{"items", Json::array()}};
  for (std::string cursor;;) {
    auto page = session.get("/api/auth/sessions?limit=1000" + filter + (cursor.empty() ? "" : "&cursor=" + cursor));
    if (!page) return page;
    all["current"] = text_at(*page, "current");
    for (const auto& item : at(*page, "items")) all["items"].push_back(item);
    cursor = text_at(*page, "next");
    if (cursor.empty() || all["items"].size() >= sessions_max) return all;
  }
}

// `status` empty: of any.
core::Result<Json> sessions_of(Session& session, const std::string& user, const std::string& status) {
  const auto filter = status.empty() ? std::string() : "&status=" + status;
  if (user.empty()) return own_sessions(session, filter);
  const auto id = user_id(session, user);
  if (!id) return id.error();
  const auto all = session.list({"session", "sessions", {}, {}}, people_tenant,
                                "parent=" + url_part("user/" + *id) + filter, sessions_max);
  if (!all) return all.error();
  return Json{{"items", all->items}};
}

core::Result<int> list(Session& session, const SessionOptions& options) {
  auto answer = sessions_of(session, options.user, options.all ? "" : "active");
  if (!answer) return std::move(answer).error();
  Json items = Json::array();
  Table table({"CURRENT", "ID", "DEVICE", "METHOD", "STATUS", "STARTED", "ACTIVE"});
  for (const auto& item : at(*answer, "items")) {
    items.push_back(item);
    const bool is_this = text_at(item, "id") == text_at(*answer, "current");
    table.row({is_this ? "*" : "", text_at(item, "id"), text_at(item, "state.device"), text_at(item, "state.method"),
               text_at(item, "status"), age_of(text_at(item, "state.started_at")),
               age_of(text_at(item, "state.last_activity_at"))});
  }
  (*answer)["items"] = items;
  session.print(*answer, items.empty() ? "no sessions\n" : table.text(session.paint(), 4));
  return exit_ok;
}

core::Result<int> revoke(Session& session, const SessionOptions& options) {
  std::vector<std::string> ids = options.ids;
  if (options.all || options.others) {
    const auto answer = sessions_of(session, options.user, "active");
    if (!answer) return answer.error();
    for (const auto& item : at(*answer, "items")) {
      const auto id = text_at(item, "id");
      if (!(options.others && id == text_at(*answer, "current"))) ids.push_back(id);
    }
  }
  if (ids.empty() && !options.all && !options.others) {
    auto error = core::refusal("cli.usage", "no session was named");
    return std::move(error).fix("name ids, or --others, or --all");
  }
  if (ids.size() > 1 && !session.globals().idempotency_key.empty())
    return core::refusal("cli.usage", "an idempotency key is for one request; this makes several");
  const std::string count = ids.size() == 1 ? "the session " + ids.front() : std::to_string(ids.size()) + " sessions";
  if (!ids.empty())
    if (auto sure = session.confirm("this ends " + count + ".", "yes"); !sure) return std::move(sure).error();
  Json answers = Json::array();
  std::string text;
  for (const auto& id : ids) {
    auto answer = session.mutate("/v1/tenants/" + std::string(people_tenant) + "/sessions/" + url_part(id) + "/revoke",
                                 {{"reason", options.reason}});
    if (!answer) return std::move(answer).error();
    text += "session " + safe(id) + " " + safe(text_at(*answer, "status")) +
            (session.globals().dry_run ? " (dry run)" : "") + "\n";
    answers.push_back(std::move(*answer));
  }
  session.print(Json{{"items", answers}}, ids.empty() ? "no sessions to end\n" : text);
  return exit_ok;
}

}  // namespace

void add_sessions(CLI::App& app, Chosen& chosen) {
  auto* sessions = app.add_subcommand("sessions", "Devices on which somebody is signed in");
  sessions->fallthrough();
  sessions->require_subcommand(1);
  sessions->footer(std::string("Examples:\n") + sessions_examples);
  auto shown = std::make_shared<SessionOptions>();
  auto* verb = add_verb(*sessions, chosen, "list", "List sessions", sessions_examples,
                        [shown](Session& session) { return list(session, *shown); });
  verb->add_option("--user", shown->user, "whose; left out: your own")->type_name("USER");
  verb->add_flag("--all", shown->all, "those that are over, too");

  auto ended = std::make_shared<SessionOptions>();
  verb = add_verb(*sessions, chosen, "revoke", "End sessions", sessions_examples,
                  [ended](Session& session) { return revoke(session, *ended); });
  verb->add_option("SESSION", ended->ids, "ids of sessions");
  verb->add_option("--user", ended->user, "whose; left out: your own")->type_name("USER");
  auto* all = verb->add_flag("--all", ended->all, "every one of them");
  verb->add_flag("--others", ended->others, "every one but the one in use")->excludes(all);
  verb->add_option("--reason", ended->reason, "why");
}

}  // namespace nova::cli
