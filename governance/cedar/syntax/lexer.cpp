#include "governance/cedar/syntax/lexer.hpp"

#include "core/text.hpp"
#include "governance/cedar/limits.hpp"
#include "governance/cedar/values/text.hpp"

#include <algorithm>
#include <array>

namespace nova::cedar {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The property White_Space of Unicode 15, beyond ASCII.
bool is_wide_space(char32_t c) {
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

std::size_t space_at(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  if (static_cast<unsigned char>(c) < 0x80) return 0;
  const CodePoint point = code_point_at(text, at);
  return is_wide_space(point.value) ? point.size : 0;
}

constexpr std::array<std::string_view, 7> long_symbols = {"::", "==", "!=", "<=", ">=", "&&", "||"};
constexpr std::string_view short_symbols = "(){}[],;.:@<>=!+-*?";

// Bytes of the string that begins at `at`, or 0 when it does not end.
std::size_t string_size(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1 - at;
    }
  }
  return 0;
}

class Lexer {
 public:
  Lexer(std::string_view text, Diagnostics& found, bool with_comments)
      : text_(text), found_(found), with_comments_(with_comments) {}

  std::vector<Token> run() {
    if (text_.size() > text_size_max) {
      found_.report({}, "the text is longer than " + std::to_string(text_size_max) + " bytes");
    } else if (!core::is_utf8(text_)) {
      found_.report({}, "the text is not UTF-8");
    } else {
      while (at_ < text_.size() && !found_.is_full()) step();
    }
    add(TokenKind::end, 0);
    return std::move(tokens_);
  }

 private:
  void add(TokenKind kind, std::size_t size) {
    const auto begin = static_cast<std::uint32_t>(std::min(at_, text_.size()));
    const auto end = static_cast<std::uint32_t>(std::min(at_ + size, text_.size()));
    tokens_.push_back({kind, {begin, end}, text_.substr(begin, end - begin)});
    at_ += size;
  }

  template <class Predicate>
  std::size_t run_of(std::size_t from, Predicate is_part) const {
    std::size_t end = from;
    while (end < text_.size() && is_part(text_[end])) ++end;
    return end - at_;
  }

  void step() {
    if (const std::size_t space = space_at(text_, at_)) {
      at_ += space;
      return;
    }
    const char c = text_[at_];
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("//")) return comment(rest);
    if (is_letter(c))
      return add(TokenKind::identifier, run_of(at_, [](char x) { return is_letter(x) || is_digit(x); }));
    if (is_digit(c)) return number();
    if (c == '"') return string();
    if (c == '?' && rest.size() > 1 && is_letter(rest[1])) {
      return add(TokenKind::slot, run_of(at_ + 1, [](char x) { return is_letter(x) || is_digit(x); }));
    }
    for (const std::string_view symbol : long_symbols) {
      if (rest.starts_with(symbol)) return add(TokenKind::symbol, 2);
    }
    if (short_symbols.find(c) != std::string_view::npos) return add(TokenKind::symbol, 1);
    const std::size_t size = code_point_at(text_, at_).size;
    found_.report(here(size), "unexpected character " + in_backticks(rest.substr(0, size)));
    at_ += size;
  }

  void comment(std::string_view rest) {
    const std::size_t size = std::min(rest.find_first_of("\n\r"), rest.size());
    if (with_comments_) return add(TokenKind::comment, size);
    at_ += size;
  }

  void number() {
    const std::size_t digits = run_of(at_, is_digit);
    if (at_ + digits < text_.size() && is_letter(text_[at_ + digits])) {
      found_.report(here(digits + 1), "a number ends in a letter");
    }
    add(TokenKind::integer, digits);
  }

  void string() {
    const std::size_t size = string_size(text_, at_);
    if (size == 0) {
      found_.report(here(1), "the string that begins here does not end");
      at_ = text_.size();
      return;
    }
    add(TokenKind::string, size);
  }

  Span here(std::size_t size) const {
    return {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(std::min(at_ + size, text_.size()))};
  }

  std::string_view text_;
  Diagnostics& found_;
  bool with_comments_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

