// Answers out: in order, in slices, as streams; and the connection's end.
#include "gateway/session/head.hpp"
#include "gateway/session/http_connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace nova::gateway {
namespace session {
namespace {

constexpr std::size_t linger_bytes_max = 1024 * 1024;  // of a refused body, read so that the peer sees the answer

}  // namespace

template <class S>
void HttpConnection<S>::start() {
  if constexpr (is_tls) {
    limit_read(shared_->options.header_limit);
    stream_.async_handshake(net::ssl::stream_base::server, [self = self()](ErrorCode ec) {
      self->read_until_ = never;
      ec ? self->abort() : self->wait_request();
    });
  } else {
    wait_request();
  }
}

template <class S>
void HttpConnection<S>::drain() {
  if (idle_) return abort();
  if (streaming_) end_stream();
}

template <class S>
void HttpConnection<S>::abort() {
  if (std::exchange(closed_, true)) return;
  if (streaming_) stop_streaming();
  ErrorCode ignored;
  lowest().close(ignored);
  shared_->closed(this);
}

template <class S>
void HttpConnection<S>::on_answer(const SlotPtr& slot, Response response) {
  if (closed_ || slot->response) {
    if (response.stream) response.stream->cancel();
    return;
  }
  slot->response = std::move(response);
  pump();
}

template <class S>
void HttpConnection<S>::look_at_clock(Clock::time_point now) {
  if (closed_) return;
  if (now >= read_until_ || now >= write_until_) {
    // A peer that was only quiet between requests did nothing wrong.
    if ((now >= read_until_ && counted_) || writing_piece_) ++shared_->timed_out;
    return abort();
  }
  if (slots_.empty() || slots_.front()->response || now < slots_.front()->deadline) return;
  const auto slot = slots_.front();
  on_answer(slot, problem(http_error(504, "deadline.passed", "the node took too long to answer"), slot->request_id));
}

template <class S>
void HttpConnection<S>::pump() {
  if (closed_ || writing_ || slots_.empty() || !slots_.front()->response) return;
  writing_ = true;
  Slot& slot = *slots_.front();
  if (slot.response->stream) admit_stream(slot);
  Response& response = *slot.response;
  if (shared_->draining) last_ = true;
  Head head;
  head.http_11 = slot.http_11;
  head.tls = is_tls;
  head.request_id = slot.request_id;
  if (response.stream) {
    head.framing = slot.http_11 ? Framing::chunked : Framing::until_close;
    if (!slot.http_11) slot.keep_alive = false;
  }
  if (shared_->draining && slots_.size() == 1) slot.keep_alive = false;
  head.close = !slot.keep_alive;
  ++shared_->answers[std::clamp(response.status / 100, 0, 5)];
  head_ = response_head(response, head);
  body_at_ = 0;
  const bool bodiless = slot.head_only || response.status == 204 || response.status == 304;
  body_end_ = bodiless || response.stream ? 0 : response.body.size();
  write_slice();
}

template <class S>
void HttpConnection<S>::admit_stream(Slot& slot) {
  const bool full = shared_->streams >= shared_->options.streams_max;
  if (!full && !shared_->draining && !slot.head_only) {
    streaming_ = slot.response->stream;
    ++stream_number_;
    ++shared_->streams;
    return;
  }
  slot.response->stream->cancel();
  if (slot.head_only) return;
  slot.response = problem(shared_->draining
                              ? http_error(503, "node.draining", "the node is stopping")
                              : http_error(503, "http.too_many_streams", "the node follows as many streams as it may"),
                          slot.request_id);
}

template <class S>
void HttpConnection<S>::write_slice() {
  const std::string& body = slots_.front()->response->body;
  const std::size_t bytes = std::min(slice_bytes, body_end_ - body_at_);
  const std::array<net::const_buffer, 2> buffers = {net::buffer(head_), net::buffer(body.data() + body_at_, bytes)};
  body_at_ += bytes;
  limit_write(shared_->options.stall_limit);
  net::async_write(stream_, buffers, [self = self()](ErrorCode ec, std::size_t) {
    self->write_until_ = never;
    if (ec) return self->abort();
    self->head_.clear();
    if (self->body_at_ < self->body_end_) return self->write_slice();
    if (self->streaming_) return self->begin_stream();
    if (self->slots_.front()->response->stream && !self->slots_.front()->head_only)
      return self->write_chunk({}, true, false);
    self->slot_done();
  });
}

template <class S>
void HttpConnection<S>::slot_done() {
  const bool close = !slots_.front()->keep_alive;
  slots_.pop_front();
  writing_ = false;
  if (close || (last_ && slots_.empty() && !reading_)) return finish();
  pump();
  wait_request();
}

template <class S>
void HttpConnection<S>::begin_stream() {
  watch_hangup();
  arm_heartbeat();
  next_piece();
}

template <class S>
void HttpConnection<S>::next_piece() {
  // The stream may keep the callback for long and outlive the server: it must hold neither the I/O context's life nor
  // a dead one.
  struct Ready {
    std::weak_ptr<net::io_context> io;
    std::weak_ptr<HttpConnection> connection;
  };
  streaming_->next([ready = Ready{io_, this->weak_from_this()}, number = stream_number_](Piece piece) {
    const auto io = ready.io.lock();
    if (!io) return;
    net::post(*io, [weak = ready.connection, number, p = std::move(piece)]() mutable {
      if (const auto connection = weak.lock()) connection->on_piece(number, std::move(p));
    });
  });
}

template <class S>
void HttpConnection<S>::on_piece(std::uint64_t number, Piece piece) {
  if (closed_ || !streaming_ || stream_number_ != number) return;
  waiting_piece_ = std::move(piece);
  if (!writing_piece_) write_piece();
}

template <class S>
void HttpConnection<S>::write_piece() {
  Piece piece = std::move(*waiting_piece_);
  waiting_piece_.reset();
  if (piece.text.empty() && !piece.last) return next_piece();
  if (piece.last) stop_streaming();
  write_chunk(std::move(piece.text), piece.last, true);
}

template <class S>
void HttpConnection<S>::write_chunk(std::string text, bool last, bool then_next) {
  const bool chunked = slots_.front()->http_11;
  chunk_text_.clear();
  if (chunked && !text.empty()) {
    char size[17];
    const auto end = std::to_chars(size, size + sizeof size, text.size(), 16).ptr;
    chunk_text_.append(size, end).append("\r\n").append(text).append("\r\n");
  } else if (!chunked) {
    chunk_text_ = std::move(text);
  }
  if (chunked && last) chunk_text_ += "0\r\n\r\n";
  writing_piece_ = true;
  limit_write(shared_->options.stall_limit);
  net::async_write(stream_, net::buffer(chunk_text_), [self = self(), last, then_next](ErrorCode ec, std::size_t) {
    self->writing_piece_ = false;
    self->write_until_ = never;
    if (ec) return self->abort();
    if (last) return self->slot_done();
    if (!self->streaming_) return self->write_chunk({}, true, false);  // the drain came meanwhile
    self->arm_heartbeat();
    if (self->waiting_piece_) return self->write_piece();
    if (then_next) self->next_piece();
  });
}

template <class S>
void HttpConnection<S>::arm_heartbeat() {
  heartbeat_at_ = Clock::now() + shared_->options.heartbeat;
  watch_silence();
}

template <class S>
void HttpConnection<S>::watch_silence() {
  heartbeat_timer_.expires_after(std::min(shared_->options.stream_look, shared_->options.heartbeat));
  heartbeat_timer_.async_wait([self = self()](ErrorCode ec) {
    if (ec || self->closed_ || !self->streaming_ || self->writing_piece_) return;
    if (auto last_words = self->streaming_->ended()) {
      self->stop_streaming();
      return self->write_chunk(std::move(*last_words), true, false);
    }
    if (Clock::now() < self->heartbeat_at_) return self->watch_silence();
    auto text = self->streaming_->heartbeat();
    if (text.empty()) return self->arm_heartbeat();
    self->write_chunk(std::move(text), false, false);
  });
}

template <class S>
void HttpConnection<S>::watch_hangup() {
  if (buffer_.size() > 0) return;
  lowest().async_wait(tcp::socket::wait_read, [self = self(), source = streaming_](ErrorCode ec) {
    if (ec || self->closed_ || self->streaming_ != source) return;
    char byte;
    const auto got = ::recv(self->lowest().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got <= 0) self->abort();
  });
}

template <class S>
void HttpConnection<S>::stop_streaming() {
  auto stream = std::move(streaming_);
  streaming_.reset();
  --shared_->streams;
  heartbeat_timer_.cancel();
  stream->cancel();
}

template <class S>
void HttpConnection<S>::end_stream() {
  const bool begun = head_.empty();
  stop_streaming();
  slots_.front()->keep_alive = false;
  if (begun && !writing_piece_) write_chunk({}, true, false);
}

template <class S>
void HttpConnection<S>::finish() {
  if (closed_) return;
  last_ = true;
  if constexpr (is_tls) {
    limit_read(linger_limit);
    stream_.async_shutdown([self = self()](ErrorCode) { self->shut_down(); });
  } else {
    shut_down();
  }
}

template <class S>
void HttpConnection<S>::shut_down() {
  ErrorCode ignored;
  lowest().shutdown(tcp::socket::shutdown_send, ignored);
  if (ignored) return abort();
  limit_read(linger_limit);
  chunk_.resize(slice_bytes);
  linger(0);
}

template <class S>
void HttpConnection<S>::linger(std::size_t read) {
  if (read > linger_bytes_max) return abort();
  lowest().async_read_some(net::buffer(chunk_), [self = self(), read](ErrorCode ec, std::size_t bytes) {
    ec ? self->abort() : self->linger(read + bytes);
  });
}

template class HttpConnection<Plain>;
template class HttpConnection<Encrypted>;

}  // namespace session

std::shared_ptr<Connection> make_connection(const std::shared_ptr<boost::asio::io_context>& io, int fd, bool ipv6,
                                            boost::asio::ssl::context* tls, std::shared_ptr<Shared> shared,
                                            bool turn_away) {
  using namespace session;
  Plain socket(*io, ipv6 ? tcp::v6() : tcp::v4(), fd);
  ErrorCode ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  if (!tls) return std::make_shared<HttpConnection<Plain>>(io, std::move(shared), turn_away, std::move(socket));
  return std::make_shared<HttpConnection<Encrypted>>(io, std::move(shared), turn_away, std::move(socket), *tls);
}

}  // namespace nova::gateway
