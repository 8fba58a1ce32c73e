#include "governance/identity/identity.hpp"

#include "core/json.hpp"
#include "core/text.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/token.hpp"
#include "governance/identity/tell.hpp"

#include <algorithm>

namespace nova::identity {
namespace {

constexpr std::size_t email_bytes_max = 254;  // RFC 5321, 4.5.3.1.3

core::Error bad_credentials() {
  return core::refusal("auth.bad_credentials", "the address or the password is wrong")
      .fix("after ten failures an account is locked for 15 minutes, whatever the password");
}

core::Error busy() {
  return core::unavailable("auth.busy", "too many people are signing in at the same moment")
      .fix("try again in some seconds");
}

std::string normalised(const std::string& email) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  auto begin = std::find_if_not(email.begin(), email.end(), blank);
  auto end = std::find_if_not(email.rbegin(), email.rend(), blank).base();
  std::string text = begin < end ? std::string(begin, end) : std::string();
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; });
  return text;
}

// One @ with something before and a dot after it: whether mail arrives there is what verifying is for.
bool may_be_email(const std::string& text) {
  const auto at = text.find('@');
  return text.size() <= email_bytes_max && at != std::string::npos && at > 0 && text.find('@', at + 1) == text.npos &&
         text.find('.', at + 2) != std::string::npos && text.back() != '.' &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; });
}

core::Status check(const Registration& given) {
  std::vector<core::Problem> problems;
  if (!may_be_email(normalised(given.email)))
    problems.push_back({"email", "must be an address such as amy@example.org"});
  if (given.username.empty()) problems.push_back({"username", "must not be empty"});
  if (given.language != "ar" && given.language != "en") problems.push_back({"language", "must be `ar` or `en`"});
  if (auto may = credentials::check_new_password(given.password); !may)
    for (auto& problem : may.error().problems) problems.push_back(problem);
  if (problems.empty()) return core::ok();
  return core::invalid_input(std::move(problems));
}

// All tokens of a session carry it, so that only who once held one can end the session by showing an old one.
std::string family_of(std::string_view key, const std::string& session) {
  return credentials::keyed_hash(key, "family." + session).substr(0, 32);
}

}  // namespace

Identity::Identity(Parts parts)
    : parts_(std::move(parts)), passwords_(std::make_shared<credentials::Passwords>(parts_.cost)) {}

std::string Identity::email_key(const std::string& email) const {
  return credentials::keyed_hash(parts_.keys->lookup(), "email." + normalised(email));
}

bool Identity::slowly(Step step) {
  {
    std::lock_guard lock(mutex_);
    if (running_ >= scrypts_at_once) {
      if (waiting_.size() >= scrypts_waiting_max) return false;
      waiting_.push_back(std::move(step));
      return true;
    }
    ++running_;
  }
  parts_.slowly([this, step = std::move(step)] {
    step();
    run_next();
  });
  return true;
}

void Identity::run_next() {
  Step next;
  {
    std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
      --running_;
      return;
    }
    next = std::move(waiting_.front());
    waiting_.pop_front();
  }
  parts_.slowly([this, next = std::move(next)] {
    next();
    run_next();
  });
}

// ---- accounts

void Identity::create(core::EntityKey key, std::string name, Registration given, Done<std::string> done) {
  auto hash = passwords_->hash(given.password);
  credentials::wipe(given.password);
  std::string body;
  core::JsonWriter(body)
      .object()
      .key("account")
      .object()
      .field("email", normalised(given.email))
      .field("email_key", email_key(given.email))
      .field("username", given.username)
      .field("full_name", given.full_name)
      .field("language", given.language)
      .end()
      .field("password", hash.view())
      .end();
  const auto id = key.id;
  auto as = name == "register" ? core::Principal{"anonymous", "anonymous"} : core::system_principal();
  tell(parts_, std::move(key), std::move(name), std::move(body), std::move(as),
       [id, done = std::move(done)](core::Result<host::Answer> answer) {
         if (answer) return done(id);
         done(std::move(answer).error());
       });
}

