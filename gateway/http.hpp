// Requests, answers and streams as plain values: routes know these and nothing of sockets.
#pragma once
#include "core/decision.hpp"
#include "core/error.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nova::gateway {

struct Route;
using Fields = std::vector<std::pair<std::string, std::string>>;

/// How a caller stands against its limit, for the answer's headers.
struct Rate {
  std::uint32_t limit = 0, remaining = 0;
  std::int64_t reset = 0;  ///< seconds
};

/// One request, complete: what the session read and what `Gateway::admit` found out about it.
struct Request {
  std::string method;                 ///< upper case: "GET"
  std::string target;                 ///< as sent
  std::vector<std::string> segments;  ///< of the path, percent-decoded
  Fields query;                       ///< percent-decoded, names unique
  Fields headers;                     ///< names in lower case
  std::string body;                   ///< empty when it went to `body_file`
  std::string body_file;              ///< of an upload; the session removes it when the answer was given
  std::string id;                     ///< request id
  std::string peer;                   ///< address at the other end of the connection
  std::string client;                 ///< of routes that let somebody in: the address behind trusted proxies
  core::Principal principal;
  std::optional<Rate> rate;  ///< none: not counted
  std::string session;       ///< of a person who signed in; empty: a key, the node's own token, nobody
  bool by_cookie = false;    ///< a browser's session
  const Route* route = nullptr;
  bool at_once = false;  ///< the route waits for nothing: it may run on the I/O thread
  Fields params;         ///< of the route's pattern: {"tenant", "clinic"}
  core::Timestamp received;

  std::string_view header(std::string_view name) const;  ///< empty when absent; repeated ones: the first
  bool has_header(std::string_view name) const;
  const std::string& param(std::string_view name) const;  ///< of the pattern; a name it lacks is our bug and throws
  std::optional<std::string_view> query_value(std::string_view name) const;
};

/// A part of a streamed body. `last` ends the body after `text`.
struct Piece {
  std::string text;
  bool last = false;
};

/// A body made while it is read. The session asks for the next piece when the last one has been written, so a slow
/// reader holds one piece in memory and is cut off by the write's time limit.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Starts making the next piece; `ready` is called once, from any thread, unless `cancel` comes first. Never called
  /// again before that.
  virtual void next(std::function<void(Piece)> ready) = 0;
  /// The reader is gone or the node drains: nothing more is wanted. Any thread.
  virtual void cancel() = 0;
  /// Sent when nothing came for a while, so that both sides notice a dead connection; empty: none.
  virtual std::string heartbeat() const { return {}; }
  /// Last words to a reader who may not go on; asked about twice a second while nothing comes.
  virtual std::optional<std::string> ended() const { return std::nullopt; }
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  Fields headers;
  std::string body;
  std::shared_ptr<Stream> stream;  ///< instead of `body`
};

/// Called once, from any thread. Destroyed without a call, the session answers 500 itself.
using Reply = std::function<void(Response)>;

/// RFC 9457 of an error; 401 carries WWW-Authenticate, 429 and 503 Retry-After.
Response problem(const core::Error& error, std::string_view request_id);
Response json(int status, std::string body);

/// An error of HTTP itself, whose status its code does not tell.
core::Error http_error(int status, std::string code, std::string message);

/// Text that may stand in a header value: control characters and what is not ASCII are percent-encoded.
std::string header_safe(std::string_view text);

/// True for 1 to `size_max` printable ASCII characters without spaces at the ends.
bool is_printable_ascii(std::string_view text, std::size_t size_max);

/// Where work and time come from; given by the session layer.
class Scheduler {
 public:
  virtual ~Scheduler() = default;
  /// Runs `task` soon on a worker, where it may read the store. For continuations of what is bounded elsewhere.
  virtual void post(std::function<void()> task) = 0;
  /// The same after `delay`. What is still waiting when the server stops is dropped.
  virtual void after(std::chrono::milliseconds delay, std::function<void()> task) = 0;
};

/// What the session asks of the layer above it.
class Application {
 public:
  struct Admission {
    std::optional<Response> refused;  ///< answered at once; the body is not read
    std::size_t body_bytes_max = 0;
    bool body_to_file = false;
    bool safe = true;  ///< GET and HEAD: the next pipelined request may be read meanwhile
  };
  virtual ~Application() = default;
  /// After the header, on the I/O thread: completes `head` (id, route, principal) or refuses. Never blocks.
  virtual Admission admit(Request& head) = 0;
  /// The request with its body, on a worker.
  virtual void handle(Request request, Reply reply) = 0;
};

}  // namespace nova::gateway
