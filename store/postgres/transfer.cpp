#include "store/postgres/transfer.hpp"

#include "store/postgres/opening.hpp"
#include "store/postgres/reads.hpp"
#include "store/postgres/texts.hpp"
#include "store/transfer/marks.hpp"

#include <map>

namespace nova::store {
namespace {

using namespace postgres;
using transfer::Cell;
using transfer::Row;
using transfer::Table;

/// Rows of one answer: bounds the memory that a page of the longest rows takes.
constexpr std::int64_t page_rows = 256;
/// Rows and bytes of one INSERT.
constexpr std::size_t insert_rows = 500;
constexpr std::size_t insert_bytes = 4 * 1024 * 1024;

/// The lock that every append and every registration of a node takes (migrations/0002).
constexpr auto lock_appends = "SELECT pg_advisory_lock(1315927649, 1)";
/// Nodes whose lease runs and whose session is there.
constexpr auto select_running =
    "SELECT n.name FROM nova.nodes n WHERE n.expires_at > clock_timestamp() AND NOT EXISTS (SELECT 1 FROM "
    "(SELECT pg_try_advisory_lock(1315927650, hashtext(n.name)) AS free) l WHERE l.free) ORDER BY n.name";
constexpr auto put_mark =
    "INSERT INTO nova.meta(name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
constexpr auto remove_mark = "DELETE FROM nova.meta WHERE name = $1 RETURNING name";

const char* array_of(Cell cell) {
  switch (cell) {
    case Cell::number:
      return "bigint[]";
    case Cell::flag:
      return "boolean[]";
    case Cell::text:
      return "text[]";
    case Cell::words:
    case Cell::bytes:
      break;
  }
  return "bytea[]";
}

postgres::Column::Of type_of(Cell cell) {
  switch (cell) {
    case Cell::number:
      return postgres::Column::Of::int8;
    case Cell::flag:
      return postgres::Column::Of::boolean;
    case Cell::text:
      return postgres::Column::Of::text;
    case Cell::words:
    case Cell::bytes:
      break;
  }
  return postgres::Column::Of::bytea;
}

std::string list_of(const Table& table, std::size_t count, const std::string& prefix = {}) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i ? ", " : "") + prefix + std::string(table.columns[i].name);
  return text;
}

std::string select_of(const Table& table) {
  std::string after;
  for (std::size_t i = 1; i <= table.keys; ++i) after += (i > 1 ? ", $" : "$") + std::to_string(i);
  const auto limit = std::to_string(table.keys + 1), position = std::to_string(table.keys + 2);
  return "SELECT " + list_of(table, table.columns.size()) + " FROM nova." + std::string(table.name) + " WHERE (" +
         list_of(table, table.keys) + ") > (" + after + ")" +
         (table.by_position ? " AND position > $" + position : "") + " ORDER BY " + list_of(table, table.keys) +
         " LIMIT $" + limit;
}

std::string insert_of(const Table& table) {
  const auto columns = list_of(table, table.columns.size());
  std::string arrays, changes;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string name(table.columns[i].name);
    arrays += (i ? ", $" : "$") + std::to_string(i + 1) + "::" + array_of(table.columns[i].cell);
    if (i >= table.keys) changes += (changes.empty() ? "" : ", ") + name + " = excluded." + name;
  }
  const auto rows = " FROM unnest(" + arrays + ") u(" + columns + ")";
  const auto into = "INSERT INTO nova." + std::string(table.name) + "(" + columns;
  // Row-level security looks at an event's tenant, which is the tenant of its document.
  if (table.name == "events")
    return into + ", tenant) SELECT " + list_of(table, table.columns.size(), "u.") + ", d.tenant" + rows +
           " JOIN nova.documents d ON d.stream = u.stream";
  const auto insert = into + ") SELECT " + columns + rows;
  if (table.name != "documents") return insert;
  return insert + " ON CONFLICT (" + list_of(table, table.keys) + ") DO UPDATE SET " + changes;
}

