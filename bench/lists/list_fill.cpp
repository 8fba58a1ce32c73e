// A store full of instances, for lists over HTTP: written through the store's own port, one event and one document
// each. Run by bench/run/bench_lists.py and bench_console.py, which then start a node on it.
//
//   list_fill sqlite FOLDER COUNT created|mixed|tree
//   list_fill postgres URL COUNT created|mixed|tree
//
// A deployment holds 1,000 of them, so that pages of one parent are as long in small stores as in large ones. In every
// hundred one has failed and about half runs. Created in the order that lists have, as where names hold a number or a
// time, or mixed, as where people give them: then no two neighbours of a page stand together on the disk. As a tree
// each deployment is there, too, in a tenant of its own (t-000 and on), and all instances but the failed ones run.
#include "actors/deployment/deployment.hpp"
#include "actors/instance/instance.hpp"
#include "core/describe/codec.hpp"
#include "core/ids.hpp"
#include "core/kind.hpp"
#include "store/postgres/postgres_store.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <numeric>
#include <stdexcept>

using namespace nova;

namespace {

constexpr std::size_t of_one_deployment = 1000, under_way_max = 1000;

std::unique_ptr<store::EventStore> open(const std::string& kind, const std::string& place) {
  auto opened = [&] {
    if (kind == "postgres") {
      store::PostgresOptions options;
      options.url = place;
      return store::open_postgres_store(options);
    }
    store::SqliteOptions options;
    options.file = place + "/nova.db";
    return store::open_sqlite_store(options);
  }();
  if (!opened) throw std::runtime_error(core::to_line(opened.error()));
  return std::move(*opened);
}

instance::Condition condition_of(std::size_t number) {
  if (number % 100 == 7) return instance::Condition::error;
  return number % 2 == 0 ? instance::Condition::running : instance::Condition::stopped;
}

std::string deployment_of(std::size_t number) {
  char name[24];
  std::snprintf(name, sizeof name, "d%06zu", number / of_one_deployment);
  return name;
}

std::string tenant_of(std::size_t number) {
  char name[24];
  std::snprintf(name, sizeof name, "t-%03zu", number / of_one_deployment);
  return name;
}

store::Append stopped_deployment(std::size_t number) {
  const core::Timestamp at{1'767'225'600'000};
  deployment::State state;
  state.platform = "shop";
  state.environment = "production";
  state.status = deployment::Status::stopped;
  state.current = state.last_revision = 1;

  store::Append change;
  change.key = {tenant_of(number), "deployment", deployment_of(number)};
  change.at = at;
  change.events.push_back({core::new_uuid(at), "deployment.stopped", "{}", R"({"principal":"system"})"});
  const auto summary = deployment::summarise(state);
  auto& document = change.document;
  document.key = change.key;
  document.version = document.intent_version = 1;
  document.status = summary.status;
  document.body = core::to_json(*deployment::kind().state, &state);
  document.state_hash = core::description_hash(*deployment::kind().state);
  document.created_at = document.updated_at = at;
  return change;
}

store::Append life_of(std::size_t number, bool tree) {
  const auto& kind = instance::kind();
  const core::Timestamp at{1'767'225'600'000};
  char index[24];
  std::snprintf(index, sizeof index, "%03zu", number % of_one_deployment);

  instance::State state;
  state.deployment = deployment_of(number);
  state.service = "web";
  state.revision = 1;
  state.index = static_cast<std::uint32_t>(number % of_one_deployment);
  state.state = condition_of(number);
  if (tree && state.state == instance::Condition::stopped) state.state = instance::Condition::running;
  state.phase = state.state == instance::Condition::running ? instance::Phase::ready
                : state.state == instance::Condition::error ? instance::Phase::failed
                                                            : instance::Phase::stopped;
  state.since = at;
  state.port = 8080;
  state.sequence = state.attempt = 1;
  state.log_path = "/var/log/nova/t-042/" + state.deployment + "/web.log";

  store::Append change;
  change.key = {tree ? tenant_of(number) : "t-042", "instance", state.deployment + ".web.r1." + index};
  change.at = at;
  change.events.push_back({core::new_uuid(at), "instance.ready", R"({"sequence":1,"attempt":1,"port":8080})",
                           R"({"command":"instance.report","principal":"system"})"});
  const auto summary = instance::summarise(state);
  auto& document = change.document;
  document.key = change.key;
  document.version = document.intent_version = 1;
  document.status = summary.status;
  document.parent = summary.parent;
  document.reason = summary.reason;
  document.body = core::to_json(*kind.state, &state);
  document.state_hash = core::description_hash(*kind.state);
  document.created_at = document.updated_at = at;
  return change;
}

/// A step that visits every number below `count` once; near the golden ratio neighbours are far from each other.
std::size_t step_below(std::size_t count) {
  auto step = static_cast<std::size_t>(static_cast<double>(count) * 0.6180339887) | 1U;
  while (std::gcd(step, count) != 1) ++step;
  return step;
}

void fill(store::EventStore& store, std::size_t count, std::size_t step, bool tree) {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t under_way = 0, failed = 0;
  std::string why;
  const auto put = [&](store::Append change) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return under_way < under_way_max; });
    ++under_way;
    lock.unlock();
    store.append(std::move(change), [&](core::Result<store::Appended> answer) {
      std::lock_guard told(mutex);
      if (!answer && failed++ == 0) why = core::to_line(answer.error());
      --under_way;
      changed.notify_one();
    });
  };
  for (std::size_t i = 0, number = 0; i < count; ++i, number = (number + step) % count) {
    if (tree && number % of_one_deployment == 0) put(stopped_deployment(number));
    put(life_of(number, tree));
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return under_way == 0; });
  if (failed) throw std::runtime_error(std::to_string(failed) + " appends failed, the first: " + why);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) throw std::runtime_error("usage: list_fill sqlite|postgres PLACE COUNT created|mixed|tree");
  auto store = open(argv[1], argv[2]);
  const auto count = std::strtoul(argv[3], nullptr, 10);
  const std::string order = argv[4];
  fill(*store, count, order == "mixed" ? step_below(count) : 1, order == "tree");
  store->close();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "list_fill: %s\n", error.what());
  return 1;
}
