// Requests that nobody honest sends: each is refused, and none is read in two ways.
#include "tests/gateway/house.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using namespace nova::test;
using namespace std::chrono_literals;

namespace {

const std::string hello = "Host: localhost\r\nAuthorization: Bearer test-token\r\n";
const std::string json_type = "Content-Type: application/json\r\n";

}  // namespace

TEST_CASE("what could be framed in two ways is refused and the connection closed") {
  House house;
  const std::string post = "POST /v1/tenants/clinic/create HTTP/1.1\r\n" + hello + json_type;
  // A second request hides behind the first: were it ever answered, a proxy in front could be fooled.
  const std::string hidden = "GET /v1/whoami HTTP/1.1\r\n" + hello + "X-Request-Id: smuggled\r\n\r\n";
  const std::pair<const char*, std::string> rows[] = {
      {"length and chunks", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden},
      {"chunks and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + hidden},
      {"two lengths", post + "Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}" + hidden},
      {"two equal lengths", post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + hidden},
      {"a list of lengths", post + "Content-Length: 2, 2\r\n\r\n{}" + hidden},
      {"a signed length", post + "Content-Length: +2\r\n\r\n{}" + hidden},
      {"a negative length", post + "Content-Length: -2\r\n\r\n{}" + hidden},
      {"a hexadecimal length", post + "Content-Length: 0x2\r\n\r\n{}" + hidden},
      {"a huge length", post + "Content-Length: 99999999999999999999999\r\n\r\n{}" + hidden},
      {"another coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden},
      {"identity", post + "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}" + hidden},
      {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden},
      {"chunked not last", post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n" + hidden},
      {"space before the colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden},
      {"chunked in HTTP/1.0", "POST /v1/tenants/clinic/create HTTP/1.0\r\n" + hello + json_type +
                                  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden},
      {"a bad chunk size", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n" + hidden},
      {"a huge chunk size", post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n" + hidden},
      {"a bare line feed", "GET /v1/whoami HTTP/1.1\nHost: localhost\n\n" + hidden},
      {"a null in a header", "GET /v1/whoami HTTP/1.1\r\n" + hello + std::string("X: a\0b\r\n\r\n", 11) + hidden},
      {"two hosts", "GET /v1/whoami HTTP/1.1\r\n" + hello + "Host: evil\r\n\r\n" + hidden},
      {"no host", "GET /v1/whoami HTTP/1.1\r\nAuthorization: Bearer test-token\r\n\r\n" + hidden},
      {"no version", "GET /v1/whoami\r\n\r\n" + hidden},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden},
      {"no HTTP at all", "\x16\x03\x01\x02garbage\r\n\r\n"},
  };
  for (const auto& [name, text] : rows) {
    INFO(name);
    Client client(house.gateway->port());
    client.send(text);
    const auto answer = client.receive();
    CHECK(answer.header("x-request-id") != "smuggled");
    if (answer.status != 0) CHECK((answer.status == 400 || answer.status == 413));
    const auto rest = client.read_until("smuggled", 1s);
    CHECK(rest.find("smuggled") == std::string::npos);
    CHECK(client.ended(5s));
  }
  CHECK(house.host.seen().empty());
}

TEST_CASE("a header that does not end is refused at its bound") {
  House house;
  Client client(house.gateway->port());
  client.send("GET /v1/whoami HTTP/1.1\r\n" + hello + "X-Long: " + std::string(20'000, 'a') + "\r\n\r\n");
  CHECK(client.receive().status == 431);
  CHECK(client.ended(5s));
}

TEST_CASE("more header fields than anybody needs are refused") {
  House house;
  std::string fields;
  for (int i = 0; i < 150; ++i) fields += "X-" + std::to_string(i) + ": 1\r\n";
  Client client(house.gateway->port());
  client.send("GET /v1/whoami HTTP/1.1\r\n" + hello + fields + "\r\n");
  CHECK(client.receive().status == 431);
}

TEST_CASE("a body beyond the limit is refused when its length is announced, before it is read") {
  House house;
  house.tenant();
  Client client(house.gateway->port());
  client.send("POST /v1/tenants/clinic/notes/n1/write HTTP/1.1\r\n" + hello + json_type +
              "Content-Length: 10485760\r\n\r\n");
  const auto answer = client.receive();
  CHECK(answer.status == 413);
  CHECK(answer.body.find("input.too_large") != std::string::npos);
}

TEST_CASE("a client that sends ten megabytes all the same still gets to read the refusal") {
  House house;
  house.tenant();
  Client client(house.gateway->port());
  client.send("POST /v1/tenants/clinic/notes/n1/write HTTP/1.1\r\n" + hello + json_type +
              "Content-Length: 10485760\r\n\r\n");
  (void)client.send(std::string(500'000, ' '));
  CHECK(client.receive().status == 413);
  CHECK(house.host.seen().size() == 1);  // the tenant's creation only
}

TEST_CASE("a body in chunks beyond the limit is refused when it gets there") {
  auto options = usual_options();
  options.command_bytes_max = 100'000;
  House house(std::move(options));
  house.tenant();
  Client client(house.gateway->port());
  client.send("POST /v1/tenants/clinic/notes/n1/write HTTP/1.1\r\n" + hello + json_type +
              "Transfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 4; ++i) client.send("8000\r\n" + std::string(0x8000, ' ') + "\r\n");
  CHECK(client.receive().status == 413);
  CHECK(client.ended(5s));
}

TEST_CASE("a flood of pipelined requests is answered without being held in memory") {
  House house;
  Client client(house.gateway->port(), 4096);
  std::string flood;
  for (int i = 0; i < 2000; ++i) flood += "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  // The node stops reading when its answers are not read: sending all of it may block, and that is the point.
  std::size_t answered = 0;
  client.send(flood.substr(0, flood.size() / 20));
  while (answered < 100 && client.receive().status == 200) ++answered;
  CHECK(answered == 100);
}

TEST_CASE("a client that hangs up in the middle of anything leaves nothing behind") {
  House house;
  house.tenant();
  house.note("n1", "x");
  const std::string whole = request_text("POST", "/v1/tenants/clinic/notes/n1/write", R"({"text":"half"})");
  for (std::size_t cut = 1; cut < whole.size(); cut += 7) {
    Client client(house.gateway->port());
    client.send(whole.substr(0, cut));
  }
  CHECK(testkit::await([&] { return house.gateway->stats().connections == 0; }));
  CHECK(house.get("/v1/tenants/clinic/notes/n1").body.find(R"("version":1)") != std::string::npos);
}
