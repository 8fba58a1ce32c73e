#include "bench/store/load.hpp"
#include "core/ids.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <vector>

namespace nova::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto schema =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "CREATE TABLE events(seq INTEGER PRIMARY KEY, stream_id TEXT NOT NULL, version INT NOT NULL, type TEXT NOT NULL, "
    "data TEXT NOT NULL, meta TEXT NOT NULL, at INT NOT NULL, UNIQUE(stream_id, version));"
    "CREATE TABLE documents(id TEXT PRIMARY KEY, version INT NOT NULL, status TEXT NOT NULL, data TEXT NOT NULL) "
    "WITHOUT ROWID;";

double us_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

class Database {
 public:
  explicit Database(const std::string& file) {
    if (sqlite3_open(file.c_str(), &db_) != SQLITE_OK ||
        sqlite3_exec(db_, schema, nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(db_));
  }
  ~Database() {
    for (auto* statement : statements_) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(db_));
    return statements_.emplace_back(statement);
  }
  void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_));
    sqlite3_reset(statement);
  }

 private:
  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

void bind(sqlite3_stmt* statement, int index, const std::string& text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

}  // namespace

Measured raw_sqlite(const std::string& folder, int batch, bool documents, double seconds) {
  Database db(folder + "/raw.db");
  auto* begin = db.prepare("BEGIN IMMEDIATE");
  auto* commit = db.prepare("COMMIT");
  auto* event = db.prepare(
      "INSERT INTO events(stream_id, version, type, data, meta, at) VALUES(?,1,'step.completed',?,?,unixepoch())");
  auto* document = db.prepare("INSERT INTO documents(id, version, status, data) VALUES(?,1,'completed',?)");
  std::vector<double> took;
  const auto start = Clock::now();
  long rows = 0;
  while (us_since(start) < seconds * 1e6) {
    const auto begun = Clock::now();
    db.step(begin);
    for (int i = 0; i < batch; ++i) {
      const auto id = core::new_uuid({1'767'225'600'000});
      bind(event, 1, id);
      bind(event, 2, event_body);
      bind(event, 3, event_meta);
      db.step(event);
      if (!documents) continue;
      bind(document, 1, id);
      bind(document, 2, document_body);
      db.step(document);
    }
    db.step(commit);
    rows += batch;
    took.push_back(us_since(begun));
  }
  const double elapsed = us_since(start) / 1e6;
  std::sort(took.begin(), took.end());
  return {double(rows) / elapsed, took[took.size() / 2], took[took.size() * 99 / 100], double(rows)};
}

}  // namespace nova::bench