void Identity::register_user(Registration given, Done<std::string> done) {
  if (auto open = parts_.vault->usable(); !open) return done(std::move(open).error());
  if (auto fine = check(given); !fine) return done(std::move(fine).error());
  core::EntityKey key{"system", "user", core::new_uuid(parts_.clock->now())};
  auto answered = std::make_shared<Done<std::string>>(std::move(done));
  const bool taken = slowly([this, key, given = std::move(given), answered]() mutable {
    const auto address = normalised(given.email);
    create(std::move(key), "register", std::move(given),
           [this, id = key.id, address, answered](core::Result<std::string> made) {
             // Whether an address is known here is its owner's affair: the caller gets an id that leads to nothing.
             const bool known = !made && made.error().code == "user.email_taken";
             if (!made && !known) return (*answered)(std::move(made));
             const auto owner = known ? parts_.book->user_by_email(email_key(address)) : id;
             // Answered when the mail is on its way for sure: who was told of an account gets the mail.
             by_mail_.welcome(owner, address, [id, answered] { (*answered)(id); });
           });
  });
  if (!taken) (*answered)(busy());
}

// Who does not hold the token learns nothing of it, not even that its time has passed.
core::Status Identity::check_enrolment(const std::string& token) const {
  if (!parts_.book->root_owner().empty())
    return core::refusal("auth.enrolment_over", "this installation has its owner already");
  if (parts_.enrolment_token.empty() || !credentials::same(token, parts_.enrolment_token)) return bad_credentials();
  if (parts_.enrolment_until.ms != 0 && parts_.enrolment_until <= parts_.clock->now())
    return core::refusal("auth.enrolment_expired", "the enrolment token was good for a day, which is over")
        .fix("start the node again: it writes another one into its state folder");
  return core::ok();
}

void Identity::enrol_owner(const std::string& token, Registration given, Done<std::string> done) {
  if (auto open = parts_.vault->usable(); !open) return done(std::move(open).error());
  if (auto good = check_enrolment(token); !good) {
    if (parts_.enrolment_refused) parts_.enrolment_refused(good.error());
    return done(std::move(good).error());
  }
  if (auto fine = check(given); !fine) return done(std::move(fine).error());
  core::EntityKey key{"system", "user", core::new_uuid(parts_.clock->now())};
  auto answered = std::make_shared<Done<std::string>>(std::move(done));
  const bool taken = slowly([this, key, given = std::move(given), answered]() mutable {
    create(std::move(key), "enrol_owner", std::move(given), [this, answered](core::Result<std::string> made) {
      if (made && parts_.enrolled) parts_.enrolled();
      (*answered)(std::move(made));
    });
  });
  if (!taken) (*answered)(busy());
}

void Identity::register_outside(const std::string& email, const std::string& provider, Done<std::string> done) {
  const auto address = normalised(email);
  if (!may_be_email(address))
    return done(core::refusal("auth.email_not_verified", "the provider vouches for no address of this person"));
  const core::EntityKey key{"system", "user", core::new_uuid(parts_.clock->now())};
  std::string body;
  core::JsonWriter(body)
      .object()
      .key("account")
      .object()
      .field("email", address)
      .field("email_key", email_key(address))
      .field("username", address.substr(0, address.find('@')))
      .field("provider", provider == "oidc" ? "email" : provider)
      .end()
      .field("verified", true)
      .end();
  tell(parts_, key, "register", std::move(body), core::system_principal(),
       [id = key.id, done = std::move(done)](core::Result<host::Answer> answer) {
         if (answer) return done(id);
         done(std::move(answer).error());
       });
}

void Identity::came_in(const std::string& user, const Login& given, const std::string& method, Done<Tokens> done) {
  if (auto may = may_sign_in(user); !may) return done(std::move(may).error());
  if (second_factor_.asked_of(user)) return start_flow(user, given, std::move(done));
  start_session(user, given, method, std::move(done));
}

