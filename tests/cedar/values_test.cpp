// Values, extension types and JSON as data.
#include "governance/cedar/extensions/extensions.hpp"
#include "governance/cedar/json/reader.hpp"
#include "governance/cedar/values/hash_index.hpp"
#include "governance/cedar/values/value.hpp"
#include "tests/testkit/catch.hpp"

#include <limits>
#include <random>

using namespace nova::cedar;

TEST_CASE("decimals count ten-thousandths over the whole range") {
  CHECK(read_decimal("12.5") == 125000);
  CHECK(read_decimal("-0.0001") == -1);
  CHECK(read_decimal("922337203685477.5807") == std::numeric_limits<std::int64_t>::max());
  CHECK(read_decimal("-922337203685477.5808") == std::numeric_limits<std::int64_t>::min());
  for (const std::string_view text :
       {"", "1", "1.", ".1", "1.00000", "+1.0", "1.0 ", "1e1", "922337203685477.5808", "--1.0", "1.0.0"}) {
    INFO(text);
    CHECK_FALSE(read_decimal(text));
  }
}

TEST_CASE("datetimes follow the calendar, and their text names the same instant") {
  CHECK(read_datetime("1970-01-01") == 0);
  CHECK(read_datetime("2024-02-29T23:59:59.999Z") == 1709251199999);
  CHECK(read_datetime("1969-12-31T23:59:59.999Z") == -1);
  CHECK(read_datetime("2024-01-01T00:00:00+0130") == 1704067200000 - 90 * 60000);
  for (const std::string_view text :
       {"2023-02-29", "2024-1-01", "2024-01-01T00:00:00", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z",
        "2024-01-01T00:00:00.1Z", "2024-01-01T00:00:00+01:00", "2024-01-01 ", "0000-00-01"}) {
    INFO(text);
    CHECK_FALSE(read_datetime(text));
  }
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> instants(*read_datetime("0000-01-01"),
                                                       *read_datetime("9999-12-31T23:59:59.999Z"));
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t at = instants(random);
    const std::string text = datetime_text(at);
    CHECK(read_datetime(text.substr(10, text.size() - 12)) == at);
  }
  CHECK(datetime_text(std::numeric_limits<std::int64_t>::min()) ==
        "datetime(\"1970-01-01\").offset(duration(\"-9223372036854775808ms\"))");
}

TEST_CASE("the time of day is never negative and the date rounds down") {
  CHECK(detail::to_time(-1) == 86'399'999);
  std::int64_t date = 0;
  CHECK(detail::to_date(-1, date) == Fault::none);
  CHECK(date == -86'400'000);
  CHECK(detail::to_date(std::numeric_limits<std::int64_t>::min(), date) == Fault::overflow);
}

TEST_CASE("durations take their units in order and reach both ends") {
  CHECK(read_duration("1d2h3m4s5ms") == 93784005);
  CHECK(read_duration("-90m") == -5400000);
  CHECK(read_duration("-9223372036854775808ms") == std::numeric_limits<std::int64_t>::min());
  for (const std::string_view text :
       {"", "-", "1", "h", "1h1d", "1m1m", "1.5h", "1 h", "9223372036854775808ms", "+1h", "1ms1s"}) {
    INFO(text);
    CHECK_FALSE(read_duration(text));
  }
}

TEST_CASE("addresses keep their host bits, and ranges are within ranges") {
  const auto ip = [](std::string_view text) { return *read_ip(text); };
  CHECK(detail::within(ip("10.1.2.3"), ip("10.0.0.0/8")));
  CHECK_FALSE(detail::within(ip("10.0.0.0/7"), ip("10.0.0.0/8")));
  CHECK_FALSE(detail::within(ip("::1"), ip("0.0.0.0/0")));
  CHECK(detail::is_loopback(ip("127.3.0.0/16")));
  CHECK_FALSE(detail::is_loopback(ip("127.0.0.0/7")));
  CHECK_FALSE(detail::is_loopback(ip("::1/127")));
  CHECK(detail::is_multicast(ip("ff02::1")));
  for (const std::string_view text :
       {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.0.0.1", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/08", "::ffff:1.2.3.4",
        "fe80::1%eth0", "[::1]", "1:2:3:4:5:6:7", ":::", "1::2::3", "::12345", "1:2:3:4:5:6:7:8::", "::1/129"}) {
    INFO(text);
    CHECK_FALSE(read_ip(text));
  }
  for (const std::string_view text : {"1:2:3:4:5:6:7::", "::", "2001:db8::/32", "1.2.3.4/0"}) {
    const auto address = read_ip(ip_text(ip(text)));
    REQUIRE(address);
    CHECK(equal(Value::of(&*address), Value::of(&*address)));
  }
}

