// Which addresses may be reached: the table that stands between a tenant's URL and the inside of somebody's network.
#include "drivers/http/client/reach.hpp"
#include "tests/testkit/catch.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

using namespace nova;
using namespace nova::http;

namespace {

bool reaches(const std::string& text, const Reach& reach = {}) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1)
    return may_reach(reinterpret_cast<const sockaddr&>(v4), sizeof v4, reach);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  REQUIRE(::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1);
  return may_reach(reinterpret_cast<const sockaddr&>(v6), sizeof v6, reach);
}

Reach allowing(std::initializer_list<std::string_view> blocks) {
  Reach reach;
  for (const auto block : blocks) reach.allowed.push_back(limits::parse_block(block).value());
  return reach;
}

std::string code_of(const std::string& url, const Reach& reach = {}) {
  const auto status = check_url(url, reach);
  if (!status) CHECK(status.error().status == 400);
  return status ? "" : status.error().code;
}

}  // namespace

TEST_CASE("reach: public addresses, and no others") {
  for (const auto* open : {"1.1.1.1",         "8.8.8.8",         "9.255.255.255",        "11.0.0.0",
                           "100.63.255.255",  "100.128.0.0",     "126.255.255.255",      "128.0.0.0",
                           "169.253.255.255", "172.15.255.255",  "172.32.0.0",           "192.0.1.0",
                           "192.167.255.255", "192.169.0.0",     "198.17.255.255",       "198.20.0.0",
                           "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::200e", "2001:200::1",
                           "2003::1",         "2400::1"}) {
    INFO(open);
    CHECK(reaches(open));
  }
  for (const auto* closed : {"0.0.0.0",
                             "0.1.2.3",
                             "10.0.0.1",
                             "10.255.255.255",
                             "100.64.0.1",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.0.1",
                             "168.63.129.16",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.8",
                             "192.0.2.1",
                             "192.88.99.1",
                             "192.168.1.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.7",
                             "203.0.113.7",
                             "224.0.0.1",
                             "239.1.2.3",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::2",
                             "::127.0.0.1",
                             "::ffff:127.0.0.1",
                             "::ffff:8.8.8.8",
                             "64:ff9b::7f00:1",
                             "64:ff9b::808:808",
                             "64:ff9b:1::1",
                             "100::1",
                             "2001::1",
                             "2001:db8::1",
                             "2002:7f00:1::",
                             "2002:808:808::1",
                             "3fff::1",
                             "4000::1",
                             "5f00::1",
                             "fc00::1",
                             "fd00:ec2::254",
                             "fe80::1",
                             "fec0::1",
                             "ff02::1"}) {
    INFO(closed);
    CHECK_FALSE(reaches(closed));
  }
  sockaddr local{};
  local.sa_family = AF_UNIX;
  CHECK_FALSE(may_reach(local, sizeof local, {}));
}

TEST_CASE("reach: what the configuration allows, and nothing beside it") {
  const auto reach = allowing({"127.0.0.1/32", "10.1.0.0/16", "fd00:1::/32"});
  CHECK(reaches("127.0.0.1", reach));
  CHECK_FALSE(reaches("127.0.0.2", reach));
  CHECK(reaches("10.1.2.3", reach));
  CHECK_FALSE(reaches("10.2.0.1", reach));
  CHECK(reaches("fd00:1::5", reach));
  CHECK_FALSE(reaches("fd00:2::5", reach));
  CHECK_FALSE(reaches("::ffff:127.0.0.1", reach));
  CHECK_FALSE(reaches("::1", reach));
}

TEST_CASE("reach: a URL is judged as the transport reads it") {
  for (const auto* open : {"https://example.org/hook", "http://example.org:8080/a?b=c", "https://1.1.1.1/",
                           "https://[2606:4700::1111]/", "HTTPS://EXAMPLE.org", "https://127.0.0.1.example.org/",
                           "https://example.org/@here", "https://localhost.example.org/"}) {
    INFO(open);
    CHECK(code_of(open).empty());
  }
  for (const auto* closed :
       {"http://127.0.0.1/", "http://localhost/", "http://LOCALHOST:80/", "http://localhost./", "http://a.localhost/",
        "http://[::1]/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0/",
        "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/", "https://[fd00::1]/", "http://%31%32%37.0.0.1/"}) {
    INFO(closed);
    CHECK(code_of(closed) == "http.private_address");
  }
  for (const auto* wrong :
       {"", "example.org", "//example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/",
        "https://", "https:///path", "https://exa mple.org/", "https://example.org/\r\nX: y", "https://example.org:0/",
        "https://example.org:99999/", "javascript:alert(1)", "http://[::1", "http://[fe80::1%25eth0]/",
        "http://ex%aample.org/", "http://caf\xc3\xa9.example/", "http://a,b/"}) {
    INFO(wrong);
    CHECK((code_of(wrong) == "http.url_invalid"));
  }
  for (const auto* naming : {"https://amy@example.org/", "https://amy:word@example.org/", "http://:word@example.org/",
                             "http://@example.org/"}) {
    INFO(naming);
    CHECK(code_of(naming) == "http.url_credentials");
  }
  CHECK(code_of("https://example.org/" + std::string(url_bytes_max, 'a')) == "http.url_invalid");
  const auto reach = allowing({"127.0.0.1/32"});
  CHECK(code_of("http://127.0.0.1:8080/", reach).empty());
  CHECK(code_of("http://localhost/", reach).empty());
  CHECK(code_of("http://127.0.0.2/", reach) == "http.private_address");
  CHECK(code_of("http://[::ffff:127.0.0.1]/", reach) == "http.private_address");
}
