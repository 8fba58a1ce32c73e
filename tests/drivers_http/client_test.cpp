// The client against real sockets: servers that are slow, endless, rude or somewhere they should not be.
#include "drivers/http/client/client.hpp"
#include "tests/drivers_http/server.hpp"
#include "tests/testkit/catch.hpp"

#include <algorithm>
#include <future>

using namespace nova;
using namespace nova::http;
using namespace std::chrono_literals;
using testkit::answer;
using testkit::HttpServer;

namespace {

Options local() {
  Options options;
  options.reach.allowed.push_back(limits::parse_block("127.0.0.1/32").value());
  options.user_agent = "WebNova/test";
  return options;
}

std::unique_ptr<Client> open(Options options = local()) {
  auto client = Client::open(std::move(options));
  REQUIRE(client);
  return std::move(*client);
}

std::future<core::Result<Answer>> sending(Client& client, Request request) {
  auto promise = std::make_shared<std::promise<core::Result<Answer>>>();
  client.send(std::move(request), [promise](core::Result<Answer> got) { promise->set_value(std::move(got)); });
  return promise->get_future();
}

core::Result<Answer> taken(std::future<core::Result<Answer>> future) {
  REQUIRE(future.wait_for(30s) == std::future_status::ready);
  return future.get();
}

core::Result<Answer> send(Client& client, Request request) { return taken(sending(client, std::move(request))); }

std::string code_of(const core::Result<Answer>& got) {
  return got ? "answered " + std::to_string(got->status) : got.error().code;
}

Request get(const std::string& url) {
  Request request;
  request.url = url;
  return request;
}

}  // namespace

TEST_CASE("http client: sends what it was given and reads what comes") {
  std::string seen;
  HttpServer server([&](const auto& c) {
    seen = c.request;
    c.write(answer(201, "made", "X-Kind: a  b\r\nRetry-After: 7\r\n"));
  });
  const auto client = open();
  auto request = get(server.url("/hook?a=1"));
  request.method = "POST";
  request.body = "{\"a\":1}";
  request.headers = {{"Content-Type", "application/json"}, {"webhook-id", "one"}, {"empty", ""}};
  const auto got = send(*client, request);
  REQUIRE(got);
  CHECK(got->status == 201);
  CHECK(got->body == "made");
  CHECK_FALSE(got->cut);
  CHECK(got->header("x-kind") == "a  b");
  CHECK(got->header("retry-after") == "7");
  CHECK(seen.starts_with("POST /hook?a=1 HTTP/1.1\r\n"));
  for (const auto* line : {"Content-Type: application/json\r\n", "webhook-id: one\r\n", "empty:\r\n",
                           "User-Agent: WebNova/test\r\n", "Content-Length: 7\r\n", "\r\n\r\n{\"a\":1}"}) {
    INFO(line << " in " << seen);
    CHECK(seen.find(line) != std::string::npos);
  }
  CHECK(seen.find("Accept-Encoding") == std::string::npos);
  CHECK(client->stats().answered == 1);
}

TEST_CASE("http client: no socket is opened to an address that is not public, whatever name led there") {
  HttpServer server([](const auto& c) { c.write(answer(200, "inside")); });
  Options options;
  // As a name server of the attacker's would answer, after the URL was judged.
  options.names = {"rebound.example.org:" + std::to_string(server.port()) + ":127.0.0.1"};
  const auto client = open(options);
  CHECK(code_of(send(*client, get("http://rebound.example.org:" + std::to_string(server.port()) + "/"))) ==
        "http.private_address");
  CHECK(code_of(send(*client, get(server.url()))) == "http.private_address");
  CHECK(server.connections() == 0);
  options.reach = local().reach;
  CHECK(code_of(send(*open(options), get("http://rebound.example.org:" + std::to_string(server.port()) + "/"))) ==
        "answered 200");
}

TEST_CASE("http client: a redirect is an answer, and nobody goes where it leads") {
  HttpServer other([](const auto& c) { c.write(answer(200, "stolen")); });
  HttpServer server([&](const auto& c) { c.write(answer(302, "", "Location: " + other.url() + "\r\n")); });
  const auto got = send(*open(), get(server.url()));
  REQUIRE(got);
  CHECK(got->status == 302);
  CHECK(got->header("location") == other.url());
  CHECK(other.connections() == 0);
}

