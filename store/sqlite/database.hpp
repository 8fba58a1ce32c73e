// A connection to SQLite and its prepared statements. Private to this folder; one thread at a time.
#pragma once
#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace nova::store::sqlite {

enum class Trouble : std::uint8_t { none, full, damaged, not_a_database, io };

/// The first thing that went wrong on a connection.
struct Fault {
  Trouble trouble = Trouble::none;
  std::string message;
  /// The disk was full beside the file that was written (its index in shared memory), so the write may have been whole.
  bool beside = false;
};

/// A value that is stored as bytes without looking at them.
struct Blob {
  std::string_view bytes;
};

/// After the first failure a connection runs nothing more until `clear_fault`: a sequence of writes is checked once, at
/// its end.
class Connection {
 public:
  /// `vfs` empty: the default one.
  static core::Result<std::unique_ptr<Connection>> open(const std::string& file, const std::string& vfs);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool run(const char* sql);  ///< one or more statements without rows
  const Fault& fault() const { return fault_; }
  bool failed() const { return fault_.trouble != Trouble::none; }
  void clear_fault() { fault_ = {}; }
  bool in_transaction() const;
  std::int64_t changes() const;
  bool checked() const;  ///< its pages carry checksums
  sqlite3* handle() const { return handle_; }
  const std::string& file() const { return file_; }

  /// Kept until the connection ends, found by the address of the literal. Null after a failure.
  sqlite3_stmt* statement(const char* sql);
  void note(int code);  ///< records a failure

 private:
  Connection() = default;

  sqlite3* handle_ = nullptr;
  std::string file_;
  Fault fault_;
  std::unordered_map<const void*, sqlite3_stmt*> statements_;
};

/// One use of a prepared statement; bound values must outlive it. Columns count from 0, parameters from 1.
class Query {
 public:
  template <class... Values>
  Query(Connection& db, const char* sql, const Values&... values) : db_(db), statement_(db.statement(sql)) {
    int index = 0;
    (bind(++index, values), ...);
  }
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  bool row();   ///< steps; true when a row is there
  bool done();  ///< steps to the end; false on a failure

  std::int64_t integer(int column) const;
  std::uint64_t count(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  std::string text(int column) const { return std::string(view(column)); }
  std::string_view view(int column) const;  ///< valid until the next step
  bool null(int column) const;

  // Where the columns of a statement are known only as data.
  void bind(int index, std::int64_t value);
  void bind(int index, std::uint64_t value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, std::uint32_t value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, int value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, bool value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, const std::string& value);
  void bind(int index, Blob value);
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value)
      bind(index, *value);
    else
      bind_null(index);
  }
  void bind_null(int index);

 private:
  Connection& db_;
  sqlite3_stmt* statement_;
};

/// The error a caller sees for a failure while reading.
core::Error unreadable(const Fault& fault, const std::string& file);

}  // namespace nova::store::sqlite
