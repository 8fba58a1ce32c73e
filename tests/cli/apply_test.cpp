#include "tests/cli/verbs_fixture.hpp"

namespace nova::cli {
namespace {

using Json = nlohmann::ordered_json;

const std::string blueprint = R"(apiVersion: webnova.io/v1
kind: Blueprint
metadata: {name: clinic, tenant: clinic}
spec:
  services:
    api:
      source: ./api
      port: 80
)";

// A node that takes manifests and sources.
struct Taker : Clinic {
  bool has_source = false;
  int looks = 0;
  std::string action = "changed";
  std::vector<std::string> looks_like;  ///< the deployment at each look; the last one stays

  Taker() {
    more = [this](const FakeRequest& request) -> FakeAnswer {
      if (request.path.find("/v1/sources/") == 0) {
        if (request.method == "PUT") has_source = true;
        return has_source ? FakeAnswer{200, ""} : FakeAnswer{404, ""};
      }
      if (request.path == "/v1/apply")
        return {200, R"({"results":[{"kind":"blueprint","tenant":"clinic","id":"clinic","action":")" + action +
                         R"(","version":3,"intent_version":3,"position":9,"deployment":"clinic-development"}]})"};
      if (request.path == "/v1/plan")
        return {
            200,
            R"({"changes":[{"kind":"blueprint","tenant":"clinic","id":"clinic","action":"change","intent_version":5,"diff":[{"path":"services.api.port","from":81,"to":80}]}]})"};
      if (request.path == "/v1/tenants/clinic/deployments/clinic-development" && !looks_like.empty())
        return {200, looks_like[std::min(std::size_t(looks++), looks_like.size() - 1)]};
      return {0};
    };
  }

  std::string manifest() {
    file("api/main.py", "print('hello')\n");
    return file("clinic.yaml", blueprint);
  }
};

std::string rolling(const std::string& status, int last, const std::string& state, const std::string& reason = "") {
  return deployment_json("clinic-development", status,
                         R"("health":"healthy","current":2,"candidate":0,"last_revision":)" + std::to_string(last) +
                             R"(,"revisions":[{"number":)" + std::to_string(last) + R"(,"state":")" + state +
                             R"(","reason":")" + reason + R"("}])");
}

TEST_CASE("apply: sources are packed, sent once, and named by their content") {
  Taker node;
  const auto file = node.manifest();
  auto ran = node.run({"apply", "-f", file});
  INFO(ran.err);
  REQUIRE(ran.code == exit_ok);
  CHECK(ran.out == "blueprint/clinic changed\n");
  const Json sent = Json::parse(node.posts().back().body);
  const std::string digest = sent["manifests"][0]["spec"]["services"]["api"]["source"]["digest"];
  CHECK(digest.size() == 71);
  CHECK(node.node.requests_to("/v1/sources/sha256%3A" + digest.substr(7)).size() == 2);  // HEAD and PUT
  CHECK(node.run({"apply", file}).code == exit_ok);
  CHECK(node.node.requests_to("/v1/sources/sha256%3A" + digest.substr(7)).size() == 3);  // HEAD alone
}

TEST_CASE("apply: a dry run sends no sources") {
  Taker node;
  CHECK(node.run({"apply", "-f", node.manifest(), "--dry-run"}).code == exit_ok);
  CHECK_FALSE(node.has_source);
  CHECK(node.posts().back().query == "dry_run=true");
}

TEST_CASE("apply: the node's problems are told with file, line and path") {
  Taker node;
  const auto file = node.manifest();
  const auto usual = node.more;
  node.more = [usual](const FakeRequest& request) -> FakeAnswer {
    if (request.path != "/v1/apply") return usual(request);
    return problem(
        400, "input.invalid", "2 fields are not valid",
        R"(,"errors":[{"path":"manifests[0].spec.services.api.port","message":"must be 1024 to 65535"},{"path":"manifests[0].spec.definition","message":"is missing"}])");
  };
  const auto ran = node.run({"apply", "-f", file});
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, file + ":8:7: `spec.services.api.port` must be 1024 to 65535"));
  CHECK(has(ran.err, "`spec.definition` is missing"));
}

TEST_CASE("apply: a source that is not there is told with its place, before anything is sent") {
  Taker node;
  const auto file = node.file("clinic.yaml", blueprint);
  const auto ran = node.run({"apply", "-f", file});
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, file + ":7:7"));
  CHECK(node.posts().empty());
}

TEST_CASE("apply --wait: the new revision must become healthy; the old one does not count") {
  Taker node;
  node.looks_like = {rolling("running", 2, "running"), rolling("running", 2, "running"),
                     rolling("deploying", 3, "deploying"), rolling("running", 3, "running")};
  const auto ran = node.run({"apply", "-f", node.manifest(), "--wait"});
  INFO(ran.err);
  CHECK(ran.code == exit_ok);
  CHECK(has(ran.err, "healthy: revision 3"));
}

