// What a store holds, as data that no store owns: the tables that a move copies and a backup keeps, and their rows.
// Both SQL stores have them under these names.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nova::store::transfer {

/// Nothing, a number (flags are 0 and 1), or bytes.
using Value = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::vector<Value>;

enum class Cell : std::uint8_t {
  number,
  flag,
  text,   ///< a name: UTF-8 without NUL where the store asks for it
  words,  ///< of people or programs: any bytes
  bytes,
};

struct Column {
  std::string_view name;
  Cell cell = Cell::number;
  bool nullable = false;
};

struct Table {
  std::string_view name;
  std::vector<Column> columns;  ///< those of the key first
  std::size_t keys = 1;
  /// Has a column `position`, and rows change only together with a later one: what is new since a position is known.
  bool by_position = false;
};

/// In the order in which they are put in: a table stands after those that it refers to.
const std::vector<Table>& tables();
const Table* find_table(std::string_view name);

/// A row is at most this long: an event of 64 KiB with as much about it, or a work's payload, and what names them.
inline constexpr std::size_t row_bytes_max = 512 * 1024;

/// The same bytes in every store: a tag (0 none, 1 number, 2 bytes) before each value, numbers and lengths with the
/// lowest byte first.
std::string encode(const Row& row);
/// None when the bytes are not a row of this table.
std::optional<Row> decode(const Table& table, std::string_view bytes);

}  // namespace nova::store::transfer
