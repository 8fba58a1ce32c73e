// HTTP to one node. Not for several threads.
//
// Retries: a request that changes nothing, or carries an idempotency key, is sent again when the connection is refused
// or lost or the node says that it will be back; the node answers a repeated key with the first result, so nothing
// happens twice.
#pragma once
#include "core/result.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nova::cli {

using std::chrono::milliseconds;

struct ClientOptions {
  std::string server;  ///< checked by `check_server`
  std::string token;
  milliseconds timeout{30'000};  ///< of one attempt
  milliseconds connect_timeout{5'000};
  milliseconds pause{100};        ///< before the first repetition, doubling
  int attempts_max = 5;           ///< 1.5 s of pauses in all: a node restarts in that time, and a person still waits
  bool allow_plain_http = false;  ///< send the token unencrypted beyond this machine
  bool secret_bodies = false;     ///< what is sent is as secret as a token
  /// Another token in place of the one that was refused; asked once a request. None: what is refused stays so.
  std::function<core::Result<std::string>(const std::string& refused)> renew;
};

struct Ask {
  std::string method = "GET";
  std::string path;  ///< "/v1/...", with query
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string idempotency_key;  ///< of a mutation: makes it safe to send again
  milliseconds timeout{0};      ///< 0: the client's
};

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< at most 64 MiB

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();
  Client(Client&&) noexcept;

  /// An answer of 2xx or 304; anything else is the error that the node describes, with `request_id` in its details.
  /// No node: `client.unreachable`; no answer in time: `client.timeout`.
  core::Result<Answer> send(const Ask& ask);

  /// Hands the body on as it comes, until the server ends it (ok) or `more` answers false (ok). Not repeated.
  core::Status stream(const Ask& ask, const std::function<bool(std::string_view)>& more);

  const ClientOptions& options() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The part of a path or query, percent-encoded (RFC 3986).
std::string url_part(std::string_view text);

}  // namespace nova::cli