// What follows costs a look-up and perhaps a commit, and runs behind the answer.
void Identity::resend_verification(const std::string& email) {
  by_mail_.resend(normalised(email), parts_.book->user_by_email(email_key(email)));
}

void Identity::forgot_password(const std::string& email) {
  by_mail_.forgot(normalised(email), parts_.book->user_by_email(email_key(email)));
}

void Identity::reset_password(std::string token, std::string password, Done<host::Answer> done) {
  if (auto fine = credentials::check_new_password(password); !fine) return done(std::move(fine).error());
  auto answered = std::make_shared<Done<host::Answer>>(std::move(done));
  // Hashed only for a token that was good: nobody can keep the node's cores busy with others.
  by_mail_.use(token, "password",
               [this, password = std::move(password), answered](core::Result<std::string> user) mutable {
                 if (!user) return (*answered)(std::move(user).error());
                 const bool taken = slowly([this, user = *user, password = std::move(password), answered]() mutable {
                   auto hash = passwords_->hash(password);
                   credentials::wipe(password);
                   std::string body;
                   core::JsonWriter(body).object().field("password", hash.view()).field("reset", true).end();
                   const core::EntityKey account{"system", "user", user};
                   tell(parts_, account, "set_password", std::move(body), core::system_principal(),
                        [this, account, answered](core::Result<host::Answer> set) {
                          if (!set || set->status != "pending") return (*answered)(std::move(set));
                          // The mail arrived, so the address is theirs.
                          tell(parts_, account, "verify", "{}", core::system_principal(), std::move(*answered));
                        });
                 });
                 if (!taken) (*answered)(busy());
               });
}

// ---- signing in

// Of who is not known, or has no password, another secret is read and thrown away: the vault is asked as often, and
// when it is away the answer is the same.
core::Result<std::optional<std::string>> Identity::stored_password(const std::string& reference) const {
  auto value = parts_.vault->reveal(reference.empty() ? Keyring::lookup_reference : reference);
  if (!value && value.error().status >= 500) return std::move(value).error();
  if (value && reference.empty()) credentials::wipe(*value);
  if (!value || reference.empty()) return std::optional<std::string>();
  return std::optional<std::string>(std::move(*value));
}

void Identity::login(Login given, Done<Tokens> done) {
  if (auto open = parts_.vault->usable(); !open) return done(std::move(open).error());
  const auto user = parts_.book->user_by_email(email_key(given.email));
  auto answered = std::make_shared<Done<Tokens>>(std::move(done));
  const bool taken = slowly([this, user, given = std::move(given), answered]() mutable {
    const auto line = user.empty() ? std::nullopt : parts_.book->user(user);
    auto stored = stored_password(line ? line->password : std::string());
    const auto verdict = passwords_->verify(stored ? *stored : std::nullopt, given.password);
    if (stored && *stored) credentials::wipe(**stored);
    credentials::wipe(given.password);
    // Nobody is told a right password is wrong because the vault is away.
    if (!stored) return (*answered)(std::move(stored).error());
    const auto now = parts_.clock->now();
    if (!verdict.right || !line) {
      // Told afterwards, so that an unknown address does not answer sooner than a known one.
      (*answered)(bad_credentials());
      if (line) note_failure(user, given);
      return;
    }
    // Who is told of the lock only with the right password is told that it is right, and could go on guessing.
    if (now < line->locked_until) return (*answered)(bad_credentials());
    if (auto may = authority::may_act(*parts_.book, {user, "user"}, now); !may)
      return (*answered)(std::move(may).error());
    if (second_factor_.asked_of(user) || passkeys_.has_any(user)) return start_flow(user, given, std::move(*answered));
    start_session(user, given, "password", std::move(*answered));
  });
  if (!taken) (*answered)(busy());
}

