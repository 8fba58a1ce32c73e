#include "governance/identity/by_mail.hpp"

#include "core/json.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/random.hpp"
#include "governance/identity/identity.hpp"
#include "governance/identity/tell.hpp"

namespace nova::identity {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t token_text_max = 128;
constexpr std::string_view for_email = "email";
constexpr std::string_view for_password = "password";
constexpr std::string_view for_notice = "notice";
constexpr std::string_view for_new_place = "new_place";

core::Error not_good() {
  auto error = core::refusal("auth.code_expired", "this link is over, was used, or never was good");
  error.status = 410;
  return std::move(error).fix("ask for another mail");
}

core::EntityKey entity_of(std::string_view purpose, const std::string& user) {
  return {"system", "verification", std::string(purpose) + "." + user};
}

}  // namespace

bool ByMail::enabled() const { return parts_.sends_mail; }

core::Status ByMail::check_enabled() const {
  if (enabled()) return core::ok();
  auto error = core::refusal("auth.method_disabled", "this node sends no mail");
  error.status = 409;
  return std::move(error).fix("ask an administrator, who can verify an account by hand");
}

bool ByMail::is_pending(const std::string& user) const {
  const auto line = parts_.book->user(user);
  return line && line->status == "pending";
}

void ByMail::issue(const std::string& user, std::string_view purpose, const std::string& address,
                   std::function<void()> done) {
  const auto entity = entity_of(purpose, user);
  // The token leads to its entity, so that no index of tokens is needed.
  auto token = entity.id + "." + credentials::to_base64url(credentials::random_bytes(token_bytes).view());
  std::string letter;
  core::JsonWriter(letter).object().field("to", address).field("token", token).end();
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("user", user)
      .field("purpose", purpose)
      .field("token_hash", credentials::keyed_hash(parts_.keys->lookup(), token))
      .field("letter", letter)
      .end();
  credentials::wipe(token);
  credentials::wipe(letter);
  tell(parts_, entity, "issue", std::move(body), core::system_principal(),
       [done = std::move(done)](core::Result<host::Answer>) { done(); });
}

void ByMail::welcome(const std::string& user, const std::string& address, std::function<void()> done) {
  if (!enabled() || user.empty()) return done();
  issue(user, is_pending(user) ? for_email : for_notice, address, std::move(done));
}

void ByMail::resend(const std::string& address, const std::string& user) {
  if (!user.empty() && is_pending(user)) issue(user, for_email, address, [] {});
}

void ByMail::forgot(const std::string& address, const std::string& user) {
  if (!user.empty()) issue(user, for_password, address, [] {});
}

void ByMail::tell_new_place(const std::string& address, const std::string& user) {
  issue(user, for_new_place, address, [] {});
}

void ByMail::use(const std::string& token, std::string_view purpose, Done<std::string> user) {
  const auto first = token.find('.'), last = token.rfind('.');
  if (token.size() > token_text_max || first == token.npos || first == last || token.substr(0, first) != purpose)
    return user(not_good());
  const auto id = token.substr(first + 1, last - first - 1);
  const auto entity = entity_of(purpose, id);
  if (!core::is_name(entity.id, 128)) return user(not_good());
  std::string body;
  core::JsonWriter(body).object().field("token_hash", credentials::keyed_hash(parts_.keys->lookup(), token)).end();
  tell(parts_, entity, "use", std::move(body), core::system_principal(),
       [id, user = std::move(user)](core::Result<host::Answer> answer) {
         if (answer) return user(id);
         user(answer.error().status >= 500 ? std::move(answer).error() : not_good());
       });
}

void ByMail::verify(const std::string& token, Done<host::Answer> done) {
  use(token, for_email, [this, done = std::move(done)](core::Result<std::string> user) {
    if (!user) return done(std::move(user).error());
    tell(parts_, {"system", "user", *user}, "verify", "{}", core::system_principal(), done);
  });
}

}  // namespace nova::identity
