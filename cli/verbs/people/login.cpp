// login, logout and whoami: whose session novactl acts in.
#include "cli/identity/login.hpp"
#include "cli/exit.hpp"
#include "cli/identity/device.hpp"
#include "cli/identity/prompt.hpp"
#include "cli/json.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <istream>

namespace nova::cli {
namespace {

constexpr const char* login_examples =
    "  novactl login                                            by a browser: shows an address and a code\n"
    "  novactl login --device                                   the same where there is no terminal\n"
    "  novactl login amy@example.org                            asks for the password\n"
    "  novactl login --context prod                             at the node of a context\n"
    "  novactl login amy@example.org --password-stdin < file    in scripts\n"
    "  novactl login amy@example.org --enrol var/enrolment.token --username Amy\n"
    "                                                           the owner, once, with the first start's token\n";
constexpr const char* logout_examples =
    "  novactl logout             ends the session here and at the node\n"
    "  novactl logout --forget    removes the tokens here, when no node answers\n";
constexpr const char* whoami_examples =
    "  novactl whoami\n"
    "  novactl whoami -o json     {\"type\": \"user\", \"principal\": ..., \"role\": ..., \"tenants\": [...]}\n";

constexpr int code_attempts_max = 3;
constexpr const char* use_stdin = "in scripts: --password-stdin";

struct LoginOptions {
  std::string email, enrol, username, full_name, language, device_name;
  bool password_stdin = false, device = false;
};

// As people know it from other tools: who names no account is sent to the browser.
bool by_browser(Session& session, const LoginOptions& options) {
  if (options.device) return true;
  return options.email.empty() && options.enrol.empty() && !options.password_stdin && session.terminal().in_is_terminal;
}

std::string this_machine() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "novactl";
  return "novactl on " + std::string(name);
}

core::Result<std::string> enrolment_token(Session& session, const std::string& file) {
  if (file == "-") return read_line(session.terminal(), "enrolment token");
  return read_token(file);
}

// Typed twice where it is new: nobody can see what they typed.
core::Result<std::string> password(Session& session, const LoginOptions& options) {
  if (options.password_stdin) return read_line(session.terminal(), "password");
  auto first = ask_secret(session.terminal(), "Password", use_stdin);
  if (!first || options.enrol.empty()) return first;
  const auto second = ask_secret(session.terminal(), "The same again", use_stdin);
  if (!second) return second;
  if (*first == *second) return first;
  auto error = core::refusal("login.passwords_differ", "the two passwords are not the same");
  error.status = 400;
  return error;
}

// Best effort: the session that this login replaces would else stay in the list until it is over by itself.
void end_former(Session& session, const Login& former) {
  const auto target = session.target();
  if (!target) return;
  ClientOptions options;
  options.server = (*target)->server.value;
  options.token = former.access_token;
  options.allow_plain_http = session.globals().allow_plain_http;
  Ask ask;
  ask.method = "POST";
  ask.path = "/api/auth/logout";
  ask.body = "{}";
  (void)Client(std::move(options)).send(ask);
}

// The code that the password alone was not enough for. A person may mistype it; the node counts the tries.
core::Result<std::string> second_step(Session& session, const LoginOptions& options, const core::Error& asked,
                                      const std::string& device) {
  std::string flow;
  for (const auto& [name, value] : asked.details)
    if (name == "flow") flow = value;
  for (int attempt = 1;; ++attempt) {
    const auto code = options.password_stdin
                          ? read_line(session.terminal(), "code of the second factor")
                          : ask_line(session.terminal(), "Code of your app, or a recovery code", use_stdin);
    if (!code) return code;
    auto answer = session.sign_in("/api/auth/login/code", {{"flow", flow}, {"code", *code}, {"device", device}});
    const bool again = !answer && answer.error().code == "auth.mfa_failed" && !options.password_stdin;
    if (!again || attempt == code_attempts_max) return answer;
    session.note("that code is not right");
  }
}

// Where a passkey alone is the second factor, no code is worth asking for.
bool takes_code(const core::Error& asked) {
  for (const auto& [name, value] : asked.details)
    if (name == "methods") return value.find("totp") != value.npos;
  return true;
}

// Address and password, and what comes before or after them.
core::Result<std::string> by_password(Session& session, LoginOptions& options, const std::string& device) {
  std::string token;
  if (!options.enrol.empty()) {
    auto read = enrolment_token(session, options.enrol);
    if (!read) return std::move(read).error();
    token = std::move(*read);
  }
  if (options.email.empty()) {
    auto email = ask_line(session.terminal(), "Address",
                          "name it: novactl login amy@example.org, or sign in by a browser: novactl login --device");
    if (!email) return std::move(email).error();
    options.email = std::move(*email);
  }
  auto secret = password(session, options);
  if (!secret) return std::move(secret).error();
  if (!options.enrol.empty()) {
    if (options.username.empty()) options.username = options.email.substr(0, options.email.find('@'));
    Json body = {{"token", token},
                 {"email", options.email},
                 {"username", options.username},
                 {"full_name", options.full_name},
                 {"password", *secret}};
    if (!options.language.empty()) body["language"] = options.language;
    auto enrolled = session.sign_in("/api/auth/enrol-owner", body);
    if (!enrolled) return std::move(enrolled).error();
  }
  auto answer =
      session.sign_in("/api/auth/login", {{"email", options.email}, {"password", *secret}, {"device", device}});
  if (answer || answer.error().code != "auth.mfa_required") return answer;
  if (!takes_code(answer.error())) return std::move(answer).error().fix("sign in by a browser: novactl login --device");
  return second_step(session, options, answer.error(), device);
}

// Best effort, for people: whose session it is that somebody approved elsewhere.
std::string address_of(Session& session, const Login& made) {
  ClientOptions options;
  options.server = made.server;
  options.token = made.access_token;
  options.allow_plain_http = session.globals().allow_plain_http;
  Ask ask;
  ask.path = "/v1/whoami";
  const auto answer = Client(std::move(options)).send(ask);
  const auto email =
      answer ? text_at(Json::parse(answer->body, nullptr, false), "user.state.account.email") : std::string();
  return email.empty() ? made.user : email;
}

core::Result<int> login(Session& session, LoginOptions options) {
  const auto target = session.target();
  if (!target) return target.error();
  const std::string device = options.device_name.empty() ? this_machine() : options.device_name;
  const bool elsewhere = by_browser(session, options);
  auto answer = elsewhere ? sign_in_elsewhere(session, device) : by_password(session, options, device);
  if (!answer) return std::move(answer).error();
  Login before;
  before.server = (*target)->server.value;
  before.email = options.email;
  auto made = login_of(*answer, before);
  if (!made) return made.error();
  if (elsewhere) made->email = address_of(session, *made);
  const auto& path = (*target)->login_file;
  {
    const auto lock = lock_login(path);
    if (!lock) return lock.error();
    const auto former = read_login(path, before.server);
    if (auto written = write_login(path, *made); !written) return std::move(written).error();
    if (former && *former) end_former(session, **former);
  }
  session.print(Json{{"user", made->user}, {"session", made->session}, {"server", made->server}},
                "signed in as " + safe(made->email) + " at " + made->server + "\n");
  if (!(*target)->signed_in && (*target)->token.origin.find("NOVA_TOKEN_FILE") != std::string::npos)
    session.note("NOVA_TOKEN_FILE is set and goes before this session");
  return exit_ok;
}

core::Result<int> logout(Session& session, bool forget) {
  const auto target = session.target();
  if (!target) return target.error();
  const auto& path = (*target)->login_file;
  const auto kept = read_login(path, (*target)->server.value);
  if (!kept) return kept.error();
  if (!*kept) {
    session.print(Json{{"signed_in", false}}, "nobody was signed in\n");
    return exit_ok;
  }
  if (!forget) {
    if (!(*target)->signed_in)
      return core::refusal("cli.usage", "another token was named, so the session cannot be ended with its own")
          .fix("leave out --token-file and NOVA_TOKEN_FILE");
    auto node = session.client();
    if (!node) return node.error();
    Ask ask;
    ask.method = "POST";
    ask.path = "/api/auth/logout";
    ask.body = "{}";
    auto done = (*node)->send(ask);
    // A session that the node does not know any more has ended, and so has one whose account is stopped.
    const bool is_over = done || done.error().status == 401 || done.error().status == 403;
    if (!is_over) return std::move(done).error().fix("novactl logout --forget removes the tokens here alone");
  }
  const auto lock = lock_login(path);
  if (!lock) return lock.error();
  if (auto removed = remove_login(path); !removed) return std::move(removed).error();
  session.print(Json{{"signed_in", false}}, "signed out of " + (*kept)->server + "\n");
  return exit_ok;
}

std::string tenants_text(const Json& answer) {
  std::string text;
  for (const auto& item : at(answer, "tenants"))
    text += (text.empty() ? "" : ", ") + text_at(item, "tenant") + " (" + text_at(item, "role") + ")";
  return text + (text_at(answer, "next").empty() ? "" : ", and more");
}

std::string who_text(const Json& answer) {
  const auto type = text_at(answer, "type"), id = text_at(answer, "principal");
  if (type == "service") return "the operator's token (" + id + ")";
  if (type == "api_key") return "API key " + id + " of user " + text_at(answer, "key.user");
  return text_at(answer, "user.state.account.email") + " (" + id + ")";
}

core::Result<int> whoami(Session& session) {
  const auto target = session.target();
  if (!target) return target.error();
  auto answer = session.get("/v1/whoami");
  if (!answer) return std::move(answer).error();
  (*answer)["server"] = (*target)->server.value;
  (*answer)["origin"] = (*target)->token.origin;
  std::string role = text_at(*answer, "role");
  if (flag_at(*answer, "root_owner")) role += " (the root owner)";
  std::string scopes;
  for (const auto& scope : at(*answer, "key.scopes"))
    if (scope.is_string()) scopes += (scopes.empty() ? "" : ", ") + scope.get<std::string>();
  std::string text;
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, std::string>>{{"Who:", who_text(*answer)},
                                                                  {"Role:", role},
                                                                  {"Scopes:", scopes},
                                                                  {"Tenants:", tenants_text(*answer)},
                                                                  {"By:", (*target)->token.origin},
                                                                  {"Session:", text_at(*answer, "session")},
                                                                  {"Node:", (*target)->server.value}})
    if (!value.empty()) text += pad(name, 10) + safe(value) + "\n";
  session.print(*answer, text);
  return exit_ok;
}

}  // namespace

