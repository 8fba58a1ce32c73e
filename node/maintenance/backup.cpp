// `novactl backup key`, `create` and `verify`.
#include "core/ids.hpp"
#include "node/maintenance/places.hpp"
#include "node/maintenance/replay.hpp"
#include "node/maintenance/request.hpp"
#include "store/backup/create.hpp"
#include "store/backup/key.hpp"
#include "store/backup/restore.hpp"
#include "store/shelf.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace nova::node {
namespace {

namespace fs = std::filesystem;
namespace backup = store::backup;

constexpr std::uint64_t entities_between_words = 10'000;

/// A folder that goes with everything in it.
class Scratch {
 public:
  static core::Result<std::unique_ptr<Scratch>> make(const std::string& where) {
    std::error_code error;
    auto name = (where.empty() ? fs::temp_directory_path(error) : fs::path(where)) / "novabackup-XXXXXX";
    auto text = name.string();
    if (!error && ::mkdtemp(text.data())) return std::unique_ptr<Scratch>(new Scratch(text));
    return core::unavailable("backup.cannot_write",
                             "no folder can be made in `" + name.parent_path().string() + "`: " + std::strerror(errno))
        .fix("name a folder with room for the whole store with --scratch");
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::path& path() const { return path_; }

 private:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

struct Plan {
  std::string file;
  std::optional<backup::Tail> base;
  std::string note;
};

core::Result<backup::Tail> tail_of(const std::string& file, const backup::Key& key) {
  auto reader = backup::Reader::open(file, key);
  if (!reader) return std::move(reader).error();
  return backup::read_tail(**reader);
}

/// "20261121T020000.123Z-incremental.novabackup": the order of names is that of times.
std::string name_for(core::Timestamp now, bool whole) {
  std::string text;
  for (const char c : core::to_rfc3339(now))
    if (c != '-' && c != ':') text += c;
  return text + (whole ? "-full" : "-incremental") + backup::suffix;
}

bool goes_on(store::transfer::Snapshot& store, const backup::Tail& base) {
  const auto event = store.event_at(base.summary.head.position);
  return store.head().store_id == base.summary.head.store_id && event && *event == base.summary.head.event_id;
}

/// A folder gets archives with names of their own, each going on from the newest one that is there.
core::Result<Plan> plan_for(const Request& request, store::transfer::Snapshot& store, const backup::Key& key) {
  Plan plan;
  plan.file = request.text("target");
  std::error_code ignored;
  const bool folder = fs::is_directory(plan.file, ignored);
  auto base = request.text("base");
  const bool found = base.empty() && folder && !request.flag("full");
  if (found) base = backup::newest_in(plan.file, key);
  if (!base.empty()) {
    auto tail = tail_of(base, key);
    if (!tail) return std::move(tail).error();
    // Named by hand it is an error (`backup.base_diverged`); found, a nightly run must not end without an archive.
    if (!found || goes_on(store, *tail))
      plan.base = std::move(*tail);
    else
      plan.note = "`" + base + "` is of another history, so this archive is a full one";
  }
  if (folder) backup::remove_stale_parts(plan.file);
  if (folder) plan.file = (fs::path(plan.file) / name_for(core::system_clock().now(), !plan.base)).string();
  return plan;
}

core::Status copy_out(const StorePlace& place, const std::string& file) {
  auto shared = open_shelf(place, {});
  if (!shared) return std::move(shared).error();
  auto local = store::open_local_shelf(file);
  if (!local) return std::move(local).error();
  return copy_sealed(**shared, **local);
}

}  // namespace

Outcome make_backup_key(const Request& request) {
  const auto file = request.text("file");
  if (auto made = backup::make_key(file); !made) return std::move(made).error();
  std::string out;
  core::JsonWriter(out).object().field("key_file", file).end();
  return out;
}

Outcome create_backup(const Request& request) {
  const auto& config = request.loaded.config;
  const auto key = backup::read_key(request.text("key_file"));
  if (!key) return key.error();
  const auto place = place_of(config);
  if (!place) return place.error();
  // First of all: sources and secrets that its events speak of are there already.
  auto store = open_snapshot(*place, false);
  if (!store) return std::move(store).error();
  auto plan = plan_for(request, **store, *key);
  if (!plan) return std::move(plan).error();
  backup::Contents contents;
  contents.store = store->get();
  contents.store_kind = place->postgres ? "postgres" : "sqlite";
  contents.node = config.node.name;
  contents.state_dir = std::string(config.node.state_dir);
  contents.names = {"node.key", "operator.token", "sources"};
  if (!request.flag("without_data")) contents.names.emplace_back("data");
  contents.config_file = request.config_file;
  // Of nodes that share one the vault is taken from the database, after the log that speaks of what is in it.
  std::unique_ptr<Scratch> scratch;
  if (place->postgres) {
    auto made = Scratch::make({});
    if (!made) return std::move(made).error();
    scratch = std::move(*made);
    contents.vault_file = scratch->path() / contents.vault;
    if (auto copied = copy_out(*place, contents.vault_file.string()); !copied) return std::move(copied).error();
  }
  const auto made = backup::create(contents, plan->file, *key, request.flag("force"), plan->base, core::system_clock(),
                                   request.progress);
  if (!made) return made.error();
  std::string out;
  core::JsonWriter json(out);
  json.object()
      .field("archive", plan->file)
      .field("id", made->header.id)
      .field("base", made->header.base)
      .field("incremental", plan->base.has_value())
      .field("created_at", core::to_rfc3339({made->header.created_ms}))
      .field("bytes", made->bytes)
      .field("position", made->summary.head.position)
      .field("base_position", made->summary.base_position)
      .field("files", made->summary.files)
      .field("changed_while_read", made->summary.changed_while_read)
      .field("note", plan->note);
  put_facts(json, made->summary.digests, made->summary.rows);
  json.end();
  return out;
}

Outcome verify_backup(const Request& request) {
  const auto key = backup::read_key(request.text("key_file"));
  if (!key) return key.error();
  auto chain = backup::open_chain(request.text("archive"), *key);
  if (!chain) return std::move(chain).error();
  auto scratch = Scratch::make(request.text("scratch"));
  if (!scratch) return std::move(scratch).error();
  const auto state = (*scratch)->path() / "state";
  fs::create_directory(state);
  const StorePlace place{false, ((*scratch)->path() / "nova.db").string(), {}, {}};
  const auto& summary = chain->back().tail.summary;
  auto into = begin_import(place, summary.head.store_id, "a scratch copy");
  if (!into) return std::move(into).error();
  const auto restored = backup::restore(*chain, **into, state, request.progress);
  if (!restored) return restored.error();
  if (auto finished = (*into)->finish(); !finished) return std::move(finished).error();
  into->reset();

  store::SqliteOptions options;
  options.file = place.where;
  const auto opened = store::open_sqlite_store(options);
  if (!opened) return opened.error();
  const auto vault = store::open_local_vault((state / "vault.db").string(), (state / "node.key").string());
  if (!vault) return vault.error();
  const auto rows = open_snapshot(place, false);
  if (!rows) return rows.error();
  std::uint64_t count = 0;
  const auto replayed = replay_all(**rows, **opened, **vault, [&](const auto&) {
    if (++count % entities_between_words == 0) request.progress("replayed", count);
    return core::ok();
  });
  if (!replayed) return replayed.error();
  const auto digests = (*opened)->digests();
  if (!digests) return digests.error();
  if (auto same = store::transfer::compare(summary.digests, *digests); !same) return std::move(same).error();

  std::string out;
  core::JsonWriter json(out);
  json.object().field("archive", request.text("archive")).field("ok", true).key("chain").array();
  for (const auto& link : *chain) json.value(link.tail.file);
  json.end()
      .field("created_at", core::to_rfc3339({chain->back().tail.header.created_ms}))
      .field("position", summary.head.position)
      .field("files", restored->files)
      .field("entities", replayed->entities)
      .field("events", replayed->events)
      .field("not_compared", replayed->older + replayed->unknown);
  put_facts(json, *digests, restored->rows);
  json.end();
  return out;
}

}  // namespace nova::node