// The right password alone opens nothing: what it gives is the right to show something else.
void Identity::start_flow(const std::string& user, const Login& given, Done<Tokens> done) {
  const auto flow = core::new_uuid(parts_.clock->now());
  const bool codes = second_factor_.asked_of(user) && !passkeys_.alone_counts_for(user);
  std::string methods = codes ? "totp, recovery" : "";
  if (passkeys_.has_any(user)) methods += codes ? ", passkey" : "passkey";
  std::string body;
  core::JsonWriter(body).object().field("user", user).field("device", core::clean_text(given.device, 255)).end();
  tell(parts_, {"system", "login_flow", flow}, "start", std::move(body), core::system_principal(),
       [this, flow, user, codes, methods, done = std::move(done)](core::Result<host::Answer> answer) {
         if (!answer) return done(std::move(answer).error());
         done(core::refusal("auth.mfa_required", "a second factor is needed")
                  .with("flow", second_factor_.flow_token(flow, user))
                  .with("methods", methods)
                  .fix(codes ? "send `flow` and a code of the app, or a recovery code, to /api/auth/login/code"
                             : "use the passkey: open /signin, or run novactl login --device"));
       });
}

void Identity::cancel_flow(const std::string& flow, Done<host::Answer> done) {
  if (auto open = parts_.vault->usable(); !open) return done(std::move(open).error());
  auto known = second_factor_.parse_flow(flow);
  if (!known) return done(std::move(known).error());
  tell(parts_, {"system", "login_flow", known->id}, "cancel", "{}", core::system_principal(), std::move(done));
}

// Each try is counted before it is looked at.
void Identity::finish_flow(const std::string& flow, Login given, Prove prove, Done<Tokens> done) {
  if (auto open = parts_.vault->usable(); !open) return done(std::move(open).error());
  auto known = second_factor_.parse_flow(flow);
  if (!known) return done(std::move(known).error());
  const core::EntityKey entity{"system", "login_flow", known->id};
  const auto complete = [this, entity, user = known->user, given = std::move(given), done](const std::string& method) {
    tell(parts_, entity, "complete", "{}", core::system_principal(),
         [this, user, given, method, done](core::Result<host::Answer> completed) {
           if (!completed) return done(std::move(completed).error());
           start_session_if_may(user, given, method, done);
         });
  };
  tell(parts_, entity, "attempt", "{}", core::system_principal(),
       [flow = *known, prove = std::move(prove), complete, done](core::Result<host::Answer> counted) {
         if (!counted) return done(std::move(counted).error());
         prove(flow, [complete, done](core::Result<std::string> method) {
           if (!method) return done(std::move(method).error());
           complete(*method);
         });
       });
}

void Identity::login_with_code(const std::string& flow, const std::string& code, Login given, Done<Tokens> done) {
  const auto prove = [this, code](const SecondFactor::Flow& known, Done<std::string> proved) {
    if (passkeys_.alone_counts_for(known.user))
      return proved(core::refusal("auth.method_disabled", "the owner's second factor is a passkey, and nothing else")
                        .fix("open /signin, or run novactl login --device"));
    second_factor_.check(known.user, code, std::move(proved));
  };
  finish_flow(flow, std::move(given), prove, std::move(done));
}

core::Result<Passkeys::Begun> Identity::begin_passkey_step(const std::string& flow, const std::string& origin) {
  const auto known = second_factor_.parse_flow(flow);
  if (!known) return known.error();
  return passkeys_.begin_second_factor(known->user, known->id, origin);
}

void Identity::login_with_flow_passkey(const std::string& flow, const Passkeys::Assertion& answer, Login given,
                                       Done<Tokens> done) {
  const auto prove = [this, answer](const SecondFactor::Flow& known, Done<std::string> proved) {
    passkeys_.prove_second_factor(known.user, known.id, answer, [proved](core::Result<std::string> user) {
      if (!user) return proved(std::move(user).error());
      proved(std::string("passkey"));
    });
  };
  finish_flow(flow, std::move(given), prove, std::move(done));
}

void Identity::login_with_passkey(const Passkeys::Assertion& answer, Login given, Done<Tokens> done) {
  if (auto open = method_open("passkey"); !open) return done(std::move(open).error());
  passkeys_.prove_sign_in(answer, [this, given = std::move(given), done](core::Result<std::string> user) {
    if (!user) return done(std::move(user).error());
    start_session_if_may(*user, given, "passkey", done);
  });
}