core::Error failure(const Session& session, const Target& target) {
  auto error = unreadable(*session.fault(), target);
  // What the server refuses for its content is no outage.
  if (!session.lost() && !session.fault()->state.empty()) {
    error.message = "`" + target.shown() + "` refused: " + session.fault()->message;
    error.remedy = "docs/postgres.md says which rights the user needs";
    if (session.fault()->state.starts_with("53")) error.remedy = "free space on the server's disk";
  }
  return error;
}

Target target_of(const PostgresPlace& place) {
  Target target;
  target.url = place.url;
  target.password_file = place.password_file;
  return target;
}

core::Status refuse_running(Session& session, const Target& target) {
  const auto rows = session.ask(select_running);
  if (session.failed()) return failure(session, target);
  // Locks that the question took itself go with the session's others, save the one on appends.
  session.ask("SELECT pg_advisory_unlock(1315927650, hashtext(name)) FROM nova.nodes");
  if (rows.empty()) return core::ok();
  const auto name = rows.text(0, 0);
  return core::unavailable("store.locked", "`" + target.shown() + "` is in use by node `" + name + "`")
      .fix("stop that node first")
      .with("node", name);
}

core::Result<std::unique_ptr<Session>> open_for(const Target& target, Session::Role role) {
  auto session = Session::open(target, role);
  if (!session) return session;
  const int newest = migrations().back().number;
  auto schema = schema_of(**session, target, newest);
  if (!schema) return std::move(schema).error();
  if (*schema == 0) {
    auto missing = core::refusal("store.not_found", "there is no store in `" + target.shown() + "`");
    return std::move(missing).fix("check the database that the address names");
  }
  if (*schema < newest) return transfer::older_schema(target.shown());
  return session;
}

class PostgresSnapshot final : public transfer::Snapshot {
 public:
  PostgresSnapshot(Target target, std::unique_ptr<Session> guard, std::unique_ptr<Session> tail)
      : target_(std::move(target)), guard_(std::move(guard)), tail_(std::move(tail)) {}

  core::Status begin() {
    tail_->run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (auto unmarked = check_marks(*tail_, target_); !unmarked) return unmarked;
    const auto last = tail_->ask("SELECT position, event_id FROM nova.events ORDER BY position DESC LIMIT 1");
    if (!last.empty()) {
      head_.position = last.count(0, 0);
      head_.event_id = last.text(0, 1);
    }
    head_.store_id = store_id(*tail_);
    return outcome();
  }

  transfer::Head head() const override { return head_; }

  core::Result<std::string> event_at(std::uint64_t position) override {
    const auto row = tail_->ask("SELECT event_id FROM nova.events WHERE position = $1", Params().int8(position));
    if (tail_->failed()) return failure(*tail_, target_);
    return row.empty() ? std::string() : row.text(0, 0);
  }

