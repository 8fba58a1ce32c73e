#include "governance/limits/subject.hpp"
#include "tests/testkit/catch.hpp"

#include <set>

using namespace nova;
using namespace nova::limits;

namespace {

Address ip(std::string_view text) {
  const auto address = parse_address(text);
  REQUIRE(address);
  return *address;
}

Proxies proxies(ForwardedBy header = ForwardedBy::x_forwarded_for) {
  Proxies made;
  made.header = header;
  for (const auto* block : {"10.0.0.0/8", "2001:db8:aa::/48"}) made.trusted.push_back(*parse_block(block));
  return made;
}

std::string behind(std::string_view peer, std::string_view header, ForwardedBy by = ForwardedBy::x_forwarded_for) {
  return to_string(client_address(ip(peer), header, proxies(by)));
}
std::string by_forwarded(std::string_view peer, std::string_view header) {
  return behind(peer, header, ForwardedBy::forwarded);
}

}  // namespace

TEST_CASE("address: what is one and what is none") {
  for (const auto* good : {"192.0.2.7", "0.0.0.0", "::1", "2001:db8::7", "::ffff:192.0.2.7"})
    CHECK(parse_address(good));
  for (const auto* bad : {"", "1", "192.0.2", "192.0.2.256", "192.0.2.7 ", "192.0.2.7:80", "[::1]", "fe80::1%eth0",
                          "unknown", "0x7f.1", "1.2.3.4.5", ":::", "12345::"})
    CHECK_FALSE(parse_address(bad));
  CHECK(ip("::ffff:192.0.2.7") == ip("192.0.2.7"));
  CHECK(to_string(ip("2001:DB8:0::7")) == "2001:db8::7");
}

