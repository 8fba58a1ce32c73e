// Time, identifiers, text and errors.
#include "core/decision.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/problem.hpp"
#include "core/text.hpp"
#include "tests/testkit/catch.hpp"

#include <set>

using namespace nova;

TEST_CASE("times are read and written in UTC with milliseconds") {
  struct Row {
    std::string_view text;
    std::int64_t ms;
  };
  const Row rows[] = {{"1970-01-01T00:00:00Z", 0},
                      {"2026-01-31T09:05:00.250Z", 1769850300250},
                      {"2026-01-31t09:05:00.2509z", 1769850300250},
                      {"2024-02-29T23:59:59.999Z", 1709251199999},
                      {"1969-12-31T23:59:59.999Z", -1}};
  for (const auto& row : rows) {
    INFO(row.text);
    REQUIRE(core::parse_rfc3339(row.text));
    CHECK(core::parse_rfc3339(row.text)->ms == row.ms);
    CHECK(core::parse_rfc3339(core::to_rfc3339({row.ms}))->ms == row.ms);
  }
}

TEST_CASE("times that are none, or leave their zone open, are refused") {
  for (const std::string_view text :
       {"", "2026-01-31", "2026-01-31T09:05:00", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-31T24:00:00Z",
        "2026-01-31T09:60:00Z", "2026-01-31T09:05:61Z", "2026-01-31T09:05:00.Z", "2026-01-31T09:05:00ZZ",
        "2026-01-31 09:05:00Z", "2026-01-3aT09:05:00Z", "+026-01-31T09:05:00Z"}) {
    INFO(text);
    CHECK_FALSE(core::parse_rfc3339(text));
  }
}

TEST_CASE("lengths of time are a number and a unit") {
  struct Row {
    std::string_view text;
    std::int64_t ms;
  };
  for (const Row& row : {Row{"0s", 0}, Row{"250ms", 250}, Row{"5s", 5000}, Row{"2m", 120000}, Row{"1h", 3600000},
                         Row{"30d", 2592000000}, Row{"3650d", 315360000000}}) {
    INFO(row.text);
    REQUIRE(core::parse_duration(row.text));
    CHECK(core::parse_duration(row.text)->count() == row.ms);
  }
  for (const std::string_view text :
       {"", "5", "s", "5 s", "-5s", "+5s", "5S", "1.5s", "5sec", "3651d", "99999999999999999999s", "5s "}) {
    INFO(text);
    CHECK_FALSE(core::parse_duration(text));
  }
}