int hex(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// What stands behind a backslash: the code point and the number of bytes; size 0 when it is no escape.
CodePoint escape_at(std::string_view body, std::size_t at) {
  switch (at < body.size() ? body[at] : ' ') {
    case 'n':
      return {'\n', 1};
    case 'r':
      return {'\r', 1};
    case 't':
      return {'\t', 1};
    case '0':
      return {0, 1};
    case '\\':
      return {'\\', 1};
    case '\'':
      return {'\'', 1};
    case '"':
      return {'"', 1};
    case 'x': {
      if (at + 2 >= body.size() || hex(body[at + 1]) < 0 || hex(body[at + 2]) < 0) return {};
      const int value = hex(body[at + 1]) * 16 + hex(body[at + 2]);
      return value > 0x7F ? CodePoint{} : CodePoint{static_cast<char32_t>(value), 3};
    }
    case 'u': {
      const std::size_t close = body.find('}', at);
      if (at + 1 >= body.size() || body[at + 1] != '{' || close == std::string_view::npos) return {};
      const std::string_view digits = body.substr(at + 2, close - at - 2);
      if (digits.empty() || digits.size() > 6) return {};
      char32_t value = 0;
      for (const char c : digits) {
        if (hex(c) < 0) return {};
        value = value * 16 + static_cast<char32_t>(hex(c));
      }
      if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
      return {value, close + 1 - at};
    }
    default:
      return {};
  }
}

// Calls put(code point, is escaped) for each character of the string; false, and a report, at a wrong escape.
template <class Put>
bool each_character(const Token& token, Diagnostics& found, bool is_pattern, Put put) {
  const std::string_view body = token.text.substr(1, token.text.size() - 2);
  for (std::size_t at = 0; at < body.size();) {
    if (body[at] != '\\') {
      const CodePoint point = code_point_at(body, at);
      put(point.value, false);
      at += point.size;
      continue;
    }
    if (is_pattern && at + 1 < body.size() && body[at + 1] == '*') {
      put(U'*', true);
      at += 2;
      continue;
    }
    const CodePoint point = escape_at(body, at + 1);
    if (point.size == 0) {
      const auto begin = static_cast<std::uint32_t>(token.span.begin + 1 + at);
      found.report({begin, begin + 1}, "not an escape of a string: " + in_backticks(body.substr(at, 2)));
      return false;
    }
    put(point.value, false);
    at += 1 + point.size;
  }
  return true;
}

}  // namespace

std::vector<Token> tokenize(std::string_view text, Diagnostics& found, bool with_comments) {
  return Lexer(text, found, with_comments).run();
}

bool is_reserved(std::string_view word) {
  switch (word.size()) {
    case 2:
      return word == "if" || word == "in" || word == "is";
    case 3:
      return word == "has";
    case 4:
      return word == "true" || word == "then" || word == "else" || word == "like";
    case 5:
      return word == "false";
    case 7:
      return word == "__cedar";
    default:
      return false;
  }
}

bool is_identifier(std::string_view word) {
  return !word.empty() && is_letter(word[0]) &&
         std::all_of(word.begin(), word.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_type_name(std::string_view name) {
  std::size_t begin = 0;
  for (std::size_t end = 0;; ++end) {
    if (end < name.size() && name[end] != ':') {
      if (!is_letter(name[end]) && (end == begin || !is_digit(name[end]))) return false;
      continue;
    }
    if (end == begin || is_reserved(name.substr(begin, end - begin))) return false;
    if (end == name.size()) return true;
    if (end + 1 == name.size() || name[end + 1] != ':') return false;
    begin = end + 2;
    ++end;
  }
}

std::optional<std::string> unescape(const Token& token, Diagnostics& found) {
  std::string out;
  out.reserve(token.text.size());
  if (!each_character(token, found, false, [&](char32_t c, bool) { append_utf8(out, c); })) return std::nullopt;
  return out;
}

std::optional<std::vector<PatternElement>> unescape_pattern(const Token& token, Diagnostics& found) {
  std::vector<PatternElement> out;
  const auto put = [&](char32_t c, bool is_escaped) { out.push_back({c, c == U'*' && !is_escaped}); };
  if (!each_character(token, found, true, put)) return std::nullopt;
  return out;
}

}  // namespace nova::cedar
