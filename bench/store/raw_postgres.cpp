#include "bench/store/load.hpp"
#include "core/ids.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
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

}  // namespace

Measured raw_postgres(const std::string& url, int batch, bool documents, double seconds) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), PQfinish);
  auto* db = connection.get();
  if (PQstatus(db) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(db));
  PQsetNoticeProcessor(
      db, [](void*, const char*) {}, nullptr);
  check(db, PQexec(db, schema));
  check(db, PQprepare(db, "i", documents ? insert_both : insert_events, 0, nullptr));
  const auto body = quoted(event_body), meta = quoted(event_meta), document = quoted(document_body);
  std::vector<double> took;
  const auto start = Clock::now();
  long rows = 0;
  while (us_since(start) < seconds * 1e6) {
    const auto begun = Clock::now();
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
    rows += batch;
    took.push_back(us_since(begun));
  }
  const double elapsed = us_since(start) / 1e6;
  std::sort(took.begin(), took.end());
  return {double(rows) / elapsed, took[took.size() / 2], took[took.size() * 99 / 100], double(rows)};
}

}  // namespace nova::bench
