#include "drivers/yaml/yaml.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;

TEST_CASE("yaml: plain scalars get their JSON type and quoted ones stay text") {
  const auto read = yaml::read("a: 1\nb: \"1\"\nc: true\nd: 5s\ne: ~\nf: 0x1f\ng: 1.5\nh: [x, 'true']\n", "f.yaml");
  REQUIRE(read.ok());
  REQUIRE(read->size() == 1);
  CHECK(read->front().json == R"({"a":1,"b":"1","c":true,"d":"5s","e":null,"f":"0x1f","g":1.5,"h":["x","true"]})");
}

TEST_CASE("yaml: each path knows its line, and an unknown one that of its nearest ancestor") {
  const auto read = yaml::read("a:\n  b:\n    - x\n    - y: 1\n---\n\nc: 2\n", "f.yaml");
  REQUIRE(read.ok());
  REQUIRE(read->size() == 2);
  const auto& first = read->front();
  CHECK(first.find("a.b").line == 2);
  CHECK(first.find("a.b[1].y").line == 4);
  CHECK(first.find("a.b[1].missing.deep").line == 4);
  CHECK(read->back().find("c").line == 7);
}

TEST_CASE("yaml: what cannot be read is refused with file, line and column") {
  struct Row {
    const char* text;
    const char* place;
  };
  const Row rows[] = {{"a: [1, 2\n", "f.yaml:2"},
                      {"a: 1\na: 2\n", "f.yaml:2:1: has the key `a` twice"},
                      {"? [x]\n: 1\n", "f.yaml:1"},
                      {"a: *nobody\n", "f.yaml:1"},
                      {"\ta: 1\n", "f.yaml:1"}};
  for (const auto& row : rows) {
    const auto read = yaml::read(row.text, "f.yaml");
    INFO(row.text);
    REQUIRE(!read.ok());
    CHECK(read.error().code == "yaml.invalid");
    CHECK(read.error().message.find(row.place) != std::string::npos);
  }
}

TEST_CASE("yaml: aliases cannot multiply without end, nor nesting") {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 8; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += before + ",";
    bomb += before + "]\n";
  }
  CHECK(!yaml::read(bomb, "f.yaml").ok());
  CHECK(!yaml::read("a: " + std::string(100, '[') + std::string(100, ']') + "\n", "f.yaml").ok());
  CHECK(yaml::read(std::string((1 << 20) + 1, ' '), "f.yaml").error().code == "input.too_large");
}

TEST_CASE("yaml: a problem is told with the place of its path") {
  const auto read = yaml::read("spec:\n  port: 99999\n", "f.yaml");
  REQUIRE(read.ok());
  const auto error = core::invalid_input("spec.port", "must be at most 65535");
  CHECK(yaml::describe_problems(error, read->front(), "f.yaml") == "f.yaml:2:3: `spec.port` must be at most 65535\n");
}
