#include "governance/cedar/syntax/source.hpp"

#include "governance/cedar/limits.hpp"

#include <algorithm>
#include <utility>

namespace nova::cedar {

Position position_of(std::string_view text, std::size_t offset) {
  Position at;
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++at.column;
    }
  }
  return at;
}

void Diagnostics::report(Span span, std::string message) {
  if (!is_full()) found_.push_back({span, std::move(message)});
}

bool Diagnostics::is_full() const { return found_.size() >= errors_max; }

core::Error Diagnostics::error(std::string code, std::string remedy) const {
  core::Error error;
  error.code = std::move(code);
  error.status = 400;
  error.remedy = std::move(remedy);
  for (const Finding& finding : found_) {
    const Position at = position_of(text_, finding.span.begin);
    error.problems.push_back({std::to_string(at.line) + ":" + std::to_string(at.column), finding.message});
  }
  if (!error.problems.empty()) error.message = error.problems[0].path + ": " + error.problems[0].message;
  return error;
}

std::string in_backticks(std::string_view text) {
  std::string shown = core::printable(text.substr(0, quotation_size_max));
  // A cut through a character leaves bytes that are none.
  while (text.size() > quotation_size_max && !shown.empty() && static_cast<unsigned char>(shown.back()) >= 0x80) {
    shown.pop_back();
  }
  return "`" + shown + (text.size() > quotation_size_max ? "..." : "") + "`";
}

}  // namespace nova::cedar
