#include "drivers/http/client/client.hpp"

#include "core/text.hpp"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

namespace nova::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int poll_ms = 1000;  // a new request wakes the poll; this bounds what else could be forgotten

core::Error unsendable(std::string message) {
  auto error = core::refusal("http.request_invalid", std::move(message));
  error.status = 400;
  return error;
}

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// A line break in a value would begin a header of its own.
bool is_header_value(std::string_view text) {
  return text.size() <= 8192 &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; });
}

core::Status check(const Request& request) {
  constexpr std::string_view methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  if (std::find(std::begin(methods), std::end(methods), request.method) == std::end(methods))
    return unsendable("`" + core::printable(request.method) + "` is no method that is sent");
  if (request.headers.size() > request_headers_max) return unsendable("there are too many headers");
  for (const auto& [name, value] : request.headers)
    if (!is_token(name) || !is_header_value(value))
      return unsendable("the header `" + core::printable(name) + "` cannot be sent");
  if (request.body.size() > request_body_bytes_max) return unsendable("the body is too large");
  if (request.deadline <= milliseconds(0) || request.connect_deadline <= milliseconds(0))
    return unsendable("there is no time for it");
  return core::ok();
}

/// One request, from `send` to its answer. Only the client's thread touches it once it is taken.
struct Transfer {
  Request request;
  Client::Done done;
  const Reach* reach = nullptr;
  steady_clock::time_point begun = steady_clock::now();
  CURL* handle = nullptr;
  curl_slist *header_list = nullptr, *name_list = nullptr;
  Answer answer;
  std::size_t header_bytes = 0;
  bool refused_address = false, opened_one = false, too_many_headers = false, stopped = false;
  char error_text[CURL_ERROR_SIZE] = {};

  ~Transfer() {
    if (handle) curl_easy_cleanup(handle);
    curl_slist_free_all(header_list);
    curl_slist_free_all(name_list);
  }
  milliseconds spent() const { return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun); }
};

bool may(Transfer& transfer, const std::function<bool()>& leave) {
  if (leave && !leave()) transfer.stopped = true;
  return !transfer.stopped;
}

curl_socket_t on_open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (!may(transfer, transfer.request.may_connect)) return CURL_SOCKET_BAD;
  if (!may_reach(address->addr, address->addrlen, *transfer.reach)) {
    transfer.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  transfer.opened_one = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// The connection stands, and nothing of the request was sent.
int on_ready(void* user, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(user);
  return may(transfer, transfer.request.may_send) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  auto& answer = transfer.answer;
  std::string_view line(data, size * count);
  transfer.header_bytes += line.size();
  if (transfer.header_bytes > answer_headers_bytes_max) {
    transfer.too_many_headers = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) answer.headers.clear();  // of an interim answer (100)
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  auto value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  answer.headers.emplace_back(std::move(name), std::string(value));
  return size * count;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view bytes(data, size * count);
  const auto room = transfer.request.answer_bytes_max - transfer.answer.body.size();
  transfer.answer.body += bytes.substr(0, room);
  if (bytes.size() <= room) return bytes.size();
  transfer.answer.cut = true;
  return 0;  // ends the transfer: what came is the answer
}

std::string_view code_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "http.host_unknown";
    case CURLE_COULDNT_CONNECT:
      return "http.connect_failed";
    case CURLE_OPERATION_TIMEDOUT:
      return "http.deadline";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return "http.tls_failed";
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
      return "http.connection_lost";
    default:
      return "http.failed";
  }
}

core::Error stopped_error() { return core::unavailable("http.stopped", "it was stopped before it was done"); }