  core::Status read(const Table& table, std::uint64_t position, const Take& take) override {
    const auto& sql = texts_.try_emplace(std::string(table.name), select_of(table)).first->second;
    Row last;
    for (std::size_t i = 0; i < table.keys; ++i)
      last.push_back(table.columns[i].cell == Cell::number ? transfer::Value(INT64_MIN)
                                                           : transfer::Value(std::string()));
    for (;;) {
      Params params;
      for (const auto& key : last) {
        if (const auto* number = std::get_if<std::int64_t>(&key))
          params.int8(*number);
        else
          params.text(std::get<std::string>(key));
      }
      params.int8(page_rows);
      if (table.by_position) params.int8(position);
      const auto rows = tail_->ask(sql.c_str(), params);
      if (tail_->failed()) return failure(*tail_, target_);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        auto row = row_of(table, rows, i);
        if (auto taken = take(row); !taken) return taken;
        if (i + 1 == rows.size()) last.assign(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(table.keys));
      }
      if (rows.size() < std::size_t(page_rows)) return core::ok();
    }
  }

  core::Result<EventStore::Digests> digests() override {
    auto digests = read_digests_here(*tail_);
    if (tail_->failed()) return failure(*tail_, target_);
    return digests;
  }

  // The server would end a transaction that is idle for long, and with it the session.
  void end() override { tail_->run("COMMIT"); }

  core::Status mark_moved(const std::string& where_to) override {
    guard_->ask(put_mark, Params().text(transfer::mark_moved).text(where_to));
    if (guard_->failed()) return failure(*guard_, target_);
    return core::ok();
  }

 private:
  static Row row_of(const Table& table, const Rows& rows, std::size_t at) {
    Row row;
    row.reserve(table.columns.size());
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const int column = static_cast<int>(i);
      const auto cell = table.columns[i].cell;
      if (table.columns[i].nullable && rows.null(at, column))
        row.emplace_back(std::monostate());
      else if (cell == Cell::number)
        row.emplace_back(rows.integer(at, column));
      else if (cell == Cell::flag)
        row.emplace_back(std::int64_t{rows.boolean(at, column)});
      else if (cell == Cell::text)
        row.emplace_back(rows.text(at, column));
      else
        row.emplace_back(rows.blob(at, column));
    }
    return row;
  }
  core::Status outcome() const {
    if (tail_->failed()) return failure(*tail_, target_);
    return core::ok();
  }

  const Target target_;
  std::unique_ptr<Session> guard_;  // holds appends up while a store is moved; may be none
  std::unique_ptr<Session> tail_;
  std::map<std::string, std::string> texts_;
  transfer::Head head_;
};

class PostgresImport final : public transfer::Import {
 public:
  PostgresImport(Target target, std::unique_ptr<Session> session)
      : target_(std::move(target)), session_(std::move(session)) {}

  core::Status begin(const std::string& id, const std::string& why) {
    // It stays until the session ends: no node starts here meanwhile.
    session_->ask(lock_appends);
    if (auto idle = refuse_running(*session_, target_); !idle) return idle;
    const auto marked =
        session_->ask("SELECT 1 FROM nova.meta WHERE name = $1", Params().text(transfer::mark_unfinished));
    const auto event = session_->ask("SELECT 1 FROM nova.events LIMIT 1");
    if (session_->failed()) return failure(*session_, target_);
    if (marked.empty() && !event.empty()) return transfer::not_empty(target_.shown());
    session_->ask(put_mark, Params().text(transfer::mark_unfinished).text(why));
    session_->ask(put_mark, Params().text("store_id").text(id));
    for (const auto& table : transfer::tables()) session_->run("TRUNCATE nova." + std::string(table.name));
    // Of one that was begun and not finished.
    session_->run("TRUNCATE nova.vault_mark, nova.vault_secrets, nova.vault_subjects");
    return outcome();
  }

  core::Status put(const Table& table, const Row& row) override {
    if (table_ != &table) {
      if (auto written = flush(); !written) return written;
      table_ = &table;
      columns_.clear();
      for (const auto& column : table.columns) columns_.emplace_back(type_of(column.cell));
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (const auto* number = std::get_if<std::int64_t>(&row[i])) {
        if (table.columns[i].cell == Cell::flag)
          columns_[i].boolean(*number != 0);
        else
          columns_[i].int8(*number);
      } else if (const auto* text = std::get_if<std::string>(&row[i])) {
        if (table.columns[i].cell == Cell::text && !is_text(*text)) return no_text(table, i);
        columns_[i].text(*text);
        bytes_ += text->size();
      } else {
        columns_[i].null();
      }
    }
    return columns_.front().rows() < insert_rows && bytes_ < insert_bytes ? core::ok() : flush();
  }

  core::Status clear(const Table& table) override {
    if (auto written = flush(); !written) return written;
    session_->run("TRUNCATE nova." + std::string(table.name));
    return outcome();
  }

