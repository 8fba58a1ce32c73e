// Reading commands and stored data: everything wrong is found and named by its path, and nothing else is refused.
#include "core/describe/codec.hpp"
#include "tests/core/sample/everything.hpp"
#include "tests/testkit/catch.hpp"

#include <algorithm>

using namespace nova;
using core::Reading;
using sample::Everything;

namespace {

// All problems as "path: message" lines.
std::string problems_of(std::string_view json, Reading reading = Reading::command) {
  const auto read = core::from_json<Everything>(json, reading);
  if (read) return "";
  std::string lines;
  for (const auto& problem : read.error().problems) lines += problem.path + ": " + problem.message + "\n";
  return lines.empty() ? core::to_line(read.error()) : lines;
}

Everything read(std::string_view json) {
  auto result = core::from_json<Everything>(json);
  INFO(problems_of(json));
  REQUIRE(result);
  return *result;
}

}  // namespace

TEST_CASE("a command with every sort of field is read exactly") {
  const auto got =
      read(R"({"flag":true,"count":-9223372036854775808,"small":65535,"ratio":2.5,"text":"a\nb","slug":"clinic-1",
    "label":"Ärzte","colour":"blue","at":"2026-01-31T09:05:00.250Z","wait":"5s","raw":{"x":[1,null]},"platform":"clinic",
    "list":[{"level":3}],"map":{"a.b":{"level":4,"note":"n"}},"variables":{"LANG":"C"},"names":["web","api"],
    "maybe":{"level":10},"inner":{"level":2}})");
  CHECK(got.flag);
  CHECK(got.count == INT64_MIN);
  CHECK(got.small == 65535);
  CHECK(got.ratio == 2.5);
  CHECK(got.text == "a\nb");
  CHECK(got.slug == "clinic-1");
  CHECK(got.label == "Ärzte");
  CHECK(got.colour == sample::Colour::blue);
  CHECK(got.at.ms == 1769850300250);
  CHECK(got.wait == std::chrono::seconds(5));
  CHECK(got.raw.text == R"({"x":[1,null]})");
  CHECK(got.platform == "clinic");
  REQUIRE(got.list.size() == 1);
  CHECK(got.list[0].level == 3);
  CHECK(got.map.at("a.b").note == "n");
  CHECK(got.variables.at("LANG") == "C");
  CHECK(got.names == std::set<core::Name>{"api", "web"});
  REQUIRE(got.maybe);
  CHECK(got.maybe->level == 10);
}

TEST_CASE("what a command leaves out holds the struct's own default") {
  const auto got = read(R"({"count":1})");
  CHECK(got.inner.level == 1);
  CHECK(got.raw.text == "null");
  CHECK_FALSE(got.maybe);
  CHECK(got.list.empty());
}

