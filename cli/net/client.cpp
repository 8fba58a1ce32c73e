#include "cli/net/client.hpp"

#include "cli/net/target.hpp"
#include "core/ids.hpp"
#include "core/problem.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <optional>

namespace nova::cli {
namespace {

constexpr std::size_t body_bytes_max = 64u << 20;
constexpr milliseconds retry_after_max{5'000};  ///< a person waits at the terminal
// A stream is silent for at most a heartbeat (15 s); after three the node or the way to it is gone.
constexpr long stream_silence_seconds = 45;

struct Headers {
  curl_slist* list = nullptr;
  ~Headers() { curl_slist_free_all(list); }
  void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
};

/// What curl's callbacks fill in.
struct Receiving {
  Answer answer;
  bool too_large = false;
  bool stopped = false;
  const std::function<bool(std::string_view)>* more = nullptr;
  CURL* handle = nullptr;
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& answer = static_cast<Receiving*>(user)->answer;
  std::string_view line(data, size * count);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  const auto colon = line.find(':');
  if (line.starts_with("HTTP/")) answer.headers.clear();
  if (colon == std::string_view::npos) return size * count;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  auto value = line.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  answer.headers[name] = value;
  return size * count;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& receiving = *static_cast<Receiving*>(user);
  const std::string_view bytes(data, size * count);
  long status = 0;
  curl_easy_getinfo(receiving.handle, CURLINFO_RESPONSE_CODE, &status);
  if (receiving.more && status >= 200 && status < 300) {
    receiving.stopped = !(*receiving.more)(bytes);
    return receiving.stopped ? 0 : bytes.size();
  }
  receiving.too_large = receiving.answer.body.size() + bytes.size() > body_bytes_max;
  if (receiving.too_large) return 0;
  receiving.answer.body += bytes;
  return bytes.size();
}

bool was_not_reached(CURLcode code) { return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST; }
bool was_lost(CURLcode code) {
  return code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
         code == CURLE_PARTIAL_FILE;
}

void wait(milliseconds span) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, span, [] { return false; });
}

std::optional<milliseconds> retry_after(const Answer& answer) {
  const std::string text = answer.header("retry-after");
  int seconds = 0;
  const auto end = text.data() + text.size();
  if (text.empty() || std::from_chars(text.data(), end, seconds).ptr != end || seconds < 0) return std::nullopt;
  return std::min(retry_after_max, milliseconds(1000) * std::min(seconds, 3600));
}

}  // namespace

struct Client::Impl {
  ClientOptions options;
  CURL* handle = nullptr;

  explicit Impl(ClientOptions given) : options(std::move(given)) {
    static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    if (ready) handle = curl_easy_init();
  }
  ~Impl() {
    if (handle) curl_easy_cleanup(handle);
  }

  core::Status may_send() const {
    const bool plain = options.server.starts_with("http://") && !is_loopback(options.server);
    if (plain && (!options.token.empty() || options.secret_bodies) && !options.allow_plain_http)
      return core::refusal("client.plain_http_refused",
                           "the token would cross the network unencrypted to `" + options.server + "`")
          .fix("use https://, or --allow-plain-http if you are sure");
    return core::ok();
  }

  // True when there is a token to try again with. A request that was refused so has had no effect.
  core::Result<bool> renew(const Answer& answer, bool& renewed) {
    if (answer.status != 401 || !options.renew || std::exchange(renewed, true)) return false;
    auto token = options.renew(options.token);
    if (!token) return std::move(token).error();
    if (*token == options.token) return false;
    options.token = std::move(*token);
    return true;
  }

