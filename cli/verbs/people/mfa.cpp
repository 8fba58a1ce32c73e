// mfa: the caller's own second factor: an authenticator app with its recovery codes, and passkeys.
#include "cli/exit.hpp"
#include "cli/identity/prompt.hpp"
#include "cli/json.hpp"
#include "cli/text/qr.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* mfa_examples =
    "  novactl mfa status      whether there is a second factor, and what is left of the recovery codes\n"
    "  novactl mfa enrol       shows a QR code for an authenticator app, then asks for its first code\n"
    "  novactl mfa recovery    ten other recovery codes in place of all before; needs a code\n"
    "  novactl mfa remove      do without the app; needs a code\n"
    "  Without a terminal a code is read as a line of standard input. Passkeys are enrolled in a browser, at "
    "/signin.\n";

core::Result<std::string> code(Session& session, const std::string& question) {
  if (!session.terminal().in_is_terminal) return read_line(session.terminal(), "code");
  return ask_line(session.terminal(), question, "write the code to standard input");
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

void show_recovery(Session& session, const Json& answer) {
  std::string text = "recovery codes, each good once; they are not shown again:\n";
  for (const auto& one : at(answer, "recovery_codes"))
    if (one.is_string()) text += "  " + safe(one.get<std::string>()) + "\n";
  session.print(answer, text);
}

core::Result<int> status(Session& session) {
  const auto answer = session.get("/api/auth/mfa");
  if (!answer) return answer.error();
  const auto left = at(*answer, "recovery_codes_left"), keys = at(*answer, "passkeys");
  session.print(*answer, pad("App:", 16) + safe(text_at(*answer, "totp")) + "\n" + pad("Recovery codes:", 16) +
                             left.dump() + " left\n" + pad("Passkeys:", 16) + keys.dump() + "\n");
  return exit_ok;
}

core::Result<int> enrol(Session& session) {
  const auto who = session.get("/v1/whoami");
  if (!who) return who.error();
  const auto shared = post(session, "/api/auth/mfa/totp", {{"label", text_at(*who, "user.state.account.email")}});
  if (!shared) return shared.error();
  // For eyes and apps, so not on standard output, where the recovery codes go.
  auto& terminal = session.terminal();
  terminal.err << qr_code(text_at(*shared, "uri"), terminal.err_is_terminal && !session.globals().no_color);
  session.note("scan it with an authenticator app, or type this secret there: " + safe(text_at(*shared, "secret")));
  const auto first = code(session, "Code of the app");
  if (!first) return first.error();
  const auto answer = post(session, "/api/auth/mfa/totp/verify", {{"code", *first}});
  if (!answer) return answer.error();
  session.note("the app is asked for from now on");
  show_recovery(session, *answer);
  return exit_ok;
}

core::Result<int> recovery(Session& session) {
  const auto given = code(session, "Code of your app, or a recovery code");
  if (!given) return given.error();
  const auto answer = post(session, "/api/auth/mfa/recovery", {{"code", *given}});
  if (!answer) return answer.error();
  show_recovery(session, *answer);
  return exit_ok;
}

core::Result<int> remove(Session& session) {
  const auto given = code(session, "Code of your app, or a recovery code");
  if (!given) return given.error();
  const auto answer = post(session, "/api/auth/mfa/totp/remove", {{"code", *given}});
  if (!answer) return answer.error();
  session.print(Json{{"totp", "removed"}}, "the app is not asked for any more\n");
  return exit_ok;
}

}  // namespace

void add_mfa(CLI::App& app, Chosen& chosen) {
  auto* mfa = app.add_subcommand("mfa", "Your second factor: an authenticator app and recovery codes");
  mfa->fallthrough();
  mfa->require_subcommand(1);
  mfa->footer(std::string("Examples:\n") + mfa_examples);
  add_verb(*mfa, chosen, "status", "What second factor you have", mfa_examples, status);
  add_verb(*mfa, chosen, "enrol", "A new authenticator app, by QR code", mfa_examples, enrol);
  add_verb(*mfa, chosen, "recovery", "Other recovery codes in place of all before", mfa_examples, recovery);
  add_verb(*mfa, chosen, "remove", "Do without the app", mfa_examples, remove);
}

}  // namespace nova::cli
