// Servers that die, connections that break at the worst moment, and more than one node.
#include "store/postgres/postgres_store.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/cut_socket.hpp"
#include "tests/testkit/postgres_server.hpp"
#include "tests/testkit/store_contract.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <deque>
#include <map>
#include <mutex>
#include <set>

using namespace nova;
using namespace nova::testkit;

namespace {

struct Place {
  std::string url = PostgresServer::shared().make_database();
  store::PostgresOptions options;

  Place() { options.url = url; }
  ~Place() { PostgresServer::shared().drop_database(url); }
  std::unique_ptr<store::EventStore> open(const std::string& node = "local") {
    options.node = node;
    auto opened = store::open_postgres_store(options);
    if (!opened) throw std::runtime_error(core::to_line(opened.error()));
    return std::move(*opened);
  }
  std::string sql(const std::string& statements) const { return PostgresServer::sql(url, statements); }
};

/// Appends to fresh entities from several threads' worth of chains, and remembers what it was told of each.
class Load {
 public:
  explicit Load(store::EventStore& store, std::string prefix = "e") : store_(store), prefix_(std::move(prefix)) {}

  void start(int chains) {
    for (int i = 0; i < chains; ++i) next();
  }
  /// Every append that was sent is answered.
  bool stop() {
    stopping_ = true;
    return await([&] { return under_way_ == 0; }, std::chrono::seconds(40));
  }
  std::size_t acknowledged() {
    std::lock_guard lock(mutex_);
    return made_.size();
  }
  /// Lost, and made although refused.
  std::pair<std::size_t, std::size_t> wrong(store::EventStore& store) {
    std::size_t lost = 0, doubled = 0;
    for (const auto& id : made_) lost += !store.document(key(id)).value();
    for (const auto& id : refused_) doubled += store.document(key(id)).value().has_value();
    return {lost, doubled};
  }
  std::set<std::string> codes;

 private:
  void next() {
    ++under_way_;
    const auto id = prefix_ + std::to_string(++sent_);
    store_.append(change_of(key(id), 0), [this, id](auto result) {
      {
        std::lock_guard lock(mutex_);
        codes.insert(code_of(result));
        if (result.ok())
          made_.insert(id);
        else if (detail_of(result.error(), "outcome") != "unknown")
          refused_.insert(id);
      }
      // A refusal comes on the caller's own thread, so the chain goes on from another.
      if (!stopping_ && result.ok())
        next();
      else if (!stopping_)
        again_ = true;
      --under_way_;
    });
  }

 public:
  /// Begins again the chains that a refusal ended.
  void revive(int chains) {
    if (again_.exchange(false)) start(chains);
  }

 private:
  store::EventStore& store_;
  const std::string prefix_;
  std::mutex mutex_;
  std::set<std::string> made_, refused_;
  std::atomic<int> sent_ = 0, under_way_ = 0;
  std::atomic<bool> stopping_ = false, again_ = false;
};

void check_dense(store::EventStore& store) {
  std::uint64_t expected = 0, gaps = 0;
  for (std::uint64_t at = 0; at < store.head();) {
    const auto slice = store.read_all(at, {}, 1000).value();
    for (const auto& event : slice.events) gaps += event.position != ++expected;
    at = slice.scanned_to;
  }
  CHECK(gaps == 0);
  CHECK(expected == store.head());
}

}  // namespace

TEST_CASE("postgres: connections that are ended under load lose nothing and double nothing") {
  Place place;
  const auto store = place.open();
  Load load(*store);
  load.start(32);
  for (int round = 0; round < 8; ++round) {
    const auto goal = load.acknowledged() + 50;
    REQUIRE(await([&] {
      load.revive(32);
      return load.acknowledged() >= goal;
    }));
    place.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'novad' AND datname = "
        "current_database()");
  }
  REQUIRE(load.stop());
  REQUIRE(await([&] { return store->health().writable; }));
  CHECK(load.wrong(*store) == std::pair<std::size_t, std::size_t>(0, 0));
  check_dense(*store);
  CHECK_FALSE(load.codes.contains("store.conflict"));
}

TEST_CASE("postgres: a server that is killed under load is lived through") {
  Place place;
  const auto store = place.open();
  Load load(*store);
  for (int round = 0; round < 3; ++round) {
    const auto goal = load.acknowledged() + 200;
    load.start(16);
    REQUIRE(await([&] {
      load.revive(16);
      return load.acknowledged() >= goal;
    }));
    PostgresServer::shared().kill();
    REQUIRE(await([&] { return !store->health().writable; }));
    CHECK_FALSE(store->health().reason.empty());
    CHECK(code_of(append(*store, change_of(key("away"), 7))) == "store.read_only");
    PostgresServer::shared().start();
    REQUIRE(await([&] { return store->health().writable; }, std::chrono::seconds(20)));
    CHECK(store->document(key("none")).ok());
  }
  REQUIRE(load.stop());
  CHECK(load.wrong(*store) == std::pair<std::size_t, std::size_t>(0, 0));
  check_dense(*store);
}

