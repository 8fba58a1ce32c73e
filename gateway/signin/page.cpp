// The sign-in page: a few files in the program, for nodes without the console; where that is served, its own page takes
// over at the same address, which programs and mails name on every node. The files hold nothing of anybody, so they
// need no token; a policy of their own lets them run their own script and talk to this node, and nothing else.
#include "gateway/routes/routes.hpp"
#include "gateway/signin/files.hpp"

namespace nova::gateway {
namespace {

constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

std::string_view media_type(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  return "text/javascript; charset=utf-8";
}

Response page_of(const signin::File& file) {
  Response response;
  response.content_type = media_type(file.name);
  response.body = std::string(file.text);
  response.headers = {{"Content-Security-Policy", std::string(policy)},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Permissions-Policy", "publickey-credentials-get=(self), publickey-credentials-create=(self)"}};
  return response;
}

// What stands behind the # goes along: browsers keep it when the new address has none (Fetch, 4.4).
Response to_console(const Request& request) {
  Response response;
  response.status = 303;
  response.headers = {{"Location", "/sign-in"}, {"Cache-Control", "no-store"}};
  const auto language = request.query_value("lang").value_or("");
  if (language == "en" || language == "ar")
    response.headers.emplace_back("Set-Cookie", "nova_lang=" + std::string(language) + "; Path=/; SameSite=Lax");
  return response;
}

}  // namespace

void add_signin_page(Router& router, Behind& behind) {
  const bool console = !behind.options.console_folder.empty();
  for (const auto& file : signin::files()) {
    const bool is_page = file.name.ends_with(".html");
    Route route;
    route.method = "GET";
    route.pattern = is_page ? "/signin" : "/signin/" + std::string(file.name);
    route.summary = is_page ? "The page on which people sign in" : "A part of the sign-in page";
    route.tag = "page";
    route.anonymous = true;
    route.access = std::nullopt;
    if (is_page) route.query = {{"lang", "en or ar"}};
    route.answer = media_type(file.name);
    route.at_once = true;
    route.handle = [&file, away = console && is_page](const Request& request, const Reply& reply) {
      reply(away ? to_console(request) : page_of(file));
    };
    router.add(std::move(route));
  }
}

}  // namespace nova::gateway
