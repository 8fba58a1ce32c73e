#include "cli/identity/login.hpp"

#include "core/json.hpp"

#include <unistd.h>

#include <cctype>
#include <cerrno>

namespace nova::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t login_bytes_max = 32 * 1024;
constexpr std::chrono::seconds lock_limit{60};  // of a refresh elsewhere: a request and its write

// A name of a file that an address can be read from.
std::string file_word(const std::string& server) {
  std::string word = server;
  for (char& c : word)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') c = '_';
  return word;
}

core::Error damaged(const fs::path& path) {
  auto error = core::refusal("login.damaged", "`" + path.string() + "` holds no session");
  error.status = 400;
  return std::move(error).fix("sign in again: novactl login");
}

core::Error signed_out() {
  return core::refusal("auth.required", "nobody is signed in any more").fix("sign in again: novactl login");
}

}  // namespace

fs::path login_path(const fs::path& config, const std::string& context, const std::string& server) {
  const auto folder = config.parent_path() / (config.stem().string() + ".sessions");
  return folder / ((context.empty() ? "server-" + file_word(server) : "context-" + context) + ".json");
}

core::Result<std::optional<Login>> read_login(const fs::path& path, const std::string& server) {
  auto text = read_private(path, login_bytes_max);
  if (!text) return std::move(text).error();
  if (!*text) return std::optional<Login>();
  const auto word = [&](const char* name) { return core::json_text(**text, name).value_or(""); };
  Login login{word("server"),  word("email"),        word("user"),
              word("session"), word("access_token"), word("refresh_token")};
  if (login.server.empty() || login.access_token.empty() || login.refresh_token.empty()) return damaged(path);
  if (login.server != server) return std::optional<Login>();
  return std::optional<Login>(std::move(login));
}

core::Status write_login(const fs::path& path, const Login& login) {
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("server", login.server)
      .field("email", login.email)
      .field("user", login.user)
      .field("session", login.session)
      .field("access_token", login.access_token)
      .field("refresh_token", login.refresh_token)
      .end();
  return write_private(path, out + "\n");
}

core::Status remove_login(const fs::path& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return core::ok();
  auto failed = core::refusal("config.not_written", "cannot remove `" + path.string() + "`");
  failed.status = 500;
  return failed;
}

core::Result<FileLock> lock_login(const fs::path& path) { return FileLock::take(path.string() + ".lock", lock_limit); }

core::Result<Login> login_of(std::string_view answer, const Login& before) {
  const auto word = [&](const char* name) { return core::json_text(answer, name).value_or(""); };
  Login login = before;
  login.user = word("user");
  login.session = word("session");
  login.access_token = word("access_token");
  login.refresh_token = word("refresh_token");
  if (login.access_token.empty() || login.refresh_token.empty())
    return core::unavailable("login.bad_answer", "the node's answer holds no tokens");
  return login;
}

core::Result<std::string> renewed_token(const fs::path& path, const ClientOptions& options,
                                        const std::string& refused) {
  const auto lock = lock_login(path);
  if (!lock) return lock.error();
  auto kept = read_login(path, options.server);
  if (!kept) return std::move(kept).error();
  if (!*kept) return signed_out();
  if ((*kept)->access_token != refused) return (*kept)->access_token;

  ClientOptions bare = options;
  bare.token.clear();
  bare.renew = nullptr;
  bare.secret_bodies = true;
  Ask ask;
  ask.method = "POST";
  ask.path = "/api/auth/refresh";
  core::JsonWriter(ask.body).object().field("refresh_token", (*kept)->refresh_token).end();
  auto answer = Client(std::move(bare)).send(ask);
  if (!answer) return std::move(answer).error();
  auto fresh = login_of(answer->body, **kept);
  if (!fresh) return std::move(fresh).error();
  if (auto written = write_login(path, *fresh); !written) return std::move(written).error();
  return fresh->access_token;
}

}  // namespace nova::cli