  CURLcode perform(const Ask& ask, const std::string& request_id, Receiving& receiving) {
    curl_easy_reset(handle);
    receiving.handle = handle;
    const std::string url = options.server + ask.path;
    Headers headers;
    headers.add("X-Request-Id: " + request_id);
    headers.add("Expect:");
    if (!options.token.empty()) headers.add("Authorization: Bearer " + options.token);
    if (!ask.idempotency_key.empty()) headers.add("Idempotency-Key: " + ask.idempotency_key);
    if (!ask.body.empty() || ask.method == "POST" || ask.method == "PUT")
      headers.add("Content-Type: " + ask.content_type);
    for (const auto& [name, value] : ask.headers) headers.add(name + ": " + value);
    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(handle, option, value); };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_HTTPHEADER, headers.list);
    set(CURLOPT_USERAGENT, "novactl/" NOVA_VERSION);
    set(CURLOPT_NOSIGNAL, 0L);        // curl then shields its own writes from SIGPIPE.
    set(CURLOPT_FOLLOWLOCATION, 0L);  // A redirect could carry the token elsewhere.
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, long(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_CONNECTTIMEOUT_MS, long(options.connect_timeout.count()));
    if (is_loopback(options.server)) set(CURLOPT_PROXY, "");  // Whatever the environment says.
    set(CURLOPT_HEADERFUNCTION, on_header);
    set(CURLOPT_HEADERDATA, &receiving);
    set(CURLOPT_WRITEFUNCTION, on_body);
    set(CURLOPT_WRITEDATA, &receiving);
    if (receiving.more) {
      set(CURLOPT_LOW_SPEED_LIMIT, 1L);
      set(CURLOPT_LOW_SPEED_TIME, stream_silence_seconds);
    } else {
      set(CURLOPT_TIMEOUT_MS, long((ask.timeout.count() ? ask.timeout : options.timeout).count()));
    }
    if (ask.method == "HEAD")
      set(CURLOPT_NOBODY, 1L);
    else if (ask.method != "GET") {
      set(CURLOPT_CUSTOMREQUEST, ask.method.c_str());
      set(CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(ask.body.size()));
      set(CURLOPT_POSTFIELDS, ask.body.data());
    }
    const CURLcode code = curl_easy_perform(handle);
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    receiving.answer.status = int(status);
    return code;
  }

  core::Error failure(CURLcode code, const Ask& ask, const std::string& request_id) const {
    auto error = [&]() -> core::Error {
      if (was_not_reached(code))
        return core::unavailable("client.unreachable", "no node answers at `" + options.server + "`")
            .fix("is it running? ./dev up starts one here; --server names another");
      if (code == CURLE_OPERATION_TIMEDOUT)
        return core::unavailable("client.timeout", "`" + options.server + "` did not answer in time");
      if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CACERT_BADFILE)
        return core::unavailable("client.tls_failed",
                                 "no trusted connection to `" + options.server + "`: " + curl_easy_strerror(code));
      return core::unavailable("client.connection_lost",
                               "the connection to `" + options.server + "` was lost: " + curl_easy_strerror(code))
          .fix(ask.idempotency_key.empty()
                   ? ""
                   : "repeat it with --idempotency-key " + ask.idempotency_key + " to be sure it happens once");
    }();
    return std::move(error).with("request_id", request_id);
  }

  core::Error problem(const Answer& answer, const std::string& request_id) const {
    auto error = core::parse_problem(answer.body, answer.status);
    if (error.code == "upstream.failed") error.status = answer.status;
    const auto id = answer.header("x-request-id");
    return std::move(error).with("request_id", id.empty() ? request_id : id);
  }
};

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
const ClientOptions& Client::options() const { return impl_->options; }

core::Result<Answer> Client::send(const Ask& ask) {
  if (!impl_->handle) return core::unavailable("client.no_curl", "libcurl could not be set up");
  if (auto may = impl_->may_send(); !may) return std::move(may).error();
  const bool may_repeat =
      ask.method == "GET" || ask.method == "HEAD" || ask.method == "PUT" || !ask.idempotency_key.empty();
  const std::string request_id = core::new_uuid(core::system_clock().now());
  milliseconds pause = impl_->options.pause;
  bool renewed = false;
  for (int attempt = 1;; ++attempt) {
    const bool is_last = attempt >= impl_->options.attempts_max || !may_repeat;
    Receiving receiving;
    const CURLcode code = impl_->perform(ask, request_id, receiving);
    if (receiving.too_large) return core::unavailable("client.answer_too_large", "the answer is larger than 64 MiB");
    std::optional<milliseconds> asked_pause;
    if (code == CURLE_OK) {
      const Answer& answer = receiving.answer;
      const bool is_good =
          (answer.status >= 200 && answer.status < 300 && answer.status != 202) || answer.status == 304;
      if (is_good) return std::move(receiving.answer);
      const auto again = impl_->renew(answer, renewed);
      if (!again) return again.error();
      if (*again) continue;
      const bool comes_back =
          answer.status == 502 || answer.status == 503 || answer.status == 504 || answer.status == 429;
      auto problem = impl_->problem(answer, request_id);
      if (is_last || !comes_back || !(problem.retryable || answer.status == 502 || answer.status == 504))
        return problem;
      asked_pause = retry_after(answer);
    } else if (is_last || !(was_not_reached(code) || was_lost(code))) {
      return impl_->failure(code, ask, request_id);
    }
    wait(asked_pause.value_or(pause));
    pause *= 2;
  }
}

core::Status Client::stream(const Ask& ask, const std::function<bool(std::string_view)>& more) {
  if (!impl_->handle) return core::unavailable("client.no_curl", "libcurl could not be set up");
  if (auto may = impl_->may_send(); !may) return std::move(may).error();
  const std::string request_id = core::new_uuid(core::system_clock().now());
  for (bool renewed = false;;) {
    Receiving receiving;
    receiving.more = &more;
    const CURLcode code = impl_->perform(ask, request_id, receiving);
    if (receiving.stopped) return core::ok();
    if (code != CURLE_OK) return impl_->failure(code, ask, request_id);
    if (receiving.answer.status < 300) return core::ok();
    const auto again = impl_->renew(receiving.answer, renewed);
    if (!again) return again.error();
    if (!*again) return impl_->problem(receiving.answer, request_id);
  }
}

std::string url_part(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const unsigned char c : text) {
    const bool plain = std::isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain)
      out += char(c);
    else
      out += {'%', hex[c >> 4], hex[c & 15]};
  }
  return out;
}

}  // namespace nova::cli
