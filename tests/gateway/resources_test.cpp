// Commands and reads of every kind through HTTP, and the table of what is refused.
#include "core/json.hpp"
#include "gateway/document_cache.hpp"
#include "tests/gateway/house.hpp"
#include "tests/testkit/catch.hpp"

#include <set>

using namespace nova;
using namespace nova::test;

namespace {

store::Readable everything() { return {true, {}, {}}; }

std::string code_of(const Answer& answer) { return core::json_text(answer.body, "code").value_or(""); }

}  // namespace

TEST_CASE("errors: each wrong request gets its own code, status and place") {
  House house;
  house.tenant();
  house.note("n1", "hello");
  struct Row {
    const char *method, *target, *body, *header;
    int status;
    const char* code;
  };
  const Row rows[] = {
      {"GET", "/v1/nothing", "", "", 404, "http.not_found"},
      {"GET", "/v1/tenants/clinic/notes/absent", "", "", 404, "note.not_found"},
      {"GET", "/v1/tenants/absent/notes/n1", "", "", 404, "note.not_found"},
      {"GET", "/v1/tenants/absent/notes", "", "", 404, "tenant.not_found"},
      {"GET", "/v1/tenants/clinic/gadgets", "", "", 404, "http.not_found"},
      {"GET", "/v1/tenants/clinic/notes/N1", "", "", 404, "note.not_found"},
      {"POST", "/v1/tenants/clinic/notes/n1/wriite", "{}", "", 404, "http.not_found"},
      {"POST", "/v1/tenants/clinic/notes/n1/poke", "{}", "", 404, "http.not_found"},  // only from inside
      {"POST", "/v1/tenants/clinic/notes/n1/stamp", R"({"hash":"x"})", "", 404,
       "http.not_found"},  // by a route of its own
      {"POST", "/v1/tenants/absent/notes/n1/write", R"({"text":"x"})", "", 404, "tenant.not_found"},
      {"DELETE", "/v1/tenants/clinic/notes/n1", "", "", 405, "http.method_not_allowed"},
      {"POST", "/v1/tenants/clinic/notes", "{}", "", 405, "http.method_not_allowed"},
      {"GET", "/v1/tenants/clinic/notes/n1/write", "", "", 405, "http.method_not_allowed"},
      {"OPTIONS", "/v1/tenants", "", "", 405, "http.method_not_allowed"},
      {"TRACE", "/v1/whoami", "", "", 405, "http.method_not_allowed"},
      {"POST", "/v1/tenants/clinic/notes/n1/write", "text=x", "Content-Type: application/x-www-form-urlencoded", 415,
       "http.unsupported_media_type"},
      {"POST", "/v1/tenants/clinic/notes/n1/write", "{}", "Content-Type: text/plain", 415,
       "http.unsupported_media_type"},
      {"GET", "/v1/whoami", "", "Host: evil.example", 421, "http.wrong_host"},
      {"GET", "/v1/whoami", "", "Host: localhost.evil.example", 421, "http.wrong_host"},
      {"GET", "/v1/whoami", "", "Authorization: Bearer wrong", 401, "auth.required"},
      {"GET", "/v1/whoami", "", "Authorization: Basic dGVzdC10b2tlbg==", 401, "auth.required"},
      {"GET", "/v1/whoami", "", "Authorization: Bearer", 401, "auth.required"},
      {"GET", "/v1/nothing", "", "Authorization: Bearer wrong", 401, "auth.required"},  // a stranger learns no routes
      {"POST", "/v1/tenants/clinic/notes/n1/write", R"({"text":"x"})", "If-Match: \"9\"", 412,
       "entity.version_mismatch"},
      {"POST", "/v1/tenants/clinic/notes/n1/write", R"({"text":"x"})", "If-Match: \"i9\"", 412,
       "entity.version_mismatch"},
      {"POST", "/v1/tenants/clinic/notes/n1/write", R"({"text":"x"})", "If-Match: 9", 400, "http.bad_header"},
      {"POST", "/v1/tenants/clinic/notes/n1/write", R"({"text":"x"})", "Idempotency-Key:", 400, "http.bad_header"},
      {"POST", "/v1/tenants/clinic/notes/n1/write", R"({"txet":"x"})", "", 400, "input.invalid"},
      {"POST", "/v1/tenants/clinic/notes/n1/write", "{", "", 400, "input.invalid"},
      {"POST", "/v1/tenants/clinic/notes/n1/write?dryrun=true", R"({"text":"x"})", "", 400, "input.invalid"},
      {"POST", "/v1/tenants/clinic/notes/n1/write?dry_run=maybe", R"({"text":"x"})", "", 400, "input.invalid"},
      {"POST", "/v1/tenants/clinic/create", R"({"name":"Again"})", "", 409, "tenant.already_exists"},
      {"GET", "/v1/tenants/clinic/notes?limit=0", "", "", 400, "input.invalid"},
      {"GET", "/v1/tenants/clinic/notes?limit=1001", "", "", 400, "input.invalid"},
      {"GET", "/v1/tenants/clinic/notes?cursor=$", "", "", 400, "input.invalid"},
      {"GET", "/v1/whoami", "", "Nova-Position: x", 400, "http.bad_header"},
      {"GET", "/v1/whoami", "", "Nova-Position: 99999", 503, "store.behind"},
      {"GET", "/v1/whoami", "", "Expect: tea", 417, "http.expectation_failed"},
      {"GET", "/v1/%2e%2e/whoami", "", "", 400, "http.bad_target"},
  };
  const auto events_before = house.store->head();
  for (const auto& row : rows) {
    INFO(row.method << " " << row.target << " " << row.header);
    const auto answer = house.call(row.method, row.target, row.body,
                                   *row.header ? std::vector<std::string>{row.header} : std::vector<std::string>{});
    CHECK(answer.status == row.status);
    CHECK(code_of(answer) == row.code);
    CHECK(answer.header("content-type") == "application/problem+json");
    CHECK(core::json_text(answer.body, "request_id") == answer.header("x-request-id"));
    if (row.status == 405) CHECK_FALSE(answer.header("allow").empty());
    if (row.status == 401) CHECK(answer.header("www-authenticate").starts_with("Bearer"));
  }
  CHECK(house.store->head() == events_before);
}

