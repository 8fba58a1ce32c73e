// Which row a path reaches.
#include "gateway/router.hpp"
#include "tests/testkit/catch.hpp"

#include <stdexcept>

using namespace nova;

namespace {

void add(gateway::Router& router, std::string method, std::string pattern) {
  gateway::Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  router.add(std::move(route));
}

std::string reached(const gateway::Router& router, std::string_view method, std::string_view path) {
  const auto found = router.find(method, gateway::pattern_segments(path));
  if (!found.route) return found.allowed.empty() ? "none" : "other method";
  std::string text = found.route->pattern;
  for (const auto& [name, value] : found.params) text += " " + name + "=" + value;
  return text;
}

}  // namespace

TEST_CASE("literal segments win over parameters, and these over what takes all that is left") {
  gateway::Router router;
  add(router, "GET", "/vault/list");
  add(router, "GET", "/vault/{id}");
  add(router, "GET", "/vault/{path*}");
  add(router, "DELETE", "/vault/{path*}");
  add(router, "GET", "/vault/{id}/events");
  CHECK(reached(router, "GET", "/vault/list") == "/vault/list");
  CHECK(reached(router, "GET", "/vault/db") == "/vault/{id} id=db");
  CHECK(reached(router, "GET", "/vault/db/events") == "/vault/{id}/events id=db");
  CHECK(reached(router, "GET", "/vault/db/main/old") == "/vault/{path*} path=db/main/old");
  CHECK(reached(router, "HEAD", "/vault/db/main") == "/vault/{path*} path=db/main");
  // What the more exact row does not serve the wider one may.
  CHECK(reached(router, "DELETE", "/vault/list") == "/vault/{path*} path=list");
  CHECK(reached(router, "PUT", "/vault/db/main") == "other method");
  CHECK(reached(router, "GET", "/vault") == "none");
}

TEST_CASE("rows that contradict each other are refused") {
  gateway::Router router;
  add(router, "GET", "/vault/{path*}");
  CHECK_THROWS_AS(add(router, "GET", "/vault/{path*}"), std::logic_error);
  CHECK_THROWS_AS(add(router, "DELETE", "/vault/{rest*}"), std::logic_error);
  CHECK_THROWS_AS(add(router, "GET", "/vault/{path*}/rotate"), std::logic_error);
}
