#include "gateway/session/server.hpp"

#include "gateway/session/connection.hpp"
#include "gateway/session/strain.hpp"

#include <utility>  // before asio.hpp: Boost 1.74 needs std::exchange

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>

#include <time.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace nova::gateway {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;
using ErrorCode = boost::system::error_code;

// Connections beyond the limit that still get a polite 503; further ones are closed unread.
constexpr std::size_t turned_away_max = 64;
constexpr auto clock_interval = std::chrono::milliseconds(50);  // how exactly time limits are kept
constexpr auto accept_pause = std::chrono::milliseconds(100);   // when the process has no descriptors left

// Of this thread.
std::chrono::nanoseconds processor_time() {
  timespec spent{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

class AsioServer final : public Server {
 public:
  AsioServer(ServerOptions options, std::shared_ptr<net::io_context> io, tcp::acceptor acceptor,
             std::unique_ptr<net::ssl::context> tls)
      : shared_(std::make_shared<Shared>()),
        io_(std::move(io)),
        work_(io_->get_executor()),
        tls_(std::move(tls)),
        acceptor_(std::move(acceptor)),
        pause_(*io_),
        tick_(*io_),
        port_(acceptor_.local_endpoint().port()) {
    shared_->workers = std::make_unique<Workers>(options.workers, options.work_queue_max);
    shared_->options = std::move(options);
    shared_->closed = [this](Connection* connection) { on_closed(connection); };
  }

  ~AsioServer() override { stop(); }

  std::uint16_t port() const override { return port_; }

  void start(Application& application) override {
    shared_->application = &application;
    net::post(*io_, [this] { accept(); });
    thread_ = std::thread([this] { io_->run(); });
  }

  void post(std::function<void()> task) override { shared_->workers->post(std::move(task)); }

  void after(std::chrono::milliseconds delay, std::function<void()> task) override {
    auto timer = std::make_shared<net::steady_timer>(*io_, delay);
    timer->async_wait([this, timer, t = std::move(task)](ErrorCode ec) mutable {
      if (!ec) post(std::move(t));
    });
  }

  bool drain(std::chrono::milliseconds limit) override {
    if (!thread_.joinable()) return true;
    net::post(*io_, [this] { begin_drain(); });
    std::unique_lock lock(mutex_);
    return gone_.wait_for(lock, limit, [this] { return drained_; });
  }

  void stop() override {
    if (std::exchange(stopped_, true)) return;
    // First the routes: what they still answer is posted to a context that lives.
    shared_->workers->stop();
    io_->stop();
    if (thread_.joinable()) thread_.join();
    shared_->outbox.close();
    ErrorCode ignored;
    acceptor_.close(ignored);
    shared_->closed = [](Connection*) {};
    auto connections = std::move(connections_);
    for (auto& [key, connection] : connections) connection->abort();
  }

  ServerStats stats() const override {
    const auto& s = *shared_;
    ServerStats out;
    out.accepted = s.accepted;
    out.turned_away = s.turned_away;
    out.requests = s.requests;
    out.malformed = s.malformed;
    out.timed_out = s.timed_out;
    out.answers_2xx = s.answers[2];
    out.answers_3xx = s.answers[3];
    out.answers_4xx = s.answers[4];
    out.answers_5xx = s.answers[5];
    out.connections = s.connections;
    out.streams = s.streams;
    out.work_waiting = s.workers->waiting();
    return out;
  }

 private:
  void accept() {
    if (shared_->draining) return;
    acceptor_.async_accept([this](ErrorCode ec, tcp::socket socket) {
      if (ec == net::error::operation_aborted) return;
      if (ec) {
        pause_.expires_after(accept_pause);
        return pause_.async_wait([this](ErrorCode failed) {
          if (!failed) accept();
        });
      }
      take(std::move(socket));
      accept();
    });
  }

  // One timer for all limits of all connections: arming one for each read and write costs more than either.
  void watch_clock() {
    tick_.expires_after(clock_interval);
    tick_.async_wait([this](ErrorCode ec) {
      if (ec) return;
      const auto now = std::chrono::steady_clock::now();
      shared_->strained = strain_.look(now, processor_time());
      // A connection that closes leaves the table.
      for (auto at = connections_.begin(); at != connections_.end();) {
        const auto connection = (at++)->second;
        connection->look_at_clock(now);
      }
      if (!connections_.empty()) watch_clock();
    });
  }

  void take(tcp::socket socket) {
    ++shared_->accepted;
    const bool full = connections_.size() >= shared_->options.connections_max;
    if (full) ++shared_->turned_away;
    ErrorCode failed;
    const bool ipv6 = socket.local_endpoint(failed).address().is_v6();
    if (failed || connections_.size() >= shared_->options.connections_max + turned_away_max)
      return socket.close(failed), void();
    auto connection = make_connection(io_, socket.release(), ipv6, tls_.get(), shared_, full);
    if (connections_.empty()) watch_clock();
    connections_.emplace(connection.get(), connection);
    shared_->connections = connections_.size();
    connection->start();
  }

  void on_closed(Connection* connection) {
    connections_.erase(connection);
    shared_->connections = connections_.size();
    check_drained();
  }

  void begin_drain() {
    shared_->draining = true;
    ErrorCode ignored;
    acceptor_.close(ignored);
    // A connection that closes leaves the table while we walk it.
    const auto all = connections_;
    for (const auto& [key, connection] : all) connection->drain();
    check_drained();
  }

  void check_drained() {
    if (!shared_->draining || !connections_.empty()) return;
    {
      std::lock_guard lock(mutex_);
      drained_ = true;
    }
    gone_.notify_all();
  }

  std::shared_ptr<Shared> shared_;
  std::shared_ptr<net::io_context> io_;
  net::executor_work_guard<net::io_context::executor_type> work_;
  std::unique_ptr<net::ssl::context> tls_;
  tcp::acceptor acceptor_;
  net::steady_timer pause_, tick_;
  session::Strain strain_{std::thread::hardware_concurrency()};
  const std::uint16_t port_;
  std::map<Connection*, std::shared_ptr<Connection>> connections_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable gone_;
  bool drained_ = false;
  bool stopped_ = false;
};

core::Error bad_tls(const std::string& file, const std::string& cause) {
  return core::refusal("gateway.bad_tls", "`" + file + "` cannot be used: " + cause)
      .fix("give a PEM certificate with its chain and the PEM key that belongs to it");
}

core::Result<std::unique_ptr<net::ssl::context>> make_tls(const ServerOptions& options) {
  if (options.tls_certificate_file.empty() && options.tls_key_file.empty()) return std::unique_ptr<net::ssl::context>();
  if (options.tls_certificate_file.empty() || options.tls_key_file.empty())
    return bad_tls(options.tls_certificate_file + options.tls_key_file, "certificate and key come together");
  auto tls = std::make_unique<net::ssl::context>(net::ssl::context::tls_server);
  tls->set_options(net::ssl::context::default_workarounds | net::ssl::context::no_sslv2 | net::ssl::context::no_sslv3 |
                   net::ssl::context::no_tlsv1 | net::ssl::context::no_tlsv1_1);
  ErrorCode failed;
  tls->use_certificate_chain_file(options.tls_certificate_file, failed);
  if (failed) return bad_tls(options.tls_certificate_file, failed.message());
  tls->use_private_key_file(options.tls_key_file, net::ssl::context::pem, failed);
  if (failed) return bad_tls(options.tls_key_file, failed.message());
  if (SSL_CTX_check_private_key(tls->native_handle()) != 1)
    return bad_tls(options.tls_key_file, "it does not belong to the certificate");
  return tls;
}

core::Error bind_failed(const ServerOptions& options, const ErrorCode& cause) {
  const std::string where = options.address + ":" + std::to_string(options.port);
  if (cause == net::error::address_in_use) {
    const auto holder = port_holder(options.port);
    auto taken =
        http_error(409, "gateway.port_taken", "`" + where + "` is taken" + (holder.empty() ? "" : " by " + holder));
    return std::move(taken).fix("stop it, or give another port with --listen or `listen.address`");
  }
  return core::unavailable("gateway.bind_failed", "cannot listen on `" + where + "`: " + cause.message())
      .fix("give an address of this machine with --listen or `listen.address`");
}

}  // namespace

bool Outbox::put(Answer answer) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  answers_.push_back(std::move(answer));
  return answers_.size() == 1;
}

