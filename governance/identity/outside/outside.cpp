#include "governance/identity/outside/outside.hpp"

#include "core/json.hpp"
#include "governance/authority/judge.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/random.hpp"
#include "governance/identity/identity.hpp"
#include "governance/identity/tell.hpp"

#include <charconv>

namespace nova::identity {
namespace {

using credentials::percent_encode;

constexpr std::size_t cookie_bytes_max = 512;
constexpr std::size_t code_bytes_max = 2048;
constexpr std::size_t secret_bytes = 32;

core::Error over() {
  return core::refusal("auth.flow_expired", "this sign-in is over, or was not begun in this browser")
      .fix("begin again");
}

core::EntityKey flow_of(const std::string& id) { return {"system", "oidc_flow", id}; }

std::string one_field(std::string_view name, const std::string& value) {
  std::string body;
  core::JsonWriter(body).object().field(name, value).end();
  return body;
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  for (;;) {
    const auto end = text.find(at);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string method_of(const Provider& provider) {
  const auto& name = provider.config().name;
  return name == "google" || name == "github" || name == "microsoft" ? name : "oidc";
}

}  // namespace

const Outside::Providers& Outside::providers() const { return parts_.providers; }

std::string Outside::derived(std::string_view what, const std::string& flow) const {
  return credentials::keyed_hash(parts_.keys->lookup(), "outside." + std::string(what) + "." + flow);
}

std::string Outside::cookie_of(const Ticket& ticket) const {
  const auto text = ticket.flow + "/" + ticket.provider + "/" + std::to_string(ticket.until.ms) + "/" + ticket.user;
  return text + "/" + derived("cookie", text);
}

std::optional<Outside::Ticket> Outside::read_cookie(const std::string& cookie) const {
  const auto last = cookie.rfind('/');
  if (cookie.size() > cookie_bytes_max || last == std::string::npos) return std::nullopt;
  const auto text = cookie.substr(0, last);
  if (!credentials::same(cookie.substr(last + 1), derived("cookie", text))) return std::nullopt;
  const auto parts = split(text, '/');
  if (parts.size() != 4) return std::nullopt;
  Ticket ticket{parts[0], parts[1], parts[3], {}};
  std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), ticket.until.ms);
  return ticket;
}

std::string Outside::redirect_uri(const std::string& provider) const {
  return parts_.public_url + "/api/auth/oidc/" + provider + "/callback";
}

std::string Outside::link_id(const Provider& provider, const std::string& subject) const {
  // The lengths keep one pair from reading like another.
  const auto& issuer = provider.issuer();
  return credentials::keyed_hash(parts_.keys->lookup(),
                                 "outside.person." + std::to_string(issuer.size()) + "." + issuer + "." + subject);
}

// ---- out

void Outside::begin(const std::string& provider, const std::string& user, Done<Begun> done) {
  if (auto open = parts_.vault->usable(); !open) return done(std::move(open).error());
  const auto found = providers().find(provider);
  if (found == providers().end())
    return done(core::refusal("auth.provider_not_found", "there is no such provider").fix("GET /api/auth/oidc"));
  if (user.empty())
    if (auto open = identity_.method_open(provider); !open) return done(std::move(open).error());
  const auto now = parts_.clock->now();
  const Ticket ticket{core::new_uuid(now), provider, user, now + outside_life};
  found->second->endpoints([this, ticket, provider = found->second,
                            done = std::move(done)](core::Result<Provider::Endpoints> known) {
    if (!known) return done(std::move(known).error());
    const auto& config = provider->config();
    std::string scopes;
    for (const auto& scope : config.scopes) scopes.append(scopes.empty() ? "" : " ").append(scope);
    const auto challenge =
        credentials::to_base64url(credentials::view_of(credentials::sha256(derived("verifier", ticket.flow))));
    std::string url = known->authorization;
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += "response_type=code&client_id=" + percent_encode(config.client_id) +
           "&redirect_uri=" + percent_encode(redirect_uri(ticket.provider)) + "&scope=" + percent_encode(scopes) +
           "&state=" + derived("state", ticket.flow) + "&code_challenge=" + challenge + "&code_challenge_method=S256";
    if (config.protocol == Protocol::oidc) url += "&nonce=" + derived("nonce", ticket.flow);
    done(Begun{std::move(url), cookie_of(ticket)});
  });
}

// ---- back

void Outside::finish(Return given, Done<std::string> done) {
  if (auto open = parts_.vault->usable(); !open) return done(std::move(open).error());
  const auto ticket = read_cookie(given.cookie);
  // Another provider's answer, another browser's, or one that is too late.
  if (!ticket || ticket->provider != given.provider || parts_.clock->now() >= ticket->until ||
      !credentials::same(given.state, derived("state", ticket->flow)))
    return done(over());
  const auto found = providers().find(ticket->provider);
  if (found == providers().end()) return done(over());
  if (!given.error.empty() || given.code.empty() || given.code.size() > code_bytes_max)
    return done(core::refusal("auth.provider_refused", "the provider let nobody in"));
  tell(parts_, flow_of(ticket->flow), "take", one_field("provider", ticket->provider), core::system_principal(),
       [this, ticket = *ticket, provider = found->second, given = std::move(given),
        done = std::move(done)](core::Result<host::Answer> taken) {
         if (!taken) return done(taken.error().status >= 500 ? std::move(taken).error() : over());
         ask(ticket, provider, given, [this, ticket, done](core::Result<std::string> user) {
           if (!user) {
             tell(parts_, flow_of(ticket.flow), "fail", one_field("code", user.error().code), core::system_principal(),
                  [](auto) {});
             return done(std::move(user).error());
           }
           auto code = ticket.flow + "." + credentials::to_base64url(credentials::random_bytes(secret_bytes).view());
           std::string body;
           core::JsonWriter(body)
               .object()
               .field("user", *user)
               .field("code_hash", credentials::keyed_hash(parts_.keys->lookup(), code))
               .end();
           tell(parts_, flow_of(ticket.flow), "finish", std::move(body), core::system_principal(),
                [code, done](core::Result<host::Answer> finished) {
                  if (!finished) return done(std::move(finished).error());
                  done(code);
                });
         });
       });
}

void Outside::ask(const Ticket& ticket, std::shared_ptr<Provider> provider, const Return& given,
                  Done<std::string> user) {
  provider->endpoints([this, ticket, provider, given, user = std::move(user)](core::Result<Provider::Endpoints> known) {
    if (!known) return user(std::move(known).error());
    // An answer that another provider gave would send this one's code there (RFC 9207).
    if ((known->says_issuer || !given.issuer.empty()) && given.issuer != provider->issuer()) return user(over());
    const Exchange exchange{given.code, redirect_uri(ticket.provider), derived("verifier", ticket.flow),
                            derived("nonce", ticket.flow)};
    provider->person(*known, exchange, [this, ticket, provider, user](core::Result<OutsidePerson> person) {
      if (!person) return user(std::move(person).error());
      account(ticket, *provider, *person, user);
    });
  });
}

void Outside::account(const Ticket& ticket, const Provider& provider, const OutsidePerson& person,
                      Done<std::string> user) {
  const auto id = link_id(provider, person.subject);
  auto known = parts_.store->document({"system", "identity_link", id});
  if (!known) return user(std::move(known).error());
  const bool linked = *known && (*known)->status == "linked";
  const auto owner = linked ? core::json_text((*known)->body, "user").value_or("") : std::string();
  if (!ticket.user.empty()) {
    // Much may have happened since the link was asked for.
    if (auto may = authority::may_act(*parts_.book, {ticket.user, "user"}, parts_.clock->now()); !may)
      return user(std::move(may).error());
    return link(id, ticket.user, provider.config().name, true, std::move(user));
  }
  if (linked) return user(owner);
  join(id, provider, person, std::move(user));
}

void Outside::link(const std::string& id, const std::string& user, const std::string& provider, bool by_user,
                   Done<std::string> done) {
  std::string body;
  core::JsonWriter(body).object().field("user", user).field("provider", provider).end();
  tell(
      parts_, {"system", "identity_link", id}, "link", std::move(body), core::system_principal(),
      [user, by_user, done = std::move(done)](core::Result<host::Answer> answer) {
        if (!answer && by_user && answer.error().status == 409)
          return done(core::refusal("identity_link.already_taken", "this outside identity belongs to another account"));
        if (!answer) return done(std::move(answer).error());
        done(user);
      });
}

// Somebody new. An address that an account has opens nothing: who owns a mailbox today need not own the account, and
// who made an account with somebody's address shall not wait in it for them.
void Outside::join(const std::string& id, const Provider& provider, const OutsidePerson& person,
                   Done<std::string> user) {
  if (person.email.empty() || !person.email_verified) {
    auto error = core::refusal("auth.email_not_verified", "the provider vouches for no address of this person");
    error.status = 403;
    return user(std::move(error).fix("verify the address over there, or register here and link the identity"));
  }
  const auto link_required = [] {
    auto error = core::refusal("auth.link_required", "there is an account with this address");
    error.status = 409;
    return std::move(error).fix("sign in to it, and link the identity there");
  };
  if (!parts_.book->user_by_email(identity_.email_key(person.email)).empty()) return user(link_required());
  identity_.register_outside(
      person.email, method_of(provider),
      [this, id, name = provider.config().name, link_required, user = std::move(user)](core::Result<std::string> made) {
        if (!made && made.error().code == "user.email_taken") return user(link_required());
        if (!made) return user(std::move(made).error());
        link(id, *made, name, false, user);
      });
}

// ---- in

void Outside::redeem(const std::string& code, const std::string& cookie, const Login& given, Done<Tokens> done) {
  if (auto open = parts_.vault->usable(); !open) return done(std::move(open).error());
  const auto ticket = read_cookie(cookie);
  const auto dot = code.find('.');
  if (!ticket || dot == std::string::npos || code.substr(0, dot) != ticket->flow) return done(over());
  const auto entity = flow_of(ticket->flow);
  tell(parts_, entity, "redeem", one_field("code_hash", credentials::keyed_hash(parts_.keys->lookup(), code)),
       core::system_principal(),
       [this, entity, given, provider = ticket->provider, done = std::move(done)](core::Result<host::Answer> redeemed) {
         if (!redeemed) return done(redeemed.error().status >= 500 ? std::move(redeemed).error() : over());
         auto flow = parts_.store->document(entity);
         if (!flow) return done(std::move(flow).error());
         const auto user = *flow ? core::json_text((*flow)->body, "user").value_or("") : std::string();
         const auto found = providers().find(provider);
         if (user.empty() || found == providers().end()) return done(over());
         if (auto open = identity_.method_open(provider); !open) return done(std::move(open).error());
         identity_.came_in(user, given, method_of(*found->second), done);
       });
}

}  // namespace nova::identity
