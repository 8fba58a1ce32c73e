#include "store/sqlite/database.hpp"
#include "store/vault.hpp"
#include "store/vault/shelves.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace nova::store {
namespace {

using sqlite::Blob;
using sqlite::Connection;
using sqlite::Query;

constexpr auto schema =
    "CREATE TABLE IF NOT EXISTS checks(sealed BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS secrets(path TEXT NOT NULL, version INTEGER NOT NULL, sealed BLOB, "
    "PRIMARY KEY(path, version)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS subjects(subject TEXT PRIMARY KEY, generation INTEGER NOT NULL, sealed BLOB) WITHOUT "
    "ROWID;";

std::optional<std::string> sealed_at(const Query& query, int column) {
  if (query.null(column)) return std::nullopt;
  return query.text(column);
}

class LocalShelf final : public Shelf {
 public:
  explicit LocalShelf(std::unique_ptr<Connection> db) : db_(std::move(db)) {}

  std::string shown() const override { return db_->file(); }

  core::Result<std::optional<Mark>> mark() const override {
    std::lock_guard lock(mutex_);
    Query row(*db_, "SELECT sealed FROM checks");
    std::optional<Mark> mark;
    if (row.row()) mark = Mark{{}, row.text(0)};
    if (auto failed = failure()) return std::move(*failed);
    return mark;
  }
  core::Status put_mark(const Mark& mark) override {
    std::lock_guard lock(mutex_);
    Query(*db_, "INSERT INTO checks(sealed) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM checks)", Blob{mark.sealed})
        .done();
    return outcome();
  }

  core::Result<std::optional<Row>> newest(const std::string& path) const override {
    return one("SELECT version, sealed FROM secrets WHERE path=?1 ORDER BY version DESC LIMIT 1", path);
  }
  core::Result<std::optional<Row>> newest_kept(const std::string& path) const override {
    return one("SELECT version, sealed FROM secrets WHERE path=?1 AND sealed IS NOT NULL ORDER BY version DESC LIMIT 1",
               path);
  }
  core::Result<std::optional<Row>> version(const std::string& path, std::uint64_t number) const override {
    return one("SELECT version, sealed FROM secrets WHERE path=?1 AND version=?2", path, number);
  }
  core::Result<bool> add(const std::string& path, const Row& row) override {
    return change("INSERT OR IGNORE INTO secrets(path, version, sealed) VALUES(?1,?2,?3)", path, row.number,
                  blob_of(row));
  }
  core::Result<bool> destroy(const std::string& path, std::uint64_t number) override {
    // The rows stay, so that no version is ever given twice.
    return change("UPDATE secrets SET sealed=NULL WHERE path=?1 AND (?2=0 OR version=?2)", path, number);
  }

  core::Result<std::optional<Row>> subject(const std::string& name) const override {
    return one("SELECT generation, sealed FROM subjects WHERE subject=?1", name);
  }
  core::Result<bool> add_subject(const std::string& name, const Row& row) override {
    return change(
        "INSERT INTO subjects(subject, generation, sealed) VALUES(?1,?2,?3) ON CONFLICT(subject) DO UPDATE SET "
        "generation=excluded.generation, sealed=excluded.sealed WHERE excluded.generation>subjects.generation",
        name, row.number, blob_of(row));
  }
  core::Status forget(const std::string& name) override {
    auto changed = change("UPDATE subjects SET sealed=NULL WHERE subject=?1", name);
    if (!changed) return std::move(changed).error();
    return core::ok();
  }

  core::Status in_one(const std::function<core::Status()>& changes) override {
    if (auto begun = run("BEGIN IMMEDIATE"); !begun) return begun;
    auto made = changes();
    auto ended = run(made ? "COMMIT" : "ROLLBACK");
    return made ? ended : made;
  }

