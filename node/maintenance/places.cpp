#include "node/maintenance/places.hpp"

#include "core/time.hpp"
#include "store/postgres/transfer.hpp"
#include "store/postgres/vault_shelf.hpp"
#include "store/sqlite/transfer.hpp"
#include "store/vault.hpp"

#include <filesystem>

namespace nova::node {

std::string StorePlace::shown() const { return postgres ? store::shown({where, password_file}) : where; }

core::Result<StorePlace> parse_place(const std::string& text, const std::string& password_file) {
  const auto refuse = [](const std::string& why, const std::string& what_to_do) {
    auto error = core::refusal("store.no_place", why);
    error.status = 400;
    return std::move(error).fix(what_to_do);
  };
  StorePlace place;
  place.postgres =
      text.starts_with("postgresql://") || text.starts_with("postgres://") || text.find("dbname=") != std::string::npos;
  place.where = text.starts_with("sqlite:") ? text.substr(7) : text;
  if (place.where.empty())
    return refuse("the store is not named", "name a file, or an address such as postgresql://nova@db.example/nova");
  if (!place.postgres) return place;
  if (holds_password(text))
    return refuse("the address holds a password", "write it to a file of mode 0600 and name that with --password-file");
  place.password_file = password_file;
  return place;
}

core::Result<StorePlace> place_of(const Config& config) {
  if (config.store.kind == StoreKind::postgres) {
    auto place = parse_place(config.store.url, in_state_dir(config, config.store.password_file));
    if (place) place->witness_file = in_state_dir(config, "postgres.head");
    return place;
  }
  if (config.store.kind == StoreKind::sqlite) return parse_place(in_state_dir(config, config.store.path), {});
  auto error = core::refusal("store.no_place", "a store in memory is neither moved nor backed up");
  error.status = 400;
  return error;
}

core::Result<std::unique_ptr<store::transfer::Snapshot>> open_snapshot(const StorePlace& place, bool alone) {
  if (place.postgres)
    return store::open_postgres_snapshot({place.where, place.password_file, place.witness_file}, alone);
  return store::open_sqlite_snapshot(place.where, alone ? store::Hold::exclusive : store::Hold::none);
}

core::Result<std::unique_ptr<store::transfer::Import>> begin_import(const StorePlace& place,
                                                                    const std::string& store_id,
                                                                    const std::string& why) {
  if (place.postgres)
    return store::begin_postgres_import({place.where, place.password_file}, store_id, why, core::system_clock());
  return store::begin_sqlite_import(place.where, store_id, why, core::system_clock());
}

core::Result<bool> reopen(const StorePlace& place) {
  if (place.postgres) return store::reopen_postgres_store({place.where, place.password_file});
  std::error_code ignored;
  if (!std::filesystem::exists(place.where, ignored))
    return core::refusal("store.not_found", "there is no store `" + place.where + "`");
  return store::reopen_sqlite_store(place.where);
}

core::Result<std::unique_ptr<store::Shelf>> open_shelf(const StorePlace& place, const std::string& vault_file) {
  if (!place.postgres) return store::open_local_shelf(vault_file);
  store::PostgresOptions options;
  options.url = place.where;
  options.password_file = place.password_file;
  return store::open_postgres_shelf(options);
}

core::Status copy_sealed(const store::Shelf& from, store::Shelf& into) {
  const auto differing = store::copy_shelf(from, into);
  if (!differing) return differing.error();
  if (*differing == 0) return core::ok();
  auto error =
      core::refusal("vault.differs", "`" + into.shown() + "` holds " + std::to_string(*differing) +
                                         " sealed values that are others than those of `" + from.shown() + "`");
  error.status = 409;
  return std::move(error).fix("move it away, if it is of another installation, and run the command again");
}

}  // namespace nova::node
