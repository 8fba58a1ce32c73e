// The one error type, from the entity's refusal to the HTTP answer and the CLI's exit code.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nova::core {

/// What is wrong at one place of an input: "spec.services.api.port", "must be 1024 to 65535".
struct Problem {
  std::string path;
  std::string message;
};

/// A value, never thrown across a room. `code` is a stable contract (`deployment.already_running`).
struct Error {
  std::string code;
  int status = 500;     ///< HTTP status (RFC 9110)
  std::string message;  ///< lower case, no full stop, the user's words in backticks
  std::string remedy;   ///< what the reader can do about it; may be empty
  std::vector<std::pair<std::string, std::string>> details;  ///< machine-readable facts: {"state", "stopped"}
  std::vector<Problem> problems;                             ///< for `input.invalid`: each wrong field
  bool retryable = false;                                    ///< the same request may succeed later

  Error& with(std::string name, std::string value) & {
    details.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  Error&& with(std::string name, std::string value) && {
    details.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
  Error&& fix(std::string what_to_do) && {
    remedy = std::move(what_to_do);
    return std::move(*this);
  }
};

/// An error whose status follows from the shape of its code (spec README, "Common refusals"):
/// `*.not_found` 404, `*_taken`, `*.exists`, `*.duplicate`, `*.in_use`, `*.already_*` 409, `*.expired`, `*.revoked`,
/// `*.gone` 410, `*.limit*` 429 ...
Error refusal(std::string code, std::string message = {});

/// `input.invalid`, 400, naming each field.
Error invalid_input(std::vector<Problem> problems);
Error invalid_input(std::string path, std::string message);

/// The world failed (disk, peer, database): 503 and worth a retry.
Error unavailable(std::string code, std::string message);

/// The status that a code's shape implies.
int status_of(std::string_view code);

/// One line for a terminal or a log: "code: message (remedy)". Control characters are escaped.
std::string to_line(const Error& error);

/// Text from outside with control characters escaped as \u00XX, so that it can stand in a log line or terminal.
std::string printable(std::string_view text);

}  // namespace nova::core