TEST_CASE("lengths of time are written in the largest unit that is exact") {
  using std::chrono::milliseconds;
  CHECK(core::to_text(milliseconds(0)) == "0ms");
  CHECK(core::to_text(milliseconds(1500)) == "1500ms");
  CHECK(core::to_text(milliseconds(90'000)) == "90s");
  CHECK(core::to_text(milliseconds(120'000)) == "2m");
  CHECK(core::to_text(milliseconds(86'400'000)) == "1d");
}

TEST_CASE("identifiers made one after another are unique and sort in the order of their making") {
  std::string last;
  std::set<std::string> all;
  for (int i = 0; i < 20'000; ++i) {
    // Many in one millisecond, and a clock that goes back.
    const auto id = core::new_uuid({1769850300250 - i / 10'000});
    CHECK((id > last));
    last = id;
    all.insert(id);
  }
  CHECK(all.size() == 20'000);
  CHECK(core::is_uuid(last));
  CHECK(last[14] == '7');
  CHECK(std::string_view("89ab").find(last[19]) != std::string_view::npos);
}

TEST_CASE("only lower-case UUIDs of 36 characters are UUIDs") {
  CHECK(core::is_uuid("0197f3a0-0000-7000-8000-0123456789ab"));
  for (const std::string_view text : {"", "0197F3A0-0000-7000-8000-0123456789AB", "0197f3a0-0000-7000-8000-0123456789a",
                                      "0197f3a000000-7000-8000-0123456789ab", "0197f3a0-0000-7000-8000-0123456789ag"})
    CHECK_FALSE(core::is_uuid(text));
}

TEST_CASE("names, slugs and variables are what paths, labels and shells can hold") {
  struct Row {
    core::Shape shape;
    std::string_view text;
    bool fits;
  };
  using core::Shape;
  const Row rows[] = {
      {Shape::name, "a", true},
      {Shape::name, "clinic.api_1-x", true},
      {Shape::name, "1a", true},
      {Shape::name, "", false},
      {Shape::name, ".a", false},
      {Shape::name, "a-", false},
      {Shape::name, "..", false},
      {Shape::name, "a/b", false},
      {Shape::name, "A", false},
      {Shape::slug, "clinic-1", true},
      {Shape::slug, "1clinic", false},
      {Shape::slug, "clinic-", false},
      {Shape::slug, "cli.nic", false},
      {Shape::env_name, "_A1", true},
      {Shape::env_name, "1A", false},
      {Shape::env_name, "A-B", false},
      {Shape::line, "a b", true},
      {Shape::line, "a\nb", false},
      {Shape::line, "a\tb", false},
      {Shape::any, "a\tb\nc", true},
      {Shape::any, "a\rb", false},
      {Shape::any, "\x1b[2J", false},
      {Shape::any, "\xc2\x9b", false},
      {Shape::any, "\xc2\xa0", true},
      {Shape::any, "\x7f", false},
      {Shape::any, "\xff", false},
      {Shape::digest, "sha256:ab", false},
  };
  for (const auto& row : rows) {
    INFO(int(row.shape) << " " << core::printable(row.text));
    CHECK(core::has_shape(row.shape, row.text) == row.fits);
  }
  CHECK(core::has_shape(Shape::digest, "sha256:" + std::string(64, 'a')));
  CHECK_FALSE(core::has_shape(Shape::digest, "sha256:" + std::string(64, 'A')));
}

TEST_CASE("UTF-8 is valid only in its shortest form and within Unicode") {
  for (const std::string_view good : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                                      "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    CHECK(core::is_utf8(good));
  for (const std::string_view bad : {"\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                                     "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xf0\x9f\x8f"})
    CHECK_FALSE(core::is_utf8(bad));
}

TEST_CASE("text of the world is made fit to store, and cut between characters") {
  CHECK(core::clean_text("ok\n") == "ok\n");
  CHECK(core::clean_text("a\x1b[31m\xff") == "a\xef\xbf\xbd[31m\xef\xbf\xbd");
  for (std::size_t size = 0; size <= 16; ++size) {
    const auto cut = core::clean_text("éééééééé é", size);
    CHECK(cut.size() <= size);
    CHECK(core::is_utf8(cut));
  }
  CHECK(core::clean_text("éééé", 8) == "éééé");
  CHECK(core::clean_text("ééééé", 8) == "éé...");
}

TEST_CASE("a hint names a near word and keeps silent otherwise") {
  const std::vector<std::string_view> words = {"port", "health", "needs"};
  CHECK(core::nearest("prot", words) == "port");
  CHECK(core::nearest("helth", words) == "health");
  CHECK(core::nearest("need", words) == "needs");
  CHECK(core::nearest("banana", words).empty());
  CHECK(core::nearest("", words).empty());
  CHECK(core::nearest(std::string(100'000, 'x'), words).empty());
}

TEST_CASE("the status of an error follows from its code") {
  struct Row {
    std::string_view code;
    int status;
  };
  const Row rows[] = {
      {"tenant.not_found", 404},
      {"tenant.slug_taken", 409},
      {"deployment.already_running", 409},
      {"entity.wrong_state", 409},
      {"entity.version_mismatch", 412},
      {"input.invalid", 400},
      {"input.too_large", 413},
      {"tenant.suspended", 403},
      {"gate.denied", 403},
      {"infra_provider.in_use", 409},
      {"deployment.no_previous", 409},
      {"auth.required", 401},
      {"store.unavailable", 503},
      {"idempotency.mismatch", 422},
      {"token.expired", 410},
      {"deployment.revision_not_found", 404},
      {"blueprint.run_empty", 400},
  };
  for (const auto& row : rows) {
    INFO(row.code);
    CHECK(core::status_of(row.code) == row.status);
  }
}

TEST_CASE("an error goes over HTTP and comes back whole") {
  auto error = core::invalid_input({{"services.api.port", "must be 1024 to 65535"}, {"name", "is missing"}});
  error.remedy = "correct the \"fields\"";
  error.with("state", "draft").with("state", "twice");
  const auto json = core::to_problem_json(error, "request-1");
  CHECK(
      json ==
      R"({"type":"https://webnova.io/errors/input.invalid","title":"Bad Request","status":400,"detail":"2 fields are not valid",)"
      R"("code":"input.invalid","remedy":"correct the \"fields\"","retryable":false,"request_id":"request-1",)"
      R"("errors":[{"path":"services.api.port","message":"must be 1024 to 65535"},{"path":"name","message":"is missing"}],)"
      R"("details":{"state":"draft"}})");
  const auto back = core::parse_problem(json, 400);
  CHECK(back.code == error.code);
  CHECK(back.status == 400);
  CHECK(back.message == error.message);
  CHECK(back.remedy == error.remedy);
  REQUIRE(back.problems.size() == 2);
  CHECK(back.problems[0].path == "services.api.port");
  CHECK(back.details[0] == std::pair<std::string, std::string>("state", "draft"));
}

TEST_CASE("an answer that is no problem document is still an error one can show") {
  for (const std::string_view answer : {"", "<html>\x1b[2J</html>", "[]", "{}", R"({"code":7})"}) {
    const auto error = core::parse_problem(answer, 502);
    CHECK(error.code == "upstream.failed");
    CHECK(error.message.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("a wrong state names itself and the states that would do") {
  const auto error = core::wrong_state("draft", {"submitted", "approved"});
  CHECK(error.code == "entity.wrong_state");
  CHECK(error.status == 409);
  CHECK(error.message == "it is `draft`, and this needs `submitted, approved`");
}

TEST_CASE("one wrong field is told in the error's own sentence") {
  CHECK(core::invalid_input("a.b", "is missing").message == "`a.b` is missing");
  CHECK(core::invalid_input("", "not valid JSON").message == "not valid JSON");
}

TEST_CASE("a line for the log holds no control characters") {
  auto error = core::refusal("a.b", "x\x1b[2J\ny");
  error.with("k", "v\r");
  CHECK(core::to_line(error) == "a.b: x\\u001b[2J\\u000ay, k=v\\u000d");
}