TEST_CASE("each wrong field is named by its path with what it should be") {
  struct Row {
    std::string_view json, problem;
  };
  const Row rows[] = {
      {R"({})", "count: is missing"},
      {R"([])", ": must be an object, not a list"},
      {R"({"count":"7"})", "count: must be a whole number, not text"},
      {R"({"count":null})", "count: must be a whole number, not null"},
      {R"({"count":1.5})", "count: must be a whole number\n"},
      {R"({"count":9223372036854775808})", "count: must be -9223372036854775808 to 9223372036854775807"},
      {R"({"count":1,"small":65536})", "small: must be 0 to 65535"},
      {R"({"count":1,"small":-1})", "small: must be 0 to 65535"},
      {R"({"count":1,"flag":1})", "flag: must be true or false, not a number"},
      {R"({"count":1,"flag":"true"})", "flag: must be true or false, not text"},
      {R"({"count":1,"ratio":"x"})", "ratio: must be a number, not text"},
      {R"({"count":1,"slug":"ab"})", "slug: must have at least 3 characters"},
      {R"({"count":1,"slug":"Clinic"})", "slug: must be lower-case letters, digits and hyphens"},
      {R"({"count":1,"slug":"clinic-"})", "slug: must be lower-case"},
      {R"({"count":1,"label":"two\nlines"})", "label: must be text on one line"},
      {R"({"count":1,"text":"\u0007"})", "text: must be text without control characters"},
      {R"({"count":1,"text":"\u009b2J"})", "text: must be text without control characters"},
      {R"({"count":1,"colour":"gren"})",
       "colour: must be one of `red`, `green`, `blue`, not `gren`; did you mean `green`?"},
      {R"({"count":1,"at":"yesterday"})", "at: must be a time such as"},
      {R"({"count":1,"at":1769850300250})", "at: must be a time such as"},
      {R"({"count":1,"wait":5})", "wait: must be a length of time such as"},
      {R"({"count":1,"wait":"5 s"})", "wait: must be a length of time such as"},
      {R"({"count":1,"platform":"Bad Name"})", "platform: must be lower-case"},
      {R"({"count":1,"platform":""})", "platform: must not be empty"},
      {R"({"count":1,"list":{}})", "list: must be a list, not an object"},
      {R"({"count":1,"list":[{"level":1},{"level":11}]})", "list[1].level: must be 1 to 10"},
      {R"({"count":1,"list":[{}]})", "list[0].level: is missing"},
      {R"({"count":1,"map":{"a":{"level":"x"}}})", "map.a.level: must be a whole number, not text"},
      {R"({"count":1,"map":{"":{"level":1}}})", "its name must have 1 to 255 bytes"},
      {R"({"count":1,"variables":{"1X":"a"}})", "variables.1X: its name must be letters, digits and underscores"},
      {R"({"count":1,"names":["a","a"]})", "names[1]: is named twice"},
      {R"({"count":1,"names":[7]})", "names[0]: must be text, not a number"},
      {R"({"count":1,"inner":{"level":1,"extra":2}})", "inner.extra: is not a known field"},
      {R"({"count":1,"colur":"red"})", "colur: is not a known field; did you mean `colour`?"},
      {R"({"count":1,"count":2})", "count: stands twice"},
      {R"({"count":1,"map":{"a":{"level":1},"a":{"level":2}}})", "map.a: stands twice"},
  };
  for (const auto& row : rows) {
    INFO(row.json);
    CHECK_THAT(problems_of(row.json), Catch::Contains(std::string(row.problem)));
  }
}

TEST_CASE("all problems are told at once, and fifty are enough") {
  CHECK(problems_of(R"({"small":-1,"flag":2,"nope":3})") ==
        "small: must be 0 to 65535\nflag: must be true or false, not a number\nnope: is not a known field\ncount: is "
        "missing\n");
  std::string many = R"({"count":1,"list":[)";
  for (int i = 0; i < 200; ++i) many += i ? ",{\"level\":0}" : "{\"level\":0}";
  const auto read = core::from_json<Everything>(many + "]}");
  REQUIRE_FALSE(read);
  CHECK(read.error().code == "input.invalid");
  CHECK(read.error().status == 400);
  CHECK(read.error().problems.size() == 50);
  REQUIRE(read.error().details.size() == 1);
  CHECK(read.error().details[0].second == "150");
}

TEST_CASE("stored data is read with its age in mind: unknown, missing and out-of-range fields are no problem") {
  auto got = core::from_json<Everything>(
      R"({"small":7,"gone":{"deep":[1]},"slug":"X!","inner":{"level":99},"count":null})", Reading::stored);
  REQUIRE(got);
  CHECK(got->small == 7);
  CHECK(got->count == 0);
  CHECK(got->slug == "X!");
  CHECK(got->inner.level == 99);
}

TEST_CASE("stored data of another type is refused: a guess would be a lie") {
  for (const std::string_view json :
       {R"({"count":"7"})", R"({"colour":"violet"})", R"({"list":{}})", R"({"at":"x"})", R"([])", R"(7)"}) {
    INFO(json);
    CHECK_FALSE(core::from_json<Everything>(json, Reading::stored));
  }
}

