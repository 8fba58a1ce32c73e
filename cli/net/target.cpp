#include "cli/net/target.hpp"

#include "cli/identity/login.hpp"
#include "cli/net/private_file.hpp"
#include "core/json.hpp"
#include "drivers/yaml/yaml.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

namespace nova::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view default_server = "http://127.0.0.1:7480";
constexpr std::uintmax_t token_bytes_max = 4096;
constexpr std::uintmax_t config_bytes_max = 1 << 20;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool others_may_read(const fs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 077) != 0;
}

core::Result<std::string> read_small(const fs::path& path, std::uintmax_t bytes_max) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return core::refusal("config.not_readable", "cannot read `" + path.string() + "`");
  std::string text(bytes_max + 1, '\0');
  in.read(text.data(), std::streamsize(text.size()));
  text.resize(std::size_t(in.gcount()));
  if (text.size() > bytes_max) return core::refusal("config.too_large", "`" + path.string() + "` is too large");
  return text;
}

std::string host_of(std::string_view server) {
  const auto start = server.find("://");
  std::string_view rest = start == std::string_view::npos ? server : server.substr(start + 3);
  if (rest.starts_with('[')) return std::string(rest.substr(0, rest.find(']') + 1));
  return std::string(rest.substr(0, rest.find(':')));
}

struct Discovered {
  fs::path token_file;
  std::string server;
};

// A development node keeps its state in ./var; whoever works in its folder means that node.
std::optional<Discovered> discover() {
  std::error_code error;
  for (fs::path folder = fs::current_path(error); !error; folder = folder.parent_path()) {
    const fs::path token = folder / "var" / "operator.token";
    if (fs::exists(token, error)) {
      const auto port = read_small(folder / "var" / "run" / "novad.port", 16);
      const bool is_number = port && !port->empty() && std::all_of(port->begin(), port->end(), [](char c) {
                               return (c >= '0' && c <= '9') || c == '\n';
                             });
      return Discovered{
          token, is_number ? "http://127.0.0.1:" + port->substr(0, port->find('\n')) : std::string(default_server)};
    }
    if (folder == folder.parent_path()) break;
  }
  return std::nullopt;
}

struct Source {
  std::string value, origin;
};

Setting first_of(const std::vector<Source>& sources) {
  for (const auto& source : sources)
    if (!source.value.empty()) return {source.value, source.origin};
  return {};
}

void quote(std::string& out, const char* key, const std::string& value) {
  if (!value.empty()) out += "    " + std::string(key) + ": " + core::json_escape(value) + "\n";
}

}  // namespace

fs::path development_state() {
  const auto here = discover();
  return here ? here->token_file.parent_path() : fs::path();
}

fs::path config_path(const Wishes& wishes) {
  if (!wishes.config_file.empty()) return wishes.config_file;
  if (const auto named = environment("NOVACTL_CONFIG"); !named.empty()) return named;
  if (const auto base = environment("XDG_CONFIG_HOME"); !base.empty())
    return fs::path(base) / "novactl" / "config.yaml";
  return fs::path(environment("HOME")) / ".config" / "novactl" / "config.yaml";
}

core::Result<Contexts> read_contexts(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return Contexts{};
  if (others_may_read(path))
    return core::refusal("config.readable_by_others", "`" + path.string() + "` may be read by others")
        .fix("run: chmod 600 " + path.string());
  const auto text = read_small(path, config_bytes_max);
  if (!text) return text.error();
  const auto documents = yaml::read(*text, path.string());
  if (!documents) return documents.error();
  Contexts contexts;
  if (documents->empty()) return contexts;
  const std::string& json = documents->front().json;
  for (const auto& key : core::json_keys(json))
    if (key != "current" && key != "contexts")
      return core::refusal("config.invalid", path.string() + ":" + std::to_string(documents->front().find(key).line) +
                                                 ": unknown key `" + key + "`");
  contexts.current = core::json_text(json, "current").value_or("");
  for (const auto& name : core::json_keys(json, "contexts")) {
    const auto part = core::json_part(json, "contexts." + name).value_or("{}");
    const auto text_at = [&](const char* key) { return core::json_text(part, key).value_or(""); };
    contexts.named[name] = {text_at("server"), text_at("token"), text_at("token_file"), text_at("tenant")};
  }
  return contexts;
}

core::Status write_contexts(const fs::path& path, const Contexts& contexts) {
  std::string out;
  if (!contexts.current.empty()) out += "current: " + core::json_escape(contexts.current) + "\n";
  out += contexts.named.empty() ? "contexts: {}\n" : "contexts:\n";
  for (const auto& [name, named] : contexts.named) {
    out += "  " + name + ":\n";
    quote(out, "server", named.server);
    quote(out, "token", named.token);
    quote(out, "token_file", named.token_file);
    quote(out, "tenant", named.tenant);
  }
  return write_private(path, out);
}

