#include "drivers/data/data.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <atomic>
#include <fstream>

using namespace nova;

namespace {

host::WorkEnd run(host::WorkDriver& driver, const std::string& payload) {
  host::Work work;
  work.ask.verb = "purge";
  work.ask.payload = payload;
  std::atomic<bool> done{false};
  host::WorkEnd end;
  driver.start(work, [&](host::WorkEnd given) {
    end = std::move(given);
    done = true;
  });
  REQUIRE(testkit::await([&] { return done.load(); }));
  return end;
}

}  // namespace

TEST_CASE("data: purge removes one environment's data and nothing beside it, and may come twice") {
  testkit::TempDir dir;
  for (const char* place : {"t1/shop/development/api", "t1/shop/production/api"}) {
    std::filesystem::create_directories(dir / place);
    std::ofstream(dir / place / "rows.db") << "x";
  }
  auto driver = data::make_data_driver(dir.path());
  for (int i = 0; i < 2; ++i)
    CHECK(run(*driver, R"({"tenant":"t1","platform":"shop","environment":"development"})").outcome ==
          core::Outcome::done);
  CHECK(!std::filesystem::exists(dir / "t1/shop/development"));
  CHECK(std::filesystem::exists(dir / "t1/shop/production/api/rows.db"));
}

TEST_CASE("data: a name that could lead elsewhere is refused") {
  testkit::TempDir dir;
  std::filesystem::create_directories(dir / "t1/shop");
  auto driver = data::make_data_driver(dir / "t1");
  const auto end = run(*driver, R"({"tenant":"..","platform":"t1","environment":"shop"})");
  CHECK(end.outcome == core::Outcome::failed);
  CHECK(end.error.code == "data.invalid_name");
  CHECK(run(*driver, R"({"tenant":"t1"})").error.code == "data.invalid_name");
  CHECK(std::filesystem::exists(dir / "t1/shop"));
}