void Identity::login_with_device(const std::string& device_code, Done<Tokens> done) {
  if (auto open = method_open("device"); !open) return done(std::move(open).error());
  device_logins_.redeem(device_code, [this, done](core::Result<DeviceLogins::Approved> approved) {
    if (!approved) return done(std::move(approved).error());
    Login given;
    given.device = approved->device;
    start_session_if_may(approved->user, given, "device", done);
  });
}

// Much may have happened since they proved who they are.
void Identity::start_session_if_may(const std::string& user, const Login& given, const std::string& method,
                                    Done<Tokens> done) {
  if (auto may = may_sign_in(user); !may) return done(std::move(may).error());
  start_session(user, given, method, std::move(done));
}

// A lock is for the account, whichever way in is tried: who guesses at it shall gain nothing by another door. Here its
// owner has shown who they are, so they are told.
core::Status Identity::may_sign_in(const std::string& user) const {
  const auto now = parts_.clock->now();
  if (auto may = authority::may_act(*parts_.book, {user, "user"}, now); !may) return may;
  const auto line = parts_.book->user(user);
  if (!line || now >= line->locked_until) return core::ok();
  return core::refusal("auth.locked", "too many logins have failed")
      .with("until", core::to_rfc3339(line->locked_until))
      .fix("try again then");
}

std::string Identity::place_of(const Login& given) const {
  return given.address.empty() ? std::string()
                               : credentials::keyed_hash(parts_.keys->lookup(), "place." + given.address);
}

void Identity::note_failure(const std::string& user, const Login& given) {
  std::string body;
  core::JsonWriter(body).object().field("place", place_of(given)).end();
  tell(parts_, {"system", "user", user}, "note_failure", std::move(body), core::system_principal(), [](auto) {});
}

void Identity::start_session(const std::string& user, const Login& given, const std::string& method,
                             Done<Tokens> done) {
  const auto key = parts_.keys->lookup();
  const auto now = parts_.clock->now();
  const auto session = core::new_uuid(now);
  const auto family = family_of(key, session);
  auto text = std::string(credentials::make_refresh_token(session, 0).view()) + "." + family;
  const auto place = place_of(given);
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("user", user)
      .field("method", method)
      .field("device", core::clean_text(given.device, 255))
      .field("place", place)
      .field("family_hash", credentials::keyed_hash(key, family))
      .field("token_hash", credentials::keyed_hash(key, text))
      .end();
  tell(parts_, {"system", "session", session}, "start", std::move(body), core::system_principal(),
       [this, user, session, place, method, text = std::move(text),
        done = std::move(done)](core::Result<host::Answer> answer) mutable {
         if (!answer) return done(std::move(answer).error());
         tell_if_new(user, place);
         std::string note;
         core::JsonWriter(note).object().field("method", method).field("place", place).end();
         tell(parts_, {"system", "user", user}, "note_login", std::move(note), core::system_principal(), [](auto) {});
         Tokens tokens{user, session, parts_.bearer->issue(user, session, parts_.clock->now()), access_life,
                       std::move(text)};
         done(std::move(tokens));
       });
}

// Nobody is told of their first sign-in. What cannot be told at once, since the node is busy, is not told at all: the
// list of sessions has it.
void Identity::tell_if_new(const std::string& user, const std::string& place) {
  if (!by_mail_.enabled() || !parts_.address_of || place.empty()) return;
  const auto line = parts_.book->user(user);
  if (!line || line->places.empty()) return;
  if (std::find(line->places.begin(), line->places.end(), place) != line->places.end()) return;
  slowly([this, user] {
    if (const auto address = parts_.address_of(user); !address.empty()) by_mail_.tell_new_place(address, user);
  });
}

