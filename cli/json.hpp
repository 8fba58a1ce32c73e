// Reading answers without trusting them: what is missing or of another type reads as empty. Only for sources.
#pragma once
#include "cli/session.hpp"

#include <string>
#include <string_view>

namespace nova::cli {

/// The value at "state.revisions" below an object; null when there is none.
const Json& at(const Json& value, std::string_view path);
/// Texts as they are, numbers and booleans as JSON; empty for none.
std::string text_at(const Json& value, std::string_view path);
std::int64_t number_at(const Json& value, std::string_view path, std::int64_t fallback = 0);
bool flag_at(const Json& value, std::string_view path);
/// "3m" since an RFC 3339 time; empty when it is none.
std::string age_of(const std::string& rfc3339);
core::Result<Json> parse_json(std::string_view text);
/// A span of time from the command line. `cli.bad_duration`.
core::Result<std::chrono::milliseconds> duration_of(const std::string& text);

}  // namespace nova::cli
