#include "gateway/console/cookies.hpp"

#include "governance/credentials/digest.hpp"

namespace nova::gateway::console {
namespace {

constexpr std::string_view kept_how = "; Path=/; Secure; HttpOnly; SameSite=Strict";

void set(Response& response, std::string_view name, std::string_view value, std::string_view more = {}) {
  response.headers.emplace_back(
      "Set-Cookie", std::string(name) + "=" + std::string(value) + std::string(kept_how) + std::string(more));
}

}  // namespace

std::string_view cookie(const Request& request, std::string_view name) {
  for (const auto& [header, value] : request.headers) {
    if (header != "cookie") continue;
    for (std::string_view rest = value; !rest.empty();) {
      auto one = rest.substr(0, rest.find(';'));
      rest.remove_prefix(one.size() == rest.size() ? one.size() : one.size() + 1);
      while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
      if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=')
        return one.substr(name.size() + 1);
    }
  }
  return {};
}

bool wants_cookies(const Request& request) { return request.header("x-nova-session") == "cookie"; }

void set_cookies(Response& response, const identity::Tokens& tokens) {
  set(response, access_cookie, tokens.access_token);
  set(response, refresh_cookie, tokens.refresh_token);
}

void clear_cookies(Response& response) {
  for (const auto name : {access_cookie, refresh_cookie}) set(response, name, "", "; Max-Age=0");
}

std::string csrf_of(const identity::Keyring& keys, std::string_view session) {
  return credentials::keyed_hash(keys.lookup(), "csrf." + std::string(session));
}

core::Status same_origin(const Request& request) {
  const auto refused = [](std::string why) {
    return http_error(403, "auth.cross_site", "a session of a browser serves pages of this node alone: " + why)
        .fix("open the console at the node's own address, or use a token");
  };
  const auto site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return refused("the request comes from another place");
  auto origin = request.header("origin");
  if (origin.empty()) return core::ok();
  const auto scheme = origin.find("://");
  if (scheme == std::string_view::npos || origin.substr(scheme + 3) != request.header("host"))
    return refused("the request comes from another origin");
  return core::ok();
}

core::Status check_page(const Request& request, const identity::Keyring& keys, bool safe) {
  if (auto same = same_origin(request); !same || safe) return same;
  if (credentials::same(request.header(csrf_header), csrf_of(keys, request.session))) return core::ok();
  return http_error(403, "auth.csrf", "a change by a browser's session needs the value that GET /v1/whoami shows it")
      .fix("send it as `X-Nova-Csrf`");
}

}  // namespace nova::gateway::console
