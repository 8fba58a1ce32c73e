// Policy and schema text as tokens.
#pragma once
#include "governance/cedar/syntax/source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::cedar {

enum class TokenKind : std::uint8_t { end, identifier, integer, string, symbol, slot, comment };

/// `text` is the token as it stands: a string with its quotes, a slot with its `?`.
struct Token {
  TokenKind kind = TokenKind::end;
  Span span;
  std::string_view text;

  bool is(std::string_view symbol_or_word) const {
    return (kind == TokenKind::symbol || kind == TokenKind::identifier) && text == symbol_or_word;
  }
};

/// All tokens and a last one of kind `end`; what is no token is reported and left out. The tokens point into `text`.
/// Comments are left out unless `with_comments` is set. Linear.
std::vector<Token> tokenize(std::string_view text, Diagnostics& found, bool with_comments = false);

/// true, false, if, then, else, in, like, has, is, __cedar.
bool is_reserved(std::string_view word);
/// [A-Za-z_][A-Za-z0-9_]*
bool is_identifier(std::string_view word);
/// Identifiers that are not reserved, joined by `::`, without blanks.
bool is_type_name(std::string_view name);

/// An element of a `like` pattern: a code point, or the wildcard.
struct PatternElement {
  char32_t code_point = 0;
  bool is_wildcard = false;
};

/// The text of a string token without quotes and escapes; none, and a report, when an escape is wrong.
std::optional<std::string> unescape(const Token& token, Diagnostics& found);
/// The same for a pattern, where `\*` is a star and `*` a wildcard.
std::optional<std::vector<PatternElement>> unescape_pattern(const Token& token, Diagnostics& found);

}  // namespace nova::cedar