TEST_CASE("a refused command leaves its connection usable") {
  House house;
  Client client(house.gateway->port());
  client.send(request_text("POST", "/v1/tenants/absent/suspend", R"({"reason":"x"})"));
  CHECK(client.receive().status == 404);
  client.send(request_text("GET", "/v1/whoami"));
  CHECK(client.receive().status == 200);
}

TEST_CASE("a command is carried out, answered with its position, and read back") {
  House house;
  house.tenant();
  const auto written =
      house.post("/v1/tenants/clinic/notes/n1/write", R"({"text":"hello"})", {"X-Request-Id: trace-1"});
  CHECK(written.status == 200);
  CHECK(written.header("etag") == "\"1\"");
  CHECK(core::json_text(written.body, "events[0]") == "note.written");
  CHECK(core::json_text(written.body, "decision.answer") == "allow");
  CHECK(core::json_text(written.body, "status") == "written");
  CHECK(core::json_part(written.body, "replayed") == "false");
  CHECK(house.host.seen().back().request_id == "trace-1");
  CHECK(house.host.seen().back().principal.id == "operator");

  const auto read = house.get("/v1/tenants/clinic/notes/n1", {"Nova-Position: " + written.header("nova-position")});
  CHECK(read.status == 200);
  CHECK(read.header("etag") == "\"1\"");
  CHECK(core::json_text(read.body, "state.text") == "hello");
  CHECK(core::json_text(read.body, "kind") == "note");
  CHECK(core::json_text(read.body, "tenant") == "clinic");
  CHECK(house.get("/v1/tenants/clinic/notes/n1", {"If-None-Match: \"1\""}).status == 304);
  CHECK(house.get("/v1/tenants/clinic/notes/n1", {"If-None-Match: \"7\", W/\"1\""}).status == 304);
  CHECK(house.get("/v1/tenants/clinic/notes/n1", {"If-None-Match: \"2\""}).status == 200);
  CHECK(core::json_text(house.get("/v1/tenants/clinic").body, "state.name") == "Clinic");
  CHECK(core::json_text(house.get("/v1/tenants").body, "items[0].id") == "clinic");
}

TEST_CASE("If-Match with the right version or intent version lets a command pass") {
  House house;
  house.tenant();
  house.note("n1", "one");
  CHECK(house.post("/v1/tenants/clinic/notes/n1/write", R"({"text":"two"})", {"If-Match: \"1\""}).status == 200);
  CHECK(house.post("/v1/tenants/clinic/notes/n1/write", R"({"text":"three"})", {"If-Match: \"i2\""}).status == 200);
}

TEST_CASE("a dry run answers what would happen and changes nothing") {
  House house;
  house.tenant();
  const auto answer = house.post("/v1/tenants/clinic/notes/n1/write?dry_run=true", R"({"text":"x"})");
  CHECK(answer.status == 200);
  CHECK(core::json_part(answer.body, "dry_run") == "true");
  CHECK(house.get("/v1/tenants/clinic/notes/n1").status == 404);
}

TEST_CASE("an idempotency key makes a repeat harmless and another body a mistake") {
  House house;
  house.tenant();
  const std::vector<std::string> key = {"Idempotency-Key: once"};
  house.post("/v1/tenants/clinic/notes/n1/write", R"({"text":"x"})", key);
  const auto again = house.post("/v1/tenants/clinic/notes/n1/write", R"({"text":"x"})", key);
  CHECK(core::json_part(again.body, "replayed") == "true");
  CHECK(core::json_part(again.body, "version") == "1");
  const auto clash = house.post("/v1/tenants/clinic/notes/n1/write", R"({"text":"y"})", key);
  CHECK(clash.status == 422);
  CHECK(code_of(clash) == "idempotency.mismatch");
}

