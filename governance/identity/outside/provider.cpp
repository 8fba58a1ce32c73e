#include "governance/identity/outside/provider.hpp"

#include "core/json.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/secret_bytes.hpp"

#include <algorithm>

namespace nova::identity {
namespace {

using credentials::percent_encode;

constexpr std::size_t emails_max = 100;

core::Error invalid(std::string what) {
  auto error = core::refusal("auth.provider_invalid", "the provider's answer cannot be trusted: " + std::move(what));
  error.status = 502;
  return error;
}

core::Error unavailable(std::string what) {
  return core::unavailable("auth.provider_unavailable", "the provider cannot be asked: " + std::move(what))
      .fix("try again, or sign in with a password");
}

bool is_plain_local(std::string_view url) {
  for (const std::string_view local : {"http://127.0.0.1", "http://localhost", "http://[::1]"})
    if (url.starts_with(local) && (url.size() == local.size() || url[local.size()] == ':' || url[local.size()] == '/'))
      return true;
  return false;
}

}  // namespace

bool is_provider_url(std::string_view url) {
  if (url.size() > 1024 || std::any_of(url.begin(), url.end(), [](unsigned char c) { return c <= ' ' || c >= 0x7f; }))
    return false;
  if (url.find_first_of("#@\\\"<>") != std::string_view::npos) return false;
  return (url.starts_with("https://") && url.size() > 8) || is_plain_local(url);
}

void Provider::get(std::string url, std::string bearer, std::function<void(core::Result<std::string>)> done) {
  FetchRequest request{"GET", std::move(url), {{"Accept", "application/json"}}, {}};
  if (!bearer.empty()) request.headers.emplace_back("Authorization", "Bearer " + bearer);
  fetch_(std::move(request), [done = std::move(done)](core::Result<FetchAnswer> answer) {
    if (!answer) return done(unavailable(answer.error().message));
    if (answer->status >= 500 || answer->status == 429)
      return done(unavailable("it says " + std::to_string(answer->status)));
    if (answer->status != 200) return done(invalid("it says " + std::to_string(answer->status)));
    done(std::move(answer->body));
  });
}

// ---- where it answers

core::Result<Provider::Endpoints> Provider::read_metadata(const std::string& json) const {
  if (core::json_text(json, "issuer") != config_.issuer) return invalid("it calls itself by another name");
  Endpoints found;
  found.authorization = core::json_text(json, "authorization_endpoint").value_or("");
  found.token = core::json_text(json, "token_endpoint").value_or("");
  found.keys = core::json_text(json, "jwks_uri").value_or("");
  for (const auto& url : {found.authorization, found.token, found.keys})
    if (!is_provider_url(url)) return invalid("it answers at no address that is safe");
  const auto ways = core::json_part(json, "token_endpoint_auth_methods_supported").value_or("");
  // Without a word basic is the default (Discovery 1.0, 3).
  found.secret_in_body = !ways.empty() && ways.find("\"client_secret_basic\"") == std::string::npos;
  found.says_issuer = core::json_text(json, "authorization_response_iss_parameter_supported") == "true";
  return found;
}

core::Result<Provider::Endpoints> Provider::github_endpoints() const {
  Endpoints made;
  made.authorization = config_.issuer + "/login/oauth/authorize";
  made.token = config_.issuer + "/login/oauth/access_token";
  made.secret_in_body = true;
  return made;
}

std::string Provider::github_api() const {
  return config_.issuer == "https://github.com" ? "https://api.github.com" : config_.issuer + "/api/v3";
}

void Provider::endpoints(std::function<void(core::Result<Endpoints>)> done) {
  if (config_.protocol == Protocol::github) return done(github_endpoints());
  {
    std::unique_lock lock(mutex_);
    if (clock_.now() < endpoints_until_) {
      auto known = endpoints_;
      lock.unlock();
      return done(std::move(known));
    }
  }
  get(config_.issuer + "/.well-known/openid-configuration", {},
      [self = shared_from_this(), done = std::move(done)](core::Result<std::string> json) {
        if (!json) return done(std::move(json).error());
        auto found = self->read_metadata(*json);
        if (found) {
          std::lock_guard lock(self->mutex_);
          self->endpoints_ = *found;
          self->endpoints_until_ = self->clock_.now() + metadata_life;
        }
        done(std::move(found));
      });
}

// ---- which keys it signs with

void Provider::keys(const Endpoints& endpoints, bool again, std::function<void(core::Result<Keys>)> done) {
  {
    std::unique_lock lock(mutex_);
    const auto now = clock_.now();
    const bool fresh = keys_ && now < keys_until_;
    // Who sends tokens of unknown keys cannot make the node ask more often.
    if (fresh && (!again || now < keys_asked_ + refetch_pause)) {
      auto known = keys_;
      lock.unlock();
      return done(std::move(known));
    }
    keys_asked_ = now;
  }
  get(endpoints.keys, {}, [self = shared_from_this(), done = std::move(done)](core::Result<std::string> json) {
    if (!json) return done(std::move(json).error());
    auto read = credentials::read_jwk_set(*json);
    if (!read) return done(std::move(read).error());
    auto made = std::make_shared<const std::vector<credentials::OutsideKey>>(std::move(*read));
    {
      std::lock_guard lock(self->mutex_);
      self->keys_ = made;
      self->keys_until_ = self->clock_.now() + metadata_life;
    }
    done(Keys(std::move(made)));
  });
}

// ---- who it says somebody is

void Provider::token(const Endpoints& endpoints, const Exchange& exchange,
                     std::function<void(core::Result<std::string>)> done) {
  auto secret = config_.client_secret();
  if (!secret) return done(unavailable("the client's secret cannot be read"));
  FetchRequest request{"POST", endpoints.token, {}, {}};
  request.headers = {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = "grant_type=authorization_code&code=" + percent_encode(exchange.code) +
                 "&redirect_uri=" + percent_encode(exchange.redirect_uri) + "&code_verifier=" + exchange.verifier;
  if (endpoints.secret_in_body)
    request.body += "&client_id=" + percent_encode(config_.client_id) + "&client_secret=" + percent_encode(*secret);
  else  // both are form-encoded first (RFC 6749, 2.3.1)
    request.headers.emplace_back("Authorization", "Basic " + credentials::to_base64(percent_encode(config_.client_id) +
                                                                                    ":" + percent_encode(*secret)));
  credentials::wipe(*secret);
  fetch_(std::move(request), [done = std::move(done)](core::Result<FetchAnswer> answer) {
    if (!answer) return done(unavailable(answer.error().message));
    if (answer->status >= 500 || answer->status == 429)
      return done(unavailable("it says " + std::to_string(answer->status)));
    // GitHub answers 200 with an error in it.
    if (answer->status != 200 || core::json_text(answer->body, "error"))
      return done(core::Error(core::refusal("auth.provider_refused", "the provider does not take the code")));
    done(std::move(answer->body));
  });
}

void Provider::check_token(const Endpoints& endpoints, const std::string& token, const std::string& nonce, bool again,
                           std::function<void(core::Result<OutsidePerson>)> done) {
  keys(endpoints, again,
       [self = shared_from_this(), endpoints, token, nonce, again, done = std::move(done)](core::Result<Keys> keys) {
         if (!keys) return done(std::move(keys).error());
         const auto claims = credentials::verify_id_token(token, **keys,
                                                          {.issuer = self->config_.issuer,
                                                           .client_id = self->config_.client_id,
                                                           .nonce = nonce,
                                                           .now = self->clock_.now(),
                                                           .vouches_by_edov = self->config_.vouches_by_edov});
         // It may have new keys since: they are asked for once.
         if (!claims && claims.error().code == "auth.provider_key_unknown" && !again)
           return self->check_token(endpoints, token, nonce, true, done);
         if (!claims) return done(claims.error());
         done(OutsidePerson{claims->subject, claims->email, claims->email_verified});
       });
}

void Provider::github_person(const std::string& access_token, std::function<void(core::Result<OutsidePerson>)> done) {
  get(github_api() + "/user", access_token,
      [self = shared_from_this(), access_token, done = std::move(done)](core::Result<std::string> json) {
        if (!json) return done(std::move(json).error());
        const auto id = core::json_int(*json, "id");  // names change hands there, numbers do not
        if (!id || *id <= 0) return done(invalid("it names nobody"));
        self->get(self->github_api() + "/user/emails", access_token, [id, done](core::Result<std::string> list) {
          if (!list) return done(std::move(list).error());
          OutsidePerson person{std::to_string(*id), {}, false};
          const auto count = std::min(core::json_keys(*list).size(), emails_max);
          for (std::size_t i = 0; i < count; ++i) {
            const auto at = "[" + std::to_string(i) + "].";
            if (core::json_text(*list, at + "primary") != "true") continue;
            person.email = core::json_text(*list, at + "email").value_or("");
            person.email_verified = core::json_text(*list, at + "verified") == "true";
          }
          done(std::move(person));
        });
      });
}

void Provider::person(const Endpoints& endpoints, Exchange exchange,
                      std::function<void(core::Result<OutsidePerson>)> done) {
  token(endpoints, exchange,
        [self = shared_from_this(), endpoints, nonce = exchange.nonce,
         done = std::move(done)](core::Result<std::string> answer) {
          if (!answer) return done(std::move(answer).error());
          if (self->config_.protocol == Protocol::github)
            return self->github_person(core::json_text(*answer, "access_token").value_or(""), done);
          self->check_token(endpoints, core::json_text(*answer, "id_token").value_or(""), nonce, false, done);
        });
}

}  // namespace nova::identity
