// Parameters of a statement, all in PostgreSQL's binary format (big endian, "Array format" of the source's array.c):
// nothing is quoted, and a column of a batch is one array.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nova::store::postgres {

/// An array of one column, built row by row.
class Column {
 public:
  enum class Of : std::uint32_t { boolean = 16, bytea = 17, int8 = 20, int4 = 23, text = 25 };

  explicit Column(Of of);
  void boolean(bool value);
  void int4(std::int64_t value);
  void int8(std::int64_t value);
  void int8(std::uint64_t value) { int8(static_cast<std::int64_t>(value)); }
  void text(std::string_view value);  ///< also of bytea
  void null();

  std::size_t rows() const { return rows_; }
  bool empty() const { return rows_ == 0; }
  void clear();
  /// The array as it is sent; valid until the next change.
  const std::string& bytes();

 private:
  const Of of_;
  std::string bytes_;
  std::size_t rows_ = 0;
  bool nulls_ = false;
};

class Params {
 public:
  Params& text(std::string_view value) {
    values_.emplace_back(value);
    return *this;
  }
  Params& int4(std::int32_t value);
  Params& int8(std::int64_t value);
  Params& int8(std::uint64_t value) { return int8(static_cast<std::int64_t>(value)); }
  Params& boolean(bool value) { return text(std::string_view(value ? "\1" : "\0", 1)); }
  Params& column(Column& column) { return text(column.bytes()); }

  const std::vector<std::string>& values() const { return values_; }

 private:
  std::vector<std::string> values_;
};

}  // namespace nova::store::postgres
