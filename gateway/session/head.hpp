// The head of an answer as bytes.
#pragma once
#include "gateway/http.hpp"

#include <string>
#include <string_view>

namespace nova::gateway {

/// How the body that follows is delimited.
enum class Framing : std::uint8_t { length, chunked, until_close };

struct Head {
  bool http_11 = true;
  bool close = false;
  bool tls = false;
  Framing framing = Framing::length;
  std::string_view request_id;
};

/// Status line and headers with the empty line. Values are made safe: no stored text can add a header.
std::string response_head(const Response& response, const Head& head);

/// IMF-fixdate (RFC 9110): "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(core::Timestamp time);

}  // namespace nova::gateway
