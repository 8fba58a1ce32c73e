// `novactl store move`: everything from one store into another, with the proof, and a mark on the old one.
#include "node/maintenance/places.hpp"
#include "node/maintenance/request.hpp"

#include <filesystem>

namespace nova::node {
namespace {

namespace fs = std::filesystem;

core::Result<StorePlace> source_of(const Request& request) {
  const auto named = request.text("from");
  return named.empty() ? place_of(request.loaded.config) : parse_place(named, request.text("from_password_file"));
}

core::Status refuse_same(const StorePlace& from, const StorePlace& to) {
  std::error_code ignored;
  if (from.postgres != to.postgres ||
      (from.where != to.where && (from.postgres || !fs::equivalent(from.where, to.where, ignored))))
    return core::ok();
  auto same = core::refusal("store.same_place", "the store would be moved to where it is: `" + to.shown() + "`");
  same.status = 400;
  return std::move(same).fix("name another place with --to");
}

/// What the configuration must say from now on, as lines of YAML.
std::string config_lines(const Config& config, const StorePlace& to) {
  if (to.postgres)
    return "store:\n  kind: postgres\n  url: " + core::json_escape(to.where) + "\n" +
           (to.password_file.empty() ? "" : "  password_file: " + core::json_escape(to.password_file) + "\n");
  const auto file = fs::absolute(to.where).lexically_normal();
  const auto state = fs::absolute(std::string(config.node.state_dir)).lexically_normal();
  const auto path = file.parent_path() == state ? file.filename() : file;
  return "store:\n  kind: sqlite\n  path: " + core::json_escape(path.string()) + "\n";
}

/// Of a store in a file: in the node's state folder, or beside the file, whichever is there.
fs::path vault_beside(const Config& config, const StorePlace& place) {
  std::error_code ignored;
  const fs::path state = std::string(config.node.state_dir);
  return (fs::is_directory(state, ignored) ? state : fs::absolute(place.where).parent_path()) / "vault.db";
}

/// Sealed values go where the nodes of the new store look for them: into the database, or into the state folder.
/// Between two files they stay where they are.
core::Status move_vault(const Config& config, const StorePlace& from, const StorePlace& to) {
  const auto file = vault_beside(config, from.postgres ? to : from);
  const auto beside = file.string() + ".moving";
  std::error_code error;
  if (!from.postgres && (!to.postgres || !fs::exists(file, error))) return core::ok();
  fs::remove(beside, error);  // of a move that was interrupted
  {
    auto source = open_shelf(from, file.string());
    if (!source) return std::move(source).error();
    auto target = open_shelf(to, beside);
    if (!target) return std::move(target).error();
    if (auto copied = copy_sealed(**source, **target); !copied) return copied;
  }
  if (to.postgres) return core::ok();
  if (fs::exists(file, error)) fs::rename(file, file.string() + ".before", error);
  if (!error) fs::rename(beside, file, error);
  if (!error) return core::ok();
  return core::unavailable("vault.unavailable", "`" + file.string() + "` cannot be written: " + error.message())
      .fix("check the folder and its owner");
}

/// A node that ran on the new store has put its own vault aside; the old store needs it.
core::Status take_vault_back(const Config& config, const StorePlace& place) {
  const auto file = vault_beside(config, place);
  std::error_code error;
  if (fs::exists(file, error) || !fs::exists(file.string() + ".moved", error)) return core::ok();
  fs::rename(file.string() + ".moved", file, error);
  if (!error) return core::ok();
  return core::unavailable("vault.unavailable", "`" + file.string() + "` cannot be written: " + error.message())
      .fix("check the folder and its owner");
}

}  // namespace

Outcome move_store(const Request& request) {
  const auto& config = request.loaded.config;
  const auto from = source_of(request);
  if (!from) return from.error();
  const auto to = parse_place(request.text("to"), request.text("to_password_file"));
  if (!to) return to.error();
  if (auto apart = refuse_same(*from, *to); !apart) return std::move(apart).error();
  auto source = open_snapshot(*from, true);
  if (!source) return std::move(source).error();
  auto target = begin_import(*to, (*source)->head().store_id, "a move from `" + from->shown() + "` was interrupted");
  if (!target) return std::move(target).error();
  if (auto moved = move_vault(config, *from, *to); !moved) return std::move(moved).error();
  const auto copied = store::transfer::copy(**source, **target, request.progress);
  if (!copied) return copied.error();
  // The node's witness spoke of another store. The new one was empty, so nothing that it saw can be missing there.
  std::error_code ignored;
  if (to->postgres) fs::remove(fs::path(std::string(config.node.state_dir)) / "postgres.head", ignored);
  const bool keep = request.flag("keep");
  if (!keep)
    if (auto marked = (*source)->mark_moved(to->shown()); !marked) return std::move(marked).error();
  std::string out;
  core::JsonWriter json(out);
  json.object().field("from", from->shown()).field("to", to->shown()).field("position", (*source)->head().position);
  put_facts(json, copied->digests, copied->rows);
  json.field("source_marked", !keep).field("configuration", config_lines(config, *to)).end();
  return out;
}

Outcome reopen_store(const Request& request) {
  const auto place = source_of(request);
  if (!place) return place.error();
  auto reopened = reopen(*place);
  if (!reopened) return std::move(reopened).error();
  if (!place->postgres)
    if (auto back = take_vault_back(request.loaded.config, *place); !back) return std::move(back).error();
  std::string out;
  core::JsonWriter(out).object().field("store", place->shown()).field("reopened", *reopened).end();
  return out;
}

}  // namespace nova::node
