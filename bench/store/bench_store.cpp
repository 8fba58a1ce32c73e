// Durable appends a second: the SQLite store against the raw C API and the PostgreSQL store against raw unnest, in the
// same run, interleaved, medians of the rounds; then all again on a disk whose syncs take a millisecond longer. JSON
// lines; ratios at the end.
//
//   bench_store [--rounds N] [--seconds S] [--only NAME]
#include "bench/store/load.hpp"
#include "core/ids.hpp"
#include "store/memory/memory_store.hpp"
#include "store/postgres/postgres_store.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "tests/testkit/postgres_server.hpp"

#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace nova::bench {
namespace {

using Steady = std::chrono::steady_clock;

struct Options {
  int rounds = 5;
  double seconds = 0.5;
  std::string only;  ///< sides whose name holds this text
};

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "nova-bench-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

store::Append fresh_change() {
  store::Append change;
  const auto id = core::new_uuid({1'767'225'600'000});
  change.key = {"t-042", "step", id};
  change.at = {1'767'225'600'000};
  change.events.push_back({id, "step.completed", event_body, event_meta});
  change.document.key = change.key;
  change.document.version = change.document.intent_version = 1;
  change.document.status = "completed";
  change.document.body = document_body;
  change.document.state_hash = "0123456789abcdef";
  change.document.created_at = change.document.updated_at = change.at;
  return change;
}

/// Keeps `in_flight` appends under way for a while; each answer sends the next.
class Load {
 public:
  Load(store::EventStore& store, double seconds) : store_(store), seconds_(seconds) {}

  Measured run(int in_flight) {
    start_ = Steady::now();
    for (int i = 0; i < in_flight; ++i) {
      {
        std::lock_guard lock(mutex_);
        ++under_way_;
      }
      send();
    }
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] { return under_way_ == 0; });
    const double elapsed = since(start_) / 1e6;
    std::sort(took_.begin(), took_.end());
    if (failed_ || took_.empty()) throw std::runtime_error("an append failed");
    return {double(took_.size()) / elapsed, took_[took_.size() / 2], took_[took_.size() * 99 / 100],
            double(took_.size())};
  }

 private:
  static double since(Steady::time_point start) {
    return std::chrono::duration<double, std::micro>(Steady::now() - start).count();
  }
  void send() {
    const auto begun = Steady::now();
    store_.append(fresh_change(), [this, begun](auto result) {
      {
        std::lock_guard lock(mutex_);
        took_.push_back(since(begun));
        failed_ = failed_ || !result.ok();
        if (failed_ || since(start_) > seconds_ * 1e6) {
          if (--under_way_ == 0) ended_.notify_all();
          return;
        }
      }
      send();
    });
  }

  store::EventStore& store_;
  const double seconds_;
  Steady::time_point start_;
  std::mutex mutex_;
  std::condition_variable ended_;
  int under_way_ = 0;
  bool failed_ = false;
  std::vector<double> took_;
};

Measured nova_sqlite(int in_flight, double seconds) {
  TempFolder folder;
  store::SqliteOptions options;
  options.file = folder.path + "/nova.db";
  auto opened = store::open_sqlite_store(options);
  if (!opened) throw std::runtime_error(core::to_line(opened.error()));
  return Load(**opened, seconds).run(in_flight);
}

/// A database of one measurement's own; the server is started once and ends with this program.
class Database {
 public:
  Database() { testkit::PostgresServer::sql(server().admin_url(), "CHECKPOINT"); }
  ~Database() { server().drop_database(url); }
  static testkit::PostgresServer& server() { return testkit::PostgresServer::shared(); }
  const std::string url = server().make_database();
};

std::unique_ptr<store::EventStore> open_postgres(const std::string& url) {
  store::PostgresOptions options;
  options.url = url;
  auto opened = store::open_postgres_store(options);
  if (!opened) throw std::runtime_error(core::to_line(opened.error()));
  return std::move(*opened);
}

Measured nova_postgres(int in_flight, double seconds) {
  const Database database;
  return Load(*open_postgres(database.url), seconds).run(in_flight);
}

Measured raw_unnest(int batch, bool documents, double seconds) {
  const Database database;
  return raw_postgres(database.url, batch, documents, seconds);
}

Measured raw(int batch, bool documents, double seconds) {
  TempFolder folder;
  return raw_sqlite(folder.path, batch, documents, seconds);
}

/// Reads of one document by key, one after the other, from a store that holds 10,000.
Measured loads_of(store::EventStore& store, double seconds) {
  std::vector<core::EntityKey> keys;
  std::mutex mutex;
  std::condition_variable changed;
  int open = 0;
  for (int i = 0; i < 10'000; ++i) {
    auto change = fresh_change();
    keys.push_back(change.key);
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return open < 1000; });
    ++open;
    lock.unlock();
    store.append(std::move(change), [&](auto) {
      std::lock_guard answered(mutex);
      --open;
      changed.notify_all();
    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return open == 0; });
  std::vector<double> took;
  const auto start = Steady::now();
  for (std::size_t i = 0; std::chrono::duration<double>(Steady::now() - start).count() < seconds; i += 7919) {
    const auto begun = Steady::now();
    const auto document = store.document(keys[i % keys.size()]);
    if (!document.ok() || !*document) throw std::runtime_error("a document is missing");
    took.push_back(std::chrono::duration<double, std::micro>(Steady::now() - begun).count());
  }
  const double elapsed = std::chrono::duration<double>(Steady::now() - start).count();
  std::sort(took.begin(), took.end());
  return {double(took.size()) / elapsed, took[took.size() / 2], took[took.size() * 99 / 100], double(took.size())};
}

