#include "bench/store/load.hpp"
#include "core/ids.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace nova::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto schema =
    "DROP TABLE IF EXISTS raw_events, raw_documents;"
    "CREATE TABLE raw_events(seq bigserial PRIMARY KEY, stream_id uuid NOT NULL, version int NOT NULL, type text NOT "
    "NULL, data jsonb NOT NULL, meta jsonb NOT NULL, at timestamptz NOT NULL DEFAULT now(), UNIQUE(stream_id, "
    "version));"
    "CREATE TABLE raw_documents(id uuid PRIMARY KEY, version int NOT NULL, status text NOT NULL, data jsonb NOT NULL)";
constexpr auto insert_events =
    "INSERT INTO raw_events(stream_id, version, type, data, meta) SELECT s, 1, t, d, m FROM "
    "unnest($1::uuid[], $2::text[], $3::jsonb[], $4::jsonb[]) AS x(s, t, d, m)";
constexpr auto insert_both =
    "WITH e AS (INSERT INTO raw_events(stream_id, version, type, data, meta) SELECT s, 1, t, d, m FROM "
    "unnest($1::uuid[], $2::text[], $3::jsonb[], $4::jsonb[]) AS x(s, t, d, m)) "
    "INSERT INTO raw_documents(id, version, status, data) SELECT s, 1, 'completed', b FROM "
    "unnest($1::uuid[], $5::jsonb[]) AS y(s, b)";

double us_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// A text array of one value repeated, or of fresh ids.
class TextArray {
 public:
  void add(const std::string& item) {
    text_ += text_.empty() ? "{" : ",";
    text_ += item;
  }
  const char* finish() { return (text_ += '}').c_str(); }

 private:
  std::string text_;
};

void check(PGconn* connection, PGresult* result) {
  const auto status = PQresultStatus(result);
  PQclear(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection));
}

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

/// On empty tables.
Connection connect(const std::string& url) {
  Connection connection(PQconnectdb(url.c_str()), PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  check(connection.get(), PQexec(connection.get(), schema));
  return connection;
}

/// `write_batch` again and again.
template <class Write>
Measured measured(int batch, double seconds, Write write_batch) {
  std::vector<double> took;
  const auto start = Clock::now();
  long rows = 0;
  while (us_since(start) < seconds * 1e6) {
    const auto begun = Clock::now();
    write_batch();
    rows += batch;
    took.push_back(us_since(begun));
  }
  const double elapsed = us_since(start) / 1e6;
  std::sort(took.begin(), took.end());
  return {double(rows) / elapsed, took[took.size() / 2], took[took.size() * 99 / 100], double(rows)};
}

void add_line(std::string& rows, std::initializer_list<std::string_view> columns) {
  for (const auto column : columns) {
    rows += column;
    rows += '\t';
  }
  rows.back() = '\n';
}

void copy(PGconn* db, const char* statement, const std::string& rows) {
  auto* begun = PQexec(db, statement);
  const bool taken = PQresultStatus(begun) == PGRES_COPY_IN;
  PQclear(begun);
  if (!taken || PQputCopyData(db, rows.data(), int(rows.size())) != 1 || PQputCopyEnd(db, nullptr) != 1)
    throw std::runtime_error(PQerrorMessage(db));
  while (auto* result = PQgetResult(db)) check(db, result);
}

}  // namespace

Measured raw_unnest(const std::string& url, int batch, bool documents, double seconds) {
  const auto connection = connect(url);
  auto* db = connection.get();
  check(db, PQprepare(db, "i", documents ? insert_both : insert_events, 0, nullptr));
  const auto body = quoted(event_body), meta = quoted(event_meta), document = quoted(document_body);
  return measured(batch, seconds, [&] {
    TextArray ids, types, bodies, metas, states;
    for (int i = 0; i < batch; ++i) {
      ids.add(core::new_uuid({1'767'225'600'000}));
      types.add("step.completed");
      bodies.add(body);
      metas.add(meta);
      states.add(document);
    }
    const char* values[] = {ids.finish(), types.finish(), bodies.finish(), metas.finish(), states.finish()};
    check(db, PQexecPrepared(db, "i", documents ? 5 : 4, values, nullptr, nullptr, 0));
  });
}

// None of the texts holds a tab, a line end or a backslash, so that they need no escape.
Measured raw_copy(const std::string& url, int batch, bool documents, double seconds) {
  const auto connection = connect(url);
  auto* db = connection.get();
  return measured(batch, seconds, [&] {
    std::string events, states;
    for (int i = 0; i < batch; ++i) {
      const auto id = core::new_uuid({1'767'225'600'000});
      add_line(events, {id, "1", "step.completed", event_body, event_meta});
      if (documents) add_line(states, {id, "1", "completed", document_body});
    }
    if (documents) check(db, PQexec(db, "BEGIN"));
    copy(db, "COPY raw_events(stream_id, version, type, data, meta) FROM STDIN", events);
    if (!documents) return;
    copy(db, "COPY raw_documents(id, version, status, data) FROM STDIN", states);
    check(db, PQexec(db, "COMMIT"));
  });
}

}  // namespace nova::bench
