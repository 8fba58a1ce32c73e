#include "store/postgres/postgres_store.hpp"

#include "tests/testkit/catch.hpp"
#include "tests/testkit/postgres_server.hpp"
#include "tests/testkit/store_contract.hpp"

#include <stdexcept>

namespace nova::testkit {
namespace {

// A database costs a tenth of a second, a schema less: databases are used again, each with a schema of its own.
std::vector<std::string>& free_databases() {
  static std::vector<std::string> urls;
  return urls;
}

std::string take_database() {
  if (free_databases().empty()) return PostgresServer::shared().make_database();
  auto url = free_databases().back();
  free_databases().pop_back();
  return url;
}

class PostgresUnderTest final : public StoreUnderTest {
 public:
  PostgresUnderTest() : url_(take_database()) {
    store::PostgresOptions options;
    options.url = url_;
    options.clock = &clock;
    auto opened = store::open_postgres_store(options);
    if (!opened) throw std::runtime_error(core::to_line(opened.error()));
    store_ = std::move(*opened);
  }
  ~PostgresUnderTest() override {
    store_.reset();
    PostgresServer::sql(url_, "DROP SCHEMA nova CASCADE");
    free_databases().push_back(url_);
  }
  store::EventStore& store() override { return *store_; }

 private:
  const std::string url_;
  std::unique_ptr<store::EventStore> store_;
};

}  // namespace

std::unique_ptr<StoreUnderTest> make_store_under_test() { return std::make_unique<PostgresUnderTest>(); }

}  // namespace nova::testkit
