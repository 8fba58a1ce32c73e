// A blocking HTTP client on a bare socket: what it sends is exactly what the test wrote.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nova::test {

struct Answer {
  int status = 0;                              ///< 0: the connection ended before an answer
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< chunks put together
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

/// One connection. Every wait has a limit of 10 s unless said otherwise.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// False when the peer has closed.
  bool send(std::string_view bytes);
  /// The next answer. `head_only`: to a HEAD request, which has no body.
  Answer receive(bool head_only = false);
  /// Reads the head of an answer only; the rest through `read_until`.
  Answer receive_head();
  /// All bytes up to and with `mark`; what came before the end or the limit when it never comes.
  std::string read_until(std::string_view mark, std::chrono::milliseconds limit = std::chrono::seconds(10));
  /// True when the peer ends the connection within the limit; what it sends before is dropped.
  bool ended(std::chrono::milliseconds limit = std::chrono::seconds(10));
  int fd() const { return fd_; }

 private:
  bool fill(std::chrono::milliseconds limit);

  int fd_ = -1;
  std::string buffer_;
};

/// A whole request as text; Host, Authorization and Content-Length are added when `headers` has none.
std::string request_text(std::string_view method, std::string_view target, std::string_view body = {},
                         const std::vector<std::string>& headers = {});

}  // namespace nova::test
