#include "governance/identity/second_factor.hpp"

#include "core/json.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/recovery_code.hpp"
#include "governance/credentials/totp.hpp"
#include "governance/identity/tell.hpp"

#include <algorithm>

namespace nova::identity {
namespace {

constexpr std::string_view issuer = "WebNova";

core::EntityKey key_of(const std::string& user) { return {"system", "mfa_enrolment", user}; }

core::Error wrong_code() { return core::refusal("auth.mfa_failed", "the code is wrong, or was used before"); }

bool is_app_code(const std::string& code) {
  return code.size() == credentials::totp_digits &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string step_json(std::uint64_t step) {
  std::string body;
  core::JsonWriter(body).object().field("step", step).end();
  return body;
}

core::Result<std::string> revealed(const store::Vault& vault, const std::string& reference) {
  auto text = vault.reveal(reference);
  if (!text) return std::move(text).error();
  auto secret = credentials::from_base64url(*text);
  if (!secret) return core::unavailable("vault.damaged", "a second factor's secret cannot be read");
  return std::move(*secret);
}

std::string mark_of(std::string_view key, const std::string& flow, const std::string& user) {
  return credentials::keyed_hash(key, "flow." + flow + "." + user).substr(0, 32);
}

}  // namespace

bool SecondFactor::asked_of(const std::string& user) const {
  const auto line = parts_.book->factor(user);
  return line && line->status == "verified";
}

void SecondFactor::enrol(const std::string& user, const std::string& label, Done<Shared> done) {
  const auto secret = credentials::make_totp_secret();
  Shared shared{credentials::to_base32(secret.view()),
                std::string(credentials::otpauth_uri(issuer, label, secret.view()).view())};
  std::string body;
  core::JsonWriter(body).object().field("secret", credentials::to_base64url(secret.view())).end();
  tell(parts_, key_of(user), "enrol", std::move(body), core::system_principal(),
       [shared = std::move(shared), done = std::move(done)](core::Result<host::Answer> answer) mutable {
         if (!answer) return done(std::move(answer).error());
         done(std::move(shared));
       });
}

void SecondFactor::verify(const std::string& user, const std::string& code, Done<std::vector<std::string>> done) {
  const auto line = parts_.book->factor(user);
  if (!line || line->status != "pending") return done(core::wrong_state(line ? line->status : "absent", {"pending"}));
  tell(parts_, key_of(user), "attempt", "{}", core::system_principal(),
       [this, user, code, reference = line->secret, done = std::move(done)](core::Result<host::Answer> counted) {
         if (!counted) return done(std::move(counted).error());
         parts_.slowly([this, user, code, reference, done] {
           const auto secret = revealed(*parts_.vault, reference);
           if (!secret) return done(secret.error());
           const auto step = credentials::verify_totp(*secret, code, parts_.clock->now(), std::nullopt);
           if (!step) return done(wrong_code());
           auto made = credentials::make_recovery_codes(parts_.keys->lookup(), user);
           std::vector<std::string> codes;
           for (const auto& one : made.codes) codes.emplace_back(one.view());
           std::string body;
           core::JsonWriter writer(body);
           writer.object().field("step", *step).key("recovery").array();
           for (const auto& hash : made.hashes) writer.value(hash);
           writer.end().end();
           tell(parts_, key_of(user), "verify", std::move(body), core::system_principal(),
                [codes = std::move(codes), done](core::Result<host::Answer> answer) mutable {
                  if (!answer) return done(std::move(answer).error());
                  done(std::move(codes));
                });
         });
       });
}

void SecondFactor::check(const std::string& user, const std::string& code, Done<std::string> done) {
  tell(parts_, key_of(user), "attempt", "{}", core::system_principal(),
       [this, user, code, done = std::move(done)](core::Result<host::Answer> counted) {
         if (!counted) return done(std::move(counted).error());
         parts_.slowly([this, user, code, done] { compare(user, code, done); });
       });
}

void SecondFactor::compare(const std::string& user, const std::string& code, Done<std::string> done) {
  const auto line = parts_.book->factor(user);
  if (!line || line->status != "verified") return done(wrong_code());
  std::string name, body, method;
  if (is_app_code(code)) {
    const auto secret = revealed(*parts_.vault, line->secret);
    if (!secret) return done(secret.error());
    const auto step = credentials::verify_totp(*secret, code, parts_.clock->now(), line->last_step);
    if (!step) return done(wrong_code());
    name = "use", body = step_json(*step), method = "2fa";
  } else {
    const auto place = credentials::find_recovery_code(parts_.keys->lookup(), user, code, line->recovery);
    if (!place) return done(wrong_code());
    name = "use_recovery", method = "recovery";
    core::JsonWriter(body).object().field("hash", line->recovery[*place]).end();
  }
  tell(parts_, key_of(user), std::move(name), std::move(body), core::system_principal(),
       [method, done = std::move(done)](core::Result<host::Answer> answer) {
         if (!answer) return done(std::move(answer).error());
         done(method);
       });
}

void SecondFactor::renew_recovery(const std::string& user, const std::string& code,
                                  Done<std::vector<std::string>> done) {
  check(user, code, [this, user, done = std::move(done)](core::Result<std::string> method) {
    if (!method) return done(std::move(method).error());
    auto made = credentials::make_recovery_codes(parts_.keys->lookup(), user);
    std::vector<std::string> codes;
    for (const auto& one : made.codes) codes.emplace_back(one.view());
    std::string body;
    core::JsonWriter writer(body);
    writer.object().key("recovery").array();
    for (const auto& hash : made.hashes) writer.value(hash);
    writer.end().end();
    tell(parts_, key_of(user), "renew_recovery", std::move(body), core::system_principal(),
         [codes = std::move(codes), done](core::Result<host::Answer> answer) mutable {
           if (!answer) return done(std::move(answer).error());
           done(std::move(codes));
         });
  });
}

void SecondFactor::remove(const std::string& user, const std::string& code, Done<std::string> done) {
  check(user, code, [this, user, done = std::move(done)](core::Result<std::string> method) {
    if (!method) return done(std::move(method).error());
    tell(parts_, key_of(user), "remove", R"({"reason":"by its user"})", core::system_principal(),
         [user, done](core::Result<host::Answer> answer) {
           if (!answer) return done(std::move(answer).error());
           done(user);
         });
  });
}

std::string SecondFactor::flow_token(const std::string& flow, const std::string& user) const {
  return flow + "." + user + "." + mark_of(parts_.keys->lookup(), flow, user);
}

core::Result<SecondFactor::Flow> SecondFactor::parse_flow(const std::string& token) const {
  const auto first = token.find('.'), last = token.rfind('.');
  if (first != token.npos && last > first) {
    Flow flow{token.substr(0, first), token.substr(first + 1, last - first - 1)};
    if (core::is_name(flow.id) && core::is_name(flow.user) &&
        credentials::same(token.substr(last + 1), mark_of(parts_.keys->lookup(), flow.id, flow.user)))
      return flow;
  }
  return core::refusal("auth.flow_expired", "this sign-in is over").fix("begin again with the password");
}

}  // namespace nova::identity
