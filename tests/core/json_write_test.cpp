#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "tests/core/sample/everything.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/random.hpp"

#include <cmath>
#include <stdexcept>

using namespace nova;
using sample::Everything;

TEST_CASE("JSON is compact, in the order of the description, with absent optionals left out") {
  sample::Everything e;
  e.count = 7;
  e.text = "x";
  e.wait = std::chrono::minutes(2);
  e.at = core::Timestamp{1769850300250};
  e.names = {"b", "a"};
  CHECK(core::to_json(e) ==
        R"({"flag":false,"count":7,"small":0,"ratio":0,"text":"x","slug":"","label":"","colour":"red",)"
        R"("at":"2026-01-31T09:05:00.250Z","wait":"2m","raw":null,"platform":"","list":[],"map":{},"variables":{},)"
        R"("names":["a","b"],"inner":{"level":1,"note":""}})");
}

TEST_CASE("an optional that holds the JSON value null is left out, since it would be read as none") {
  struct Carrier {
    std::optional<core::RawJson> raw;
  };
  const core::Record record = core::record<Carrier>("carrier", "", {core::field("raw", &Carrier::raw)});
  static const core::Record* row;
  row = &record;
  core::Type type;
  type.tag = core::Tag::record;
  type.record = []() -> const core::Record& { return *row; };
  Carrier carrier{core::RawJson{"null"}};
  CHECK(core::to_json(type, &carrier) == "{}");
  carrier.raw->text = "0";
  CHECK(core::to_json(type, &carrier) == R"({"raw":0})");
}

TEST_CASE("texts are escaped so that any reader gets back the same bytes") {
  struct Row {
    std::string_view text, json;
  };
  const Row rows[] = {
      {"plain", R"("plain")"},
      {"\"\\/", R"("\"\\/")"},
      {"\n\t\r\b\f", R"("\n\t\r\u0008\u000c")"},
      {std::string_view("\0", 1), R"("\u0000")"},
      {"\x7f", R"("\u007f")"},
      {"é\xf0\x9f\x8f\xa5", "\"é\xf0\x9f\x8f\xa5\""},
      {"\xff|\xc3", "\"\xef\xbf\xbd|\xef\xbf\xbd\""},
      {"", R"("")"},
  };
  for (const auto& row : rows) {
    const auto json = core::json_escape(row.text);
    CHECK(json == row.json);
    CHECK(core::json_valid(json));
  }
}

TEST_CASE("numbers are written so that they come back exactly") {
  Everything e;
  for (const std::int64_t number :
       {INT64_MIN, std::int64_t(-1), std::int64_t(0), std::int64_t(9007199254740993), INT64_MAX}) {
    e.count = number;
    CHECK(core::from_json<Everything>(core::to_json(e), core::Reading::stored).value().count == number);
  }
  for (const double number : {0.1, -2.5, 1e300, 5e-324, 123456789.123}) {
    e.ratio = number;
    CHECK(core::from_json<Everything>(core::to_json(e), core::Reading::stored).value().ratio == number);
  }
}

TEST_CASE("a number that is not finite is our bug, not somebody's JSON") {
  Everything e;
  e.ratio = std::nan("");
  CHECK_THROWS_AS(core::to_json(e), std::logic_error);
}

TEST_CASE("JSON that is carried keeps big and precise numbers as they were written") {
  const auto got =
      core::from_json<Everything>(R"({"count":1,"raw":{"a":123456789012345678901234567890,"b":1.10,"c":1E5}})").value();
  CHECK(got.raw.text == R"({"a":123456789012345678901234567890,"b":1.10,"c":1E5})");
}

