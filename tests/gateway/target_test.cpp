// What a client may write into a request's target, and what the routes then see.
#include "gateway/target.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova::gateway;

TEST_CASE("a target is taken apart into decoded segments and query values") {
  const auto target = parse_target("/v1/tenants/clinic/notes/n%2D1?status=a+b%26c&flag&cursor=");
  REQUIRE(target);
  CHECK(target->segments == std::vector<std::string>{"v1", "tenants", "clinic", "notes", "n-1"});
  CHECK(target->query == Fields{{"status", "a b&c"}, {"flag", ""}, {"cursor", ""}});
  CHECK(parse_target("/")->segments.empty());
}

TEST_CASE("a target that two readers could understand differently is refused") {
  const char* const bad[] = {"",
                             "v1",
                             "//v1",
                             "/v1/",
                             "/v1//x",
                             "/v1/../x",
                             "/v1/%2e%2e/x",
                             "/v1/.",
                             "/a%2fb",
                             "/a%5cb",
                             "/a%00b",
                             "/a%0d%0ab",
                             "/a%4",
                             "/a%zz",
                             "/a%",
                             "/v1#x",
                             "/x?a=1&a=2",
                             "/x?a=%0a",
                             "/x?%ff=1",
                             "/x?a=%c0%af",
                             "/x?a=%ed%a0%80",
                             "http://evil/x",
                             "*"};
  for (const auto* target : bad) {
    INFO(target);
    const auto parsed = parse_target(target);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().status == 400);
  }
}

TEST_CASE("a target is bounded in bytes, segments and parameters") {
  CHECK(parse_target("/" + std::string(9000, 'a')).error().status == 414);
  std::string deep, wide = "/x?";
  for (int i = 0; i < 40; ++i) {
    deep += "/a";
    wide += "k" + std::to_string(i) + "=1&";
  }
  CHECK_FALSE(parse_target(deep));
  CHECK_FALSE(parse_target(wide));
}

TEST_CASE("the host of a Host header is found without its port, and nonsense is no host") {
  const std::pair<const char*, const char*> rows[] = {{"localhost", "localhost"},
                                                      {"LOCALHOST:7480", "localhost"},
                                                      {"127.0.0.1:1", "127.0.0.1"},
                                                      {"[::1]:7480", "::1"},
                                                      {"[::1]", "::1"},
                                                      {"node.example.", "node.example"},
                                                      {"evil.com\r\nX: y", ""},
                                                      {"localhost:80x", ""},
                                                      {"localhost:123456", ""},
                                                      {"[::1", ""},
                                                      {"user@localhost", ""},
                                                      {"localhost/evil", ""},
                                                      {"", ""}};
  for (const auto& [header, name] : rows) {
    INFO(header);
    CHECK(host_name(header) == name);
  }
}
