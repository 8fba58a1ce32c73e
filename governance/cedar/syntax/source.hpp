// Places in a text, and the errors that name them.
#pragma once
#include "core/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nova::cedar {

/// Bytes [begin, end) of the text that was read.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Counted from 1; the column counts code points.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};
Position position_of(std::string_view text, std::size_t offset);

/// Collects what is wrong with one text; at most `errors_max` are kept.
class Diagnostics {
 public:
  explicit Diagnostics(std::string_view text) : text_(text) {}
  void report(Span span, std::string message);
  bool is_empty() const { return found_.empty(); }
  std::size_t size() const { return found_.size(); }
  bool is_full() const;
  /// `code`, with one problem a finding: path "line:column", and the first one as the message.
  core::Error error(std::string code, std::string remedy = {}) const;

 private:
  struct Finding {
    Span span;
    std::string message;
  };
  std::string_view text_;
  std::vector<Finding> found_;
};

/// The text in backticks, shortened and with control characters escaped.
std::string in_backticks(std::string_view text);

}  // namespace nova::cedar
