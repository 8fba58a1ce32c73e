// The driver "http": from a work's payload to a signed request, and from the answer to the work's end.
#include "core/json.hpp"
#include "drivers/http/http.hpp"
#include "governance/credentials/webhook_signature.hpp"
#include "tests/drivers_http/server.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"

#include <future>
#include <map>

using namespace nova;
using namespace std::chrono_literals;
using credentials::WebhookSecret;
using testkit::answer;
using testkit::HttpServer;

namespace {

struct World {
  testkit::ManualClock clock;
  std::map<std::string, std::string> vault;
  std::unique_ptr<http::Client> client;
  std::unique_ptr<host::WorkDriver> driver;

  World() {
    http::Options options;
    options.reach.allowed.push_back(limits::parse_block("127.0.0.1/32").value());
    client = http::Client::open(std::move(options)).value();
    driver = http::make_http_driver(*client, clock, [this](const std::string& reference) -> core::Result<std::string> {
      const auto found = vault.find(reference);
      if (found == vault.end()) return core::refusal("secret.not_found", "no such secret");
      return found->second;
    });
  }

  host::WorkEnd run(const std::string& payload, const std::string& verb = "send") {
    host::Work work;
    work.id = "clinic/webhook_delivery/d#attempt-1";
    work.owner = {"clinic", "webhook_delivery", "d"};
    work.ask = {"attempt-1", "http", verb, payload, {}};
    auto ended = std::make_shared<std::promise<host::WorkEnd>>();
    driver->start(work, [ended](host::WorkEnd end) { ended->set_value(std::move(end)); });
    auto future = ended->get_future();
    REQUIRE(future.wait_for(30s) == std::future_status::ready);
    return future.get();
  }
};

std::string header(const std::string& request, const std::string& name) {
  const auto at = request.find(name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 2;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

std::string payload(const std::string& url, const std::string& more = {}) {
  return R"({"url":")" + url + R"(","headers":{"Content-Type":"application/json"},"body":"{\"a\":1}")" + more + "}";
}

}  // namespace

TEST_CASE("http driver: a request is signed with each secret, at the time of the attempt") {
  std::string seen;
  HttpServer server([&](const auto& c) {
    seen = c.request;
    c.write(answer(200, std::string(600, 'y')));
  });
  World world;
  const auto one = WebhookSecret::make(), two = WebhookSecret::make(), other = WebhookSecret::make();
  world.vault["secret://clinic/webhook_endpoint/e/secret@2"] = std::string(two.text().view());
  world.vault["secret://clinic/webhook_endpoint/e/secret@1"] = std::string(one.text().view());
  const auto end =
      world.run(payload(server.url(), R"(,"sign":{"id":"d","secrets":["secret://clinic/webhook_endpoint/e/secret@2",)"
                                      R"("secret://clinic/webhook_endpoint/e/secret@1"]})"));
  CHECK(end.outcome == core::Outcome::done);
  CHECK(core::json_int(end.result, "status") == 200);
  CHECK(core::json_text(end.result, "body")->size() == 512);
  CHECK(core::json_text(end.result, "cut") == "true");
  const credentials::WebhookHeaders headers{header(seen, "webhook-id"), header(seen, "webhook-timestamp"),
                                            header(seen, "webhook-signature")};
  CHECK(headers.id == "d");
  for (const auto* secret : {&one, &two})
    CHECK(credentials::verify_webhook(std::span(secret, 1), headers, R"({"a":1})", world.clock.now()).ok());
  CHECK_FALSE(credentials::verify_webhook(std::span(&other, 1), headers, R"({"a":1})", world.clock.now()).ok());
  for (const auto* secret : {&one, &two}) CHECK(end.result.find(secret->text().view()) == std::string::npos);
}

TEST_CASE("http driver: every answer is one, and so is its wish to be left alone for a while") {
  HttpServer server([](const auto& c) { c.write(answer(503, "tired\x01\xff", "Retry-After: 120\r\n")); });
  World world;
  const auto end = world.run(payload(server.url()));
  CHECK(end.outcome == core::Outcome::done);
  CHECK(core::json_int(end.result, "status") == 503);
  CHECK(core::json_int(end.result, "retry_after_s") == 120);
  CHECK(core::json_valid(end.result));
}

TEST_CASE("http driver: what brings no answer fails, and only its own troubles are tried again by the runner") {
  World world;
  const auto local = world.run(payload("http://10.0.0.1/"));
  CHECK(local.outcome == core::Outcome::failed);
  CHECK(local.error.code == "http.private_address");
  CHECK_FALSE(local.retry);
  HttpServer resetting([](const auto& c) { c.reset(); });
  const auto lost = world.run(payload(resetting.url()));
  CHECK(lost.error.code == "http.connection_lost");
  CHECK_FALSE(lost.retry);
  CHECK(world.run(payload(resetting.url()), "dance").error.code == "http.request_invalid");
  CHECK(world.run(R"({"url":"http://127.0.0.1/","body":"","surprise":1})").error.code == "input.invalid");
}

TEST_CASE("http driver: a secret signs the requests of its own tenant alone") {
  HttpServer server([](const auto& c) { c.write(answer(200, "")); });
  World world;
  world.vault["secret://bakery/webhook_endpoint/e/secret@1"] = std::string(WebhookSecret::make().text().view());
  world.vault["secret://clinic/deployment/d/PASSWORD@1"] = "hunter2";
  CHECK(
      world
          .run(payload(server.url(), R"(,"sign":{"id":"d","secrets":["secret://bakery/webhook_endpoint/e/secret@1"]})"))
          .error.code == "secret.foreign");
  CHECK(world.run(payload(server.url(), R"(,"sign":{"id":"d","secrets":["secret://clinic/deployment/d/PASSWORD@1"]})"))
            .error.code == "secret.not_for_signing");
  CHECK(world.run(payload(server.url(), R"(,"sign":{"id":"d","secrets":["secret://clinic/gone@1"]})")).error.code ==
        "secret.not_found");
  CHECK(world.run(payload(server.url(), R"(,"sign":{"id":"d","secrets":[]})")).error.code == "http.request_invalid");
  CHECK(server.connections() == 0);
}
