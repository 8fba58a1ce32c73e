// Stored text on a terminal: never raw control characters, and columns that line up in every script.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace nova::cli {

/// Control characters (C0, DEL, C1) and marks that reorder text (U+202A to U+202E, U+2066 to U+2069) as \u escapes;
/// bytes that are no UTF-8 as U+FFFD. What comes out can stand in a line of a terminal.
std::string safe(std::string_view text);
/// The same, but newlines and tabs stay: for texts of several lines.
std::string safe_lines(std::string_view text);
/// JSON text with the control characters that JSON itself allows raw (DEL, C1) escaped.
std::string safe_json(std::string json);

/// Columns that a terminal uses for the text: combining marks none, East Asian wide forms and emoji two.
std::size_t display_width(std::string_view text);
/// At most `width` columns; a text that is cut ends in an ellipsis.
std::string cut(std::string_view text, std::size_t width);
std::string pad(std::string_view text, std::size_t width);

}  // namespace nova::cli
