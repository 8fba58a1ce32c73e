// What the host adds to a message: commands on the memory store beside raw CAF request/then in the same run, round by
// round in turn; what an activated entity costs while idle; how many commands one hot entity takes on a disk whose
// syncs take a millisecond more. JSON lines, medians of the rounds; ends with 1 when a limit is not held.
//
//   bench_host [--rounds N] [--seconds S] [--entities N] [--part all|commands|host]
//
// `--part commands` compares the commands alone; `--part host` runs our own side of it only, for a profiler.
#include "actors/host/local_host.hpp"
#include "bench/host/requests.hpp"
#include "core/ids.hpp"
#include "store/memory/memory_store.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>

using namespace nova;
using Clock = std::chrono::steady_clock;
using bench::Load, bench::Rate;

namespace {

constexpr double entity_bytes_max = 4096;
constexpr double hot_per_second_min = 5000;
constexpr double raw_share_min = 0.6;

struct Options {
  int rounds = 5;
  double seconds = 1;
  std::size_t entities = 20'000;
  std::string_view part = "all";
};

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double rss_bytes() {
  long pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return double(resident) * double(::sysconf(_SC_PAGESIZE));
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
  explicit Bench(std::unique_ptr<store::EventStore> store, const char* policy = "node")
      : actors_(policy), store_(std::move(store)) {
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
    return {double(took_.size()) / elapsed, 0, took_[took_.size() / 2], took_[took_.size() * 99 / 100]};
  }

  /// The load of `bench::commands`, on entities that are there and awake.
  Rate run(const Load& load, const std::function<core::CommandEnvelope(std::size_t, std::size_t)>& make) {
    return bench::commands(load, actors_.system, *host_, make);
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

  bench::Actors actors_;
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

Rate on_memory(const Load& load) {
  Bench bench(store::make_memory_store(core::system_clock()), load.policy);
  create(bench, 0, load.partners);
  return bench.run(load, rename);
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

double median_of(const std::vector<Rate>& rates, double Rate::*part) {
  std::vector<double> values;
  for (const auto& rate : rates) values.push_back(rate.*part);
  return median(std::move(values));
}

/// One line of the table: who asks whom, and what each round found.
struct Side {
  const char* name;
  bool host;
  Load load;
  std::vector<Rate> rates = {};

  void measure() { rates.push_back(host ? on_memory(load) : bench::raw_requests(load)); }
  double per_second() const { return median_of(rates, &Rate::per_second); }
  void print() const {
    std::printf(
        "{\"bench\":\"host\",\"side\":\"%s\",\"policy\":\"%s\",\"threads\":%zu,\"at_once\":%zu,\"partners\":%zu,"
        "\"per_second\":%.0f,\"cpu_us\":%.2f",
        name, load.policy, bench::actor_threads, load.requesters, load.partners, per_second(),
        median_of(rates, &Rate::cpu_us));
    if (host)
      std::printf(",\"p50_us\":%.1f,\"p99_us\":%.1f", median_of(rates, &Rate::p50_us), median_of(rates, &Rate::p99_us));
    std::printf("}\n");
  }
};

/// The same load on both sides, in turn.
std::vector<Side> sides(std::size_t at_once, std::size_t partners, double seconds) {
  return {{"caf request/then", false, {"stealing", at_once, partners, seconds}},
          {"command on the memory store", true, {"node", at_once, partners, seconds}},
          {"caf request/then", false, {"sharing", at_once, partners, seconds}},
          {"command on the memory store, by message", true, {"node", at_once, partners, seconds, false}}};
}

/// The limit counts the commands against the faster of CAF's policies.
int measure_commands(const Options& options) {
  std::vector<std::vector<Side>> loads;
  for (const auto& [at_once, partners] : {std::pair(1, 1), std::pair(64, 64), std::pair(64, 1000)})
    loads.push_back(sides(std::size_t(at_once), std::size_t(partners), options.seconds));
  for (int round = 0; round < options.rounds; ++round)
    for (auto& load : loads)
      for (auto& side : load) side.measure();
  bool failed = false;
  for (const auto& load : loads) {
    for (const auto& side : load) side.print();
    const double share = load[1].per_second() / std::max(load[0].per_second(), load[2].per_second());
    std::printf(
        "{\"bench\":\"host\",\"ratio\":\"commands : caf request/then\",\"at_once\":%zu,\"partners\":%zu,"
        "\"value\":%.3f,\"limit\":%.2f}\n",
        load[1].load.requesters, load[1].load.partners, share, raw_share_min);
    failed |= share < raw_share_min;
  }
  std::fflush(stdout);
  return failed ? 1 : 0;
}

int measure_host(const Options& options) {
  for (int round = 0; round < options.rounds; ++round)
    for (const std::size_t at_once : {1, 64})
      for (auto& side : sides(at_once, at_once, options.seconds))
        if (side.host) side.measure(), side.print();
  return 0;
}

int measure(const Options& options) {
  const int failed = measure_commands(options);
  const double bytes = idle_entity_bytes(options.entities);
  std::printf("{\"bench\":\"host\",\"side\":\"idle activated entity\",\"bytes\":%.0f,\"limit\":%.0f}\n", bytes,
              entity_bytes_max);
  std::fflush(stdout);
  return failed != 0 || bytes > entity_bytes_max ? 1 : 0;
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
    if (std::strcmp(argv[i], "--part") == 0) options.part = argv[i + 1];
    if (std::strcmp(argv[i], "--entities") == 0) options.entities = std::size_t(std::max(100, std::atoi(argv[i + 1])));
  }
  if (options.part == "host") return measure_host(options);
  if (options.part == "commands") return measure_commands(options);
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
