// Outgoing HTTP: one bounded request each, on one thread for all of them (libcurl's multi interface). Redirects are
// answers like any other and never followed, proxies of the environment are not used, TLS is verified, nothing but http
// and https is spoken, no connection is used twice, and each is judged by the address that it is opened to.
#pragma once
#include "core/result.hpp"
#include "drivers/http/client/reach.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nova::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::size_t request_headers_max = 64;
inline constexpr std::size_t request_body_bytes_max = 1024 * 1024;
inline constexpr std::size_t answer_headers_bytes_max = 32 * 1024;

struct Request {
  std::string method = "GET";  ///< GET, HEAD, POST, PUT, PATCH, DELETE
  std::string url;
  Headers headers;
  std::string body;
  std::chrono::milliseconds deadline{10'000};         ///< from `send` to the last byte of the answer, waiting included
  std::chrono::milliseconds connect_deadline{5'000};  ///< name, connection and TLS
  std::size_t answer_bytes_max = 64 * 1024;           ///< of the body; what is beyond is not read
  /// Asked on the client's thread, which they must not hold up: before each connection is opened, and just before the
  /// request's first byte. False ends it with `http.stopped`. Empty: yes.
  std::function<bool()> may_connect, may_send;
  /// Whether it is to end now; looked at once a second and after `look`. Empty: no.
  std::function<bool()> is_stopped;
};

struct Answer {
  int status = 0;
  Headers headers;  ///< names in lower case
  std::string body;
  bool cut = false;                                 ///< the body was longer
  std::chrono::milliseconds took{0};                ///< from `send`
  std::string header(std::string_view name) const;  ///< empty: it has none
};

struct Options {
  Reach reach;
  std::string ca_file;  ///< PEM; empty: what the system trusts
  std::string user_agent;
  std::vector<std::string> names;  ///< "host:port:address", asked before any name server; judged like what those say
  std::size_t running_max = 64;
  std::size_t waiting_max = 1024;
};

struct Stats {
  std::uint64_t sent = 0, answered = 0, failed = 0;
  std::size_t running = 0, waiting = 0;
};

/// Any thread. `done` is called exactly once, on the client's own thread or within `send` when the request is not
/// taken; it must not block. Errors: `http.request_invalid`, `http.url_invalid`, `http.url_credentials`,
/// `http.private_address` (nothing was sent, trying again is useless); `http.busy` (too many wait),
/// `http.host_unknown`, `http.connect_failed`, `http.tls_failed`, `http.deadline`, `http.connection_lost`,
/// `http.failed`, `http.ended` (the client goes), `http.stopped` (see `Request`): these are retryable. Who ends the
/// client hears of every request before the destructor returns.
class Client {
 public:
  using Done = std::function<void(core::Result<Answer>)>;
  static core::Result<std::unique_ptr<Client>> open(Options options);
  virtual ~Client() = default;
  virtual void send(Request request, Done done) = 0;
  virtual void look() = 0;  ///< something may be stopped now; returns at once
  virtual Stats stats() const = 0;
};

}  // namespace nova::http
