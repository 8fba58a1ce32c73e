// One side of bench/run/bench_store.py, measured once: durable appends of the stores beside the raw limits of their
// databases, and reads of one document. Prints one JSON line.
//
//   store_bench SIDE AT_ONCE SECONDS PLACE
//
// PLACE is an empty folder for SQLite, the URL of an empty database for PostgreSQL.
#include "bench/store/load.hpp"
#include "core/ids.hpp"
#include "store/postgres/postgres_store.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace nova::bench {
namespace {

using Steady = std::chrono::steady_clock;

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

std::unique_ptr<store::EventStore> open_sqlite(const std::string& folder) {
  store::SqliteOptions options;
  options.file = folder + "/nova.db";
  auto opened = store::open_sqlite_store(options);
  if (!opened) throw std::runtime_error(core::to_line(opened.error()));
  return std::move(*opened);
}

std::unique_ptr<store::EventStore> open_postgres(const std::string& url) {
  store::PostgresOptions options;
  options.url = url;
  auto opened = store::open_postgres_store(options);
  if (!opened) throw std::runtime_error(core::to_line(opened.error()));
  return std::move(*opened);
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

/// Processor time of this process so far: steadier than the clock on a machine that is shared.
double cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& t) { return double(t.tv_sec) * 1e6 + double(t.tv_usec); };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

struct Ask {
  int at_once;
  double seconds;
  std::string place;
};

const std::map<std::string, std::function<Measured(const Ask&)>>& sides() {
  static const std::map<std::string, std::function<Measured(const Ask&)>> all{
      {"nova sqlite append", [](const Ask& a) { return Load(*open_sqlite(a.place), a.seconds).run(a.at_once); }},
      {"raw sqlite event", [](const Ask& a) { return raw_sqlite(a.place, a.at_once, false, a.seconds); }},
      {"raw sqlite event and document", [](const Ask& a) { return raw_sqlite(a.place, a.at_once, true, a.seconds); }},
      {"nova sqlite document", [](const Ask& a) { return loads_of(*open_sqlite(a.place), a.seconds); }},
      {"nova postgres append", [](const Ask& a) { return Load(*open_postgres(a.place), a.seconds).run(a.at_once); }},
      {"raw unnest event", [](const Ask& a) { return raw_unnest(a.place, a.at_once, false, a.seconds); }},
      {"raw unnest event and document", [](const Ask& a) { return raw_unnest(a.place, a.at_once, true, a.seconds); }},
      {"raw copy event", [](const Ask& a) { return raw_copy(a.place, a.at_once, false, a.seconds); }},
      {"raw copy event and document", [](const Ask& a) { return raw_copy(a.place, a.at_once, true, a.seconds); }},
      {"nova postgres document", [](const Ask& a) { return loads_of(*open_postgres(a.place), a.seconds); }},
  };
  return all;
}

int measure(const std::string& name, const Ask& ask) {
  const auto side = sides().find(name);
  if (side == sides().end()) throw std::runtime_error("there is no side `" + name + "`");
  const double before = cpu_us();
  const auto found = side->second(ask);
  std::printf("{\"side\":\"%s\",\"at_once\":%d,\"per_second\":%.0f,\"p50_us\":%.0f,\"p99_us\":%.0f,\"cpu_us\":%.1f}\n",
              name.c_str(), ask.at_once, found.per_second, found.p50_us, found.p99_us,
              (cpu_us() - before) / std::max(1.0, found.count));
  return 0;
}

}  // namespace
}  // namespace nova::bench

int main(int argc, char** argv) try {
  if (argc != 5) throw std::runtime_error("usage: store_bench SIDE AT_ONCE SECONDS PLACE");
  return nova::bench::measure(argv[1], {std::max(1, std::atoi(argv[2])), std::atof(argv[3]), argv[4]});
} catch (const std::exception& error) {
  std::fprintf(stderr, "store_bench: %s\n", error.what());
  return 1;
}
