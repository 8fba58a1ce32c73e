#include "store/sqlite/transfer.hpp"

#include "store/sqlite/lock_file.hpp"
#include "store/sqlite/opening.hpp"
#include "store/sqlite/reads.hpp"
#include "store/transfer/marks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <map>

namespace nova::store {
namespace {

using namespace sqlite;
using transfer::Cell;
using transfer::Row;
using transfer::Table;

namespace fs = std::filesystem;

/// One transaction of an import: small enough for the write-ahead log, large enough to cost little.
constexpr int rows_per_commit = 5000;

std::string list_of(const Table& table, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i ? ", " : "") + std::string(table.columns[i].name);
  return text;
}

/// Statements are found by the address of their text, so each is made once and stays.
const char* kept(std::map<std::string, std::string>& texts, const std::string& name, const std::string& sql) {
  return texts.try_emplace(name, sql).first->second.c_str();
}

std::string select_of(const Table& table) {
  return "SELECT " + list_of(table, table.columns.size()) + " FROM " + std::string(table.name) +
         (table.by_position ? " WHERE position > ?1" : "") + " ORDER BY " + list_of(table, table.keys);
}

std::string insert_of(const Table& table) {
  std::string values;
  for (std::size_t i = 1; i <= table.columns.size(); ++i) values += (i > 1 ? ",?" : "?") + std::to_string(i);
  // Only documents come twice: with each part of a chain that they changed in.
  return std::string(table.name == "documents" ? "INSERT OR REPLACE" : "INSERT") + " INTO " + std::string(table.name) +
         "(" + list_of(table, table.columns.size()) + ") VALUES(" + values + ")";
}

Row row_of(const Table& table, const Query& query) {
  Row row;
  row.reserve(table.columns.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const int at = static_cast<int>(i);
    const auto cell = table.columns[i].cell;
    if (table.columns[i].nullable && query.null(at))
      row.emplace_back(std::monostate());
    else if (cell == Cell::number || cell == Cell::flag)
      row.emplace_back(query.integer(at));
    else
      row.emplace_back(query.text(at));
  }
  return row;
}

class SqliteSnapshot final : public transfer::Snapshot {
 public:
  SqliteSnapshot(std::unique_ptr<LockFile> lock, std::unique_ptr<Connection> db)
      : lock_(std::move(lock)), db_(std::move(db)) {}

  core::Status begin() {
    db_->run("BEGIN");
    // The state is chosen by the first read, not by BEGIN.
    Query last(*db_, "SELECT position, event_id FROM events ORDER BY position DESC LIMIT 1");
    if (last.row()) {
      head_.position = last.count(0);
      head_.event_id = last.text(1);
    }
    head_.store_id = store_id(*db_);
    return outcome();
  }

  transfer::Head head() const override { return head_; }

  core::Result<std::string> event_at(std::uint64_t position) override {
    Query row(*db_, "SELECT event_id FROM events WHERE position=?1", position);
    std::string id = row.row() ? row.text(0) : std::string();
    if (db_->failed()) return unreadable(db_->fault(), db_->file());
    return id;
  }

  core::Status read(const Table& table, std::uint64_t position, const Take& take) override {
    const auto* sql = kept(texts_, std::string(table.name), select_of(table));
    Query query(*db_, sql);
    if (table.by_position) query.bind(1, position);
    while (query.row())
      if (auto taken = take(row_of(table, query)); !taken) return taken;
    return outcome();
  }

  core::Result<EventStore::Digests> digests() override {
    auto digests = read_digests_here(*db_);
    if (db_->failed()) return unreadable(db_->fault(), db_->file());
    return digests;
  }

  void end() override {
    if (db_->in_transaction()) db_->run("COMMIT");
  }

  core::Status mark_moved(const std::string& where_to) override {
    end();
    Query(*db_, "INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)", std::string(transfer::mark_moved), where_to)
        .done();
    return outcome();
  }