TEST_CASE("apply --wait: a revision that was rolled back is a failure with its reason") {
  Taker node;
  node.looks_like = {rolling("running", 2, "running"), rolling("running", 3, "rolled_back", "health check failed")};
  const auto ran = node.run({"apply", "-f", node.manifest(), "--wait"});
  CHECK(ran.code == exit_failed);
  CHECK(has(ran.err, "revision 3 of `clinic-development` is rolled_back: health check failed"));
}

TEST_CASE("apply --wait: what takes too long ends with 8 and the last state") {
  Taker node;
  node.looks_like = {rolling("running", 2, "running"), rolling("verifying", 3, "verifying")};
  const auto ran = node.run({"apply", "-f", node.manifest(), "--wait", "--timeout", "1ms"});
  CHECK(ran.code == exit_timeout);
  CHECK(has(ran.err, "revision 3 is verifying"));
}

TEST_CASE("plan: shows a diff, writes a file with its base, and apply carries that out unchanged") {
  Taker node;
  const auto file = node.manifest();
  const std::string plan = (node.dir / "clinic.plan").string();
  auto ran = node.run({"plan", "-f", file, "-o", plan, "--exit-code"});
  CHECK(ran.code == exit_changes);
  CHECK(has(ran.out, "~ services.api.port: 81 -> 80"));
  CHECK(node.has_source);
  node.file("clinic.yaml", "broken: [");  // The plan holds all that is needed.
  ran = node.run({"apply", plan});
  INFO(ran.err);
  REQUIRE(ran.code == exit_ok);
  const Json sent = Json::parse(node.posts().back().body);
  CHECK(sent["base"] == Json::parse(R"([{"tenant":"clinic","kind":"blueprint","id":"clinic","intent_version":5}])"));
  CHECK(sent["manifests"][0]["spec"]["services"]["api"]["source"].contains("digest"));
  CHECK(node.run({"plan", "-f", plan, "-o", "json"}).code == exit_usage);
}

TEST_CASE("apply: a stale plan is a conflict") {
  Taker node;
  const std::string plan = (node.dir / "p").string();
  REQUIRE(node.run({"plan", "-f", node.manifest(), "--out", plan}).code == exit_ok);
  node.more = [](const FakeRequest&) { return problem(409, "plan.stale", "moved"); };
  CHECK(node.run({"apply", plan}).code == exit_conflict);
}

TEST_CASE("events -f: goes on where the list ended, and again after a lost stream") {
  Clinic clinic;
  int streams = 0;
  clinic.more = [&](const FakeRequest& request) -> FakeAnswer {
    if (request.path != "/v1/events") return {0};
    if (!request.headers.count("accept") || request.headers.at("accept") != "text/event-stream")
      return {200, R"({"items":[{"type":"a.first","subject":"s","position":4,"data":{}}],"next":"4"})"};
    if (++streams > 2) return problem(401, "auth.required", "ended by the test");
    const std::string n = std::to_string(4 + streams);
    return {200,
            "id: " + n + "\nevent: a.next\ndata: {\"type\":\"a.next" + n + "\",\"subject\":\"s\",\"position\":" + n +
                "}\n\n",
            "text/event-stream", false};
  };
  const auto ran = clinic.run({"events", "-f", "-o", "json", "-t", "clinic"});
  CHECK(ran.code == exit_denied);
  CHECK(has(ran.out, "a.first"));
  CHECK(has(ran.out, "a.next5"));
  CHECK(has(ran.out, "a.next6"));
  const auto requests = clinic.node.requests_to("/v1/events");
  CHECK(requests[1].headers.at("last-event-id") == "4");
  CHECK(requests[2].headers.at("last-event-id") == "5");
  CHECK(has(requests[1].query, "tenant=clinic"));
}

TEST_CASE("logs: lines of a deployment name their instance, and are made safe") {
  Clinic clinic;
  clinic.more = [](const FakeRequest& request) -> FakeAnswer {
    if (request.path == "/v1/tenants/clinic/deployments/clinic-development/logs") {
      if (has(request.query, "follow=true"))
        return {200, "data: {\"instance\":\"i.0\",\"service\":\"api\",\"line\":\"live\"}\n\n", "text/event-stream",
                false};
      return {200,
              "{\"instance\":\"i.0\",\"service\":\"api\",\"line\":\"one "
              "\\u001b[2J\"}\n{\"instance\":\"i.1\",\"line\":\"two\"}\n",
              "application/x-ndjson", false};
    }
    if (request.path == "/v1/tenants/clinic/instances/i.0/logs") return {200, "plain\nlines\n", "text/plain", false};
    return {0};
  };
  CHECK(clinic.run({"logs", "deployment/clinic-development", "-s", "api"}).out == "i.0  one \\u001b[2J\ni.1  two\n");
  CHECK(clinic.run({"logs", "deployment/clinic-development", "-f"}).out == "i.0  live\n");
  CHECK(clinic.run({"logs", "instance", "clinic/i.0"}).out == "plain\nlines\n");
  CHECK(clinic.run({"logs", "platform/clinic", "-t", "clinic"}).code == exit_usage);
}

}  // namespace
}  // namespace nova::cli
