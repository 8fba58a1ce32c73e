#include "core/text.hpp"

#include "core/ids.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>

namespace nova::core {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool is_tail(std::string_view text, std::size_t at) { return at < text.size() && (byte_at(text, at) & 0xc0) == 0x80; }

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

// A control character of `size` bytes at `at`: C0 and DEL in one byte, C1 (U+0080 to U+009F) in two.
bool is_control(std::string_view text, std::size_t at, std::size_t size) {
  if (size == 1) return byte_at(text, at) < 0x20 || byte_at(text, at) == 0x7f;
  return size == 2 && byte_at(text, at) == 0xc2 && byte_at(text, at + 1) < 0xa0;
}

bool is_plain_text(std::string_view text, bool may_break) {
  for (std::size_t at = 0; at < text.size();) {
    const auto size = utf8_size_at(text, at);
    if (size == 0) return false;
    if (is_control(text, at, size) && !(may_break && (text[at] == '\n' || text[at] == '\t'))) return false;
    at += size;
  }
  return true;
}

bool is_slug(std::string_view text) {
  return !text.empty() && is_lower(text.front()) && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_env_name(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool is_digest(std::string_view text) {
  constexpr std::string_view start = "sha256:";
  return text.size() == start.size() + 64 && text.starts_with(start) &&
         std::all_of(text.begin() + std::ptrdiff_t(start.size()), text.end(),
                     [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

// Levenshtein distance; words here are field names, so the quadratic cost is nothing.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

// Takes whole characters from the end until "..." fits too.
std::string cut(std::string text, std::size_t size_max) {
  constexpr std::string_view more = "...";
  if (size_max < more.size()) return {};
  while (text.size() + more.size() > size_max) {
    while (is_tail(text, text.size() - 1)) text.pop_back();
    text.pop_back();
  }
  return text.append(more);
}

constexpr std::size_t nearest_word_size_max = 64;  // longer words are no typing errors, and the cost is quadratic

}  // namespace

std::size_t plain_end(std::string_view text, std::size_t at) {
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if (!is_plain(word)) break;
  }
  for (; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\') break;
  }
  return at;
}

std::size_t utf8_size_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const auto first = byte_at(text, at);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4 || !is_tail(text, at + 1)) return 0;
  if (first < 0xe0) return 2;
  const auto second = byte_at(text, at + 1);
  if (!is_tail(text, at + 2)) return 0;
  if (first < 0xf0) return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? 0 : 3;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) || !is_tail(text, at + 3)) return 0;
  return 4;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto size = utf8_size_at(text, at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

bool has_shape(Shape shape, std::string_view text) {
  switch (shape) {
    case Shape::any:
      return is_plain_text(text, true);
    case Shape::line:
      return is_plain_text(text, false);
    case Shape::slug:
      return is_slug(text);
    case Shape::name:
      return is_name(text);
    case Shape::uuid:
      return is_uuid(text);
    case Shape::env_name:
      return is_env_name(text);
    case Shape::digest:
      return is_digest(text);
  }
  return false;
}

std::string_view shape_rule(Shape shape) {
  switch (shape) {
    case Shape::any:
      return "must be text without control characters";
    case Shape::line:
      return "must be text on one line, without control characters";
    case Shape::slug:
      return "must be lower-case letters, digits and hyphens, starting with a letter and not ending in a hyphen";
    case Shape::name:
      return "must be lower-case letters and digits, with `-`, `.` or `_` only inside";
    case Shape::uuid:
      return "must be a UUID in lower case";
    case Shape::env_name:
      return "must be letters, digits and underscores, not starting with a digit";
    case Shape::digest:
      return "must be `sha256:` and 64 lower-case hex digits";
  }
  return {};
}

std::string_view shape_pattern(Shape shape) {
  switch (shape) {
    case Shape::slug:
      return "^[a-z]([a-z0-9-]*[a-z0-9])?$";
    case Shape::name:
      return "^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$";
    case Shape::uuid:
      return "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
    case Shape::env_name:
      return "^[A-Za-z_][A-Za-z0-9_]*$";
    case Shape::digest:
      return "^sha256:[0-9a-f]{64}$";
    case Shape::line:
      return "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";
    case Shape::any:
      return {};
  }
  return {};
}

std::string clean_text(std::string_view text, std::size_t size_max) {
  constexpr std::string_view replacement = "\xef\xbf\xbd";
  std::string clean;
  for (std::size_t at = 0; at < text.size();) {
    const auto size = utf8_size_at(text, at);
    const bool keep = size > 0 && (!is_control(text, at, size) || text[at] == '\n' || text[at] == '\t');
    const auto piece = keep ? text.substr(at, size) : replacement;
    if (clean.size() + piece.size() > size_max) return cut(std::move(clean), size_max);
    clean += piece;
    at += size > 0 ? size : 1;
  }
  return clean;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.size() > nearest_word_size_max) return {};
  std::string_view best;
  std::size_t fewest = word.size() < 4 ? 2 : 3;  // a candidate must stay below
  for (const auto candidate : candidates) {
    if (candidate.size() > nearest_word_size_max) continue;
    const auto count = edits(word, candidate);
    if (count < fewest && count < candidate.size()) {
      fewest = count;
      best = candidate;
    }
  }
  return best;
}

}  // namespace nova::core
