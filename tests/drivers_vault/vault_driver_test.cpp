#include "drivers/vault/vault.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"

#include <atomic>

using namespace nova;

namespace {

host::WorkEnd run(host::WorkDriver& driver, const std::string& payload) {
  host::Work work;
  work.owner = {"clinic", "secret", "db"};
  work.ask.verb = "destroy";
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

std::string ask(const std::string& path, int version) {
  return R"({"path":")" + path + R"(","version":)" + std::to_string(version) + "}";
}

const std::string path = "clinic/secret/db/value";

}  // namespace

TEST_CASE("vault driver: one version or all are erased, and it may come twice") {
  const auto vault = store::make_memory_vault();
  const auto first = vault->seal(path, "one").value(), second = vault->seal(path, "two").value();
  auto driver = vault::make_vault_driver(*vault);
  for (int i = 0; i < 2; ++i) {
    CHECK(run(*driver, ask(path, 1)).outcome == core::Outcome::done);
    CHECK(vault->reveal(first).error().code == "secret.destroyed");
    CHECK(vault->reveal(second).ok());
  }
  for (int i = 0; i < 2; ++i) {
    CHECK(run(*driver, ask(path, 0)).outcome == core::Outcome::done);
    CHECK(vault->reveal(second).error().code == "secret.destroyed");
  }
  CHECK(run(*driver, ask("clinic/secret/db/other", 0)).outcome == core::Outcome::done);
}

TEST_CASE("vault driver: nothing but what is the asker's own is erased") {
  const auto vault = store::make_memory_vault();
  const auto other = vault->seal("clinic/secret/db2/value", "x").value();
  auto driver = vault::make_vault_driver(*vault);
  for (const auto& payload : {ask("clinic/secret/db2/value", 0), ask("system/identity/signing", 0), ask("", 0),
                              std::string("{}"), R"({"path":")" + path + R"("})"}) {
    const auto end = run(*driver, payload);
    CHECK(end.outcome == core::Outcome::failed);
    CHECK(end.error.code == "vault.invalid_path");
    CHECK_FALSE(end.retry);
  }
  CHECK(vault->reveal(other).ok());
}

TEST_CASE("vault driver: while the vault is sealed it is tried again") {
  const auto vault = store::make_sealed_vault(core::unavailable("vault.sealed", "no key"));
  auto driver = vault::make_vault_driver(*vault);
  const auto end = run(*driver, ask(path, 0));
  CHECK(end.outcome == core::Outcome::failed);
  CHECK(end.retry);
  CHECK(end.error.code == "vault.sealed");
}
