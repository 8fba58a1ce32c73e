// Requests in: waiting, header, body, and handing on to a worker.
#include "gateway/session/http_connection.hpp"

#include "core/ids.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace nova::gateway::session {
namespace {

constexpr std::size_t headers_max = 100;
constexpr std::size_t read_bytes = 4096;  // one read takes a usual request whole
constexpr std::size_t pipeline_max = 8;   // requests read ahead; further ones wait in the kernel

// Headers that two readers could take differently when they come twice.
constexpr std::array singular = {"host",          "content-length",  "transfer-encoding", "content-type",
                                 "authorization", "idempotency-key", "if-match",          "expect"};

std::string lower(boost::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : char(c); });
  return small;
}

core::Error malformed(std::string message) { return http_error(400, "http.malformed", std::move(message)); }

}  // namespace

template <class S>
void HttpConnection<S>::wait_request() {
  if (closed_ || reading_ || last_) return;
  if (!slots_.empty() && (buffer_.size() == 0 || !slots_.back()->safe || slots_.size() >= pipeline_max)) return;
  if (shared_->draining) {
    if (slots_.empty()) finish();
    return;
  }
  reading_ = true;
  if (buffer_.size() > 0) return read_header();
  idle_ = true;
  limit_read(turn_away_ ? linger_limit : shared_->options.idle_limit);
  stream_.async_read_some(buffer_.prepare(read_bytes), [self = self()](ErrorCode ec, std::size_t bytes) {
    self->idle_ = false;
    if (ec) return self->abort();
    self->buffer_.commit(bytes);
    self->read_header();
  });
}

template <class S>
void HttpConnection<S>::read_header() {
  parser_.emplace();
  parser_->header_limit(header_bytes_max);
  // The sink counts; with no limit at all Boost 1.74 refuses every announced length.
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  parser_->eager(false);
  limit_read(shared_->options.header_limit);
  counted_ = true;
  // Usually all of it lies in the buffer.
  ErrorCode ec;
  buffer_.consume(parser_->put(buffer_.data(), ec));
  if (ec == http::error::need_more) return read_more_header();
  on_header(ec);
}

template <class S>
void HttpConnection<S>::read_more_header() {
  http::async_read_header(stream_, buffer_, *parser_,
                          [self = self()](ErrorCode ec, std::size_t) { self->on_header(ec); });
}

template <class S>
void HttpConnection<S>::on_header(ErrorCode ec) {
  if (!ec) return on_request();
  reading_ = false;
  last_ = true;
  read_until_ = never;
  const bool hung_up = ec == http::error::end_of_stream || ec == http::error::partial_message;
  if (hung_up && !slots_.empty()) return;  // a client that sent all it had may still read
  if (hung_up || ec.category() != make_error_code(http::error::bad_version).category()) return abort();
  ++shared_->malformed;
  request_ = Request{};
  const bool large = ec == http::error::header_limit || ec == http::error::buffer_overflow;
  refuse(problem(large ? http_error(431, "http.header_too_large", "the header is longer than 16 KiB")
                       : malformed("this is no HTTP/1.1 request: " + ec.message()),
                 request_id()));
}

template <class S>
const std::string& HttpConnection<S>::request_id() {
  if (request_.id.empty()) request_.id = core::new_uuid(core::system_clock().now());
  return request_.id;
}

template <class S>
const std::string& HttpConnection<S>::peer() {
  if (peer_.empty()) {
    ErrorCode gone;
    const auto end = lowest().remote_endpoint(gone);
    if (!gone) peer_ = end.address().to_string();
  }
  return peer_;
}

