// A cursor over tokens with the phrases that both parsers (policies, schemas) need.
#pragma once
#include "governance/cedar/syntax/lexer.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nova::cedar {

class TokenStream {
 public:
  TokenStream(std::vector<Token> tokens, Diagnostics& found) : tokens_(std::move(tokens)), found_(found) {}

  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  const Token& previous() const { return tokens_[at_ > 0 ? at_ - 1 : 0]; }
  const Token& take() {
    const Token& token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool at_end() const { return peek().kind == TokenKind::end; }
  bool is(std::string_view word) const { return peek().is(word); }
  bool take_if(std::string_view word) {
    if (!is(word)) return false;
    take();
    return true;
  }
  /// Takes the word, or reports that it was expected.
  bool expect(std::string_view word) { return take_if(word) || fail_expected("`" + std::string(word) + "`"); }

  /// Reports at the next token; always false, for `return fail(...)`.
  bool fail(std::string message) { return fail_at(peek().span, std::move(message)); }
  bool fail_at(Span span, std::string message) {
    found_.report(span, std::move(message));
    return false;
  }
  bool fail_expected(const std::string& what) {
    return fail("expected " + what + ", found " + (at_end() ? "the end of the text" : in_backticks(peek().text)));
  }

  Diagnostics& found() { return found_; }

 private:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  Diagnostics& found_;
};

}  // namespace nova::cedar