TEST_CASE("parts of a document are found by path") {
  const std::string document = R"({"a":{"b":[{"c":"x"},{"c":2}]},"n":null,"t":true,"big":12345678901})";
  CHECK(core::json_text(document, "a.b[0].c") == "x");
  CHECK(core::json_part(document, "a.b[0].c") == R"("x")");
  CHECK(core::json_int(document, "a.b[1].c") == 2);
  CHECK(core::json_int(document, "big") == 12345678901);
  CHECK(core::json_text(document, "t") == "true");
  CHECK(core::json_part(document, "a.b[1]") == R"({"c":2})");
  CHECK_FALSE(core::json_text(document, "n"));
  CHECK(core::json_part(document, "n") == "null");
  for (const std::string_view path : {"a.x", "a.b[2]", "a.b[x]", "a.b[0", "a.b.c", "t.x", "a.b[-1]", "a..b.c.d"})
    CHECK_FALSE(core::json_part(document, path));
  CHECK_FALSE(core::json_part("{broken", ""));
  CHECK(core::json_keys(document, "a.b") == std::vector<std::string>{"[0]", "[1]"});
  CHECK(core::json_keys(document).front() == "a");
}

TEST_CASE("two objects merge as RFC 7396 says") {
  CHECK(core::json_merge(R"({"a":1,"b":{"x":1,"y":2}})", R"({"b":{"y":null,"z":3},"c":[1]})") ==
        R"({"a":1,"b":{"x":1,"z":3},"c":[1]})");
  CHECK(core::json_merge(R"({"a":[1,2]})", R"({"a":[3]})") == R"({"a":[3]})");
  CHECK_FALSE(core::json_merge("{", "{}"));
}

TEST_CASE("the writer sets commas and closes what it opened") {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("id", "a\"b").key("list").array().value(1).value(true).null().value(2.5).object().end().end();
  writer.field("big", std::uint64_t(18446744073709551615U)).raw_field("raw", "[1]").end();
  CHECK(out == R"({"id":"a\"b","list":[1,true,null,2.5,{}],"big":18446744073709551615,"raw":[1]})");
  CHECK_THROWS_AS(writer.end(), std::logic_error);
}

TEST_CASE("documents can be compacted, and limits hold") {
  CHECK(core::json_compact(" { \"a\" : [ 1 , 2 ] } ") == R"({"a":[1,2]})");
  CHECK_FALSE(core::json_compact("[1, 2]", 3));
  CHECK_FALSE(core::json_valid("[[1]]", 100, 1));
  CHECK(core::json_valid("[[1]]", 100, 2));
}

TEST_CASE("whatever is written comes in the same bytes from a tree of it, however long and of whatever characters") {
  testkit::Random random(20261121);
  const auto text = [&](std::size_t size_max) {
    std::string made;
    for (auto left = random.below(size_max + 1); left > 0; --left) {
      const std::string_view parts[] = {"a",   "Z", "0", " ", "\"", "\\", "\n", "\x01", "\x7f", "é", "\xf0\x9f\x8f\xa5",
                                        "\xff"};
      made += parts[random.below(8) == 0 ? random.below(std::size(parts)) : random.below(4)];
    }
    return made;
  };
  for (int round = 0; round < 300; ++round) {
    Everything e;
    e.flag = random.below(2) == 1;
    e.count = std::int64_t(random.below(UINT64_MAX));
    e.ratio = double(random.below(1000)) / 8;
    // Now and then beyond the block in which short texts are put together, and just at its edge.
    e.text = text(random.below(10) == 0 ? 5000 : 40);
    e.inner.note = std::string(1900 + random.below(300), 'x') + text(3);
    e.at = core::Timestamp{std::int64_t(random.below(4'102'444'800'000))};
    e.wait = std::chrono::milliseconds(random.below(100'000));
    e.raw.text = R"([1,{"a":null}])";
    for (auto i = random.below(20); i > 0; --i)
      e.list.push_back({core::Bounded<1, 10>(1 + std::int64_t(random.below(10))), text(60)});
    for (auto i = random.below(5); i > 0; --i) e.map[text(10)].note = text(10);
    if (random.below(2) == 1) e.maybe = sample::Inner{core::Bounded<1, 10>(3), text(5)};
    const auto json = core::to_json(e);
    const auto tree = core::json_compact(json);
    REQUIRE(tree.has_value());
    CHECK(*tree == json);
    std::string longer = "before";
    core::append_json(longer, *core::type_of<Everything>(), &e);
    CHECK(longer == "before" + json);
  }
}
