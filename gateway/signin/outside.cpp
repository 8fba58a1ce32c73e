// Signing in by an outside provider (S23): out with a cookie, back with a code, and the page fetches what came of it.
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/signin/auth.hpp"

namespace nova::gateway {

namespace auth {

using core::field;
using core::optional_field;
using core::record;

struct ExchangeBody {
  core::Secret code;
  core::Label device;
};

const core::Record& describe(const ExchangeBody*) {
  static const auto row =
      record<ExchangeBody>("outside_code", "What the page was given behind the `#`.",
                           {field("code", &ExchangeBody::code, "good once, for two minutes"),
                            optional_field("device", &ExchangeBody::device, "for the list of sessions")});
  return row;
}

}  // namespace auth

namespace {

using namespace auth;

constexpr std::string_view cookie_path = "/api/auth/oidc";
constexpr std::size_t links_max = 100;  // of one person, in one answer

std::string cookie_of(const Request& request) {
  std::string_view all = request.header("cookie");
  while (!all.empty()) {
    const auto end = all.find(';');
    auto one = all.substr(0, end);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(identity::outside_cookie) && one.substr(identity::outside_cookie.size()).starts_with('='))
      return std::string(one.substr(identity::outside_cookie.size() + 1));
    all = end == std::string_view::npos ? std::string_view() : all.substr(end + 1);
  }
  return {};
}

// Lax, since the provider's answer comes from another site; that other sites can send it along opens nothing, as the
// answer must fit to it.
std::string set_cookie(const identity::Identity& identity, const std::string& value) {
  std::string text(identity::outside_cookie);
  text.append("=").append(value).append("; Path=").append(cookie_path).append("; HttpOnly; SameSite=Lax; Max-Age=");
  text.append(value.empty() ? "0" : std::to_string(std::chrono::seconds(identity::outside_life).count()));
  if (identity.public_url().starts_with("https://")) text += "; Secure";
  return text;
}

Response kept_by_nobody(Response response) {
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

Response to(int status, std::string location) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Location", std::move(location));
  return kept_by_nobody(std::move(response));
}

std::string query_text(const Request& request, std::string_view name) {
  return std::string(request.query_value(name).value_or(""));
}

// Whoever comes here is a browser on its way: what came of it is said on the page, which has words for it.
Response outcome(const identity::Identity& identity, const core::Result<std::string>& code) {
  return to(303, identity.public_url() + "/signin#" + (code ? "oidc=" + *code : "error=" + code.error().code));
}

Route anonymous_get(std::string pattern, std::string summary) {
  auto route = signed_in("GET", std::move(pattern), std::move(summary));
  route.anonymous = true;
  return route;
}

void list_providers(const identity::Identity& identity, const Reply& reply) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto& [name, provider] : identity.outside().providers()) {
    if (!identity.method_open(name)) continue;
    writer.object()
        .field("name", name)
        .field("title", provider->config().title)
        .field("start", identity.public_url() + std::string(cookie_path) + "/" + name + "/start")
        .end();
  }
  writer.end().end();
  reply(json(200, std::move(out)));
}

void list_links(Behind& behind, const Request& request, const Reply& reply) {
  if (auto person = is_person(request); !person) return reply_error(request, reply, person.error());
  store::DocumentQuery query;
  query.tenant = "system";
  query.kind = "identity_link";
  query.parent = "user/" + request.principal.id;
  query.limit = links_max;
  auto page = reads_for(behind, request).documents(query);
  if (!page) return reply_error(request, reply, page.error());
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto& document : page->items) writer.raw(item_json(behind, document));
  writer.end().end();
  reply(json(200, std::move(out)));
}

}  // namespace

