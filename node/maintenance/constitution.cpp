#include "node/maintenance/constitution.hpp"

#include "core/describe/codec.hpp"
#include "governance/constitution/amend/draft.hpp"
#include "governance/constitution/standing.hpp"
#include "node/founding.hpp"
#include "node/gates.hpp"
#include "node/maintenance/places.hpp"
#include "store/postgres/postgres_store.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "store/vault.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <variant>

namespace nova::node {
namespace {

using constitution::entity::Drafted;
using constitution::entity::State;
using constitution::entity::Status;

std::size_t column(const store::transfer::Table& table, std::string_view name) {
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i].name == name) return i;
  throw std::logic_error("a table has no column " + std::string(name));
}

core::Result<std::optional<State>> stored_state(store::transfer::Snapshot& rows) {
  const auto& table = *store::transfer::find_table("documents");
  const auto kind = column(table, "kind"), body = column(table, "body");
  std::optional<State> found;
  auto read = rows.read(table, 0, [&](const store::transfer::Row& row) {
    if (std::get<std::string>(row[kind]) != "constitution") return core::ok();
    auto state = core::from_json<State>(std::get<std::string>(row[body]), core::Reading::stored);
    if (!state) return core::Status(std::move(state).error());
    found = std::move(*state);
    return core::ok();
  });
  if (!read) return std::move(read).error();
  return found;
}

core::Result<std::string> stored_text(store::transfer::Snapshot& rows, const constitution::entity::Version& version) {
  const auto& table = *store::transfer::find_table("events");
  const auto type = column(table, "type"), body = column(table, "body");
  std::map<std::uint32_t, std::string> parts;
  auto read = rows.read(table, 0, [&](const store::transfer::Row& row) {
    if (std::get<std::string>(row[type]) != "constitution.drafted") return core::ok();
    auto part = core::from_json<Drafted>(std::get<std::string>(row[body]), core::Reading::stored);
    if (part && part->digest == version.digest) parts[part->number] = std::move(part->text);
    return core::ok();
  });
  if (!read) return std::move(read).error();
  std::string text;
  for (const auto& [number, part] : parts) text += part;
  if (constitution::content_address(text) == version.digest) return text;
  return core::refusal("constitution.damaged", "the text of version " + version.version + " is not as it was stored")
      .fix("restore the newest backup (docs/recovery.md), or `novad recover`");
}

core::Result<std::unique_ptr<store::EventStore>> opened(const Config& config, const StorePlace& place) {
  if (!place.postgres) {
    store::SqliteOptions options;
    options.file = place.where;
    return store::open_sqlite_store(std::move(options));
  }
  store::PostgresOptions options;
  options.url = place.where;
  options.password_file = place.password_file;
  options.witness_file = place.witness_file;
  // Its own name: while the node runs this is refused.
  options.node = config.node.name;
  options.lease = config.store.lease;
  return store::open_postgres_store(options);
}

// Who may read the key may do everything on this host; without it a copy of the store alone would be enough.
core::Status has_the_key(const Config& config, const StorePlace& place) {
  const std::filesystem::path state{std::string(config.node.state_dir)};
  const auto key = (state / "node.key").string();
  std::error_code ignored;
  if (!std::filesystem::exists(key, ignored))
    return core::refusal("vault.sealed", "`" + key + "` is not there").fix("run this on the node's host, as its user");
  auto shelf = open_shelf(place, (state / "vault.db").string());
  if (!shelf) return std::move(shelf).error();
  auto vault = store::open_vault(std::move(*shelf), key);
  return vault ? core::ok() : core::Status(std::move(vault).error());
}

}  // namespace

core::Result<std::string> check_upgrade(const Config& config) {
  const auto place = place_of(config);
  if (!place) return place.error();
  auto rows = open_snapshot(*place, false);
  if (!rows) return std::move(rows).error();
  auto state = stored_state(**rows);
  if (!state) return std::move(state).error();
  if (!*state || (*state)->status != Status::active)
    return std::string("constitution: none is stored; this program would write its own");
  const auto& version = (*state)->active;
  auto text = stored_text(**rows, version);
  if (!text) return std::move(text).error();
  auto gates = load_gates(config);
  if (!gates) return std::move(gates).error();
  auto loaded = constitution::Constitution::load(
      std::move(*text), version.version, std::make_shared<const constitution::Words>(core::kinds(), std::move(*gates)));
  if (!loaded) return std::move(loaded).error();
  return "constitution " + version.version + ": ok, " + std::to_string((*loaded)->rules().size()) + " rules";
}

core::Result<std::string> recover(const Config& config, const std::string& reason) {
  const auto place = place_of(config);
  if (!place) return place.error();
  if (auto key = has_the_key(config, *place); !key) return std::move(key).error();
  auto store = opened(config, *place);
  if (!store) return std::move(store).error();
  auto version = found_constitution(**store, true, reason);
  (*store)->close();
  return version;
}

}  // namespace nova::node