bool is_loopback(std::string_view server) {
  const std::string host = host_of(server);
  const bool is_number = host.find_first_not_of("0123456789.") == std::string::npos;  // 127.example.com is elsewhere.
  return host == "localhost" || host == "[::1]" || (is_number && host.starts_with("127."));
}

core::Result<std::string> check_server(std::string server) {
  while (server.ends_with('/')) server.pop_back();
  const bool has_scheme = server.starts_with("http://") || server.starts_with("https://");
  const auto rest = has_scheme ? server.substr(server.find("://") + 3) : std::string();
  const bool is_clean = std::all_of(rest.begin(), rest.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
  });
  if (rest.empty() || !is_clean)
    return core::refusal("config.bad_server", "`" + core::printable(server) + "` is no address of a node")
        .fix("write it as http://127.0.0.1:7480");
  return server;
}

core::Result<std::string> read_token(const fs::path& path) {
  if (others_may_read(path))
    return core::refusal("config.readable_by_others", "the token file `" + path.string() + "` may be read by others")
        .fix("run: chmod 600 " + path.string());
  auto text = read_small(path, token_bytes_max);
  if (!text) return text;
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r' || text->back() == ' ')) text->pop_back();
  const bool is_line =
      !text->empty() && std::all_of(text->begin(), text->end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (!is_line) return core::refusal("config.bad_token", "`" + path.string() + "` holds no token");
  return text;
}

core::Result<Target> resolve_target(const Wishes& wishes) {
  const auto path = config_path(wishes);
  auto contexts = read_contexts(path);
  if (!contexts) return std::move(contexts).error();
  const Setting chosen = first_of({{wishes.context, "flag --context"},
                                   {environment("NOVA_CONTEXT"), "environment NOVA_CONTEXT"},
                                   {contexts->current, path.string()}});
  const auto found = contexts->named.find(chosen.value);
  if (!chosen.value.empty() && found == contexts->named.end())
    return core::refusal("config.context_not_found",
                         "no context `" + core::printable(chosen.value) + "` in " + path.string())
        .fix("see: novactl config get-contexts");
  const Named named = found == contexts->named.end() ? Named{} : found->second;
  const std::string of_context = "context `" + chosen.value + "`";

  Target target;
  target.server = first_of({{wishes.server, "flag --server"},
                            {environment("NOVA_SERVER"), "environment NOVA_SERVER"},
                            {environment("NOVA_URL"), "environment NOVA_URL"},
                            {named.server, of_context}});
  target.tenant = first_of({{wishes.tenant, "flag --tenant"},
                            {environment("NOVA_TENANT"), "environment NOVA_TENANT"},
                            {named.tenant, of_context}});
  Setting token_file = first_of(
      {{wishes.token_file, "flag --token-file"}, {environment("NOVA_TOKEN_FILE"), "environment NOVA_TOKEN_FILE"}});
  const bool token_is_named = !token_file.value.empty();
  // A context's token was entered for the context's server, and for no other.
  const bool same_server = target.server.value.empty() || target.server.value == named.server;
  const bool context_has_token = same_server && !(named.token.empty() && named.token_file.empty());
  const bool may_discover =
      !token_is_named && !context_has_token && (target.server.value.empty() || is_loopback(target.server.value));
  const auto here = may_discover ? discover() : std::nullopt;
  const std::string near = here ? "discovered in " + here->token_file.parent_path().string() : "";
  if (here && target.server.value.empty()) target.server = {here->server, near};
  if (target.server.value.empty()) target.server = {std::string(default_server), "default"};
  auto server = check_server(target.server.value);
  if (!server) return std::move(server).error();
  target.server.value = std::move(*server);

  target.login_file = login_path(path, same_server ? chosen.value : "", target.server.value);
  if (!token_is_named) {
    auto login = read_login(target.login_file, target.server.value);
    if (!login) return std::move(login).error();
    if (*login) {
      target.signed_in = true;
      target.token = {(*login)->access_token, "signed in as " + (*login)->email};
      return target;
    }
    if (context_has_token && !named.token.empty())
      target.token = {named.token, of_context};
    else if (context_has_token)
      token_file = {named.token_file, of_context};
    else if (here)
      token_file = {here->token_file.string(), near};
  }
  if (!token_file.value.empty()) {
    auto token = read_token(token_file.value);
    if (!token) return std::move(token).error();
    target.token = {std::move(*token), token_file.origin + " (" + token_file.value + ")"};
  }
  return target;
}

}  // namespace nova::cli
