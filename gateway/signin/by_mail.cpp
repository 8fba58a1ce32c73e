// Proving an address, and setting another password, with the token of a mail (S20, S23).
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/signin/auth.hpp"

namespace nova::gateway {

namespace auth {

using core::field;
using core::record;

struct TokenBody {
  core::Secret token;
};
struct AddressBody {
  core::Text<1, 254> email;
};
struct ResetBody {
  core::Secret token;
  core::Secret password;
};

const core::Record& describe(const TokenBody*) {
  static const auto row = record<TokenBody>("mail_token", "What the link of a mail brought.",
                                            {field("token", &TokenBody::token, "of the mail; good once")});
  return row;
}
const core::Record& describe(const AddressBody*) {
  static const auto row = record<AddressBody>("mail_address", "Where a mail is to go.",
                                              {field("email", &AddressBody::email, "as registered")});
  return row;
}
const core::Record& describe(const ResetBody*) {
  static const auto row = record<ResetBody>("password_reset", "Another password.",
                                            {field("token", &ResetBody::token, "of the mail; good once"),
                                             field("password", &ResetBody::password, "at least 8 characters")});
  return row;
}

}  // namespace auth

namespace {

using namespace auth;

// The answer is given first: what an address leads to cannot be told from when it came.
void add_asking(Router& router, Behind& behind, std::string pattern, std::string summary,
                void (identity::Identity::*ask)(const std::string&)) {
  auto& identity = *behind.options.identities.identity;
  add_open(router, std::move(pattern), std::move(summary), *core::type_of<AddressBody>(),
           [&behind, &identity, ask](Request request, Reply reply) {
             auto body = body_of<AddressBody>(request, reply);
             if (!body) return;
             if (auto on = identity.by_mail().check_enabled(); !on) return reply_error(request, reply, on.error());
             reply(json(202, R"({"sent":"if the address is known here"})"));
             behind.scheduler.post([&identity, ask, email = std::string(body->email)] { (identity.*ask)(email); });
           });
}

}  // namespace

void add_by_mail(Router& router, Behind& behind) {
  auto& identity = *behind.options.identities.identity;
  add_open(router, "/api/auth/verify", "Proves an address with the token of the mail that went there",
           *core::type_of<TokenBody>(), [&identity](Request request, Reply reply) {
             auto body = body_of<TokenBody>(request, reply);
             if (!body) return;
             identity.by_mail().verify(body->token.plain, [reply, id = request.id](core::Result<host::Answer> done) {
               if (!done) return reply(problem(done.error(), id));
               reply(json(200, R"({"verified":true})"));
             });
           });
  add_asking(router, behind, "/api/auth/verify/resend", "Another verification mail, if the address waits for one",
             &identity::Identity::resend_verification);
  add_asking(router, behind, "/api/auth/password/forgot", "A mail with which another password can be set",
             &identity::Identity::forgot_password);
  add_open(router, "/api/auth/password/reset", "Sets another password with the token of a mail, and ends every session",
           *core::type_of<ResetBody>(), [&identity](Request request, Reply reply) {
             auto body = body_of<ResetBody>(request, reply);
             if (!body) return;
             identity.reset_password(std::move(body->token.plain), std::move(body->password.plain),
                                     [reply, id = request.id](core::Result<host::Answer> done) {
                                       if (!done) return reply(problem(done.error(), id));
                                       reply(json(200, R"({"changed":true})"));
                                     });
           });
}

}  // namespace nova::gateway