void Identity::refresh(const std::string& token, Done<Tokens> done) {
  if (auto open = parts_.vault->usable(); !open) return done(std::move(open).error());
  const auto over = [] {
    return core::refusal("auth.required", "the refresh token is not good any more")
        .fix("sign in again: `novactl login`");
  };
  const auto dot = token.rfind('.');
  const auto parsed = dot == token.npos ? std::nullopt : credentials::parse_refresh_token(token.substr(0, dot));
  const auto key = parts_.keys->lookup();
  if (!parsed || !credentials::same(token.substr(dot + 1), family_of(key, parsed->session_id))) return done(over());
  const auto session = parsed->session_id;
  const auto line = parts_.book->session(session);
  if (!line) return done(over());
  const auto now = parts_.clock->now();
  if (auto may = authority::may_act(*parts_.book, {line->user, "user"}, now); !may) return done(std::move(may).error());
  // A session that is over is told to the entity all the same: an old token that comes twice must end the family.
  if (line->status == "active")
    if (auto open = authority::session_open(*parts_.book, session, line->user, now); !open) return done(over());
  const auto family = family_of(key, session);
  auto next = std::string(credentials::make_refresh_token(session, parsed->generation + 1).view()) + "." + family;
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("family_hash", credentials::keyed_hash(key, family))
      .field("token_hash", credentials::keyed_hash(key, token))
      .field("next_hash", credentials::keyed_hash(key, next))
      .field("place", "")
      .end();
  tell(parts_, {"system", "session", session}, "refresh", std::move(body), core::system_principal(),
       [this, session, user = line->user, next = std::move(next), over,
        done = std::move(done)](core::Result<host::Answer> answer) mutable {
         if (!answer) return done(answer.error().status >= 500 ? std::move(answer).error() : over());
         Tokens tokens{user, session, parts_.bearer->issue(user, session, parts_.clock->now()), access_life,
                       std::move(next)};
         done(std::move(tokens));
       });
}

void Identity::end_session(const core::Principal& caller, const std::string& session, Done<host::Answer> done) {
  tell(parts_, {"system", "session", session}, "end", "{}", caller, std::move(done));
}

void Identity::check_password(const core::Principal& caller, std::string password, Done<bool> done) {
  if (auto open = parts_.vault->usable(); !open) return done(std::move(open).error());
  auto answered = std::make_shared<Done<bool>>(std::move(done));
  const bool taken = slowly([this, caller, password = std::move(password), answered]() mutable {
    const auto line = parts_.book->user(caller.id);
    auto stored = stored_password(line ? line->password : std::string());
    const auto verdict = passwords_->verify(stored ? *stored : std::nullopt, password);
    if (stored && *stored) credentials::wipe(**stored);
    credentials::wipe(password);
    if (!stored) return (*answered)(std::move(stored).error());
    if (!verdict.right) return (*answered)(bad_credentials());
    (*answered)(true);
  });
  if (!taken) (*answered)(busy());
}

void Identity::change_password(const core::Principal& caller, std::string before, std::string after,
                               Done<host::Answer> done) {
  if (auto open = parts_.vault->usable(); !open) return done(std::move(open).error());
  if (auto fine = credentials::check_new_password(after); !fine) return done(std::move(fine).error());
  auto answered = std::make_shared<Done<host::Answer>>(std::move(done));
  const bool taken = slowly([this, caller, before = std::move(before), after = std::move(after), answered]() mutable {
    const auto line = parts_.book->user(caller.id);
    auto stored = stored_password(line ? line->password : std::string());
    const auto verdict = passwords_->verify(stored ? *stored : std::nullopt, before);
    if (stored && *stored) credentials::wipe(**stored);
    credentials::wipe(before);
    if (!stored) return (*answered)(std::move(stored).error());
    if (!verdict.right) return (*answered)(bad_credentials());
    auto hash = passwords_->hash(after);
    credentials::wipe(after);
    std::string body;
    core::JsonWriter(body).object().field("password", hash.view()).end();
    tell(parts_, {"system", "user", caller.id}, "set_password", std::move(body), caller, std::move(*answered));
  });
  if (!taken) (*answered)(busy());
}

}  // namespace nova::identity
