// Checks and repairs of text from outside: encoding, shape, spelling. Pure; any thread.
#pragma once
#include "core/types.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nova::core {

/// True when all bytes form valid UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
bool is_utf8(std::string_view text);

/// Where the run of printable ASCII from `at` on ends that a JSON text holds as it is: nearly every text is one such
/// run.
std::size_t plain_end(std::string_view text, std::size_t at);

/// The same of eight bytes at once.
constexpr bool is_plain(std::uint64_t word) {
  // A byte of `zero_in(word)` has its high bit set where the word's byte is zero, and perhaps above one that is.
  constexpr std::uint64_t ones = 0x0101'0101'0101'0101, highs = 0x8080'8080'8080'8080;
  const auto zero_in = [](std::uint64_t bytes) { return (bytes - ones) & ~bytes & highs; };
  const auto control = (word - ones * 0x20) & ~word & highs;
  return ((word & highs) | control | zero_in(word ^ ones * '"') | zero_in(word ^ ones * '\\') |
          zero_in(word ^ ones * 0x7f)) == 0;
}

/// Length in bytes of the valid UTF-8 character at `at`; 0 when none stands there.
std::size_t utf8_size_at(std::string_view text, std::size_t at);

/// True when text has the shape. Shapes imply valid UTF-8 and no control characters (C0, DEL, C1) but those they name.
bool has_shape(Shape shape, std::string_view text);

/// What a text of that shape must look like, for a person: "must be lower-case letters, digits and hyphens ...".
std::string_view shape_rule(Shape shape);

/// The shape as a regular expression (ECMA 262) for JSON Schema; empty when the shape sets no pattern.
std::string_view shape_pattern(Shape shape);

/// Text of the world (a program's message, a log line) made fit for `Shape::any`: bytes that are no UTF-8 and control
/// characters become U+FFFD, and what is beyond `size_max` bytes is cut between characters and ends in "...".
std::string clean_text(std::string_view text, std::size_t size_max = 4096);

/// The candidate that was probably meant by a misspelt word; empty when none is near (2 edits, fewer for short words).
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace nova::core