TEST_CASE("http client: an answer without end is read so far and no further") {
  HttpServer server([](const auto& c) {
    c.write("HTTP/1.1 200 OK\r\n\r\n");
    while (c.write(std::string(65536, 'x'))) {
    }
  });
  auto request = get(server.url());
  request.answer_bytes_max = 1000;
  const auto got = send(*open(), request);
  REQUIRE(got);
  CHECK(got->status == 200);
  CHECK(got->cut);
  CHECK(got->body == std::string(1000, 'x'));
}

TEST_CASE("http client: headers without end are given up") {
  HttpServer server([](const auto& c) {
    c.write("HTTP/1.1 200 OK\r\n");
    while (c.write("X-More: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  CHECK(code_of(send(*open(), get(server.url()))) == "http.failed");
}

TEST_CASE("http client: who is slow is waited for until the deadline, and holds nobody else up") {
  HttpServer silent([](const auto& c) { c.wait_for_end(); });
  HttpServer dripping([](const auto& c) {
    c.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
    c.wait_for_end();
  });
  HttpServer good([](const auto& c) { c.write(answer(204, "")); });
  const auto client = open();
  auto slow = get(silent.url()), drip = get(dripping.url());
  slow.deadline = drip.deadline = 600ms;
  auto first = sending(*client, slow), second = sending(*client, drip);
  CHECK(code_of(send(*client, get(good.url()))) == "answered 204");
  CHECK(code_of(taken(std::move(first))) == "http.deadline");
  CHECK(code_of(taken(std::move(second))) == "http.deadline");
}

TEST_CASE("http client: broken connections, wrong protocols, nobody there") {
  HttpServer resetting([](const auto& c) { c.reset(); });
  HttpServer halved([](const auto& c) { c.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"); });
  HttpServer babbling([](const auto& c) { c.write("hello, this is no HTTP\r\n\r\n"); });
  const auto client = open();
  CHECK(code_of(send(*client, get(resetting.url()))) == "http.connection_lost");
  CHECK(code_of(send(*client, get(halved.url()))) == "http.connection_lost");
  CHECK(code_of(send(*client, get(babbling.url()))) == "http.failed");
  int gone = 0;
  {
    HttpServer server([](const auto&) {});
    gone = server.port();
  }
  const auto refused = send(*client, get("http://127.0.0.1:" + std::to_string(gone) + "/"));
  CHECK(code_of(refused) == "http.connect_failed");
  CHECK(refused.error().retryable);
  // A plain server where TLS is expected.
  CHECK(code_of(send(*client, get("https://127.0.0.1:" + std::to_string(halved.port()) + "/"))) == "http.tls_failed");
}

TEST_CASE("http client: what cannot be sent as it is, is not sent") {
  HttpServer server([](const auto& c) { c.write(answer(200, "")); });
  const auto client = open();
  auto request = get(server.url());
  request.headers = {{"X-One", "a\r\nX-Two: b"}};
  CHECK(code_of(send(*client, request)) == "http.request_invalid");
  request.headers = {{"X One", "a"}};
  CHECK(code_of(send(*client, request)) == "http.request_invalid");
  request.headers.clear();
  request.method = "GET / HTTP/1.1\r\nX: y";
  CHECK(code_of(send(*client, request)) == "http.request_invalid");
  request.method = "POST";
  request.body.assign(request_body_bytes_max + 1, 'x');
  CHECK(code_of(send(*client, request)) == "http.request_invalid");
  CHECK(code_of(send(*client, get("http://amy:word@127.0.0.1/"))) == "http.url_credentials");
  CHECK(code_of(send(*client, get("file:///etc/passwd"))) == "http.url_invalid");
  CHECK(server.connections() == 0);
}

TEST_CASE("http client: what waits is bounded, and whoever waits hears of the end") {
  HttpServer silent([](const auto& c) { c.wait_for_end(); });
  auto options = local();
  options.running_max = 1;
  options.waiting_max = 2;
  auto client = open(options);
  std::vector<std::future<core::Result<Answer>>> sent;
  // The first may be taken up before the others come, or not: three or four of them fit.
  for (int i = 0; i < 5; ++i) sent.push_back(sending(*client, get(silent.url())));
  CHECK(code_of(taken(std::move(sent.back()))) == "http.busy");
  sent.pop_back();
  client.reset();
  for (auto& one : sent) {
    const auto code = code_of(taken(std::move(one)));
    CHECK((code == "http.ended" || code == "http.busy"));
  }
}
