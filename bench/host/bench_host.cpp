// What the host adds to a message: commands on the memory store beside raw CAF request/then in the same run; what an
// activated entity costs while idle; how many commands one hot entity takes on a disk whose syncs take a millisecond
// more. JSON lines, medians of the rounds; ends with 1 when a limit is not held.
//
//   bench_host [--rounds N] [--seconds S] [--entities N]
#include "actors/host/local_host.hpp"
#include "core/ids.hpp"
#include "store/memory/memory_store.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/all.hpp>

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <mutex>

using namespace nova;
using Clock = std::chrono::steady_clock;

namespace {

constexpr double entity_bytes_max = 4096;
constexpr double hot_per_second_min = 5000;
constexpr double raw_share_min = 0.6;

struct Options {
  int rounds = 5;
  double seconds = 1;
  std::size_t entities = 20'000;
};

struct Rate {
  double per_second = 0, p50_us = 0, p99_us = 0;
};

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double rss_bytes() {
  long pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return double(resident) * double(::sysconf(_SC_PAGESIZE));
}

struct Actors {
  struct Config : caf::actor_system_config {
    Config() {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", 2);
    }
  } config;
  caf::actor_system system{config};
};

/// The limit: one request after the other between two actors.
double raw_round_trips(double seconds) {
  Actors actors;
  std::promise<double> done;
  auto pong = actors.system.spawn(
      [](caf::event_based_actor*) -> caf::behavior { return {[](std::int64_t number) { return number; }}; });
  const auto start = Clock::now();
  actors.system.spawn([&, pong](caf::event_based_actor* self) -> caf::behavior {
    self->send(self, std::int64_t(0));
    return {[&, pong, self](std::int64_t number) {
      if (number % 1024 == 0 && seconds_since(start) > seconds) {
        done.set_value(double(number) / seconds_since(start));
        return self->quit();
      }
      self->request(pong, std::chrono::seconds(10), number + 1).then([self](std::int64_t got) {
        self->send(self, got);
      });
    }};
  });
  const auto rate = done.get_future().get();
  caf::anon_send_exit(pong, caf::exit_reason::user_shutdown);
  return rate;
}

core::CommandEnvelope command(const std::string& tenant, std::string name, std::string body) {
  core::CommandEnvelope made;
  made.id = core::new_uuid(core::system_clock().now());
  made.target = {tenant, "tenant", tenant};
  made.name = std::move(name);
  made.body = std::move(body);
  made.principal = {"operator", "service"};
  return made;
}

class Bench {
 public:
  explicit Bench(std::unique_ptr<store::EventStore> store) : store_(std::move(store)) {
    host::HostParts parts;
    parts.store = store_.get();
    parts.vault = vault_.get();
    parts.clock = &core::system_clock();
    parts.rules = [rules = gate::make_builtin_rules()] { return rules; };
    parts.tenant_status = [](const std::string&) { return std::string("active"); };
    parts.active_max = 1'000'000;
    parts.idle = std::chrono::hours(1);
    host_ = host::make_local_host(actors_.system, parts);
  }
  ~Bench() {
    host_.reset();
    store_->close();
  }

  /// Keeps `at_once` commands under way, the n-th made by `make`, until the time is over or `count` were sent.
  Rate run(int at_once, double seconds, std::size_t count, std::function<core::CommandEnvelope(std::size_t)> make) {
    make_ = std::move(make);
    took_.clear();
    sent_ = 0;
    start_ = Clock::now();
    seconds_ = seconds;
    count_ = count;
    under_way_ = at_once;
    for (int i = 0; i < at_once; ++i) send();
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] { return under_way_ == 0; });
    const double elapsed = seconds_since(start_);
    if (failed_) throw std::runtime_error("a command failed: " + why_);
    std::sort(took_.begin(), took_.end());
    return {double(took_.size()) / elapsed, took_[took_.size() / 2], took_[took_.size() * 99 / 100]};
  }

 private:
  void send() {
    core::CommandEnvelope next;
    {
      std::lock_guard lock(mutex_);
      if (failed_ || sent_ >= count_ || seconds_since(start_) > seconds_) {
        if (--under_way_ == 0) ended_.notify_all();
        return;
      }
      next = make_(sent_++);
    }
    host_->submit(std::move(next), [this, begun = Clock::now()](core::Result<host::Answer> answer) {
      {
        std::lock_guard lock(mutex_);
        took_.push_back(seconds_since(begun) * 1e6);
        if (!answer) {
          failed_ = true;
          why_ = core::to_line(answer.error());
        }
      }
      send();
    });
  }

  Actors actors_;
  std::unique_ptr<store::EventStore> store_;
  std::unique_ptr<store::Vault> vault_ = store::make_memory_vault();
  std::unique_ptr<host::LocalHost> host_;
  std::function<core::CommandEnvelope(std::size_t)> make_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::vector<double> took_;
  Clock::time_point start_;
  double seconds_ = 0;
  std::size_t sent_ = 0, count_ = 0;
  int under_way_ = 0;
  bool failed_ = false;
  std::string why_;
};

std::string tenant(std::size_t n) { return "tenant-" + std::to_string(n); }