 private:
  core::Status outcome() const {
    if (db_->failed()) return unreadable(db_->fault(), db_->file());
    return core::ok();
  }

  std::unique_ptr<LockFile> lock_;
  std::unique_ptr<Connection> db_;
  std::map<std::string, std::string> texts_;
  transfer::Head head_;
};

class SqliteImport final : public transfer::Import {
 public:
  SqliteImport(std::unique_ptr<LockFile> lock, std::unique_ptr<Connection> db)
      : lock_(std::move(lock)), db_(std::move(db)) {}

  core::Status begin(const std::string& id, const std::string& why) {
    mark(transfer::mark_unfinished, why);
    mark("store_id", id);
    // What is lost in a crash is begun anew; the mark, which says so, is on disk before.
    db_->run("PRAGMA wal_checkpoint(TRUNCATE)");
    db_->run("PRAGMA synchronous=OFF");
    db_->run("PRAGMA wal_autocheckpoint=2000");
    db_->run("BEGIN");
    return outcome();
  }

  core::Status put(const Table& table, const Row& row) override {
    Query insert(*db_, kept(texts_, "+" + std::string(table.name), insert_of(table)));
    for (std::size_t i = 0; i < row.size(); ++i) {
      const int at = static_cast<int>(i + 1);
      if (const auto* number = std::get_if<std::int64_t>(&row[i]))
        insert.bind(at, *number);
      else if (const auto* text = std::get_if<std::string>(&row[i]); text && table.columns[i].cell == Cell::bytes)
        insert.bind(at, Blob{*text});
      else if (text)
        insert.bind(at, *text);
      else
        insert.bind_null(at);
    }
    insert.done();
    if (++uncommitted_ == rows_per_commit) {
      uncommitted_ = 0;
      db_->run("COMMIT");
      db_->run("BEGIN");
    }
    return outcome();
  }

  core::Status clear(const Table& table) override {
    Query(*db_, kept(texts_, "-" + std::string(table.name), "DELETE FROM " + std::string(table.name))).done();
    return outcome();
  }

  core::Result<EventStore::Digests> digests() override {
    auto digests = read_digests_here(*db_);
    if (auto fine = outcome(); !fine) return std::move(fine).error();
    return digests;
  }

  core::Status finish() override {
    db_->run("COMMIT");
    db_->run("PRAGMA synchronous=FULL");
    db_->run("PRAGMA wal_checkpoint(TRUNCATE)");
    Query(*db_, "DELETE FROM meta WHERE name=?1", std::string(transfer::mark_unfinished)).done();
    db_->run("PRAGMA wal_checkpoint(TRUNCATE)");
    if (auto fine = outcome(); !fine) return fine;
    const auto folder = fs::path(db_->file()).parent_path();
    const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!synced) return core::unavailable("store.unavailable", "the folder of `" + db_->file() + "` cannot be synced");
    return core::ok();
  }

 private:
  void mark(const char* name, const std::string& value) {
    Query(*db_, "INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)", std::string(name), value).done();
  }
  core::Status outcome() const {
    if (db_->failed()) return unreadable(db_->fault(), db_->file());
    return core::ok();
  }

  std::unique_ptr<LockFile> lock_;
  std::unique_ptr<Connection> db_;
  std::map<std::string, std::string> texts_;
  int uncommitted_ = 0;
};

core::Status check_readable(Connection& db, const std::string& file) {
  if (auto kind = check_kind(db, file); !kind) return kind;
  if (schema_of(db) < migrations().back().number) return transfer::older_schema(file);
  return check_marks(db, file);
}

