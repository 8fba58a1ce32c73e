// One vault of several nodes on one PostgreSQL.
#include "store/postgres/vault_shelf.hpp"
#include "store/vault.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/postgres_server.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

using namespace nova;
using namespace nova::testkit;

namespace {

template <class T>
std::string code_of(const core::Result<T>& result) {
  return result.ok() ? "ok" : result.error().code;
}

struct Place {
  std::string url = PostgresServer::shared().make_database();
  TempDir dir;
  Place() { REQUIRE(store::open_postgres_store(options()).ok()); }

  store::PostgresOptions options() const {
    store::PostgresOptions made;
    made.url = url;
    return made;
  }
  std::unique_ptr<store::Shelf> shelf() const { return store::open_postgres_shelf(options()).value(); }
  core::Result<std::unique_ptr<store::Vault>> open(const std::string& key = "node.key") const {
    return store::open_vault(shelf(), dir / key);
  }
  std::string sql(const std::string& statement) const { return PostgresServer::sql(url, statement); }
};

const std::string value = "correct horse battery staple";
const std::string path = "clinic/secret/db/value";

}  // namespace

TEST_CASE("shared vault: what one node seals another reveals, and what it destroys is gone for both") {
  Place place;
  auto one = place.open(), two = place.open();
  const auto reference = one.value()->seal(path, value).value();
  CHECK(reference == "secret://" + path + "@1");
  CHECK(two.value()->reveal(reference).value() == value);
  CHECK(two.value()->seal(path, value).value() == reference);
  CHECK(two.value()->newest(path).value().value() == reference);
  const auto second = two.value()->seal(path, "another").value();
  CHECK(second == "secret://" + path + "@2");
  REQUIRE(two.value()->destroy_version(reference).ok());
  CHECK(code_of(one.value()->reveal(reference)) == "secret.destroyed");
  CHECK(one.value()->reveal(second).value() == "another");
  CHECK(one.value()->newest(path).value().value() == second);
  REQUIRE(two.value()->destroy(path).ok());
  CHECK(code_of(one.value()->reveal(second)) == "secret.destroyed");
  CHECK_FALSE(one.value()->newest(path).value());
  CHECK(one.value()->seal(path, value).value() == "secret://" + path + "@3");
  CHECK(code_of(one.value()->destroy("unknown")) == "secret.not_found");
  CHECK(place.sql("SELECT string_agg(version || ':' || (sealed IS NULL), ' ' ORDER BY version) "
                  "FROM nova.vault_secrets") == "1:true 2:true 3:false");
}

TEST_CASE("shared vault: personal data opens on each node, and on none once it is forgotten") {
  Place place;
  auto one = place.open(), two = place.open();
  const auto sealed = one.value()->subject("clinic/user/amy").value()->seal("Amy");
  CHECK(two.value()->subject("clinic/user/amy").value()->open(sealed).value() == "Amy");
  REQUIRE(one.value()->forget("clinic/user/amy").ok());
  CHECK_FALSE(place.open().value()->subject("clinic/user/amy").value()->open(sealed));
}

TEST_CASE("shared vault: nodes that seal at one path at the same time each keep what they sealed") {
  Place place;
  auto one = place.open(), two = place.open();
  std::array<std::vector<std::string>, 2> references;
  const auto work = [&](int who, store::Vault& vault) {
    for (int i = 0; i < 20; ++i)
      references[who].push_back(vault.seal(path, std::to_string(who) + "." + std::to_string(i)).value());
  };
  std::thread other([&] { work(1, *two.value()); });
  work(0, *one.value());
  other.join();
  std::set<std::string> seen;
  for (int who : {0, 1})
    for (int i = 0; i < 20; ++i) {
      CHECK(one.value()->reveal(references[who][i]).value() == std::to_string(who) + "." + std::to_string(i));
      seen.insert(references[who][i]);
    }
  CHECK(seen.size() == 40);
}

TEST_CASE("shared vault: of what is made once the first one's holds") {
  Place place;
  auto one = place.open(), two = place.open();
  std::array<std::string, 2> references;
  std::thread other([&] { references[1] = two.value()->seal_first(path, "two").value(); });
  references[0] = one.value()->seal_first(path, "one").value();
  other.join();
  CHECK(references[0] == references[1]);
  CHECK(references[0] == "secret://" + path + "@1");
  CHECK(place.sql("SELECT count(*) FROM nova.vault_secrets") == "1");
}

TEST_CASE("shared vault: a node with another key or none is told whose is needed, and no key is made") {
  Place place;
  REQUIRE(place.open().ok());
  const auto fingerprint = place.sql("SELECT fingerprint FROM nova.vault_mark");
  CHECK(fingerprint.size() == 16);
  auto none = place.open("missing.key");
  REQUIRE(code_of(none) == "vault.sealed");
  CHECK(none.error().remedy.find(fingerprint) != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(place.dir / "missing.key"));

  Place elsewhere;
  REQUIRE(elsewhere.open().ok());
  std::filesystem::copy(elsewhere.dir / "node.key", place.dir / "other.key");
  auto other = place.open("other.key");
  REQUIRE(code_of(other) == "vault.sealed");
  CHECK(other.error().remedy.find(fingerprint) != std::string::npos);
  CHECK(other.error().message.find(elsewhere.sql("SELECT fingerprint FROM nova.vault_mark")) != std::string::npos);
}

