// A connection's life: order, time limits, bounds, the end.
#include "gateway/session/strain.hpp"
#include "tests/gateway/house.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"

#include <sys/socket.h>

#include <future>

using namespace nova;
using namespace nova::test;
using namespace std::chrono_literals;

TEST_CASE("an answer carries the headers that keep browsers from doing harm") {
  House house;
  const auto answer = house.get("/v1/whoami");
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"principal":"operator","type":"user"})");
  CHECK(answer.header("x-content-type-options") == "nosniff");
  CHECK(answer.header("cache-control") == "no-store");
  CHECK(answer.header("content-security-policy").find("default-src 'none'") == 0);
  CHECK(answer.header("date").size() == 29);
  CHECK(core::is_uuid(answer.header("x-request-id")));
  CHECK(house.get("/v1/whoami", {"X-Request-Id: abc-1"}).header("x-request-id") == "abc-1");
  CHECK(core::is_uuid(house.get("/v1/whoami", {"X-Request-Id: a b"}).header("x-request-id")));
}

TEST_CASE("a connection is kept for further requests and closed when asked") {
  House house;
  Client client(house.gateway->port());
  for (int i = 0; i < 3; ++i) {
    client.send(request_text("GET", "/v1/whoami"));
    CHECK(client.receive().status == 200);
  }
  client.send(request_text("GET", "/v1/whoami", {}, {"Connection: close"}));
  const auto last = client.receive();
  CHECK(last.header("connection") == "close");
  CHECK(client.ended(1s));
}

TEST_CASE("an HTTP/1.0 client is answered and the connection closed") {
  House house;
  Client client(house.gateway->port());
  client.send("GET /healthz HTTP/1.0\r\n\r\n");
  CHECK(client.receive().status == 200);
  CHECK(client.ended(1s));
}

TEST_CASE("HEAD answers as GET does, without the body") {
  House house;
  Client client(house.gateway->port());
  client.send(request_text("HEAD", "/v1/whoami") + request_text("GET", "/v1/whoami"));
  const auto head = client.receive(true);
  const auto get = client.receive();
  CHECK(head.status == 200);
  CHECK(head.header("content-length") == std::to_string(get.body.size()));
  CHECK(get.body.starts_with("{"));
}

TEST_CASE("pipelined requests are answered in order, also when a slow one stands first") {
  House house;
  house.tenant();
  house.host.hold(true);
  Client client(house.gateway->port());
  std::string batch = request_text("POST", "/v1/tenants/clinic/notes/n1/write", R"({"text":"x"})");
  for (int i = 0; i < 30; ++i) batch += request_text("GET", "/v1/whoami", {}, {"X-Request-Id: r" + std::to_string(i)});
  client.send(batch);
  REQUIRE(testkit::await([&] { return house.host.held() == 1; }));
  house.host.release();
  CHECK(client.receive().body.find("note.written") != std::string::npos);
  for (int i = 0; i < 30; ++i) CHECK(client.receive().header("x-request-id") == "r" + std::to_string(i));
}

TEST_CASE("a request that changes something is finished before the next one of its connection is read") {
  House house;
  house.tenant();
  Client client(house.gateway->port());
  std::string batch;
  for (int i = 0; i < 20; ++i)
    batch += request_text("POST", "/v1/tenants/clinic/notes/n1/write", "{\"text\":\"" + std::to_string(i) + "\"}");
  client.send(batch + request_text("GET", "/v1/tenants/clinic/notes/n1"));
  for (int i = 0; i < 20; ++i) CHECK(client.receive().header("etag") == "\"" + std::to_string(i + 1) + "\"");
  CHECK(client.receive().body.find(R"("text":"19")") != std::string::npos);
}

TEST_CASE("a header that trickles in is given up after its time") {
  auto options = usual_options();
  options.server.header_limit = 100ms;
  House house(std::move(options));
  Client client(house.gateway->port());
  client.send("GET /v1/whoami HT");
  CHECK(client.ended(5s));
  CHECK(testkit::await([&] { return house.gateway->stats().connections == 0; }));
  CHECK(house.gateway->stats().timed_out == 1);
}

TEST_CASE("a body that stalls is given up after its time") {
  auto options = usual_options();
  options.server.stall_limit = 100ms;
  House house(std::move(options));
  Client client(house.gateway->port());
  client.send(
      "POST /v1/tenants/x/create HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer test-token\r\nContent-Type: "
      "application/json\r\nContent-Length: 100\r\n\r\n{");
  CHECK(client.ended(5s));
}

TEST_CASE("a body that trickles is given up after the time of the whole body") {
  auto options = usual_options();
  options.server.body_limit = 200ms;
  House house(std::move(options));
  Client client(house.gateway->port());
  client.send(
      "POST /v1/tenants/x/create HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer test-token\r\nContent-Type: "
      "application/json\r\nContent-Length: 100000\r\n\r\n");
  const auto begin = std::chrono::steady_clock::now();
  CHECK(testkit::await([&] { return !client.send(" ") || client.ended(1ms); }, 5s));
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
}

TEST_CASE("an idle connection is closed after its time") {
  auto options = usual_options();
  options.server.idle_limit = 100ms;
  House house(std::move(options));
  Client client(house.gateway->port());
  client.send(request_text("GET", "/v1/whoami"));
  CHECK(client.receive().status == 200);
  CHECK(client.ended(5s));
}