/// Whether a file that is there may be emptied: it was never finished, or holds no event.
core::Result<bool> is_free(const std::string& file) {
  auto db = Connection::open(file, {});
  if (!db) return std::move(db).error();
  if (auto kind = check_kind(**db, file); !kind) return std::move(kind).error();
  if (schema_of(**db) == 0) return true;
  const std::string mark = transfer::mark_unfinished;
  Query marked(**db, "SELECT 1 FROM meta WHERE name=?1", mark);
  Query event(**db, "SELECT 1 FROM events LIMIT 1");
  const bool free = marked.row() || !event.row();
  if ((*db)->failed()) return unreadable((*db)->fault(), file);
  return free;
}

}  // namespace

core::Result<std::unique_ptr<transfer::Snapshot>> open_sqlite_snapshot(const std::string& file, Hold hold) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    auto missing = core::refusal("store.not_found", "there is no store `" + file + "`");
    return std::move(missing).fix("name the state folder or configuration of the node");
  }
  std::unique_ptr<LockFile> lock;
  if (hold == Hold::exclusive) {
    auto taken = LockFile::take(Place{file, {}}.lock(), file);
    if (!taken) return std::move(taken).error();
    lock = std::move(*taken);
  }
  auto db = Connection::open(file, {});
  if (!db) return std::move(db).error();
  if (auto readable = check_readable(**db, file); !readable) return std::move(readable).error();
  if (hold == Hold::exclusive)
    if (auto newest = check_witness(**db, Place{file, {}}); !newest) return std::move(newest).error();
  auto snapshot = std::make_unique<SqliteSnapshot>(std::move(lock), std::move(*db));
  if (auto begun = snapshot->begin(); !begun) return std::move(begun).error();
  return std::unique_ptr<transfer::Snapshot>(std::move(snapshot));
}

core::Result<std::unique_ptr<transfer::Import>> begin_sqlite_import(const std::string& file,
                                                                    const std::string& store_id, const std::string& why,
                                                                    core::Clock& clock) {
  const Place place{file, {}};
  auto lock = LockFile::take(place.lock(), file);
  if (!lock) return std::move(lock).error();
  auto there = exists_already(file);
  if (!there) return std::move(there).error();
  if (*there) {
    auto free = is_free(file);
    if (!free) return std::move(free).error();
    if (!*free) return transfer::not_empty(file);
  }
  // The witness spoke of what was here before.
  for (const auto& part : {file, file + "-wal", file + "-shm", place.witness(), place.mark()}) {
    std::error_code ignored;
    fs::remove(part, ignored);
  }
  auto db = open_database(place, clock.now());
  if (!db) return std::move(db).error();
  auto import = std::make_unique<SqliteImport>(std::move(*lock), std::move(*db));
  if (auto begun = import->begin(store_id, why); !begun) return std::move(begun).error();
  return std::unique_ptr<transfer::Import>(std::move(import));
}

core::Result<bool> reopen_sqlite_store(const std::string& file) {
  auto lock = LockFile::take(Place{file, {}}.lock(), file);
  if (!lock) return std::move(lock).error();
  auto db = Connection::open(file, {});
  if (!db) return std::move(db).error();
  if (auto kind = check_kind(**db, file); !kind) return std::move(kind).error();
  Query(**db, "DELETE FROM meta WHERE name=?1", std::string(transfer::mark_moved)).done();
  if ((*db)->failed()) return unreadable((*db)->fault(), file);
  return (*db)->changes() > 0;
}

core::Status with_settled_file(const std::string& file, const std::function<core::Status(int descriptor)>& use) {
  auto db = Connection::open(file, {});
  if (!db) return std::move(db).error();
  // A reader in a file with a rollback journal: nobody changes the file before the transaction ends.
  (*db)->run("BEGIN");
  {
    Query look(**db, "SELECT count(*) FROM sqlite_schema");
    look.done();
  }
  if ((*db)->failed()) return unreadable((*db)->fault(), file);
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return core::unavailable("store.unavailable", "`" + file + "` cannot be read");
  auto used = use(fd);
  (*db)->run("COMMIT");
  // Not sooner: closing any descriptor of the file would drop this process's locks on it.
  ::close(fd);
  return used;
}

}  // namespace nova::store
