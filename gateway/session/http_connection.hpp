// The connection itself, over a plain or an encrypted stream. Reading stands in reading.cpp, answering and closing in
// answering.cpp; each compiles both streams once.
#pragma once
#include "gateway/session/body.hpp"
#include "gateway/session/connection.hpp"

#include <utility>  // before asio.hpp: Boost 1.74 needs std::exchange

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <deque>
#include <optional>
#include <type_traits>

namespace nova::gateway::session {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using ErrorCode = beast::error_code;
using Clock = std::chrono::steady_clock;

inline constexpr std::size_t header_bytes_max = 16 * 1024;
inline constexpr std::size_t slice_bytes = 64 * 1024;        // of a body, read or written under one time limit
inline constexpr std::size_t at_once_bytes_max = 16 * 1024;  // of a body that is taken up on the I/O thread itself
inline constexpr std::size_t buffer_bytes_max = header_bytes_max + slice_bytes;
inline constexpr std::chrono::milliseconds linger_limit(2000);

// What is owed for one request.
struct Slot {
  std::string request_id;
  bool head_only = false;
  bool http_11 = true;
  bool keep_alive = true;
  bool safe = true;
  std::shared_ptr<BodySink> body;  // an upload's file lives until the answer was given
  Clock::time_point deadline;
  std::optional<Response> response;
};
using SlotPtr = std::shared_ptr<Slot>;

// Time limits are the connection's own (see `look_at_clock`), so plain sockets do; with their executor's type known no
// call goes through a table.
using Plain = net::basic_stream_socket<tcp, net::io_context::executor_type>;
using Encrypted = beast::ssl_stream<Plain>;

template <class S>
class HttpConnection final : public Connection, public std::enable_shared_from_this<HttpConnection<S>> {
  static constexpr bool is_tls = !std::is_same_v<S, Plain>;
  using Self = std::shared_ptr<HttpConnection>;

 public:
  template <class... Args>
  HttpConnection(std::shared_ptr<net::io_context> io, std::shared_ptr<Shared> shared, bool turn_away, Plain socket,
                 Args&... args)
      : io_(io),
        shared_(std::move(shared)),
        turn_away_(turn_away),
        stream_(std::move(socket), args...),
        heartbeat_timer_(*io) {}

  void start() override;
  void drain() override;
  void abort() override;
  void deliver(const std::shared_ptr<void>& slot, Response response) override {
    on_answer(std::static_pointer_cast<Slot>(slot), std::move(response));
  }
  void look_at_clock(Clock::time_point now) override;

 private:
  static constexpr auto never = Clock::time_point::max();
  Self self() { return this->shared_from_this(); }
  Plain& lowest() { return beast::get_lowest_layer(stream_); }
  void limit_read(std::chrono::milliseconds time) { read_until_ = Clock::now() + time; }
  void limit_write(std::chrono::milliseconds time) { write_until_ = Clock::now() + time; }

  // ---- reading ----

  // The next request is read when nothing is owed, or when it lies in the buffer already and those before it change
  // nothing.
  void wait_request();
  void read_header();
  void read_more_header();
  void on_header(ErrorCode ec);
  const std::string& request_id();
  const std::string& peer();

  // The reasons for which a header is refused whatever it asks for.
  std::optional<core::Error> take_header();
  void on_request();
  void read_body(const Application::Admission& admission);
  bool take_whole_body();
  void send_continue();
  void read_slice();
  void on_slice(ErrorCode ec);
  void refuse_large();
  SlotPtr new_slot();

  // Answers without running a route. What the peer still sends of a body cannot be told from a next request: close
  // then.
  void refuse(Response response);
  void end_reading();
  void dispatch();

  // ---- answering ----

  void on_answer(const SlotPtr& slot, Response response);
  void pump();
  void admit_stream(Slot& slot);
  void write_slice();
  void slot_done();

  // ---- streaming ----

  void begin_stream();
  void next_piece();
  void on_piece(std::uint64_t number, Piece piece);
  void write_piece();
  void write_chunk(std::string text, bool last, bool then_next);
  void arm_heartbeat();
  void watch_silence();

  // A reader that went away is noticed at once, not at the next heartbeat.
  void watch_hangup();
  void stop_streaming();
  void end_stream();

  // ---- closing ----

  // The answer's last bytes reach the peer only if its own unread ones do not cause a reset: read on for a moment.
  void finish();
  void shut_down();
  void linger(std::size_t read);

  std::weak_ptr<net::io_context> io_;
  std::shared_ptr<Shared> shared_;
  const bool turn_away_;
  S stream_;
  beast::flat_buffer buffer_{buffer_bytes_max};
  std::optional<http::request_parser<http::buffer_body>> parser_;
  Request request_;
  std::shared_ptr<BodySink> sink_;
  std::string chunk_, peer_;
  std::size_t body_max_ = 0, slice_size_ = 0;
  Clock::time_point body_deadline_;
  std::deque<SlotPtr> slots_;
  net::steady_timer heartbeat_timer_;
  Clock::time_point heartbeat_at_;
  Clock::time_point read_until_ = never, write_until_ = never;  // of what is under way
  std::string head_, chunk_text_;
  std::size_t body_at_ = 0, body_end_ = 0;
  std::shared_ptr<Stream> streaming_;
  std::uint64_t stream_number_ = 0;
  std::optional<Piece> waiting_piece_;
  bool idle_ = false, reading_ = false, counted_ = false, writing_ = false, writing_piece_ = false, safe_ = true;
  bool last_ = false;  // no further request is read
  bool closed_ = false;
};

}  // namespace nova::gateway::session
