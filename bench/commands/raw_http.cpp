// The limit that a governed command is measured against: the same HTTP request with no gate, actors or kinds behind it.
// Beast with one I/O thread, one writer with group commit, one event row and one document row for each request.
//
//   raw_http sqlite|postgres PORT FOLDER|URL [META DOCUMENT ANSWER]
//
// Without the last three an event and a document hold the request's body, as in the figures of other days. With them
// the rows and the answer are as large as a node's: META bytes beside the event's body, a document of DOCUMENT bytes,
// an answer of ANSWER bytes with its header.
#include <utility>  // before asio.hpp: Boost 1.74 needs std::exchange

#include <libpq-fe.h>
#include <sqlite3.h>
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

struct Sizes {
  std::size_t meta = 0, document = 0, answer = 0;
};

struct Job {
  std::string stream, event, document;
  std::function<void()> done;
};
using Jobs = std::deque<Job>;

/// What carries out a batch in one transaction.
using Commit = std::function<void(Jobs&)>;

void check_sqlite(sqlite3* db, int code) {
  if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) throw std::runtime_error(sqlite3_errmsg(db));
}

sqlite3_stmt* prepare(sqlite3* db, const char* sql) {
  sqlite3_stmt* made = nullptr;
  check_sqlite(db, sqlite3_prepare_v2(db, sql, -1, &made, nullptr));
  return made;
}

Commit sqlite_commit(const std::string& folder) {
  sqlite3* db = nullptr;
  check_sqlite(db, sqlite3_open((folder + "/raw.db").c_str(), &db));
  check_sqlite(db, sqlite3_exec(db,
                                "PRAGMA journal_mode=wal; PRAGMA synchronous=full; PRAGMA wal_autocheckpoint=20000;"
                                "CREATE TABLE events(pos INTEGER PRIMARY KEY, stream TEXT, version INT, payload BLOB, "
                                "UNIQUE(stream, version));"
                                "CREATE TABLE docs(id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID",
                                nullptr, nullptr, nullptr));
  auto* event = prepare(db, "INSERT INTO events(pos, stream, version, payload) VALUES(?,?,1,?)");
  auto* document =
      prepare(db, "INSERT INTO docs(id, body) VALUES(?,?) ON CONFLICT(id) DO UPDATE SET body=excluded.body");
  return [db, event, document, position = std::int64_t(0)](Jobs& jobs) mutable {
    check_sqlite(db, sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr));
    for (const auto& job : jobs) {
      sqlite3_bind_int64(event, 1, ++position);
      sqlite3_bind_text(event, 2, job.stream.data(), int(job.stream.size()), SQLITE_STATIC);
      sqlite3_bind_blob(event, 3, job.event.data(), int(job.event.size()), SQLITE_STATIC);
      check_sqlite(db, sqlite3_step(event));
      sqlite3_reset(event);
      sqlite3_bind_text(document, 1, job.stream.data(), int(job.stream.size()), SQLITE_STATIC);
      sqlite3_bind_blob(document, 2, job.document.data(), int(job.document.size()), SQLITE_STATIC);
      check_sqlite(db, sqlite3_step(document));
      sqlite3_reset(document);
    }
    check_sqlite(db, sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr));
  };
}

void check_postgres(PGconn* db, PGresult* result) {
  const auto status = PQresultStatus(result);
  PQclear(result);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw std::runtime_error(PQerrorMessage(db));
}

void add_text(std::string& array, const std::string& text) {
  array += array.size() > 1 ? ",\"" : "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') array += '\\';
    array += c;
  }
  array += '"';
}

Commit postgres_commit(const std::string& url) {
  PGconn* db = PQconnectdb(url.c_str());
  check_postgres(db, PQexec(db,
                            "SET client_min_messages = warning; DROP TABLE IF EXISTS raw_events, raw_docs;"
                            "CREATE TABLE raw_events(pos bigint PRIMARY KEY, stream uuid, version int, payload bytea, "
                            "UNIQUE(stream, version)); CREATE TABLE raw_docs(id uuid PRIMARY KEY, body bytea)"));
  check_postgres(
      db, PQprepare(db, "append",
                    "WITH i AS (SELECT u.s, u.p, u.d, u.n FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH "
                    "ORDINALITY AS u(s, p, d, n)), e AS (INSERT INTO raw_events SELECT (SELECT coalesce(max(pos), 0) "
                    "FROM raw_events) + n, s, 1, convert_to(p, 'UTF8') FROM i) INSERT INTO raw_docs SELECT s, "
                    "convert_to(d, 'UTF8') FROM i ON CONFLICT(id) DO UPDATE SET body = excluded.body",
                    3, nullptr));
  return [db](Jobs& jobs) {
    std::string streams = "{", events = "{", documents = "{";
    for (const auto& job : jobs) {
      add_text(streams, job.stream);
      add_text(events, job.event);
      add_text(documents, job.document);
    }
    streams += '}', events += '}', documents += '}';
    const char* values[] = {streams.c_str(), events.c_str(), documents.c_str()};
    check_postgres(db, PQexecPrepared(db, "append", 3, values, nullptr, nullptr, 0));
  };
}

