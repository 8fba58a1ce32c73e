// The second factor of people: enrolling an authenticator app, proving it, doing without it (S23).
#include "core/json.hpp"
#include "gateway/signin/auth.hpp"

namespace nova::gateway {

namespace auth {

using core::field;
using core::optional_field;
using core::record;

using Code = core::Text<1, 64, core::Shape::line>;

struct CodeLoginBody {
  core::Text<1, 512> flow;
  Code code;
  core::Label device;
};
struct CancelBody {
  core::Text<1, 512> flow;
};
struct EnrolAppBody {
  core::Text<0, 254> label;
};
struct CodeBody {
  Code code;
};

const core::Record& describe(const CodeLoginBody*) {
  static const auto row =
      record<CodeLoginBody>("code_login", "The second step of signing in.",
                            {field("flow", &CodeLoginBody::flow, "what the first step answered"),
                             field("code", &CodeLoginBody::code, "of the app, or a recovery code"),
                             optional_field("device", &CodeLoginBody::device, "for the list of sessions")});
  return row;
}
const core::Record& describe(const CancelBody*) {
  static const auto row = record<CancelBody>("login_flow_end", "A sign-in that does not go on.",
                                             {field("flow", &CancelBody::flow, "what the first step answered")});
  return row;
}
const core::Record& describe(const EnrolAppBody*) {
  static const auto row = record<EnrolAppBody>("enrol_app", "A new authenticator app.",
                                               {optional_field("label", &EnrolAppBody::label, "what the app shows")});
  return row;
}
const core::Record& describe(const CodeBody*) {
  static const auto row =
      record<CodeBody>("code", "A code.", {field("code", &CodeBody::code, "of the app, or a recovery code")});
  return row;
}

}  // namespace auth

namespace {

using namespace auth;

void show(Behind& behind, const Request& request, const Reply& reply) {
  if (auto person = is_person(request); !person) return reply_error(request, reply, person.error());
  const auto line = behind.options.identities.book->factor(request.principal.id);
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("totp", line ? line->status : "absent")
      .field("recovery_codes_left", std::uint64_t(line ? line->recovery.size() : 0))
      .field("passkeys", std::uint64_t(behind.options.identities.book->passkeys(request.principal.id).size()))
      .end();
  reply(json(200, std::move(out)));
}

std::function<void(core::Result<std::vector<std::string>>)> answer_codes(Reply reply, std::string request_id) {
  return [reply = std::move(reply), id = std::move(request_id)](const core::Result<std::vector<std::string>>& codes) {
    if (!codes) return reply(problem(codes.error(), id));
    std::string out;
    core::JsonWriter writer(out);
    writer.object().key("recovery_codes").array();
    for (const auto& code : *codes) writer.value(code);
    writer.end().end();
    reply(json(200, std::move(out)));
  };
}

}  // namespace

void add_second_factor(Router& router, Behind& behind) {
  auto& identity = *behind.options.identities.identity;
  auto& factor = identity.second_factor();
  add_open(
      router, "/api/auth/login/code", "The second step of signing in: a code for the flow that the first one named",
      *core::type_of<CodeLoginBody>(), [&identity](Request request, Reply reply) {
        auto body = body_of<CodeLoginBody>(request, reply);
        if (!body) return;
        identity.login_with_code(
            body->flow, body->code, {{}, {}, body->device, request.client},
            [reply, id = request.id, cookies = console::wants_cookies(request)](core::Result<identity::Tokens> tokens) {
              answer_tokens(reply, id, std::move(tokens), cookies);
            });
      });

  add_open(router, "/api/auth/login/cancel", "Whoever began to sign in does not go on", *core::type_of<CancelBody>(),
           [&identity](Request request, Reply reply) {
             auto body = body_of<CancelBody>(request, reply);
             if (!body) return;
             identity.cancel_flow(body->flow, [reply, id = request.id](core::Result<host::Answer> done) {
               if (!done) return reply(problem(done.error(), id));
               reply(json(200, R"({"status":"cancelled"})"));
             });
           });

  auto shown = signed_in("GET", "/api/auth/mfa", "One's own second factor");
  shown.handle = [&behind](Request request, Reply reply) { show(behind, request, reply); };
  router.add(std::move(shown));

  add_own<EnrolAppBody>(
      router, "/api/auth/mfa/totp", "A new authenticator app; its secret is shown once",
      [&factor](const Request& request, EnrolAppBody body, Reply reply) {
        const std::string label = body.label.empty() ? request.principal.id : std::string(body.label);
        factor.enrol(request.principal.id, label,
                     [reply, id = request.id](core::Result<identity::SecondFactor::Shared> shared) {
                       if (!shared) return reply(problem(shared.error(), id));
                       std::string out;
                       core::JsonWriter(out).object().field("secret", shared->secret).field("uri", shared->uri).end();
                       reply(json(201, std::move(out)));
                     });
      });
  add_own<CodeBody>(router, "/api/auth/mfa/totp/verify",
                    "The app's first code; the answer has the recovery codes, once",
                    [&factor](const Request& request, CodeBody body, Reply reply) {
                      factor.verify(request.principal.id, body.code, answer_codes(std::move(reply), request.id));
                    });
  add_own<CodeBody>(router, "/api/auth/mfa/recovery", "Other recovery codes in place of all before; needs a code",
                    [&factor](const Request& request, CodeBody body, Reply reply) {
                      factor.renew_recovery(request.principal.id, body.code,
                                            answer_codes(std::move(reply), request.id));
                    });
  add_own<CodeBody>(router, "/api/auth/mfa/totp/remove", "Do without the app; needs a code",
                    [&factor](const Request& request, CodeBody body, Reply reply) {
                      factor.remove(request.principal.id, body.code,
                                    [reply, id = request.id](const core::Result<std::string>& user) {
                                      if (!user) return reply(problem(user.error(), id));
                                      std::string out;
                                      core::JsonWriter(out).object().field("user", *user).end();
                                      reply(json(200, std::move(out)));
                                    });
                    });
}

}  // namespace nova::gateway
