// passkeys: the caller's own. They are enrolled in a browser, at /signin, where the authenticator is.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/net/client.hpp"
#include "cli/text/safe.hpp"
#include "cli/text/table.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <memory>

namespace nova::cli {
namespace {

constexpr const char* passkeys_examples =
    "  novactl passkeys list                      your own\n"
    "  novactl passkeys rename PASSKEY 'work laptop'\n"
    "  novactl passkeys remove PASSKEY            it opens nothing any more\n"
    "  New ones are enrolled in a browser, at /signin.\n";

struct PasskeyOptions {
  std::string id, name;
};

std::string path_of(const std::string& id) { return "/api/auth/passkeys/" + url_part(id); }

core::Result<Json> send(Session& session, const std::string& method, const std::string& path, const std::string& body) {
  auto node = session.client();
  if (!node) return node.error();
  Ask ask;
  ask.method = method;
  ask.path = path;
  ask.body = body;
  auto answer = (*node)->send(ask);
  if (!answer) return std::move(answer).error();
  return Json::parse(answer->body.empty() ? "{}" : answer->body, nullptr, false);
}

core::Result<int> list(Session& session) {
  const auto answer = session.get("/api/auth/passkeys");
  if (!answer) return answer.error();
  const auto items = at(*answer, "items");
  Table table({"ID", "NAME", "USES", "SINCE", "LAST USED"});
  for (const auto& item : items)
    table.row({text_at(item, "id"), text_at(item, "state.name"), at(item, "state.uses").dump(),
               age_of(text_at(item, "state.enrolled_at")), age_of(text_at(item, "state.used_at"))});
  session.print(*answer, items.empty() ? "no passkeys\n" : table.text(session.paint(), -1));
  return exit_ok;
}

core::Result<int> rename(Session& session, const PasskeyOptions& options) {
  const auto answer = send(session, "POST", path_of(options.id) + "/rename", Json{{"name", options.name}}.dump());
  if (!answer) return answer.error();
  session.print(*answer, "passkey " + safe(options.id) + " is called " + safe(options.name) + "\n");
  return exit_ok;
}

core::Result<int> remove(Session& session, const PasskeyOptions& options) {
  if (auto sure = session.confirm("this removes the passkey " + options.id + ".", "yes"); !sure)
    return std::move(sure).error();
  const auto answer = send(session, "DELETE", path_of(options.id), "");
  if (!answer) return answer.error();
  session.print(*answer, "passkey " + safe(options.id) + " opens nothing any more\n");
  return exit_ok;
}

}  // namespace

void add_passkeys(CLI::App& app, Chosen& chosen) {
  auto* passkeys = app.add_subcommand("passkeys", "Your passkeys");
  passkeys->fallthrough();
  passkeys->require_subcommand(1);
  passkeys->footer(std::string("Examples:\n") + passkeys_examples);
  add_verb(*passkeys, chosen, "list", "List them", passkeys_examples, list);
  auto renamed = std::make_shared<PasskeyOptions>();
  auto* verb = add_verb(*passkeys, chosen, "rename", "Call one otherwise", passkeys_examples,
                        [renamed](Session& session) { return rename(session, *renamed); });
  verb->add_option("PASSKEY", renamed->id, "its id")->required();
  verb->add_option("NAME", renamed->name, "what to call it")->required();
  auto removed = std::make_shared<PasskeyOptions>();
  verb = add_verb(*passkeys, chosen, "remove", "Do without one", passkeys_examples,
                  [removed](Session& session) { return remove(session, *removed); });
  verb->add_option("PASSKEY", removed->id, "its id")->required();
}

}  // namespace nova::cli