TEST_CASE("address: blocks") {
  const auto in = [](const char* block, const char* address) { return parse_block(block)->holds(ip(address)); };
  CHECK(in("10.0.0.0/8", "10.255.0.1"));
  CHECK_FALSE(in("10.0.0.0/8", "11.0.0.1"));
  CHECK(in("192.0.2.128/25", "192.0.2.200"));
  CHECK_FALSE(in("192.0.2.128/25", "192.0.2.100"));
  CHECK(in("192.0.2.7", "192.0.2.7"));
  CHECK_FALSE(in("192.0.2.7", "192.0.2.8"));
  CHECK(in("0.0.0.0/0", "1.2.3.4"));
  CHECK_FALSE(in("0.0.0.0/0", "2001:db8::1"));
  CHECK(in("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(in("2001:db8::/33", "2001:db8:8000::1"));
  for (const auto* bad : {"", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/", "::/129", "x/8"})
    CHECK_FALSE(parse_block(bad));
}

TEST_CASE("address: a header is believed from a trusted proxy alone") {
  CHECK(behind("10.1.1.1", "192.0.2.7") == "192.0.2.7");
  CHECK(behind("2001:db8:aa::1", "2001:db8:1::7") == "2001:db8:1::7");
  CHECK(behind("198.51.100.9", "192.0.2.7") == "198.51.100.9");
  CHECK(behind("127.0.0.1", "192.0.2.7") == "127.0.0.1");
  CHECK(to_string(client_address(ip("10.1.1.1"), "192.0.2.7", {})) == "10.1.1.1");
}

TEST_CASE("address: it is read from the right, so what a client wrote before changes nothing") {
  CHECK(behind("10.1.1.1", "6.6.6.6, 192.0.2.7") == "192.0.2.7");
  CHECK(behind("10.1.1.1", "6.6.6.6, 192.0.2.7, 10.2.2.2") == "192.0.2.7");
  CHECK(behind("10.1.1.1", "10.3.3.3,10.2.2.2") == "10.3.3.3");
  CHECK(behind("10.1.1.1", "6.6.6.6, rubbish, 10.2.2.2") == "10.2.2.2");
  CHECK(behind("10.1.1.1", "6.6.6.6,") == "10.1.1.1");
  CHECK(behind("10.1.1.1", "192.0.2.7:4711") == "192.0.2.7");
  CHECK(behind("10.1.1.1", "[2001:db8:1::7]:4711") == "2001:db8:1::7");
  CHECK(behind("10.1.1.1", "unknown") == "10.1.1.1");
  CHECK(behind("10.1.1.1", "") == "10.1.1.1");
}

TEST_CASE("address: Forwarded as RFC 7239 has it") {
  CHECK(by_forwarded("10.1.1.1", "for=192.0.2.60;proto=http;by=203.0.113.43") == "192.0.2.60");
  CHECK(by_forwarded("10.1.1.1", "For=\"[2001:db8:cafe::17]:4711\"") == "2001:db8:cafe::17");
  CHECK(by_forwarded("10.1.1.1", "for=192.0.2.43, for=198.51.100.17") == "198.51.100.17");
  CHECK(by_forwarded("10.1.1.1", "for=192.0.2.43, for=10.9.9.9") == "192.0.2.43");
  CHECK(by_forwarded("10.1.1.1", "for=192.0.2.43, by=\"a,b;for=6.6.6.6\";for=198.51.100.17") == "198.51.100.17");
  for (const auto* bad : {"for=_hidden", "for=unknown", "for=\"_SEVKISEK\"", "by=192.0.2.7", "for=2001:db8::1",
                          "for=192.0.2.7;for=192.0.2.8", "for=\"192.0.2.7", "for=\"192.0.2.\\7\"", "for=", "192.0.2.7"})
    CHECK(by_forwarded("10.1.1.1", bad) == "10.1.1.1");
}

TEST_CASE("address: a quote that a client leaves open swallows nothing of what the proxy adds") {
  CHECK(by_forwarded("10.1.1.1", "for=\"6.6.6.6, for=192.0.2.7") == "192.0.2.7");
  CHECK(by_forwarded("10.1.1.1", "for=6.6.6.6;x=\", for=192.0.2.7;by=\"[2001:db8::1]\"") == "192.0.2.7");
}

TEST_CASE("address: only the header that the proxies write is read") {
  CHECK(behind("10.1.1.1", "for=192.0.2.7") == "10.1.1.1");
  CHECK(by_forwarded("10.1.1.1", "192.0.2.7") == "10.1.1.1");
}

TEST_CASE("address: a header without an end is looked at for so long only") {
  std::string chain;
  for (int i = 0; i < 5000; ++i) chain += "10.2.2.2,";
  CHECK(behind("10.1.1.1", "192.0.2.7," + chain + "10.2.2.2") == "10.2.2.2");
}

TEST_CASE("subject: each sort and each name has its own, and IPv6 goes by its /64") {
  const Subjects subjects("key"), others("another key");
  std::set<Subject> all = {subjects.of_address(ip("192.0.2.7")), subjects.of_address(ip("192.0.2.8")),
                           subjects.of_user("clinic", "amy"),    subjects.of_user("", "amy"),
                           subjects.of_user("clinica", "my"),    subjects.of_token("clinic/amy"),
                           others.of_address(ip("192.0.2.7")),   subjects.of_address(ip("2001:db8:0:1::1"))};
  CHECK(all.size() == 8);
  CHECK(subjects.of_address(ip("2001:db8:0:1::1")) == subjects.of_address(ip("2001:db8:0:1:ffff::2")));
  CHECK(subjects.of_address(ip("2001:db8:0:1::1")) != subjects.of_address(ip("2001:db8:0:2::1")));
}

TEST_CASE("subject: the cache answers what would be made") {
  const Subjects subjects("key");
  SubjectCache cache(subjects);
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 3000; ++i) {
      const auto user = std::to_string(i);
      REQUIRE(cache.of_user("clinic", user) == subjects.of_user("clinic", user));
      REQUIRE(cache.of_token(user) == subjects.of_token(user));
    }
  CHECK(cache.of_address(ip("192.0.2.7")) == subjects.of_address(ip("192.0.2.7")));
}
