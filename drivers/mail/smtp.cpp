#include "drivers/mail/smtp.hpp"

#include "drivers/mail/message.hpp"
#include "governance/credentials/secret_bytes.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace nova::mail {
namespace {

struct Reading {
  std::string_view left;
};

std::size_t give(char* to, std::size_t size, std::size_t count, void* from) {
  auto& left = static_cast<Reading*>(from)->left;
  const auto given = std::min(size * count, left.size());
  std::memcpy(to, left.data(), given);
  left.remove_prefix(given);
  return given;
}

int go_on(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<const std::function<bool()>*>(stop))() ? 1 : 0;
}

std::string url_of(const Server& server, const std::string& from) {
  const auto host = server.host.find(':') == std::string::npos ? server.host : "[" + server.host + "]";
  // What follows the slash is how the node greets; the machine's own name is nobody's business.
  return (server.tls == Tls::tls ? "smtps://" : "smtp://") + host + ":" + std::to_string(server.port) + "/" +
         std::string(domain_of(from));
}

Delivery later(std::string code, std::string message) { return {false, true, std::move(code), std::move(message)}; }

// The last word of the server counts only where it was an answer to what the mail is about.
Delivery verdict(CURLcode result, long answer) {
  std::string words = curl_easy_strerror(result);
  switch (result) {
    case CURLE_OK:
      return {true, false, {}, {}};
    case CURLE_OPERATION_TIMEDOUT:
      return later("mail.deferred_slow", "the mail server did not answer in time");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return later("mail.deferred_unreachable", "the mail server cannot be reached: " + words);
    case CURLE_LOGIN_DENIED:
      return later("mail.deferred_login", "the mail server does not know the name or the password");
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return later("mail.deferred_tls", "no secure connection to the mail server: " + words);
    default:
      break;
  }
  if (answer >= 500 && answer < 600)
    return {false, false, "mail.refused", "the mail server refused it (" + std::to_string(answer) + ")"};
  if (answer >= 400 && answer < 500)
    return later("mail.deferred", "the mail server says later (" + std::to_string(answer) + ")");
  return later("mail.deferred", "the mail server ended the conversation: " + words);
}

}  // namespace

Delivery deliver(const Server& server, const std::string& from, const std::string& to, std::string_view mail,
                 const std::function<bool()>& stop) {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(ready ? curl_easy_init() : nullptr,
                                                                   curl_easy_cleanup);
  if (!handle) return later("mail.deferred", "libcurl cannot be used");
  auto* curl = handle.get();
  std::string password;
  if (!server.username.empty()) {
    auto read = server.password();
    if (!read) return later("mail.deferred_login", read.error().message);
    password = std::move(*read);
  }
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients(
      curl_slist_append(nullptr, ("<" + to + ">").c_str()), curl_slist_free_all);
  Reading reading{mail};
  const auto set = [curl](CURLoption option, auto value) { curl_easy_setopt(curl, option, value); };
  set(CURLOPT_URL, url_of(server, from).c_str());
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(CURLOPT_PROXY, "");  // whatever the environment says
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, long(std::max<std::int64_t>(server.limit.count() / 3, 1)));
  set(CURLOPT_TIMEOUT_MS, long(server.limit.count()));
  set(CURLOPT_SERVER_RESPONSE_TIMEOUT, long(std::max<std::int64_t>(server.limit.count() / 1000, 1)));
  set(CURLOPT_USE_SSL, long(server.tls == Tls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  set(CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!server.ca_file.empty()) set(CURLOPT_CAINFO, server.ca_file.c_str());
  if (!server.username.empty()) {
    set(CURLOPT_USERNAME, server.username.c_str());
    set(CURLOPT_PASSWORD, password.c_str());
  }
  credentials::wipe(password);
  set(CURLOPT_MAIL_FROM, ("<" + from + ">").c_str());
  set(CURLOPT_MAIL_RCPT, recipients.get());
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, give);
  set(CURLOPT_READDATA, static_cast<void*>(&reading));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, go_on);
  set(CURLOPT_XFERINFODATA, const_cast<void*>(static_cast<const void*>(&stop)));
  const auto result = curl_easy_perform(curl);
  long answer = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
  return verdict(result, answer);
}

}  // namespace nova::mail
