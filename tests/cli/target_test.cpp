#include "cli/net/target.hpp"

#include "tests/testkit/catch.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace nova::cli {
namespace {

namespace fs = std::filesystem;

// A folder without a node near it, and an environment that says nothing.
struct Place {
  testkit::TempDir dir;
  fs::path before = fs::current_path();
  Wishes wishes;

  Place() {
    for (const char* name :
         {"NOVA_SERVER", "NOVA_URL", "NOVA_TOKEN_FILE", "NOVA_TENANT", "NOVA_CONTEXT", "NOVACTL_CONFIG"})
      ::unsetenv(name);
    fs::current_path(dir.path());
    wishes.config_file = (dir / "config.yaml").string();
  }
  ~Place() { fs::current_path(before); }

  std::string token(const fs::path& name, const std::string& text, ::mode_t mode = 0600) {
    const fs::path path = dir / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text << "\n";
    ::chmod(path.c_str(), mode);
    return path.string();
  }
};

TEST_CASE("target: flag before environment before context before what lies near") {
  Place place;
  Contexts contexts;
  contexts.current = "prod";
  contexts.named["prod"] = {"https://prod.example:7480", "", place.token("prod.token", "prod-token"), "clinic"};
  REQUIRE(write_contexts(place.wishes.config_file, contexts).ok());

  auto target = resolve_target(place.wishes);
  REQUIRE(target.ok());
  CHECK(target->server.value == "https://prod.example:7480");
  CHECK(target->server.origin == "context `prod`");
  CHECK(target->token.value == "prod-token");
  CHECK(target->tenant.value == "clinic");

  ::setenv("NOVA_SERVER", "http://127.0.0.1:9/", 1);
  target = resolve_target(place.wishes);
  REQUIRE(target.ok());
  CHECK(target->server.value == "http://127.0.0.1:9");
  CHECK(target->token.value.empty());  // the context's token is for the context's server only

  place.wishes.server = "http://127.0.0.1:10";
  place.wishes.tenant = "other";
  target = resolve_target(place.wishes);
  CHECK(target->server.origin == "flag --server");
  CHECK(target->tenant.value == "other");
  ::unsetenv("NOVA_SERVER");
}

TEST_CASE("target: a development node is found in the folder or above, with its port") {
  Place place;
  place.token("var/operator.token", "dev-token");
  fs::create_directories(place.dir / "var/run");
  std::ofstream(place.dir / "var/run/novad.port") << "7999\n";
  fs::create_directories(place.dir / "deep/er");
  fs::current_path(place.dir / "deep/er");
  auto target = resolve_target(place.wishes);
  REQUIRE(target.ok());
  CHECK(target->server.value == "http://127.0.0.1:7999");
  CHECK(target->token.value == "dev-token");

  place.wishes.server = "https://elsewhere.example";
  target = resolve_target(place.wishes);
  CHECK(target->token.value.empty());
}

TEST_CASE("target: files that others may read are refused with the remedy") {
  Place place;
  place.wishes.token_file = place.token("open.token", "x", 0644);
  CHECK(resolve_target(place.wishes).error().code == "config.readable_by_others");
  CHECK(resolve_target(place.wishes).error().remedy.find("chmod 600") != std::string::npos);
  place.wishes.token_file = place.token("empty.token", "");
  CHECK(resolve_target(place.wishes).error().code == "config.bad_token");
  std::ofstream(place.wishes.config_file) << "current: x\n";
  ::chmod(place.wishes.config_file.c_str(), 0644);
  CHECK(resolve_target(place.wishes).error().code == "config.readable_by_others");
}

TEST_CASE("target: the configuration file is the owner's, and unknown words in it are errors") {
  Place place;
  REQUIRE(write_contexts(place.wishes.config_file, {"a", {{"a", {"http://127.0.0.1:1", "t", "", ""}}}}).ok());
  struct stat info {};
  ::stat(place.wishes.config_file.c_str(), &info);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(read_contexts(place.wishes.config_file)->named.at("a").token == "t");
  place.wishes.context = "b";
  CHECK(resolve_target(place.wishes).error().code == "config.context_not_found");
  std::ofstream(place.wishes.config_file) << "current: a\ncontxts: {}\n";
  const auto error = read_contexts(place.wishes.config_file).error();
  CHECK(error.code == "config.invalid");
  CHECK(error.message.find(":2: unknown key `contxts`") != std::string::npos);
}

TEST_CASE("target: addresses of nodes are checked") {
  for (const char* good : {"http://127.0.0.1:7480", "https://nova.example", "http://[::1]:7480"})
    CHECK(check_server(good).ok());
  for (const char* bad : {"", "nova.example", "ftp://x", "http://", "http://a/b", "http://u:p@x", "http://x y"})
    CHECK_FALSE(check_server(bad).ok());
  CHECK(is_loopback("http://127.0.0.1:7480"));
  CHECK(is_loopback("http://[::1]:7480"));
  CHECK(is_loopback("http://localhost"));
  CHECK_FALSE(is_loopback("http://127.example.com"));
  CHECK_FALSE(is_loopback("https://nova.example"));
}

}  // namespace
}  // namespace nova::cli
