#include "gateway/signin/step_up.hpp"

#include "gateway/signin/auth.hpp"

namespace nova::gateway {
namespace {

core::Error needed(std::string what_to_do) {
  auto error = core::refusal("auth.mfa_required", "this needs a second factor, proved just now");
  error.status = 401;
  return std::move(error).fix(std::move(what_to_do));
}

}  // namespace

void prove_fresh(Behind& behind, const Request& request, const std::string& code,
                 std::function<void(core::Result<std::string>)> done) {
  const auto& identities = behind.options.identities;
  if (auto person = is_person(request); !person) return done(std::move(person).error());
  if (!identities.identity || !identities.book) return done(needed("sign in as a person"));
  const auto& user = request.principal.id;
  // Where there is a passkey no code stands in for it (S23), and each of its sign-ins was one with it.
  if (identities.identity->passkeys().alone_counts_for(user)) {
    const auto session = identities.book->session(request.session);
    if (session && behind.clock.now() - session->started_at < fresh_for) return done(std::string("passkey"));
    return done(needed("sign in with your passkey again, and repeat this within five minutes"));
  }
  auto& factor = identities.identity->second_factor();
  if (!factor.asked_of(user)) return done(needed("enrol an authenticator app first: `novactl mfa enrol`"));
  if (code.empty()) return done(needed("send `code`: of your app, or a recovery code"));
  factor.check(user, code, std::move(done));
}

}  // namespace nova::gateway