TEST_CASE("a connection beyond the limit is told so, and room made is room") {
  auto options = usual_options();
  options.server.connections_max = 2;
  House house(std::move(options));
  auto first = std::make_unique<Client>(house.gateway->port());
  Client second(house.gateway->port());
  REQUIRE(testkit::await([&] { return house.gateway->stats().connections == 2; }));
  const auto refused = house.get("/v1/whoami");
  CHECK(refused.status == 503);
  CHECK(refused.body.find("http.too_many_connections") != std::string::npos);
  CHECK(refused.header("retry-after") == "1");
  first.reset();
  REQUIRE(testkit::await([&] { return house.gateway->stats().connections == 1; }));
  CHECK(house.get("/v1/whoami").status == 200);
}

TEST_CASE("a route that never answers is answered for") {
  auto options = usual_options();
  options.server.answer_limit = 100ms;
  House house(std::move(options));
  house.tenant();
  house.host.hold(true);
  const auto answer = house.post("/v1/tenants/clinic/notes/n1/write", R"({"text":"x"})");
  CHECK(answer.status == 504);
  CHECK(answer.body.find("deadline.passed") != std::string::npos);
  house.host.release();  // the late answer finds nobody
  CHECK(house.get("/v1/whoami").status == 200);
}

TEST_CASE("a client that expects 100-continue gets it before its body, and a refusal instead when there is one") {
  House house;
  Client client(house.gateway->port());
  const std::string body = R"({"name":"Clinic"})";
  auto text = request_text("POST", "/v1/tenants/clinic/create", body, {"Expect: 100-continue"});
  client.send(text.substr(0, text.size() - body.size()));
  CHECK(client.receive_head().status == 100);
  client.send(body);
  CHECK(client.receive().status == 200);
  text = request_text("POST", "/v1/nothing/here/at/all", body, {"Expect: 100-continue"});
  client.send(text.substr(0, text.size() - body.size()));
  CHECK(client.receive().status == 404);
  CHECK(client.ended(3s));
}

TEST_CASE("draining refuses new connections, finishes what is in flight and ends idle ones") {
  House house;
  house.tenant();
  house.host.hold(true);
  Client busy(house.gateway->port()), idle(house.gateway->port());
  busy.send(request_text("POST", "/v1/tenants/clinic/notes/n1/write", R"({"text":"x"})"));
  REQUIRE(testkit::await([&] { return house.host.held() == 1 && house.gateway->stats().connections == 2; }));
  auto drained = std::async(std::launch::async, [&] { return house.gateway->drain(10s); });
  CHECK(idle.ended(5s));
  CHECK_THROWS(Client(house.gateway->port()));
  CHECK(drained.wait_for(0s) == std::future_status::timeout);
  house.host.release();
  const auto answer = busy.receive();
  CHECK(answer.status == 200);
  CHECK(answer.header("connection") == "close");
  CHECK(busy.ended(3s));
  CHECK(drained.get());
}

TEST_CASE("draining gives up on what does not finish in time") {
  House house;
  house.tenant();
  house.host.hold(true);
  Client busy(house.gateway->port());
  busy.send(request_text("POST", "/v1/tenants/clinic/notes/n1/write", R"({"text":"x"})"));
  REQUIRE(testkit::await([&] { return house.host.held() == 1; }));
  CHECK_FALSE(house.gateway->drain(50ms));
  house.gateway->stop();
  house.host.release();  // an answer after the end finds nobody and harms nothing
}

TEST_CASE("a taken port names its holder and the option that changes it") {
  House house;
  auto options = usual_options();
  options.server.port = house.gateway->port();
  const auto second = gateway::Gateway::open(std::move(options), *house.store, house.host);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == "gateway.port_taken");
  CHECK(second.error().message.find("(pid " + std::to_string(getpid()) + ")") != std::string::npos);
  CHECK(second.error().remedy.find("--listen") != std::string::npos);
}

TEST_CASE("an address beyond loopback without TLS is refused, and one that is none too") {
  House house;
  auto options = usual_options();
  options.server.address = "0.0.0.0";
  CHECK(gateway::Gateway::open(options, *house.store, house.host).error().code == "gateway.open_bind");
  options.server.address = "::";
  CHECK(gateway::Gateway::open(options, *house.store, house.host).error().code == "gateway.open_bind");
  options.server.address = "localhost";
  CHECK(gateway::Gateway::open(options, *house.store, house.host).error().code == "gateway.bad_address");
  options.server.address = "127.0.0.1";
  options.server.tls_certificate_file = "/nowhere/cert.pem";
  CHECK(gateway::Gateway::open(options, *house.store, house.host).error().code == "gateway.bad_tls");
}

TEST_CASE("an I/O thread that is always busy hands on what others can do, where there are cores to spare") {
  const auto start = std::chrono::steady_clock::now();
  gateway::session::Strain spare(4), none(2);
  struct Row {
    std::chrono::milliseconds at, spent;
    bool strained;
  };
  for (const auto& row : {Row{1000ms, 990ms, false}, Row{1050ms, 1038ms, true}, Row{1100ms, 1060ms, false},
                          Row{1150ms, 1103ms, true}, Row{9000ms, 1150ms, false}}) {
    CHECK(spare.look(start + row.at, row.spent) == row.strained);
    CHECK_FALSE(none.look(start + row.at, row.spent));
  }
}
