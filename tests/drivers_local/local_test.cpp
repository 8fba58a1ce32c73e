#include "drivers/local/local.hpp"
#include "core/json.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <sys/stat.h>

#include <fstream>

using namespace nova;

namespace {

host::WorkEnd verify(host::WorkDriver& driver, std::string verb = "verify",
                     std::string payload = R"({"kind":"local"})") {
  host::Work work;
  work.ask = {"verify-1", "provider", std::move(verb), std::move(payload), ""};
  std::optional<host::WorkEnd> ended;
  driver.start(work, [&](host::WorkEnd end) { ended = std::move(end); });
  REQUIRE(ended);
  return *ended;
}

}  // namespace

TEST_CASE("the local machine answers with what it has") {
  const testkit::TempDir dir;
  const auto edge = dir / "haproxy";
  std::ofstream(edge) << "#!/bin/sh\n";
  REQUIRE(::chmod(edge.c_str(), 0755) == 0);
  const auto driver = local::make_local_driver(dir.path(), "haproxy", "/nowhere:" + dir.path().string());
  const auto end = verify(*driver);
  CHECK(end.outcome == core::Outcome::done);
  CHECK(core::json_int(end.result, "cpus").value_or(0) >= 1);
  CHECK(core::json_int(end.result, "memory_mb").value_or(0) > 100);
  const bool roomy = core::json_int(end.result, "disk_free_mb").value_or(0) >= std::int64_t(local::disk_low_mb);
  CHECK(core::json_int(end.result, "health") == (roomy ? 100 : 100 - local::health_disk_low));
}

TEST_CASE("without HAProxy the machine is half as well, and says why") {
  const testkit::TempDir dir;
  const auto driver = local::make_local_driver(dir.path(), "haproxy", dir.path().string());
  const auto end = verify(*driver);
  CHECK(core::json_int(end.result, "health").value_or(100) <= 100 - local::health_no_edge);
  CHECK(core::json_text(end.result, "message").value_or("").find("HAProxy") != std::string::npos);
}

TEST_CASE("a disk that is not there is an error, and so is any other kind or verb") {
  const testkit::TempDir dir;
  const auto gone = local::make_local_driver(dir / "gone", "haproxy", "");
  CHECK(verify(*gone).error.code == "machine.no_disk");
  const auto driver = local::make_local_driver(dir.path(), "haproxy", "");
  CHECK(verify(*driver, "verify", R"({"kind":"hetzner"})").error.code == "infra_provider.unsupported");
  CHECK(verify(*driver, "sync").error.code == "infra_provider.unsupported");
  CHECK(verify(*driver, "verify", "{").outcome == core::Outcome::failed);
}