  // Copied by whoever is alone with it, in pages, so that `take` may ask this shelf.
  core::Status each_secret(const Take& take) const override {
    std::string path;
    std::uint64_t number = 0;
    return each(take, [&](std::vector<Named>& page) {
      Query rows(*db_,
                 "SELECT path, version, sealed FROM secrets WHERE (path, version) > (?1, ?2) ORDER BY path, version "
                 "LIMIT 256",
                 path, number);
      while (rows.row()) page.push_back({rows.text(0), {rows.count(1), sealed_at(rows, 2)}});
      if (!page.empty()) path = page.back().name, number = page.back().row.number;
    });
  }
  core::Status each_subject(const Take& take) const override {
    std::string name;
    return each(take, [&](std::vector<Named>& page) {
      Query rows(*db_, "SELECT subject, generation, sealed FROM subjects WHERE subject > ?1 ORDER BY subject LIMIT 256",
                 name);
      while (rows.row()) page.push_back({rows.text(0), {rows.count(1), sealed_at(rows, 2)}});
      if (!page.empty()) name = page.back().name;
    });
  }

 private:
  struct Named {
    std::string name;
    Row row;
  };

  core::Status run(const char* sql) {
    std::lock_guard lock(mutex_);
    db_->run(sql);
    return outcome();
  }
  static std::optional<Blob> blob_of(const Row& row) {
    if (!row.sealed) return std::nullopt;
    return Blob{*row.sealed};
  }

  template <class... Values>
  core::Result<std::optional<Row>> one(const char* sql, const Values&... values) const {
    std::lock_guard lock(mutex_);
    Query row(*db_, sql, values...);
    std::optional<Row> found;
    if (row.row()) found = Row{row.count(0), sealed_at(row, 1)};
    if (auto failed = failure()) return std::move(*failed);
    return found;
  }
  template <class... Values>
  core::Result<bool> change(const char* sql, const Values&... values) {
    std::lock_guard lock(mutex_);
    Query(*db_, sql, values...).done();
    if (auto failed = failure()) return std::move(*failed);
    return db_->changes() != 0;
  }
  template <class Read>
  core::Status each(const Take& take, const Read& read) const {
    for (;;) {
      std::vector<Named> page;
      {
        std::lock_guard lock(mutex_);
        read(page);
        if (auto failed = failure()) return std::move(*failed);
      }
      if (page.empty()) return core::ok();
      for (const auto& [name, row] : page)
        if (auto taken = take(name, row); !taken) return taken;
    }
  }
  core::Status outcome() const {
    if (auto failed = failure()) return std::move(*failed);
    return core::ok();
  }
  std::optional<core::Error> failure() const {
    if (!db_->failed()) return std::nullopt;
    const bool is_damaged = db_->fault().trouble == sqlite::Trouble::damaged;
    const auto message = "the vault `" + db_->file() + "` failed: " + db_->fault().message;
    auto error = is_damaged ? core::unavailable("vault.damaged", message).fix("restore the vault from a backup")
                            : core::unavailable("vault.unavailable", message).fix("check the disk");
    db_->clear_fault();
    return error;
  }

  mutable std::mutex mutex_;
  std::unique_ptr<Connection> db_;
};

core::Status prepare(Connection& db, const std::string& file) {
  // A rollback journal instead of a write-ahead log, and freed bytes overwritten: a destroyed key must not linger in
  // the file.
  if (db.run("PRAGMA journal_mode=DELETE") && db.run("PRAGMA synchronous=EXTRA") && db.run("PRAGMA secure_delete=ON") &&
      db.run(schema))
    return core::ok();
  if (db.fault().trouble == sqlite::Trouble::not_a_database || db.fault().trouble == sqlite::Trouble::damaged)
    return core::unavailable("vault.damaged", "`" + file + "` is not a vault: " + db.fault().message)
        .fix("restore the vault from a backup");
  return core::unavailable("vault.unavailable", "`" + file + "` cannot be opened: " + db.fault().message)
      .fix("check the disk");
}

}  // namespace

core::Result<std::unique_ptr<Shelf>> open_local_shelf(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return core::unavailable("vault.unavailable", "`" + file + "` cannot be opened: " + std::strerror(errno))
        .fix("check the folder and its owner");
  close(fd);
  auto db = Connection::open(file, {});
  if (!db) return std::move(db).error();
  if (auto ready = prepare(**db, file); !ready) return std::move(ready).error();
  return std::unique_ptr<Shelf>(std::make_unique<LocalShelf>(std::move(*db)));
}

namespace vault {

std::unique_ptr<Shelf> make_memory_shelf() {
  auto db = Connection::open(":memory:", {});
  if (!db || !(*db)->run(schema)) throw std::runtime_error("no database in memory");
  return std::make_unique<LocalShelf>(std::move(*db));
}

}  // namespace vault
}  // namespace nova::store