TEST_CASE("shared vault: no row holds a value, and a row under another name opens nothing") {
  Place place;
  auto vault = place.open();
  REQUIRE(vault.value()->seal("aaaa/key", value).ok());
  REQUIRE(vault.value()->seal("bbbb/key", value).ok());
  CHECK(place.sql("SELECT count(*) FROM nova.vault_secrets WHERE position('" + value + "'::bytea IN sealed) > 0") ==
        "0");
  place.sql(
      "UPDATE nova.vault_secrets SET sealed = (SELECT sealed FROM nova.vault_secrets WHERE path = 'bbbb/key') "
      "WHERE path = 'aaaa/key'");
  CHECK(code_of(vault.value()->reveal("secret://aaaa/key@1")) == "vault.damaged");
  CHECK(vault.value()->reveal("secret://bbbb/key@1").value() == value);
}

TEST_CASE("shared vault: no role of a node sees the tables, and only the writer may ask") {
  Place place;
  REQUIRE(place.open().value()->seal(path, value).ok());
  const auto as = [&](const std::string& role, const std::string& statement) {
    try {
      return place.sql("BEGIN; SET LOCAL ROLE " + role + "; " + statement);
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
  };
  const auto refused = [](const std::string& text) { return text.find("permission denied") != std::string::npos; };
  for (const char* table : {"vault_mark", "vault_secrets", "vault_subjects"}) {
    for (const char* role : {"nova_writer", "nova_reader", "nova_tail"}) {
      INFO(role << " " << table);
      CHECK(refused(as(role, "SELECT 1 FROM nova." + std::string(table))));
      CHECK(refused(as(role, "DELETE FROM nova." + std::string(table))));
    }
    CHECK(place.sql("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = 'nova." +
                    std::string(table) + "'::regclass") == "t");
  }
  const auto ask = "SELECT r_version FROM nova.vault_get('" + path + "', 0)";
  CHECK(as("nova_writer", ask) == "1");
  CHECK(refused(as("nova_reader", ask)));
  CHECK(refused(as("nova_tail", ask)));
}

TEST_CASE("shared vault: while the database is away known secrets open, and nothing else is answered") {
  PostgresServer server;
  store::PostgresOptions options;
  options.url = server.make_database();
  REQUIRE(store::open_postgres_store(options).ok());
  TempDir dir;
  auto vault = store::open_vault(store::open_postgres_shelf(options).value(), dir / "node.key");
  const auto known = vault.value()->seal(path, value).value();
  const auto gone = vault.value()->seal("clinic/secret/gone/value", value).value();
  const auto unread = vault.value()->seal("clinic/secret/unread/value", value).value();
  REQUIRE(vault.value()->reveal(known).ok());
  REQUIRE(vault.value()->reveal(gone).ok());
  REQUIRE(vault.value()->destroy("clinic/secret/gone/value").ok());
  server.kill();
  CHECK(vault.value()->reveal(known).value() == value);
  CHECK(code_of(vault.value()->reveal(gone)) == "store.unavailable");
  CHECK(code_of(vault.value()->reveal(unread)) == "store.unavailable");
  CHECK(code_of(vault.value()->seal(path, "another")) == "store.unavailable");
  CHECK(code_of(vault.value()->subject("clinic/user/amy")) == "store.unavailable");
  server.start();
  CHECK(vault.value()->reveal(unread).value() == value);
}

TEST_CASE("shelves: everything goes from one to another, and back, with what was destroyed") {
  Place place;
  auto vault = place.open();
  const auto kept = vault.value()->seal(path, value).value();
  const auto destroyed = vault.value()->seal("clinic/secret/old/value", "old").value();
  REQUIRE(vault.value()->destroy("clinic/secret/old/value").ok());
  for (int i = 0; i < 150; ++i) REQUIRE(vault.value()->seal("many/" + std::to_string(i), "x").ok());
  const auto amy = vault.value()->subject("clinic/user/amy").value()->seal("Amy");
  const auto bob = vault.value()->subject("clinic/user/bob").value()->seal("Bob");
  REQUIRE(vault.value()->forget("clinic/user/bob").ok());

  const auto check = [&](store::Vault& copy) {
    CHECK(copy.reveal(kept).value() == value);
    CHECK(copy.reveal("secret://many/149@1").value() == "x");
    CHECK(code_of(copy.reveal(destroyed)) == "secret.destroyed");
    CHECK(copy.seal("clinic/secret/old/value", "old").value() == "secret://clinic/secret/old/value@2");
    CHECK(copy.subject("clinic/user/amy").value()->open(amy).value() == "Amy");
    CHECK_FALSE(copy.subject("clinic/user/bob").value()->open(bob));
  };
  const auto shared = place.shelf();
  const auto file = place.dir / "vault.db";
  CHECK(store::copy_shelf(*shared, *store::open_local_shelf(file).value()).value() == 0);
  Place other;
  std::filesystem::copy(place.dir / "node.key", other.dir / "node.key");
  CHECK(store::copy_shelf(*store::open_local_shelf(file).value(), *other.shelf()).value() == 0);
  check(*store::open_local_vault(file, place.dir / "node.key").value());
  check(*other.open().value());
  // A second time nothing changes, and what differs by now is counted: the new version and Bob's new key.
  CHECK(store::copy_shelf(*store::open_local_shelf(file).value(), *other.shelf()).value() == 2);
}
