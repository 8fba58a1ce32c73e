// 100,000 entities that a node knows and that have nothing to do: what they cost, and how long one takes to wake.
// Run by bench/run/bench_idle.py, which knows the limits; prints one JSON line.
#include "actors/host/local_host.hpp"
#include "core/describe/codec.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>

using namespace nova;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t entities = 100'000;
// What the node may keep: actors, and pages and heads in the store, whose bounds these many fill to the brim.
constexpr std::size_t cached = 40'000;
constexpr std::size_t woken = 2'000;
constexpr std::size_t cache = 1'000;  // entities with an actor at most

double rss_mib() {
  long pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return double(resident) * double(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

std::string name_of_tenant(std::size_t n) { return "tenant-" + std::to_string(n); }

core::CommandEnvelope command(std::size_t n, std::string name, std::string body) {
  core::CommandEnvelope made;
  made.id = core::new_uuid(core::system_clock().now());
  made.target = {name_of_tenant(n), "tenant", name_of_tenant(n)};
  made.name = std::move(name);
  made.body = std::move(body);
  made.principal = {"operator", "service"};
  return made;
}

// Sends `count` commands with at most `window` under way.
template <class Make>
std::size_t send_all(host::Host& host, std::size_t count, std::size_t window, Make make) {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t in_flight = 0, failed = 0;
  for (std::size_t n = 0; n < count; ++n) {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return in_flight < window; });
      ++in_flight;
    }
    host.submit(make(n), [&](const core::Result<host::Answer>& answer) {
      std::lock_guard lock(mutex);
      if (!answer) ++failed;
      --in_flight;
      changed.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return in_flight == 0; });
  return failed;
}

double wake(host::Host& host, std::size_t n) {
  std::promise<bool> done;
  auto look = command(n, "update_settings", R"({"name":"woken"})");
  look.dry_run = true;  // load, gate and decide; no commit, whose time is the disk's
  const auto begin = Clock::now();
  host.submit(std::move(look), [&](const core::Result<host::Answer>& answer) { done.set_value(answer.ok()); });
  const bool ok = done.get_future().get();
  const double ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  return ok ? ms : 1e9;
}

}  // namespace

int main() {
  std::string folder = (std::filesystem::temp_directory_path() / "nova-bench-XXXXXX").string();
  if (!mkdtemp(folder.data())) return 1;
  {
    store::SqliteOptions options;
    options.file = folder + "/nova.db";
    auto store = store::open_sqlite_store(options);
    if (!store) return std::fprintf(stderr, "%s\n", core::to_line(store.error()).c_str()), 1;
    auto vault = store::make_memory_vault();
    caf::actor_system_config config;
    config.set("scheduler.policy", caf::atom("sharing"));
    caf::actor_system actors(config);
    host::HostParts parts;
    parts.store = store->get();
    parts.vault = vault.get();
    parts.clock = &core::system_clock();
    auto rules = gate::make_builtin_rules();
    parts.rules = [rules] { return rules; };
    parts.tenant_status = [](const std::string&) { return std::string("active"); };
    parts.active_max = cache;
    parts.idle = std::chrono::milliseconds(500);
    auto host = host::make_local_host(actors, parts);
    const auto janitor = host->spawn_janitor();

    const auto settle = [&] {
      const auto until = Clock::now() + std::chrono::minutes(1);
      while (host->stats().active > 0 && Clock::now() < until) ::poll(nullptr, 0, 20);
    };
    std::size_t known = 0, failed = 0;
    double seconds = 0;  // of the last addition
    const auto add = [&](std::size_t count) {
      const auto begin = Clock::now();
      failed +=
          send_all(*host, count, 500, [&](std::size_t n) { return command(known + n, "create", R"({"name":"x"})"); });
      seconds = std::chrono::duration<double>(Clock::now() - begin).count();
      known += count;
      settle();
      return rss_mib();
    };
    const double empty = add(cache);
    const double before = add(cached - cache);
    const double after = add(entities);

    std::vector<double> times;
    for (std::size_t n = 0; n < woken; ++n) times.push_back(wake(*host, (n * 49'999) % (cached + entities)));
    std::sort(times.begin(), times.end());
    const double p50 = times[times.size() / 2], p99 = times[times.size() * 99 / 100];
    const double growth = after - before;
    const auto active = host->stats().active;
    std::printf(
        "{\"bench\":\"idle\",\"entities\":%zu,\"created_per_second\":%.0f,\"failed\":%zu,\"active_after\":%zu,"
        "\"empty_mib\":%.2f,\"full_mib\":%.2f,\"growth_mib\":%.2f,\"activation_ms_p50\":%.4f,\"activation_ms_p99\":"
        "%.4f}\n",
        entities, double(entities) / seconds, failed, active, empty, before, growth, p50, p99);
    host.reset();
    (*store)->close();
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return 0;
}
