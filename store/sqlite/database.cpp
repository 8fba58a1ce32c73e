#include "store/sqlite/database.hpp"

#include "store/sqlite/disk/checked_files.hpp"

#include <sqlite3.h>

#include <cerrno>

namespace nova::store::sqlite {
namespace {

constexpr int busy_ms_max = 2000;

Trouble trouble_of(int code, int system_error) {
  if (code == SQLITE_IOERR_DATA) return Trouble::damaged;
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Trouble::full;
    case SQLITE_CORRUPT:
      return Trouble::damaged;
    case SQLITE_NOTADB:
      return Trouble::not_a_database;
    default:
      return system_error == ENOSPC || system_error == EDQUOT ? Trouble::full : Trouble::io;
  }
}

}  // namespace

core::Result<std::unique_ptr<Connection>> Connection::open(const std::string& file, const std::string& vfs) {
  // Counting memory takes a lock at every allocation, several for each statement; nobody asks for the count.
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(configured);
  std::unique_ptr<Connection> connection(new Connection);
  connection->file_ = file;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  const int code = sqlite3_open_v2(file.c_str(), &connection->handle_, flags, checked_layer(vfs));
  if (code != SQLITE_OK) {
    connection->note(code);
    return unreadable(connection->fault(), file);
  }
  sqlite3_extended_result_codes(connection->handle_, 1);
  // Of a file that is still empty: later ones keep what they were made with.
  int reserved = checksum_bytes;
  sqlite3_file_control(connection->handle_, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  // Nobody else writes here, save a person with a tool: wait for them a little.
  sqlite3_busy_timeout(connection->handle_, busy_ms_max);
  // The store checkpoints by itself; a close after a failed fsync must not write the log into the database.
  sqlite3_db_config(connection->handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

bool Connection::run(const char* sql) {
  if (failed()) return false;
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) note(code);
  return code == SQLITE_OK;
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

bool Connection::checked() const { return is_checked(handle_); }

std::int64_t Connection::changes() const { return sqlite3_changes64(handle_); }

sqlite3_stmt* Connection::statement(const char* sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second;
  if (failed()) return nullptr;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) {
    note(code);
    return nullptr;
  }
  statements_.emplace(sql, statement);
  return statement;
}

void Connection::note(int code) {
  if (failed()) return;
  const int system_error = handle_ ? sqlite3_system_errno(handle_) : 0;
  fault_.trouble =
      trouble_of(code, (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN ? system_error : 0);
  fault_.beside = fault_.trouble == Trouble::full && (code & 0xff) != SQLITE_FULL;
  fault_.message = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  if (auto page = take_page_fault(); page && code == SQLITE_IOERR_DATA) fault_.message = std::move(*page);
  fault_.message += " (" + std::to_string(code) + ")";
}

Query::~Query() {
  if (statement_) sqlite3_reset(statement_);
}

bool Query::row() {
  if (!statement_ || db_.failed()) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) db_.note(code);
  return false;
}

bool Query::done() {
  while (row()) {
  }
  return !db_.failed();
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Query::view(int column) const {
  // Asked as a blob, so that SQLite converts nothing; texts are stored as UTF-8 anyway.
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return size == 0 ? std::string_view()
                   : std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool Query::null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

void Query::bind(int index, std::int64_t value) {
  if (statement_) sqlite3_bind_int64(statement_, index, value);
}
void Query::bind(int index, const std::string& value) {
  if (statement_) sqlite3_bind_text64(statement_, index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}
void Query::bind(int index, Blob value) {
  // A null pointer would bind NULL rather than an empty blob.
  const char* bytes = value.bytes.empty() ? "" : value.bytes.data();
  if (statement_) sqlite3_bind_blob64(statement_, index, bytes, value.bytes.size(), SQLITE_STATIC);
}
void Query::bind_null(int index) {
  if (statement_) sqlite3_bind_null(statement_, index);
}

core::Error unreadable(const Fault& fault, const std::string& file) {
  switch (fault.trouble) {
    case Trouble::not_a_database:
      return core::unavailable("store.not_a_database", "`" + file + "` is not a store: " + fault.message)
          .fix("name another file, or move this one away to begin anew");
    case Trouble::damaged:
      return core::unavailable("store.damaged", "`" + file + "` is damaged: " + fault.message)
          .fix("stop the node, check the disk, restore the newest backup");
    case Trouble::full:
      return core::unavailable("store.disk_full", "the disk of `" + file + "` is full").fix("free space there");
    default:
      return core::unavailable("store.unavailable", "`" + file + "` cannot be read: " + fault.message)
          .fix("check the disk");
  }
}

}  // namespace nova::store::sqlite
