#include "store/sqlite/opening.hpp"

#include "core/ids.hpp"
#include "store/sqlite/disk/head_mark.hpp"
#include "store/sqlite/disk/log_frames.hpp"
#include "store/transfer/marks.hpp"
#include "store/witness.hpp"

#include <filesystem>

namespace nova::store::sqlite {
namespace {

/// In the header of each of our files ("Nova"), so that another program's database is not taken for ours.
constexpr std::int64_t application_id = 0x4e6f7661;
constexpr auto set_application_id = "PRAGMA application_id=1315927649";
static_assert(application_id == 1315927649);

/// A file up to this size is checked whole when it is opened (about 40 ms); a larger one is checked where it is read.
constexpr std::uintmax_t checked_whole_bytes = 16 * 1024 * 1024;
/// The newest events are checked to be dense in a file of any size.
constexpr int dense_checked = 64;

core::Error damaged(const std::string& file, const std::string& why) {
  Fault fault;
  fault.trouble = Trouble::damaged;
  fault.message = why;
  return unreadable(fault, file);
}

std::int64_t pragma(Connection& db, const char* sql) {
  Query value(db, sql);
  return value.row() ? value.integer(0) : 0;
}

core::Status check_whole(Connection& db, const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::file_size(file, ignored) <= checked_whole_bytes) {
    Query check(db, "PRAGMA quick_check(1)");
    if (check.row() && check.view(0) != "ok") return damaged(file, check.text(0));
  }
  if (db.failed()) return unreadable(db.fault(), file);
  return core::ok();
}

core::Status check_dense(Connection& db, const std::string& file) {
  Query ends(
      db,
      "SELECT count(*), coalesce(max(position), 0) - coalesce(min(position), 1) + 1, coalesce(max(position), 0) FROM "
      "(SELECT position FROM events ORDER BY position DESC LIMIT ?1)",
      dense_checked);
  const bool some = ends.row();
  if (db.failed()) return unreadable(db.fault(), file);
  if (some && (ends.count(0) != ends.count(1) || ends.count(2) < ends.count(0)))
    return damaged(file, "events are missing near position " + std::to_string(ends.count(2)));
  return core::ok();
}

bool apply(Connection& db, const Migration& migration, core::Timestamp now) {
  const auto version = "PRAGMA user_version=" + std::to_string(migration.number);
  db.run("BEGIN IMMEDIATE");
  db.run(migration.sql);
  Query(db, "INSERT INTO migrations(number, name, applied_at) VALUES(?1,?2,?3)", migration.number,
        std::string(migration.name), now.ms)
      .done();
  return db.run(version.c_str()) && db.run("COMMIT");
}

core::Status migrate(Connection& db, const std::string& file, core::Timestamp now) {
  auto schema = pragma(db, "PRAGMA user_version");
  if (schema == 0) {
    db.run("BEGIN IMMEDIATE");
    db.run(
        "CREATE TABLE IF NOT EXISTS migrations(number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT "
        "NULL)");
    db.run("CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
    Query(db, "INSERT OR IGNORE INTO meta(name, value) VALUES('store_id', ?1)", core::new_uuid(now)).done();
    db.run(set_application_id);
    db.run("COMMIT");
  }
  for (const auto& migration : migrations())
    if (migration.number > schema && !apply(db, migration, now)) break;
  if (db.failed()) return unreadable(db.fault(), file);
  return core::ok();
}

// Before anything is written, which would take the place of what is damaged. A move or restore that did not end does
// not sync, and says what it is.
core::Status check_log(Connection& db, const std::string& file) {
  const auto damage = damage_of_log(db.handle());
  if (damage.empty()) return core::ok();
  if (schema_of(db) > 0)
    if (auto marked = check_marks(db, file); !marked) return marked;
  return damaged(file, damage);
}

core::Result<std::unique_ptr<Connection>> try_open(const Place& place, core::Timestamp now) {
  const auto& file = place.file;
  auto existing = exists_already(file);
  if (!existing) return std::move(existing).error();
  auto opened = Connection::open(file, place.vfs);
  if (!opened) return opened;
  auto& db = **opened;
  if (*existing) {
    if (auto kind = check_kind(db, file); !kind) return std::move(kind).error();
    if (auto log = check_log(db, file); !log) return std::move(log).error();
  }
  if (!configure_writer(db)) return unreadable(db.fault(), file);
  if (*existing)
    if (auto whole = check_whole(db, file); !whole) return std::move(whole).error();
  if (auto migrated = migrate(db, file, now); !migrated) return std::move(migrated).error();
  if (auto dense = check_dense(db, file); !dense) return std::move(dense).error();
  return opened;
}

}  // namespace

core::Error not_a_database(const std::string& file, const std::string& why) {
  Fault fault;
  fault.trouble = Trouble::not_a_database;
  fault.message = why;
  return unreadable(fault, file);
}

core::Status check_kind(Connection& db, const std::string& file) {
  const auto application = pragma(db, "PRAGMA application_id");
  const auto schema = pragma(db, "PRAGMA user_version");
  const auto tables = pragma(db, "SELECT count(*) FROM sqlite_schema");
  if (db.failed()) return unreadable(db.fault(), file);
  if (application != application_id && !(application == 0 && tables == 0))
    return not_a_database(file, "it is another program's database");
  const auto newest = migrations().back().number;
  if (schema <= newest) return core::ok();
  return core::unavailable("store.newer_schema", "`" + file + "` has schema " + std::to_string(schema) +
                                                     ", this node knows up to " + std::to_string(newest))
      .fix("run the newer node again, or restore a backup made by this version")
      .with("schema", std::to_string(schema))
      .with("newest_known", std::to_string(newest));
}

int schema_of(Connection& db) { return static_cast<int>(pragma(db, "PRAGMA user_version")); }

core::Status check_marks(Connection& db, const std::string& file) {
  for (const std::string mark : {transfer::mark_unfinished, transfer::mark_moved}) {
    Query row(db, "SELECT value FROM meta WHERE name=?1", mark);
    if (row.row()) return transfer::refused_by(mark, row.text(0), file);
  }
  if (db.failed()) return unreadable(db.fault(), file);
  return core::ok();
}

core::Result<std::unique_ptr<Connection>> open_database(const Place& place, core::Timestamp now) {
  auto opened = try_open(place, now);
  // A full disk cannot even hold SQLite's side files. The reserve is for this: a node that starts can be asked what to
  // free.
  if (!opened && opened.error().code == "store.disk_full" && free_reserve(place)) return try_open(place, now);
  return opened;
}

bool configure_writer(Connection& db) {
  // Pages of 8 KiB (for new files): a batch writes half as many frames as with 4, a single append is no slower.
  return db.run("PRAGMA page_size=8192") && db.run("PRAGMA journal_mode=WAL") && db.run("PRAGMA synchronous=FULL") &&
         db.run("PRAGMA wal_autocheckpoint=0") &&
         // Freed space is overwritten where that costs no further page.
         db.run("PRAGMA secure_delete=FAST") && db.run("PRAGMA cache_size=-32768");
}

std::string store_id(Connection& db) {
  Query row(db, "SELECT value FROM meta WHERE name='store_id'");
  return row.row() ? row.text(0) : std::string();
}

namespace {

std::string event_at(Connection& db, std::uint64_t position) {
  Query event(db, "SELECT event_id FROM events WHERE position=?1", position);
  return event.row() ? event.text(0) : std::string();
}

// Believed only beside a witness of the same store, which a person deletes who goes on from an older copy.
core::Status check_newest(Connection& db, const Place& place) {
  const auto mark = read_mark(place.mark());
  if (!mark) return core::ok();
  const auto event = event_at(db, mark->position);
  const bool there = !event.empty() && print_of(store_id(db), event) == mark->print;
  if (db.failed()) return unreadable(db.fault(), place.file);
  if (there) return core::ok();
  return core::unavailable("store.went_back", "`" + place.file + "` lacks the event at position " +
                                                  std::to_string(mark->position) +
                                                  ", which was committed here: the end of its log is damaged, or it is "
                                                  "an older copy")
      .fix("put the newest copy or backup back; to go on from this one and lose what came after, delete `" +
           place.witness() + "`")
      .with("position", std::to_string(mark->position));
}

}  // namespace

core::Status check_witness(Connection& db, const Place& place) {
  auto seen = read_witness(place.witness());
  if (!seen) return std::move(seen).error();
  if (!*seen) return core::ok();
  const auto& witness = **seen;
  const bool there = witness.position == 0 || event_at(db, witness.position) == witness.event_id;
  const bool same = store_id(db) == witness.store_id;
  if (db.failed()) return unreadable(db.fault(), place.file);
  if (there && same) return check_newest(db, place);
  return core::unavailable("store.went_back", "`" + place.file + "` " +
                                                  (same ? "lacks the event at position "
                                                        : "is another store than the one with position ") +
                                                  std::to_string(witness.position) + ", which was committed here")
      .fix("put the newest copy back; to go on from this older one and lose what came after, delete `" +
           place.witness() + "`")
      .with("position", std::to_string(witness.position));
}

}  // namespace nova::store::sqlite
