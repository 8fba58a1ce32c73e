#include "store/postgres/opening.hpp"

#include "core/ids.hpp"
#include "store/transfer/marks.hpp"
#include "store/witness.hpp"

namespace nova::store::postgres {
namespace {

constexpr int version_min = 140000;
/// The newest events are checked to be dense.
constexpr std::int64_t dense_checked = 64;

constexpr auto lock_migrations = "SELECT pg_advisory_lock(1315927649, 2)";
constexpr auto unlock_migrations = "SELECT pg_advisory_unlock(1315927649, 2)";
constexpr auto select_settings =
    "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), "
    "pg_is_in_recovery(), current_setting('server_encoding'), current_setting('server_version')";
constexpr auto select_known = "SELECT to_regclass('nova.migrations') IS NOT NULL";
constexpr auto select_schema = "SELECT coalesce(max(number), 0) FROM nova.migrations";

// Roles belong to the whole server, so they may be there from another store, or be made by one at this very moment.
constexpr auto make_roles = R"sql(DO $$
DECLARE
  named text;
BEGIN
  FOREACH named IN ARRAY ARRAY['nova_owner', 'nova_writer', 'nova_reader', 'nova_tail'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = named) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', named);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
      END;
    END IF;
    IF NOT pg_has_role(current_user, named, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', named);
    END IF;
  END LOOP;
END $$)sql";
// A user that does not inherit has the owner's right on the database only as the owner.
constexpr auto make_schema = R"sql(DO $$ BEGIN
  IF NOT has_database_privilege(current_user, current_database(), 'CREATE') THEN
    SET LOCAL ROLE nova_owner;
  END IF;
  CREATE SCHEMA IF NOT EXISTS nova AUTHORIZATION nova_owner;
END $$)sql";
constexpr auto make_tables = R"sql(
  SET ROLE nova_owner;
  CREATE TABLE IF NOT EXISTS nova.migrations(number int PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL);
  CREATE TABLE IF NOT EXISTS nova.meta(name text PRIMARY KEY, value text NOT NULL);
  GRANT USAGE ON SCHEMA nova TO PUBLIC;
  GRANT SELECT ON nova.migrations TO PUBLIC;
  RESET ROLE)sql";
constexpr auto insert_store_id = "INSERT INTO nova.meta(name, value) VALUES ('store_id', $1) ON CONFLICT DO NOTHING";
constexpr auto insert_migration = "INSERT INTO nova.migrations(number, name, applied_at) VALUES ($1, $2, $3)";

core::Error no_right(const Session& session, const Target& target) {
  return core::unavailable("store.unauthorised", "the schema of `" + target.shown() +
                                                     "` cannot be made or migrated: " + session.fault()->message)
      .fix(
          "let a user that may create roles and schemas start the node once, or set the database up by hand; "
          "docs/postgres.md has the commands");
}

core::Status outcome(const Session& session, const Target& target) {
  if (!session.failed()) return core::ok();
  if (session.fault()->state == "42501") return no_right(session, target);
  return unreadable(*session.fault(), target);
}

void apply(Session& session, const Migration& migration, core::Timestamp now) {
  session.run("BEGIN; SET LOCAL ROLE nova_owner");
  session.run(migration.sql);
  session.ask(insert_migration, Params().int4(migration.number).text(migration.name).int8(now.ms));
  session.run("COMMIT");
}

void begin_schema(Session& session, core::Timestamp now) {
  session.run(make_roles);
  session.run(make_schema);
  session.run(make_tables);
  session.run("SET ROLE nova_owner");
  session.ask(insert_store_id, Params().text(core::new_uuid(now)));
  session.run("RESET ROLE");
}

}  // namespace

core::Result<int> schema_of(Session& session, const Target& target, int newest) {
  const auto known = session.ask(select_known);
  int schema = 0;
  if (!known.empty() && known.boolean(0, 0)) {
    const auto row = session.ask(select_schema);
    if (!row.empty()) schema = static_cast<int>(row.integer(0, 0));
  }
  if (session.failed()) return unreadable(*session.fault(), target);
  if (schema <= newest) return schema;
  return core::unavailable("store.newer_schema", "`" + target.shown() + "` has schema " + std::to_string(schema) +
                                                     ", this node knows up to " + std::to_string(newest))
      .fix("run the newer node again, or restore a backup made by this version")
      .with("schema", std::to_string(schema))
      .with("newest_known", std::to_string(newest));
}

