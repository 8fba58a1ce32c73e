#include "governance/cedar/json/reader.hpp"

#include "core/text.hpp"
#include "governance/cedar/syntax/source.hpp"

#include <algorithm>
#include <charconv>

namespace nova::cedar {
namespace {

bool is_ascii(std::string_view text) {
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080808080808080u) != 0) return false;
  }
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), [](char c) { return (c & 0x80) == 0; });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The high bit of each byte that is a quote, a backslash or a control character, counted from the first byte up to and
// including the first such one (the usual tests for a zero byte and for bytes below a bound; a borrow may mark later
// bytes).
std::uint64_t special_bytes(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101u;
  constexpr std::uint64_t highs = 0x8080808080808080u;
  const auto zeros = [](std::uint64_t x) { return (x - ones) & ~x & highs; };
  return zeros(word ^ ones * '"') | zeros(word ^ ones * '\\') | ((word - ones * 0x20) & ~word & highs);
}

bool is_special(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

}  // namespace

std::string_view name_of(JsonKind kind) {
  switch (kind) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return "a boolean";
    case JsonKind::integer:
      return "an integer";
    case JsonKind::real:
      return "a number that is no 64-bit integer";
    case JsonKind::string:
      return "a string";
    case JsonKind::array:
      return "an array";
    case JsonKind::object:
      return "an object";
  }
  return "a value";
}

const Json* Json::find(std::string_view key) const {
  for (const JsonMember& member : object()) {
    if (same_text(member.key.view(), key)) return &member.value;
  }
  return nullptr;
}

core::Result<Json> JsonReader::read(std::string_view document, Arena& arena, std::size_t depth_max) {
  text_ = document;
  at_ = 0;
  arena_ = &arena;
  depth_max_ = depth_max;
  message_ = nullptr;
  open_.clear();
  items_.clear();
  members_.clear();
  keys_.clear();
  Json out;
  if (document.size() > text_size_max) {
    fail("the document is too long");
  } else if (!is_ascii(document) && !core::is_utf8(document)) {
    fail("the document is not UTF-8");
  } else if (run(out)) {
    return out;
  }
  Diagnostics found(document.substr(0, text_size_max));
  found.report({static_cast<std::uint32_t>(std::min(at_, document.size())), 0}, message_);
  return found.error("cedar.json_invalid");
}

bool JsonReader::fail(const char* message) {
  if (message_ == nullptr) message_ = message;
  return false;
}

void JsonReader::skip_blanks() {
  if (at_ < text_.size() && text_[at_] > ' ') return;  // compact documents have none
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
    ++at_;
}

// The document without recursion: containers that are open wait on a stack, finished values go to the innermost of
// them.
bool JsonReader::run(Json& out) {
  while (true) {
    skip_blanks();
    if (at_ >= text_.size()) return fail("the document ends early");
    Json value_read;
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      if (!open(c)) return false;
      skip_blanks();
      const char end = c == '{' ? '}' : ']';
      if (at_ < text_.size() && text_[at_] == end) {
        ++at_;
        if (!close(value_read)) return false;
      } else {
        if (c == '{' && !member_key()) return false;
        continue;
      }
    } else if (!value(value_read)) {
      return false;
    }
    // Hand the value to its container; close as many containers as end here.
    while (true) {
      skip_blanks();
      if (open_.empty()) {
        out = value_read;
        return at_ == text_.size() || fail("text behind the end of the document");
      }
      const bool is_object = open_.back().is_object;
      if (is_object) {
        members_.push_back({keys_.back(), value_read});
        keys_.pop_back();
      } else {
        items_.push_back(value_read);
      }
      const char next = at_ < text_.size() ? text_[at_] : '\0';
      if (next == ',') {
        ++at_;
        if (is_object && !member_key()) return false;
        break;
      }
      if (next != (is_object ? '}' : ']')) return fail(is_object ? "expected `,` or `}`" : "expected `,` or `]`");
      ++at_;
      if (!close(value_read)) return false;
    }
  }
}

bool JsonReader::open(char bracket) {
  if (open_.size() >= depth_max_) return fail("too many levels of nesting");
  ++at_;
  open_.push_back({bracket == '{', bracket == '{' ? members_.size() : items_.size()});
  return true;
}

bool JsonReader::member_key() {
  skip_blanks();
  std::string_view key;
  if (at_ >= text_.size() || text_[at_] != '"') return fail("expected a key in quotes");
  if (!string(key)) return false;
  skip_blanks();
  if (at_ >= text_.size() || text_[at_] != ':') return fail("expected `:`");
  ++at_;
  keys_.push_back({key.data(), static_cast<std::uint32_t>(key.size())});
  return true;
}

bool JsonReader::close(Json& out) {
  const Open container = open_.back();
  open_.pop_back();
  out = Json();
  if (!container.is_object) {
    const auto count = items_.size() - container.first;
    const auto items = arena_->list<Json>(count);
    std::copy(items_.begin() + static_cast<std::ptrdiff_t>(container.first), items_.end(), items.begin());
    items_.resize(container.first);
    out.kind = JsonKind::array;
    out.items = items.data();
    out.size = static_cast<std::uint32_t>(count);
    return true;
  }
  const auto count = members_.size() - container.first;
  const auto members = arena_->list<JsonMember>(count);
  std::copy(members_.begin() + static_cast<std::ptrdiff_t>(container.first), members_.end(), members.begin());
  members_.resize(container.first);
  out.kind = JsonKind::object;
  out.members = members.data();
  out.size = static_cast<std::uint32_t>(count);
  if (count <= 8) {
    for (std::size_t i = 1; i < count; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (same_text(members[i].key.view(), members[j].key.view())) return fail("a key stands twice in this object");
      }
    }
    return true;
  }
  sorted_.clear();
  for (const JsonMember& member : members) sorted_.push_back(member.key.view());
  std::sort(sorted_.begin(), sorted_.end());
  const bool is_unique = std::adjacent_find(sorted_.begin(), sorted_.end()) == sorted_.end();
  return is_unique || fail("a key stands twice in this object");
}