  core::Result<EventStore::Digests> digests() override {
    if (auto written = flush(); !written) return std::move(written).error();
    auto digests = read_digests_here(*session_);
    if (auto fine = outcome(); !fine) return std::move(fine).error();
    return digests;
  }

  core::Status finish() override {
    if (auto written = flush(); !written) return written;
    // Plans are made for what is there, not for empty tables.
    session_->run("ANALYZE nova.events, nova.documents");
    session_->ask(remove_mark, Params().text(transfer::mark_unfinished));
    return outcome();
  }

 private:
  static core::Error no_text(const Table& table, std::size_t column) {
    core::Error error;
    error.code = "store.malformed";
    error.message = "a row of `" + std::string(table.name) + "` has a `" + std::string(table.columns[column].name) +
                    "` that is no UTF-8 text without NUL, which PostgreSQL cannot hold";
    return error;
  }

  core::Status flush() {
    bytes_ = 0;
    if (!table_ || columns_.front().empty()) return core::ok();
    const auto& sql = texts_.try_emplace(std::string(table_->name), insert_of(*table_)).first->second;
    Params params;
    for (auto& column : columns_) params.column(column);
    session_->ask(sql.c_str(), params);
    for (auto& column : columns_) column.clear();
    return outcome();
  }

  core::Status outcome() const {
    if (session_->failed()) return failure(*session_, target_);
    return core::ok();
  }

  const Target target_;
  std::unique_ptr<Session> session_;
  std::map<std::string, std::string> texts_;
  const Table* table_ = nullptr;
  std::vector<postgres::Column> columns_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::string shown(const PostgresPlace& place) { return target_of(place).shown(); }

core::Result<std::unique_ptr<transfer::Snapshot>> open_postgres_snapshot(const PostgresPlace& place, bool for_move) {
  const auto target = target_of(place);
  std::unique_ptr<Session> guard;
  if (for_move) {
    auto opened = open_for(target, Session::Role::owner);
    if (!opened) return std::move(opened).error();
    guard = std::move(*opened);
    guard->ask(lock_appends);
    if (auto idle = refuse_running(*guard, target); !idle) return std::move(idle).error();
  }
  auto tail = open_for(target, Session::Role::tail);
  if (!tail) return std::move(tail).error();
  if (for_move)
    if (auto newest = check_witness(**tail, target, place.witness_file); !newest) return std::move(newest).error();
  auto snapshot = std::make_unique<PostgresSnapshot>(target, std::move(guard), std::move(*tail));
  if (auto begun = snapshot->begin(); !begun) return std::move(begun).error();
  return std::unique_ptr<transfer::Snapshot>(std::move(snapshot));
}

core::Result<std::unique_ptr<transfer::Import>> begin_postgres_import(const PostgresPlace& place,
                                                                      const std::string& store_id,
                                                                      const std::string& why, core::Clock& clock) {
  const auto target = target_of(place);
  {
    auto own = Session::open(target, Session::Role::own);
    if (!own) return std::move(own).error();
    if (auto safe = check_server(**own, target); !safe) return std::move(safe).error();
    if (auto ready = migrate(**own, target, migrations(), clock.now()); !ready) return std::move(ready).error();
  }
  auto session = open_for(target, Session::Role::owner);
  if (!session) return std::move(session).error();
  auto import = std::make_unique<PostgresImport>(target, std::move(*session));
  if (auto begun = import->begin(store_id, why); !begun) return std::move(begun).error();
  return std::unique_ptr<transfer::Import>(std::move(import));
}

core::Result<bool> reopen_postgres_store(const PostgresPlace& place) {
  const auto target = target_of(place);
  auto session = open_for(target, Session::Role::owner);
  if (!session) return std::move(session).error();
  const auto removed = (*session)->ask(remove_mark, Params().text(transfer::mark_moved));
  if ((*session)->failed()) return failure(**session, target);
  return !removed.empty();
}

}  // namespace nova::store