TEST_CASE("postgres: a commit whose answer is lost is found, and answered as made") {
  Place place;
  CutSocket cut(PostgresServer::shared().folder());
  const auto direct = place.url;
  place.options.url = direct.substr(0, direct.find("host=") + 5) + cut.folder() + "&user=owner";
  const auto store = place.open();
  REQUIRE(append(*store, change_of(key("before"), 0)).ok());
  REQUIRE(append(*store, change_of(key("hot"), 0)).ok());
  cut.swallow_answers(true);
  std::promise<core::Result<store::Appended>> made, late;
  store->append(change_of(key("a"), 0, 2), [&](auto result) { made.set_value(std::move(result)); });
  REQUIRE(await([&] { return place.sql("SELECT max(position) FROM nova.events") == "4"; }));
  auto answer = made.get_future();
  CHECK(answer.wait_for(std::chrono::milliseconds(0)) == std::future_status::timeout);
  cut.refuse(true);
  cut.cut();
  REQUIRE(await([&] { return !store->health().writable; }));
  // Frozen: neither yes nor no before the database was asked.
  CHECK(answer.wait_for(std::chrono::milliseconds(300)) == std::future_status::timeout);
  CHECK(code_of(append(*store, change_of(key("a"), 2))) == "store.read_only");
  cut.swallow_answers(false);
  cut.refuse(false);
  REQUIRE(answer.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  const auto result = answer.get();
  REQUIRE(result.ok());
  CHECK(result->position == 4);
  CHECK(result->version == 2);
  CHECK(append(*store, change_of(key("a"), 2)).ok());
  CHECK(store->head() == 5);
}

TEST_CASE("postgres: a registration whose answer is lost is no other process") {
  Place place;
  CutSocket cut(PostgresServer::shared().folder());
  const auto direct = place.url;
  place.options.url = direct.substr(0, direct.find("host=") + 5) + cut.folder() + "&user=owner";
  const auto store = place.open();
  REQUIRE(append(*store, change_of(key("a"), 0)).ok());
  const auto epoch = [&] { return std::stoi(place.sql("SELECT max(epoch) FROM nova.nodes")); };
  const int before = epoch();
  // As the server has it when the connection was cut between the registration's commit and its answer.
  place.sql(
      "UPDATE nova.nodes SET epoch = epoch + 1, registration = split_part(registration, '/', 1) || '/' || epoch + 1");
  cut.cut();
  CHECK(await([&] { return epoch() > before + 1 && store->health().writable; }, std::chrono::seconds(20)));
  CHECK(append(*store, change_of(key("a"), 1)).ok());
}

TEST_CASE("postgres: a log that moved by another node's events only is no other log") {
  Place place;
  const auto one = place.open();
  auto options = place.options;
  options.node = "two";
  options.witness_file.clear();
  auto two = store::open_postgres_store(options);
  REQUIRE(two.ok());
  REQUIRE(append(*one, change_of(key("a"), 0)).ok());
  REQUIRE(append(**two, change_of(key("a"), 1)).ok());
  REQUIRE(code_of(append(*one, change_of(key("a"), 1))) == "store.conflict");
  place.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'novad' AND datname = "
      "current_database()");
  CHECK(await([&] { return append(*one, change_of(key("b"), 0)).ok(); }, std::chrono::seconds(20)));
}

TEST_CASE("postgres: a stream does not go on behind what an old copy lacks") {
  Place place;
  const auto store = place.open();
  for (std::uint64_t version = 0; version < 5; ++version) REQUIRE(append(*store, change_of(key("a"), version)).ok());
  REQUIRE(store->read_all(2, {}, 10)->events.size() == 3);
  CHECK(store->read_all(2, {"other", "", "", ""}, 10)->scanned_to == 5);
  place.sql("DELETE FROM nova.events WHERE position > 2");
  for (const auto* tenant : {"", "acme", "other"})
    CHECK(code_of(store->read_all(2, {tenant, "", "", ""}, 10)) == "store.went_back");
}