TEST_CASE("text that is not JSON is refused with line and column") {
  struct Row {
    std::string_view json, message;
  };
  const Row rows[] = {
      {"", "line 1, column 1: the document ends too early"},
      {"{\"count\":1", "line 1, column 11: expected `,` or `}`"},
      {"{\n  \"count\" 1}", "line 2, column 11: expected `:`"},
      {"{count:1}", "line 1, column 2: expected a field name in quotes"},
      {"{\"count\":1,}", "expected a field name in quotes"},
      {"[1,]", "expected a value"},
      {"{\"count\":01}", "leading zero"},
      {"{\"count\":1.}", "digits after the point"},
      {"{\"count\":1e}", "digits in its exponent"},
      {"{\"count\":+1}", "expected a value"},
      {"{\"count\":NaN}", "expected a value"},
      {"{\"count\":1e999}", "a number that no computer holds"},
      {"{\"count\":1} x", "text after the end"},
      {"{\"text\":\"a", "without its closing quote"},
      {"{\"text\":\"a\nb\"}", "a control character inside a text"},
      {"{\"text\":\"\\x\"}", "an unknown escape"},
      {"{\"text\":\"\\u12\"}", "an unknown escape"},
      {"{\"text\":\"\\ud800\"}", "half of a surrogate pair"},
      {"{\"text\":\"\\ud800\\u0041\"}", "half of a surrogate pair"},
      {"{\"text\":\"\\udc00\"}", "half of a surrogate pair"},
      {"{\"text\":\"\xff\"}", "bytes that are not UTF-8"},
      {"{\"text\":\"\xc0\xaf\"}", "bytes that are not UTF-8"},
      {"{\"text\":\"\xed\xa0\x80\"}", "bytes that are not UTF-8"},
      {"tru", "expected a value"},
      {"// no", "expected a value"},
  };
  for (const auto& row : rows) {
    INFO(row.json);
    CHECK_THAT(problems_of(row.json), Catch::Contains(std::string(row.message)));
  }
}

TEST_CASE("escapes become what they stand for, beyond the basic plane too") {
  CHECK(read(R"({"count":1,"text":"\u0041\u00e9\ud83c\udfe5\/\t"})").text == "Aé\xf0\x9f\x8f\xa5/\t");
}

TEST_CASE("depth is bounded: 32 levels are read, 33 are not") {
  const auto nested = [](int levels) {
    return R"({"count":1,"raw":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  CHECK(problems_of(nested(32)).empty());
  CHECK_THAT(problems_of(nested(33)), Catch::Contains("more than 32 levels"));
  CHECK_THAT(problems_of(std::string(500'000, '[')), Catch::Contains("more than 32 levels"));
}

TEST_CASE("size is bounded: above 1 MiB nothing is parsed") {
  const auto big = core::from_json<Everything>(std::string(1024 * 1024 + 1, ' '));
  REQUIRE_FALSE(big);
  CHECK(big.error().code == "input.too_large");
  CHECK(big.error().status == 413);
}

TEST_CASE("the number of values is bounded, since each costs far more memory than its two bytes of text") {
  std::string many = "[0";
  for (int i = 0; i < 300'000; ++i) many += ",0";
  CHECK_THAT(problems_of(many + "]"), Catch::Contains("values"));
}

TEST_CASE("containers are bounded, and so is JSON that is only carried") {
  std::string names = R"({"count":1,"names":["a0")";
  for (int i = 1; i <= 1000; ++i) names += ",\"a" + std::to_string(i) + "\"";
  CHECK_THAT(problems_of(names + "]}"), Catch::Contains("names: must have at most 1000 entries, not 1001"));
  CHECK_THAT(problems_of(R"({"count":1,"raw":")" + std::string(70'000, 'x') + R"("})"),
             Catch::Contains("raw: must have at most 65536 bytes"));
}

TEST_CASE("a whole number may be written with a zero fraction, but only where it is exact") {
  CHECK(read(R"({"count":5.0})").count == 5);
  CHECK(read(R"({"count":1e3})").count == 1000);
  CHECK_FALSE(problems_of(R"({"count":1e17})").empty());
}

TEST_CASE("hostile names and values come back in messages without control characters") {
  const auto problems = problems_of("{\"count\":1,\"\\u001b[2J\":1,\"colour\":\"\\u001b[31m\"}");
  CHECK(std::none_of(problems.begin(), problems.end(), [](unsigned char c) { return c < 0x20 && c != '\n'; }));
}

TEST_CASE("null in the place of an optional is none; in a list of records it is a problem") {
  CHECK_FALSE(read(R"({"count":1,"maybe":null})").maybe);
  CHECK_THAT(problems_of(R"({"count":1,"list":[null]})"), Catch::Contains("list[0]: must be an object, not null"));
}
