#include "gateway/console/files.hpp"

#include "gateway/console/cookies.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

namespace nova::gateway::console {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_max = 2000;
constexpr std::uintmax_t bytes_max = 64 * 1024 * 1024;

constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> media_types = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
}};

// What the node itself answers; a page never has such an address.
const std::set<std::string, std::less<>> not_pages = {"v1", "api", ".well-known", "assets", "metrics"};

std::string_view media_type_of(std::string_view name) {
  for (const auto& [ending, type] : media_types)
    if (name.ends_with(ending)) return type;
  return "application/octet-stream";
}

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    auto one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    if (one.substr(0, one.find(';')) == word && one.find(";q=0") == std::string_view::npos) return true;
  }
  return false;
}

std::string index_of(const Request& request) {
  const auto chosen = cookie(request, "nova_lang");
  const bool arabic = chosen == "ar" || (chosen != "en" && request.header("accept-language").starts_with("ar"));
  auto theme = cookie(request, "nova_theme");
  if (theme != "light" && theme != "dark") theme = "auto";
  return std::string("index.") + (arabic ? "ar" : "en") + "." + std::string(theme) + ".html";
}

std::string path_of(const Request& request) {
  std::string path;
  for (const auto& segment : request.segments) path += (path.empty() ? "" : "/") + segment;
  return path;
}

core::Error unreadable(const fs::path& path, const std::string& why) {
  return core::unavailable("console.unreadable", "`" + path.string() + "` cannot be read: " + why)
      .fix("build the console again, or remove its folder");
}

}  // namespace

core::Result<std::shared_ptr<const Files>> Files::open(const std::string& folder) {
  std::error_code failed;
  const fs::path root(folder);
  if (!fs::is_directory(root, failed)) return std::shared_ptr<const Files>();
  auto made = std::make_shared<Files>();
  std::uintmax_t bytes = 0;
  std::map<std::string, std::string, std::less<>> found;
  for (auto at = fs::recursive_directory_iterator(root, failed); !failed && at != fs::end(at); at.increment(failed)) {
    if (!at->is_regular_file()) continue;
    bytes += at->file_size();
    if (found.size() >= files_max || bytes > bytes_max) return unreadable(root, "it is too large to be the console");
    std::ifstream in(at->path(), std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    if (!in) return unreadable(at->path(), "reading failed");
    found.emplace(at->path().lexically_relative(root).generic_string(), std::move(text));
  }
  if (failed) return unreadable(root, failed.message());
  for (auto& [name, text] : found) {
    if (name.ends_with(".br") || name.ends_with(".gz")) continue;
    Content content;
    const auto hash = credentials::sha256(text);
    content.tag = credentials::to_hex({reinterpret_cast<const char*>(hash.data()), 16});
    content.media_type = media_type_of(name);
    if (const auto other = found.find(name + ".br"); other != found.end()) content.brotli = other->second;
    if (const auto other = found.find(name + ".gz"); other != found.end()) content.gzip = other->second;
    content.plain = text;
    made->files_.emplace(name, std::move(content));
  }
  for (const std::string_view language : {"en", "ar"})
    for (const std::string_view theme : {"auto", "light", "dark"}) {
      const auto name = "index." + std::string(language) + "." + std::string(theme) + ".html";
      if (!made->files_.contains(name))
        return core::unavailable("console.incomplete", "`" + folder + "` has no `" + name + "`")
            .fix("build the console again");
    }
  return std::shared_ptr<const Files>(std::move(made));
}

const Files::Content* Files::find(const Request& request) const {
  if (request.segments.empty() || request.segments.front() != "assets") {
    if (!request.segments.empty() && not_pages.contains(request.segments.front())) return nullptr;
    if (request.header("accept").find("text/html") == std::string_view::npos) return nullptr;
    return &files_.find(index_of(request))->second;
  }
  const auto file = files_.find(path_of(request));
  return file == files_.end() ? nullptr : &file->second;
}

bool Files::serves(const Request& request) const {
  return (request.method == "GET" || request.method == "HEAD") && find(request) != nullptr;
}

Response Files::answer(const Request& request) const {
  const auto& content = *find(request);
  const auto accepted = request.header("accept-encoding");
  const bool brotli = !content.brotli.empty() && has_word(accepted, "br");
  const bool gzip = !brotli && !content.gzip.empty() && has_word(accepted, "gzip");
  const bool page = content.media_type.starts_with("text/html");
  // Each encoding is another representation, so it has a tag of its own (RFC 9110, 8.8.3.3).
  const std::string tag = "\"" + content.tag + (brotli ? "-br" : gzip ? "-gz" : "") + "\"";
  Response response;
  response.content_type = content.media_type;
  response.headers = {{"ETag", tag},
                      // A file's name tells its content; of the page one has to ask.
                      {"Cache-Control", page ? "private, no-cache" : "public, max-age=31536000, immutable"},
                      {"Vary", page ? "Accept-Encoding, Accept-Language, Cookie" : "Accept-Encoding"},
                      {"Content-Security-Policy", std::string(policy)},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Cross-Origin-Resource-Policy", "same-origin"},
                      {"Permissions-Policy",
                       "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), "
                       "microphone=(), geolocation=()"}};
  if (has_word(request.header("if-none-match"), tag)) {
    response.status = 304;
    return response;
  }
  if (brotli || gzip) response.headers.emplace_back("Content-Encoding", brotli ? "br" : "gzip");
  response.body = brotli ? content.brotli : gzip ? content.gzip : content.plain;
  return response;
}

Route route_of(std::shared_ptr<const Files> files) {
  Route route;
  route.method = "GET";
  route.pattern = "/";
  route.summary = "The console";
  route.tag = "page";
  route.anonymous = true;
  route.access = std::nullopt;
  route.any_query = true;
  route.at_once = true;
  route.handle = [files = std::move(files)](const Request& request, const Reply& reply) {
    reply(files->answer(request));
  };
  return route;
}

}  // namespace nova::gateway::console
