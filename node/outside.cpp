// What the node needs of the world outside to know people: a mail server.
#include "node/outside.hpp"

#include "actors/user/user.hpp"
#include "core/describe/codec.hpp"
#include "drivers/mail/mail.hpp"
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

}  // namespace

std::string public_url(const Config& config) {
  if (!config.listen.public_url.empty()) return config.listen.public_url;
  return (config.listen.tls_cert.empty() ? "http://" : "https://") + std::string(config.listen.address);
}

bool sends_mail(const Config& config) { return !config.mail.server.empty(); }

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
  options.destroy = [&parts](const std::string& path) { return parts.vault->destroy(path); };
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
