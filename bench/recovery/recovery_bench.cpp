// A log of many events, replayed and folded by the host's own code, beside a loop over the C API that decodes the same
// payloads. Run by bench/run/bench_recovery.py, which then starts a node on the folder; JSON lines.
//
//   recovery_bench FOLDER ENTITIES EVENTS_EACH ROUNDS
#include "actors/host/turn.hpp"
#include "core/describe/codec.hpp"
#include "core/ids.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <sqlite3.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

using namespace nova;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t slice = 1000;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::unique_ptr<store::EventStore> open(const std::string& folder) {
  store::SqliteOptions options;
  options.file = folder + "/nova.db";
  auto opened = store::open_sqlite_store(options);
  if (!opened) throw std::runtime_error(core::to_line(opened.error()));
  return std::move(*opened);
}

const core::Kind& provider() { return *core::find_kind("provider"); }

/// A provider that is added and then switched off and on.
store::Append life_of(std::size_t number, std::size_t events) {
  const core::Timestamp at{1'767'225'600'000};
  const std::string time = core::to_rfc3339(at);
  store::Append change;
  change.key = {"t-042", "provider", "p" + std::to_string(number)};
  change.at = at;
  std::vector<core::StoredEvent> stored;
  for (std::size_t i = 0; i < events; ++i) {
    const bool off = i % 2 == 1;
    const std::string type = i == 0 ? "infra_provider.added"
                             : off  ? "infra_provider.disabled"
                                    : "infra_provider.enabled";
    const std::string body =
        i == 0 ? R"({"kind":"local","name":")" + std::string(120, 'x') +
                     R"(","type":"primary","by":"operator","at":")" + time + "\"}"
        : off ? R"({"reason":")" + std::string(140, 'y') + R"(","by":"operator","at":")" + time + "\"}"
              : R"({"by":"operator","at":")" + time + "\"}";
    change.events.push_back({core::new_uuid(at), type, body, R"({"command":"provider.add","principal":"operator"})"});
    core::StoredEvent event;
    event.entity = change.key;
    event.version = i + 1;
    event.type = type;
    event.body = body;
    event.at = at;
    stored.push_back(std::move(event));
  }
  auto image = host::blank_image(provider(), change.key);
  if (auto folded = host::replay(image, stored, nullptr); !folded)
    throw std::runtime_error(core::to_line(folded.error()));
  auto& document = change.document;
  document.key = change.key;
  document.version = document.intent_version = events;
  document.status = provider().summarise(image.state.get()).status;
  document.body = core::to_json(*provider().state, image.state.get());
  document.state_hash = core::description_hash(*provider().state);
  document.created_at = document.updated_at = at;
  return change;
}

void fill(const std::string& folder, std::size_t entities, std::size_t events) {
  auto store = open(folder);
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t open_appends = 0, failed = 0;
  for (std::size_t n = 0; n < entities; ++n) {
    auto change = life_of(n, events);
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return open_appends < 500; });
    ++open_appends;
    lock.unlock();
    store->append(std::move(change), [&](core::Result<store::Appended> answer) {
      std::lock_guard told(mutex);
      failed += !answer;
      --open_appends;
      changed.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return open_appends == 0; });
  if (failed) throw std::runtime_error("an append failed");
  lock.unlock();
  store->close();
}

/// The whole log in order, folded into the state of each entity.
double replay_seconds(const std::string& folder, std::size_t entities) {
  auto store = open(folder);
  const auto start = Clock::now();
  std::unordered_map<core::EntityKey, host::Image, core::EntityKeyHash> images;
  std::uint64_t position = 0;
  std::vector<core::StoredEvent> one(1);
  for (;;) {
    auto read = store->read_all(position, {}, slice);
    if (!read) throw std::runtime_error(core::to_line(read.error()));
    if (read->scanned_to <= position) break;
    position = read->scanned_to;
    for (auto& event : read->events) {
      auto [at, fresh] = images.try_emplace(event.entity);
      if (fresh) at->second = host::blank_image(provider(), event.entity);
      one[0] = std::move(event);
      if (auto folded = host::replay(at->second, one, nullptr); !folded)
        throw std::runtime_error(core::to_line(folded.error()));
    }
  }
  if (images.size() != entities) throw std::runtime_error("not all entities were replayed");
  const double took = seconds_since(start);
  store->close();
  return took;
}

struct Plain {
  std::string kind, name, type, by, at, reason;
  bool enabled = false;
  std::int64_t version = 0;
};

/// The limit: one statement, payloads decoded into plain fields.
double plain_seconds(const std::string& folder, std::size_t entities) {
  sqlite3* db = nullptr;
  if (sqlite3_open((folder + "/nova.db").c_str(), &db) != SQLITE_OK) throw std::runtime_error("cannot open");
  const auto start = Clock::now();
  std::unordered_map<std::int64_t, Plain> states;
  sqlite3_stmt* rows = nullptr;
  sqlite3_prepare_v2(db, "SELECT stream, version, type, body FROM events ORDER BY position", -1, &rows, nullptr);
  const auto text = [](const nlohmann::json& body, const char* name, std::string& into) {
    if (const auto found = body.find(name); found != body.end()) into = found->get<std::string>();
  };
  while (sqlite3_step(rows) == SQLITE_ROW) {
    auto& state = states[sqlite3_column_int64(rows, 0)];
    state.version = sqlite3_column_int64(rows, 1);
    const std::string_view type(reinterpret_cast<const char*>(sqlite3_column_text(rows, 2)));
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(rows, 3));
    const auto body = nlohmann::json::parse(bytes, bytes + sqlite3_column_bytes(rows, 3));
    text(body, "kind", state.kind);
    text(body, "name", state.name);
    text(body, "type", state.type);
    text(body, "by", state.by);
    text(body, "at", state.at);
    text(body, "reason", state.reason);
    if (type.ends_with("enabled")) state.enabled = true;
    if (type.ends_with("disabled")) state.enabled = false;
  }
  sqlite3_finalize(rows);
  sqlite3_close(db);
  if (states.size() != entities) throw std::runtime_error("not all entities were read");
  return seconds_since(start);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) throw std::runtime_error("usage: recovery_bench FOLDER ENTITIES EVENTS_EACH ROUNDS");
  const std::string folder = argv[1];
  const auto entities = std::strtoul(argv[2], nullptr, 10), events = std::strtoul(argv[3], nullptr, 10);
  fill(folder, entities, events);
  std::vector<double> ours, plain;
  for (int round = 0; round < std::atoi(argv[4]); ++round) {
    plain.push_back(plain_seconds(folder, entities));
    ours.push_back(replay_seconds(folder, entities));
  }
  std::printf(
      "{\"bench\":\"recovery\",\"events\":%lu,\"entities\":%lu,\"replay_seconds\":%.3f,\"plain_seconds\":%.3f}\n",
      entities * events, entities, median(ours), median(plain));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "recovery_bench: %s\n", error.what());
  return 1;
}
