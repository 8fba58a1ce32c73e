// A server on 127.0.0.1 that answers as a test says, one connection after the other, each on a thread of its own.
#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace nova::testkit {

class HttpServer {
 public:
  /// One connection with a request that was read whole. What it writes and how it ends is its business.
  struct Connection {
    int socket = -1;
    std::string request;
    bool write(const std::string& bytes) const;  ///< false: the other side has gone
    void reset() const;                          ///< RST at the end instead of FIN
    void wait_for_end() const;                   ///< until the other side closes
  };
  using Handler = std::function<void(const Connection&)>;

  explicit HttpServer(Handler handler);
  ~HttpServer();

  std::string url(const std::string& path = "/") const;
  int port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void serve(int socket);

  Handler handler_;
  int listener_ = -1, port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread thread_;
};

/// A whole answer.
std::string answer(int status, const std::string& body, const std::string& headers = {});

}  // namespace nova::testkit
