// Accounts and sessions of people (S20, S23). What is asked of entities goes through the host like every command; what
// is secret stays between the request and the identity service.
#include "gateway/signin/auth.hpp"

#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/pages.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"
#include "governance/credentials/encoding.hpp"

namespace nova::gateway {

// The bodies; descriptions are found beside their structs.
namespace auth {

using core::field;
using core::optional_field;
using core::record;

struct RegisterBody {
  core::Text<3, 254> email;
  core::Text<1, 255> username;
  core::Label full_name;
  core::Secret password;
  core::Text<0, 8> language{"ar"};
};
struct EnrolBody {
  core::Secret token;
  core::Text<3, 254> email;
  core::Text<1, 255> username;
  core::Label full_name;
  core::Secret password;
  core::Text<0, 8> language{"ar"};
};
struct LoginBody {
  core::Text<1, 254> email;
  core::Secret password;
  core::Label device;
};
struct RefreshBody {
  core::Secret refresh_token;
};
struct PasswordBody {
  core::Secret before, after;
};

const core::Record& describe(const RegisterBody*) {
  static const auto row = record<RegisterBody>("registration", "A new account.",
                                               {field("email", &RegisterBody::email, "where they are reached"),
                                                field("username", &RegisterBody::username, "what they are called here"),
                                                optional_field("full_name", &RegisterBody::full_name, "their name"),
                                                field("password", &RegisterBody::password, "at least 8 characters"),
                                                optional_field("language", &RegisterBody::language, "ar or en")});
  return row;
}
const core::Record& describe(const EnrolBody*) {
  static const auto row = record<EnrolBody>("owner_enrolment", "The root owner.",
                                            {field("token", &EnrolBody::token, "what the node's first start printed"),
                                             field("email", &EnrolBody::email, "where they are reached"),
                                             field("username", &EnrolBody::username, "what they are called here"),
                                             optional_field("full_name", &EnrolBody::full_name, "their name"),
                                             field("password", &EnrolBody::password, "at least 8 characters"),
                                             optional_field("language", &EnrolBody::language, "ar or en")});
  return row;
}
const core::Record& describe(const LoginBody*) {
  static const auto row = record<LoginBody>(
      "login", "Signing in.",
      {field("email", &LoginBody::email, "as registered"), field("password", &LoginBody::password, "of the account"),
       optional_field("device", &LoginBody::device, "for the list of sessions")});
  return row;
}
const core::Record& describe(const RefreshBody*) {
  static const auto row =
      record<RefreshBody>("refresh", "A new pair of tokens.",
                          {optional_field("refresh_token", &RefreshBody::refresh_token,
                                          "used up by this; a browser's session has it in its cookie")});
  return row;
}
const core::Record& describe(const PasswordBody*) {
  static const auto row = record<PasswordBody>("password_change", "Another password.",
                                               {field("before", &PasswordBody::before, "the present one"),
                                                field("after", &PasswordBody::after, "at least 8 characters")});
  return row;
}

}  // namespace auth

namespace {

using namespace auth;

void answer_user(const Reply& reply, const std::string& request_id, const core::Result<std::string>& user) {
  if (!user) return reply(problem(user.error(), request_id));
  std::string out;
  core::JsonWriter(out).object().field("user", *user).end();
  reply(json(201, std::move(out)));
}

template <class T>
identity::Registration registration_of(T& body) {
  return {body.email, body.username, body.full_name, std::move(body.password.plain), body.language};
}

void sessions(Behind& behind, const Request& request, const Reply& reply) {
  if (auto person = is_person(request); !person) return reply_error(request, reply, person.error());
  store::DocumentQuery query;
  query.tenant = "system";
  query.kind = "session";
  query.parent = "user/" + request.principal.id;
  query.status = std::string(request.query_value("status").value_or(""));
  auto asked = page_query(request);
  if (!asked) return reply_error(request, reply, asked.error());
  query.after = std::move(asked->after);
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("current", request.session);
  if (auto written =
          write_page(out, writer, reads_for(behind, request), std::move(query), asked->limit, shown_item(behind));
      !written)
    return reply_error(request, reply, written.error());
  writer.end();
  reply(json(200, std::move(out)));
}

}  // namespace

void answer_tokens(const Reply& reply, const std::string& request_id, core::Result<identity::Tokens> tokens,
                   bool in_cookies) {
  if (!tokens) return reply(problem(tokens.error(), request_id));
  std::string out;
  if (in_cookies) {
    core::JsonWriter(out)
        .object()
        .field("expires_in", tokens->expires_in.count())
        .field("user", tokens->user)
        .field("session", tokens->session)
        .end();
    auto response = json(200, std::move(out));
    console::set_cookies(response, *tokens);
    return reply(std::move(response));
  }
  core::JsonWriter(out)
      .object()
      .field("access_token", tokens->access_token)
      .field("token_type", "Bearer")
      .field("expires_in", tokens->expires_in.count())
      .field("refresh_token", tokens->refresh_token)
      .field("user", tokens->user)
      .field("session", tokens->session)
      .end();
  reply(json(200, std::move(out)));
}

core::Status is_person(const Request& request) {
  if (request.principal.type == "user") return core::ok();
  return core::refusal("access.denied", "only a person who signed in has sessions and a password");
}

void add_open(Router& router, std::string pattern, std::string summary, const core::Type& body,
              std::function<void(Request, Reply)> handle) {
  Route route;
  route.method = "POST";
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "auth";
  route.anonymous = true;
  route.body = Body::json;
  route.body_bytes_max = auth_bytes_max;
  route.body_schema = core::to_json_schema(body);
  route.handle = std::move(handle);
  router.add(std::move(route));
}

Route signed_in(std::string method, std::string pattern, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "auth";
  route.access = std::nullopt;  // on what is the caller's own
  route.enrolling = true;
  return route;
}

void add_auth(Router& router, Behind& behind) {
  auto& identity = *behind.options.identities.identity;
  add_open(router, "/api/auth/register", "A new account, which waits to be verified", *core::type_of<RegisterBody>(),
           [&identity](Request request, Reply reply) {
             auto body = body_of<RegisterBody>(request, reply);
             if (!body) return;
             identity.register_user(registration_of(*body), [reply, id = request.id](core::Result<std::string> user) {
               answer_user(reply, id, user);
             });
           });
  add_open(router, "/api/auth/enrol-owner", "The one root owner, with the token of the node's first start",
           *core::type_of<EnrolBody>(), [&identity](Request request, Reply reply) {
             auto body = body_of<EnrolBody>(request, reply);
             if (!body) return;
             identity.enrol_owner(
                 body->token.plain, registration_of(*body),
                 [reply, id = request.id](core::Result<std::string> user) { answer_user(reply, id, user); });
           });
  add_open(router, "/api/auth/login", "Signs in with address and password", *core::type_of<LoginBody>(),
           [&identity](Request request, Reply reply) {
             auto body = body_of<LoginBody>(request, reply);
             if (!body) return;
             identity.login(
                 {body->email, std::move(body->password.plain), body->device, request.client},
                 [reply, id = request.id, cookies = console::wants_cookies(request)](
                     core::Result<identity::Tokens> tokens) { answer_tokens(reply, id, std::move(tokens), cookies); });
           });
  add_open(router, "/api/auth/refresh", "A new pair of tokens for a refresh token, which is used up",
           *core::type_of<RefreshBody>(), [&identity](Request request, Reply reply) {
             auto body = body_of<RefreshBody>(request, reply);
             if (!body) return;
             bool cookies = false;
             if (body->refresh_token.plain.empty()) {
               // The value for changes is not asked for: it belongs to the session, which may have no good token now.
               if (auto own = console::same_origin(request); !own) return reply_error(request, reply, own.error());
               body->refresh_token.plain = std::string(console::cookie(request, console::refresh_cookie));
               if (body->refresh_token.plain.empty())
                 return reply_error(request, reply, core::invalid_input("refresh_token", "is needed"));
               cookies = true;
             }
             identity.refresh(body->refresh_token.plain,
                              [reply, id = request.id, cookies](core::Result<identity::Tokens> tokens) {
                                answer_tokens(reply, id, std::move(tokens), cookies);
                              });
           });

  auto keys = signed_in("GET", "/.well-known/jwks.json", "The keys that verify this installation's tokens (RFC 7517)");
  keys.open = true;
  keys.vault = true;
  keys.handle = [&behind](Request, Reply reply) {
    reply(json(200, behind.options.identities.keys->signing().to_jwk_set(behind.clock.now())));
  };
  router.add(std::move(keys));

  auto out = signed_in("POST", "/api/auth/logout", "Ends this session");
  out.body = Body::json;
  out.body_bytes_max = auth_bytes_max;
  out.handle = [&identity](Request request, Reply reply) {
    if (auto person = is_person(request); !person) return reply_error(request, reply, person.error());
    identity.end_session(request.principal, request.session, [reply, id = request.id](core::Result<host::Answer> done) {
      auto response = done ? answer_response(*done) : problem(done.error(), id);
      console::clear_cookies(response);
      reply(std::move(response));
    });
  };
  router.add(std::move(out));

  auto list = signed_in("GET", "/api/auth/sessions", "One's own sessions");
  list.query = {{"status", "only those in it: active, ended, expired, revoked"},
                {"limit", "1 to 1000; 100 when left out", "integer"},
                {"cursor", "the `next` of the page before"}};
  list.handle = [&behind](Request request, Reply reply) { sessions(behind, request, reply); };
  router.add(std::move(list));

  auto password = signed_in("POST", "/api/auth/password", "Another password");
  password.body = Body::json;
  password.body_bytes_max = auth_bytes_max;
  password.body_schema = core::to_json_schema(*core::type_of<PasswordBody>());
  password.handle = [&identity](Request request, Reply reply) {
    if (auto person = is_person(request); !person) return reply_error(request, reply, person.error());
    auto body = body_of<PasswordBody>(request, reply);
    if (!body) return;
    identity.change_password(request.principal, std::move(body->before.plain), std::move(body->after.plain),
                             [reply, id = request.id](core::Result<host::Answer> done) {
                               reply(done ? answer_response(*done) : problem(done.error(), id));
                             });
  };
  router.add(std::move(password));
}

}  // namespace nova::gateway