std::vector<Outbox::Answer> Outbox::take() {
  std::lock_guard lock(mutex_);
  return std::exchange(answers_, {});
}

void Outbox::close() {
  std::vector<Answer> dropped;
  std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(answers_);
}

core::Result<std::unique_ptr<Server>> Server::listen(ServerOptions options) {
  ErrorCode failed;
  const auto address = net::ip::make_address(options.address, failed);
  if (failed)
    return core::refusal("gateway.bad_address", "`" + options.address + "` is no IP address")
        .fix("set `listen.address`, for example 127.0.0.1:7480");
  auto tls = make_tls(options);
  if (!tls) return std::move(tls).error();
  if (!address.is_loopback() && !*tls)
    return core::refusal("gateway.open_bind",
                         "listening on `" + options.address + "` without TLS would send tokens in the clear")
        .fix("set `listen.tls_cert` and `listen.tls_key`, or listen on 127.0.0.1");

  auto io = std::make_shared<net::io_context>(1);
  tcp::acceptor acceptor(*io);
  const tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), failed);
  if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor.bind(endpoint, failed);
  if (!failed) acceptor.listen(net::socket_base::max_listen_connections, failed);
  if (failed) return bind_failed(options, failed);
  return std::unique_ptr<Server>(
      new AsioServer(std::move(options), std::move(io), std::move(acceptor), std::move(*tls)));
}

}  // namespace nova::gateway