TEST_CASE("postgres: a commit that never reached the server is proved absent, and answered as not made") {
  Place place;
  CutSocket cut(PostgresServer::shared().folder());
  const auto direct = place.url;
  place.options.url = direct.substr(0, direct.find("host=") + 5) + cut.folder() + "&user=owner";
  const auto store = place.open();
  REQUIRE(append(*store, change_of(key("before"), 0)).ok());
  cut.swallow_questions(true);
  std::promise<core::Result<store::Appended>> made;
  store->append(change_of(key("a"), 0), [&](auto result) { made.set_value(std::move(result)); });
  auto answer = made.get_future();
  CHECK(answer.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout);
  cut.cut();
  cut.swallow_questions(false);
  REQUIRE(answer.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  const auto result = answer.get();
  CHECK(code_of(result) == "store.read_only");
  CHECK(detail_of(result.error(), "outcome").empty());
  REQUIRE(await([&] { return store->health().writable; }));
  CHECK_FALSE(store->document(key("a")).value());
  CHECK(append(*store, change_of(key("a"), 0)).ok());
}

TEST_CASE("postgres: what cannot be settled in time is told as unknown") {
  Place place;
  CutSocket cut(PostgresServer::shared().folder());
  const auto direct = place.url;
  place.options.url = direct.substr(0, direct.find("host=") + 5) + cut.folder() + "&user=owner";
  place.options.settle_limit = std::chrono::milliseconds(300);
  const auto store = place.open();
  REQUIRE(append(*store, change_of(key("before"), 0)).ok());
  cut.swallow_answers(true);
  std::promise<core::Result<store::Appended>> made;
  store->append(change_of(key("a"), 0), [&](auto result) { made.set_value(std::move(result)); });
  REQUIRE(await([&] { return place.sql("SELECT count(*) FROM nova.events") == "2"; }));
  cut.refuse(true);
  cut.cut();
  auto answer = made.get_future();
  REQUIRE(answer.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  const auto result = answer.get();
  CHECK(code_of(result) == "store.read_only");
  CHECK(detail_of(result.error(), "outcome") == "unknown");
  cut.swallow_answers(false);
  cut.refuse(false);
  REQUIRE(await([&] { return store->head() == 2; }));
  REQUIRE(await([&] { return store->health().writable; }));
}

TEST_CASE("postgres: a server that stands still is told of, and does not hold readers for ever") {
  Place place;
  place.options.statement_timeout = std::chrono::milliseconds(200);
  const auto store = place.open();
  REQUIRE(append(*store, change_of(key("a"), 0)).ok());
  PostgresServer::shared().signal(SIGSTOP);
  std::promise<core::Result<store::Appended>> made;
  store->append(change_of(key("b"), 0), [&](auto result) { made.set_value(std::move(result)); });
  CHECK(code_of(store->document(key("a"))) == "store.unavailable");
  CHECK(await([&] { return !store->health().writable; }));
  PostgresServer::shared().signal(SIGCONT);
  auto answer = made.get_future();
  REQUIRE(answer.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  const auto result = answer.get();
  REQUIRE(await([&] { return store->health().writable; }, std::chrono::seconds(20)));
  CHECK(store->document(key("b")).value().has_value() == result.ok());
}

TEST_CASE("postgres: settings that turn unsafe stop the writer, and it goes on when they are right again") {
  Place place;
  place.options.lease = std::chrono::milliseconds(300);
  const auto store = place.open();
  REQUIRE(append(*store, change_of(key("a"), 0)).ok());
  PostgresServer::sql(PostgresServer::shared().admin_url(), "ALTER SYSTEM SET full_page_writes = off");
  PostgresServer::sql(PostgresServer::shared().admin_url(), "SELECT pg_reload_conf()");
  CHECK(await([&] { return !store->health().writable; }));
  CHECK(store->health().reason.find("full_page_writes") != std::string::npos);
  CHECK(code_of(append(*store, change_of(key("b"), 0))) == "store.read_only");
  PostgresServer::sql(PostgresServer::shared().admin_url(), "ALTER SYSTEM RESET full_page_writes");
  PostgresServer::sql(PostgresServer::shared().admin_url(), "SELECT pg_reload_conf()");
  REQUIRE(await([&] { return store->health().writable; }));
  CHECK(append(*store, change_of(key("b"), 0)).ok());
}

TEST_CASE("postgres: two nodes append to one log, each hears of the other, and positions stay dense") {
  Place place;
  const auto one = place.open("one"), two = place.open("two");
  std::atomic<std::uint64_t> heard_one = 0, heard_two = 0;
  const auto listens_one = one->subscribe([&](std::uint64_t head) { heard_one = head; });
  const auto listens_two = two->subscribe([&](std::uint64_t head) { heard_two = head; });
  Load first(*one, "one-"), second(*two, "two-");
  first.start(8);
  second.start(8);
  REQUIRE(await([&] { return first.acknowledged() > 300 && second.acknowledged() > 300; }));
  REQUIRE(first.stop());
  REQUIRE(second.stop());
  const auto total = first.acknowledged() + second.acknowledged();
  CHECK(await([&] { return heard_one == total && heard_two == total; }));
  CHECK(first.wrong(*two) == std::pair<std::size_t, std::size_t>(0, 0));
  CHECK(second.wrong(*one) == std::pair<std::size_t, std::size_t>(0, 0));
  check_dense(*one);
  REQUIRE(append(*one, change_of(key("shared"), 0)).ok());
  CHECK(code_of(append(*two, change_of(key("shared"), 0))) == "store.conflict");
  CHECK(append(*two, change_of(key("shared"), 1)).ok());
}

TEST_CASE("postgres: a commit that nobody tells of is found by asking") {
  Place place;
  place.options.poll_interval = std::chrono::milliseconds(50);
  const auto store = place.open();
  REQUIRE(append(*store, change_of(key("a"), 0)).ok());
  std::atomic<std::uint64_t> heard = 0;
  const auto listens = store->subscribe([&](std::uint64_t head) { heard = head; });
  place.sql("INSERT INTO nova.events SELECT 2, stream, 2, at, tenant, 'x', type, body, meta FROM nova.events");
  CHECK(await([&] { return heard == 2; }));
  CHECK(store->head() == 2);
}

TEST_CASE("postgres: a second process under one name is refused, and takes over from a dead one at once") {
  Place place;
  place.options.lease = std::chrono::seconds(60);
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  place.sql("SELECT 1");
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto opened = store::open_postgres_store(place.options);
    const char ok = opened.ok() && append(**opened, change_of(key("a"), 0)).ok() ? '1' : '0';
    if (write(ready[1], &ok, 1) != 1) _exit(1);
    for (;;) pause();
  }
  char byte = '0';
  REQUIRE(read(ready[0], &byte, 1) == 1);
  REQUIRE(byte == '1');
  const auto refused = store::open_postgres_store(place.options);
  REQUIRE(code_of(refused) == "store.locked");
  CHECK(detail_of(refused.error(), "node") == "local");
  CHECK_FALSE(refused.error().remedy.empty());
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  const auto store = place.open();
  CHECK(append(*store, change_of(key("a"), 1)).ok());
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("postgres: a node whose place was taken writes no more, and says so") {
  Place place;
  const auto lost = place.open("one"), other = place.open("two");
  REQUIRE(append(*lost, change_of(key("a"), 0)).ok());
  CHECK(place.sql("SELECT nova.fence_node('one')") == "f");  // its lease runs
  place.sql("UPDATE nova.nodes SET expires_at = now() - interval '1 second' WHERE name = 'one'");
  CHECK(place.sql("SELECT nova.fence_node('one')") == "t");
  const auto refused = append(*lost, change_of(key("a"), 1));
  REQUIRE(code_of(refused) == "store.fenced");
  CHECK_FALSE(refused.error().retryable);
  CHECK_FALSE(lost->health().writable);
  CHECK(lost->health().reason.find("took the place") != std::string::npos);
  CHECK(code_of(append(*lost, change_of(key("b"), 0))) == "store.fenced");
  CHECK(lost->document(key("a")).value()->version == 1);
  CHECK(append(*other, change_of(key("a"), 1)).ok());
  REQUIRE(await([&] { return lost->head() == 2; }));
}

TEST_CASE("postgres: a fenced node that is idle finds out by itself, and so does one that reconnects") {
  Place place;
  place.options.lease = std::chrono::milliseconds(600);
  const auto idle = place.open("one");
  place.sql("UPDATE nova.nodes SET epoch = epoch + 1");
  CHECK(await([&] { return idle->health().reason.find("took the place") != std::string::npos; }));
  place.options.lease = std::chrono::seconds(60);
  const auto cut = place.open("two");
  place.sql("UPDATE nova.nodes SET epoch = epoch + 1 WHERE name = 'two'");
  place.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'novad' AND datname = "
      "current_database()");
  CHECK(await([&] { return code_of(append(*cut, change_of(key("a"), 0))) == "store.fenced"; }));
}

TEST_CASE("postgres: loads that arrive together are answered each with its own document") {
  Place place;
  const auto store = place.open();
  for (int i = 0; i < 20; ++i)
    REQUIRE(append(*store, change_of(key("e" + std::to_string(i), i % 2 ? "acme" : "zeta"), 0, std::size_t(i % 5) + 1))
                .ok());
  std::atomic<int> answered = 0, wrong = 0;
  for (int i = 0; i < 400; ++i) {
    const int n = i % 25;
    store->load(key("e" + std::to_string(n), n % 2 ? "acme" : "zeta"), [&, n](auto loaded) {
      const bool there = loaded.ok() && loaded->has_value();
      const bool right = n < 20 ? there && (**loaded).version == std::uint64_t(n % 5) + 1 : loaded.ok() && !there;
      wrong += !right;
      ++answered;
    });
  }
  CHECK(await([&] { return answered == 400; }));
  CHECK(wrong == 0);
}
