#include "cli/manifest/manifest.hpp"
#include "cli/manifest/plan_file.hpp"

#include "tests/testkit/catch.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <fstream>
#include <sstream>

namespace nova::cli {
namespace {

using Json = nlohmann::ordered_json;

const std::string clinic = R"(apiVersion: webnova.io/v1
kind: Tenant
metadata: {name: clinic}
spec: {tier: free}
---
apiVersion: webnova.io/v1
kind: Blueprint
metadata:
  name: clinic
  tenant: clinic
spec:
  services:
    api:
      source: ./api
      port: 7482
    front:
      source: {path: ./front}
    ready:
      source: {path: ./done, digest: "sha256:aa"}
)";

core::Result<std::vector<Manifest>> read(const std::string& text, const std::string& tenant = {}) {
  std::istringstream in(text);
  return read_manifests({"-"}, in, tenant);
}

TEST_CASE("manifests: a stream of documents is read with tenant, name and places") {
  const auto all = read(clinic);
  REQUIRE(all.ok());
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].tenant == "clinic");
  CHECK((*all)[1].kind == "Blueprint");
  CHECK((*all)[1].place("spec.services.api.port") == "-:15:7");
}

TEST_CASE("manifests: sources beside the file are found, ones with a digest left alone") {
  auto all = read(clinic);
  REQUIRE(all.ok());
  const auto sources = local_sources(*all);
  REQUIRE(sources.size() == 2);
  CHECK(sources[0].folder == "./api");
  CHECK(sources[1].folder == "./front");
  set_source((*all)[1], sources[0], "sha256:bb");
  const Json json = Json::parse((*all)[1].json);
  CHECK(json["spec"]["services"]["api"]["source"] == Json{{"path", "./api"}, {"digest", "sha256:bb"}});
}

TEST_CASE("manifests: what is wrong is named with file, line and path") {
  struct Row {
    std::string text, path, place;
  };
  const std::string head = "apiVersion: webnova.io/v1\n";
  const std::vector<Row> rows = {
      {"kind: Tenant\nmetadata: {name: x}\n", "`apiVersion`", "-:1:1"},
      {head + "kind: Blueprnt\nmetadata: {name: x, tenant: t}\n", "did you mean Blueprint?", "-:2:1"},
      {head + "kind: Tenant\nmetadata: {title: x}\n", "`metadata.name`", "-:3:"},
      {head + "kind: Tenant\nmetadata: {name: x}\nspce: {}\n", "`spce`", "-:4:1"},
      {head + "kind: Blueprint\nmetadata: {name: x}\n", "--tenant", "-:3:"},
      {"- a\n- b\n", "is a map", "-:1:1"},
  };
  for (const auto& row : rows) {
    INFO(row.text);
    const auto all = read(row.text);
    REQUIRE_FALSE(all.ok());
    REQUIRE(all.error().problems.size() == 1);
    CHECK(all.error().problems[0].path.find(row.place) == 0);
    CHECK(all.error().problems[0].message.find(row.path) != std::string::npos);
    CHECK(all.error().status == 400);
  }
}

TEST_CASE("manifests: a tenant from the command line fills the gap") {
  const auto all = read("apiVersion: webnova.io/v1\nkind: Blueprint\nmetadata: {name: x}\n", "clinic");
  REQUIRE(all.ok());
  CHECK(Json::parse((*all)[0].json)["metadata"]["tenant"] == "clinic");
}

TEST_CASE("manifests: broken YAML, nothing at all and a missing file are input errors") {
  CHECK(read("a: [1").error().code == "yaml.invalid");
  CHECK(read("").error().code == "manifest.not_readable");
  std::istringstream none;
  CHECK(read_manifests({"/does/not/exist.yaml"}, none, "").error().code == "manifest.not_readable");
  CHECK(read(std::string(yaml::text_bytes_max + 1, '#')).error().code == "input.too_large");
}

TEST_CASE("manifests: a folder is all its YAML files in order") {
  testkit::TempDir dir;
  for (const char* name : {"b.yaml", "a.yml"})
    std::ofstream(dir / name) << "apiVersion: webnova.io/v1\nkind: Tenant\nmetadata: {name: " << name[0] << "}\n";
  std::ofstream(dir / "notes.txt") << "not: yaml: at: all";
  std::istringstream none;
  const auto all = read_manifests({dir.path().string()}, none, "");
  REQUIRE(all.ok());
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].name == "a");
  CHECK((*all)[0].folder == dir.path());
}

TEST_CASE("manifests: the node's problems become places in the files") {
  const auto all = read(clinic);
  REQUIRE(all.ok());
  auto error =
      core::invalid_input({{"manifests[1].spec.services.api.port", "must be 1024 to 65535"}, {"elsewhere", "x"}});
  error = with_places(std::move(error), *all);
  CHECK(error.problems[0].path == "-:15:7");
  CHECK(error.problems[0].message == "`spec.services.api.port` must be 1024 to 65535");
  CHECK(error.problems[1].path == "elsewhere");
}

TEST_CASE("plan files: what is written is what is read, and only the owner may") {
  testkit::TempDir dir;
  const std::string file = (dir / "clinic.plan").string();
  const Json changes = {
      {{"tenant", "t"}, {"kind", "blueprint"}, {"id", "x"}, {"intent_version", 4}, {"action", "change"}}};
  REQUIRE(write_plan(file, make_plan({{{"kind", "Blueprint"}}}, changes, "2026-01-01T00:00:00.000Z")).ok());
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(is_plan_file(file));
  const auto plan = read_plan(file);
  REQUIRE(plan.ok());
  CHECK((*plan)["base"][0]["intent_version"] == 4);
  std::ofstream(file) << "{\"format\": \"webnova.io/plan/v1\"";
  CHECK(read_plan(file).error().code == "plan.invalid");
}

}  // namespace
}  // namespace nova::cli
