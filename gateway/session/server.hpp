// The HTTP/1.1 server: one I/O thread with an object per connection, and a few workers that run the routes.
#pragma once
#include "core/result.hpp"
#include "gateway/http.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace nova::gateway {

struct ServerOptions {
  std::string address = "127.0.0.1";   ///< an IP address; beyond loopback only with TLS
  std::uint16_t port = 7480;           ///< 0: any free one
  std::string tls_certificate_file;    ///< PEM, with its chain
  std::string tls_key_file;            ///< PEM
  std::string upload_folder = "/tmp";  ///< where uploads lie until their route has read them
  std::size_t connections_max = 1024;  ///< beyond it: 503 `http.too_many_connections`
  std::size_t streams_max = 256;       ///< answers that follow something at the same time
  std::size_t uploads_max = 8;         ///< at the same time, each up to its route's limit on disk
  std::size_t workers = 4;             ///< routes that read the store wait for the disk, not for the processor
  std::size_t work_queue_max = 1024;   ///< requests waiting for a worker; beyond it 503 `node.overloaded`
  std::chrono::milliseconds header_limit{10'000};   ///< from a request's first byte to the end of its header
  std::chrono::milliseconds body_limit{30'000};     ///< a whole JSON body
  std::chrono::milliseconds upload_limit{600'000};  ///< a whole upload
  std::chrono::milliseconds stall_limit{20'000};    ///< for each 64 KiB of a body, read or written
  std::chrono::milliseconds idle_limit{60'000};     ///< between requests
  std::chrono::milliseconds answer_limit{45'000};   ///< a route that has not answered by then has a bug: 504
  std::chrono::milliseconds heartbeat{15'000};      ///< of a stream in which nothing happens
  std::chrono::milliseconds stream_look{500};       ///< between looks whether such a stream has ended
};

struct ServerStats {
  std::uint64_t accepted = 0, turned_away = 0, requests = 0, malformed = 0, timed_out = 0;
  std::uint64_t answers_2xx = 0, answers_3xx = 0, answers_4xx = 0, answers_5xx = 0;
  std::size_t connections = 0, streams = 0, work_waiting = 0;
};

/// Made by `listen`, which binds at once so that a taken port is an error of the start. Owned by the gateway.
class Server : public Scheduler {
 public:
  /// Errors: `gateway.bad_address`, `gateway.open_bind`, `gateway.bad_tls`, `gateway.port_taken` (names the holder
  /// where it may be seen), `gateway.bind_failed`.
  static core::Result<std::unique_ptr<Server>> listen(ServerOptions options);

  virtual std::uint16_t port() const = 0;
  /// Connections that came since `listen` wait for this. `application` outlives the server.
  virtual void start(Application& application) = 0;
  /// No new connections, streams end, idle connections close, what is in flight finishes; returns when all connections
  /// are gone or `limit` has passed. True when all finished.
  virtual bool drain(std::chrono::milliseconds limit) = 0;
  /// Ends everything and joins the threads. Also the destructor.
  virtual void stop() = 0;
  virtual ServerStats stats() const = 0;
};

/// Who listens on a TCP port of this machine: "`nginx` (pid 412)"; empty when it cannot be told.
std::string port_holder(std::uint16_t port);

}  // namespace nova::gateway
