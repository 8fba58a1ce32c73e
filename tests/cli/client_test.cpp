#include "cli/net/client.hpp"
#include "cli/exit.hpp"

#include "tests/cli/fake_node.hpp"
#include "tests/testkit/catch.hpp"

#include <cstdlib>

namespace nova::cli {
namespace {

Client client_of(const FakeNode& node, const std::string& token = "secret-token") {
  ClientOptions options;
  options.server = node.url();
  options.token = token;
  options.pause = milliseconds(1);
  return Client(std::move(options));
}

Ask mutation() {
  Ask ask;
  ask.method = "POST";
  ask.path = "/v1/x";
  ask.body = "{}";
  ask.idempotency_key = "key-1";
  return ask;
}

TEST_CASE("client: a mutation whose connection is lost is sent again under the same key") {
  int count = 0;
  FakeNode node([&](const FakeRequest&) { return FakeAnswer{200, R"({"ok":true})", "application/json", ++count < 3}; });
  auto client = client_of(node);
  const auto answer = client.send(mutation());
  REQUIRE(answer.ok());
  const auto requests = node.requests();
  REQUIRE(requests.size() == 3);
  for (const auto& request : requests) {
    CHECK(request.headers.at("idempotency-key") == "key-1");
    CHECK(request.headers.at("x-request-id") == requests[0].headers.at("x-request-id"));
    CHECK(request.headers.at("authorization") == "Bearer secret-token");
  }
}

TEST_CASE("client: without a key a mutation is sent once, and the reader is told how to be sure") {
  FakeNode node([](const FakeRequest&) { return FakeAnswer{200, "", "application/json", true}; });
  auto client = client_of(node);
  Ask ask = mutation();
  ask.idempotency_key.clear();
  const auto answer = client.send(ask);
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == "client.connection_lost");
  CHECK(node.requests().size() == 1);
}

TEST_CASE("client: a node that says it will be back is waited for, a refusal is not repeated") {
  int count = 0;
  FakeNode node([&](const FakeRequest& request) {
    if (request.path == "/refused") return problem(409, "deployment.already_running", "busy");
    return ++count < 3 ? problem(503, "node.draining", "ends", R"(,"retryable":true)") : FakeAnswer{};
  });
  auto client = client_of(node);
  CHECK(client.send(mutation()).ok());
  CHECK(count == 3);
  Ask refused = mutation();
  refused.path = "/refused";
  const auto answer = client.send(refused);
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == "deployment.already_running");
  CHECK(exit_of(answer.error()) == exit_conflict);
  CHECK(node.requests_to("/refused").size() == 1);
}

TEST_CASE("client: an act that a person must approve first is no success") {
  FakeNode node([](const FakeRequest&) { return problem(202, "gate.held", "waits for approval"); });
  auto client = client_of(node);
  const auto answer = client.send(mutation());
  REQUIRE_FALSE(answer.ok());
  CHECK(exit_of(answer.error()) == exit_held);
}

TEST_CASE("client: no node is an error that names the way out") {
  std::string url;
  {
    FakeNode gone([](const FakeRequest&) { return FakeAnswer{}; });
    url = gone.url();
  }
  ClientOptions options;
  options.server = url;
  options.pause = milliseconds(1);
  Client client(std::move(options));
  const auto answer = client.send(Ask{});
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == "client.unreachable");
  CHECK(exit_of(answer.error()) == exit_unavailable);
}

TEST_CASE("client: a proxy of the environment is never used for this machine") {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  FakeNode node([](const FakeRequest&) { return FakeAnswer{}; });
  auto client = client_of(node);
  CHECK(client.send(Ask{}).ok());
  ::unsetenv("http_proxy");
}

TEST_CASE("client: a token never crosses a network unencrypted unasked") {
  ClientOptions options;
  options.server = "http://nova.example:7480";
  options.token = "secret-token";
  Client client(std::move(options));
  CHECK(client.send(Ask{}).error().code == "client.plain_http_refused");
}

TEST_CASE("client: a redirect is not followed") {
  FakeNode node([](const FakeRequest&) { return FakeAnswer{302, "", "text/plain", false}; });
  auto client = client_of(node);
  CHECK_FALSE(client.send(Ask{}).ok());
  CHECK(node.requests().size() == 1);
}

TEST_CASE("client: what is no answer of this API becomes one error all the same") {
  FakeNode node([](const FakeRequest&) { return FakeAnswer{404, "<html>nothing</html>", "text/html", false}; });
  auto client = client_of(node);
  const auto answer = client.send(Ask{});
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == "upstream.failed");
  CHECK(exit_of(answer.error()) == exit_not_found);
}

TEST_CASE("exit codes: each status has the number that scripts know") {
  struct Row {
    int status, exit;
  };
  for (const auto row :
       {Row{202, 4}, Row{400, 2}, Row{401, 3}, Row{403, 3}, Row{404, 6}, Row{409, 5}, Row{410, 6}, Row{412, 5},
        Row{413, 2}, Row{415, 2}, Row{422, 2}, Row{429, 7}, Row{500, 1}, Row{502, 7}, Row{503, 7}, Row{504, 7}}) {
    core::Error error;
    error.code = "x.y";
    error.status = row.status;
    INFO(row.status);
    CHECK(exit_of(error) == row.exit);
  }
  core::Error late;
  late.code = "wait.timeout";
  late.status = 408;
  CHECK(exit_of(late) == 8);
}

TEST_CASE("paths: what stands in an address cannot leave its place") {
  CHECK(url_part("a/b?c#d%e f") == "a%2Fb%3Fc%23d%25e%20f");
  CHECK(url_part("clinic-development.api.r1.0") == "clinic-development.api.r1.0");
}

}  // namespace
}  // namespace nova::cli
