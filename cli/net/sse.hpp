// Server-sent events (WHATWG HTML, 9.2) out of a byte stream that arrives in any pieces.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace nova::cli {

struct ServerEvent {
  std::string id;    ///< the last one seen, also of earlier events
  std::string type;  ///< "message" when the server named none
  std::string data;
};

class SseReader {
 public:
  static constexpr std::size_t event_bytes_max = 4 << 20;  ///< an event is 64 KiB at most; this is far beyond any

  /// Calls `seen` for each event that is complete. False when an event exceeds the bound; the stream is then of no use.
  bool feed(std::string_view bytes, const std::function<void(const ServerEvent&)>& seen);
  const std::string& last_id() const { return id_; }

 private:
  void line(const std::function<void(const ServerEvent&)>& seen);

  std::string line_, id_, type_, data_;
  bool has_data_ = false;
  bool after_cr_ = false;
};

}  // namespace nova::cli
