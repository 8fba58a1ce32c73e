// What is refused when a PostgreSQL store is opened, what roles may see, and what an older schema becomes.
#include "store/postgres/opening.hpp"
#include "store/postgres/postgres_store.hpp"
#include "store/read_scope.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/postgres_server.hpp"
#include "tests/testkit/store_contract.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

using namespace nova;
using namespace nova::testkit;

namespace {

struct Place {
  TempDir dir;
  std::string url = PostgresServer::shared().make_database();
  ManualClock clock;

  ~Place() { PostgresServer::shared().drop_database(url); }
  core::Result<std::unique_ptr<store::EventStore>> open() {
    store::PostgresOptions options;
    options.url = url;
    options.witness_file = (dir / "postgres.head").string();
    options.clock = &clock;
    return store::open_postgres_store(options);
  }
  void fill(std::uint64_t from, std::uint64_t to, const std::string& tenant = "acme") {
    auto opened = open();
    REQUIRE(opened.ok());
    for (auto version = from; version < to; ++version)
      REQUIRE(append(**opened, change_of(key("a", tenant), version)).ok());
  }
  std::string sql(const std::string& statements) const { return PostgresServer::sql(url, statements); }
  /// The text of the error, or "done".
  std::string attempt(const std::string& statements) const {
    try {
      sql(statements);
      return "done";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }
};

/// The error names the database and says what to do.
template <class T>
void check_helpful(const core::Result<T>& refused) {
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("postgresql:///") != std::string::npos);
  CHECK_FALSE(refused.error().remedy.empty());
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("postgres: everything is there again after a new start") {
  Place place;
  store::EventStore::Digests before;
  {
    auto opened = place.open();
    REQUIRE(opened.ok());
    auto& store = **opened;
    auto change = change_of(key("a"), 0, 2);
    change.document.reason = "bytes \xff of no text";
    change.asks.works = {{"w1", "sources", "fetch", "{}", {}}};
    change.asks.keeps = {{"process", "api", "{}", key("a")}};
    change.asks.timers = {{"t", core::Timestamp{5}}};
    change.asks.claims = {{"name", false, {}}};
    change.idempotency = {"scope", "h", "{}", place.clock.now() + std::chrono::hours(1)};
    REQUIRE(append(store, std::move(change)).ok());
    before = store.digests().value();
  }
  auto opened = place.open();
  REQUIRE(opened.ok());
  auto& store = **opened;
  CHECK(store.head() == 2);
  CHECK(store.digests().value().log == before.log);
  CHECK(store.digests().value().documents == before.documents);
  CHECK(store.document(key("a")).value()->reason == "bytes \xff of no text");
  CHECK(store.works(0, 10).value().size() == 1);
  CHECK(store.keeps(0, 10).value().size() == 1);
  CHECK(store.timers(10).value().size() == 1);
  CHECK(store.claim_holder("name").value() == key("a"));
  CHECK(store.idempotency("scope").value());
  CHECK(append(store, change_of(key("b"), 0))->position == 3);
}

TEST_CASE("postgres: what is presumed absent may be another node's, and then its first event is refused") {
  Place place;
  place.fill(0, 1);
  const auto presumed = [](store::EventStore& store, const core::EntityKey& entity) {
    return store.presence(entity) == store::Presence::presumably_absent;
  };
  store::PostgresOptions options;
  options.url = place.url;
  options.clock = &place.clock;
  auto first = store::open_postgres_store(options);
  options.node = "second";
  auto second = store::open_postgres_store(options);
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  REQUIRE(await([&] { return presumed(**first, key("b")) && presumed(**second, key("b")); }));
  CHECK_FALSE(presumed(**first, key("a")));  // it was there before
  REQUIRE(append(**first, change_of(key("b"), 0)).ok());
  CHECK_FALSE(presumed(**first, key("b")));
  CHECK(presumed(**second, key("b")));
  const auto refused = append(**second, change_of(key("b"), 0));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == "store.conflict");
  CHECK(detail_of(refused.error(), "what") == "version");
  CHECK_FALSE(presumed(**second, key("b")));
}

TEST_CASE("postgres: a name that is no text is refused alone, before it can spoil a batch") {
  Place place;
  auto opened = place.open();
  REQUIRE(opened.ok());
  auto change = change_of(key("a"), 0);
  change.document.status = "\xff";
  CHECK(code_of(append(**opened, change)) == "store.malformed");
  change.document.status = std::string("a\0b", 3);
  CHECK(code_of(append(**opened, change)) == "store.malformed");
  CHECK((*opened)->health().writable);
}

TEST_CASE("postgres: a change that the database refuses drops out alone") {
  Place place;
  auto opened = place.open();
  REQUIRE(opened.ok());
  place.sql("ALTER TABLE nova.documents ADD CHECK (status <> 'poison')");
  std::vector<std::promise<std::string>> answers(20);
  for (int i = 0; i < 20; ++i) {
    auto change = change_of(key("e" + std::to_string(i)), 0);
    if (i == 7) change.document.status = "poison";
    (*opened)->append(std::move(change), [&, i](auto result) { answers[std::size_t(i)].set_value(code_of(result)); });
  }
  for (int i = 0; i < 20; ++i) CHECK(answers[std::size_t(i)].get_future().get() == (i == 7 ? "store.malformed" : "ok"));
  CHECK((*opened)->health().writable);
  CHECK((*opened)->head() == 19);
}

TEST_CASE("postgres: damage that the server finds is said, and nothing is written until the server was away") {
  Place place;
  auto opened = place.open();
  REQUIRE(opened.ok());
  auto& store = **opened;
  REQUIRE(append(store, change_of(key("a"), 0)).ok());
  place.sql(
      "CREATE FUNCTION nova.damaged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "RAISE EXCEPTION 'invalid page in block 7' USING ERRCODE = 'XX001'; END $$;"
      "CREATE TRIGGER damaged BEFORE INSERT ON nova.events FOR EACH ROW EXECUTE FUNCTION nova.damaged()");
  const auto refused = append(store, change_of(key("a"), 1));
  CHECK(code_of(refused) == "store.damaged");
  CHECK(refused.error().message.find("block 7") != std::string::npos);
  CHECK_FALSE(refused.error().remedy.empty());
  place.sql("DROP TRIGGER damaged ON nova.events");
  CHECK(code_of(append(store, change_of(key("a"), 1))) == "store.damaged");
  CHECK_FALSE(store.health().writable);
  CHECK(store.health().reason.find("store.damaged") == 0);
  CHECK(store.document(key("a")).value()->version == 1);
  place.sql(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
      "pg_backend_pid()");
  REQUIRE(await([&] { return store.health().writable; }, std::chrono::seconds(20)));
  CHECK(append(store, change_of(key("a"), 1)).ok());
}

TEST_CASE("postgres: a server without data checksums is warned of") {
  Place place;
  auto opened = place.open();
  REQUIRE(opened.ok());
  CHECK(place.sql("SHOW data_checksums") == "off");
  REQUIRE((*opened)->health().warnings.size() == 1);
  CHECK((*opened)->health().warnings[0].find("store.unchecked_pages: ") == 0);
  CHECK((*opened)->health().warnings[0].find("pg_checksums --enable") != std::string::npos);
}

TEST_CASE("postgres: the schema is made once, migrations are recorded, and later starts need no right to make one") {
  Place place;
  place.fill(0, 1);
  CHECK(place.sql("SELECT count(*) FROM nova.migrations") == std::to_string(store::postgres::migrations().size()));
  CHECK(place.sql("SELECT applied_at FROM nova.migrations WHERE number = 1") == std::to_string(place.clock.now().ms));
  place.sql(
      "DO $$ BEGIN CREATE ROLE plain_node LOGIN NOINHERIT; EXCEPTION WHEN duplicate_object THEN NULL; END $$; "
      "GRANT nova_writer, nova_reader, nova_tail TO plain_node");
  const auto owner = place.url;
  place.url = PostgresServer::as(owner, "plain_node");
  place.fill(1, 3);
  CHECK(says(place.attempt("SELECT count(*) FROM nova.events"), "permission denied"));
  place.url = owner;
}

TEST_CASE("postgres: who may not make the schema is told what to do") {
  Place place;
  place.sql("DO $$ BEGIN CREATE ROLE no_right LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  const auto owner = place.url;
  place.url = PostgresServer::as(owner, "no_right");
  const auto refused = place.open();
  INFO((refused.ok() ? "" : core::to_line(refused.error())));
  CHECK(code_of(refused) == "store.unauthorised");
  check_helpful(refused);
  place.url = owner;
}

TEST_CASE("postgres: a database that was set up as the manual says needs no other right") {
  PostgresServer server;
  std::ifstream manual(NOVA_SOURCE_DIR "/docs/postgres.md");
  int ran = 0;
  bool inside = false;
  for (std::string line; std::getline(manual, line);) {
    if (line.starts_with("```"))
      inside = line == "```sql";
    else if (inside)
      PostgresServer::sql(server.admin_url(), line), ++ran;
  }
  CHECK(ran == 9);
  store::PostgresOptions options;
  options.url = "postgresql:///nova?host=" + server.folder() + "&user=nova";
  auto opened = store::open_postgres_store(options);
  INFO((opened.ok() ? "" : core::to_line(opened.error())));
  REQUIRE(opened.ok());
  CHECK(append(**opened, change_of(key("a"), 0)).ok());
  CHECK(PostgresServer::sql(server.admin_url(),
                            "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = 'nova'") == "f");
  opened->reset();
  PostgresServer::sql(server.admin_url(), "REVOKE nova_owner FROM nova");
  CHECK(store::open_postgres_store(options).ok());
}

TEST_CASE("postgres: a load reads its own key, also by a plan that was made when the table was empty") {
  Place place;
  auto opened = place.open();
  REQUIRE(opened.ok());
  auto& store = **opened;
  // Plans are made and kept within the first few; statistics must not come to their help.
  place.sql("ALTER TABLE nova.documents SET (autovacuum_enabled = off)");
  for (int i = 0; i < 10; ++i) REQUIRE(store.document(key("none")).ok());
  for (int i = 0; i < 300; ++i) REQUIRE(append(store, change_of(key("e" + std::to_string(i)), 0)).ok());
  const auto counted = [&](const std::string& column) {
    return std::stol(place.sql("SELECT " + column + " FROM pg_stat_user_indexes WHERE indexrelname = 'documents_key'"));
  };
  const auto read_before = counted("idx_tup_read"), scans_before = counted("idx_scan");
  for (int i = 0; i < 100; ++i) REQUIRE(store.document(key("e" + std::to_string(i))).value()->version == 1);
  // The server counts at the end of a session at the latest.
  opened->reset();
  REQUIRE(await([&] { return counted("idx_scan") >= scans_before + 100; }));
  // The appends before may be counted late, one row at most each.
  CHECK(counted("idx_tup_read") - read_before <= 600);
}

TEST_CASE("postgres: two nodes that start at once make one schema") {
  Place place;
  std::vector<std::future<std::string>> starts;
  for (int i = 0; i < 4; ++i)
    starts.push_back(std::async(std::launch::async, [&, i] {
      store::PostgresOptions options;
      options.url = place.url;
      options.node = "n" + std::to_string(i);
      return code_of(store::open_postgres_store(options));
    }));
  for (auto& start : starts) CHECK(start.get() == "ok");
}

TEST_CASE("postgres: a newer schema is refused and left as it is") {
  Place place;
  place.fill(0, 1);
  place.sql("INSERT INTO nova.migrations VALUES (999, 'later', 0)");
  const auto refused = place.open();
  CHECK(code_of(refused) == "store.newer_schema");
  check_helpful(refused);
  CHECK(detail_of(refused.error(), "schema") == "999");
}

TEST_CASE("postgres: each past schema is migrated from, with what it held") {
  // One file a released schema, `pg_dump --inserts` of a store with two events of acme/platform/a; never edited.
  int found = 0;
  for (const auto& file : std::filesystem::directory_iterator(NOVA_SOURCE_DIR "/tests/store/testdata/postgres")) {
    Place place;
    place.fill(0, 1);  // the roles, which belong to the server
    place.sql("DROP SCHEMA nova CASCADE");
    std::filesystem::remove(place.dir / "postgres.head");
    std::ifstream in(file.path());
    std::ostringstream text;
    for (std::string line; std::getline(in, line);)
      if (!line.starts_with("\\")) text << line << "\n";  // psql's own words
    place.sql(text.str());
    auto opened = place.open();
    INFO(file.path());
    REQUIRE(opened.ok());
    auto& store = **opened;
    CHECK(place.sql("SELECT max(number) FROM nova.migrations") ==
          std::to_string(store::postgres::migrations().back().number));
    CHECK(store.head() == 2);
    CHECK(store.document(key("a")).value()->version == 2);
    CHECK(store.works(0, 10).value().size() == 1);
    CHECK(append(store, change_of(key("a"), 2)).ok());
    ++found;
  }
  CHECK(found >= 1);
}

TEST_CASE("postgres: a migration that fails leaves the schema before it") {
  Place place;
  place.fill(0, 1);
  auto known = store::postgres::migrations();
  const int newest = known.back().number;
  known.push_back({newest + 1, "good", "CREATE TABLE nova.extra(id int)"});
  known.push_back({newest + 2, "bad", "CREATE TABLE nova.half(id int); SELECT no_such_thing()"});
  store::postgres::Target target;
  target.url = place.url;
  auto session = store::postgres::Session::open(target, store::postgres::Session::Role::own);
  REQUIRE(session.ok());
  CHECK_FALSE(store::postgres::migrate(**session, target, known, place.clock.now()).ok());
  CHECK(place.sql("SELECT max(number) FROM nova.migrations") == std::to_string(newest + 1));
  CHECK(place.sql("SELECT to_regclass('nova.half') IS NULL") == "t");
  known.back().sql = "CREATE TABLE nova.half(id int)";
  CHECK(store::postgres::migrate(**session, target, known, place.clock.now()).ok());
  CHECK(place.sql("SELECT max(number) FROM nova.migrations") == std::to_string(newest + 2));
}

TEST_CASE("postgres: a server that could lose what was acknowledged is refused") {
  Place place;
  const auto name = place.sql("SELECT current_database()");
  place.sql("ALTER DATABASE " + name + " SET synchronous_commit = off");
  const auto refused = place.open();
  CHECK(code_of(refused) == "store.unsafe_server");
  check_helpful(refused);
  CHECK(detail_of(refused.error(), "setting") == "synchronous_commit");
  place.sql("ALTER DATABASE " + name + " RESET synchronous_commit");
  CHECK(place.open().ok());

  PostgresServer unsafe({"fsync=off"});
  store::PostgresOptions options;
  options.url = unsafe.make_database();
  const auto not_synced = store::open_postgres_store(options);
  CHECK(code_of(not_synced) == "store.unsafe_server");
  CHECK(detail_of(not_synced.error(), "setting") == "fsync");
}

TEST_CASE("postgres: a database in another encoding is refused") {
  Place place;
  PostgresServer::shared().drop_database(place.url);
  place.url = PostgresServer::shared().make_database("LATIN1");
  const auto refused = place.open();
  CHECK(code_of(refused) == "store.wrong_encoding");
  check_helpful(refused);
}

TEST_CASE("postgres: events that are missing are noticed") {
  Place place;
  place.fill(0, 20);
  place.sql("DELETE FROM nova.events WHERE position = 12");
  CHECK(code_of(place.open()) == "store.damaged");
}

TEST_CASE("postgres: an old copy put in place of the database is refused and not written to") {
  Place place;
  place.fill(0, 5);
  const auto newest = place.url;
  const auto old = PostgresServer::shared().copy_database(newest);
  place.fill(5, 9);
  place.url = old;
  const auto refused = place.open();
  CHECK(code_of(refused) == "store.went_back");
  check_helpful(refused);
  CHECK(detail_of(refused.error(), "position") == "9");
  CHECK(place.sql("SELECT max(position) FROM nova.events") == "5");
  std::filesystem::remove(place.dir / "postgres.head");
  CHECK(place.open().ok());
  PostgresServer::shared().drop_database(newest);
}

TEST_CASE("postgres: another database than the one that was written to is refused") {
  Place place, other;
  place.fill(0, 5);
  other.fill(0, 7);
  std::swap(place.url, other.url);
  CHECK(code_of(place.open()) == "store.went_back");
}

TEST_CASE("postgres: an address that leads nowhere is one clear error without a password") {
  store::PostgresOptions options;
  options.url = "postgresql://amy:hunter2@127.0.0.1:1/nova";
  const auto refused = store::open_postgres_store(options);
  CHECK(code_of(refused) == "store.unavailable");
  CHECK(says(refused.error().message, "127.0.0.1:1"));
  CHECK_FALSE(says(core::to_line(refused.error()), "hunter2"));
  options.url = "postgresql://amy:hunter2@:x:y/%zz";
  CHECK_FALSE(says(core::to_line(store::open_postgres_store(options).error()), "hunter2"));
}

TEST_CASE("postgres: a password file must be there and its owner's only") {
  Place place;
  store::PostgresOptions options;
  options.url = place.url;
  options.password_file = (place.dir / "password").string();
  CHECK(code_of(store::open_postgres_store(options)) == "store.no_password");
  std::ofstream(options.password_file) << "secret'with\\marks\n";
  chmod(options.password_file.c_str(), 0644);
  CHECK(code_of(store::open_postgres_store(options)) == "store.password_exposed");
  chmod(options.password_file.c_str(), 0600);
  CHECK(store::open_postgres_store(options).ok());
}

TEST_CASE("postgres: the reader sees the tenant that its transaction names, the tail all, the writer nothing") {
  Place place;
  place.fill(0, 3, "acme");
  place.fill(0, 2, "zeta");
  const auto as = [](const std::string& role) { return "BEGIN; SET LOCAL ROLE " + role + "; "; };
  const auto count = "SELECT count(*) FROM nova.events e JOIN nova.documents d USING (stream)";
  CHECK(place.sql(as("nova_reader") + count) == "0");
  CHECK(place.sql(as("nova_reader") + "SET LOCAL nova.tenant = 'acme'; " + count) == "3");
  CHECK(place.sql(as("nova_reader") + "SET LOCAL nova.tenant = 'zeta'; " + count) == "2");
  CHECK(place.sql(as("nova_tail") + count) == "5");
  CHECK(says(place.attempt(as("nova_writer") + count), "permission denied"));
  for (const char* table : {"works", "keeps", "timers", "claims", "idempotency", "nodes"})
    CHECK(says(place.attempt(as("nova_reader") + "SELECT 1 FROM nova." + table), "permission denied"));
  for (const char* role : {"nova_writer", "nova_reader", "nova_tail"})
    for (const char* change : {"DELETE FROM nova.events", "UPDATE nova.documents SET version = 9",
                               "INSERT INTO nova.claims VALUES ('x', 1)", "TRUNCATE nova.events"}) {
      INFO(role << ": " << change);
      CHECK(says(place.attempt(as(role) + change), "permission denied"));
    }
  for (const char* role : {"nova_reader", "nova_tail"})
    CHECK(says(place.attempt(as(role) + "SELECT nova.fence_node('local')"), "permission denied"));
  // Forced: not even the owner of the tables is above the policies, only named in one.
  CHECK(place.sql("SELECT bool_and(relforcerowsecurity) FROM pg_class WHERE oid IN ('nova.events'::regclass, "
                  "'nova.documents'::regclass)") == "t");
}

TEST_CASE("postgres: who asks sees their tenants and what is their own, whatever is asked for") {
  Place place;
  place.fill(0, 3, "acme");
  place.fill(0, 2, "zeta");
  auto opened = place.open();
  REQUIRE(opened.ok());
  auto& store = **opened;
  const auto own = [&](core::EntityKey key, const std::string& parent) {
    auto change = change_of(std::move(key), 0);
    change.document.parent = parent;
    REQUIRE(append(store, std::move(change)).ok());
  };
  own({"system", "user", "amy"}, "");
  own({"system", "user", "bob"}, "");
  own({"system", "session", "s1"}, "user/amy");
  own({"system", "session", "s2"}, "user/bob");
  own({"zeta", "membership", "amy"}, "");
  own({"zeta", "session", "s3"}, "user/amy");  // a parent is of the same tenant, so this is another amy

  for (const char* tenant : {"acme", "zeta", "zeta"}) {
    store::DeadLetter letter;
    letter.id = core::new_uuid(core::system_clock().now());
    letter.owner = key("a", tenant);
    letter.what = "{}";
    std::promise<core::Status> put;
    store.add_dead_letter(std::move(letter), [&](core::Status done) { put.set_value(std::move(done)); });
    REQUIRE(put.get_future().get());
  }

  const store::Readable amy{false, {"acme", "none"}, "amy"};
  const auto seen = [&](const core::EntityKey& key) { return store.document(key).value().has_value(); };
  const auto events = [&](const core::EntityKey& key) { return store.read(key, 0, 10).value().size(); };
  const auto listed = [&](const std::string& tenant, const std::string& kind) {
    store::DocumentQuery query;
    query.tenant = tenant;
    query.kind = kind;
    return store.documents(query).value().items.size();
  };
  const auto logged = [&](const std::string& tenant) {
    return store.read_all(0, {tenant, {}, {}, {}}, 100).value().events.size();
  };
  const auto check_all = [&] {
    CHECK(seen(key("a", "zeta")));
    CHECK(events(key("a", "zeta")) == 2);
    CHECK(listed("", "session") == 3);
    CHECK(logged("") == 11);
    CHECK(store.dead_letters({}, {}, 10).value().size() == 3);
  };
  check_all();
  {
    const store::ReadScope scope(amy);
    CHECK(seen(key("a", "acme")));
    CHECK_FALSE(seen(key("a", "zeta")));
    CHECK(events(key("a", "acme")) == 3);
    CHECK(events(key("a", "zeta")) == 0);
    CHECK(seen({"system", "user", "amy"}));
    CHECK_FALSE(seen({"system", "user", "bob"}));
    CHECK(seen({"zeta", "membership", "amy"}));
    CHECK(events({"system", "session", "s1"}) == 1);
    CHECK(events({"system", "session", "s2"}) == 0);
    CHECK(events({"zeta", "session", "s3"}) == 0);
    CHECK(listed("", "session") == 1);
    CHECK(listed("zeta", key("a").kind) == 0);
    CHECK(logged("zeta") == 1);  // the own membership
    CHECK(logged("") == 3 + 1 + 1 + 1);
    CHECK(store.read_back(0, {"zeta", {}, {}, {}}, 10).value().size() == 1);
    CHECK(store.dead_letters({}, {}, 10).value().size() == 1);
    // The innermost counts, and only on its thread.
    const store::Readable nobody;
    const store::ReadScope inner(nobody);
    CHECK_FALSE(seen(key("a", "acme")));
    CHECK(logged("") == 0);
    const store::Readable everything{true, {}, {}};
    const store::ReadScope innermost(everything);
    check_all();
  }
  check_all();  // on the same connections
}

TEST_CASE("postgres: lists and lookups use their indexes, also with plans that were made on empty tables") {
  Place place;
  place.fill(0, 1);
  const auto plan = [&](const std::string& where) {
    return place.sql(
        "SET enable_seqscan = off; EXPLAIN (FORMAT JSON) SELECT body FROM nova.documents WHERE kind = 'k' AND " +
        where);
  };
  struct Row {
    const char* where;
    const char* index;
  };
  for (const auto& row :
       {Row{"tenant = 't' AND id = 'i'", "documents_key"},
        Row{"tenant = 't' AND id > 'a' ORDER BY id LIMIT 9", "documents_key"},
        Row{"(tenant, id) > ('t', 'a') ORDER BY tenant, id LIMIT 9", "documents_key"},
        Row{"status = 's' AND status <> '' AND tenant = 't' AND id > 'a' ORDER BY id LIMIT 9", "documents_status"},
        Row{"parent = 'p' AND parent <> '' AND tenant = 't' AND id > 'a' ORDER BY id LIMIT 9", "documents_parent"}}) {
    const auto text = plan(row.where);
    INFO(text);
    CHECK(says(text, row.index));
    CHECK_FALSE(says(text, "\"Sort\""));
  }
}
