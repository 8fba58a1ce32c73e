#include "core/describe/codec.hpp"
#include "core/service/check.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using service::Services;

namespace {

struct Root {
  Services services;
};
const core::Record& describe(const Root*) {
  static const auto row = core::record<Root>("root", "", {core::field("services", &Root::services)});
  return row;
}

Services read(std::string_view json) {
  Root root;
  static const core::Type type = [] {
    core::Type t;
    t.tag = core::Tag::record;
    t.record = []() -> const core::Record& { return describe(static_cast<const Root*>(nullptr)); };
    return t;
  }();
  const auto status = core::from_json(type, &root, R"({"services":)" + std::string(json) + "}", core::Reading::command);
  if (!status) FAIL(core::to_line(status.error()));
  return root.services;
}

std::string problems_of(std::string_view json) {
  std::string lines;
  for (const auto& problem : service::check(read(json))) lines += problem.path + ": " + problem.message + "\n";
  return lines;
}

}  // namespace

TEST_CASE("the services of the clinic pass") {
  CHECK(problems_of(R"({"web":{"run":["python3","web.py"],"port":7481,"health":{"http":"/"},"needs":["api"]},
                        "api":{"run":["python3","api.py"],"port":7482,"health":{"http":"/health"},"scale":2},
                        "worker":{"run":["python3","worker.py"],"every":"30s","needs":["api"],"env":{"LANG":"C"}}})") ==
        "");
}

TEST_CASE("each rule between fields names the field that breaks it") {
  struct Row {
    std::string_view services, problem;
  };
  const Row rows[] = {
      {R"({})", "services: must name at least one service"},
      {R"({"a":{"run":[]}})", "services.a.run: must name the program to start"},
      {R"({"A b":{"run":["x"]}})", "services.A b: its name must be lower-case letters, digits and hyphens"},
      {R"({"a.b":{"run":["x"]}})", "services.a.b: its name must be"},
      {R"({"a":{"run":["x"],"port":80}})", "services.a.port: must be 1024 to 65535"},
      {R"({"a":{"run":["x"],"port":7000},"b":{"run":["x"],"port":7000}})", "services.b.port: is also the port of `a`"},
      {R"({"a":{"run":["x"],"health":{"http":"/","tcp":true},"port":7000}})",
       "services.a.health: must have at most one of"},
      {R"({"a":{"run":["x"],"health":{"exec":["y"],"tcp":true},"port":7000}})",
       "services.a.health: must have at most one of"},
      {R"({"a":{"run":["x"],"health":{"http":"health"},"port":7000}})", "services.a.health.http: must be a path"},
      {R"({"a":{"run":["x"],"health":{"http":"/ x"},"port":7000}})", "services.a.health.http: must be a path"},
      {R"({"a":{"run":["x"],"health":{"http":"/"}}})", "services.a.health.http: needs a `port`"},
      {R"({"a":{"run":["x"],"health":{"tcp":true}}})", "services.a.health.tcp: needs a `port`"},
      {R"({"a":{"run":["x"],"health":{"interval":"1ms"}}})", "services.a.health.interval: must be 50ms to 1h"},
      {R"({"a":{"run":["x"],"health":{"timeout":"0s"}}})", "services.a.health.timeout: must be 1ms to 1h"},
      {R"({"a":{"run":["x"],"env":{"PORT":"1"}}})", "services.a.env.PORT: is set by the runtime itself"},
      {R"({"a":{"run":["x"],"secrets":{"NOVA_DATA":"s"}}})",
       "services.a.secrets.NOVA_DATA: is set by the runtime itself"},
      {R"({"a":{"run":["x"],"env":{"A-B":"1"}}})", "services.a.env.A-B: its name must be letters"},
      {R"({"a":{"run":["x"],"env":{"K":"1"},"secrets":{"K":"s"}}})", "services.a.env.K: stands under `secrets` too"},
      {R"({"a":{"run":["x"],"needs":["a"]}})", "services.a.needs[0]: names the service itself"},
      {R"({"web":{"run":["x"],"needs":["apy"]},"api":{"run":["x"]}})",
       "names `apy`, which is no service here; did you mean `api`?"},
      {R"({"a":{"run":["x"]},"b":{"run":["x"],"needs":["a","a"]}})", "services.b.needs[1]: is named twice"},
      {R"({"a":{"run":["x"],"needs":["b"]},"b":{"run":["x"],"needs":["c"]},"c":{"run":["x"],"needs":["a"]}})",
       "services.a.needs: go in a circle: a -> b -> c -> a"},
      {R"({"z":{"run":["x"],"needs":["a"]},"a":{"run":["x"],"needs":["b"]},"b":{"run":["x"],"needs":["a"]}})",
       "services.a.needs: go in a circle: a -> b -> a"},
      {R"({"a":{"run":["x"],"every":"1s","port":7000}})", "services.a.every: does not go with `port`"},
      {R"({"a":{"run":["x"],"every":"1s","scale":2}})", "services.a.every: does not go with `scale`"},
      {R"({"a":{"run":["x"],"every":"1s","health":{"exec":["y"]}}})", "services.a.health: does not go with `every`"},
      {R"({"a":{"run":["x"],"every":"5ms"}})", "services.a.every: must be 100ms to"},
      {R"({"a":{"run":["x"],"restart":{"backoff":"2s","backoff_max":"1s"}}})",
       "services.a.restart.backoff_max: must be 2s to 1h"},
      {R"({"a":{"run":["x"],"restart":{"period":"0s"}}})", "services.a.restart.period: must be"},
      {R"({"a":{"run":["x"],"stop_timeout":"2h"}})", "services.a.stop_timeout: must be 0ms to 1h"},
  };
  for (const auto& row : rows) {
    INFO(row.services);
    CHECK_THAT(problems_of(row.services), Catch::Contains(std::string(row.problem)));
  }
}

