// One connection: socket, buffer, parser with limits, the answers it owes in order, time limits on all. Lives on the
// I/O thread.
#pragma once
#include "gateway/session/server.hpp"
#include "gateway/session/workers.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace boost::asio {
class io_context;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace nova::gateway {

/// Answers on their way to the I/O thread. A commit answers many commands at once: the first one wakes the thread,
/// which takes all.
class Outbox {
 public:
  struct Answer {
    std::shared_ptr<class Connection> connection;
    std::shared_ptr<void> slot;
    Response response;
  };
  /// Any thread. True when the I/O thread must be told.
  bool put(Answer answer);
  std::vector<Answer> take();
  /// Nothing is kept from now on: what lies here holds connections, and those hold the outbox.
  void close();

 private:
  std::mutex mutex_;
  std::vector<Answer> answers_;
  bool closed_ = false;
};

/// What all connections of a server share; outlives each of them.
struct Shared {
  ServerOptions options;
  Application* application = nullptr;
  std::unique_ptr<Workers> workers;
  Outbox outbox;
  std::atomic<std::uint64_t> accepted{0}, turned_away{0}, requests{0}, malformed{0}, timed_out{0};
  std::atomic<std::uint64_t> answers[6] = {};  // by hundreds of the status
  std::atomic<std::size_t> connections{0}, streams{0}, uploads{0};
  bool draining = false;                          // of the I/O thread, as is the next
  bool strained = false;                          // it has no time for routes
  std::function<void(class Connection*)> closed;  // called once by each, on the I/O thread
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual void start() = 0;
  /// Ends streams, closes when idle, otherwise after what is in flight.
  virtual void drain() = 0;
  virtual void abort() = 0;
  /// The answer to what `slot` stands for.
  virtual void deliver(const std::shared_ptr<void>& slot, Response response) = 0;
  /// Called some times a second: ends what took longer than it may.
  virtual void look_at_clock(std::chrono::steady_clock::time_point now) = 0;
};

/// Takes over the accepted socket `fd`. With `turn_away` its first request is answered 503.
std::shared_ptr<Connection> make_connection(const std::shared_ptr<boost::asio::io_context>& io, int fd, bool ipv6,
                                            boost::asio::ssl::context* tls, std::shared_ptr<Shared> shared,
                                            bool turn_away);

}  // namespace nova::gateway