void create(Bench& bench, std::size_t from, std::size_t count) {
  bench.run(64, 600, count, [from](std::size_t n) { return command(tenant(from + n), "create", R"({"name":"x"})"); });
}

core::CommandEnvelope rename(std::size_t which, std::size_t n) {
  return command(tenant(which), "update_settings", "{\"name\":\"name " + std::to_string(n) + "\"}");
}

Rate on_memory(int at_once, double seconds) {
  Bench bench(store::make_memory_store(core::system_clock()));
  create(bench, 0, 1000);
  return bench.run(at_once, seconds, SIZE_MAX, [](std::size_t n) { return rename(n % 1000, n); });
}

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "nova-bench-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

std::unique_ptr<store::EventStore> open_sqlite(const Folder& folder) {
  store::SqliteOptions options;
  options.file = folder.path + "/nova.db";
  auto opened = store::open_sqlite_store(options);
  if (!opened) throw std::runtime_error(core::to_line(opened.error()));
  return std::move(*opened);
}

Rate hot_entity(double seconds) {
  const Folder folder;
  Bench bench(open_sqlite(folder));
  create(bench, 0, 1);
  return bench.run(256, seconds, SIZE_MAX, [](std::size_t n) { return rename(0, n); });
}

/// Entities that exist are woken by commands that change nothing, so that only what the host keeps of each is counted.
double idle_entity_bytes(std::size_t entities) {
  const Folder folder;
  {
    Bench bench(open_sqlite(folder));
    create(bench, 0, entities + 1000);
  }
  Bench bench(open_sqlite(folder));
  const auto look = [](std::size_t first) {
    return [first](std::size_t n) {
      auto made = rename(first + n, n);
      made.dry_run = true;
      return made;
    };
  };
  bench.run(64, 600, 1000, look(entities));
  const auto before = rss_bytes();
  bench.run(64, 600, entities, look(0));
  return (rss_bytes() - before) / double(entities);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int measure(const Options& options) {
  std::vector<double> raw, one, many, p50, p99;
  for (int round = 0; round < options.rounds; ++round) {
    raw.push_back(raw_round_trips(options.seconds));
    const auto single = on_memory(1, options.seconds);
    one.push_back(single.per_second);
    p50.push_back(single.p50_us);
    p99.push_back(single.p99_us);
    many.push_back(on_memory(64, options.seconds).per_second);
  }
  const double share = median(many) / median(raw);
  const double bytes = idle_entity_bytes(options.entities);
  std::printf("{\"bench\":\"host\",\"side\":\"caf request/then\",\"at_once\":1,\"per_second\":%.0f}\n", median(raw));
  std::printf(
      "{\"bench\":\"host\",\"side\":\"command on the memory store\",\"at_once\":1,\"per_second\":%.0f,\"p50_us\":%.1f,"
      "\"p99_us\":%.1f}\n",
      median(one), median(p50), median(p99));
  std::printf("{\"bench\":\"host\",\"side\":\"command on the memory store\",\"at_once\":64,\"per_second\":%.0f}\n",
              median(many));
  std::printf("{\"bench\":\"host\",\"ratio\":\"commands : caf request/then\",\"value\":%.3f,\"limit\":%.2f}\n", share,
              raw_share_min);
  std::printf("{\"bench\":\"host\",\"side\":\"idle activated entity\",\"bytes\":%.0f,\"limit\":%.0f}\n", bytes,
              entity_bytes_max);
  std::fflush(stdout);
  return share < raw_share_min || bytes > entity_bytes_max ? 1 : 0;
}

/// On the slow disk this program runs again with the shim that delays syncs.
int measure_hot(const Options& options) {
  std::vector<double> rates;
  for (int round = 0; round < options.rounds; ++round) rates.push_back(hot_entity(options.seconds).per_second);
  std::printf(
      "{\"bench\":\"host\",\"side\":\"one hot entity, sync + 1 "
      "ms\",\"at_once\":256,\"per_second\":%.0f,\"limit\":%.0f}\n",
      median(rates), hot_per_second_min);
  return median(rates) < hot_per_second_min ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--rounds") == 0) options.rounds = std::max(1, std::atoi(argv[i + 1]));
    if (std::strcmp(argv[i], "--seconds") == 0) options.seconds = std::max(0.05, std::atof(argv[i + 1]));
    if (std::strcmp(argv[i], "--entities") == 0) options.entities = std::size_t(std::max(100, std::atoi(argv[i + 1])));
  }
  const char* first = getenv("NOVA_BENCH_FAILED");
  if (getenv("NOVA_SYNC_DELAY_US")) return measure_hot(options) | (first ? std::atoi(first) : 0);
  const int failed = measure(options);
  const auto shim = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "nova_slow_sync.so";
  setenv("LD_PRELOAD", shim.c_str(), 1);
  setenv("NOVA_SYNC_DELAY_US", "1000", 1);
  setenv("NOVA_BENCH_FAILED", failed ? "1" : "0", 1);
  execv("/proc/self/exe", argv);
  return 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_host: %s\n", error.what());
  return 1;
}