Measured nova_loads(double seconds) {
  TempFolder folder;
  store::SqliteOptions options;
  options.file = folder.path + "/nova.db";
  auto opened = store::open_sqlite_store(options);
  if (!opened) throw std::runtime_error(core::to_line(opened.error()));
  return loads_of(**opened, seconds);
}

Measured postgres_loads(double seconds) {
  const Database database;
  return loads_of(*open_postgres(database.url), seconds);
}

/// Processor time of this process so far: steadier than the clock on a machine that is shared.
double cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& t) { return double(t.tv_sec) * 1e6 + double(t.tv_usec); };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Side {
  std::string name;
  int at_once;
  std::function<Measured(double seconds)> run;
};

void measure(const Options& options, const char* disk) {
  std::vector<Side> sides;
  for (const int n : {1, 100, 1000}) {
    sides.push_back({"nova sqlite append", n, [n](double s) { return nova_sqlite(n, s); }});
    sides.push_back({"raw sqlite event", n, [n](double s) { return raw(n, false, s); }});
    sides.push_back({"raw sqlite event and document", n, [n](double s) { return raw(n, true, s); }});
  }
  for (const int n : {1, 32, 100, 1000}) {
    sides.push_back({"nova postgres append", n, [n](double s) { return nova_postgres(n, s); }});
    sides.push_back({"raw unnest event", n, [n](double s) { return raw_unnest(n, false, s); }});
    sides.push_back({"raw unnest event and document", n, [n](double s) { return raw_unnest(n, true, s); }});
  }
  sides.push_back({"nova sqlite document", 1, nova_loads});
  sides.push_back({"nova postgres document", 1, postgres_loads});
  std::erase_if(sides, [&](const Side& side) { return side.name.find(options.only) == std::string::npos; });
  std::map<std::string, std::map<int, double>> rates;
  std::vector<std::vector<Measured>> results(sides.size());
  for (int round = 0; round < options.rounds; ++round)
    for (std::size_t i = 0; i < sides.size(); ++i) {
      const double before = cpu_us();
      results[i].push_back(sides[i].run(options.seconds));
      auto& result = results[i].back();
      result.cpu_us = (cpu_us() - before) / std::max(1.0, result.count);
    }
  for (std::size_t i = 0; i < sides.size(); ++i) {
    std::vector<double> rate, p50, p99, cpu;
    for (const auto& r : results[i]) {
      rate.push_back(r.per_second);
      p50.push_back(r.p50_us);
      p99.push_back(r.p99_us);
      cpu.push_back(r.cpu_us);
    }
    rates[sides[i].name][sides[i].at_once] = median(rate);
    std::printf(
        "{\"bench\":\"store\",\"side\":\"%s\",\"at_once\":%d,\"disk\":\"%s\",\"per_second\":%.0f,\"p50_us\":%.0f,\"p99_"
        "us\":%.0f,\"cpu_us\":%.1f,"
        "\"rounds\":%d,\"sqlite\":\"%s\"}\n",
        sides[i].name.c_str(), sides[i].at_once, disk, median(rate), median(p50), median(p99), median(cpu),
        options.rounds, sqlite3_libversion());
  }
  std::fflush(stdout);  // the run on the slow disk replaces this process
  if (!options.only.empty()) return;
  const auto ratios = [&](const char* ours, const char* limit) {
    for (const auto& [n, rate] : rates[ours])
      std::printf("{\"bench\":\"store\",\"ratio\":\"%s : %s\",\"at_once\":%d,\"disk\":\"%s\",\"value\":%.2f}\n", ours,
                  limit, n, disk, rate / rates[limit][n]);
  };
  for (const char* limit : {"raw sqlite event", "raw sqlite event and document"}) ratios("nova sqlite append", limit);
  for (const char* limit : {"raw unnest event", "raw unnest event and document"}) ratios("nova postgres append", limit);
  std::fflush(stdout);
}

/// Runs this program again with the shim that delays syncs.
[[noreturn]] void again_on_a_slow_disk(char** argv) {
  const auto shim = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "nova_slow_sync.so";
  setenv("LD_PRELOAD", shim.c_str(), 1);
  setenv("NOVA_SYNC_DELAY_US", "1000", 1);
  execv("/proc/self/exe", argv);
  throw std::runtime_error("cannot run again");
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--rounds") == 0)
      options.rounds = std::max(1, std::atoi(argv[i + 1]));
    else if (std::strcmp(argv[i], "--only") == 0)
      options.only = argv[i + 1];
    else if (std::strcmp(argv[i], "--seconds") == 0)
      options.seconds = std::max(0.05, std::atof(argv[i + 1]));
  }
  return options;
}

}  // namespace
}  // namespace nova::bench

int main(int argc, char** argv) try {
  const bool slow = getenv("NOVA_SYNC_DELAY_US") != nullptr;
  nova::bench::measure(nova::bench::parse(argc, argv), slow ? "sync + 1 ms" : "as it is");
  if (!slow) nova::bench::again_on_a_slow_disk(argv);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_store: %s\n", error.what());
  return 1;
}
