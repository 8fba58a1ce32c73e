#include "cli/text/safe.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace nova::cli {
namespace {

struct Range {
  char32_t first, last;
};

// Marks that stand on or in the letter before them, and invisible joiners (Unicode 15, the blocks that occur in
// practice).
constexpr std::array zero_width = {
    Range{0x300, 0x36f},   Range{0x483, 0x489},   Range{0x591, 0x5bd},   Range{0x5bf, 0x5bf},   Range{0x5c1, 0x5c2},
    Range{0x5c4, 0x5c5},   Range{0x5c7, 0x5c7},   Range{0x610, 0x61a},   Range{0x64b, 0x65f},   Range{0x670, 0x670},
    Range{0x6d6, 0x6dc},   Range{0x6df, 0x6e4},   Range{0x6e7, 0x6e8},   Range{0x6ea, 0x6ed},   Range{0x8d3, 0x8e1},
    Range{0x8e3, 0x902},   Range{0x93c, 0x93c},   Range{0x941, 0x948},   Range{0x94d, 0x94d},   Range{0xe31, 0xe31},
    Range{0xe34, 0xe3a},   Range{0xe47, 0xe4e},   Range{0x1ab0, 0x1aff}, Range{0x1dc0, 0x1dff}, Range{0x200b, 0x200f},
    Range{0x2060, 0x2064}, Range{0x20d0, 0x20ff}, Range{0xfe00, 0xfe0f}, Range{0xfe20, 0xfe2f}, Range{0xfeff, 0xfeff},
};

constexpr std::array double_width = {
    Range{0x1100, 0x115f},   Range{0x231a, 0x231b},   Range{0x2329, 0x232a},   Range{0x2e80, 0x303e},
    Range{0x3041, 0x33ff},   Range{0x3400, 0x4dbf},   Range{0x4e00, 0x9fff},   Range{0xa000, 0xa4cf},
    Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},   Range{0xfe30, 0xfe6f},   Range{0xff00, 0xff60},
    Range{0xffe0, 0xffe6},   Range{0x1f300, 0x1f64f}, Range{0x1f680, 0x1f6ff}, Range{0x1f900, 0x1f9ff},
    Range{0x20000, 0x3fffd},
};

template <class Ranges>
bool is_in(const Ranges& ranges, char32_t c) {
  const auto at =
      std::lower_bound(ranges.begin(), ranges.end(), c, [](const Range& r, char32_t v) { return r.last < v; });
  return at != ranges.end() && at->first <= c;
}

bool reorders(char32_t c) { return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069); }
bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

char32_t decode(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() == 1) return first;
  char32_t c = first & (0xffu >> (bytes.size() + 1));
  for (std::size_t i = 1; i < bytes.size(); ++i) c = (c << 6) | (static_cast<unsigned char>(bytes[i]) & 0x3fu);
  return c;
}

template <class F>
void each_character(std::string_view text, F f) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = core::utf8_size_at(text, at);
    if (size == 0) {
      f(char32_t(0xfffd), std::string_view("\xef\xbf\xbd"));
      ++at;
      continue;
    }
    f(decode(text.substr(at, size)), text.substr(at, size));
    at += size;
  }
}

std::string escaped(char32_t c) {
  char out[12];
  std::snprintf(out, sizeof out, "\\u%04x", unsigned(c));
  return out;
}

std::string safe_but(std::string_view text, std::string_view kept) {
  std::string out;
  out.reserve(text.size());
  each_character(text, [&](char32_t c, std::string_view bytes) {
    const bool keep = c < 0x80 && kept.find(char(c)) != std::string_view::npos;
    if (!keep && (is_control(c) || reorders(c)))
      out += escaped(c);
    else
      out += bytes;
  });
  return out;
}

std::size_t width_of(char32_t c) { return is_in(zero_width, c) ? 0 : is_in(double_width, c) ? 2 : 1; }

}  // namespace

std::string safe(std::string_view text) { return safe_but(text, {}); }
std::string safe_lines(std::string_view text) { return safe_but(text, "\n\t"); }
std::string safe_json(std::string json) { return safe_but(json, "\n"); }

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  each_character(text, [&](char32_t c, std::string_view) { width += width_of(c); });
  return width;
}

std::string cut(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  std::string out;
  std::size_t used = 0;
  bool full = false;
  each_character(text, [&](char32_t c, std::string_view bytes) {
    full = full || used + width_of(c) + 1 > width;
    if (full) return;
    used += width_of(c);
    out += bytes;
  });
  return width == 0 ? std::string() : out + "…";
}

std::string pad(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

}  // namespace nova::cli