TEST_CASE("sets have neither order nor multiplicity, records compare by key") {
  Arena arena;
  const auto set = [&](std::vector<std::int64_t> numbers) {
    const auto items = arena.list<Value>(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) items[i] = Value::of(numbers[i]);
    return make_set(arena, items);
  };
  CHECK(equal(set({1, 1, 2}), set({2, 1})));
  CHECK_FALSE(equal(set({1}), set({2})));
  CHECK(contains_all(*set({3, 1, 2}).set, *set({2, 3}).set));
  CHECK(contains_all(*set({1}).set, *set({}).set));
  CHECK_FALSE(contains_any(*set({1}).set, *set({}).set));
  CHECK_FALSE(equal(Value::of(std::int64_t{1}), Value::of(true)));
}

TEST_CASE("a hash index leads near each run of equal hashes, and exactly there where they crowd") {
  std::mt19937_64 random(3);
  for (const std::uint64_t mask : {~std::uint64_t{0}, std::uint64_t{0xFF}, std::uint64_t{0}}) {
    std::vector<std::uint64_t> hashes(500);
    for (auto& hash : hashes) hash = random() & mask;
    std::sort(hashes.begin(), hashes.end());
    const HashIndex index(hashes);
    for (int i = 0; i < 500; ++i) {
      const std::uint64_t wanted = i % 2 ? hashes[static_cast<std::size_t>(i)] : random() & mask;
      const auto [begin, end] = index.near(wanted);
      const auto [first, last] = std::equal_range(hashes.begin(), hashes.end(), wanted);
      if (first == last) continue;
      CHECK(begin <= static_cast<std::size_t>(first - hashes.begin()));
      CHECK(end >= static_cast<std::size_t>(last - hashes.begin()));
      const bool is_exact = end - begin == static_cast<std::size_t>(last - first);
      CHECK((is_exact || end - begin <= HashIndex::few));
    }
  }
}

TEST_CASE("an arena that was cleared gives memory that overlaps nothing in use") {
  Arena arena;
  for (int round = 0; round < 3; ++round) {
    arena.clear();
    std::vector<std::span<int>> lists;
    for (std::size_t size : {10u, 5000u, 3u, 100000u, 900u}) {
      lists.push_back(arena.list<int>(size));
      std::fill(lists.back().begin(), lists.back().end(), static_cast<int>(lists.size()));
    }
    for (std::size_t i = 0; i < lists.size(); ++i) {
      for (const int number : lists[i]) REQUIRE(number == static_cast<int>(i + 1));
    }
  }
}

TEST_CASE("JSON is exact about numbers, keys and surrogates") {
  Arena arena;
  const auto read = [&](std::string_view text) { return read_json(text, arena); };
  CHECK(read("-9223372036854775808")->integer == std::numeric_limits<std::int64_t>::min());
  CHECK(read("9223372036854775808")->kind == JsonKind::real);
  CHECK(read("1.0")->kind == JsonKind::real);
  CHECK(read(R"("\ud83d\ude00\u00e9")")->text() == "\xF0\x9F\x98\x80\xC3\xA9");
  CHECK(read(R"( {"a":[1,{"b":[]}],"c":null} )")->find("a")->array().size() == 2);
  for (const std::string_view text : {"",
                                      "{",
                                      "[1,]",
                                      "{\"a\":1,}",
                                      "{\"a\":1,\"a\":2}",
                                      "\"\\ud83d\"",
                                      "\"\\ude00\"",
                                      "01",
                                      "-",
                                      "1.",
                                      "1e",
                                      "tru",
                                      "nul",
                                      "\"\n\"",
                                      "[1] 2",
                                      "\xFF",
                                      "{\"a\" 1}",
                                      "\"\\x41\"",
                                      "'a'",
                                      "[1 2]"}) {
    INFO(text);
    CHECK_FALSE(read(text));
  }
  const auto failed = read("{\n  \"a\": tru\n}");
  REQUIRE_FALSE(failed);
  CHECK(failed.error().problems[0].path == "2:8");
}