template <class S>
std::optional<core::Error> HttpConnection<S>::take_header() {
  const auto& message = parser_->get();
  if (message.version() != 11 && message.version() != 10)
    return malformed("only HTTP/1.1 and HTTP/1.0 are spoken here");
  for (const auto& field : message) {
    if (request_.headers.size() == headers_max)
      return http_error(431, "http.header_too_large", "more than 100 header fields");
    auto name = lower(field.name_string());
    if (std::find(singular.begin(), singular.end(), name) != singular.end() && request_.has_header(name))
      return malformed("the header `" + name + "` came twice");
    request_.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  // Anything but a plain `chunked` is read differently by different servers: the stuff of request smuggling.
  if (request_.has_header("transfer-encoding") && (lower(request_.header("transfer-encoding").data()) != "chunked" ||
                                                   message.version() == 10 || request_.has_header("content-length")))
    return malformed("only `Transfer-Encoding: chunked` is understood, and never beside a Content-Length");
  const auto length = request_.header("content-length");
  if (!std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return malformed("the Content-Length is no number");
  if (message.version() == 11 && !request_.has_header("host")) return malformed("the Host header is missing");
  if (request_.has_header("expect") && lower(request_.header("expect").data()) != "100-continue")
    return http_error(417, "http.expectation_failed", "only `100-continue` can be expected");
  return {};
}

template <class S>
void HttpConnection<S>::on_request() {
  ++shared_->requests;
  request_ = Request{};
  request_.received = core::system_clock().now();
  request_.peer = peer();
  request_.method = std::string(parser_->get().method_string());
  request_.target = std::string(parser_->get().target());
  if (auto error = take_header()) {
    ++shared_->malformed;
    last_ = true;  // what follows may be read differently by whoever sent it
    return refuse(problem(*error, request_id()));
  }
  if (turn_away_) {
    auto busy = http_error(503, "http.too_many_connections", "the node serves as many connections as it may");
    return refuse(problem(std::move(busy).fix("close idle connections, or raise `limits.connections`"), request_id()));
  }
  auto admission = shared_->application->admit(request_);
  if (admission.refused) return refuse(std::move(*admission.refused));
  read_body(admission);
}

template <class S>
void HttpConnection<S>::read_body(const Application::Admission& admission) {
  body_max_ = admission.body_bytes_max;
  safe_ = admission.safe;
  if (parser_->is_done()) return dispatch();
  if (parser_->content_length() && *parser_->content_length() > body_max_) return refuse_large();
  auto sink = BodySink::open(*shared_, admission.body_to_file, body_max_);
  if (!sink) return refuse(problem(sink.error(), request_id()));
  sink_ = std::move(*sink);
  if (!admission.body_to_file && take_whole_body()) return;
  body_deadline_ =
      Clock::now() + (admission.body_to_file ? shared_->options.upload_limit : shared_->options.body_limit);
  chunk_.resize(slice_bytes);
  if (request_.has_header("expect") && buffer_.size() == 0 && slots_.empty()) return send_continue();
  read_slice();
}

// A body that came with its header goes straight to where it stays. False when more of it must be read.
template <class S>
bool HttpConnection<S>::take_whole_body() {
  const auto length = parser_->content_length();
  if (!length || *length > buffer_.size()) return false;
  std::string text(std::size_t(*length), '\0');
  auto& body = parser_->get().body();
  body.data = text.data();
  body.size = text.size();
  body.more = true;
  parser_->eager(true);
  ErrorCode ec;
  buffer_.consume(parser_->put(buffer_.data(), ec));
  if (!ec && !parser_->is_done()) ec = http::error::partial_message;
  if (ec == http::error::need_buffer && parser_->is_done()) ec = {};
  if (ec) {
    ++shared_->malformed;
    refuse(problem(malformed("the body is not framed as HTTP says: " + ec.message()), request_id()));
    return true;
  }
  sink_->take(std::move(text));
  dispatch();
  return true;
}

template <class S>
void HttpConnection<S>::send_continue() {
  static constexpr std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
  limit_write(shared_->options.stall_limit);
  net::async_write(stream_, net::buffer(line), [self = self()](ErrorCode ec, std::size_t) {
    self->write_until_ = never;
    ec ? self->abort() : self->read_slice();
  });
}

template <class S>
void HttpConnection<S>::read_slice() {
  auto& body = parser_->get().body();
  body.data = chunk_.data();
  body.size = slice_size_ = std::min(chunk_.size(), body_max_ - sink_->bytes() + 1);  // the first byte too many tells
  body.more = true;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(body_deadline_ - Clock::now());
  limit_read(std::clamp(left, std::chrono::milliseconds(1), shared_->options.stall_limit));
  http::async_read(stream_, buffer_, *parser_, [self = self()](ErrorCode ec, std::size_t) { self->on_slice(ec); });
}

template <class S>
void HttpConnection<S>::on_slice(ErrorCode ec) {
  if (ec == http::error::need_buffer) ec = {};
  if (ec) {
    if (ec.category() != make_error_code(http::error::bad_version).category() || ec == http::error::partial_message)
      return abort();
    ++shared_->malformed;
    return refuse(problem(malformed("the body is not framed as HTTP says: " + ec.message()), request_id()));
  }
  const std::size_t bytes = slice_size_ - parser_->get().body().size;
  if (sink_->bytes() + bytes > body_max_) return refuse_large();
  if (auto written = sink_->add({chunk_.data(), bytes}); !written)
    return refuse(problem(written.error(), request_id()));
  if (!parser_->is_done()) return read_slice();
  dispatch();
}

template <class S>
void HttpConnection<S>::refuse_large() {
  auto error = core::refusal("input.too_large",
                             body_max_ == 0 ? "this request takes no body"
                                            : "the body is longer than " + std::to_string(body_max_) + " bytes");
  refuse(problem(std::move(error).with("bytes_max", std::to_string(body_max_)), request_id()));
}

template <class S>
SlotPtr HttpConnection<S>::new_slot() {
  auto slot = std::make_shared<Slot>();
  slot->request_id = request_id();
  if (parser_ && parser_->is_header_done()) {
    slot->head_only = parser_->get().method() == http::verb::head;
    slot->http_11 = parser_->get().version() != 10;
    slot->keep_alive = parser_->keep_alive();
  }
  slot->deadline = Clock::now() + shared_->options.answer_limit;
  slots_.push_back(slot);
  return slot;
}

template <class S>
void HttpConnection<S>::refuse(Response response) {
  auto slot = new_slot();
  slot->keep_alive = slot->keep_alive && parser_ && parser_->is_done() && !turn_away_ && !last_;
  last_ = !slot->keep_alive;
  end_reading();
  slot->response = std::move(response);
  pump();
  wait_request();
}

template <class S>
void HttpConnection<S>::end_reading() {
  reading_ = counted_ = false;
  read_until_ = never;
  parser_.reset();
  sink_.reset();
  chunk_ = {};
}

template <class S>
void HttpConnection<S>::dispatch() {
  auto slot = new_slot();
  slot->safe = safe_;
  last_ = !slot->keep_alive;
  if (sink_) sink_->finish(request_);
  slot->body = sink_;
  end_reading();
  // Answers 500 when the route ends without an answer, whichever way.
  struct Once {
    std::shared_ptr<net::io_context> io;
    std::shared_ptr<Shared> shared;
    Self connection;
    SlotPtr slot;
    std::atomic<bool> called{false};
    void answer(Response response) {
      if (called.exchange(true)) return;
      if (shared->outbox.put({connection, slot, std::move(response)}))
        net::post(*io, [all = shared] {
          for (auto& given : all->outbox.take()) given.connection->deliver(given.slot, std::move(given.response));
        });
    }
    ~Once() {
      if (!called)
        answer(problem(http_error(500, "internal.bug", "the node failed to answer this request"), slot->request_id));
    }
  };
  auto once = std::make_shared<Once>();
  once->io = io_.lock();
  once->shared = shared_;
  once->connection = self();
  once->slot = slot;
  auto request = std::make_shared<Request>(std::move(request_));
  auto run = [shared = shared_, request, once]() mutable {
    shared->application->handle(std::move(*request),
                                [once = std::move(once)](Response r) { once->answer(std::move(r)); });
  };
  if (request->at_once && !shared_->strained && request->body.size() <= at_once_bytes_max) {
    run();
  } else if (!shared_->workers->try_post(std::move(run))) {
    auto busy = http_error(503, "node.overloaded", "more requests wait than the node may hold");
    once->answer(problem(busy, slot->request_id));
  }
  wait_request();
}

template class HttpConnection<Plain>;
template class HttpConnection<Encrypted>;

}  // namespace nova::gateway::session