TEST_CASE("pages of a list hold every entity once, also while others are written") {
  House house;
  house.tenant();
  for (int i = 100; i < 130; ++i) house.note("n" + std::to_string(i), "x");
  std::set<std::string> seen;
  std::string target = "/v1/tenants/clinic/notes?limit=7";
  for (int pages = 0; pages < 20; ++pages) {
    const auto page = house.get(target);
    REQUIRE(page.status == 200);
    for (const auto& index : core::json_keys(page.body, "items"))
      CHECK(seen.insert(*core::json_text(page.body, "items" + index + ".id")).second);
    // Written behind and before the cursor, and over what was seen.
    house.note("n0" + std::to_string(pages), "new");
    house.note("n100", "changed" + std::to_string(pages));
    const auto next = core::json_text(page.body, "next");
    if (!next) break;
    target = "/v1/tenants/clinic/notes?limit=7&cursor=" + *next;
  }
  for (int i = 100; i < 130; ++i) CHECK(seen.contains("n" + std::to_string(i)));
}

TEST_CASE("lists are filtered by status and span tenants when asked") {
  House house;
  house.tenant();
  house.tenant("shop");
  house.note("n1", "");
  house.note("n2", "text");
  house.post("/v1/tenants/shop/notes/n3/write", R"({"text":"x"})");
  const auto empty = house.get("/v1/tenants/clinic/notes?status=empty");
  CHECK(core::json_keys(empty.body, "items").size() == 1);
  CHECK(core::json_text(empty.body, "items[0].id") == "n1");
  CHECK(core::json_keys(house.get("/v1/tenants/-/notes").body, "items").size() == 3);
}

TEST_CASE("a read never sees less than what was acknowledged before it began") {
  House house;
  house.tenant();
  for (int i = 0; i < 50; ++i) {
    house.note("n1", std::to_string(i));
    CHECK(core::json_text(house.get("/v1/tenants/clinic/notes/n1").body, "state.text") == std::to_string(i));
  }
}

TEST_CASE("the cache keeps within its bytes and forgets what was used least") {
  House house;
  house.tenant();
  for (int i = 0; i < 40; ++i) house.note("n" + std::to_string(i), std::string(1000, 'x'));
  gateway::DocumentCache cache(*house.store, 10'000);
  for (int i = 0; i < 40; ++i) {
    REQUIRE(cache.get({"clinic", "note", "n0"}, everything)->document);
    REQUIRE(cache.get({"clinic", "note", "n" + std::to_string(i)}, everything)->document);
    CHECK(cache.stats().bytes <= 10'000);
  }
  const auto misses = cache.stats().misses;
  CHECK(cache.get({"clinic", "note", "n0"}, everything)->document);
  CHECK(cache.stats().misses == misses);
  CHECK(cache.get({"clinic", "note", "n1"}, everything)->document);
  CHECK(cache.stats().misses == misses + 1);
  CHECK_FALSE(cache.get({"shop", "note", "n1"}, everything)->document);  // the tenant is part of the key
}

TEST_CASE("a cache that slept through thousands of commits answers with the newest") {
  House house;
  house.tenant();
  house.note("n1", "old");
  gateway::DocumentCache cache(*house.store, 1'000'000);
  CHECK(cache.get({"clinic", "note", "n1"}, everything)->document->reason == "old");
  for (int i = 0; i < 3; ++i) house.note("n1", "new" + std::to_string(i));
  CHECK(cache.get({"clinic", "note", "n1"}, everything)->document->reason == "new2");
}

TEST_CASE("health answers a bare status to strangers and reasons to those with a token") {
  auto options = usual_options();
  options.providers.not_ready = [] { return std::vector<std::string>{"the edge is not up yet"}; };
  House house(std::move(options));
  Client client(house.gateway->port());
  client.send("GET /readyz HTTP/1.1\r\nHost: 10.1.2.3\r\n\r\n");
  const auto bare = client.receive();
  CHECK(bare.status == 503);
  CHECK(bare.body == R"({"status":"unavailable"})");
  CHECK(core::json_text(house.get("/readyz").body, "reasons[0]") == "the edge is not up yet");
  CHECK(house.get("/healthz").status == 200);
  CHECK(house.get("/livez").status == 200);
  CHECK(house.get("/metrics", {"Authorization: none"}).status == 401);
  CHECK(house.get("/metrics").body.find("nova_http_requests_total ") != std::string::npos);
  CHECK(core::json_part(house.get("/v1/node").body, "store.writable") == "true");
}
