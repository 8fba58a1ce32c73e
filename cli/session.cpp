#include "cli/session.hpp"

#include "cli/exit.hpp"
#include "cli/identity/login.hpp"
#include "cli/json.hpp"
#include "cli/session_list.hpp"
#include "cli/text/safe.hpp"
#include "cli/text/yaml_out.hpp"
#include "core/ids.hpp"
#include "core/problem.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <istream>
#include <ostream>

namespace nova::cli {
namespace {

Format format_of(const std::string& name) {
  return name == "json" ? Format::json : name == "yaml" ? Format::yaml : Format::table;
}

bool wants_color(const Globals& globals, const Terminal& terminal) {
  const char* off = std::getenv("NO_COLOR");
  return terminal.out_is_terminal && !globals.no_color && !(off && *off);
}

}  // namespace

Session::Session(Globals globals, Terminal& terminal)
    : globals_(std::move(globals)), terminal_(terminal), paint_(wants_color(globals_, terminal)) {}

Format Session::format() const { return format_of(globals_.format); }

core::Result<const Target*> Session::target() {
  if (!target_) {
    auto resolved = resolve_target(globals_.wishes);
    if (!resolved) return std::move(resolved).error();
    target_ = std::move(*resolved);
  }
  return &*target_;
}

core::Result<ClientOptions> Session::client_options() {
  const auto found = target();
  if (!found) return found.error();
  const auto timeout = duration_of(globals_.request_timeout);
  if (!timeout) return timeout.error();
  ClientOptions options;
  options.server = (*found)->server.value;
  options.timeout = *timeout;
  options.allow_plain_http = globals_.allow_plain_http;
  return options;
}

core::Result<Client*> Session::client() {
  if (client_) return client_.get();
  auto options = client_options();
  if (!options) return std::move(options).error();
  if (target_->signed_in)
    options->renew = [path = target_->login_file, bare = *options](const std::string& refused) {
      return renewed_token(path, bare, refused);
    };
  options->token = target_->token.value;
  client_ = std::make_unique<Client>(std::move(*options));
  return client_.get();
}

core::Result<std::string> Session::sign_in(const std::string& path, const Json& body) {
  auto options = client_options();
  if (!options) return std::move(options).error();
  options->secret_bodies = true;
  Ask ask;
  ask.method = "POST";
  ask.path = path;
  ask.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  auto answer = Client(std::move(*options)).send(ask);
  if (!answer) return std::move(answer).error();
  return std::move(answer->body);
}

core::Result<std::string> Session::tenant_or(std::string fallback) {
  const auto found = target();
  if (!found) return found.error();
  return (*found)->tenant.value.empty() ? std::move(fallback) : (*found)->tenant.value;
}

core::Result<Json> Session::get(const std::string& path) {
  auto node = client();
  if (!node) return std::move(node).error();
  Ask ask;
  ask.path = path;
  auto answer = (*node)->send(ask);
  if (!answer) return std::move(answer).error();
  return parse_json(answer->body);
}

namespace {

// Nothing was done yet. An answer with something that is shown once is the caller's to show.
bool is_held(const Json& answer) {
  return text_at(answer, "status") == "held" && at(answer, "approval").is_object() && at(answer, "events").is_array();
}

core::Error held(const Json& answer) {
  const auto id = text_at(answer, "approval.id");
  auto error = core::refusal("gate.held", "this waits for people: " + text_at(answer, "reason"));
  error.with("approval", id)
      .with("rule_ar", text_at(answer, "approval.rules[0].ar"))
      .with("expires_at", text_at(answer, "approval.expires_at"));
  return std::move(error).fix("novactl approvals show " + id + " -t " + text_at(answer, "tenant"));
}

}  // namespace

core::Result<Json> Session::mutate(const std::string& path, const Json& body,
                                   std::vector<std::pair<std::string, std::string>> headers) {
  auto node = client();
  if (!node) return std::move(node).error();
  Ask ask;
  ask.method = "POST";
  ask.path = path;
  if (globals_.dry_run) ask.path += (path.find('?') == std::string::npos ? "?" : "&") + std::string("dry_run=true");
  ask.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  ask.headers = std::move(headers);
  // A key given by hand is for one request: a verb that sends several appends to it.
  ask.idempotency_key =
      globals_.idempotency_key.empty() ? core::new_uuid(core::system_clock().now()) : globals_.idempotency_key;
  auto answer = (*node)->send(ask);
  if (!answer) return std::move(answer).error();
  auto told = parse_json(answer->body);
  if (told && is_held(*told)) return held(*told);
  return told;
}

void Session::print(const Json& value, const std::string& text) {
  if (format() == Format::table)
    terminal_.out << text;
  else if (format() == Format::yaml)
    terminal_.out << to_yaml(value);
  else
    terminal_.out << safe_json(value.dump(2, ' ', false, Json::error_handler_t::replace)) << '\n';
  terminal_.out.flush();
}

void Session::note(const std::string& line) { terminal_.err << safe(line) << '\n'; }

core::Status Session::confirm(const std::string& question, const std::string& word) {
  if (globals_.yes || globals_.dry_run) return core::ok();
  if (!terminal_.in_is_terminal) {
    auto needed = core::refusal("confirm.required", question);
    needed.status = 400;
    return std::move(needed).fix("repeat with --yes");
  }
  terminal_.err << safe(question) << "\nType " << safe(word) << " to go on: " << std::flush;
  std::string typed;
  std::getline(terminal_.in, typed);
  if (typed == word) return core::ok();
  return core::refusal("confirm.refused", "nothing was done");
}

int report(Terminal& terminal, const core::Error& error, Format format) {
  if (format == Format::json) {
    std::string id;
    for (const auto& [name, value] : error.details)
      if (name == "request_id") id = value;
    terminal.err << safe_json(core::to_problem_json(error, id)) << std::endl;
    return exit_of(error);
  }
  std::string line = "novactl: " + error.code;
  if (!error.message.empty()) line += ": " + error.message;
  if (!error.remedy.empty()) line += " (" + error.remedy + ")";
  for (const auto& [name, value] : error.details)
    if (name == "request_id") line += " [request " + value + "]";
  terminal.err << safe(line) << '\n';
  if (error.problems.size() > 1 ||
      (error.problems.size() == 1 && error.message.find(error.problems[0].message) == std::string::npos))
    for (const auto& problem : error.problems)
      terminal.err << "  " << safe(problem.path + ": " + problem.message) << '\n';
  terminal.err.flush();
  return exit_of(error);
}

}  // namespace nova::cli
