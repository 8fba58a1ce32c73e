// The formatter works on tokens: it changes what stands between them and nothing else, so the tree stays the same.
#include "governance/cedar/syntax/parser.hpp"
#include "governance/cedar/syntax/print.hpp"

#include <algorithm>
#include <vector>

namespace nova::cedar {
namespace {

bool is_word(const Token& token) {
  return token.kind == TokenKind::identifier || token.kind == TokenKind::integer || token.kind == TokenKind::string ||
         token.kind == TokenKind::slot;
}

class Formatter {
 public:
  static std::string trimmed(std::string_view comment) {
    while (!comment.empty() && (comment.back() == ' ' || comment.back() == '\t' || comment.back() == '\r'))
      comment.remove_suffix(1);
    return std::string(comment);
  }

  Formatter(std::string_view text, std::vector<Token> tokens, std::size_t width)
      : text_(text), tokens_(std::move(tokens)), width_(width) {}

  std::string run() {
    while (peek().kind != TokenKind::end) {
      if (peek().kind == TokenKind::comment) {
        own_line_comment();
      } else {
        policy();
      }
    }
    return std::move(out_);
  }

 private:
  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }

  // Blank lines of the source stand between policies and the comments above them; one is enough.
  void own_line_comment() {
    separate();
    out_ += trimmed(peek().text);
    out_ += '\n';
    is_after_comment_ = !is_blank_line_behind();
    ++at_;
  }

  bool is_blank_line_behind() const {
    const std::size_t end = peek().span.end;
    const std::size_t next = peek(1).span.begin;
    return std::count(text_.begin() + static_cast<std::ptrdiff_t>(end),
                      text_.begin() + static_cast<std::ptrdiff_t>(next), '\n') > 1;
  }

  void separate() {
    if (!out_.empty() && !is_after_comment_) out_ += '\n';
    is_after_comment_ = false;
  }

  void policy() {
    separate();
    while (peek().is("@")) annotation();
    scope();
    while (peek().kind != TokenKind::end && !peek().is(";")) {
      if (peek().kind == TokenKind::comment) {
        line(0, comment());
      } else {
        condition();
      }
    }
    if (at_ > 0 && tokens_[at_ - 1].kind == TokenKind::comment) {
      line(0, ";");
    } else {
      out_.insert(out_.size() - 1, ";");  // in front of the line's break
    }
    ++at_;
    if (peek().kind == TokenKind::comment && is_on_line_of_previous()) {
      out_.insert(out_.size() - 1, " " + comment());
    }
  }

  std::string comment() { return trimmed(tokens_[at_++].text); }

  bool is_on_line_of_previous() const {
    const std::size_t from = tokens_[at_ - 1].span.end;
    return text_.substr(from, peek().span.begin - from).find('\n') == std::string_view::npos;
  }

  void line(std::size_t depth, const std::string& content) {
    out_.append(depth * 2, ' ');
    out_ += content + "\n";
  }

  void annotation() {
    const std::size_t begin = at_;
    at_ += 2;
    if (peek().is("(")) at_ += 3;
    put(begin, at_, 0);
    while (peek().kind == TokenKind::comment) line(0, comment());
  }

  // `permit (...)`, up to its closing bracket.
  void scope() {
    const std::size_t begin = at_;
    at_ = closing(begin + 1) + 1;
    put(begin, at_, 0);
  }

  void condition() {
    const std::size_t begin = at_;
    at_ = closing(begin + 1) + 1;
    put(begin, at_, 0);
  }

  // The bracket that closes the first one at or behind `from`.
  std::size_t closing(std::size_t from) const {
    std::size_t depth = 0;
    for (std::size_t i = from; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      if (token.kind != TokenKind::symbol) continue;
      if (token.text == "(" || token.text == "{" || token.text == "[") ++depth;
      if (token.text == ")" || token.text == "}" || token.text == "]") {
        if (--depth == 0) return i;
      }
    }
    return tokens_.size() - 2;
  }

  bool has_comment(std::size_t begin, std::size_t end) const {
    return std::any_of(tokens_.begin() + static_cast<std::ptrdiff_t>(begin),
                       tokens_.begin() + static_cast<std::ptrdiff_t>(end),
                       [](const Token& t) { return t.kind == TokenKind::comment; });
  }

  // Tokens on one line.
  std::string joined(std::size_t begin, std::size_t end) const {
    std::string out;
    for (std::size_t i = begin; i < end; ++i) {
      if (i > begin && needs_space(i)) out += ' ';
      out += tokens_[i].text;
    }
    return out;
  }

  bool is_prefix(std::size_t i) const {
    const Token& token = tokens_[i];
    if (!token.is("!") && !token.is("-")) return false;
    if (token.text == "!") return true;
    const Token& before = tokens_[i > 0 ? i - 1 : 0];
    const bool is_operand =
        before.is(")") || before.is("]") || before.is("}") ||
        (is_word(before) && !before.is("then") && !before.is("else") && !before.is("if") && !before.is("in"));
    return !is_operand;
  }