core::Status check_server(Session& session, const Target& target) {
  const auto row = session.ask(select_settings);
  if (session.failed()) return unreadable(*session.fault(), target);
  const auto place = "`" + target.shown() + "`";
  if (session.server_version() < version_min)
    return core::unavailable("store.old_server", place + " is PostgreSQL " + row.text(0, 5))
        .fix("use PostgreSQL 14 or newer");
  const char* names[] = {"fsync", "full_page_writes", "synchronous_commit"};
  for (int i = 0; i < 3; ++i)
    if (row.view(0, i) == "off")
      return core::unavailable("store.unsafe_server",
                               place + " has " + names[i] + " off: it could lose what was acknowledged")
          .fix(std::string("set ") + names[i] + " = on in postgresql.conf and reload the server")
          .with("setting", names[i]);
  if (row.boolean(0, 3))
    return core::unavailable("store.not_a_primary", place + " is a replica").fix("name the primary in store.url");
  if (row.view(0, 4) != "UTF8")
    return core::unavailable("store.wrong_encoding", place + " is encoded in " + row.text(0, 4))
        .fix("create the database with ENCODING 'UTF8'");
  return core::ok();
}

std::vector<std::string> warnings_of(Session& session, const Target& target) {
  const auto row = session.ask("SELECT current_setting('data_checksums')");
  if (session.failed() || row.view(0, 0) == "on") return {};
  return {core::to_line(
      core::unavailable("store.unchecked_pages",
                        "`" + target.shown() + "` has no data checksums: damage by the disk may go unnoticed")
          .fix("stop the server and run `pg_checksums --enable`, or make clusters with `initdb --data-checksums`"))};
}

core::Status migrate(Session& session, const Target& target, const std::vector<Migration>& known, core::Timestamp now) {
  const int newest = known.back().number;
  auto schema = schema_of(session, target, newest);
  if (!schema) return std::move(schema).error();
  if (*schema == newest) return core::ok();
  session.ask(lock_migrations);
  // Another node may have done it while this one waited.
  schema = schema_of(session, target, newest);
  if (!schema) return std::move(schema).error();
  if (*schema == 0) begin_schema(session, now);
  for (const auto& migration : known)
    if (migration.number > *schema && !session.failed()) apply(session, migration, now);
  auto result = outcome(session, target);
  if (session.failed() && !session.lost()) {
    session.clear_fault();
    session.run("ROLLBACK; RESET ROLE");
  }
  session.ask(unlock_migrations);
  return result;
}

core::Status check_dense(Session& tail, const Target& target) {
  const auto row = tail.ask(
      "SELECT count(*), coalesce(max(position), 0) - coalesce(min(position), 1) + 1, coalesce(max(position), 0) "
      "FROM (SELECT position FROM nova.events ORDER BY position DESC LIMIT $1) e",
      Params().int8(dense_checked));
  if (tail.failed()) return unreadable(*tail.fault(), target);
  if (row.integer(0, 0) == row.integer(0, 1) && row.integer(0, 2) >= row.integer(0, 0)) return core::ok();
  return core::unavailable("store.damaged",
                           "`" + target.shown() + "` is damaged: events are missing near position " + row.text(0, 2))
      .fix("stop the node, check the server, restore the newest backup");
}

core::Status check_witness(Session& tail, const Target& target, const std::string& witness_file) {
  if (witness_file.empty()) return core::ok();
  auto seen = read_witness(witness_file);
  if (!seen) return std::move(seen).error();
  if (!*seen || (*seen)->store_id != store_id(tail)) {
    if (!*seen) return core::ok();
    return core::unavailable("store.went_back", "`" + target.shown() + "` is another store than this node wrote to")
        .fix("name the old database in store.url; if the new one is meant, delete `" + witness_file + "`");
  }
  const auto& witness = **seen;
  const auto row = tail.ask("SELECT event_id FROM nova.events WHERE position = $1", Params().int8(witness.position));
  const auto head = tail.ask("SELECT coalesce(max(position), 0) FROM nova.events");
  if (tail.failed()) return unreadable(*tail.fault(), target);
  if (witness.position == 0 || (!row.empty() && row.view(0, 0) == witness.event_id)) return core::ok();
  return core::unavailable("store.went_back", "`" + target.shown() + "` ends at position " + head.text(0, 0) +
                                                  " or differs, but position " + std::to_string(witness.position) +
                                                  " was seen: it is an old copy or a stale replica")
      .fix("put the newest database back; to go on with this one and lose what came after it, delete `" + witness_file +
           "`")
      .with("position", std::to_string(witness.position))
      .with("head", head.text(0, 0));
}

core::Status check_marks(Session& session, const Target& target) {
  for (const auto* mark : {transfer::mark_unfinished, transfer::mark_moved}) {
    const auto row = session.ask("SELECT value FROM nova.meta WHERE name = $1", Params().text(mark));
    if (!row.empty()) return transfer::refused_by(mark, row.text(0, 0), target.shown());
  }
  if (session.failed()) return unreadable(*session.fault(), target);
  return core::ok();
}

std::string store_id(Session& session) {
  const auto row = session.ask("SELECT value FROM nova.meta WHERE name = 'store_id'");
  return row.empty() ? std::string() : row.text(0, 0);
}

}  // namespace nova::store::postgres
