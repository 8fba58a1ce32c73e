// Rows under headings, each column as wide as its widest cell. For people; scripts take -o json.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace nova::cli {

/// ANSI colours, or nothing at all where they are not wanted.
class Paint {
 public:
  explicit Paint(bool on = false) : on_(on) {}
  std::string green(const std::string& text) const { return with("32", text); }
  std::string yellow(const std::string& text) const { return with("33", text); }
  std::string red(const std::string& text) const { return with("31", text); }
  std::string dim(const std::string& text) const { return with("2", text); }
  std::string bold(const std::string& text) const { return with("1", text); }
  /// A status word in the colour of its meaning: running green, failed red, on the way yellow.
  std::string status(const std::string& word) const;

 private:
  std::string with(const char* code, const std::string& text) const {
    return on_ && !text.empty() ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
  }
  bool on_;
};

class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

  /// Cells are made safe; too few are filled up.
  void row(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  /// The column that holds status words gets colours; -1 for none.
  std::string text(const Paint& paint = Paint(), int status_column = -1) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace nova::cli