  bool needs_space(std::size_t i) const {
    const Token& a = tokens_[i - 1];
    const Token& b = tokens_[i];
    if (a.is("{") && is_condition_brace(i - 1)) return true;
    if (b.is("}") && is_condition_close(i)) return true;
    if (b.is(",") || b.is(";") || b.is(")") || b.is("]") || b.is("}") || b.is(".") || b.is("::")) return false;
    if (b.is(":")) return false;
    if (a.is("(") || a.is("[") || a.is("{") || a.is(".") || a.is("::") || a.is("@")) return false;
    if (is_prefix(i - 1)) return false;
    if (b.is("(")) {
      const bool is_call =
          a.kind == TokenKind::identifier && !is_reserved(a.text) && a.text != "permit" && a.text != "forbid";
      const bool is_annotation = i >= 2 && tokens_[i - 2].is("@");
      return !is_call && !is_annotation;
    }
    if (b.is("["))
      return !(a.kind == TokenKind::identifier && !is_reserved(a.text)) && !a.is(")") && !a.is("]") && !a.is("}");
    return true;
  }

  bool is_condition_brace(std::size_t i) const {
    return i > 0 && (tokens_[i - 1].is("when") || tokens_[i - 1].is("unless"));
  }
  bool is_condition_close(std::size_t i) const {
    const Token& next = tokens_[std::min(i + 1, tokens_.size() - 1)];
    return next.is("when") || next.is("unless") || next.is(";") || next.kind == TokenKind::comment;
  }

  // One line when it fits; else a bracket's content gets lines of its own, divided at commas or logical operators.
  void put(std::size_t begin, std::size_t end, std::size_t depth) {
    const std::string whole = has_comment(begin, end) ? std::string() : joined(begin, end);
    if (!whole.empty() && whole.size() + depth * 2 <= width_) return line(depth, whole);
    const std::size_t open = first_open(begin, end);
    if (open == end && whole.empty()) return with_comments(begin, end, depth);
    if (open == end) return line(depth, whole);
    const std::size_t close = closing(open);
    if (has_comment(begin, open) || has_comment(close + 1, end)) return with_comments(begin, end, depth);
    line(depth, joined(begin, open + 1));
    divided(open + 1, close, depth + 1);
    // What stands behind the bracket (`.isEmpty()`, `== x`) follows it.
    line(depth, joined(close, end));
  }

  std::size_t first_open(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i < end; ++i) {
      if ((tokens_[i].is("(") || tokens_[i].is("{") || tokens_[i].is("[")) && closing(i) > i + 1) return i;
    }
    return end;
  }

  // Splits at the loosest separator on the top level; each piece is put on its own.
  void divided(std::size_t begin, std::size_t end, std::size_t depth) {
    for (const std::string_view separator : {",", "||", "&&"}) {
      std::vector<std::size_t> cuts = cuts_at(separator, begin, end);
      if (cuts.empty() || has_if(begin, end, separator)) continue;
      std::size_t from = begin;
      cuts.push_back(end - 1);
      for (const std::size_t cut : cuts) {
        if (from <= cut) put(from, cut + 1, depth);
        from = cut + 1;
      }
      return;
    }
    put(begin, end, depth);
  }

  // A top-level `if` takes in every operator to its right.
  bool has_if(std::size_t begin, std::size_t end, std::string_view separator) const {
    return separator != "," && begin < end && tokens_[begin].is("if");
  }

  std::vector<std::size_t> cuts_at(std::string_view separator, std::size_t begin, std::size_t end) const {
    std::vector<std::size_t> cuts;
    std::size_t depth = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const Token& token = tokens_[i];
      if (token.is("(") || token.is("{") || token.is("[")) ++depth;
      if (token.is(")") || token.is("}") || token.is("]")) --depth;
      if (depth == 0 && token.is(separator)) cuts.push_back(i);
    }
    return cuts;
  }

  // A comment ends its line, wherever it stands.
  void with_comments(std::size_t begin, std::size_t end, std::size_t depth) {
    std::size_t from = begin;
    for (std::size_t i = begin; i < end; ++i) {
      if (tokens_[i].kind != TokenKind::comment) continue;
      line(depth, joined(from, i + 1));
      from = i + 1;
    }
    if (from < end) line(depth, joined(from, end));
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t width_;
  std::size_t at_ = 0;
  std::string out_;
  bool is_after_comment_ = false;
};

}  // namespace

core::Result<std::string> format_policies(std::string_view text, std::size_t width) {
  auto parsed = parse_policies(std::string(text));
  if (!parsed) return std::move(parsed).error();
  Diagnostics found(text);
  const std::vector<Token> tokens = tokenize(text, found, true);
  std::string out = Formatter(text, tokens, width).run();
  // Comments may stand in places for which there is no layout, such as behind an `@`. Such a text stays as it is.
  Diagnostics found_again(out);
  const std::vector<Token> again = tokenize(out, found_again, true);
  const bool is_same =
      std::equal(tokens.begin(), tokens.end(), again.begin(), again.end(), [](const Token& a, const Token& b) {
        return a.kind == b.kind && Formatter::trimmed(a.text) == Formatter::trimmed(b.text);
      });
  return is_same ? out : std::string(text);
}

}  // namespace nova::cedar