TEST_CASE("a circle is told once, not once for each of its services") {
  const auto text = problems_of(
      R"({"a":{"run":["x"],"needs":["b"]},"b":{"run":["x"],"needs":["a"]},"c":{"run":["x"],"needs":["a"]}})");
  CHECK(text == "services.a.needs: go in a circle: a -> b -> a\n");
}

TEST_CASE("the number and size of services are bounded") {
  Services many;
  for (std::size_t i = 0; i <= service::services_max; ++i) many["s" + std::to_string(i)].run = {"x"};
  REQUIRE_FALSE(service::check(many).empty());
  CHECK(service::check(many)[0].message == "must have at most 64 services");
  Services big;
  for (const auto* name : {"a", "b"}) {
    big[name].run = {"x"};
    big[name].env["V"] = std::string(8'000, 'v');
  }
  REQUIRE(service::check(big).size() == 1);
  CHECK(service::check(big)[0].path == "services");
  big.erase("b");
  CHECK(service::check(big).empty());
}

TEST_CASE("services start after those they need, and stay in order of name otherwise") {
  const auto services = read(R"({"web":{"run":["x"],"needs":["api"]},"api":{"run":["x"],"needs":["db"]},
                                 "db":{"run":["x"]},"a":{"run":["x"]}})");
  CHECK(service::start_order(services) == std::vector<std::string>{"a", "db", "api", "web"});
  const auto circle = read(R"({"a":{"run":["x"],"needs":["b"]},"b":{"run":["x"],"needs":["a"]},"c":{"run":["x"]}})");
  CHECK(service::start_order(circle) == std::vector<std::string>{"c", "a", "b"});
  CHECK(service::start_order({}).empty());
}

TEST_CASE("each service has its address in a variable") {
  CHECK(service::url_variable("api-v2") == "NOVA_URL_API_V2");
  CHECK(service::is_reserved_variable("NOVA_URL_API"));
  CHECK_FALSE(service::is_reserved_variable("PORTS"));
}