core::Result<Answer> outcome_of(Transfer& transfer, CURLcode code) {
  auto& answer = transfer.answer;
  answer.took = transfer.spent();
  if (code == CURLE_OK || (answer.cut && code == CURLE_WRITE_ERROR)) {
    long status = 0;
    curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &status);
    answer.status = int(status);
    return std::move(answer);
  }
  if (transfer.stopped) return stopped_error();
  if (transfer.refused_address && !transfer.opened_one) return private_address();
  if (transfer.too_many_headers)
    return core::unavailable("http.failed", "the headers of the answer are longer than is read");
  return core::unavailable(
      std::string(code_of(code)),
      core::clean_text(transfer.error_text[0] ? transfer.error_text : curl_easy_strerror(code), 300));
}

void set_up(Transfer& transfer, const Options& options) {
  auto* curl = transfer.handle;
  const auto& request = transfer.request;
  const auto set = [curl](CURLoption option, auto value) { curl_easy_setopt(curl, option, value); };
  set(CURLOPT_PRIVATE, &transfer);
  set(CURLOPT_ERRORBUFFER, transfer.error_text);
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NETRC, long(CURL_NETRC_IGNORED));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  // Else the end of a transfer whose name is still being looked up waits for the resolver, and all others with it.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_HTTP09_ALLOWED, 0L);
  set(CURLOPT_OPENSOCKETFUNCTION, &on_open_socket);
  set(CURLOPT_OPENSOCKETDATA, &transfer);
  set(CURLOPT_PREREQFUNCTION, &on_ready);
  set(CURLOPT_PREREQDATA, &transfer);
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, &transfer);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, &transfer);
  set(CURLOPT_CONNECTTIMEOUT_MS, long(request.connect_deadline.count()));
  set(CURLOPT_TIMEOUT_MS, long(std::max<std::int64_t>(1, (request.deadline - transfer.spent()).count())));
  if (!options.user_agent.empty()) set(CURLOPT_USERAGENT, options.user_agent.c_str());
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "HEAD") set(CURLOPT_NOBODY, 1L);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    set(CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.c_str());
  }
  for (const auto& name : options.names) transfer.name_list = curl_slist_append(transfer.name_list, name.c_str());
  set(CURLOPT_RESOLVE, transfer.name_list);
  const auto add = [&](const std::string& line) {
    transfer.header_list = curl_slist_append(transfer.header_list, line.c_str());
  };
  add("Expect:");  // a body of this size is sent at once
  for (const auto& [name, value] : request.headers) add(value.empty() ? name + ";" : name + ": " + value);
  set(CURLOPT_HTTPHEADER, transfer.header_list);
}

class CurlClient final : public Client {
 public:
  explicit CurlClient(Options options) : options_(std::move(options)), multi_(curl_multi_init()) {
    thread_ = std::thread([this] { run(); });
  }

  ~CurlClient() override {
    {
      std::lock_guard lock(mutex_);
      ending_ = true;
    }
    curl_multi_wakeup(multi_);
    thread_.join();
    curl_multi_cleanup(multi_);
  }

  void send(Request request, Done done) override {
    auto fine = check(request);
    if (fine) fine = check_url(request.url, options_.reach);
    if (!fine) return done(fine.error());
    auto transfer = std::make_unique<Transfer>();
    transfer->request = std::move(request);
    transfer->done = std::move(done);
    transfer->reach = &options_.reach;
    if (auto refused = take(transfer)) return transfer->done(std::move(*refused));
    curl_multi_wakeup(multi_);
  }

  void look() override { curl_multi_wakeup(multi_); }

  Stats stats() const override {
    std::lock_guard lock(mutex_);
    auto stats = stats_;
    stats.waiting = waiting_.size();
    return stats;
  }

 private:
  using Transfers = std::list<std::unique_ptr<Transfer>>;

  std::optional<core::Error> take(std::unique_ptr<Transfer>& transfer) {
    std::lock_guard lock(mutex_);
    if (ending_) return core::unavailable("http.ended", "this node is shutting down");
    if (waiting_.size() >= options_.waiting_max)
      return core::unavailable("http.busy", "too many outgoing requests wait already");
    waiting_.push_back(std::move(transfer));
    return std::nullopt;
  }