void add_outside(Router& router, Behind& behind) {
  auto& identity = *behind.options.identities.identity;
  auto list = anonymous_get("/api/auth/oidc", "The outside providers by which people may sign in");
  list.handle = [&identity](Request, Reply reply) { list_providers(identity, reply); };
  router.add(std::move(list));

  auto start = anonymous_get("/api/auth/oidc/{provider}/start", "Sends the browser to a provider to sign in there");
  start.handle = [&identity](Request request, Reply reply) {
    identity.outside().begin(request.param("provider"), {},
                             [&identity, reply, id = request.id](core::Result<identity::Outside::Begun> begun) {
                               if (!begun && begun.error().status == 404)
                                 return reply(kept_by_nobody(problem(begun.error(), id)));
                               if (!begun) return reply(outcome(identity, std::move(begun).error()));
                               auto response = to(302, begun->location);
                               response.headers.emplace_back("Set-Cookie", set_cookie(identity, begun->cookie));
                               reply(std::move(response));
                             });
  };
  router.add(std::move(start));

  auto link = signed_in("POST", "/api/auth/oidc/{provider}/link",
                        "Where the browser goes to link an outside identity to the account of who is signed in");
  link.body = Body::json;
  link.body_bytes_max = auth_bytes_max;
  link.handle = [&identity](Request request, Reply reply) {
    if (auto person = is_person(request); !person) return reply_error(request, reply, person.error());
    identity.outside().begin(request.param("provider"), request.principal.id,
                             [&identity, reply, id = request.id](core::Result<identity::Outside::Begun> begun) {
                               if (!begun) return reply(kept_by_nobody(problem(begun.error(), id)));
                               std::string out;
                               core::JsonWriter(out).object().field("location", begun->location).end();
                               auto response = kept_by_nobody(json(200, std::move(out)));
                               response.headers.emplace_back("Set-Cookie", set_cookie(identity, begun->cookie));
                               reply(std::move(response));
                             });
  };
  router.add(std::move(link));

  auto back = anonymous_get("/api/auth/oidc/{provider}/callback", "Where a provider sends the browser back to");
  // What else a provider adds is none of our affair (RFC 6749, 4.1.2).
  back.query = {{"code", "good once"},
                {"state", "of the start"},
                {"iss", "the provider (RFC 9207)"},
                {"error", "in place of a code"}};
  back.any_query = true;
  back.handle = [&identity](Request request, Reply reply) {
    identity::Outside::Return given{request.param("provider"),    cookie_of(request),
                                    query_text(request, "state"), query_text(request, "code"),
                                    query_text(request, "iss"),   query_text(request, "error")};
    identity.outside().finish(std::move(given), [&identity, reply](const core::Result<std::string>& code) {
      reply(outcome(identity, code));
    });
  };
  router.add(std::move(back));

  add_open(router, "/api/auth/oidc/exchange", "Tokens for the code with which a provider's sign-in ended",
           *core::type_of<ExchangeBody>(), [&identity](Request request, Reply reply) {
             auto body = body_of<ExchangeBody>(request, reply);
             if (!body) return;
             identity.outside().redeem(body->code.plain, cookie_of(request), {{}, {}, body->device, request.client},
                                       [&identity, reply, id = request.id, cookies = console::wants_cookies(request)](
                                           core::Result<identity::Tokens> tokens) {
                                         // The code was taken: nothing is left to fetch with the cookie. Otherwise the
                                         // page may try again.
                                         const bool taken = tokens.ok() || tokens.error().code == "auth.mfa_required";
                                         const Reply last = [&identity, reply, taken](Response response) {
                                           if (taken)
                                             response.headers.emplace_back("Set-Cookie", set_cookie(identity, ""));
                                           reply(std::move(response));
                                         };
                                         answer_tokens(last, id, std::move(tokens), cookies);
                                       });
           });

  auto links = signed_in("GET", "/api/auth/oidc/links", "One's own outside identities");
  links.handle = [&behind](Request request, Reply reply) { list_links(behind, request, reply); };
  router.add(std::move(links));
}

}  // namespace nova::gateway
