#include "store/transfer/tables.hpp"

namespace nova::store::transfer {
namespace {

constexpr char none = 0, number = 1, bytes = 2;

void put(std::string& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i));
}

/// Takes from the front of what is left; false when there is not enough.
bool take(std::string_view& left, std::uint64_t& value, std::size_t size) {
  if (left.size() < size) return false;
  value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{static_cast<unsigned char>(left[i])} << (8 * i);
  left.remove_prefix(size);
  return true;
}

std::optional<Value> take_value(std::string_view& left, const Column& column) {
  std::uint64_t tag = 0, read = 0;
  if (!take(left, tag, 1)) return std::nullopt;
  if (tag == none) return column.nullable ? std::optional<Value>(std::monostate()) : std::nullopt;
  const bool is_number = column.cell == Cell::number || column.cell == Cell::flag;
  if (tag == number) {
    if (!is_number || !take(left, read, 8)) return std::nullopt;
    if (column.cell == Cell::flag && read > 1) return std::nullopt;
    return Value(static_cast<std::int64_t>(read));
  }
  if (tag != bytes || is_number || !take(left, read, 4) || left.size() < read) return std::nullopt;
  std::string text(left.substr(0, read));
  left.remove_prefix(read);
  return Value(std::move(text));
}

}  // namespace

std::string encode(const Row& row) {
  std::string out;
  for (const auto& value : row) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      out += number;
      put(out, static_cast<std::uint64_t>(*whole), 8);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      out += bytes;
      put(out, text->size(), 4);
      out += *text;
    } else {
      out += none;
    }
  }
  return out;
}

std::optional<Row> decode(const Table& table, std::string_view encoded) {
  Row row;
  row.reserve(table.columns.size());
  for (const auto& column : table.columns) {
    auto value = take_value(encoded, column);
    if (!value) return std::nullopt;
    row.push_back(std::move(*value));
  }
  if (!encoded.empty()) return std::nullopt;
  return row;
}

}  // namespace nova::store::transfer
