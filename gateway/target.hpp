// The request target (RFC 9112, origin form) taken apart: bounded, strict, no surprises for the routes.
#pragma once
#include "core/result.hpp"
#include "gateway/http.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nova::gateway {

struct Target {
  std::vector<std::string> segments;
  Fields query;
};

inline constexpr std::size_t target_bytes_max = 8 * 1024;  // longest honest one: a cursor and a few filters
inline constexpr std::size_t target_segments_max = 16;
inline constexpr std::size_t target_queries_max = 32;

/// Refuses (`http.bad_target`, 400; `http.target_too_long`, 414) what two readers could understand differently: bad
/// percent escapes, encoded slashes and control characters, "." and ".." segments, names given twice, bytes that are
/// not UTF-8.
core::Result<Target> parse_target(std::string_view target);

/// "%41b" -> "Ab"; nothing when an escape is cut or not hexadecimal. `plus_is_space` for queries.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// The host of a Host header without its port, lower case: "LOCALHOST:7480" -> "localhost", "[::1]:80" -> "::1"; empty
/// when it is not one.
std::string host_name(std::string_view header);

}  // namespace nova::gateway
