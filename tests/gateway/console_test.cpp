// The console's files as answers, and what a browser's session must show besides its cookie.
#include "gateway/console/cookies.hpp"
#include "gateway/console/files.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <filesystem>
#include <fstream>
#include <string>

namespace nova::gateway::console {
namespace {

struct Built {
  explicit Built(const std::string& without = {}) {
    std::filesystem::create_directories(folder.path() / "assets");
    for (const std::string language : {"en", "ar"})
      for (const std::string theme : {"auto", "light", "dark"})
        if (const auto name = "index." + language + "." + theme + ".html"; name != without)
          write(name, language + " " + theme);
    write("assets/a.js", "plain");
    write("assets/a.js.br", "brotli");
    write("assets/a.js.gz", "gzip");
    write("assets/f.woff2", "face");
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder.path() / name, std::ios::binary) << text;
  }
  testkit::TempDir folder;
};

Request asks(const std::string& path, Fields headers = {{"accept", "text/html,*/*"}}, std::string method = "GET") {
  Request request;
  request.method = std::move(method);
  for (std::size_t at = 1; at < path.size();) {
    const auto slash = std::min(path.find('/', at), path.size());
    request.segments.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  request.headers = std::move(headers);
  return request;
}

std::string header_of(const Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

}  // namespace

TEST_CASE("every place of the console is its page, in the reader's language and theme") {
  const Built built;
  auto files = Files::open(built.folder.path().string());
  REQUIRE(files);
  const auto page = [&](Fields headers) {
    headers.emplace_back("accept", "text/html");
    return (*files)->answer(asks("/deployments/clinic/clinic-development", std::move(headers))).body;
  };
  CHECK(page({}) == "en auto");
  CHECK(page({{"accept-language", "ar-SA,ar;q=0.9,en"}}) == "ar auto");
  CHECK(page({{"accept-language", "ar"}, {"cookie", "x=1; nova_lang=en; nova_theme=dark"}}) == "en dark");
  CHECK(page({{"cookie", "nova_lang=ar; nova_theme=light"}}) == "ar light");
  CHECK(page({{"cookie", "nova_lang=../x; nova_theme=../../etc"}}) == "en auto");
  CHECK((*files)->answer(asks("/")).body == "en auto");
}

TEST_CASE("what is not the console's is left to the API") {
  const Built built;
  auto files = Files::open(built.folder.path().string());
  REQUIRE(files);
  CHECK((*files)->serves(asks("/tree")));
  CHECK((*files)->serves(asks("/tree", {{"accept", "text/html"}}, "HEAD")));
  CHECK_FALSE((*files)->serves(asks("/tree", {{"accept", "text/html"}}, "POST")));
  CHECK_FALSE((*files)->serves(asks("/tree", {{"accept", "application/json"}})));
  for (const auto* path : {"/v1/nothing", "/api/nothing", "/assets/nothing.js", "/assets/../index.en.auto.html",
                           "/assets", "/.well-known/x", "/metrics"})
    CHECK_FALSE((*files)->serves(asks(path)));
}

TEST_CASE("a file comes encoded as its reader can take it, with a tag for each form, and not twice") {
  const Built built;
  auto files = Files::open(built.folder.path().string());
  REQUIRE(files);
  const auto file = [&](Fields headers) { return (*files)->answer(asks("/assets/a.js", std::move(headers))); };
  const auto plain = file({});
  const auto brotli = file({{"accept-encoding", "gzip, deflate, br"}});
  const auto gzip = file({{"accept-encoding", "gzip, br;q=0"}});
  CHECK(plain.body == "plain");
  CHECK(brotli.body == "brotli");
  CHECK(gzip.body == "gzip");
  CHECK(header_of(brotli, "Content-Encoding") == "br");
  CHECK(header_of(gzip, "Content-Encoding") == "gzip");
  CHECK(header_of(plain, "Content-Encoding").empty());
  CHECK(header_of(plain, "ETag") != header_of(brotli, "ETag"));
  CHECK(header_of(plain, "Cache-Control") == "public, max-age=31536000, immutable");
  CHECK(header_of((*files)->answer(asks("/")), "Cache-Control") == "private, no-cache");

  const auto again = file({{"accept-encoding", "br"}, {"if-none-match", header_of(brotli, "ETag")}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(file({{"if-none-match", header_of(brotli, "ETag")}}).status == 200);
  CHECK(file({}).content_type == "text/javascript; charset=utf-8");
}

TEST_CASE("a page runs its own scripts and nothing else") {
  const Built built;
  auto files = Files::open(built.folder.path().string());
  REQUIRE(files);
  const auto policy = header_of((*files)->answer(asks("/")), "Content-Security-Policy");
  for (const auto* part : {"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
                           "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"})
    CHECK(policy.find(part) != std::string::npos);
  CHECK(policy.find("unsafe") == std::string::npos);
}

TEST_CASE("no console is none, and half of one is an error") {
  const testkit::TempDir empty;
  auto none = Files::open((empty.path() / "console").string());
  REQUIRE(none);
  CHECK(*none == nullptr);
  const Built half("index.ar.dark.html");
  const auto broken = Files::open(half.folder.path().string());
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == "console.incomplete");
}

TEST_CASE("a cookie is found by its whole name") {
  const auto request = asks("/", {{"cookie", "a=1;  __Host-nova_access=abc.def; nova=x"}});
  CHECK(cookie(request, "__Host-nova_access") == "abc.def");
  CHECK(cookie(request, "a") == "1");
  CHECK(cookie(request, "nova") == "x");
  CHECK(cookie(request, "nova_access").empty());
  CHECK(cookie(asks("/", {{"cookie", "a"}}), "a").empty());
  CHECK(cookie(asks("/", {}), "a").empty());
}

TEST_CASE("a browser's session serves pages of its own origin alone") {
  const auto may = [](Fields headers) {
    headers.emplace_back("host", "localhost:7480");
    return bool(same_origin(asks("/v1/node", std::move(headers))));
  };
  CHECK(may({}));
  CHECK(may({{"sec-fetch-site", "same-origin"}, {"origin", "http://localhost:7480"}}));
  CHECK(may({{"sec-fetch-site", "none"}}));
  // Cookies know no ports: another program of this machine is another origin.
  CHECK_FALSE(may({{"sec-fetch-site", "same-site"}}));
  CHECK_FALSE(may({{"sec-fetch-site", "cross-site"}}));
  CHECK_FALSE(may({{"origin", "http://localhost:7481"}}));
  CHECK_FALSE(may({{"origin", "https://evil.example"}}));
  CHECK_FALSE(may({{"origin", "null"}}));
}

TEST_CASE("tokens go into cookies that no script reads and that stay on this host") {
  Response response;
  set_cookies(response, {"access", "refresh", std::chrono::seconds(900), "u", "s"});
  REQUIRE(response.headers.size() == 2);
  for (const auto& [name, value] : response.headers) {
    CHECK(name == "Set-Cookie");
    for (const auto* part : {"__Host-nova_", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"})
      CHECK(value.find(part) != std::string::npos);
    CHECK(value.find("Domain") == std::string::npos);
    CHECK(value.find("Max-Age") == std::string::npos);
  }
  Response over;
  clear_cookies(over);
  for (const auto& [name, value] : over.headers) CHECK(value.find("Max-Age=0") != std::string::npos);
}

}  // namespace nova::gateway::console
