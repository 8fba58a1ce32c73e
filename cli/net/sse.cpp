#include "cli/net/sse.hpp"

namespace nova::cli {

bool SseReader::feed(std::string_view bytes, const std::function<void(const ServerEvent&)>& seen) {
  for (const char c : bytes) {
    const bool ends_crlf = c == '\n' && after_cr_;
    after_cr_ = c == '\r';
    if (ends_crlf) continue;
    if (c != '\n' && c != '\r') {
      if (line_.size() + data_.size() >= event_bytes_max) return false;
      line_ += c;
      continue;
    }
    line(seen);
    line_.clear();
  }
  return true;
}

void SseReader::line(const std::function<void(const ServerEvent&)>& seen) {
  if (line_.empty()) {
    if (has_data_) seen({id_, type_.empty() ? "message" : type_, data_});
    type_.clear();
    data_.clear();
    has_data_ = false;
    return;
  }
  const auto colon = line_.find(':');
  if (colon == 0) return;  // A comment: the server's heartbeat.
  const std::string_view all = line_;
  const std::string_view name = all.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : all.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "id") id_ = value;
  if (name == "event") type_ = value;
  if (name != "data") return;
  if (has_data_) data_ += '\n';
  data_ += value;
  has_data_ = true;
}

}  // namespace nova::cli
