// A strict, bounded JSON parser: the first thing that bytes from outside meet.
#include "core/describe/value.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace nova::core::detail {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  Result<Value> run() {
    Value root;
    skip_space();
    if (!value(root, 0)) return error();
    skip_space();
    if (at_ != text_.size()) {
      wrong("text after the end of the document");
      return error();
    }
    return root;
  }

 private:
  bool wrong(std::string_view what) {
    if (what_.empty()) what_ = what;
    return false;
  }

  Error error() const {
    const auto before = text_.substr(0, std::min(at_, text_.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto line_start = before.rfind('\n');
    const auto column = line_start == std::string_view::npos ? before.size() + 1 : before.size() - line_start;
    return invalid_input(
        "", "not valid JSON at line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + what_);
  }

  bool more() const { return at_ < text_.size(); }
  bool next_is(char c) const { return more() && text_[at_] == c; }
  bool take(char c) { return next_is(c) && ++at_; }

  void skip_space() {
    while (more() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
  }

  bool value(Value& out, std::size_t depth) {
    if (++values_ > values_max) return wrong("more than " + std::to_string(values_max) + " values");
    if (!more()) return wrong("the document ends too early");
    switch (text_[at_]) {
      case '{':
        return depth < limits_.depth ? map(out, depth) : too_deep();
      case '[':
        return depth < limits_.depth ? list(out, depth) : too_deep();
      case '"':
        return out.kind = Value::Kind::text, text(out.text);
      case 't':
        return boolean(out, "true", true);
      case 'f':
        return boolean(out, "false", false);
      case 'n':
        return word("null");
      default:
        return number(out);
    }
  }

  bool too_deep() { return wrong("more than " + std::to_string(limits_.depth) + " levels"); }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return wrong("expected a value");
    at_ += expected.size();
    return true;
  }

  bool boolean(Value& out, std::string_view expected, bool is) {
    out.kind = Value::Kind::boolean;
    out.integer = is;
    return word(expected);
  }

  bool list(Value& out, std::size_t depth) {
    out.kind = Value::Kind::list;
    ++at_;
    skip_space();
    if (take(']')) return true;
    for (;;) {
      skip_space();
      if (!value(out.items.emplace_back(), depth + 1)) return false;
      skip_space();
      if (take(']')) return true;
      if (!take(',')) return wrong("expected `,` or `]`");
    }
  }

  bool map(Value& out, std::size_t depth) {
    out.kind = Value::Kind::map;
    ++at_;
    skip_space();
    if (take('}')) return true;
    for (;;) {
      skip_space();
      if (!next_is('"')) return wrong("expected a field name in quotes");
      if (!text(out.keys.emplace_back())) return false;
      skip_space();
      if (!take(':')) return wrong("expected `:`");
      skip_space();
      if (!value(out.items.emplace_back(), depth + 1)) return false;
      skip_space();
      if (take('}')) break;
      if (!take(',')) return wrong("expected `,` or `}`");
    }
    find_repeated_key(out);
    return true;
  }

  bool text(std::string& out) {
    ++at_;
    while (more()) {
      if (const auto end = plain_end(text_, at_); end != at_) {
        out.append(text_, at_, end - at_);
        at_ = end;
        if (!more()) break;
      }
      const char c = text_[at_];
      if (c == '"') return ++at_, true;
      if (c == '\\') {
        if (!escape(out)) return false;
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20) return wrong("a control character inside a text");
      const auto size = utf8_size_at(text_, at_);
      if (size == 0) return wrong("bytes that are not UTF-8");
      out.append(text_, at_, size);
      at_ += size;
    }
    return wrong("a text without its closing quote");
  }

  bool escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    ++at_;
    if (!more()) return wrong("a text without its closing quote");
    const auto known = letters.find(text_[at_]);
    if (known != std::string_view::npos) return out += meanings[known], ++at_, true;
    if (text_[at_] != 'u') return wrong("an unknown escape");
    ++at_;
    unsigned code = 0;
    if (!hex4(code)) return false;
    if (code >= 0xdc00 && code <= 0xdfff) return wrong("half of a surrogate pair");
    if (code >= 0xd800 && code <= 0xdbff) {
      unsigned low = 0;
      if (text_.substr(at_, 2) != "\\u") return wrong("half of a surrogate pair");
      at_ += 2;
      if (!hex4(low)) return false;
      if (low < 0xdc00 || low > 0xdfff) return wrong("half of a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(out, code);
    return true;
  }

  bool hex4(unsigned& code) {
    if (at_ + 4 > text_.size()) return wrong("an unknown escape");
    const char* end = text_.data() + at_ + 4;
    const auto read = std::from_chars(text_.data() + at_, end, code, 16);
    if (read.ec != std::errc() || read.ptr != end) return wrong("an unknown escape");
    at_ += 4;
    return true;
  }

  static void append_utf8(std::string& out, unsigned code) {
    const auto put = [&](unsigned byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) return put(0xc0 | code >> 6), put(0x80 | (code & 63));
    if (code < 0x10000) return put(0xe0 | code >> 12), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
    put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 63)), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
  }

  bool digits() {
    const auto start = at_;
    while (more() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > start;
  }

  bool number(Value& out) {
    const auto start = at_;
    bool whole = true;
    take('-');
    const auto first = at_;
    if (!digits()) return wrong("expected a value");
    if (text_[first] == '0' && at_ - first > 1) return wrong("a number with a leading zero");
    if (take('.')) {
      whole = false;
      if (!digits()) return wrong("a number without digits after the point");
    }
    if (next_is('e') || next_is('E')) {
      whole = false;
      ++at_;
      if (!take('+')) take('-');
      if (!digits()) return wrong("a number without digits in its exponent");
    }
    const auto written = text_.substr(start, at_ - start);
    const char* end = written.data() + written.size();
    if (whole && std::from_chars(written.data(), end, out.integer).ec == std::errc()) {
      out.kind = Value::Kind::integer;
      return true;
    }
    out.kind = Value::Kind::real;
    out.text = written;
    const auto read = std::from_chars(written.data(), end, out.real);
    if (read.ec != std::errc() || !std::isfinite(out.real)) return wrong("a number that no computer holds");
    return true;
  }

  std::string_view text_;
  JsonLimits limits_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  std::string what_;
};

}  // namespace

Result<Value> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.size)
    return refusal("input.too_large", "the document has " + std::to_string(text.size()) + " bytes, at most " +
                                          std::to_string(limits.size) + " are read");
  return Parser(text, limits).run();
}

void find_repeated_key(Value& map) {
  constexpr std::size_t few = 16;  // so many are compared with each other before a sorted list of them pays
  if (map.keys.size() <= few) {
    std::string_view first;  // the least of those that come twice, as from a sorted list
    for (std::size_t i = 1; i < map.keys.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (map.keys[i] == map.keys[j] && (!map.repeated_key || map.keys[i] < first))
          map.repeated_key = true, first = map.keys[i];
    if (map.repeated_key) map.text = first;
    return;
  }
  std::vector<std::string_view> sorted(map.keys.begin(), map.keys.end());
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice == sorted.end()) return;
  map.repeated_key = true;
  map.text = *twice;
}

}  // namespace nova::core::detail
