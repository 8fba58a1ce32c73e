// What the node needs of the world outside to know people: a mail server, and outside providers.
#include "node/outside.hpp"

#include "actors/user/user.hpp"
#include "core/describe/codec.hpp"
#include "drivers/mail/mail.hpp"
#include "governance/limits/address.hpp"
#include "node/config/oidc.hpp"
#include "node/log.hpp"
#include "node/token_file.hpp"

namespace nova::node {
namespace {

mail::Server mail_server(const Parts& parts) {
  const auto& config = parts.config.mail;
  const auto address = *parse_address(config.server);
  mail::Server made;
  // As written: it is the name that the certificate must have.
  made.host = config.server.starts_with("localhost:") ? "localhost" : address.host;
  made.port = address.port;
  made.tls = config.tls == MailTls::tls    ? mail::Tls::tls
             : config.tls == MailTls::none ? mail::Tls::none
                                           : mail::Tls::starttls;
  made.ca_file = in_state_dir(parts.config, config.ca_file);
  made.username = config.username;
  made.password = [file = in_state_dir(parts.config, config.password_file)] { return secret_file(file); };
  made.limit = config.timeout;
  return made;
}

// Read anew each time it is used, so that another one needs no restart. One in the vault may come later than the node.
core::Result<std::function<core::Result<std::string>()>> client_secret(Parts& parts, const OidcProvider& provider) {
  using Read = std::function<core::Result<std::string>()>;
  if (!provider.client_secret.empty())
    return Read([&parts, reference = std::string(provider.client_secret)] { return parts.vault->reveal(reference); });
  const auto file = in_state_dir(parts.config, provider.client_secret_file);
  if (auto read = secret_file(file); !read) return std::move(read).error();
  return Read([file] { return secret_file(file); });
}

// Signatures are verified and documents read in what follows, which is no work for the client's one thread.
void fetch(Parts& parts, identity::FetchRequest given, std::function<void(core::Result<identity::FetchAnswer>)> done) {
  http::Request request;
  request.method = std::move(given.method);
  request.url = std::move(given.url);
  request.headers = std::move(given.headers);
  request.body = std::move(given.body);
  request.deadline = identity::provider_deadline;
  request.answer_bytes_max = identity::provider_answer_bytes_max;
  parts.outside_http->send(std::move(request), [&parts, done = std::move(done)](core::Result<http::Answer> answer) {
    core::Result<identity::FetchAnswer> told = identity::FetchAnswer{};
    if (!answer)
      told = std::move(answer).error();
    else if (answer->cut)
      told = core::unavailable("http.failed", "the answer is too long");
    else
      told = identity::FetchAnswer{answer->status, std::move(answer->body)};
    auto kept = std::make_shared<core::Result<identity::FetchAnswer>>(std::move(told));
    parts.slow->post([kept, done] { done(std::move(*kept)); });
  });
}

}  // namespace

std::string public_url(const Config& config) {
  if (!config.listen.public_url.empty()) return config.listen.public_url;
  return (config.listen.tls_cert.empty() ? "http://" : "https://") + std::string(config.listen.address);
}

bool sends_mail(const Config& config) { return !config.mail.server.empty(); }

core::Result<identity::Outside::Providers> outside_providers(Parts& parts) {
  identity::Outside::Providers made;
  const auto& config = parts.config.oidc;
  if (config.providers.empty()) return made;
  http::Options options;
  for (const auto& block : config.allow_private) options.reach.allowed.push_back(*limits::parse_block(block));
  options.ca_file = in_state_dir(parts.config, config.ca_file);
  options.user_agent = "WebNova/" NOVA_VERSION;
  auto client = http::Client::open(std::move(options));
  if (!client) return std::move(client).error();
  parts.outside_http = std::move(*client);
  for (const auto& one : config.providers) {
    auto secret = client_secret(parts, one);
    if (!secret) return std::move(secret).error();
    const auto defaults = defaults_of(one.preset);
    identity::ProviderConfig provider;
    provider.name = one.name;
    provider.title = !one.title.empty()        ? std::string(one.title)
                     : !defaults.title.empty() ? defaults.title
                                               : std::string(one.name);
    provider.vouches_by_edov = one.preset == OidcPreset::microsoft;
    provider.protocol = one.preset == OidcPreset::github ? identity::Protocol::github : identity::Protocol::oidc;
    provider.issuer = one.issuer.empty() ? defaults.issuer : std::string(one.issuer);
    provider.client_id = one.client_id;
    provider.client_secret = std::move(*secret);
    provider.scopes = {one.scopes.begin(), one.scopes.end()};
    if (provider.scopes.empty()) provider.scopes = defaults.scopes;
    made.emplace(one.name, std::make_shared<identity::Provider>(
                               std::move(provider),
                               [&parts](auto request, auto done) { fetch(parts, std::move(request), std::move(done)); },
                               core::system_clock()));
  }
  return made;
}

core::Status add_mail_driver(Parts& parts) {
  if (!sends_mail(parts.config)) {
    log(LogLevel::info, "no mail server: new accounts wait to be verified by hand", {{"key", "mail.server"}});
    return core::ok();
  }
  // Now rather than at the first mail, when nobody looks.
  if (!parts.config.mail.username.empty())
    if (auto read = secret_file(in_state_dir(parts.config, parts.config.mail.password_file)); !read)
      return std::move(read).error();
  mail::Options options;
  options.server = mail_server(parts);
  options.from = parts.config.mail.from;
  options.place = public_url(parts.config);
  options.reveal = [&parts](const std::string& reference) { return parts.vault->reveal(reference); };
  parts.work_drivers.push_back(mail::make_mail_driver(std::move(options)));
  return core::ok();
}

std::string address_of(const Parts& parts, const std::string& user) {
  const core::EntityKey key{"system", "user", user};
  const auto document = parts.store->document(key);
  if (!document || !*document) return {};
  const auto cipher = parts.vault->subject(core::to_string(key));
  if (!cipher) return {};
  const auto state = core::from_json<user::State>((*document)->body, core::Reading::stored, cipher->get());
  return state && !state->account.email.erased ? state->account.email.value : std::string();
}

}  // namespace nova::node