void add_login(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<LoginOptions>();
  auto* verb = add_verb(app, chosen, "login", "Sign in; the session is kept in a file that only you can read",
                        login_examples, [options](Session& session) { return login(session, *options); });
  auto* email = verb->add_option("EMAIL", options->email, "your address, to sign in with a password");
  auto* by_stdin =
      verb->add_flag("--password-stdin", options->password_stdin,
                     "read the password from standard input; a code of the second factor is its next line");
  auto* enrol = verb->add_option("--enrol", options->enrol,
                                 "become this installation's owner, with its enrolment token; - is stdin")
                    ->type_name("FILE");
  verb->add_option("--username", options->username, "with --enrol: what you are called");
  verb->add_option("--full-name", options->full_name, "with --enrol: your name");
  verb->add_option("--language", options->language, "with --enrol: ar or en")->check(CLI::IsMember({"ar", "en"}));
  verb->add_option("--device-name", options->device_name, "what the list of sessions calls this machine");
  verb->add_flag("--device", options->device, "sign in by a browser, here or elsewhere; shows an address and a code")
      ->excludes(email)
      ->excludes(by_stdin)
      ->excludes(enrol);

  auto forget = std::make_shared<bool>(false);
  verb = add_verb(app, chosen, "logout", "End the session", logout_examples,
                  [forget](Session& session) { return logout(session, *forget); });
  verb->add_flag("--forget", *forget, "remove the tokens here without asking the node");

  add_verb(app, chosen, "whoami", "Who you are to the node, by which means, and where you may act", whoami_examples,
           whoami);
}

}  // namespace nova::cli