bool JsonReader::value(Json& out) {
  switch (text_[at_]) {
    case '"': {
      std::string_view text;
      if (!string(text)) return false;
      out.kind = JsonKind::string;
      out.bytes = text.data();
      out.size = static_cast<std::uint32_t>(text.size());
      return true;
    }
    case 't':
      return word("true", out, JsonKind::boolean, true);
    case 'f':
      return word("false", out, JsonKind::boolean, false);
    case 'n':
      return word("null", out, JsonKind::null, false);
    default:
      return number(out);
  }
}

bool JsonReader::word(std::string_view text, Json& out, JsonKind kind, bool is_true) {
  if (text_.substr(at_, text.size()) != text) return fail("expected a value");
  at_ += text.size();
  out.kind = kind;
  out.boolean = is_true;
  return true;
}

bool JsonReader::number(Json& out) {
  const std::size_t begin = at_;
  std::size_t end = at_;
  const auto digits = [&] {
    const std::size_t from = end;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    return end - from;
  };
  if (text_[end] == '-') ++end;
  const std::size_t first = end;
  const std::size_t whole = digits();
  if (whole == 0) return fail("expected a value");
  if (whole > 1 && text_[first] == '0') return fail("a number begins with 0");
  bool is_integer = true;
  if (end < text_.size() && text_[end] == '.') {
    ++end;
    is_integer = false;
    if (digits() == 0) return fail("expected a digit behind the point");
  }
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    ++end;
    is_integer = false;
    if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
    if (digits() == 0) return fail("expected a digit in the exponent");
  }
  at_ = end;
  if (is_integer) {
    out.kind = JsonKind::integer;
    const auto read = std::from_chars(text_.data() + begin, text_.data() + end, out.integer);
    if (read.ec == std::errc()) return true;
  }
  out.kind = JsonKind::real;
  out.bytes = text_.data() + begin;
  out.size = static_cast<std::uint32_t>(end - begin);
  return true;
}

bool JsonReader::string(std::string_view& out) {
  const std::size_t begin = ++at_;
  std::size_t end = begin;
  while (end + 8 <= text_.size()) {
    std::uint64_t word_read;
    std::memcpy(&word_read, text_.data() + end, 8);
    if (const std::uint64_t special = special_bytes(word_read)) {
      // The first byte in memory is the lowest one: x86-64 and AArch64 are little-endian, and so is this project.
      end += static_cast<std::size_t>(__builtin_ctzll(special)) / 8;
      break;
    }
    end += 8;
  }
  while (end < text_.size() && !is_special(text_[end])) ++end;
  at_ = end;
  if (end >= text_.size()) return fail("a string does not end");
  if (text_[end] == '\\') return escaped(begin, out);
  if (text_[end] != '"') return fail("a control character in a string");
  out = text_.substr(begin, end - begin);
  at_ = end + 1;
  return true;
}

bool JsonReader::escaped(std::size_t from, std::string_view& out) {
  std::string made(text_.substr(from, at_ - from));
  while (at_ < text_.size() && text_[at_] != '"') {
    const char c = text_[at_];
    if (static_cast<unsigned char>(c) < 0x20) return fail("a control character in a string");
    if (c != '\\') {
      made += c;
      ++at_;
      continue;
    }
    const char kind = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    static constexpr std::string_view letters = "\"\\/bfnrt";
    static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (kind == 'u') {
      if (!unicode_escape(at_, made)) return fail("not a Unicode escape of a scalar value");
    } else if (const std::size_t which = letters.find(kind); which != std::string_view::npos) {
      made += meanings[which];
      at_ += 2;
    } else {
      return fail("not an escape of a string");
    }
  }
  if (at_ >= text_.size()) return fail("a string does not end");
  ++at_;
  out = arena_->copy(made);
  return true;
}

// `at` stands on the backslash and ends behind the escape, or behind the second one of a surrogate pair.
bool JsonReader::unicode_escape(std::size_t& at, std::string& out) {
  const auto unit = [&](std::size_t place, char32_t& code) {
    if (place + 6 > text_.size() || text_[place] != '\\' || text_[place + 1] != 'u') return false;
    unsigned number = 0;
    const char* const first = text_.data() + place + 2;
    const auto read = std::from_chars(first, first + 4, number, 16);
    code = number;
    return read.ec == std::errc() && read.ptr == first + 4;
  };
  char32_t code = 0;
  if (!unit(at, code)) return false;
  std::size_t end = at + 6;
  if (code >= 0xD800 && code <= 0xDFFF) {
    char32_t low = 0;
    if (code >= 0xDC00 || !unit(end, low) || low < 0xDC00 || low > 0xDFFF) return false;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    end += 6;
  }
  append_utf8(out, code);
  at = end;
  return true;
}

core::Result<Json> read_json(std::string_view document, Arena& arena, std::size_t depth_max) {
  return JsonReader().read(document, arena, depth_max);
}

}  // namespace nova::cedar