/// What arrives while a commit is under way forms the next one.
class Writer {
 public:
  explicit Writer(Commit commit) : commit_(std::move(commit)), thread_([this] { run(); }) {}

  void put(Job job) {
    bool first = false;
    {
      std::lock_guard lock(mutex_);
      first = queue_.empty();
      queue_.push_back(std::move(job));
    }
    if (first) arrived_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      Jobs jobs;
      {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [&] { return !queue_.empty(); });
        jobs.swap(queue_);
      }
      commit_(jobs);
      for (auto& job : jobs) job.done();
    }
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  Jobs queue_;
  Commit commit_;
  std::thread thread_;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(net::io_context& io, net::ip::tcp::socket socket, Writer& writer, Sizes sizes)
      : io_(io), socket_(std::move(socket)), writer_(writer), sizes_(sizes) {}

  void read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_, [self = shared_from_this()](beast::error_code failed, std::size_t) {
      if (!failed) self->take();
    });
  }

 private:
  void take() {
    static unsigned long number = 0;
    const auto body = nlohmann::json::parse(request_.body(), nullptr, false);
    if (!body.is_object()) return answer(400, "{}");
    char id[40];
    std::snprintf(id, sizeof id, "%08lx-0000-7000-8000-%012lx", number, number * 7919);
    ++number;
    Job job;
    job.stream = id;
    job.event = body.dump();
    job.document = job.event;
    job.event.append(sizes_.meta, 'm');
    if (job.document.size() < sizes_.document) job.document.append(sizes_.document - job.document.size(), 'd');
    job.done = [self = shared_from_this(), stream = job.stream] {
      net::post(self->io_, [self, stream] { self->answer(201, "{\"id\":\"" + stream + "\",\"version\":1}"); });
    };
    writer_.put(std::move(job));
  }

  void answer(int status, std::string body) {
    constexpr std::size_t head_bytes = 85;
    if (body.size() + head_bytes < sizes_.answer) body.append(sizes_.answer - head_bytes - body.size(), ' ');
    response_ = {};
    response_.version(11);
    response_.result(unsigned(status));
    response_.set(http::field::content_type, "application/json");
    response_.body() = std::move(body);
    response_.keep_alive(true);
    response_.prepare_payload();
    http::async_write(socket_, response_, [self = shared_from_this()](beast::error_code failed, std::size_t) {
      if (!failed) self->read();
    });
  }

  net::io_context& io_;
  net::ip::tcp::socket socket_;
  Writer& writer_;
  const Sizes sizes_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

void accept(net::io_context& io, net::ip::tcp::acceptor& acceptor, Writer& writer, Sizes sizes) {
  acceptor.async_accept([&io, &acceptor, &writer, sizes](beast::error_code failed, net::ip::tcp::socket socket) {
    if (!failed) {
      socket.set_option(net::ip::tcp::no_delay(true));
      std::make_shared<Session>(io, std::move(socket), writer, sizes)->read();
    }
    accept(io, acceptor, writer, sizes);
  });
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4 && argc != 7)
    throw std::runtime_error("usage: raw_http sqlite|postgres PORT FOLDER|URL [META DOCUMENT ANSWER]");
  const auto number = [&](int i) { return i < argc ? std::strtoul(argv[i], nullptr, 10) : 0; };
  const Sizes sizes{number(4), number(5), number(6)};
  Writer writer(std::string(argv[1]) == "sqlite" ? sqlite_commit(argv[3]) : postgres_commit(argv[3]));
  net::io_context io(1);
  net::ip::tcp::acceptor acceptor(io, {net::ip::make_address("127.0.0.1"), static_cast<unsigned short>(number(2))});
  accept(io, acceptor, writer, sizes);
  std::printf("listening\n");
  std::fflush(stdout);
  io.run();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "raw_http: %s\n", error.what());
  return 1;
}