  void run() {
    for (;;) {
      if (!start_waiting()) break;
      end_stopped();
      int active = 0;
      curl_multi_perform(multi_, &active);
      if (finish_ended()) continue;  // there may be room now
      curl_multi_poll(multi_, nullptr, 0, poll_ms, nullptr);
    }
    for (auto& transfer : running_) {
      curl_multi_remove_handle(multi_, transfer->handle);
      end(*transfer, core::unavailable("http.ended", "this node is shutting down"));
    }
    running_.clear();
    std::deque<std::unique_ptr<Transfer>> left;
    {
      std::lock_guard lock(mutex_);
      left.swap(waiting_);
    }
    for (auto& transfer : left) end(*transfer, core::unavailable("http.ended", "this node is shutting down"));
  }

  // False when the client ends.
  bool start_waiting() {
    for (;;) {
      std::unique_ptr<Transfer> next;
      {
        std::lock_guard lock(mutex_);
        if (ending_) return false;
        if (waiting_.empty() || running_.size() >= options_.running_max) return true;
        next = std::move(waiting_.front());
        waiting_.pop_front();
        stats_.running = running_.size() + 1;
        ++stats_.sent;
      }
      start(std::move(next));
    }
  }

  void start(std::unique_ptr<Transfer> transfer) {
    if (transfer->request.is_stopped && transfer->request.is_stopped()) return end(*transfer, stopped_error());
    if (transfer->spent() >= transfer->request.deadline)
      return end(*transfer, core::unavailable("http.deadline", "it waited too long for its turn"));
    transfer->handle = curl_easy_init();
    if (!transfer->handle) return end(*transfer, core::unavailable("http.failed", "no memory for a request"));
    set_up(*transfer, options_);
    running_.push_back(std::move(transfer));
    curl_multi_add_handle(multi_, running_.back()->handle);
  }

  void end_stopped() {
    for (auto each = running_.begin(); each != running_.end();) {
      if (!(*each)->request.is_stopped || !(*each)->request.is_stopped()) {
        ++each;
        continue;
      }
      curl_multi_remove_handle(multi_, (*each)->handle);
      const auto transfer = std::move(*each);
      each = running_.erase(each);
      end(*transfer, stopped_error());
    }
  }

  bool finish_ended() {
    bool any = false;
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      any = true;
      const auto code = message->data.result;
      auto* handle = message->easy_handle;
      const auto found = std::find_if(running_.begin(), running_.end(),
                                      [handle](const auto& transfer) { return transfer->handle == handle; });
      curl_multi_remove_handle(multi_, handle);
      const auto transfer = std::move(*found);
      running_.erase(found);
      end(*transfer, outcome_of(*transfer, code));
    }
    return any;
  }

  void end(Transfer& transfer, core::Result<Answer> outcome) {
    {
      std::lock_guard lock(mutex_);
      stats_.running = running_.size();
      ++(outcome ? stats_.answered : stats_.failed);
    }
    std::exchange(transfer.done, nullptr)(std::move(outcome));
  }

  const Options options_;
  CURLM* multi_;
  Transfers running_;  // the thread's own
  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<Transfer>> waiting_;
  Stats stats_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace

std::string Answer::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (known == name) return value;
  return {};
}

core::Result<std::unique_ptr<Client>> Client::open(Options options) {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  const auto* version = curl_version_info(CURLVERSION_NOW);
  if (started != CURLE_OK) return core::unavailable("http.failed", "libcurl cannot be used");
  // Without it a slow name server would hold up every request.
  if (!(version->features & CURL_VERSION_ASYNCHDNS))
    return core::unavailable("http.failed", "libcurl looks names up while everything else waits")
        .fix("install Debian's libcurl4");
  return std::unique_ptr<Client>(std::make_unique<CurlClient>(std::move(options)));
}

}  // namespace nova::http
